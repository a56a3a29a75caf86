"""一户一轨迹: one household's way through the whole cycle, in the order of time, each step with where it is known from.

What the rooms put on its time line (statuses, imports, visits, verdicts …) is asked of them by name; causes, plans,
problems and what was done about them are read here. Each part by the permission of its room, each value by its class of
fields; petitions never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import DateField, Q, Value
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import ACTS
from tuopin.duties.incidents import rules as incident_rules
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import Incident
from tuopin.duties.permissions import VIEW_INCIDENT, VIEW_VISIT
from tuopin.duties.visits import kinds as visit_kinds
from tuopin.duties.visits import troubles
from tuopin.duties.visits.models import Visit, VisitProblem
from tuopin.measures.merged import HouseholdNow, of_households
from tuopin.measures.permissions import VIEW as VIEW_HELP
from tuopin.measures.plans.models import HelpPlan, MeasureDone
from tuopin.measures.plans.selectors import may_be_told
from tuopin.orders import kinds, words
from tuopin.orders.models import Matter, MatterEvent, MatterSubject
from tuopin.orders.permissions import VIEW
from tuopin.platform.access import field_classes_at, may, visible_paths
from tuopin.platform.panels import events as time_line
from tuopin.register.codes import CAUSE_GROUPS, cause_group, code_title
from tuopin.register.household_file import file_of
from tuopin.register.models import Household, Membership
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.record import is_open
from tuopin.register.timeline import SOURCES
from tuopin.standards.explaining.judged import judged_households
from tuopin.standards.panels import JUDGED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

STAGES: Mapping[str, Title] = {
    "identified": Title("识别与退出", "identified, exited"),
    "record": Title("登记资料", "facts recorded"),
    "causes": Title("致贫原因", "causes"),
    "plan": Title("帮扶计划", "plan"),
    "measure": Title("措施落实", "measures done"),
    "visit": Title("走访", "visits"),
    "verdict": Title("核查判定", "verdicts"),
    "finding": Title("发现问题", "findings"),
    "matter": Title("交办办理", "matters"),
    "closed": Title("销号", "closed"),
    "look_back": Title("回头看", "looked back"),
}
"""The steps of the cycle, in their order."""
_STAGE_OF = {
    "status": "identified", "event": "identified", "procedure": "identified", "evaluation": "verdict", "visit": "visit",
}  # fmt: skip
"""The step of an event of the rooms' time line, by its sort; others are ``record``."""
_ACTS = {
    "draft": "finding", "issue": "matter", "receive": "matter", "done": "matter", "verify": "matter",
    "return": "matter", "reassign": "matter", "report_up": "matter", "merge": "matter", "close": "closed",
    "look_back": "look_back", "reopen": "matter",
}  # fmt: skip
PAGE = 200
"""Steps shown at a time."""
MOST = 5_000
"""Rows of each sort read: more than the life of a household has."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``day`` None: it is known that it happened, not when. ``href`` '' = there is nothing to open."""

    day: date | None
    stage: str
    title: Title
    source: Title
    href: str = ""


def steps(actor: Actor, placed: Placed) -> list[Step]:
    """All that the reader may know of a household’s way, the oldest first, what has no day last. The caller has fetched
    the household through the register’s selectors. A fixed number of statements."""
    placed.memo.setdefault(JUDGED, judged_households(placed.household.code))
    file_of(placed, timezone.localdate())
    found = [
        *_of_rooms(actor, placed), *_causes(actor, placed), *_plans(actor, placed), *_done(actor, placed),
        *_told(actor, placed), *_incidents(actor, placed), *_matters(actor, placed),
    ]  # fmt: skip
    order = list(STAGES)
    found.sort(key=lambda step: (step.day is None, step.day.toordinal() if step.day else 0, order.index(step.stage)))
    return found


def _of_rooms(actor: Actor, placed: Placed) -> Iterator[Step]:
    for each in time_line(actor, placed):
        usual = Title("走访", "visit") if each.kind == "visit" else Title("登记册", "the register")
        source = Title(each.source, each.source) if each.source else usual
        title = each.title
        if each.detail is not None:
            title = Title(f"{title.zh}（{each.detail.zh}）", f"{title.en} ({each.detail.en})")
        yield Step(each.day, _STAGE_OF.get(each.kind, "record"), title, source)


def _causes(actor: Actor, placed: Placed) -> Iterator[Step]:
    """The cause as each import told it, where it changed; for whom it is closed, its group alone."""
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, placed.village.path, placed.household.pk)
    before: Title | None = None
    for row in file_of(placed).blocks["household_profile"].get(placed.household.pk, ()):
        cause = getattr(row, "main_cause", None)
        if not cause:
            continue
        group = cause_group(cause)
        if is_open(classes, "health"):
            said = code_title("cause", cause)
        elif group:
            said = dict(CAUSE_GROUPS)[group]
        else:
            continue
        if said != before:
            place = f"{row.sheet.file} · {row.sheet.name}" if row.sheet is not None else ""
            source = Title(place, place) if place else SOURCES.get(row.source, SOURCES["by_hand"])
            yield Step(row.as_of, "causes", Title(f"主要致贫原因：{said.zh}", f"main cause: {said.en}"), source)
        before = said


def _plans(actor: Actor, placed: Placed) -> Iterator[Step]:
    """Versions of the help plans, and what the household said to them."""
    if not may(actor, VIEW_HELP, area_path=placed.village.path, household_id=placed.household.pk):
        return
    rows = HelpPlan.objects.filter(of_households([placed.household.pk])).order_by("-pk")
    source = Title("帮扶计划", "help plan")
    names = ("year", "version", "at", "answer__kind", "answer__day", "household__code")
    for year, version, at, answer, day, code in rows.values_list(*names)[:MOST]:
        href = f"{reverse('measures:plan', args=[code])}?year={year}" if code == placed.household.code else ""
        made = Title(f"{year} 年帮扶计划第 {version} 版", f"help plan {year}, version {version}")
        yield Step(_local(at), "plan", made, source, href)
        if answer is not None:
            zh, en = ("户主已签字", "signed") if answer == "signed" else ("户主不同意", "refused")
            yield Step(day, "plan", Title(f"{made.zh}：{zh}", f"{made.en}: {en}"), source, href)


def _done(actor: Actor, placed: Placed) -> Iterator[Step]:
    """What was done of measures that the reader may be told of."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_HELP, area_path=path, household_id=key):
        return
    classes = field_classes_at(actor, VIEW_HELP, path, key)
    homes = Q(measure__plan__household=key) | Q(measure__plan__household__went_to__now=key)
    rows = MeasureDone.objects.filter(homes, takes_back=None, taken_back=None).order_by("-pk")
    names = ("day", "measure__sort", "measure__policy", "measure__content")
    for day, sort, policy, content in rows.values_list(*names)[:MOST]:
        if may_be_told(sort, policy, classes):
            yield Step(day, "measure", Title(f"已落实：{content}", f"done: {content}"), Title("帮扶计划", "help plan"))


def _source(placed: Placed, usual: Title, code: str) -> Title:
    """Where something is known from; of a household that was merged into this one with its code."""
    return usual if code == placed.household.code else Title(f"{usual.zh} · 原 {code}", f"{usual.en} · once {code}")


def _opens(placed: Placed, code: str, name: str, number: int) -> str:
    """The page of a thing; of a household that was merged its own grants decide there, so that nothing leads to it."""
    return reverse(name, args=[number]) if code == placed.household.code else ""


def _told(actor: Actor, placed: Placed) -> Iterator[Step]:
    """Problems that visits found, of the sorts that the reader is told, and that they were ended: nobody’s words."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_VISIT, area_path=path, household_id=key):
        return
    classes = field_classes_at(actor, VIEW_VISIT, path, key)
    sorts = visit_kinds.problem_sorts()
    rows = VisitProblem.objects.filter(of_households([key])).select_related("household").order_by("-pk")
    for row in rows[:MOST]:
        if row.household is None or row.sort not in sorts or not troubles.told(row, classes):
            continue
        code, word = row.household.code, sorts[row.sort].title
        source = _source(placed, Title("走访", "visit"), code)
        href = _opens(placed, code, "duties:visit_problem", row.pk)
        yield Step(
            row.first_day, "finding", Title(f"走访发现问题：{word.zh}", f"found at a visit: {word.en}"), source, href
        )
        if row.settled_day is not None:
            ended = Title(f"走访问题已处理：{word.zh}", f"problem of a visit ended: {word.en}")
            yield Step(row.settled_day, "matter", ended, source, href)


def _incidents(actor: Actor, placed: Placed) -> Iterator[Step]:
    """Incidents of the kinds that the reader is told, and what became of them; the visits to households that were
    merged into this one (its own are on the rooms’ time line). One statement."""
    path, key = placed.village.path, placed.household.pk
    sees, visits = (may(actor, each, area_path=path, household_id=key) for each in (VIEW_INCIDENT, VIEW_VISIT))
    if not (sees or visits):
        return
    told = incident_rules.told_kinds(field_classes_at(actor, VIEW_INCIDENT, path, key)) if sees else []
    rows = Incident.objects.filter(of_households([key]), kind__in=told).values_list(
        "pk", "kind", "found_on", "household__code", "closing__day", "closing__outcome"
    )
    if visits:
        came = Visit.objects.filter(household__went_to__now=key, superseded_at=None, taken_back_at=None)
        never = Value(None, output_field=DateField())
        rows = rows.union(
            came.values_list("pk", Value(_VISIT), "day", "household__code", never, "outcome"), all=True
        )  # fmt: skip
    for number, kind, day, code, ended_on, outcome in rows.order_by("-found_on", "-pk")[:MOST]:
        if kind == _VISIT:
            title = (
                Title("走访", "visit")
                if outcome == Visit.Outcome.MET
                else Title("走访，没有见到", "visit, nobody was met")
            )
            yield Step(day, "visit", title, _source(placed, Title("走访", "visit"), code))
        else:
            href = _opens(placed, code, "duties:incident", number)
            yield from _incident(kind, (day, ended_on), outcome, _source(placed, _INCIDENT, code), href)


_VISIT = ""
"""The kind of a visit among incidents."""
_INCIDENT = Title("返贫、受灾事件", "incident")


def _incident(kind: str, days: tuple[date, date | None], outcome: str, source: Title, href: str) -> Iterator[Step]:
    """An incident as it was found, and as it was closed."""
    word, (found_on, ended_on) = incident_rules.titles("incidents", "kind")[kind], days
    yield Step(found_on, "finding", Title(f"事件：{word.zh}", f"incident: {word.en}"), source, href)
    if ended_on is not None:
        said = incident_rules.titles("incidents", "outcome").get(outcome, Title(outcome, outcome))
        ended = Title(f"事件办结：{word.zh}，{said.zh}", f"incident closed: {word.en}, {said.en}")
        yield Step(ended_on, "matter", ended, source, href)


def _matters(actor: Actor, placed: Placed) -> Iterator[Step]:
    """What happened to the directives and problems about the household and its members: by grants over areas, as on its
    page. What people wrote with an act stands on the page of the matter alone."""
    if not may(actor, VIEW, area_path=placed.village.path):
        return
    key, ranges = placed.household.pk, visible_paths(actor, VIEW)
    own = Household.objects.filter(pk=key).values_list("pk")
    homes = own.union(HouseholdNow.objects.filter(now_id=key).values_list("household_id"), all=True)
    people = Membership.objects.filter(household_id=key, valid_to=None).values_list("person_id")
    about = MatterSubject.objects.filter(household_id__in=homes).values_list("matter_id")
    about = about.union(MatterSubject.objects.filter(person_id__in=people).values_list("matter_id"))
    rows = Matter.objects.filter(pk__in=about).exclude(kind=Matter.Kind.PETITION).exclude(state="withdrawn")
    if ranges is not None:
        rows = rows.filter(area_id__in=lasting_area_ids(ranges))
    rows = rows.filter(words.told(actor))  # as on the household’s page
    events = MatterEvent.objects.filter(matter__in=rows.values("pk"), act__in=_ACTS).select_related("matter")
    for event in events.order_by("-pk")[:MOST]:
        row = event.matter
        act = ACTS[event.act].title
        source = kinds.sources().get(row.source, Title("问题与指令", "problems and directives"))
        yield Step(
            _local(event.at), _ACTS[event.act], Title(f"{act.zh}：{row.title}", f"{act.en}: {row.title}"), source,
            reverse("orders:matter", args=[row.pk]),
        )  # fmt: skip


def _local(at: datetime) -> date:
    return timezone.localdate(at)


def stages(found: list[Step]) -> list[tuple[str, Title, int, date | None]]:
    """Each step of the cycle: how often it was taken, and when last; 0 = nothing is on record, which is unknown."""
    rows = []
    for key, title in STAGES.items():
        own = [each for each in found if each.stage == key]
        days = [each.day for each in own if each.day is not None]
        rows.append((key, title, len(own), max(days, default=None)))
    return rows
