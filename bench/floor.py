"""Run floor.sql and time it: the chain 123 → 129 → 321 written by hand.

usage: floor.py IN OUT [THREADS] [MEMORY]
"""

import resource
import sys
import time
from pathlib import Path

import duckdb

COUNTS = "select count(*), count(*) filter (where overall), count(*) filter (where overall is null) from '{path}'"


def main() -> None:
    src, out = sys.argv[1:3]
    threads, memory = [*sys.argv[3:5], *["2", "8GB"][len(sys.argv[3:5]) :]]
    Path(out).mkdir(parents=True, exist_ok=True)
    database = duckdb.connect()
    database.execute(f"set threads = {threads}")
    database.execute(f"set memory_limit = '{memory}'")
    database.execute("set preserve_insertion_order = false")
    sql = Path(__file__).with_name("floor.sql").read_text(encoding="utf-8").replace("{in}", src).replace("{out}", out)
    start = time.perf_counter()
    for step in filter(str.strip, sql.split(";")):
        began = time.perf_counter()
        database.execute(step)
        print(f"  {time.perf_counter() - began:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{duckdb.__version__} total {time.perf_counter() - start:.2f} s, peak {peak:.2f} GB")
    for table in ("household", "village", "county"):
        print(table, database.execute(COUNTS.format(path=f"{out}/{table}_verdict.parquet")).fetchone())


if __name__ == "__main__":
    main()
