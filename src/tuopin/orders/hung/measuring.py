"""What stands in a sign's place: figures on a day, and the criteria for coming off with what was measured beside each.

A figure is what is surely so and what may be: a problem without a limit may be late, a household of unknown verdict may
be one that does not meet the standard. What nobody has measured since the hanging is unknown.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core import supervision
from tuopin.core.language.catalogue import Title
from tuopin.core.pace import day_of_zero
from tuopin.platform import nodes, working_days
from tuopin.platform.access import system
from tuopin.platform.problems import Problem
from tuopin.register.areas import ids as area_ids
from tuopin.standards import results
from tuopin.standards.area_figures import of_areas

from ..board import due
from ..ledger import colours
from ..ledger import selectors as ledger
from ..models import Matter
from ..nodes import ROOM, SOURCES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.standards.verdicts import Verdict
    from tuopin.platform.nodes import Target
    from tuopin.register.models import AreaVersion

    from ..models import HungItem, HungSign

DAYS = ledger.DAYS
"""Working days that the pace is taken from."""
UNMET = "household_exit"
"""The standard that households are counted by."""
_MERGED = 20  # how far a matter that was merged is followed


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of criterion. ``unit``: what its bound counts; ``day``: its bound is a day; ``most``: the largest bound;
    ``least``: at least its bound is asked for, at most otherwise."""

    title: Title
    unit: Title
    usual: int = 0
    most: int = 1_000_000
    least: bool = False
    day: bool = False


KINDS: Mapping[str, Kind] = {
    "late": Kind(Title("逾期问题不多于", "late problems at most"), Title("件", "")),
    "open": Kind(Title("未销号问题不多于", "open problems at most"), Title("件", "")),
    "share": Kind(Title("销号率不低于", "share closed at least"), Title("%", "%"), 100, 100, least=True),
    "zero": Kind(Title("按现有进度清零不晚于", "at this pace none left by"), Title("", ""), day=True),
    "weeks": Kind(Title("连续完成每周清单不少于", "weeks done in a row at least"), Title("周", ""), 4, 52, least=True),
    "unmet": Kind(Title("未达退出标准不多于", "households short of the exit standard at most"), Title("户", "")),
    "left": Kind(Title("节点剩余不多于", "left of the node at most"), Title("", "")),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """What must be reached to come off: ``kind`` of :data:`KINDS`, ``bound`` a whole number, ``day`` a day."""

    kind: str
    bound: int = 0
    day: datetime.date | None = None

    def document(self) -> dict[str, object]:
        return {"kind": self.kind, "bound": self.day.isoformat() if self.day is not None else self.bound}

    @property
    def words(self) -> Title:
        kind = KINDS[self.kind]
        if self.day is not None:
            return Title(f"{kind.title.zh} {self.day}", f"{kind.title.en} {self.day}")
        zh, en = kind.unit.zh, kind.unit.en
        return Title(f"{kind.title.zh} {self.bound} {zh}".strip(), f"{kind.title.en} {self.bound}{en}")


def criterion(document: Mapping[str, Any]) -> Criterion:
    """One as it is stored."""
    kind, bound = document["kind"], document["bound"]
    return Criterion(kind, day=datetime.date.fromisoformat(bound)) if KINDS[kind].day else Criterion(kind, bound)


def check(wanted: Sequence[Criterion], target: str) -> None:
    """Raise Problem for criteria that nobody could measure here, or that contradict each other."""
    if not wanted or len({each.kind for each in wanted}) < len(wanted):
        raise Problem(
            "bad_criteria", "请至少定一条摘牌标准，每种最多一条。",
            "Set at least one criterion for coming off, and each kind once.",
        )  # fmt: skip
    for each in wanted:
        kind = KINDS.get(each.kind)
        fits = kind is not None and (each.kind == "left") <= (target == "node") and kind.day == (each.day is not None)
        if kind is None or not fits or (each.kind == "unmet" and target == "matter"):
            raise Problem("bad_criterion", "这条标准不适用于这块牌。", "This criterion does not fit this sign.")
        lowest = 1 if kind.least else 0
        if not kind.day and not lowest <= each.bound <= kind.most:
            raise Problem(
                "bad_bound", f"“{kind.title.zh}”请写 {lowest}–{kind.most} 的整数。",
                f"“{kind.title.en}”: a whole number from {lowest} to {kind.most}.",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """The problems that a sign is about: ``late`` surely, ``undated`` perhaps; ``recent`` were closed and ``new`` came
    in the last :data:`DAYS` working days; ``last``: the day of the last closing, besides
    those of which the day is ``unsaid``. None of it is known (``known``) where
    nobody counts them."""

    open: int = 0
    late: int = 0
    undated: int = 0
    closed: int = 0
    recent: int = 0
    new: int = 0
    known: bool = True
    last: datetime.date | None = None
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A criterion and what was found: from ``low`` to ``high`` in words, None = not known."""

    criterion: Criterion
    found: Title
    verdict: Verdict

    def document(self) -> dict[str, object]:
        return self.criterion.document() | {
            "found": [self.found.zh, self.found.en], "verdict": self.verdict,
        }  # fmt: skip


UNKNOWN = Title("未知", "unknown")


class Measure:
    """What stands in the place of one sign at a moment. ``area``: the newest version of its area."""

    def __init__(self, row: HungSign, area: AreaVersion | None, now: datetime.datetime) -> None:
        self.row, self.area, self.now = row, area, now
        self.today = timezone.localdate(now)
        self.calendar = working_days.calendar()
        self._unmet: tuple[int, int, datetime.date] | None = None
        self._asked = False
        self.node = self._node() if row.node else None
        self.counts = self._counts()

    def figures(self) -> dict[str, object]:
        """What is frozen on the day of the hanging."""
        found: dict[str, object] = {"day": self.today.isoformat()}
        if self.counts.known:
            found |= {"open": self.counts.open, "late": self.counts.late, "undated": self.counts.undated,
                      "closed": self.counts.closed}  # fmt: skip
        unmet = self.unmet()
        if unmet is not None:
            found["unmet"] = [unmet[0], unmet[1], unmet[2].isoformat()]
        return found

    def unmet(self) -> tuple[int, int, datetime.date] | None:
        """Households of the area that do not meet the exit standard: surely, of unknown verdict, and the day that they
        were judged. Two statements, once; a matter has none."""
        if not self._asked and self.area is not None and self.row.target != "matter":
            run = next((each for each in results.newest(self.area) if each.standard == UNMET), None)
            found = of_areas(run, [self.area.area_id]).get(self.area.area_id) if run is not None else None
            if run is not None and found is not None:
                _met, short, unknown = found.tally.get(results.OVERALL, (0, 0, 0, 0))[:3]
                self._unmet = short, unknown, run.day
        self._asked = True
        return self._unmet

    def all(self, items: Iterable[HungItem]) -> list[Measured]:
        """Every criterion of the sign. ``items``: its weekly items."""
        weeks = weeks_of(self.row, items, self.calendar, self.today)
        return [self._measured(criterion(each), weeks) for each in self.row.criteria]

    def _measured(self, wanted: Criterion, weeks: Sequence[supervision.Week]) -> Measured:
        if wanted.kind == "zero":
            return self._zero(wanted)
        low, high = self._figure(wanted.kind, weeks)
        test = supervision.at_least if KINDS[wanted.kind].least else supervision.at_most
        return Measured(wanted, _words(low, high, KINDS[wanted.kind].unit), test(low, high, wanted.bound))

    def _figure(self, kind: str, weeks: Sequence[supervision.Week]) -> tuple[float, float] | tuple[None, None]:
        counts = self.counts
        if kind == "weeks":
            return supervision.weeks_in_a_row(weeks, self.today)
        if kind == "left":
            return self._left()
        if kind == "unmet":
            unmet = self.unmet()
            fresh = unmet is not None and unmet[2] >= self.row.hung_on
            return (unmet[0], unmet[0] + unmet[1]) if unmet is not None and fresh else (None, None)
        if not counts.known:
            return None, None
        if kind == "late":
            return counts.late, counts.late + counts.undated
        if kind == "open":
            return counts.open, counts.open
        whole = counts.open + counts.closed
        return (100 * counts.closed // whole, 100 * counts.closed // whole) if whole else (None, None)

    def _zero(self, wanted: Criterion) -> Measured:
        counts = self.counts
        if not counts.known or wanted.day is None:
            return Measured(wanted, UNKNOWN, "unknown")
        if not counts.open:
            return self._reached(wanted, wanted.day)
        zero = day_of_zero(counts.open, counts.recent, counts.new, DAYS, self.today, self.calendar)
        low = zero.earliest.toordinal() if zero.earliest is not None else math.inf
        high = zero.latest.toordinal() if zero.latest is not None else math.inf
        never = Title("十年内不能", "not in ten years")
        ends = [Title(str(each), str(each)) if each is not None else never for each in (zero.earliest, zero.latest)]
        found = Title("–".join(dict.fromkeys(each.zh for each in ends)), "–".join(dict.fromkeys(e.en for e in ends)))
        return Measured(wanted, found, supervision.at_most(low, high, wanted.day.toordinal()))

    def _reached(self, wanted: Criterion, bound: datetime.date) -> Measured:
        """None are left: since the day of the last closing, however long ago that is."""
        last, unsaid = self.counts.last, self.counts.unsaid
        if last is not None and last > bound:
            verdict: Verdict = "not_met"
        else:
            verdict = "unknown" if unsaid and self.today > bound else "met"
        found = UNKNOWN if verdict == "unknown" else Title("已清零", "none left")
        if last is not None and not unsaid:
            found = Title(f"{last} 已清零", f"none left since {last}")
        return Measured(wanted, found, verdict)

    def _left(self) -> tuple[float, float] | tuple[None, None]:
        found = nodes.left(system(), self.area, [], self.node) if self.area is not None and self.node else None
        return (found.sure, found.sure + found.unknown) if found is not None else (None, None)

    def _node(self) -> Target | None:
        if self.area is None:
            return None
        return node_of(self.area, self.row.node, self.today)

    def _counts(self) -> Counts:
        rows = self._problems()
        if rows is None:
            return Counts(known=False)
        moment = due.to_the_minute(self.now)
        day = core.before(self.today, DAYS, self.calendar)
        begin = due.midnight(self.now, (day - self.today).days)
        said = Q(ledger__isnull=True) | Q(ledger__found_on__isnull=False)
        closed = Q(state__in=colours.CLOSED)
        found = rows.order_by().aggregate(
            whole=Count("pk"), closed=Count("pk", filter=closed),
            late=Count("pk", filter=colours.within("late", moment)),
            undated=Count("pk", filter=colours.within("undated", moment)),
            recent=Count("pk", filter=closed & Q(closed_at__gte=begin)),
            new=Count("pk", filter=Q(opened_at__gte=begin) & said),
            last=Max("closed_at", filter=closed), unsaid=Count("pk", filter=closed & Q(closed_at=None)),
        )  # fmt: skip
        if self.row.target == "matter" and not found["whole"]:
            return Counts(known=False)
        return Counts(found["whole"] - found["closed"], found["late"], found["undated"], found["closed"],
                      found["recent"], found["new"],
                      last=timezone.localdate(found["last"]) if found["last"] else None,
                      unsaid=found["unsaid"])  # fmt: skip

    def _problems(self) -> QuerySet[Matter] | None:
        """What the sign is about; None where that is no problems, or the area is not known."""
        if self.row.target == "matter":
            return Matter.objects.filter(pk=_followed(self.row.matter_id or 0)).exclude(
                state__in=("withdrawn", "merged")
            )
        if self.area is None or (self.row.target == "node" and (self.node is None or self.node.room != ROOM)):
            return None
        return problems(self.area, self.row.source, self.row.category, SOURCES.get(self.row.node, ()))


def problems(
    area: AreaVersion, source: str = "", category: str = "", sources: Collection[str] = ()
) -> QuerySet[Matter]:
    """The problems of an area, of a group or of some sources: all of them, whoever asks. The caller has seen that the
    sign may be."""
    rows = ledger.problems(system(), area)
    if source:
        rows = rows.filter(source=source)
    if category:
        rows = rows.filter(category=category)
    return rows.filter(source__in=sources) if sources else rows


def node_of(area: AreaVersion, key: str, day: datetime.date) -> Target | None:
    """The node of an area by its key; None where it holds no more."""
    return next((each for each in nodes.of_area(area, area_ids(area.path), day) if each.key == key), None)


def weeks_of(row: HungSign, items: Iterable[HungItem], calendar: Any, today: datetime.date) -> list[supervision.Week]:
    """The weeks of a sign, the newest first."""
    # the column holds these states and no others (its choices); the type of a column of text cannot say so
    asked = [supervision.Item(each.pk, each.due, each.by, each.state) for each in items]  # type: ignore[arg-type]
    return supervision.weeks(row.hung_on, row.ended_on, asked, calendar, today)


def _followed(number: int) -> int:
    """The matter that one was merged into, and so on."""
    for _step in range(_MERGED):
        into = Matter.objects.filter(pk=number, state="merged").values_list("into_id", flat=True).first()
        if into is None:
            break
        number = into
    return number


def _words(low: float | None, high: float | None, unit: Title) -> Title:
    if low is None or high is None:
        return UNKNOWN
    ends = f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"
    return Title(f"{ends} {unit.zh}".strip(), f"{ends}{unit.en}")
