"""Three months later: what a second export of the same city shows. Births, deaths, corrections, exits, new helpers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tuopin.register.demo import helpers, names, people
from tuopin.register.demo.people import FEMALE, MALE, Person, check_digit

if TYPE_CHECKING:
    import random

    from tuopin.register.demo.faults import Faults
    from tuopin.register.demo.helpers import Help
    from tuopin.register.demo.households import Household

LATER = date(2019, 3, 1)
"""The day of the second export."""

_KINDS = ("born", "died", "corrected", "exit_confirmed", "taken_in", "house_repaired", "helper_changed")
_CHILD_OF = {"户主": ("之子", "之女"), "配偶": ("之子", "之女"), "之儿媳": ("之孙子", "之孙女")}


@dataclass(slots=True)
class Changes:
    """What changed: kind -> codes of households, in the order of the city."""

    found: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})

    def pass_time(
        self, rng: random.Random, households: list[Household], helps: list[Help], faults: Faults
    ) -> list[Help]:
        """Change the households of a county in place; returns the helpers' rows of the second export."""
        faulty = {code: name for name, codes in faults.found.items() for code in codes}
        used_numbers = {person.id_number for household in households for person in household.members}
        for household in households:
            self._note(
                "corrected", household, rng.random() < 0.5 and _correct(household, faulty.get(household.code, ""))
            )
            self._note("died", household, rng.random() < 0.02 and _bury(household))
            self._note("born", household, rng.random() < 0.03 and _bear(rng, household, used_numbers))
            self._note(
                "exit_confirmed", household, household.status == "预脱贫" and rng.random() < 0.8 and _exit(household)
            )
            self._note("taken_in", household, household.status == "新识别" and _take_in(household))
            self._note(
                "house_repaired", household, household.dangerous == "是" and rng.random() < 0.3 and _repair(household)
            )
        return [row for old in helps for row in self._hand_over(rng, old)]

    def _note(self, kind: str, household: Household, happened: bool) -> None:
        if happened:
            self.found[kind].append(household.code)

    def _hand_over(self, rng: random.Random, old: Help) -> list[Help]:
        if old.end or rng.random() >= 0.02:
            return [old]
        new = helpers.another(rng, old.household)
        old.end, new.start = "2019-01-31", "2019-02-01"
        self.found["helper_changed"].append(old.household.code)
        return [old, new]


def _correct(household: Household, fault: str) -> bool:
    """Mend what a clerk can mend at a desk."""
    if fault == "blank_housing":
        household.dangerous = "否"
    elif fault == "blank_water":
        household.water_safe = "是"
    elif fault == "no_head":
        household.head.relation = "户主"
    elif fault == "two_heads":
        household.members[1].relation = "配偶" if household.members[1].sex != household.head.sex else "其他"
    elif fault == "id_check_digit":
        for person in household.members:
            person.id_number = person.id_number[:17] + check_digit(person.id_number[:17])
    else:
        return False
    return True


def _bury(household: Household) -> bool:
    oldest = max(household.members[1:], key=lambda person: person.age, default=None)
    if oldest is None or oldest.age < 70:
        return False
    household.members.remove(oldest)
    return True


def _bear(rng: random.Random, household: Household, used_numbers: set[str]) -> bool:
    """A child of a young mother, born since the first export."""
    mother = next(
        (p for p in household.members if p.sex == FEMALE and 21 <= p.age <= 38 and p.relation in _CHILD_OF), None
    )
    if mother is None:
        return False
    sex = MALE if rng.random() < 0.52 else FEMALE
    relation = _CHILD_OF[mother.relation][sex == FEMALE]
    child = Person(relation, sex, date(2018, 12, 5) + timedelta(days=rng.randrange(80)))
    child.name = household.head.name[0] + names.given_name(rng, sex)
    child.ethnicity, child.study, child.labour = mother.ethnicity, "学龄前儿童", "无劳动力"
    child.low_income = household.head.low_income
    child.code = f"{household.code}{int(max(p.code for p in household.members)[-2:]) + 1:02d}"
    child.id_number = people.id_number(rng, household.code[:6], child, used_numbers)
    household.members.append(child)
    return True


def _exit(household: Household) -> bool:
    household.status, household.exit_year = "已脱贫", "2018"
    return True


def _take_in(household: Household) -> bool:
    household.status = "未脱贫"
    return True


def _repair(household: Household) -> bool:
    household.dangerous, household.danger_grade = "否", "A"
    return True
