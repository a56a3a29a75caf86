"""The year's income of a household, put together so that its parts agree with work, age and welfare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.register.demo import condition

if TYPE_CHECKING:
    import random

    from tuopin.register.demo.households import Household

LINE = 2_995_00
"""The national line of 2018 per head, in fen: many households are put exactly on it."""

_PENSION = 1_236_00  # a year, from the age of 60
_LOW_INCOME_GRANT = 1_848_00  # a person and year
_SPECIAL_SUPPORT = 4_485_00


@dataclass(slots=True)
class Income:
    """Fen a year for the whole household; ``None`` is a blank cell. ``transfer`` is the sum of its six parts."""

    wage: int | None = 0
    business: int = 0
    assets: int = 0
    transfer: int = 0
    business_cost: int = 0
    family_planning: int = 0
    low_income: int = 0
    special_care: int = 0
    pension: int = 0
    ecological: int = 0
    other: int = 0

    @property
    def net(self) -> int | None:
        if self.wage is None:
            return None
        return self.wage + self.business + self.assets + self.transfer - self.business_cost

    def add_transfers(self) -> None:
        self.transfer = (
            self.family_planning + self.low_income + self.special_care + self.pension + self.ecological + self.other
        )


def earn(rng: random.Random, household: Household) -> Income:
    """An income near what the household's status lets one expect. Amounts are to the fen."""
    result = Income()
    _grants(rng, household, result)
    size = len(household.members)
    reached_by_grants = result.transfer
    rest = _wanted_per_head(rng, household) * size - reached_by_grants
    if rest < 200_00:
        rest = rng.randrange(50_00, 400_00)
    _spread(rng, household, result, rest)
    return result


def put_at(household: Household, net: int) -> bool:
    """Make the net income exactly ``net`` fen by changing its largest free part; False where that cannot be."""
    now = household.income
    if now.net is None:
        return False
    change = net - now.net
    months = sum(person.work_months for person in household.members)
    if now.wage and now.wage + change >= months * 450_00:
        now.wage += change
    elif now.business and now.business + change >= now.business_cost:
        now.business += change
    elif now.other + change >= 0 and now.other:
        now.other += change
        now.add_transfers()
    else:
        return False
    return True


def _wanted_per_head(rng: random.Random, household: Household) -> int:
    """Fen a head and year. Those who have exited are above the line with few exceptions."""
    chance = rng.random()
    if household.status == "已脱贫":
        if chance < 0.006:
            return rng.randrange(1_800_00, LINE)
        if chance < 0.06:
            return rng.randrange(LINE + 1, 3_600_00)
        return round(3_050_00 + min(25_000_00, rng.lognormvariate(8.35, 0.62) * 100))
    if household.status == "预脱贫":
        return rng.randrange(LINE + 1, 6_500_00) if chance < 0.93 else rng.randrange(2_400_00, LINE)
    return rng.randrange(1_300_00, LINE) if chance < 0.72 else rng.randrange(LINE, 4_500_00)


def _grants(rng: random.Random, household: Household, result: Income) -> None:
    for person in household.members:
        result.pension += _PENSION * (person.age >= 60 and person.pension == "是")
        result.low_income += _LOW_INCOME_GRANT * (person.low_income == "是")
        result.special_care += _SPECIAL_SUPPORT * (person.special_support == "是")
    if household.status in {"未脱贫", "新识别", "返贫"}:
        result.low_income = result.low_income * rng.randrange(40, 100) // 100
    if float(household.arable) > 0:
        result.ecological = round(float(household.arable) * 98_00)
    if rng.random() < 0.05:
        result.family_planning = 960_00
    result.add_transfers()


def _spread(rng: random.Random, household: Household, result: Income, rest: int) -> None:
    """Lay ``rest`` on wages where someone works, on farming where someone can, else on rent and relatives."""
    months = sum(person.work_months for person in household.members)
    able = any(map(condition.is_able, household.members))
    result.assets = rng.randrange(0, min(1_500_00, rest // 4)) if rng.random() < 0.45 else 0
    rest -= result.assets
    if months:
        wage = rest if not able else rest * rng.randrange(55, 96) // 100
        if wage >= months * 450_00:
            result.wage = wage
            rest -= wage
        else:
            _stop_work(household)
    if able and rest > 0:
        margin = rng.randrange(20, 70)
        result.business = rest * 100 // (100 - margin)
        result.business_cost = result.business - rest
    else:
        result.other = rest
    result.add_transfers()


def _stop_work(household: Household) -> None:
    """A wage too small for the months told would contradict itself: nobody worked away this year."""
    for person in household.members:
        person.work_place, person.work_months, person.channel = "", 0, ""
        person.public_post, person.public_post_months = "", 0
