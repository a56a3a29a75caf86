"""The incidences of an area and of those below it, from the newest evaluation by the exit standard of households."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tuopin.core.language.syntax import Compare, Name
from tuopin.core.standards.incidence import FACTS, OPERATORS, Basics, County, Persons, Rate, side_by_side
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.problems import Problem
from tuopin.standards import results
from tuopin.standards.area_figures import of_areas
from tuopin.standards.incidence_sums import SURVEYED
from tuopin.standards.packs import get_pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.incidence import Incidence, IncidenceKind
    from tuopin.core.standards.verdicts import Verdict
    from tuopin.register.models import AreaVersion
    from tuopin.standards.models import Evaluation


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that a standard sets to one reading: ``incidence <operator> value``."""

    kind: IncidenceKind
    operator: str
    value: Fraction
    standard: Title
    source: str


@dataclass(frozen=True, slots=True)
class OfArea:
    """The readings of one area; ``limits`` are those of the pack's standards of its level, ``surveyed`` the days of the
    surveys of its counties."""

    area: AreaVersion
    readings: tuple[Incidence, ...]
    limits: tuple[Limit, ...]
    surveyed: tuple[datetime.date, ...] = ()

    def of(self, kind: IncidenceKind) -> Incidence | None:
        return next((each for each in self.readings if each.kind == kind), None)

    def verdicts(self, reading: Incidence) -> list[tuple[Limit, Verdict]]:
        """The limits of this reading, and how it stands to each."""
        return [(each, reading.against(each.operator, each.value)) for each in self.limits if each.kind == reading.kind]


@dataclass(frozen=True, slots=True)
class Found:
    """``own``: the area itself, ``below``: the areas under it that hold households."""

    run: Evaluation
    own: OfArea
    below: tuple[OfArea, ...]


def of_area(version: AreaVersion, below: Sequence[AreaVersion] = ()) -> Found | None:
    """The incidences of an area and of some areas below; None before an evaluation kept them. Two queries."""
    run = next(
        (each for each in reversed(results.newest(version, CONDITIONS.key))
         if each.level == "household" and results.is_exit(each)),
        None,
    )  # fmt: skip
    if run is None:
        return None
    figures = of_areas(run, [version.area_id, *(each.area_id for each in below)])
    sums = {area_id: each.incidence for area_id, each in figures.items() if each.incidence is not None}
    if version.area_id not in sums:
        return None
    limits = {level: limits_of(run, level) for level in {version.level, *(each.level for each in below)}}

    def one(each: AreaVersion) -> OfArea:
        found = basics(sums[each.area_id], each.level)
        days = tuple(county.surveyed for county in found.counties if county.surveyed is not None)
        return OfArea(each, side_by_side(found), limits[each.level], days)

    return Found(run, one(version), tuple(one(each) for each in below if each.area_id in sums))


def basics(row: Mapping[str, Any], level: str) -> Basics:
    """What is stored of an area of a level; below a county no figures of counties count."""
    names = Persons.__dataclass_fields__
    counties = [] if level in ("village", "township") else row.get("counties", [])
    return Basics(
        Persons(**{name: row["all"][name] for name in names}),
        Persons(**{name: row["counted"][name] for name in names}),
        row["population"], row["villages"], row["unpopulated"],
        tuple(_county(each) for each in counties), row["form"], row["formed"],
    )  # fmt: skip


def _county(row: Sequence[Any]) -> County:
    _area, rural, unexited, exited, unclear, *rates, surveyed = row
    at = dict(zip(SURVEYED, rates, strict=True))
    missed, wrong = (
        Rate(at[name], at[f"{name}_low"], at[f"{name}_high"]) for name in ("missed_rate", "wrong_exit_rate")
    )
    return County(rural, unexited or 0, exited or 0, unclear or 0, missed, wrong,
                  datetime.date.fromisoformat(surveyed) if surveyed else None)  # fmt: skip


def limits_of(run: Evaluation, level: str) -> tuple[Limit, ...]:
    """The limits of incidence in the standards of a level, in the pack of an evaluation, on its day. A standard says
    which reading it tests by the name of the fact (:data:`tuopin.core.standards.incidence.FACTS`)."""
    try:
        pack = get_pack(run.pack)
    except Problem:
        return ()
    found = []
    for standard in pack.standards.values():
        for item in standard.items if standard.level == level and standard.kind is CONDITIONS else ():
            root = item.test.root
            match root:
                case Compare(operator=operator, left=Name(name=fact), right=Name(name=limit)) if (
                    fact in FACTS and operator in OPERATORS
                ):
                    value = pack.parameters[limit].on(run.day) if limit in pack.parameters else None
                    if value is not None:
                        exact = Fraction(value.value, 10 ** pack.parameters[limit].scale)
                        found.append(Limit(FACTS[fact], operator, exact, standard.title, item.source))
                case _:
                    continue
    return tuple(found)
