"""What the page of one sign shows: on what it hangs, figures then and now, criteria, weeks, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.supervision import OWED
from tuopin.duties.models import Term
from tuopin.duties.officials import naming
from tuopin.duties.selectors import titles_on
from tuopin.platform import evidence, nodes, working_days
from tuopin.platform.access import may
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards.permissions import VIEW as VIEW_STANDARDS

from .. import kinds
from ..board import names
from ..models import HungEvent, HungSign
from ..permissions import VIEW
from . import items, measuring, reach, selectors
from .measuring import Measure, Measured

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from tuopin.core.supervision import Week
    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence

    from ..models import HungItem

SHOWN = 100
"""Lines of a page of the history, the newest first."""
ENDS = ("off", "withdrawn")
_OVER = Title("– 已结束", "– over")
JUDGED = frozenset({"unmet"})
"""Criteria that are measured by verdicts: what was found is told to those alone who see these there."""
WEEKS = 12
"""Weeks that stand open to the eye; older ones are folded."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done; ``papers`` prove it, ``more`` says what else belongs to it."""

    event: HungEvent
    title: Title
    papers: Sequence[Evidence]
    more: Title | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a week with what was said about it. ``late``: days that an answer is late, or came late: also where
    it was returned and answered again since."""

    row: HungItem
    state: Title
    late: int
    lines: Sequence[Line]
    answers: bool
    checks: bool
    drops: bool


@dataclass(frozen=True, slots=True)
class WeekView:
    week: Week
    title: Title
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on the day of the hanging and today; '' = not known."""

    title: Title
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class SignView:
    """``parts``: who the reader is to the sign; ``vacant``: the supervisor has left office; ``listed``: the
    reader may open the list of its area; ``reassigned``: another unit than the one that answers holds the matter by
    now; ``hidden``: the criteria of which the reader is not told how they stand. ``lines``: a page of what happened,
    ``more_lines`` are older, from the one numbered ``before`` on."""

    row: HungSign
    area: AreaVersion | None
    listed: bool
    reassigned: bool
    state: Title
    about: Title
    office: str
    holder: str
    supervisor: str
    vacant: bool
    parts: frozenset[reach.Part]
    figures: Sequence[Figure]
    figures_day: str
    judged: Mapping[str, str]
    criteria: Sequence[Measured]
    hidden: Sequence[Title]
    ended: Mapping[str, Any]
    ended_rows: Sequence[tuple[Title, Mapping[str, Any]]]
    weeks: Sequence[WeekView]
    older: Sequence[WeekView]
    lines: Sequence[Line]
    more_lines: int
    before: int
    others: Sequence[HungSign]
    open_items: int
    ending: Line | None


def view(actor: Actor, number: int, now: datetime, before: int = 0) -> SignView:
    """One sign; of what happened what was before a line, if one is named. A fixed number of statements. Raises Missing
    outside the grants."""
    row = selectors.sign(actor, number)
    today = timezone.localdate(now)
    area = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first()
    measure = Measure(row, area, now)
    asked = list(row.items.order_by("by", "pk"))
    who = reach.parts(actor, [row])[row.pk]
    said, lines, more = _lines(row, before)
    hanging = row.state == HungSign.State.HANGING
    ended: Mapping[str, Any] = next((each.event.data for each in said if each.event.act == "off"), {})
    weeks = _weeks(row, asked, said, who, today)
    offices = names.offices([row.office_id, row.holder_id])
    title = titles_on([row.supervisor_id], today).get(row.supervisor_id)
    vacant = hanging and title is None and not _in_office(row.supervisor_id, today)
    seen = area is not None and may(actor, VIEW_STANDARDS, area_path=area.path)
    closed = _closed(actor, measure, judged=seen)
    measured = [each for each in (measure.all(asked) if hanging else ()) if _told(closed, each.document())]
    measured_then = [each for each in ended.get("measured", ()) if _told(closed, each)]
    told = {each.criterion.kind for each in measured} | {each["kind"] for each in measured_then}
    every = (measuring.criterion(each) for each in row.criteria)
    hidden = [each.words for each in every if each.kind in closed - told]
    others = selectors.signs(actor).filter(area_id=row.area_id, key=row.key).exclude(pk=row.pk).order_by("-pk")[:5]
    return SignView(
        row, area, area is not None and may(actor, VIEW, area_path=area.path), hanging and reach.reassigned(row),
        selectors.STATES[row.state], _about(row, measure), offices.get(row.office_id, ""),
        offices.get(row.holder_id, ""), " ".join(filter(None, (row.supervisor.name, *(title or ())))), vacant, who,
        _figures(row, measure, unmet=seen), str(row.figures.get("day", "")), _judged(row, measure) if seen else {},
        measured, hidden, ended, [(measuring.criterion(each).words, each) for each in measured_then],
        weeks[:WEEKS], weeks[WEEKS:],
        lines, more, lines[-1].event.pk if more else 0, list(others), sum(each.state in OWED for each in asked),
        next((each for each in said if each.event.act in ENDS), None),
    )  # fmt: skip


def _closed(actor: Actor, measure: Measure, *, judged: bool) -> set[str]:
    """Criteria of which the reader is not told how they stand: those by verdicts, and what is left of a node that
    another room counts, for who sees neither there."""
    found = set() if judged else set(JUDGED)
    if any(each["kind"] == "left" for each in measure.row.criteria):
        area, node = measure.area, measure.node
        if area is None or node is None or nodes.left(actor, area, [], node) is None:
            found.add("left")
    return found


def _told(closed: set[str], measured: Mapping[str, Any]) -> bool:
    """Whether the reader is told; that nobody counts a node is told to everybody."""
    kind = measured["kind"]
    return kind not in closed or (kind == "left" and measured["found"][0] == measuring.UNKNOWN.zh)


def _in_office(official_id: int, day: date) -> bool:
    return Term.objects.filter(on_day(day), official_id=official_id).exists()


def _about(row: HungSign, measure: Measure) -> Title:
    if row.target == HungSign.Target.MATTER:
        return Title(f"事项 № {row.matter_id}", f"matter № {row.matter_id}")
    if row.target == HungSign.Target.NODE:
        return measure.node.title if measure.node is not None else Title("节点已取消", "a node that holds no more")
    if row.target == HungSign.Target.GROUP:
        found = [kinds.sources().get(row.source), kinds.categories().get(row.category)]
        named = [each for each in found if each is not None]
        return Title("、".join(each.zh for each in named), ", ".join(each.en for each in named))
    return Title("整个区域", "the whole area")


def _figures(row: HungSign, measure: Measure, *, unmet: bool) -> list[Figure]:
    now = measure.figures()
    found = []
    for key, title in (
        ("open", Title("未销号问题", "open problems")), ("late", Title("其中逾期", "of these late")),
        ("undated", Title("其中未定时限", "of these without a limit")),
        ("closed", Title("已销号问题", "closed problems")),
    ):  # fmt: skip
        if key in row.figures or key in now:
            found.append(Figure(title, str(row.figures.get(key, "")), str(now.get(key, ""))))
    if unmet and ("unmet" in row.figures or "unmet" in now):
        title = Title("未达退出标准的户（另有未知）", "households short of the exit standard (and unknown)")
        found.append(Figure(title, _pair(row.figures.get("unmet")), _pair(now.get("unmet"))))
    return found


def _pair(found: Any) -> str:
    return f"{found[0]} (+{found[1]} ?)" if found else ""


def _judged(row: HungSign, measure: Measure) -> dict[str, str]:
    """On which days the households were judged."""
    unmet = measure.unmet()
    then = row.figures.get("unmet")
    return {"then": then[2] if then else "", "now": unmet[2].isoformat() if unmet is not None else ""}


def _lines(row: HungSign, before: int) -> tuple[list[Line], list[Line], int]:
    """What was said of the items, with how the sign ended: all of it, for items are bounded. A page of what happened,
    and how much is older. The newest first. Two to four statements, two more where the supervisor was another."""
    every = HungEvent.objects.filter(sign=row).order_by("-pk")
    older = every.filter(pk__lt=before) if 0 < before < 2**63 else every
    shown = list(older[:SHOWN])
    more = max(0, older.count() - SHOWN) if len(shown) == SHOWN else 0
    if older is every and len(shown) < SHOWN:  # that was all
        said = [each for each in shown if each.item_id is not None or each.act in ENDS]
    else:
        said = list(every.filter(Q(item__isnull=False) | Q(act__in=ENDS)))
    by_key = {each.event.pk: each for each in _told_of({each.pk: each for each in (*said, *shown)}.values())}
    return [by_key[each.pk] for each in said], [by_key[each.pk] for each in shown], more


def _told_of(events: Collection[HungEvent]) -> list[Line]:
    papers: dict[int, list[Evidence]] = {}
    for paper in evidence.of(
        items.ABOUT, [each.pk for each in events if each.act in {"answered", "accepted", "returned"}]
    ):
        papers.setdefault(paper.about_id, []).append(paper)
    people = {each.data[key] for each in events if each.act == "handed" for key in ("was", "supervisor")}
    current = naming.current(people) if people else {}
    named = names.people(current.values())
    return [
        Line(each, selectors.ACTS[each.act], papers.get(each.pk, ()), _more(each, current, named)) for each in events
    ]


def _more(event: HungEvent, current: Mapping[int, int], named: Mapping[int, str]) -> Title | None:
    if event.act == "handed":
        was, now = (named.get(current[event.data[key]], "") for key in ("was", "supervisor"))
        return Title(f"{was} → {now}", f"{was} → {now}")
    if event.act == "asked":
        count = len(event.data["items"])
        return Title(f"{count} 项", f"{count} items")
    if event.act == "moved":
        return Title(f"{event.data['was']} → {event.data['by']}", f"{event.data['was']} → {event.data['by']}")
    if event.act == "answered" and event.data["late"]:
        return Title("过期答复", "late")
    return None


def _weeks(
    row: HungSign, asked: Sequence[HungItem], lines: Sequence[Line], who: frozenset[reach.Part], today: date
) -> list[WeekView]:
    said: dict[int, list[Line]] = {}
    for line in reversed(lines):
        if line.event.item_id is not None:
            said.setdefault(line.event.item_id, []).append(line)
    by_key = {each.pk: each for each in asked}
    hanging = row.state == HungSign.State.HANGING
    until = min(today, row.ended_on or today)
    found = []
    for week in measuring.weeks_of(row, asked, working_days.calendar(), until):
        rows = [_item(by_key[key], said.get(key, ()), who if hanging else frozenset(), until) for key in week.items]
        over = not hanging and week.state in {"running", "ahead"}  # nothing is owed any more
        found.append(WeekView(week, _OVER if over else selectors.WEEKS[week.state], rows))
    return found


def _item(row: HungItem, lines: Sequence[Line], who: frozenset[reach.Part], today: date) -> Item:
    owed = row.state in OWED
    day = today if owed else row.answered_on
    late = max(row.late_days, (day - row.by).days, 0) if day is not None and row.state != "dropped" else row.late_days
    return Item(
        row, selectors.ITEMS[row.state], late, lines, owed and "holder" in who,
        row.state == "answered" and bool(who & {"supervisor", "hanger"}),
        owed and row.by >= today and bool(who & {"supervisor", "hanger"}),
    )  # fmt: skip
