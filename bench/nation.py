"""The nation of make_nation.py as the product's rules see it: the city's pack, the register's catalogue, views.

The standards are those of ``shangqiu-2018`` word for word, but for what the nation has no columns for: a village's
collective income (its limit is not set in the pack) is left out, and the limit “near” that nobody has set does not make
``services`` unknown. The views name columns as the register does; they say that the workbooks had every column.
Townships are made up, one a county, because the county standard counts through them. A county's population is the sum
of its villages'. Rates are binary fractions in the nation and millionths in the register: they are rounded towards the
side of the limit that they stand on.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import tuopin.packs
from tuopin.core.language.catalogue import Catalogue
from tuopin.core.standards import Pack, find_packs, load_pack
from tuopin.register import facts

if TYPE_CHECKING:
    from tuopin.core.engine import SetEngine

DAY = datetime.date(2018, 12, 1)
KEYS = ("household_exit", "village_exit", "county_exit")
CATALOGUE = Catalogue(facts.LEVELS, facts.TABLES, facts.PERIODS, facts.DERIVED)

_WORKS = ", ".join(
    f"CASE WHEN work_{each} THEN 'yes' WHEN NOT work_{each} THEN 'no' END AS work_{each}" for each in range(1, 10)
)
VIEWS = {
    "person": """
SELECT person_id AS id, household_id AS parent_id, birth AS birth_date, study, education,
  CAST(NULL AS BOOLEAN) AS study_unclear, resident_insurance, employee_insurance, false AS employee_insurance__absent
FROM {person}""",
    "household": """
SELECT household_id AS id, village_id AS parent_id, registration, wage, business, property, transfer, business_cost,
  food_ok AS food, clothing_ok AS clothing, water_safe, dangerous_house
FROM {household}""",
    "village": f"""
SELECT village_id AS id, county_id AS parent_id, population, industries, {_WORKS}
FROM {{village}}""",
    "township": "SELECT county_id AS id, county_id AS parent_id FROM {county}",
    "county": """
SELECT county_id AS id, CAST(NULL AS BIGINT) AS parent_id, v.rural_population,
  CAST(floor(missed_rate * 1e6) AS BIGINT) AS missed_rate,
  CAST(floor(wrong_exit_rate * 1e6) AS BIGINT) AS wrong_exit_rate,
  CAST(ceil(satisfaction * 1e6) AS BIGINT) AS satisfaction,
  CAST(ceil(income_growth * 1e6) AS BIGINT) AS income_growth,
  CAST(province_income_growth * 1e6 AS BIGINT) AS province_income_growth, services_near
FROM {county}
JOIN (SELECT county_id, sum(population) AS rural_population FROM {village} GROUP BY county_id) v USING (county_id)""",
}


def pack() -> Pack:
    """The city's pack without what the nation cannot answer."""
    whole = load_pack("shangqiu-2018", find_packs([Path(tuopin.packs.__file__).parent]))
    village, county = whole.standards["village_exit"], whole.standards["county_exit"]
    village = replace(village, items=tuple(item for item in village.items if item.key != "collective_income"))
    county = replace(
        county, items=tuple(replace(item, limit=None) if item.key == "services" else item for item in county.items)
    )
    return replace(whole, standards={**whole.standards, "village_exit": village, "county_exit": county})


def relations(engine: SetEngine, folder: Path) -> dict[str, str]:
    """Makes a view a level over the four files of the folder; level → name of the view."""
    files = {name: f"file_{name}" for name in ("person", "household", "village", "county")}
    for name, view in files.items():
        engine.view(view, [folder / f"{name}.parquet"])
    for level, select in VIEWS.items():
        engine.name(f"nation_{level}", select.format(**files))
    return {level: f"nation_{level}" for level in VIEWS}
