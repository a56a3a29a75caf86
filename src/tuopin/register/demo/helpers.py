"""帮扶责任人: officials of a unit who answer for one to five households of a village each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.register.demo import names
from tuopin.register.demo.people import FEMALE, MALE
from tuopin.register.demo.streams import Weighted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from tuopin.register.demo.areas import Village
    from tuopin.register.demo.households import Household

_POST = Weighted({"科员": 0.38, "副科级": 0.2, "主任科员": 0.14, "正科级": 0.1, "副处级": 0.03})
_START = Weighted({"2016-03-01": 0.3, "2017-03-01": 0.4, "2017-09-01": 0.1, "2018-03-01": 0.2})


@dataclass(slots=True)
class Help:
    """One row: who helped which household from when to when ("" = still). ``household`` gives code and head."""

    household: Household
    name: str
    sex: str
    unit: str
    post: str
    politics: str
    phone: str
    start: str
    end: str = ""


@dataclass(slots=True)
class _Official:
    name: str
    sex: str
    unit: str
    post: str
    politics: str
    phone: str

    def help(self, household: Household, start: str, end: str = "") -> Help:
        return Help(household, self.name, self.sex, self.unit, self.post, self.politics, self.phone, start, end)


def assign(rng: random.Random, village: Village, households: Sequence[Household]) -> Iterator[Help]:
    """Every household gets a helper who is live on the day; some had another one before."""
    units = [rng.choice(names.COUNTY_UNITS), rng.choice(names.COUNTY_UNITS)]
    if village.is_poor:
        units[0] = rng.choice(names.CITY_UNITS)
    left = list(households)
    while left:
        official = _official(rng, rng.choice(units))
        load = rng.randrange(1, 6)
        for household in left[:load]:
            if rng.random() < 0.05:
                yield _official(rng, official.unit).help(household, "2016-03-01", "2018-05-31")
                yield official.help(household, "2018-06-01")
            else:
                yield official.help(household, "2018-11-20" if household.status == "新识别" else _START.draw(rng))
        del left[:load]


def another(rng: random.Random, household: Household) -> Help:
    """A second live helper for a household that has one: a fault to be found."""
    return _official(rng, rng.choice(names.COUNTY_UNITS)).help(household, "2018-06-01")


def _official(rng: random.Random, unit: str) -> _Official:
    sex = MALE if rng.random() < 0.66 else FEMALE
    politics = "中共党员" if rng.random() < 0.75 else "群众"
    post = "教师" if "高中" in unit or "学院" in unit else "医师" if "医院" in unit else _POST.draw(rng)
    return _Official(names.person_name(rng, sex), sex, unit, post, politics, names.phone(rng))
