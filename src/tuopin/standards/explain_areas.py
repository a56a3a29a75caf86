"""Why an area above the village has its verdicts: from the stored evaluation, its own rows, and what was added up.

Nothing below is read row by row: the numbers that a county's standard counts were kept with its verdict, how many
villages and households have which verdict stands in figures, and the first of those that fail are asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import FROM_LETTER, wording
from tuopin.core.standards.abridging import Abridged, abridge, explain_stored
from tuopin.core.standards.explaining import Cell
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.lists.filters import UNKNOWN as NO_STATUS
from tuopin.platform.problems import Missing, Problem
from tuopin.register import record
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, Household
from tuopin.register.selectors import on_day
from tuopin.standards import grounds, results
from tuopin.standards.area_figures import read as read_figures
from tuopin.standards.incidence_sums import UNEXITED
from tuopin.standards.models import AreaFigures, Verdict
from tuopin.standards.packs import get_prepared
from tuopin.standards.statements import Choice
from tuopin.standards.subject import Loaded, SubjectReader

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from tuopin.core.language.catalogue import FactTable
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.explaining import SubjectExplanation
    from tuopin.platform.access import Actor
    from tuopin.standards.grounds import Evidence, Key
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import Counts
    from tuopin.standards.subject import Source

FIRST = 10
"""So many of a list are named; the others are counted and linked."""

_LEVELS = ("household", "village", "township", "county", "city", "province", "nation")


@dataclass(frozen=True, slots=True)
class Failing:
    """Somebody below who is not met or unknown: the items that say so. ``code`` empty: not in the reader's grants."""

    code: str
    name: str
    verdict: str
    items: tuple[Title, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """How a standard of a level below stands in the area: counts, the first that are not met and unknown, and where
    each full list stands ('' where the reader sees none). ``persons``: what the incidence of the area counts, as
    (name, number, list)."""

    run: Evaluation
    title: Title
    unit: Title
    counts: Counts
    failing: tuple[Failing, ...]
    unknown: tuple[Failing, ...]
    lists: Mapping[str, str]
    persons: tuple[tuple[Title, int, str], ...] = ()


def explanation_of(
    prepared: Prepared, run: Evaluation, area_id: int, code: str, letters: str
) -> tuple[SubjectExplanation, dict[Key, Evidence]]:
    """The explanation of an area by an evaluation that judged it, and where its own values stand."""
    abridged, level = _abridged(prepared), prepared.standard.level
    row = Verdict.objects.filter(evaluation=run, subject_id=area_id).values_list("letters", "shown").first()
    if row is None:
        raise Missing(
            "not_judged", f"{code} 在 {run.day} 没有判定。", f"{code} was not judged on {run.day}.", subject=code
        )
    verdicts = dict(zip(("overall", *run.items), (FROM_LETTER[letter] for letter in letters or row[0]), strict=True))
    texts = row[1].split("|") if run.shown else []
    shown = {fact["name"]: text or None for fact, text in zip(run.shown, texts, strict=True)}
    known = {item.key for item in prepared.items}
    if not known <= verdicts.keys():  # the pack has other items than when it was evaluated
        raise Missing(
            "pack_changed", f"{code} 的标准包在核查后有改动，请重新核查。",
            f"The pack has changed since {code} was evaluated: evaluate again.", subject=code,
        )  # fmt: skip
    own, sources = _own(abridged, level, area_id)
    found = explain_stored(abridged, verdicts, shown, own)
    wanted = {(level, area_id, cell.block) for item in found.items for cell in item.cells}
    evidence = grounds.read(sources, None, prepared.catalogue, wanted)
    return _with_companions(found, prepared, area_id, evidence), evidence


def _abridged(prepared: Prepared) -> Abridged:
    return _kept(prepared.pack.digest, prepared.pack.key, prepared.standard.key, prepared.day)


@lru_cache(maxsize=64)
def _kept(_digest: str, pack: str, standard: str, day: datetime.date) -> Abridged:
    return abridge(get_prepared(pack, standard, day))


def _own(abridged: Abridged, level: str, area_id: int) -> tuple[dict[str, object], dict[Key, Source]]:
    """The area's own facts as they stand on the day, and where each block stands."""
    if abridged.own is None:
        return {}, {}
    nothing = Loaded({}, {}, {"given": {}}, {}, {})
    reader = SubjectReader(abridged.own, Choice(level, (area_id,)), nothing)
    subjects = reader.read()
    return (dict(subjects[0]) if subjects else {}), dict(reader.evidence)


def _with_companions(
    found: SubjectExplanation, prepared: Prepared, area_id: int, evidence: Mapping[Key, Evidence]
) -> SubjectExplanation:
    """Beside a rate that a survey found, the ends of its interval, its sample and what the survey was: one query a
    block that has such columns."""
    companions: dict[str, tuple[Cell, ...]] = {}
    names = {cell.name: cell.block for item in found.items for cell in item.cells}
    for table in prepared.catalogue.tables:
        key = (prepared.standard.level, area_id, table.name)
        asked = [name for name, block in names.items() if block == table.name and key in evidence]
        wanted = {name: _beside(name, {fact.name for fact in table.facts}) for name in asked}
        if not any(wanted.values()):
            continue
        row = grounds.row_of(table, area_id, evidence[key].as_of)
        for name, beside in wanted.items():
            companions[name] = _cells(table, row, beside)
    items = tuple(
        replace(item, cells=tuple(each for cell in item.cells for each in (cell, *companions.get(cell.name, ()))))
        for item in found.items
    )
    return replace(found, items=items)


def _beside(name: str, facts: set[str]) -> tuple[str, ...]:
    stem = name.removesuffix("_rate")
    listed = (f"{name}_low", f"{name}_high", f"{stem}_sample")
    return tuple(each for each in listed if each in facts)


def _cells(table: FactTable, row: object, names: tuple[str, ...]) -> tuple[Cell, ...]:
    facts = {fact.name: fact for fact in table.facts}
    values = [(name, getattr(row, facts[name].db_column, None)) for name in names]
    found = [
        Cell(
            name, facts[name].title, wording.cell(facts[name], value), table.name, facts[name].field_class, blank=False
        )
        for name, value in values
        if value is not None
    ]
    for name, title in _SURVEY.items() if names else ():
        if text := getattr(row, name, ""):
            found.append(Cell(name, title, Title(text, text), table.name, "general", blank=False))
    return tuple(found)


_SURVEY = {"survey_method": Title("调查方法", "method"), "survey_source": Title("调查来源", "survey")}


# -- what stands below ------------------------------------------------------------------------------------------------


def below(actor: Actor, version: AreaVersion) -> tuple[Below, ...]:
    """The exit standards of the levels below an area, the nearest level first: two queries, and three for the level of
    which the first are named (villages of a county, households of a village)."""
    levels = _LEVELS[: _LEVELS.index(version.level)] if version.level in _LEVELS else ()
    runs = [run for run in results.newest(version, CONDITIONS.key) if run.level in levels and results.is_exit(run)]
    runs.sort(key=lambda run: -_LEVELS.index(run.level))
    stored = {
        row.evaluation_id: row.counts
        for row in AreaFigures.objects.filter(evaluation__in=runs, area_id=version.area_id)
    }
    named = "household" if version.level == "village" else "village"
    found = []
    for run in runs:
        if run.pk not in stored:
            continue
        counts = results.Counts(*read_figures(stored[run.pk]).tally.get(results.OVERALL, (0, 0, 0, 0)))
        sees = results.may_view(actor, version, run.level)
        lists = {
            verdict: results.list_address(run, version.code, verdict=verdict)
            for verdict in ("", "not_met", "unknown")
            if sees and counts.of(verdict)
        }
        prepared = _prepared(run)
        failing, unknown = (
            _first(actor, run, version, verdict, prepared) if sees and run.level == named and counts.of(verdict) else ()
            for verdict in ("not_met", "unknown")
        )
        title = prepared.standard.title if prepared else Title(run.standard, run.standard)
        persons = _persons(stored[run.pk], version.code if sees and run.level == "household" else "")
        found.append(Below(run, title, wording.unit(run.level), counts, failing, unknown, lists, persons))
    return tuple(found)


def _persons(figures: Mapping[str, Any], code: str) -> tuple[tuple[Title, int, str], ...]:
    """The persons behind the incidence, as the evaluation added them up: by status, and whose status is not known."""
    incidence = figures.get("incidence")
    sums = incidence.get("all") if isinstance(incidence, dict) else None
    if not isinstance(sums, dict) or not isinstance(incidence, dict):
        return ()
    address = reverse("console:households", args=[code]) if code else ""
    left = f"{address}?{urlencode([('registration', each) for each in UNEXITED])}" if address else ""
    unclear = f"{address}?registration={NO_STATUS}" if address else ""
    found = [
        (Title("未脱贫人口", "persons not exited"), int(sums.get("unexited", 0)), left),
        (Title("脱贫属性未知的人口", "persons of unknown status"), int(sums.get("unclear", 0)), unclear),
        (Title("总人口空白的村", "villages without a population"), int(incidence.get("unpopulated", 0)), ""),
    ]
    return tuple(each for at, each in enumerate(found) if at == 0 or each[1])


def _prepared(run: Evaluation) -> Prepared | None:
    try:
        return get_prepared(run.pack, run.standard, run.day)
    except Problem:  # the pack is gone, or no longer loads
        return None


def _first(
    actor: Actor, run: Evaluation, version: AreaVersion, verdict: str, prepared: Prepared | None
) -> tuple[Failing, ...]:
    """The first of an area with an overall verdict, by id, each with the items that say so."""
    place = results.as_of_day(version, run)
    low, high = register.subtree(place)
    inside = AreaVersion.objects.filter(on_day(run.day), path__gte=low, path__lt=high, level="village")
    found = Verdict.objects.filter(evaluation=run, area_id__in=inside.values("area_id"))
    found = found.filter(letters__startswith=results.LETTERS[verdict]).order_by("subject_id")
    rows = list(found.values_list("subject_id", "letters")[:FIRST])
    codes, names = _called(actor, run, [key for key, _letters in rows])
    titles = {item.key: item.item.short for item in prepared.items} if prepared else {}
    letter = results.LETTERS[verdict]
    return tuple(
        Failing(
            codes.get(key, ""), names.get(key, ""), verdict,
            tuple(
                titles.get(item, Title(item, item))
                for item, found in zip(run.items, letters[1:], strict=True) if found == letter
            ),
        )
        for key, letters in rows
    )  # fmt: skip


def _called(actor: Actor, run: Evaluation, ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Codes and names of subjects, as far as the grants of today open them."""
    if run.level != "household":
        areas = AreaVersion.objects.filter(on_day(run.day), area_id__in=ids).values_list("area_id", "code", "name")
        listed = list(areas)
        return {key: code for key, code, _name in listed}, {key: name for key, _code, name in listed}
    return households_called(actor, ids, run.day)


def households_called(actor: Actor, ids: Sequence[int], day: datetime.date) -> tuple[dict[int, str], dict[int, str]]:
    """Codes and names of the heads of some households that the actor may open today; the others stay nameless."""
    opened = register.opened_households(actor, ids)
    codes = dict(Household.objects.filter(pk__in=opened).values_list("id", "code"))
    return codes, record.head_names(sorted(opened), day)
