"""Poverty incidence in its three readings, as exact quotients with what is missing (docs/methods/incidence.md).

Register incidence (建档立卡贫困发生率) counts persons by legal status, verdict incidence (判定贫困发生率) by the
verdicts of an exit standard, composite incidence (综合贫困发生率) adds what surveys find missed and wrongly exited.
Numerators are whole numbers of parts (:data:`PARTS` a person), so that those of parts add up to the whole; an interval
says between what and what the truth lies as long as something is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from tuopin.core.standards.verdicts import Verdict

type IncidenceKind = Literal["register", "verdict", "composite", "village_form"]
type Basis = Literal["rural", "population"]

PARTS = 10**6
"""Parts of a person: rates of surveys have six decimals."""

TITLES: Mapping[IncidenceKind, Title] = {
    "register": Title("建档立卡贫困发生率", "Register incidence"),
    "verdict": Title("判定贫困发生率", "Verdict incidence"),
    "composite": Title("综合贫困发生率", "Composite incidence"),
    "village_form": Title("村级算式（核对）", "Village form (cross-check)"),
}
FACTS: Mapping[str, IncidenceKind] = {
    "incidence": "register",
    "register_incidence": "register",
    "verdict_incidence": "verdict",
    "composite_incidence": "composite",
}
"""The names under which a standard's fact is one of the readings: a standard names the incidence it tests."""

METHODS: Mapping[tuple[IncidenceKind, Basis], Title] = {
    ("register", "rural"): Title("未脱贫人口 ÷ 农业户籍人口", "persons not exited ÷ registered rural population"),
    ("register", "population"): Title("未脱贫人口 ÷ 村总人口", "persons not exited ÷ population of the villages"),
    ("verdict", "rural"): Title("未达标户人口 ÷ 农业户籍人口", "persons of households not met ÷ rural population"),
    ("verdict", "population"): Title(
        "未达标户人口 ÷ 村总人口", "persons of households not met ÷ population of the villages"
    ),
    ("composite", "rural"): Title(
        "（未脱贫人口 + 错退率×已脱贫人口 + 漏评率×非建档立卡人口）÷ 农业户籍人口",
        "(not exited + wrong-exit rate × exited + exclusion error rate × not registered) ÷ rural population",
    ),
    ("village_form", "population"): Title(
        "（2013年底贫困人口 − 历年脱贫 + 新增 + 返贫）÷ 村总人口",
        "(poor at the end of 2013 − exited + added + fallen back) ÷ population of the villages",
    ),
}

_TESTS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}
OPERATORS = frozenset(_TESTS)
"""How an incidence can be held against a limit. ``==`` is none: of two ends that differ neither need equal it."""


@dataclass(frozen=True, slots=True)
class Incidence:
    """One reading. ``low`` and ``high`` are numerators in parts, ``estimate`` that of surveys (None where an interval
    is all there is); ``denominator`` persons. What is None or zero is unknown, and ``missing`` says why; ``notes`` say
    what the number leaves out."""

    kind: IncidenceKind
    basis: Basis
    low: int | None
    high: int | None
    estimate: int | None
    denominator: int | None
    missing: tuple[Title, ...] = ()
    notes: tuple[Title, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.low is not None and self.high is not None and bool(self.denominator)

    @property
    def method(self) -> Title:
        return METHODS[self.kind, self.basis]

    def _of(self, parts: int | None) -> Fraction | None:
        return Fraction(parts, PARTS * self.denominator) if parts is not None and self.denominator else None

    @property
    def lowest(self) -> Fraction | None:
        """The least that it can be, exactly; None if unknown."""
        return self._of(self.low)

    @property
    def highest(self) -> Fraction | None:
        """The most that it can be."""
        return self._of(self.high)

    @property
    def estimated(self) -> Fraction | None:
        """The estimate; where nothing is uncertain, the value itself."""
        return self._of(self.low if self.low == self.high else self.estimate)

    def against(self, operator: str, limit: Fraction) -> Verdict:
        """Whether it meets ``incidence <operator> limit`` (:data:`OPERATORS`), compared exactly: an interval that
        straddles is unknown."""
        if self.lowest is None or self.highest is None:
            return "unknown"
        found = {_TESTS[operator](end, limit) for end in (self.lowest, self.highest)}
        return "unknown" if len(found) > 1 else "met" if found.pop() else "not_met"


def percent_parts(value: Fraction | None) -> int | None:
    """Ten thousandths of a per cent, half up: four decimals kept (a rate rounded to whole per cents says nothing of
    2 %)."""
    return None if value is None else (value.numerator * 2 * 10**6 + value.denominator) // (2 * value.denominator)


def percent_text(value: Fraction | None) -> str | None:
    """In per cent with four decimals, without the sign."""
    parts = percent_parts(value)
    if parts is None:
        return None
    sign, parts = ("-", -parts) if parts < 0 else ("", parts)
    return f"{sign}{parts // 10**4}.{parts % 10**4:04d}"


# -- what they rest on --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons of an area's households: not exited, exited, of unknown status; of households that do not meet the
    standard, and of which that is unknown. ``memberless``: households of which nobody is listed."""

    unexited: int = 0
    exited: int = 0
    unclear: int = 0
    failing: int = 0
    doubtful: int = 0
    memberless: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """A surveyed rate in parts, with the ends of its interval where it has one."""

    estimate: int | None
    low: int | None = None
    high: int | None = None

    @property
    def ends(self) -> tuple[int, int] | None:
        if self.estimate is None:
            return None
        return (
            self.estimate if self.low is None else min(self.low, self.estimate),
            self.estimate if self.high is None else max(self.high, self.estimate),
        )

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None


@dataclass(frozen=True, slots=True)
class County:
    """What the composite incidence of a county rests on."""

    rural: int | None
    unexited: int
    exited: int
    unclear: int
    missed: Rate
    wrong_exit: Rate
    surveyed: date | None = None


@dataclass(frozen=True, slots=True)
class Basics:
    """An area: persons of all its villages, and of those of which the population is known; ``counties`` are those
    below or the area itself, none below a county. ``form``: numerator of the village form, over ``formed`` villages."""

    persons: Persons
    counted: Persons
    population: int
    villages: int
    unpopulated: int
    counties: tuple[County, ...] = ()
    form: int = 0
    formed: int = 0


# -- the readings -------------------------------------------------------------------------------------------------


def side_by_side(area: Basics) -> tuple[Incidence, ...]:
    """Register, verdict, composite; and the village form where the villages have its numbers."""
    found = [_register(area), _verdict(area), _composite(area)]
    if area.formed:
        found.append(_village_form(area))
    return tuple(found)


def _denominator(area: Basics) -> tuple[Basis, int, Persons, list[Title]]:
    """The rural population where every county has given it, else that of the villages, with the persons it stands
    for."""
    if area.counties and all(each.rural is not None for each in area.counties):
        return "rural", sum(each.rural or 0 for each in area.counties), area.persons, []
    lacking = [
        _lacks(area.counties, "农业户籍人口", "the registered rural population", lambda each: each.rural is None)
    ]
    return "population", area.population, area.counted, [each for each in lacking if each is not None]


def _lacks(counties: Sequence[County], zh: str, en: str, wanting: Callable[[County], bool]) -> Title | None:
    number = sum(wanting(each) for each in counties)
    return Title(f"{number} 个县未填{zh}", f"{number} counties without {en}") if number else None


def _of_persons(kind: IncidenceKind, area: Basics, ends: Callable[[Persons], tuple[int, int]]) -> Incidence:
    basis, denominator, persons, missing = _denominator(area)
    low, high = (end * PARTS for end in ends(persons))
    notes: list[Title] = []
    if basis == "population" and area.unpopulated:
        left_out = Title(
            f"{area.unpopulated} 个村总人口未填，不计入分子和分母",
            f"{area.unpopulated} villages without a population are in neither sum",
        )
        (notes if denominator else missing).append(left_out)
    if persons.memberless:
        notes.append(
            Title(f"{persons.memberless} 户没有成员，人数按 0 计",
                  f"{persons.memberless} households without members count as 0 persons")
        )  # fmt: skip
    if not denominator:
        missing.append(Title("人口为零或未填", "the population is zero or blank"))
        return Incidence(kind, basis, low, high, None, None, tuple(missing), tuple(notes))
    return Incidence(kind, basis, low, high, None, denominator, tuple(missing), tuple(notes))


def _register(area: Basics) -> Incidence:
    found = _of_persons("register", area, lambda each: (each.unexited, each.unexited + each.unclear))
    return _noted(
        found, area.persons.unclear, "人脱贫属性未知，构成区间", "persons of unknown status make the interval"
    )


def _verdict(area: Basics) -> Incidence:
    found = _of_persons("verdict", area, lambda each: (each.failing, each.failing + each.doubtful))
    return _noted(found, area.persons.doubtful, "人所在户判定未知，构成区间",
                  "persons of households of unknown verdict make the interval")  # fmt: skip


def _noted(found: Incidence, number: int, zh: str, en: str) -> Incidence:
    if not number:
        return found
    return Incidence(
        found.kind, found.basis, found.low, found.high, found.estimate, found.denominator, found.missing,
        (*found.notes, Title(f"{number} {zh}", f"{number} {en}")),
    )  # fmt: skip


def _composite(area: Basics) -> Incidence:
    if not area.counties:
        only = Title("漏评率、错退率按县调查，本级没有", "surveys are of counties: there is none at this level")
        return Incidence("composite", "rural", None, None, None, None, (only,))
    asked: tuple[tuple[str, str, Callable[[County], bool]], ...] = (
        ("农业户籍人口", "the registered rural population", lambda each: each.rural is None),
        ("漏评率", "an exclusion error rate", lambda each: each.missed.estimate is None),
        ("错退率", "a wrong-exit rate", lambda each: each.wrong_exit.estimate is None),
    )
    missing = [found for zh, en, wanting in asked if (found := _lacks(area.counties, zh, en, wanting))]
    short = sum(each.rural is not None and each.rural < each.unexited + each.exited + each.unclear
                for each in area.counties)  # fmt: skip
    if short:
        missing.append(
            Title(f"{short} 个县的农业户籍人口少于建档立卡人口，请核对",
                  f"{short} counties have fewer rural persons than registered ones: check them")
        )  # fmt: skip
    if missing:
        return Incidence("composite", "rural", None, None, None, None, tuple(missing))
    parts = [_of_county(each) for each in area.counties]
    estimates = [each[2] for each in parts]
    rural = sum(each.rural or 0 for each in area.counties)
    if not rural:
        return Incidence("composite", "rural", None, None, None, None, (Title("人口为零", "the population is zero"),))
    bare = sum(not (each.missed.has_interval and each.wrong_exit.has_interval) for each in area.counties)
    notes = (
        (Title(f"{bare} 个县的调查未给区间，按估计值计", f"{bare} counties give no interval: their estimates count"),)
        if bare
        else ()
    )
    estimate = None if None in estimates else sum(each for each in estimates if each is not None)
    return Incidence(
        "composite", "rural", sum(each[0] for each in parts), sum(each[1] for each in parts), estimate, rural, (), notes
    )


def _of_county(county: County) -> tuple[int, int, int | None]:
    """Least, most and estimated numerator in parts. A person of unknown status may be not exited, exited, or none of
    the register: of the one most, of the others least is poor."""
    missed, wrong = county.missed.ends, county.wrong_exit.ends
    if missed is None or wrong is None or county.rural is None:
        raise ValueError("a county without rates has no composite incidence")
    others = county.rural - county.unexited - county.exited - county.unclear
    sure = county.unexited * PARTS
    low = sure + wrong[0] * county.exited + missed[0] * others + county.unclear * min(missed[0], wrong[0])
    high = sure + wrong[1] * county.exited + missed[1] * others + county.unclear * PARTS
    if county.unclear:
        return low, high, None
    estimate = sure + (county.wrong_exit.estimate or 0) * county.exited + (county.missed.estimate or 0) * others
    return low, high, estimate


def _village_form(area: Basics) -> Incidence:
    lacking = area.villages - area.formed
    missing = []
    if lacking:
        missing.append(Title(f"{lacking} 个村未填历年数字", f"{lacking} villages lack its numbers"))
    if area.unpopulated or not area.population:
        missing.append(Title("有村总人口未填或为零", "a population is blank or zero"))
    if missing:
        return Incidence("village_form", "population", None, None, None, None, tuple(missing))
    numerator = area.form * PARTS
    return Incidence("village_form", "population", numerator, numerator, None, area.population)
