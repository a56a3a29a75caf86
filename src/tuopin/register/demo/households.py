"""One household of the register: its family, its living, its cause of poverty and its status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.register.demo import condition, income, names, people
from tuopin.register.demo.income import Income
from tuopin.register.demo.streams import Weighted

if TYPE_CHECKING:
    import random

    from tuopin.register.demo.areas import Village
    from tuopin.register.demo.people import Person

UNEXITED = frozenset({"未脱贫", "新识别", "预脱贫", "返贫"})
"""Values of 脱贫属性 that count in the incidence of a village."""


@dataclass(slots=True)
class Household:
    """Values are the texts of the cells, "" a blank one; ``income`` is in fen."""

    code: str
    village: Village
    members: list[Person]
    status: str
    category: str
    group: str
    phone: str
    bank_account: str
    main_cause: str = ""
    other_cause: str = ""
    exit_year: str = ""
    identified: str = ""
    arable: str = ""
    forest: str = ""
    road: str = ""
    road_distance: str = ""
    power: str = "是"
    water_difficult: str = "否"
    water_safe: str = "是"
    fuel: str = ""
    cooperative: str = ""
    toilet: str = ""
    house_area: str = ""
    dangerous: str = "否"
    danger_grade: str = ""
    food: str = "是"
    clothing: str = "是"
    income: Income = field(default_factory=Income)

    @property
    def head(self) -> Person:
        """The first member, who is the head unless a fault was planted."""
        return self.members[0]

    @property
    def is_unexited(self) -> bool:
        return self.status in UNEXITED


_STATUS = Weighted({"已脱贫": 0.850, "未脱贫": 0.078, "预脱贫": 0.040, "新识别": 0.020, "返贫": 0.012})
_STATUS_LAGGING = Weighted({"已脱贫": 0.62, "未脱贫": 0.22, "预脱贫": 0.08, "新识别": 0.05, "返贫": 0.03})
_STATUS_AHEAD = Weighted({"已脱贫": 0.885, "未脱贫": 0.057, "预脱贫": 0.034, "新识别": 0.015, "返贫": 0.009})
_ROAD = Weighted({"水泥路": 0.72, "沥青路": 0.10, "砂石路": 0.12, "泥土路": 0.06})
_FUEL = Weighted({"清洁能源": 0.55, "柴草": 0.33, "煤炭": 0.12})
_EXIT_YEAR = Weighted({"2014": 0.12, "2015": 0.15, "2016": 0.20, "2017": 0.25, "2018": 0.28})
_IDENTIFIED = Weighted({"201312": 0.72, "201412": 0.05, "201512": 0.12, "201612": 0.05, "201712": 0.06})
_OTHER_CAUSES = Weighted({"缺技术": 0.5, "缺资金": 0.4, "自身发展动力不足": 0.1})


def make(rng: random.Random, village: Village, code: str, used_numbers: set[str]) -> Household:
    """A household whose facts agree with each other; faults are planted later."""
    members = people.family(rng)
    people.name_family(rng, members)
    for number, person in enumerate(members):
        person.code = f"{code}{number:02d}"
        person.id_number = people.id_number(rng, code[:6], person, used_numbers)
    condition.settle(rng, members)
    household = Household(
        code=code,
        village=village,
        members=members,
        status=(_STATUS_LAGGING if village.lags else _STATUS_AHEAD).draw(rng),
        category=_category(rng, members),
        group=f"{rng.randrange(1, 9)}组",
        phone=members[0].phone or names.phone(rng),
        bank_account=f"99{rng.randrange(10**17):017d}",
    )
    _welfare(household)
    _work(rng, household)
    household.main_cause, household.other_cause = _causes(rng, members)
    _history(rng, household)
    _living(rng, household)
    household.income = income.earn(rng, household)
    for person in members:
        if "残疾" in person.health:
            person.disability_number = condition.disability_number(rng, person)
    return household


def _category(rng: random.Random, members: list[Person]) -> str:
    if len(members) == 1 and members[0].age >= 60 and rng.random() < 0.75:
        return "特困供养贫困户"
    able = sum(map(condition.is_able, members))
    return "低保贫困户" if rng.random() < (0.5 if able == 0 else 0.16) else "一般贫困户"


def _welfare(household: Household) -> None:
    for person in household.members:
        person.low_income = "是" if household.category == "低保贫困户" else "否"
        person.special_support = "是" if household.category == "特困供养贫困户" else "否"


def _work(rng: random.Random, household: Household) -> None:
    for person in household.members:
        if condition.is_able(person) and rng.random() < (0.66 if household.status == "已脱贫" else 0.35):
            condition.send_to_work(rng, person)
        elif person.labour == "弱劳动力或半劳动力" and person.age < 66 and rng.random() < 0.12:
            condition.give_public_post(rng, person)


def _causes(rng: random.Random, members: list[Person]) -> tuple[str, str]:
    """A main cause that the members' facts bear out, and now and then another one."""
    weights = {"缺技术": 0.16, "缺资金": 0.12, "自身发展动力不足": 0.03, "交通条件落后": 0.01}
    if any("病" in person.health for person in members):
        weights["因病"] = 1.60
    if any("残疾" in person.health for person in members):
        weights["因残"] = 0.90
    if any(person.study in condition.UPPER_SCHOOL for person in members):
        weights["因学"] = 0.30
    able = sum(map(condition.is_able, members))
    if able * 4 <= len(members):
        weights["缺劳动力"] = 0.60
    if able == 0:
        del weights["缺技术"], weights["自身发展动力不足"]
    main = Weighted(weights).draw(rng)
    other = _OTHER_CAUSES.draw(rng) if rng.random() < 0.2 and able else ""
    return main, "" if other == main else other


def _history(rng: random.Random, household: Household) -> None:
    household.identified = "201811" if household.status == "新识别" else _IDENTIFIED.draw(rng)
    if household.status == "已脱贫":
        household.exit_year = str(max(int(_EXIT_YEAR.draw(rng)), int(household.identified[:4]) + 1))


def _living(rng: random.Random, household: Household) -> None:
    size = len(household.members)
    exited = household.status == "已脱贫"
    household.arable = f"{rng.uniform(0.6, 1.9) * size:.1f}"
    household.forest = f"{rng.uniform(0.5, 6):.1f}" if rng.random() < 0.2 else "0"
    household.road = _ROAD.draw(rng)
    household.road_distance = f"{min(4.9, rng.expovariate(1.6)):.1f}"
    household.fuel = _FUEL.draw(rng)
    household.cooperative = "是" if rng.random() < 0.38 else "否"
    household.toilet = "有" if rng.random() < 0.7 else "无"
    household.house_area = f"{rng.uniform(16, 38) * size + 20:.0f}"
    if rng.random() < (0.002 if exited else 0.045):
        household.dangerous, household.danger_grade = "是", rng.choice("CCD")
    else:
        household.danger_grade = rng.choice("AAB")
    if rng.random() < (0.003 if exited else 0.035):
        household.water_safe = "否"
        household.water_difficult = rng.choice(("是", "否"))
    if not exited and rng.random() < 0.02:
        household.clothing = "否"
    if not exited and rng.random() < 0.012:
        household.food = "否"
