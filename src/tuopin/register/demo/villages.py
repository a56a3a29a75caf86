"""What 村信息 says of each village: people, industry, collective income and the nine works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.register.demo.streams import Weighted

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from tuopin.register.demo.areas import Village
    from tuopin.register.demo.households import Household

WORK_TITLES = (
    "通村公路是否硬化",
    "是否通客运班车",
    "饮水是否达标",
    "生产生活用电是否满足",
    "是否广播电视户户通",
    "有无综合性文化服务中心",
    "有无标准化卫生室",
    "有无合格乡村医生",
    "是否通宽带",
)
_INDUSTRIES = Weighted({"0": 0.03, "1": 0.42, "2": 0.35, "3": 0.14, "4": 0.06})


@dataclass(slots=True)
class VillageFacts:
    """Texts of the cells of one row; ``works`` in the order of :data:`WORK_TITLES`."""

    village: Village
    households: int
    population: int
    industries: str
    collective_income: str
    works: list[str] = field(default_factory=list)

    @property
    def reaches(self) -> bool:
        """Industry and works alone, without the incidence."""
        return self.industries not in {"", "0"} and all(work in {"是", "有", "不具备条件"} for work in self.works)


def describe(rng: random.Random, village: Village, households: Sequence[Household]) -> VillageFacts:
    """Facts of a village whose registered households are ``households``."""
    registered = sum(len(household.members) for household in households)
    share = rng.uniform(0.075, 0.15) if village.is_poor else rng.uniform(0.03, 0.065)
    population = max(round(registered / share), registered + rng.randrange(300, 900))
    if rng.random() < 0.02:
        population = _exactly_two_per_cent(households, population)
    lacks = 0.035 if village.lags else 0.006
    works = [_work(rng, title, lacks) for title in WORK_TITLES]
    return VillageFacts(
        village=village,
        households=round(population / rng.uniform(3.6, 4.4)),
        population=population,
        industries="" if rng.random() < 0.008 else _INDUSTRIES.draw(rng),
        collective_income="" if rng.random() < 0.02 else _collective_income(rng, village),
        works=works,
    )


def _exactly_two_per_cent(households: Sequence[Household], population: int) -> int:
    """The population at which the unexited persons are two in a hundred to the person, where that is credible."""
    exact = 50 * sum(len(household.members) for household in households if household.is_unexited)
    return exact if 0.5 * population <= exact <= 2 * population else population


def _work(rng: random.Random, title: str, lacks: float) -> str:
    yes, no = ("有", "无") if title.startswith("有无") else ("是", "否")
    chance = rng.random()
    if title == "是否通客运班车" and chance > 0.97:
        return "不具备条件"
    if chance < lacks:
        return no
    return "" if chance < lacks + 0.003 else yes


def _collective_income(rng: random.Random, village: Village) -> str:
    """In ten thousand yuan, two decimals at most. Poor villages have their solar station, others often nothing."""
    if village.is_poor:
        return f"{rng.uniform(1.8, 14):.2f}"
    return "0" if rng.random() < 0.25 else f"{rng.uniform(0.3, 30):.2f}"
