"""What the page of one matter shows: its head, what is asked, what happened, papers, parts, copies, and what the reader
may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, Q, When
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.language.catalogue import Title
from tuopin.duties.selectors import own_official
from tuopin.platform import evidence
from tuopin.platform.access import may, page_memo
from tuopin.platform.auditing import words as log_words
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Membership
from tuopin.register.selectors import area_names

from .. import reach, selectors, words
from ..changes import CHANGES
from ..clock.chain import Chains
from ..families import progress, tree
from ..models import RUNNING, Matter, MatterEvent, MatterSubject, MatterUnit
from ..permissions import PETITIONS, VIEW
from ..petitions import audience
from ..services import PAPER
from . import due, names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuopin.core.matters import Transition
    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence

    from ..families.progress import Progress
    from .due import Due

EVENTS = 200
SUBJECTS = 100
PARTS = 60
_LINKS = 3
_MANY = 1_000

CLOCK: Mapping[str, Title] = {
    "unsigned": Title("提醒：尚未签收", "reminder: not signed for"),
    "remind": Title("提醒：快到期", "reminder: falls due"),
    "remind_last": Title("最后提醒：即将到期", "last reminder: falls due"),
    "overdue": Title("逾期，已报上一级", "late: told one level up"),
    "overdue_again": Title("仍逾期，再报上级", "still late: told again"),
    # whether anything follows for anybody is told to nobody here
    "lead": Title("逾期已久，未办结也未上报", "long past its limit, neither solved nor reported"),
    "look_back": Title("到回头看日期", "the day of the look-back"),
    "verify_waits": Title("提醒：报结后尚未核实", "reminder: reported done, not verified yet"),
    "close_waits": Title("提醒：核实后尚未销号", "reminder: verified, not closed yet"),
    "look_back_waits": Title("提醒：回头看日期已过", "reminder: not looked back at yet"),
    "stop": Title("责任人离岗，自动停表", "the clock stopped by itself: who is responsible is away"),
    "stop_corrected": Title("离岗日期更正，时限重新计算", "the days away were corrected: the limit was counted again"),
    "stop_ended": Title("停表到期，恢复计时", "the stop ended, the clock runs again"),
    "recounted": Title("放假安排公布或更正，时限重新计算", "days off were published or corrected: counted again"),
    "early": Title("按规则抽查，回头看提前", "drawn by rule: looked back at sooner"),
    "vacancy": Title("上级职位空缺，转由再上一级", "a vacancy above the holder: the next level takes it"),
}


OTHER: Mapping[str, Title] = {"alike": Title("发起举一反三", "asked for others like it")}
"""What was done that is no act of the table."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the time line. ``by``: who did it; ``more``: what changed, in words."""

    event: MatterEvent
    title: Title
    by: Title
    more: Title | None


@dataclass(frozen=True, slots=True)
class View:
    """One matter as a reader sees it. ``whole``: not by a copy alone, and its words are for the reader, so that
    subjects, papers and reports are shown.
    ``above``: the organisations above the holder, the next one first. ``subjects``: as they are
    kept, also those that the reader may not open. ``mine``: the reader is, or handles for, its
    holder. ``progress``: of one with parts, how far these
    are; a part with parts of its own has one too. ``after_whole``: its limit lies after that of its whole."""

    row: Matter
    due: Due | None
    area: AreaVersion | None
    offices: Mapping[int, str]
    whole: bool
    acts: Sequence[Transition]
    events: Sequence[Happened]
    papers: Sequence[tuple[Evidence, Title]]
    households: Sequence[str]
    areas: Sequence[str]
    subjects: Sequence[MatterSubject]
    joint: Sequence[str]
    copied: Sequence[tuple[str, str]]
    parts: Sequence[tuple[Matter, Due | None, str, Progress | None]]
    progress: Progress | None
    merged: Sequence[Matter]
    above: Sequence[str]
    mine: bool
    parent: Matter | None
    after_whole: bool

    @property
    def holder(self) -> str:
        return self.offices.get(self.row.holder_id or 0, "")

    @property
    def issuer(self) -> str:
        return self.offices.get(self.row.issuer_id or 0, "")

    @property
    def official(self) -> str:
        return self.row.official.name if self.row.official is not None else ""

    @property
    def verifier(self) -> str:
        return self.row.verifier.name if self.row.verifier is not None else ""


def view(actor: Actor, number: int, now: datetime) -> View:
    """One matter. Raises Missing outside the grants. A fixed number of statements."""
    row = selectors.matter(actor, number)
    area = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first()
    if area is not None:
        page_memo().setdefault("orders.paths", {})[area.area_id] = area.path
    units = list(MatterUnit.objects.filter(matter=row).order_by("pk"))
    whole = _whole(actor, row, area, units) and not words.closed(actor, [row])
    beside = Matter.objects.filter(reach.visible(actor), Q(parent=row) | Q(into=row) | Q(pk=row.parent_id or 0))
    first = Case(When(pk=row.parent_id or 0, then=0), default=1)  # however many parts it has
    related = list(beside.order_by(first, "limit_at", "pk")[: PARTS * 2])
    closed = words.cover(actor, related)
    parent = next((each for each in related if each.pk == row.parent_id), None)
    merged = [each for each in related if each.into_id == row.pk]
    parts = [each for each in related if each.parent_id == row.pk]
    own, of_parts = progress.of(actor, row, now) if parts else (None, {})
    events = list(MatterEvent.objects.filter(matter=row).order_by("-pk")[:EVENTS])
    office = row.kind != Matter.Kind.PETITION or may(actor, PETITIONS, area_path=area.path if area else "-")
    papers = _papers(row, [each for each in merged if each.pk not in closed]) if whole else []
    if not office:
        papers = audience.papers(papers, events)
    if len(events) < EVENTS:
        reach.know_handled(actor, row, events)
    instead = {} if office else audience.veil(events)
    wanted = {row.holder_id, row.issuer_id, *(each.holder_id for each in parts)}
    wanted |= {key for unit in units for key in (unit.organisation_id, unit.watched_id)}
    wanted |= {each.data.get("holder") for each in events}
    above = _above(row.holder_id, wanted, timezone.localdate(now))
    offices = names.offices(wanted)
    subjects = _subjects(row) if row.kind != Matter.Kind.PETITION else []
    households, areas = _named(actor, subjects)
    return View(
        row, due.stands(row, now), area, offices, whole,
        acts=acts(actor, row),
        events=[_happened(each, offices, whole, instead.get(each.pk)) for each in events],
        papers=[(each, _paper_title(each.item, office=office)) for each in papers],
        households=households if whole else [],
        areas=areas,
        subjects=subjects if whole else [],
        joint=[offices.get(unit.organisation_id, "") for unit in units if unit.role == MatterUnit.Role.JOINT],
        copied=[(offices.get(unit.organisation_id, ""), offices.get(unit.watched_id or 0, ""))
                for unit in units if unit.role == MatterUnit.Role.COPIED],
        parts=[(each, due.stands(each, now), offices.get(each.holder_id or 0, ""), of_parts.get(each.pk))
               for each in parts[:PARTS]],
        progress=own,
        merged=merged[:PARTS],
        above=above,
        mine=row.holder_id in reach.own_offices(actor) or (row.official_id or 0) == own_official(actor),
        parent=parent,
        after_whole=parent is not None and row.state in RUNNING and tree.later(row, parent, now),
    )  # fmt: skip


def acts(actor: Actor, row: Matter) -> list[Transition]:
    """What the reader may do with a matter now, but for what makes no sense as it stands."""
    found = core.acts_in(row.kind, row.state, reach.hands(actor, [row])[row.pk])  # type: ignore[arg-type]  # its choices
    stopped = row.stopped_until is not None and row.stopped_until > timezone.localdate()
    senseless = {
        *(_senseless(row) if row.kind == Matter.Kind.PETITION else ()),
        *(("refuse_extension",) if row.asked_until is None else ("ask_extension",)),
        *(("stop",) if stopped or row.by_hours else ("resume",)),
        *(() if "report_up" in CHANGES else ("report_up",)),
        *(() if row.parent_id is not None else ("detach",)),
    }
    return [each for each in found if each.act not in senseless]


def _senseless(row: Matter) -> tuple[str, ...]:
    """Acts of a petition that its review does not allow now: it is answered once; before that it may go to another
    unit, after that it may be asked for again."""
    if row.state != "review":
        return ()
    return ("second_review",) if row.closed_at is None else ("answer_review", "reassign_review")


def _whole(actor: Actor, row: Matter, area: AreaVersion | None, units: Sequence[MatterUnit]) -> bool:
    """Whether the reader has more to do with it than a copy: by area, or as issuer, holder, joint unit or verifier."""
    if may(actor, VIEW, area_path=area.path if area is not None else "-"):
        return True
    mine, own = own_official(actor), reach.own_organisations(actor, VIEW)
    if mine is not None and mine in {row.official_id, row.verifier_id}:
        return True
    joint = {unit.organisation_id for unit in units if unit.role == MatterUnit.Role.JOINT}
    return bool(own & {row.holder_id, row.issuer_id, *joint}) or row.kind == Matter.Kind.PETITION


def _above(holder: int | None, wanted: Collection[int | None], day: date) -> list[str]:
    """The organisations above one as the clock goes up, the next first, up to three; ``wanted``: all that the page
    names, read with them."""
    chains = Chains(day)
    chains.know({each for each in wanted if each is not None}, heads=False)
    memo = page_memo()
    memo[names.KNOWN] = {each.id: each.name for each in chains.offices()}
    memo.setdefault("orders.office_paths", {}).update((each.id, each.path) for each in chains.offices() if each.path)
    return [link.office.name for link in chains.above(holder)[:_LINKS]] if holder is not None else []


def _happened(event: MatterEvent, offices: Mapping[int, str], whole: bool, instead: Title | None = None) -> Happened:
    """Who has a copy alone reads what was done, not what was reported. ``instead``: who is named in place of the
    account."""
    step = event.act.removeprefix("clock.")
    title = CLOCK.get(step, Title(step, step)) if step != event.act else _act_title(event.act)
    if not whole:
        event.note = ""
    return Happened(event, title, instead or log_words.actor(event.actor), _more(event, offices))


def _act_title(act: str) -> Title:
    row = core.ACTS.get(act)
    return row.title if row is not None else OTHER.get(act, Title(act, act))


def _more(event: MatterEvent, offices: Mapping[int, str]) -> Title | None:
    """What an act changed, of the keys that say something to people."""
    data = event.data
    said: list[tuple[str, str]] = []
    holder = offices.get(data.get("holder") or 0)
    if holder and event.act in {"issue", "reassign", "accept", "report_up", "reassign_review"}:
        said.append((f"承办：{holder}", f"holder: {holder}"))
    for key, zh, en in (("limit", "时限", "limit"), ("until", "到", "until"), ("look_back_on", "回头看", "look-back")):
        day = _day(data.get(key), exclusive=key == "limit" or event.act == "ask_extension")
        if day:
            said.append((f"{zh} {day}", f"{en} {day}"))
    if data.get("late"):
        said.append(("逾期报结", "late"))
    if data.get("times"):
        said.append((f"第 {data['times']} 次", f"time {data['times']}"))
    if event.act == "merge" and data.get("into"):
        said.append((f"并入 {data['into']}", f"into {data['into']}"))
    if event.act == "attach" and data.get("parent"):
        said.append((f"归入 {data['parent']}", f"under {data['parent']}"))
    if event.act == "attach" and data.get("count"):
        said.append((f"归入本件 {data['count']} 件", f"{data['count']} put under this one"))
    if event.act == "merge" and data.get("count"):
        said.append((f"并入本件 {data['count']} 件", f"{data['count']} merged into this one"))
    return Title(" · ".join(zh for zh, _en in said), " · ".join(en for _zh, en in said)) if said else None


def _day(text: object, *, exclusive: bool) -> str:
    """A day or a moment of an event’s data; a moment that is the first too late names the day before, or its hour."""
    if not isinstance(text, str) or not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if at.tzinfo is None:
        return at.date().isoformat()
    local = timezone.localtime(at)
    if exclusive and (local.hour, local.minute) == (0, 0):
        return (local.date() - timedelta(days=1)).isoformat()
    return f"{local:%Y-%m-%d %H:%M}"


def _papers(row: Matter, merged: Sequence[Matter]) -> list[Evidence]:
    """The papers handed in with the acts of a matter, and of those merged into it whose words are for the reader."""
    return evidence.of(PAPER, [row.pk, *(each.pk for each in merged)])


def _paper_title(item: str, *, office: bool) -> Title:
    """With which act a paper was handed in; to the petition office, whether the holder has it."""
    title = _act_title(audience.act_of(item))
    if not office or not audience.handed(item):
        return title
    return Title(f"{title.zh}，已转承办单位", f"{title.en}, handed on to the holder")


def _subjects(row: Matter) -> list[MatterSubject]:
    return list(MatterSubject.objects.filter(matter=row).select_related("household").order_by("pk")[:_MANY])


def _named(actor: Actor, subjects: Sequence[MatterSubject]) -> tuple[list[str], list[str]]:
    """Whom it is about: the codes of the households (and of those whose members are meant) that the reader may open,
    and names of areas."""
    homes = {each.household.pk: each.household.code for each in subjects if each.household is not None}
    people = {each.person_id for each in subjects if each.person_id is not None}
    if people:
        for lived in Membership.objects.filter(person_id__in=listed(people), valid_to=None).select_related("household"):
            homes[lived.household.pk] = lived.household.code
    opened = register.opened_households(actor, set(homes)) if homes else frozenset()
    areas = {each.area_id for each in subjects if each.area_id is not None}
    return sorted(homes[key] for key in opened)[:SUBJECTS], sorted(area_names(areas).values())
