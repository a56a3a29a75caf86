"""Export of the list of 300,000 households: the CSV over HTTP, the workbook against the bare writer. SQLite.

usage: bench_export.py [--quick]     (--quick: 20,000 households)

CSV: seconds to the first byte and to the last, and by how much the server's resident memory grows meanwhile (largest
of looks every 20 ms), for a signed-in user over loopback. Workbook: the product writes the list from the database in
one process; then the same process hands the same rows, ready in memory, to rustpy-xlsxwriter alone.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import psutil

from harness import HERE, Site, python, report, say, tuopin, workplace

CARDS = "import django; django.setup(); from tuopin.register import cards; print(cards.refresh_all())"


class Growth:
    """The largest growth of a process tree's resident memory (MB) while it runs."""

    def __init__(self, pid: int) -> None:
        self._tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        self._before = self._now()
        self._largest = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _now(self) -> int:
        return sum(process.memory_info().rss for process in self._tree)

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            self._largest = max(self._largest, self._now() - self._before)

    def stop(self) -> float:
        self._end.set()
        self._thread.join()
        return self._largest / 2**20


def csv_over_http(site: Site, path: str) -> dict[str, float]:
    """First byte, last byte, memory. The page is asked for before, so that the server is warm."""
    address = f"http://127.0.0.1:{site._port}{path}"
    with site._open(address, timeout=120) as answer:
        token = answer.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "export": "csv"}).encode()
    request = urllib.request.Request(address, form, {"Referer": address})
    growth = Growth(site._server.pid)
    began = time.perf_counter()
    with site._open(request, timeout=600) as answer:
        size = len(answer.read(1))
        first = time.perf_counter() - began
        while piece := answer.read(1 << 16):
            size += len(piece)
        last = time.perf_counter() - began
    return {
        "csv_first_byte_seconds": first, "csv_seconds": last, "csv_more_mb": growth.stop(), "csv_mb": size / 2**20,
    }  # fmt: skip


def inside() -> None:
    """The workbook by the product, and by the writer alone; prints JSON."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    from tuopin.core.workbook import write_sheet
    from tuopin.platform.access import local_admin
    from tuopin.platform.database import snapshot
    from tuopin.platform.lists import exporting
    from tuopin.platform.lists.registry import listing

    households = listing("register.households")
    opened = exporting.open_export(households, exporting.rebuilt(households, local_admin(), "", {}), {})
    sheet = exporting.sheet_of(opened, "zh-hans")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.xlsx")
        with snapshot():
            exporting.write_xlsx(path, sheet)  # not timed: the disk and the database are warm for both
            began, cpu = time.perf_counter(), time.process_time()
            count = exporting.write_xlsx(path, sheet)
            took, took_cpu = time.perf_counter() - began, time.process_time() - cpu
            rows = [row for piece in sheet.pieces() for row in piece]
        columns = [exporting._sheet_column(*each) for each in zip(sheet.columns, sheet.headers, strict=True)]
        began, cpu = time.perf_counter(), time.process_time()
        write_sheet(path, columns, rows, titles=sheet.titles)
        bare, bare_cpu = time.perf_counter() - began, time.process_time() - cpu
        size = path.stat().st_size / 2**20
    print(json.dumps({
        "xlsx_rows": count, "xlsx_mb": size, "xlsx_seconds": took, "bare_seconds": bare, "xlsx_ratio": took / bare,
        "xlsx_cpu_ratio": took_cpu / bare_cpu,
    }))  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside()
        return
    households = 20_000 if "--quick" in sys.argv[1:] else 300_000
    with workplace() as folder:
        home = folder / "home"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tuopin.platform.settings"
        say(f"cards: {python(home, '-c', CARDS).seconds:.0f} s")
        tuopin(home, "check", "household_exit", "--on", "2018-12-01")
        figures: dict[str, float] = json.loads(python(home, HERE / "bench_export.py", "--inside").stdout)
        with Site(home) as site:
            area = json.loads(python(home, "-c", AREA).stdout)
            figures |= csv_over_http(site, f"/areas/{area}/households/")
    report(figures)


AREA = (
    "import django, json; django.setup(); from tuopin.platform.access import local_admin; "
    "from tuopin.register.place import top_areas; print(json.dumps(top_areas(local_admin())[0].code))"
)


if __name__ == "__main__":
    main()
