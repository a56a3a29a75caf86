"""Invent a register of N households as Parquet, for benchmarks. Needs duckdb alone.

usage: make_nation.py HOUSEHOLDS FOLDER     (30000000 gives about 105 million persons, 125,000 villages, 833 counties)
Tables: household, person (clustered by household), village, county. Money in fen. NULL = unknown.
"""

import sys
from pathlib import Path

import duckdb

HOUSEHOLD = """
select i as household_id, (i // 240)::int as village_id, (1 + floor(random() * 6))::int as size,
  case when random() < 0.96 then 'exited' else 'registered' end as registration,
  case when random() < 0.995 then (random() * 2400000)::bigint end as wage,
  (random() * 1400000)::bigint as business, (random() * 50000)::bigint as property,
  (random() * 600000)::bigint as transfer, (random() * 500000)::bigint as business_cost,
  case when random() < 0.997 then random() > 0.005 end as food_ok,
  case when random() < 0.997 then random() > 0.005 end as clothing_ok,
  case when random() < 0.99 then random() > 0.02 end as water_safe,
  case when random() < 0.99 then random() < 0.02 end as dangerous_house
from range({n}) t(i)"""
PERSON = """
select household_id, row_number() over () as person_id,
  date '2018-12-01' - (random() * 85 * 365.25)::int as birth,
  case when random() < 0.97 then 'S' || (random() * 12)::int end as study,
  case when random() < 0.5 then 'E' || (random() * 6)::int end as education,
  case when random() < 0.99 then random() > 0.01 end as resident_insurance,
  case when random() < 0.9 then random() < 0.05 end as employee_insurance
from (select household_id, unnest(range(size)) from '{out}/household.parquet')"""
VILLAGE = f"""
select i::int as village_id, (i // 150)::int as county_id, (800 + random() * 4000)::int as population,
  (0.3 + random() * 3)::int as industries,
  {", ".join(f"case when random() < 0.99 then random() > 0.004 end as work_{k}" for k in range(1, 10))}
from range({{villages}}) t(i)"""
COUNTY = """
select i::int as county_id, random() * 0.022 as missed_rate, random() * 0.022 as wrong_exit_rate,
  0.89 + random() * 0.14 as satisfaction, random() * 0.15 as income_growth, 0.09 as province_income_growth,
  random() > 0.1 as services_near
from range({counties}) t(i)"""
TABLES = {
    "household": (HOUSEHOLD, ", row_group_size 200000"),
    "person": (PERSON, ", row_group_size 400000"),
    "village": (VILLAGE, ""),
    "county": (COUNTY, ""),
}


def make(households: int, out: Path) -> None:
    """Write the four tables into the folder ``out`` (made if missing)."""
    out.mkdir(parents=True, exist_ok=True)
    villages = (households + 239) // 240
    sizes = {"n": households, "out": out, "villages": villages, "counties": (villages + 149) // 150}
    database = duckdb.connect()
    database.execute("set preserve_insertion_order = true")
    database.execute("select setseed(0.42)")
    for name, (query, options) in TABLES.items():
        database.execute(f"copy ({query.format(**sizes)}) to '{out}/{name}.parquet' (format parquet{options})")
        print(name, database.execute(f"select count(*) from '{out}/{name}.parquet'").fetchone())


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
