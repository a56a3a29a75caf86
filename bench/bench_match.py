"""A department list of 1,000,000 rows against the persons of 1,000,000 households (3.5 million) in SQLite.

usage: bench_match.py [--quick]     (--quick: 20,000 households, 20,000 rows)

Of the rows 80 % carry the number of a person of the register, 10 % somebody else's, 5 % a number with one wrong digit,
5 % none but name and birth date. Time is that of a whole process from the file to stored pairs, plan and counts:
reading the list in its child, reading the register, matching, comparing facts. Memory is of both processes together.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

from harness import HERE, python, report, say, workplace

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def body(p: int) -> str:
    """17 digits of the number of person ``p``; the same arithmetic stands in :func:`give_numbers` as SQL."""
    return f"99{p // 420_000:04d}19{40 + p % 60:02d}{1 + p % 12:02d}{1 + p % 28:02d}{p // 420 % 1000:03d}"


def number(p: int) -> str:
    """The whole number of person ``p``."""
    digits = body(p)
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def give_numbers() -> None:
    """Sound numbers for all persons of a filled register, which have none."""
    _django()
    from django.db import connection, transaction

    postgresql = connection.vendor == "postgresql"

    def padded(expression: str, width: int) -> str:
        text = f"cast({expression} as text)"
        return f"lpad({text}, {width}, '0')" if postgresql else f"printf('%0{width}d', {expression})"

    p = "person_id"
    parts = ["'99'", padded(f"{p} / 420000", 4), "'19'", padded(f"40 + {p} % 60", 2), padded(f"1 + {p} % 12", 2)]
    parts += [padded(f"1 + {p} % 28", 2), padded(f"{p} / 420 % 1000", 3)]
    total = " + ".join(
        f"cast(substr(id_number, {at}, 1) as integer) * {weight}" for at, weight in enumerate(WEIGHTS, 1)
    )
    check = f"substr('10X98765432', 1 + ({total}) % 11, 1)"
    yes = "true" if postgresql else "1"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update register_person_identity set id_number = {' || '.join(parts)}")
        cursor.execute(f"update register_person_identity set id_number = id_number || {check}, id_sound = {yes}")


def write_list(path: Path, households: int, rows: int) -> None:
    """The list as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("身份证号", "姓名", "出生日期", "家庭住址", "缴费档次"))
        for at in range(rows):
            p = 6 + 6 * (at % households)  # ids of persons are 6 * household + k
            sound, name = number(p), f"人{p}"
            match at % 20:
                case 0 | 1:
                    sound, name = number(8_000_000 + at), "外人"
                case 2:
                    sound = sound[:8] + str((int(sound[8]) + 1) % 10) + sound[9:]
                case 3:
                    sound = ""
            writer.writerow((sound, name, "" if sound else "1970-01-01", f"某镇某村{at % 50}号", "一档"))


def match(path: Path) -> None:
    """The measured process."""
    _django()
    import json

    from tuopin.platform.access import local_admin
    from tuopin.register.matching import services
    from tuopin.register.models import AreaVersion

    top = AreaVersion.objects.get(parent=None, valid_to=None)
    from datetime import date

    run = services.open_run(
        local_admin(), path, name=path.name, digest="0" * 64, kind="resident_insurance", as_of=date(2018, 12, 15),
        area=top.code, complete=False, again=True,
    )  # fmt: skip
    found = services.match(local_admin(), run.pk)
    print(json.dumps(found.counts, ensure_ascii=False), file=sys.stderr)


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    import django

    django.setup()


def main() -> None:
    households, rows = (20_000, 20_000) if "--quick" in sys.argv[1:] else (1_000_000, 1_000_000)
    with workplace() as folder:
        home, listed = folder / "home", folder / "list.csv"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        say(f"numbers: {python(home, Path(__file__), '--numbers').seconds:.0f} s")
        write_list(listed, households, rows)
        done = python(home, Path(__file__), "--match", listed)
    report(
        {"match_seconds": done.seconds, "match_cpu_seconds": done.cpu_seconds, "peak_mb": done.peak_mb, "rows": rows}
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--numbers"]:
        give_numbers()
    elif sys.argv[1:2] == ["--match"]:
        match(Path(sys.argv[2]))
    else:
        main()
