"""Fifty users at once at 1,000,000 matters: p95 of inbox, board, heat table, list and matter page.

usage: bench_board_load.py [--quick] [--sqlite] [--seconds N]

Matters and offices as in bench_board. Each user has an account of its own (5 of the city's headquarters, 15 of
counties, 15 of townships, 15 of departments), sends a request about every 5 seconds: the inbox by what is due, the
board of an area, a list with filters and further pages of it, a matter of theirs, and departments sign for what was
issued to them, so that counts change while others read. PostgreSQL by script/postgres.py, the server, the worker and
the users all on this machine's cores. ``--sqlite``: the same in SQLite. ``--quick``: 50,000 matters and 20 s.
"""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_board import fill
from crowd import Kind, load
from either import TUNED
from harness import HERE, PASSWORD, environment, report, say, workplace

sys.path.insert(0, str(HERE.parent / "script"))
import postgres

if TYPE_CHECKING:
    from crowd import Request

PARTS = (("headquarters", "city", 5), ("county", "county", 15), ("township", "township", 15))
DEPARTMENTS = 15
MATTERS = 200
FILTERS = (
    "", "?state=working", "?due=overdue", "?kind=directive&state=issued", "?sort=limit", "?source=audit&due=overdue",
)  # fmt: skip


@dataclass(slots=True)
class Reader:
    """An account, whether it is over an area (else over a unit), matters that it sees, and those it may sign for."""

    name: str
    area: bool
    matters: list[int]
    to_sign: list[int]


# -- what a user asks for -----------------------------------------------------------------------------------------


def inbox(_reader: Reader, _draw: random.Random) -> Request:
    return "GET", "/orders/inbox/", None


def board(reader: Reader, _draw: random.Random) -> Request:
    return ("GET", "/orders/board/", None) if reader.area else inbox(reader, _draw)


def heat(reader: Reader, _draw: random.Random) -> Request:
    return ("GET", "/orders/heat/", None) if reader.area else inbox(reader, _draw)


def listed(reader: Reader, draw: random.Random) -> Request:
    return ("GET", f"/orders/matters/{draw.choice(FILTERS)}", None) if reader.area else matter(reader, draw)


def matter(reader: Reader, draw: random.Random) -> Request:
    return "GET", f"/orders/matters/{draw.choice(reader.matters)}/", None


def sign(reader: Reader, draw: random.Random) -> Request:
    if not reader.to_sign:
        return matter(reader, draw)
    return "POST", f"/orders/matters/{reader.to_sign.pop()}/act/receive/", {"back": "inbox"}


KINDS = (
    Kind("inbox", 0.35, inbox),
    Kind("board", 0.2, board),
    Kind("heat", 0.05, heat),
    Kind("list", 0.2, listed, turns=True),
    Kind("matter", 0.15, matter),
    Kind("sign", 0.05, sign),
)


# -- the matters and their readers --------------------------------------------------------------------------------


def inside(count: int) -> None:
    """In a process with the product's database: fill it, and print the readers as JSON."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    from tuopin.orders.models import MatterText

    fill(count)
    draw = random.Random(1)
    found = [*_of_areas(draw), *_of_departments(draw)]
    drawn = {number for reader in found for number in reader["matters"] + reader["to_sign"]}
    MatterText.objects.bulk_create([MatterText(matter_id=number, text="详情。" * 50) for number in drawn], 5_000)
    print(json.dumps(found))


def _of_areas(draw: random.Random) -> list[dict[str, Any]]:
    from tuopin.orders.models import Matter
    from tuopin.platform.access import subtree
    from tuopin.register.models import AreaVersion

    found = []
    for role, level, users in PARTS:
        places = list(AreaVersion.objects.filter(level=level).order_by("code"))
        for at, place in enumerate(draw.choices(places, k=users)):
            low, high = subtree(place.path)
            inside = AreaVersion.objects.filter(path__gte=low, path__lt=high).values("area_id")
            seen = Matter.objects.filter(area_id__in=inside).exclude(state="draft")
            name = f"load-{role}-{at:02d}"
            _account(name, role, "area", place.area_id)
            matters = list(seen.values_list("pk", flat=True)[:MATTERS])
            found.append({"name": name, "area": True, "matters": matters, "to_sign": []})
    return found


def _of_departments(draw: random.Random) -> list[dict[str, Any]]:
    from tuopin.duties.models import OrganisationVersion
    from tuopin.orders.models import Matter

    offices = OrganisationVersion.objects.filter(kind="department").order_by("pk").values_list("organisation_id")
    found = []
    for at, (office,) in enumerate(draw.sample(list(offices), DEPARTMENTS)):
        name = f"load-department-{at:02d}"
        _account(name, "department", "organisation", office)
        held = Matter.objects.filter(holder_id=office)
        seen = held.exclude(state="draft").values_list("pk", flat=True)[:MATTERS]
        issued = held.filter(state="issued").values_list("pk", flat=True)[:MATTERS]
        found.append({"name": name, "area": False, "matters": list(seen), "to_sign": list(issued)})
    return found


def _account(name: str, role: str, kind: str, scope: int) -> None:
    from tuopin.platform.access import local_admin
    from tuopin.platform.accounts import services as accounts
    from tuopin.platform.models import Grant

    user, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
    since = datetime.date(2018, 1, 1)
    Grant.objects.create(user=user, role=role, scope_kind=kind, scope_id=scope, valid_from=since)


def readers(environment_: dict[str, str], count: int) -> list[Reader]:
    """Fill the database that the environment names; the users."""
    command = [sys.executable, HERE / "bench_board_load.py", "--inside", str(count)]
    made = subprocess.run(command, env=environment_, stdout=subprocess.PIPE, text=True, check=True)
    return [Reader(**row) for row in json.loads(made.stdout.splitlines()[-1])]


def main() -> None:
    given = sys.argv[1:]
    if given[:1] == ["--inside"]:
        inside(int(given[1]))
        return
    small = "--quick" in given
    seconds = float(given[given.index("--seconds") + 1]) if "--seconds" in given else 20 if small else 120
    database = nullcontext("") if "--sqlite" in given else postgres.server(TUNED)
    with workplace() as folder, database as url:
        env = environment(Path(folder, "home")) | ({"DATABASE_URL": url} if url else {})
        times = load(env, readers(env, 50_000 if small else 1_000_000), KINDS, seconds)
    for line in sorted(set(times.wrong))[:20]:
        say(line)
    report(times.figures())


if __name__ == "__main__":
    main()
