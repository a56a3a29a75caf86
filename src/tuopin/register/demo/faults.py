"""Planted faults: what a clerk must find. Each is noted under its name with the household or village it was put in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.register.demo import helpers, income
from tuopin.register.demo.people import check_digit

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tuopin.register.demo.helpers import Help
    from tuopin.register.demo.households import Household

RATES = {
    "exactly_on_line": 0.0060,
    "one_fen_above_line": 0.0015,
    "one_fen_below_line": 0.0015,
    "blank_wage": 0.0030,
    "blank_housing": 0.0025,
    "blank_water": 0.0025,
    "blank_insurance": 0.0020,
    "uninsured": 0.0025,
    "out_of_school": 0.0012,
    "study_unknown": 0.0015,
    "no_head": 0.0006,
    "two_heads": 0.0004,
    "id_check_digit": 0.0006,
    "id_length": 0.0003,
    "birth_mismatch": 0.0005,
    "id_missing": 0.0004,
    "no_check_row": 0.0080,
    "blank_food": 0.0020,
    "two_live_helpers": 0.0040,
    "without_live_helper": 0.0100,
}
"""Share of households that get each fault. At most one fault a household, so that each can be told apart."""


@dataclass(slots=True)
class Faults:
    """What was planted: fault -> codes of households, in the order of the city."""

    found: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in RATES})

    def plant(self, rng: random.Random, household: Household, helps: list[Help]) -> list[Help]:
        """Perhaps put one fault into the household; returns the rows of its helpers, changed or not."""
        chance = rng.random()
        for name, rate in RATES.items():
            if chance < rate:
                if name in _HELP_FAULTS:
                    helps = _HELP_FAULTS[name](rng, household, helps)
                elif not _FAULTS[name](rng, household):
                    break
                self.found[name].append(household.code)
                break
            chance -= rate
        return helps


def _at_line(extra: int) -> Callable[[random.Random, Household], bool]:
    def put(_rng: random.Random, household: Household) -> bool:
        return income.put_at(household, income.LINE * len(household.members) + extra)

    return put


def _blank(name: str) -> Callable[[random.Random, Household], bool]:
    def put(_rng: random.Random, household: Household) -> bool:
        setattr(household, name, "")
        return True

    return put


def _blank_wage(_rng: random.Random, household: Household) -> bool:
    household.income.wage = None
    return True


def _insurance(value: str) -> Callable[[random.Random, Household], bool]:
    def put(rng: random.Random, household: Household) -> bool:
        person = rng.choice(household.members)
        person.resident_insurance = person.serious_illness_insurance = value
        person.employee_insurance = "" if value == "" else "否"
        return True

    return put


def _out_of_school(rng: random.Random, household: Household) -> bool:
    child = next((person for person in household.members if 8 <= person.age <= 15), None)
    if child is None:
        return False
    child.study, child.education = "非在校生", "小学"
    child.dropout = rng.choice(("厌学", "因病", "因残"))
    return True


def _study_unknown(_rng: random.Random, household: Household) -> bool:
    child = next((person for person in household.members if 6 <= person.age <= 15), None)
    if child is None:
        return False
    child.study = child.education = ""
    return True


def _no_head(_rng: random.Random, household: Household) -> bool:
    household.head.relation = "其他"
    return True


def _two_heads(_rng: random.Random, household: Household) -> bool:
    if len(household.members) < 2:
        return False
    household.members[1].relation = "户主"
    return True


def _id_check_digit(rng: random.Random, household: Household) -> bool:
    person = rng.choice(household.members)
    right = check_digit(person.id_number[:17])
    person.id_number = person.id_number[:17] + str((int(right.replace("X", "10")) + rng.randrange(1, 9)) % 10)
    return True


def _id_length(rng: random.Random, household: Household) -> bool:
    person = rng.choice(household.members)
    person.id_number = person.id_number[:17]
    return True


def _birth_mismatch(rng: random.Random, household: Household) -> bool:
    person = rng.choice(household.members)
    person.birth = person.birth.replace(day=1 + person.birth.day % 28)
    return True


def _id_missing(rng: random.Random, household: Household) -> bool:
    rng.choice(household.members).id_number = ""
    return True


def _no_check_row(_rng: random.Random, household: Household) -> bool:
    household.food = household.clothing = ""
    return True


def _second_helper(rng: random.Random, household: Household, helps: list[Help]) -> list[Help]:
    return [*helps, helpers.another(rng, household)]


def _helper_left(_rng: random.Random, _household: Household, helps: list[Help]) -> list[Help]:
    for row in helps:
        row.end = row.end or ("2018-09-30" if row.start < "2018-09-30" else "2018-11-28")
    return helps


_FAULTS: dict[str, Callable[[random.Random, Household], bool]] = {
    "exactly_on_line": _at_line(0),
    "one_fen_above_line": _at_line(1),
    "one_fen_below_line": _at_line(-1),
    "blank_wage": _blank_wage,
    "blank_housing": _blank("dangerous"),
    "blank_water": _blank("water_safe"),
    "blank_insurance": _insurance(""),
    "uninsured": _insurance("否"),
    "out_of_school": _out_of_school,
    "study_unknown": _study_unknown,
    "no_head": _no_head,
    "two_heads": _two_heads,
    "id_check_digit": _id_check_digit,
    "id_length": _id_length,
    "birth_mismatch": _birth_mismatch,
    "id_missing": _id_missing,
    "no_check_row": _no_check_row,
    "blank_food": _blank("food"),
}
_HELP_FAULTS = {"two_live_helpers": _second_helper, "without_live_helper": _helper_left}
