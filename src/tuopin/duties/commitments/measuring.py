"""Whether commitments are honoured, by figures: of stored evaluations, and of the register on the day promised.

A figure counts when it is of the day promised or later: the first evaluation from then on, the register of that very
day. What the register cannot tell of that day, because no import describes it yet, is unknown. Commitments are taken as
sets: the number of statements does not grow with them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection

from tuopin.register import counting
from tuopin.register.areas import ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, StatusPeriod
from tuopin.register.selectors import on_day
from tuopin.standards.area_figures import read
from tuopin.standards.models import AreaFigures, Evaluation, Verdict

from .measures import HUNDRED, STANDARD, measures
from .models import CommitmentJudgement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tuopin.standards.area_figures import Figures

    from .measures import Measure
    from .models import Commitment, CommitmentTarget

UNEXITED = ("registered", "exit_proposed", "returned")
type State = Literal["met", "not_met", "unknown", "ahead", "unjudged"]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a target. ``low`` and ``high`` in hundredths, None = nothing is known; ``day``: of the figures.
    ``state``: ``ahead`` until the day is over, ``unjudged`` of words until somebody has said whether they were kept."""

    state: State
    low: int | None = None
    high: int | None = None
    day: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One figure to look up. ``path`` of the area, ``household`` None for an area."""

    target: CommitmentTarget
    measure: Measure
    area_id: int
    path: str
    household: int | None


def found_of(commitments: Sequence[Commitment], targets: Iterable[CommitmentTarget], today: date) -> dict[int, Found]:
    """What was found of each target, by its id."""
    by_id = {each.pk: each for each in commitments}
    paths = _paths({each.area_id for each in commitments})
    found: dict[int, Found] = {}
    asked, words = [], []
    for each in targets:
        if each.kind == "words":
            words.append(each)
            continue
        measure = _measure(each)
        if measure is None:
            found[each.pk] = Found("unknown")
            continue
        of = by_id[each.commitment_id]
        asked.append(_Asked(each, measure, of.area_id, paths.get(of.area_id, ""), of.household_id))
    found |= _judged_by_people(words, today)
    found |= _evaluated([each for each in asked if each.measure.standard], today)
    return found | _counted([each for each in asked if not each.measure.standard], today)


def _judged_by_people(targets: Sequence[CommitmentTarget], today: date) -> dict[int, Found]:
    """What was said last of targets in words: one statement."""
    if not targets:
        return {}
    rows = CommitmentJudgement.objects.filter(target_id__in=listed(each.pk for each in targets)).order_by("pk")
    said = {key: (met, day) for key, met, day in rows.values_list("target_id", "met", "day")}
    found = {}
    for each in targets:
        met, day = said.get(each.pk, (None, None))
        if met is not None and day is not None:
            found[each.pk] = Found("met" if met else "not_met", day=day.isoformat())
        else:
            found[each.pk] = Found("ahead" if today <= each.day else "unjudged")
    return found


def _measure(target: CommitmentTarget) -> Measure | None:
    """By what a target is measured; a node by the standard that shows whether it is reached."""
    if target.kind == "figure":
        return measures().get(target.measure)
    if target.kind == "node":
        _key, _, standard = target.measure.partition(":")
        if standard:
            return _of_node(standard)
    return None


def _of_node(standard: str) -> Measure:
    base = measures()["unmet"]
    return (
        base
        if standard == STANDARD
        else type(base)(f"node:{standard}", base.title, base.unit, at_most=True, standard=standard, part="unmet")
    )


def _paths(area_ids: Iterable[int]) -> dict[int, str]:
    """Where areas lie, or lay last."""
    rows = AreaVersion.objects.filter(area_id__in=listed(area_ids)).order_by("valid_from")
    return dict(rows.values_list("area_id", "path"))


def judged(target: CommitmentTarget, low: int | None, high: int | None, day: date | None, today: date) -> Found:
    """A target against an interval, three-valued."""
    shown = day.isoformat() if day is not None else ""
    if today <= target.day:
        return Found("ahead", low, high, shown)
    if low is None or high is None or target.value is None or day is None or day < target.day:
        return Found("unknown", low, high, shown)
    if target.at_most:
        state: State = "met" if high <= target.value else "not_met" if low > target.value else "unknown"
    else:
        state = "met" if low >= target.value else "not_met" if high < target.value else "unknown"
    return Found(state, low, high, shown)


# -- evaluations --------------------------------------------------------------------------------------------------


def _evaluated(asked: Sequence[_Asked], today: date) -> dict[int, Found]:
    """Figures of stored evaluations: three statements."""
    if not asked:
        return {}
    runs = list(
        Evaluation.objects.filter(standard__in={each.measure.standard for each in asked})
        .order_by("-day", "-pk")
        .only("pk", "standard", "day", "area_id", "items")
    )
    chosen = {each.target.pk: _run(runs, each, today) for each in asked}
    used = {run.pk for run in chosen.values() if run is not None}
    areas = {each.area_id for each in asked if each.household is None}
    rows = AreaFigures.objects.filter(evaluation_id__in=used, area_id__in=listed(areas))
    figures = {
        (run, area): read(counts) for run, area, counts in rows.values_list("evaluation_id", "area_id", "counts")
    }
    homes = {each.household for each in asked if each.household is not None}
    letters = _letters(used, homes)
    found = {}
    for each in asked:
        run = chosen[each.target.pk]
        low: int | None = None
        high: int | None = None
        if run is not None and each.household is not None:
            low, high = _BY_LETTER.get(letters.get((run.pk, each.household), ""), (None, None))
        elif run is not None:
            low, high = _interval(figures.get((run.pk, each.area_id)), each.measure)
        target = each.target
        if target.kind == "node":
            target = _as_figure(target)
        found[each.target.pk] = judged(target, low, high, run.day if run else None, today)
    return found


_BY_LETTER: Mapping[str, tuple[int, int]] = {"m": (0, 0), "a": (0, 0), "n": (HUNDRED, HUNDRED), "u": (0, HUNDRED)}
"""How many of one household are below the standard."""


def _as_figure(target: CommitmentTarget) -> CommitmentTarget:
    """A node is reached when nothing is left."""
    return type(target)(pk=target.pk, kind="figure", at_most=True, value=0, day=target.day)


def _run(runs: Sequence[Evaluation], each: _Asked, today: date) -> Evaluation | None:
    """The first evaluation of the area from the day promised on (of one day the newest); before that day is over, or
    where there is none, the newest there is."""
    above = set(ids(each.path))
    fitting = [
        run for run in runs
        if run.standard == each.measure.standard and (run.area_id is None or run.area_id in above)
    ]  # fmt: skip
    since = [run for run in fitting if run.day >= each.target.day]
    if today > each.target.day and since:
        first = since[-1].day
        return next(run for run in since if run.day == first)
    return fitting[0] if fitting else None


def _letters(runs: Iterable[int], households: Iterable[int]) -> dict[tuple[int, int], str]:
    rows = Verdict.objects.filter(evaluation_id__in=list(runs), subject_id__in=listed(households))
    return {
        (run, subject): text[:1] for run, subject, text in rows.values_list("evaluation_id", "subject_id", "letters")
    }


def _interval(figures: Figures | None, measure: Measure) -> tuple[int | None, int | None]:
    """A figure of an area in hundredths: both ends, as far apart as what is unknown makes them."""
    if figures is None:
        return None, None
    if measure.part == "incidence":
        if figures.persons is None or not figures.persons[1]:
            return None, None
        low, population, _villages, unknown = figures.persons
        if unknown:
            return None, None
        return _percent(low, population)
    met, not_met, unknown, _none = figures.tally.get(measure.item or "overall", (0, 0, 0, 0))
    if measure.part == "unmet":
        return not_met * HUNDRED, (not_met + unknown) * HUNDRED
    total = met + not_met + unknown
    if not total:
        return None, None
    return _percent(met, total)[0], _percent(met + unknown, total)[1]


def _percent(part: int, whole: int) -> tuple[int, int]:
    """Hundredths of a per cent rounded down and up: a limit is never passed by rounding."""
    scaled = part * 100 * HUNDRED
    return scaled // whole, -(-scaled // whole)


# -- the register -------------------------------------------------------------------------------------------------

_COUNTS = """
SELECT v.path, s.value, count(*) FROM register_residence r
JOIN register_area_version v ON v.area_id = r.area_id AND v.valid_from <= %(on)s
  AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
JOIN register_status_period s ON s.household_id = r.household_id AND s.axis = 'registration'
  AND s.valid_from <= %(on)s AND (s.valid_to IS NULL OR s.valid_to > %(on)s)
WHERE r.valid_from <= %(on)s AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
GROUP BY v.path, s.value"""


def _counted(asked: Sequence[_Asked], today: date) -> dict[int, Found]:
    """Counts of the register on the day promised, or as it stands before that: one statement a day asked for, two for
    households."""
    if not asked:
        return {}
    known = counting.as_of()
    days: dict[date, list[_Asked]] = defaultdict(list)
    for each in asked:
        days[min(each.target.day, known)].append(each)
    found = {}
    for day, some in days.items():
        counts = _by_area(day) if any(each.household is None for each in some) else {}
        statuses = _statuses([each.household for each in some if each.household is not None], day)
        for each in some:
            wanted = UNEXITED if each.measure.key == "unexited" else ("exited",)
            number: int | None
            if each.household is not None:
                status = statuses.get(each.household)
                number = None if status is None else HUNDRED * (status in wanted)
            else:
                held = counts.get(each.area_id)
                number = None if held is None else HUNDRED * sum(held.get(key, 0) for key in wanted)
            found[each.target.pk] = judged(each.target, number, number, day, today)
    return found


def _by_area(day: date) -> dict[int, dict[str, int]]:
    """Households by area (of every level) and status on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"on": str(day)})
        rows = cursor.fetchall()
    found: dict[int, dict[str, int]] = {}
    for path, status, count in rows:
        for area_id in ids(path):
            held = found.setdefault(area_id, {})
            held[status] = held.get(status, 0) + int(count)
    return found


def _statuses(households: Sequence[int], day: date) -> dict[int, str]:
    rows = StatusPeriod.objects.filter(on_day(day), household_id__in=listed(households), axis="registration")
    return dict(rows.values_list("household_id", "value"))
