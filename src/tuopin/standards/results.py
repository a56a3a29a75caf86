"""Stored verdicts for pages: the newest evaluation of an area, its tallies, and the list behind each number.

Every number of a page and the list that it links to come from the same evaluation, so that they agree. Lists of
households go village by village, in the order of codes: how many of a village stand on a list is known from the
tallies, so that a page of a list reads a few villages, however large the area is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Substr
from django.urls import reverse

from tuopin.platform.access import PATH_DIGITS, may
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.areas import ids as area_ids_of
from tuopin.register.models import AreaMap, AreaVersion, Household, Residence
from tuopin.register.models.area_events import STANDING
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .area_figures import Figures
from .area_figures import read as read_figures
from .models import AreaFigures, AreaTally, Evaluation, Verdict
from .permissions import VIEW
from .places import AREA_LEVELS, lies_above
from .telling import asked_of, told_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

OVERALL = "overall"
VERDICTS = ("met", "not_met", "unknown", "not_applicable")
LETTERS = {"met": "m", "not_met": "n", "unknown": "u", "not_applicable": "a"}
WORDS = {letter: verdict for verdict, letter in LETTERS.items()}
PAGE = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """How many subjects have which verdict."""

    met: int = 0
    not_met: int = 0
    unknown: int = 0
    not_applicable: int = 0

    @property
    def total(self) -> int:
        return self.met + self.not_met + self.unknown + self.not_applicable

    @property
    def sole(self) -> str:
        """The verdict of the one subject counted here; empty if there are several or none."""
        if self.total != 1:
            return ""
        return next(verdict for verdict in VERDICTS if self.of(verdict))

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.met + other.met, self.not_met + other.not_met, self.unknown + other.unknown,
            self.not_applicable + other.not_applicable,
        )  # fmt: skip

    def of(self, verdict: str) -> int:
        """The count of one verdict; empty = of all."""
        listed = (self.total, self.met, self.not_met, self.unknown, self.not_applicable)
        return dict(zip(("", *VERDICTS), listed, strict=True))[verdict]


@dataclass(frozen=True, slots=True)
class Row:
    """A subject on a list: its verdicts by item (``overall`` too) and its shown facts as text, '' if unknown.

    ``code`` '' and no facts: a household that has moved since to where the reader has no grants."""

    subject_id: int
    code: str
    area_id: int
    verdicts: dict[str, str]
    shown: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows ``first`` … of ``total``; ``after`` and ``before`` are the codes from which the neighbours are asked for."""

    rows: list[Row]
    total: int
    first: int
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Incidence:
    """Persons not exited over population, summed over villages; an interval where households are unknown.

    ``unknown`` counts the villages of which one of the two is not known: they are in neither sum.
    """

    low: int
    high: int
    population: int
    villages: int
    unknown: int

    def percent(self, persons: int) -> str:
        """The ratio in percent with four decimals, half up, from the exact quotient."""
        scaled = (persons * 2_000_000 + self.population) // (2 * self.population)
        return f"{scaled // 10_000}.{scaled % 10_000:04d}"

    @property
    def text(self) -> str:
        """The percentage, or both ends of the interval; empty if no population is known."""
        if not self.population:
            return ""
        ends = [self.percent(self.low), self.percent(self.high)]
        return ends[0] if ends[0] == ends[1] else "—".join(ends)


def may_view(actor: Actor, version: AreaVersion, level: str) -> bool:
    """Whether the actor may list subjects of a level in the area: of households and persons by its own permission."""
    seen = may(actor, VIEW, area_path=version.path)
    return seen and (level in {"area", *AREA_LEVELS} or may(actor, VIEW_HOUSEHOLD, area_path=version.path))


LISTED = {"household": "console:households", "village": "console:villages"}
"""Levels whose subjects stand on lists of their own."""


def list_address(run: Evaluation, area_code: str, item: str = OVERALL, verdict: str = "") -> str:
    """Where the list behind a number is shown: the one place that knows."""
    chosen = {"run": run.pk, "item": item, "verdict": verdict}
    if run.level in LISTED:
        query = urlencode({"standard": run.standard} | chosen)
        return f"{reverse(LISTED[run.level], args=[area_code])}?{query}"
    return f"{reverse('console:subjects', args=[area_code, run.standard])}?{urlencode(chosen)}"


def newest(version: AreaVersion, *kinds: str) -> list[Evaluation]:
    """The newest evaluation of each standard that covers the whole area; of these kinds of standards, none = of all."""
    covering = Evaluation.objects.filter(_covering(version))
    if kinds:
        covering = covering.filter(kind__in=kinds)
    ids = covering.values("standard").annotate(last=Max("id")).values("last")
    return list(Evaluation.objects.filter(pk__in=ids).defer("tally").order_by("pk"))


def _covering(version: AreaVersion) -> Q:
    """Evaluations of the whole register, and of areas that the area lay in on the day judged: a township that moved has
    no figures of the other county's evaluation of before."""
    if version.valid_from.year <= _EVER and version.valid_to is None:
        return Q(area=None) | Q(area_id__in=area_ids_of(version.path))
    covering = Q(area=None)
    for each in AreaVersion.objects.filter(area_id=version.area_id):
        during = Q(area_id__in=area_ids_of(each.path), day__gte=each.valid_from)
        covering |= during & Q(day__lt=each.valid_to) if each.valid_to is not None else during
    return covering


_EVER = 1900  # the year of versions that were always so


def is_exit(run: Evaluation) -> bool:
    """Whether it is of an exit standard (household_exit, village_exit, county_exit): these stand first on pages."""
    return run.standard.endswith("_exit")


def leading(runs: Sequence[Evaluation]) -> Evaluation | None:
    """The evaluation that a list shows unless another is asked for: of the exit standard, else the newest."""
    return next(iter([run for run in reversed(runs) if is_exit(run)] or reversed(runs)), None)


def evaluation(actor: Actor, number: int, version: AreaVersion, standard: str) -> Evaluation:
    """One evaluation, if it is of that standard and covers the area. Raises Missing."""
    found = Evaluation.objects.filter(_covering(version), pk=number, standard=standard).first()
    if found is None or not may_view(actor, version, found.level):
        raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
    return found


def as_of_day(version: AreaVersion, run: Evaluation) -> AreaVersion:
    """The area as it was on the day of an evaluation; as it is now, if it was not there yet."""
    if version.valid_from <= run.day and (version.valid_to is None or version.valid_to > run.day):
        return version
    return AreaVersion.objects.filter(register.on_day(run.day), area_id=version.area_id).first() or version


# -- tallies ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaResults:
    """What one evaluation says of an area and of areas below it. ``below`` holds the overall counts by area;
    ``incidence`` that of the area itself under 0, and of those below by id."""

    counts: dict[str, Counts]
    below: dict[int, Counts]
    incidence: dict[int, Incidence]


def area_results(run: Evaluation, version: AreaVersion, below: Sequence[int] = ()) -> AreaResults:
    """Counts by item, ``overall`` first, of an area and of areas below it: one row an area, however large it is."""
    return results_of_runs([run], version, below)[run.pk]


def results_of_runs(
    runs: Sequence[Evaluation], version: AreaVersion, below: Sequence[int] = ()
) -> dict[int, AreaResults]:
    """:func:`area_results` of several evaluations by id: one query, two where one has no figures of these areas."""
    held: dict[int, dict[int, Figures]] = {run.pk: {} for run in runs}
    rows = AreaFigures.objects.filter(evaluation__in=runs, area_id__in=[version.area_id, *below])
    for number, area_id, counts in rows.values_list("evaluation_id", "area_id", "counts"):
        held[number][area_id] = read_figures(counts)
    without = [run.pk for run in runs if not held[run.pk] and not lies_above(run.level, version.level)]
    some = AreaFigures.objects.filter(evaluation__in=without).values_list("evaluation_id", flat=True).distinct()
    kept = set(some) if without else set()
    found = {}
    for run in runs:
        before = run.pk in without and run.pk not in kept  # evaluated before figures of areas were kept
        found[run.pk] = added_up(run, version, below) if before else _results(run, version, below, held[run.pk])
    return found


def _results(
    run: Evaluation, version: AreaVersion, below: Sequence[int], figures: Mapping[int, Figures]
) -> AreaResults:
    own = figures.get(version.area_id, Figures({}))
    return AreaResults(
        {key: _counts(own, key) for key in (OVERALL, *run.items)},
        {key: _counts(figures[key], OVERALL) for key in below if key in figures},
        {
            0 if key == version.area_id else key: Incidence(each.persons[0], *each.persons)
            for key, each in figures.items()
            if each.persons is not None
        },
    )


def tally(run: Evaluation, version: AreaVersion) -> dict[str, Counts]:
    """Counts by item, ``overall`` first."""
    return area_results(run, version).counts


def _counts(figures: Figures, key: str) -> Counts:
    return Counts(*figures.tally.get(key, (0, 0, 0, 0)))


_SUMS = "SUM(t.met), SUM(t.not_met), SUM(t.unknown), SUM(t.not_applicable)"
_INSIDE = "v.path >= %s AND v.path < %s AND v.valid_from <= %s AND (v.valid_to IS NULL OR v.valid_to > %s)"


def added_up(run: Evaluation, version: AreaVersion, below: Sequence[int]) -> AreaResults:
    """The same from the tallies of villages, for an evaluation that kept no figures of areas above them."""
    low, high = register.subtree(as_of_day(version, run))
    width = len(low) + PATH_DIGITS
    rows = _query(
        f"SELECT SUBSTR(v.path, 1, %s) AS child, t.item, {_SUMS} FROM register_area_version v"  # noqa: S608 - constants
        " JOIN standards_area_tally t ON t.evaluation_id = %s AND t.area_id = v.area_id"
        f" WHERE {_INSIDE} GROUP BY child, t.item",
        [width, run.pk, low, high, run.day, run.day],
    )
    counts = dict.fromkeys((OVERALL, *run.items), Counts())
    overall: dict[int, Counts] = {}
    for path, item, *sums in rows:
        found = Counts(*(int(str(number)) for number in sums))
        if str(item) in counts:
            counts[str(item)] += found
        if item == OVERALL and len(str(path)) == width:
            overall[int(str(path)[-PATH_DIGITS:])] = found
    return AreaResults(counts, {key: overall[key] for key in below if key in overall}, {})


def _query(sql: str, values: Sequence[int | str | date]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# -- lists --------------------------------------------------------------------------------------------------------


def subjects(
    actor: Actor, run: Evaluation, version: AreaVersion, item: str, verdict: str, *, after: str = "", before: str = ""
) -> Page:
    """The subjects of an area with a verdict (empty = any) on an item, in the order of village and code.

    An evaluation counts a household where it lived on the day judged, so that list and tally agree for good. What it is
    called is told by the grants of today: a household that has moved out of them since stays on the list as a row
    without code and facts. ``after`` and ``before`` are those of the neighbouring page. Raises Missing outside the
    grants and for a name that does not exist.
    """
    known = item == OVERALL or item in run.items
    if not may_view(actor, version, run.level) or not known or (verdict and verdict not in LETTERS):
        raise _no_list()
    closed = asked_of(actor, run, version.path, item, verdict)
    place = as_of_day(version, run)
    if run.level != "household":
        return _areas(run, place, item, verdict, after, before)
    after, before = _edge_code(actor, after), _edge_code(actor, before)
    return _told(actor, _households(run, place, item, verdict, after, before), closed)


def _told(actor: Actor, page: Page, closed: frozenset[str]) -> Page:
    """A page as the actor may be told of it."""
    opened = register.opened_households(actor, [row.subject_id for row in page.rows])
    told = (replace(row, verdicts=told_verdicts(row.verdicts, closed)) for row in page.rows)
    rows = [row if row.subject_id in opened else replace(row, code="", shown={}) for row in told]
    names = [row.code or f"{_BY_ID}{row.subject_id}" for row in rows]
    return replace(page, rows=rows, after=names[-1] if page.after else "", before=names[0] if page.before else "")


_BY_ID = "id:"  # begins the name of an edge whose code may not be told


def _edge_code(actor: Actor, edge: str) -> str:
    """The code behind the name of an edge. A code must be one that the actor may know: whether it stands on the list
    would tell where the household lived."""
    if not edge:
        return ""
    number = edge.removeprefix(_BY_ID)
    if number != edge:
        valid = number.isascii() and number.isdigit() and len(number) < 18
        found = Household.objects.filter(pk=int(number)).values_list("code", flat=True).first() if valid else None
    else:
        key = register.household_id_of(edge)
        found = edge if key is not None and register.opened_households(actor, [key]) else None
    if found is None:
        raise _no_list()
    return str(found)


def _no_list() -> Missing:
    return Missing("no_such_list", "没有这份名单。", "There is no such list.")


def _matching(run: Evaluation, item: str, verdict: str) -> QuerySet[Verdict]:
    """Verdict rows of an evaluation with that verdict on the item."""
    found = Verdict.objects.filter(evaluation=run)
    if not verdict:
        return found
    position = 1 if item == OVERALL else 2 + run.items.index(item)
    return found.annotate(letter=Substr("letters", position, 1)).filter(letter=LETTERS[verdict])


def _page(run: Evaluation, found: list[tuple[str, Verdict]], skipped: int, total: int) -> Page:
    """A page of the (code, verdict row) pairs, of which ``skipped`` stand on the pages before."""
    shown = [shown["name"] for shown in run.shown]
    rows = [
        Row(
            row.subject_id,
            code,
            row.area_id,
            {key: WORDS[letter] for key, letter in zip((OVERALL, *run.items), row.letters, strict=True)},
            dict(zip(shown, row.shown.split("|"), strict=False)),
        )
        for code, row in found
    ]
    more = skipped + len(rows) < total
    return Page(
        rows, total, skipped + 1, after=rows[-1].code if rows and more else "", before=rows[0].code if skipped else ""
    )


def _edge(codes: list[str], after: str, before: str) -> int:
    """How many of the codes stand before the page that begins behind ``after``, or ends in front of ``before``."""
    if before:
        return max(0, bisect_left(codes, before) - PAGE)
    return bisect_right(codes, after) if after else 0


def _areas(run: Evaluation, place: AreaVersion, item: str, verdict: str, after: str, before: str) -> Page:
    inside = _inside(run, place).filter(level=run.level)
    codes = dict(inside.values_list("area_id", "code"))
    found = _matching(run, item, verdict).filter(subject_id__in=inside.values("area_id"))
    pairs = sorted(((codes[row.subject_id], row) for row in found), key=lambda pair: pair[0])
    start = _edge([code for code, _row in pairs], after, before)
    return _page(run, pairs[start : start + PAGE], start, len(pairs))


def _households(run: Evaluation, place: AreaVersion, item: str, verdict: str, after: str, before: str) -> Page:
    """Which villages a page touches follows from the tallies; only their households are read."""
    villages = list(_inside(run, place).filter(level="village").order_by("code").values_list("area_id", flat=True))
    tallies = AreaTally.objects.filter(evaluation=run, item=item, area_id__in=_inside(run, place).values("area_id"))
    counts = {row.area_id: Counts(row.met, row.not_met, row.unknown, row.not_applicable).of(verdict) for row in tallies}
    listed = [area_id for area_id in villages if counts.get(area_id)]
    ends = list(accumulate(counts[area_id] for area_id in listed))
    total = ends[-1] if ends else 0
    skipped = _skipped(run, item, verdict, listed, ends, after or before, is_before=bool(before))
    first = bisect_right(ends, skipped)
    last = bisect_left(ends, min(total, skipped + PAGE))
    found = [pair for area_id in _runs(listed[first : last + 1]) for pair in _of_villages(run, item, verdict, area_id)]
    offset = skipped - (ends[first - 1] if first else 0)
    return _page(run, found[offset : offset + PAGE], skipped, total)


def _skipped(
    run: Evaluation, item: str, verdict: str, listed: list[int], ends: list[int], code: str, *, is_before: bool
) -> int:
    """How many of the list stand before the page at the edge of which the household ``code`` is."""
    if not code:
        return 0
    area_id = (
        Verdict.objects.filter(evaluation=run, subject_id__in=Household.objects.filter(code=code).values("id"))
        .values_list("area_id", flat=True)
        .first()
    )
    if area_id not in listed:
        raise _no_list()
    at = listed.index(area_id)
    codes = [each for each, _row in _of_villages(run, item, verdict, [area_id])]
    before = ends[at - 1] if at else 0
    return max(0, before + bisect_left(codes, code) - PAGE) if is_before else before + bisect_right(codes, code)


def _runs(area_ids: list[int], size: int = 20) -> list[list[int]]:
    return [area_ids[at : at + size] for at in range(0, len(area_ids), size)]


def _of_villages(run: Evaluation, item: str, verdict: str, area_ids: list[int]) -> list[tuple[str, Verdict]]:
    """The matching households of some villages as (code, row), village by village in the order given."""
    living = Residence.objects.filter(area_id__in=area_ids).values("household_id")
    rows = list(_matching(run, item, verdict).filter(subject_id__in=living, area_id__in=area_ids))
    codes = dict(Household.objects.filter(id__in=living).values_list("id", "code"))
    order = {area_id: at for at, area_id in enumerate(area_ids)}
    return sorted(((codes[row.subject_id], row) for row in rows), key=lambda pair: (order[pair[1].area_id], pair[0]))


def _inside(run: Evaluation, place: AreaVersion) -> QuerySet[AreaVersion]:
    """The areas of the day; with those whose end by that day was recorded only after the evaluation was made: it
    counted them, so that its lists and its numbers agree."""
    low, high = register.subtree(place)
    late = AreaMap.objects.filter(
        STANDING, area_id=OuterRef("area_id"), day=OuterRef("valid_to"), ended=True, event__at__gt=run.started_at
    )
    then = register.on_day(run.day) | (Q(valid_to__lte=run.day) & Exists(late))
    return AreaVersion.objects.filter(then, path__gte=low, path__lt=high)
