"""Reading the ledger: the problems of a place, what is left by source, unit and area, and when none will be left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.language.catalogue import Title
from tuopin.core.pace import Zero, day_of_zero
from tuopin.platform import working_days
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion

from .. import kinds, selectors, words
from ..board import due, names
from ..models import LedgerEntry, Matter, MatterText
from . import colours, current

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

DAYS = 20
"""Working days that the pace is taken from."""
LINES = 100
"""Lines of a table by unit or area."""
FEWEST = 5
"""A number of problems from petitions below this is not shown."""
_PETITION, _TOGETHER = "petition", "petition+"
BY: Mapping[str, Title] = {
    "source": Title("按来源", "by source"), "unit": Title("按责任单位", "by unit"), "area": Title("按区域", "by area"),
}  # fmt: skip


def problems(actor: Actor, place: AreaVersion | None = None) -> QuerySet[Matter]:
    """The problems of the ledger that the actor sees: those in hand or closed, and those that came from a ledger."""
    rows = selectors.work(actor, place).filter(kind=Matter.Kind.PROBLEM).exclude(state__in=current.LEFT_OUT)
    return rows.filter(~Q(state="draft") | Q(ledger__isnull=False))


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers of problems by colour, in the order of ``COLOURS``. ``query``: the condition that lists them."""

    title: Title
    counts: Sequence[int]
    query: str

    @property
    def cells(self) -> list[tuple[str, int]]:
        return list(zip(colours.COLOURS, self.counts, strict=True))

    @property
    def left(self) -> int:
        return sum(self.counts[:-1])

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a place; ``closed`` and ``opened`` in the last ``DAYS`` working days."""

    line: Line
    closed: int
    opened: int
    zero: Zero


def whole(actor: Actor, place: AreaVersion, now: datetime) -> Whole:
    """One statement. A problem from a ledger that does not say when it was found did not come in these days: else a
    ledger taken in today would look like a flood."""
    moment = due.to_the_minute(now)
    calendar, today = working_days.calendar(), timezone.localdate(now)
    begin = due.midnight(now, (core.before(today, DAYS, calendar) - today).days)
    said = Q(ledger__isnull=True) | Q(ledger__found_on__isnull=False)
    found = problems(actor, place).aggregate(
        **_counted(moment),
        recent=Count("pk", filter=Q(closed_at__gte=begin, state__in=colours.CLOSED)),
        new=Count("pk", filter=Q(opened_at__gte=begin) & said),
    )
    line = Line(Title("合计", "All"), [found[f"n_{key}"] for key in colours.COLOURS], "")
    zero = day_of_zero(line.left, found["recent"], found["new"], DAYS, today, calendar)
    return Whole(line, found["recent"], found["new"], zero)


def lines(actor: Actor, place: AreaVersion, by: str, now: datetime) -> list[Line]:
    """The problems of a place by source, unit or area below; what is left most first. Two statements. Raises KeyError
    for another ``by``."""
    column = {"source": "source", "unit": "holder_id", "area": "area_id"}[by]
    rows = problems(actor, place).order_by().values_list(column).annotate(**_counted(due.to_the_minute(now)))
    found = {each[0]: list(each[1:]) for each in rows}
    if by == "area":
        return _by_area(place, found)
    if by == "source":
        if _PETITION in found and sum(found[_PETITION]) < FEWEST and not _reads_all(actor, place):
            found = _few_petitions(found)
        titles = {**kinds.sources(), _TOGETHER: Title("信访等来源", "petitions and others")}
        plain = {"", _TOGETHER}
        made = [Line(titles.get(key, Title("未注明", "not said")), counts, "" if key in plain else f"source={key}")
                for key, counts in found.items()]  # fmt: skip
    else:
        offices = names.offices(found)
        made = [Line(_named(offices.get(key, "")), counts, f"holder={key}" if key else "")
                for key, counts in found.items()]  # fmt: skip
    return _worst(made)


def _reads_all(actor: Actor, place: AreaVersion) -> bool:
    """Whether the reader reads the words of all problems there that came from petitions, which are few."""
    return not words.closed(actor, problems(actor, place).filter(source=_PETITION)[:FEWEST])


def _few_petitions(found: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """By source, where fewer than :data:`FEWEST` came from petitions: those stand together with the next fewest, so
    that no number tells of them and the sums stay whole; alone they are left out."""
    kept = dict(found)
    few = kept.pop(_PETITION)
    if kept:
        other = min(kept, key=lambda key: (sum(kept[key]), key))
        kept[_TOGETHER] = [one + more for one, more in zip(kept.pop(other), few, strict=True)]
    return kept


def _by_area(place: AreaVersion, found: Mapping[int, Sequence[int]]) -> list[Line]:
    """Those of an area below count as the child's that it lies in; those of the area itself stand alone."""
    below = list(AreaVersion.objects.filter(parent_id=place.area_id, valid_to=None))
    paths = dict(
        AreaVersion.objects.filter(area_id__in=listed(found)).order_by("valid_from").values_list("area_id", "path")
    )
    sums: dict[int, list[int]] = {}
    for key, counts in found.items():
        at = next((each.area_id for each in below if paths.get(key, "").startswith(each.path)), 0)
        held = sums.setdefault(at, [0] * len(colours.COLOURS))
        sums[at] = [one + other for one, other in zip(held, counts, strict=True)]
    titles = {each.area_id: each for each in below}
    made = [
        Line(_named(titles[key].name), counts, f"below={titles[key].code}") if key
        else Line(Title(f"{place.name}本级", f"{place.name} itself"), counts, "")
        for key, counts in sums.items()
    ]  # fmt: skip
    return _worst(made)


def _worst(made: Iterable[Line]) -> list[Line]:
    return sorted(made, key=lambda each: (-each.counts[0], -each.left, each.title.zh))[:LINES]


def _named(name: str) -> Title:
    return Title(name, name) if name else Title("未定责任单位", "no unit yet")


def _counted(moment: datetime) -> dict[str, Any]:
    return {f"n_{key}": Count("pk", filter=colours.within(key, moment)) for key in colours.COLOURS}


def beside(ids: Iterable[int]) -> tuple[Mapping[int, MatterText], Mapping[int, LedgerEntry]]:
    """What problems say at length, and what ledgers said of them, by the problem; one statement."""
    rows = MatterText.objects.filter(matter_id__in=listed(ids)).select_related("matter__ledger")
    texts = {row.pk: row for row in rows}
    return texts, {key: row.matter.ledger for key, row in texts.items() if hasattr(row.matter, "ledger")}
