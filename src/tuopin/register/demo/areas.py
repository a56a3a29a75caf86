"""The map of the city: counties, townships and villages with codes that no real place has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.register.demo import names
from tuopin.register.demo.streams import share_out, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVINCE_CODE = "990000000000"
CITY_CODE = "990100000000"
FIRST_COUNTY, FIRST_TOWNSHIP, FIRST_VILLAGE = "990121000000", "990121100000", "990121100201"
"""Codes that every city has, whatever its seed and sizes: demo accounts are bound to them."""


@dataclass(slots=True)
class Village:
    """A village of the map. ``household_count`` is the number of its households on the register."""

    code: str
    name: str
    township: str
    county: str
    is_poor: bool
    lags: bool
    household_count: int = 0


@dataclass(slots=True)
class Township:
    code: str
    name: str
    villages: list[Village] = field(default_factory=list)


@dataclass(slots=True)
class County:
    """``area_code`` (six digits) opens the ID numbers and household codes of the county."""

    code: str
    name: str
    townships: list[Township] = field(default_factory=list)

    @property
    def area_code(self) -> str:
        return self.code[:6]

    def villages(self) -> Iterator[Village]:
        for township in self.townships:
            yield from township.villages


def lay_out(seed: int, *, counties: int, townships: int, villages: int, households: int) -> list[County]:
    """The counties of the city with their townships and villages; sizes vary, totals are exact.

    Raises ValueError unless ``1 <= counties <= townships <= villages`` and ``households >= 0``.
    """
    if not 1 <= counties <= townships <= villages or households < 0:
        raise ValueError("a city needs 1 <= counties <= townships <= villages, and no negative number of households")
    rng = stream(seed, "areas")
    result = [County(f"9901{21 + i:02d}000000", name) for i, name in enumerate(names.county_names(counties))]
    town_counts = _at_least_one(townships, [rng.uniform(0.85, 1.15) for _ in result])
    village_counts = iter(_at_least_one(villages, [rng.uniform(0.6, 1.4) for _ in range(townships)]))
    for county, town_count in zip(result, town_counts, strict=True):
        for number, town_name in enumerate(names.township_names(rng, town_count)):
            code = f"{county.area_code}{100 + number if town_name.endswith('镇') else 200 + number:03d}000"
            township = Township(code, town_name)
            for order, name in enumerate(names.village_names(rng, next(village_counts))):
                is_poor = rng.random() < 0.4
                lags = rng.random() < 0.12
                township.villages.append(
                    Village(f"{code[:9]}{201 + order}", name, town_name, county.name, is_poor, lags)
                )
            county.townships.append(township)
    everywhere = [village for county in result for village in county.villages()]
    weights = [rng.uniform(0.5, 1.5) * (1.9 if village.is_poor else 1.0) for village in everywhere]
    for village, count in zip(everywhere, share_out(households, weights), strict=True):
        village.household_count = count
    return result


def _at_least_one(total: int, weights: list[float]) -> list[int]:
    return [1 + share for share in share_out(total - len(weights), weights)]


def division_rows(counties: list[County]) -> Iterator[tuple[str, str, str, str]]:
    """Rows (code, name, level, parent) of divisions.csv, parents before children."""
    yield PROVINCE_CODE, names.PROVINCE, "province", ""
    yield CITY_CODE, names.CITY, "city", PROVINCE_CODE
    for county in counties:
        yield county.code, county.name, "county", CITY_CODE
    for county in counties:
        for township in county.townships:
            yield township.code, township.name, "township", county.code
    for county in counties:
        for township in county.townships:
            for village in township.villages:
                yield village.code, village.name, "village", township.code
