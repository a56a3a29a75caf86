"""Reading procedures within the grants: one with its steps as a page shows them, those at one step, the notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils import timezone

from tuopin.core.calendar import days_after
from tuopin.core.language.catalogue import Title
from tuopin.core.procedures import Clock, History, clocks, earliest, latest, replay
from tuopin.platform import evidence, working_days
from tuopin.platform.access import field_classes_at, grants_over, may, subtree
from tuopin.platform.problems import Missing
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards.permissions import RUN_PROCEDURE, VIEW_PROCEDURE

from . import definitions, freezing, subjects
from .models import Procedure, ProcedureAct, ProcedureText
from .services import ABOUT
from .weighing import acts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.core.calendar import Limit
    from tuopin.core.procedures import Procedure as Definition
    from tuopin.core.procedures import Step
    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence

    from .subjects import Subject

_LONG = re.compile(r"\d(?:[\s-]?\d){14,}[\s-]?[XxＸｘ]?")  # longer than any telephone: an ID or a bank account
_TELEPHONE = re.compile(r"1\d{10}|0\d{2,3}(?:-?\d{7,8})?|\d{7,8}|[48]00-?\d{3}-?\d{4}")

STATES = {
    "running": Title("办理中", "running"),
    "completed": Title("已办结", "completed"),
    "stopped": Title("已终止", "stopped"),
    "withdrawn": Title("已撤回", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as a page prints it: ``act`` and its papers where it was done; ``state`` is done, due, ahead or passed
    over (another way was taken)."""

    step: Step
    state: str
    act: ProcedureAct | None
    outcome: Title | None
    papers: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One procedure. ``due`` is the step that is next, None where it has ended; ``records`` whether the reader may
    record it."""

    row: Procedure
    subject: Subject
    definition: Definition
    steps: tuple[StepView, ...]
    clocks: tuple[Clock, ...]
    due: Step | None
    earliest: Limit | None
    latest: Limit | None
    records: bool
    runs: bool
    items: list[dict[str, Any]]
    whole: bool
    fallen: int
    """Of a county: how many of its villages' exits were stopped or withdrawn since it began."""

    @property
    def state(self) -> Title:
        return STATES[self.row.state]

    @property
    def standard(self) -> Title:
        both = self.row.frozen["title"]
        return Title(both["zh"], both["en"])

    @property
    def draft(self) -> list[Title]:
        """What was unconfirmed in the verdict when it was frozen."""
        return [Title(each["zh"], each["en"]) for each in self.row.frozen["draft"]]

    @property
    def posted(self) -> ProcedureAct | None:
        """The act that put up the public notice, if it was and nobody took the procedure back."""
        if self.row.state == Procedure.State.WITHDRAWN:
            return None
        return next((each.act for each in self.steps if each.step.notice and each.act is not None), None)


def _missing() -> Missing:
    return Missing("no_such_procedure", "没有找到这个程序。", "There is no such procedure.")


def one(actor: Actor, number: int) -> tuple[Procedure, Subject]:
    """A procedure with its subject. Raises Missing: outside the grants and not existing look alike."""
    row = Procedure.objects.select_related("definition").filter(pk=number).first()
    found = subjects.find(actor, VIEW_PROCEDURE, row.level, [row.subject_id]) if row is not None else {}
    if row is None or row.subject_id not in found:
        raise _missing()
    return row, found[row.subject_id]


def view(actor: Actor, number: int) -> View:
    """A procedure with steps, clocks and its frozen verdict; classes of fields that are not open are withheld."""
    row, subject = one(actor, number)
    definition = definitions.read(row.definition)
    done = {each.step: each for each in ProcedureAct.objects.filter(procedure=row).order_by("number")}
    papers: dict[str, list[Evidence]] = {}
    for paper in evidence.of(ABOUT, [row.pk]):
        papers.setdefault(paper.item.partition(".")[0], []).append(paper)
    history = replay(definition, row.started, acts_of([row.pk]).get(row.pk, ()))
    running = row.state == Procedure.State.RUNNING
    today, calendar = timezone.localdate(), working_days.calendar()
    household = row.subject_id if row.level == "household" else None
    classes = field_classes_at(actor, VIEW_PROCEDURE, subject.path, household)
    due = definition.step(row.step) if running else None
    return View(
        row=row,
        subject=subject,
        definition=definition,
        steps=tuple(_step(definition, step, row, done, papers) for step in definition.steps),
        clocks=tuple(clocks(definition, history, _day(row, today), calendar)),
        due=due,
        earliest=earliest(definition, history, calendar) if running else None,
        latest=latest(definition, history, today, calendar) if running else None,
        records=due is not None and may_record(actor, due, subject.path),
        runs=running and may(actor, RUN_PROCEDURE, area_path=subject.path, household_id=household),
        items=freezing.shown(row.frozen, classes),
        whole=freezing.is_whole(row.frozen, row.frozen_digest),
        fallen=_fallen(row, subject),
    )


def _fallen(row: Procedure, subject: Subject) -> int:
    if row.level != "county":
        return 0
    low, high = subtree(subject.path)
    villages = AreaVersion.objects.filter(path__gte=low, path__lt=high, level="village", valid_to=None)
    ended = Procedure.objects.filter(
        level="village", state__in=(Procedure.State.STOPPED, Procedure.State.WITHDRAWN), ended_on__gte=row.started,
        subject_id__in=villages.values("area_id"),
    )  # fmt: skip
    return ended.values("subject_id").distinct().count()


def _day(row: Procedure, today: date) -> date:
    """Clocks of what has ended stand still."""
    return row.ended_on or today


def _step(
    definition: Definition, step: Step, row: Procedure, done: dict[str, ProcedureAct], papers: dict[str, list[Evidence]]
) -> StepView:
    act = done.get(step.key)
    outcome = step.outcome(act.outcome) if act is not None else None
    reached = max((definition.index(key) for key in done), default=-1)
    if act is not None:
        state = "done"
    elif row.state == Procedure.State.RUNNING and row.step == step.key:
        state = "due"
    elif (
        row.state != Procedure.State.RUNNING
        or definition.index(step.key) < reached
        or (row.step and definition.index(step.key) < definition.index(row.step))
    ):
        state = "passed"
    else:
        state = "ahead"
    return StepView(step, state, act, outcome.title if outcome else None, tuple(papers.get(step.key, ())))


def may_record(actor: Actor, step: Step, path: str) -> bool:
    """Whether the actor's role records this step at a place."""
    if actor.unrestricted:
        return True
    return any(grant.role in step.roles for grant in grants_over(actor, RUN_PROCEDURE, path))


def paper(actor: Actor, number: int, paper_id: int) -> Evidence:
    """A paper of a procedure. Health and the like may stand in it: it goes to those who run procedures there, and to
    readers for whom every class of field of the household is open. Raises Missing."""
    row, subject = one(actor, number)
    household = row.subject_id if row.level == "household" else None
    open_to = may(actor, RUN_PROCEDURE, area_path=subject.path, household_id=household)
    if not open_to and field_classes_at(actor, VIEW_HOUSEHOLD, subject.path, household) is not None:
        raise _missing()
    found = next((each for each in evidence.of(ABOUT, [row.pk]) if each.pk == paper_id and each.digest), None)
    if found is None:
        raise _missing()
    return found


# ---- many at one step ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Running procedures of an area that stand at the same step of the same text."""

    definition: Definition
    digest: str
    step: Step
    count: int


def groups(actor: Actor, area: AreaVersion) -> list[Group]:
    """What waits in an area, by definition and step."""
    found = subjects.rows(actor, VIEW_PROCEDURE, area).filter(state=Procedure.State.RUNNING).order_by()
    counted = list(found.values_list("definition_id", "step").annotate(number=Count("pk")))
    texts = ProcedureText.objects.in_bulk({digest for digest, _step, _number in counted})
    listed = []
    for digest, key, number in counted:
        definition = definitions.read(texts[digest])
        step = definition.step(key)
        if step is not None:
            listed.append(Group(definition, digest, step, number))
    return sorted(listed, key=lambda each: (each.definition.key, each.definition.index(each.step.key)))


def at_step(actor: Actor, area: AreaVersion, digest: str, step: str, limit: int) -> list[tuple[Procedure, Subject]]:
    """The procedures of a group within the grants to run them, by code."""
    rows = subjects.rows(actor, RUN_PROCEDURE, area).filter(
        state=Procedure.State.RUNNING, definition_id=digest, step=step
    )
    listed = list(rows.defer("frozen").order_by("pk")[:limit])
    found: dict[tuple[str, int], Subject] = {}
    for level in {row.level for row in listed}:
        ids = [row.subject_id for row in listed if row.level == level]
        found |= {(level, key): each for key, each in subjects.find(actor, RUN_PROCEDURE, level, ids).items()}
    pairs = [(row, found[row.level, row.subject_id]) for row in listed if (row.level, row.subject_id) in found]
    return sorted(pairs, key=lambda pair: pair[1].code)


# ---- the public notice ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """What hangs on the wall: names and villages, what is proposed, from when to when, whom to tell. Nothing else."""

    title: Title
    proposed: Title
    place: str
    office: str
    tell: str
    begins: date
    ends: date
    provisional: bool
    lines: tuple[tuple[str, str], ...]


def notice(actor: Actor, number: int) -> Notice:
    """The notice of a procedure and of those that were put up with it, in the same village on the same day. Raises
    Missing where none was put up, or the procedure was taken back."""
    row, subject = one(actor, number)
    definition = definitions.read(row.definition)
    step = next((each for each in definition.steps if each.notice), None)
    own = ProcedureAct.objects.filter(procedure=row, step=step.key).first() if step is not None else None
    if own is None or step is None or row.state == Procedure.State.WITHDRAWN:
        raise Missing("no_notice", "还没有公示。", "No notice has been put up.")
    village = _version(subject.area_id)
    together = _together(actor, row, own, village)
    names = _names(row.level, [each.subject_id for each in together], village)
    history = History(row.started, tuple(acts_of([row.pk]).get(row.pk, ())))
    until = _until(definition, step, history)
    return Notice(
        title=Title(f"{definition.title.zh}公示", f"Public notice: {definition.title.en}"),
        proposed=definition.proposed,
        place=village.name if village is not None else "",
        office=_above(village),
        tell=_LONG.sub(_telephones, own.note),
        begins=own.day,
        ends=until.day if until is not None else own.day,
        provisional=until.provisional if until is not None else False,
        lines=tuple(names),
    )


def _telephones(found: re.Match[str]) -> str:
    """Digits too many for a telephone, unless they are several side by side: whom to tell must stay to be read."""
    return found[0] if all(_TELEPHONE.fullmatch(part) for part in found[0].split()) else ""


def _together(actor: Actor, row: Procedure, own: ProcedureAct, village: AreaVersion | None) -> Sequence[Procedure]:
    if row.level != "household" or village is None:
        return [row]
    same = subjects.rows(actor, VIEW_PROCEDURE, village).filter(level=row.level, definition_id=row.definition_id)
    posted = ProcedureAct.objects.filter(step=own.step, day=own.day).values("procedure_id")
    return list(same.filter(pk__in=posted).exclude(state=Procedure.State.WITHDRAWN).defer("frozen").order_by("pk"))


def _names(level: str, ids: list[int], village: AreaVersion | None) -> list[tuple[str, str]]:
    """(name, village): of a household the head as the register writes it, cut where a number stands in the name."""
    if level != "household":
        named = dict(AreaVersion.objects.filter(area_id__in=ids, valid_to=None).values_list("area_id", "name"))
        return [(named.get(each, ""), "") for each in ids]
    place = village.name if village is not None else ""
    cards = HouseholdCard.objects.filter(pk__in=ids).order_by("code").values_list("head_name", flat=True)
    return [("".join(each for each in name if not each.isdigit()), place) for name in cards]


def _until(definition: Definition, step: Step, history: History) -> Limit | None:
    """The last day of the notice: its minimum counted from the day on which it was put up."""
    begun = history.day_of(step.key)
    waits = [wait for each in definition.steps for wait in each.waits if wait.from_ == step.key]
    if begun is None or not waits:
        return None
    calendar = working_days.calendar()
    return max(
        (days_after(begun, each.length) if each.unit == "days" else calendar.after(begun, each.length)
         for each in waits),
        key=lambda limit: limit.day,
    )  # fmt: skip


def _version(area_id: int) -> AreaVersion | None:
    versions = AreaVersion.objects.filter(area_id=area_id)
    return versions.order_by("-valid_from").first()


def _above(version: AreaVersion | None) -> str:
    found = _version(version.parent_id) if version is not None and version.parent_id is not None else None
    return found.name if found is not None else ""
