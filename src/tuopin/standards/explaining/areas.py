"""Why an area above the village has its verdicts: from the stored evaluation, its own rows, and what was added up.

Nothing below is read row by row: the numbers that a county's standard counts were kept with its verdict, how many
villages and households have which verdict stands in figures, and the first of those that fail are asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, Subquery

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import FROM_LETTER, wording
from tuopin.core.standards.abridging import Abridged, abridge, explain_stored
from tuopin.core.standards.explaining import Cell, Counted, Member
from tuopin.core.standards.reaching import groups_of, statuses_of
from tuopin.platform.access import visible_ids, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, HouseholdCard, Residence, StatusPeriod
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import on_day, within
from tuopin.standards import results
from tuopin.standards.area_figures import read as read_figures
from tuopin.standards.explaining import grounds
from tuopin.standards.explaining.reasons import prepared_of
from tuopin.standards.models import AreaFigures, Verdict
from tuopin.standards.packs import get_prepared

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from tuopin.core.language.catalogue import FactTable
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.explaining import SubjectExplanation
    from tuopin.core.standards.verdicts import Verdict as Verdicted
    from tuopin.platform.access import Actor
    from tuopin.standards.explaining.grounds import Evidence, Key
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import Counts

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
    each full list stands ('' where the reader sees none). ``persons``: what the incidence of the area counts."""

    run: Evaluation
    title: Title
    unit: Title
    counts: Counts
    failing: tuple[Failing, ...]
    unknown: tuple[Failing, ...]
    lists: Mapping[str, str]
    persons: tuple[tuple[Title, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OfArea:
    """What an evaluation's explanation of an area consists of. ``members``: households that it counts, as (id, code,
    name), by the index that the explanation gives them."""

    explanation: SubjectExplanation
    evidence: dict[Key, Evidence]
    members: tuple[tuple[int, str, str], ...]


class AreaReader:
    """Explains one area by several evaluations: what they share is read once."""

    def __init__(self, actor: Actor, area_id: int, code: str, path: str) -> None:
        self._actor, self._area_id, self._code, self._path = actor, area_id, code, path
        self._rows: dict[datetime.date, grounds.Rows] = {}
        self._verdicts: dict[int, tuple[str, str]] = {}
        self._statuses: dict[datetime.date, list[tuple[int, str | None]]] = {}

    def prefetch(self, runs: Sequence[Evaluation]) -> None:
        """Read what the evaluations stored of the area: one query for all of them."""
        rows = Verdict.objects.filter(evaluation__in=runs, subject_id=self._area_id)
        self._verdicts = {
            number: (letters, shown) for number, letters, shown in rows.values_list("evaluation_id", "letters", "shown")
        }

    def explain(self, prepared: Prepared, run: Evaluation) -> OfArea:
        """Raises Missing where the evaluation did not judge the area, or the pack has other items since."""
        if run.pk not in self._verdicts:
            self.prefetch([run])
        verdicts, shown = self._stored(prepared, run)
        abridged, level = _abridged(prepared), prepared.standard.level
        rows = self._rows.setdefault(prepared.day, grounds.Rows(self._area_id, prepared.day))
        own, evidence = _own(abridged, level, self._area_id, rows)
        found = explain_stored(abridged, verdicts, shown, own)
        found = _with_companions(found, prepared, rows)
        members: tuple[tuple[int, str, str], ...] = ()
        if level == "village":
            found, members = self._with_counted(found, prepared)
        return OfArea(found, evidence, members)

    def _stored(self, prepared: Prepared, run: Evaluation) -> tuple[dict[str, Verdicted], dict[str, str | None]]:
        row = self._verdicts.get(run.pk)
        if row is None:
            raise Missing(
                "not_judged", f"{self._code} 在 {run.day} 没有判定。",
                f"{self._code} was not judged on {run.day}.", subject=self._code,
            )  # fmt: skip
        letters, texts = row
        verdicts = dict(zip(("overall", *run.items), (FROM_LETTER[letter] for letter in letters), strict=True))
        if not {item.key for item in prepared.items} <= verdicts.keys():
            raise Missing(
                "pack_changed", f"{self._code} 的标准包在核查后有改动，请重新核查。",
                f"The pack has changed since {self._code} was evaluated: evaluate again.", subject=self._code,
            )  # fmt: skip
        pairs = zip(run.shown, texts.split("|") if run.shown else [], strict=True)
        return verdicts, {fact["name"]: text or None for fact, text in pairs}

    def _with_counted(
        self, found: SubjectExplanation, prepared: Prepared
    ) -> tuple[SubjectExplanation, tuple[tuple[int, str, str], ...]]:
        """Of a village, the households whom its values count, where that is by status: two queries for all items."""
        groups = {item.key: groups_of(prepared, item) for item in prepared.items}
        by_status = {key: [(name, chosen) for name in names if (chosen := self._chosen(prepared, name))]
                     for key, names in groups.items()}  # fmt: skip
        if not any(by_status.values()):
            return found, ()
        statuses = self._of_village(prepared.day)
        counted: dict[str, tuple[Counted, ...]] = {}
        ids: dict[int, int] = {}
        for item in found.items:
            if item.verdict != "not_applicable":
                counted[item.key] = tuple(
                    self._counted(prepared, name, chosen, statuses, ids) for name, chosen in by_status[item.key]
                )
        called = _called_households(self._actor, list(ids))
        members = tuple((key, *called.get(key, ("", ""))) for key in ids)
        items = tuple(replace(item, counted=counted.get(item.key, ())) for item in found.items)
        return replace(found, items=items), members

    def _chosen(self, prepared: Prepared, group: str) -> tuple[str, ...]:
        spec = prepared.standard.groups[group]
        return statuses_of(spec.where.root) if spec.source == "household" else ()

    def _of_village(self, day: datetime.date) -> list[tuple[int, str | None]]:
        """(household, registration) of all who lived there on the day."""
        if day not in self._statuses:
            status = StatusPeriod.objects.filter(
                on_day(day), household_id=OuterRef("household_id"), axis="registration"
            ).order_by("-valid_from")
            living = Residence.objects.filter(on_day(day), area_id=self._area_id)
            found = living.annotate(status=Subquery(status.values("value")[:1])).order_by("household_id")
            self._statuses[day] = list(found.values_list("household_id", "status"))
        return self._statuses[day]

    def _counted(
        self, prepared: Prepared, group: str, chosen: tuple[str, ...], statuses: list[tuple[int, str | None]],
        ids: dict[int, int],
    ) -> Counted:  # fmt: skip
        sure = [(key, value) for key, value in statuses if value in chosen]
        unsure = [(key, value) for key, value in statuses if not value]
        fact = next(each.fact for each in prepared.catalogue.periods if each.fact.name == "registration")
        members = tuple(
            Member(
                "household", ids.setdefault(key, len(ids)), bool(value),
                (Cell("registration", fact.title, wording.cell(fact, value or None), "registration",
                      fact.field_class, blank=not value),),
            )
            for key, value in (*sure[:FIRST], *unsure[:FIRST])
        )  # fmt: skip
        title = prepared.standard.groups[group].title
        return Counted(group, title, "household", len(sure), len(unsure), members)


def _abridged(prepared: Prepared) -> Abridged:
    return _kept(prepared.pack.digest, prepared.pack.key, prepared.standard.key, prepared.day)


@lru_cache(maxsize=64)
def _kept(_digest: str, pack: str, standard: str, day: datetime.date) -> Abridged:
    return abridge(get_prepared(pack, standard, day))


def _own(
    abridged: Abridged, level: str, area_id: int, rows: grounds.Rows
) -> tuple[dict[str, object], dict[Key, Evidence]]:
    """The area's own facts as they stand on the day, and where each block stands: one query a block."""
    own: dict[str, object] = dict.fromkeys(abridged.needs)
    evidence: dict[Key, Evidence] = {}
    absent = abridged.own.program.absent_needs.get(level, ()) if abridged.own is not None else ()
    for table in abridged.whole.catalogue.tables:
        facts = [fact for fact in table.facts if fact.name in own]
        row = rows.of(table) if table.level == level and facts else None
        if row is None:
            continue
        evidence[level, area_id, table.name] = grounds.of_row(row)
        own[f"{table.name}__as_of"] = row.as_of
        columns = row.sheet.columns if row.sheet is not None else None
        for fact in facts:
            value = getattr(row, fact.db_column)
            if value is None and fact.name in absent and columns is not None and fact.name not in columns:
                del own[fact.name]  # the workbook did not have the column
            else:
                own[fact.name] = None if value == "" else value
    return own, evidence


def _with_companions(found: SubjectExplanation, prepared: Prepared, rows: grounds.Rows) -> SubjectExplanation:
    """Beside a rate that a survey found, the ends of its interval, its sample and what the survey was."""
    companions: dict[str, tuple[Cell, ...]] = {}
    names = {cell.name: cell.block for item in found.items for cell in item.cells}
    for table in prepared.catalogue.tables:
        facts = {fact.name for fact in table.facts}
        wanted = {name: _beside(name, facts) for name, block in names.items() if block == table.name}
        if table.level == prepared.standard.level and any(wanted.values()):
            row = rows.of(table)
            companions |= {name: _cells(table, row, beside) for name, beside in wanted.items()}
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


def below(actor: Actor, version: AreaVersion, runs: Sequence[Evaluation]) -> tuple[Below, ...]:
    """The exit standards of the levels below an area among ``runs``, the nearest level first: one query, and three for
    the level of which the first are named (villages of a county, households of a village)."""
    levels = _LEVELS[: _LEVELS.index(version.level)] if version.level in _LEVELS else ()
    chosen = [run for run in runs if run.level in levels and results.is_exit(run)]
    chosen.sort(key=lambda run: -_LEVELS.index(run.level))
    stored = dict(
        AreaFigures.objects.filter(evaluation__in=chosen, area_id=version.area_id).values_list(
            "evaluation_id", "counts"
        )
    )
    named = "household" if version.level == "village" else "village"
    found = []
    for run in chosen:
        if run.pk not in stored:
            continue
        counts = results.Counts(*read_figures(stored[run.pk]).tally.get(results.OVERALL, (0, 0, 0, 0)))
        sees = results.may_view(actor, version, run.level)
        lists = {
            verdict: results.list_address(run, version.code, verdict=verdict)
            for verdict in ("", "not_met", "unknown")
            if sees and counts.of(verdict)
        }
        prepared = prepared_of(run)
        title = prepared.standard.title if prepared else Title(run.standard, run.standard)
        who = _first(actor, run, version, counts, prepared) if sees and run.level == named else {}
        persons = _persons(stored[run.pk])
        found.append(
            Below(
                run, title, wording.unit(run.level), counts, who.get("not_met", ()), who.get("unknown", ()), lists,
                persons,
            )
        )  # fmt: skip
    return tuple(found)


def _persons(figures: Mapping[str, Any]) -> tuple[tuple[Title, int], ...]:
    """The persons behind the incidence, as the evaluation added them up: by status, and whose status is not known."""
    incidence = figures.get("incidence")
    sums = incidence.get("all") if isinstance(incidence, dict) else None
    if not isinstance(sums, dict) or not isinstance(incidence, dict):
        return ()
    found = [
        (Title("未脱贫人口", "persons not exited"), int(sums.get("unexited", 0))),
        (Title("脱贫属性未知的人口", "persons of unknown status"), int(sums.get("unclear", 0))),
        (Title("总人口空白的村", "villages without a population"), int(incidence.get("unpopulated", 0))),
    ]
    return tuple(each for at, each in enumerate(found) if at == 0 or each[1])


def _first(
    actor: Actor, run: Evaluation, version: AreaVersion, counts: Counts, prepared: Prepared | None
) -> dict[str, tuple[Failing, ...]]:
    """The first of an area, by id, that are not met and unknown, each with the items that say so."""
    place = results.as_of_day(version, run)
    low, high = register.subtree(place)
    inside = AreaVersion.objects.filter(on_day(run.day), path__gte=low, path__lt=high, level="village")
    listed: dict[str, list[tuple[int, str]]] = {}
    for verdict in ("not_met", "unknown"):
        if counts.of(verdict):
            found = Verdict.objects.filter(evaluation=run, area_id__in=inside.values("area_id"))
            found = found.filter(letters__startswith=results.LETTERS[verdict]).order_by("subject_id")
            listed[verdict] = list(found.values_list("subject_id", "letters")[:FIRST])
    called = _called(actor, run, [key for rows in listed.values() for key, _letters in rows])
    titles = {item.key: item.item.short for item in prepared.items} if prepared else {}
    return {
        verdict: tuple(
            Failing(
                *called.get(key, ("", "")), verdict,
                tuple(
                    titles.get(item, Title(item, item))
                    for item, letter in zip(run.items, letters[1:], strict=True) if letter == results.LETTERS[verdict]
                ),
            )
            for key, letters in rows
        )
        for verdict, rows in listed.items()
    }  # fmt: skip


def _called(actor: Actor, run: Evaluation, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and name of subjects, as far as the grants of today open them."""
    if run.level == "household":
        return _called_households(actor, ids)
    areas = AreaVersion.objects.filter(on_day(run.day), area_id__in=ids)
    return {key: (code, name) for key, code, name in areas.values_list("area_id", "code", "name")}


def _called_households(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and head of households that the actor may open today, by where they live now: one query. One that has left
    the register is called by nobody here."""
    if not ids:
        return {}
    ranges = visible_paths(actor, VIEW_HOUSEHOLD)
    opened = within(ranges)
    if ranges is not None:
        opened |= Q(pk__in=visible_ids(actor, VIEW_HOUSEHOLD, "household"))
    cards = HouseholdCard.objects.filter(opened, pk__in=ids)
    return {key: (code, name) for key, code, name in cards.values_list("pk", "code", "head_name")}


def households_called(actor: Actor, ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Codes and names of the heads of some households that the actor may open today; the others stay nameless."""
    found = _called_households(actor, ids)
    return {key: code for key, (code, _name) in found.items()}, {key: name for key, (_code, name) in found.items()}
