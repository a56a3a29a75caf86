"""Fifty users at once on 1,000,000 households: p95 of lists, household page, area page and search.

usage: bench_load.py [--quick] [--sqlite] [--seconds N]

Each user has an account of its own (5 over everything, 15 over a county, 30 over a township), sends a request about
every 5 seconds, and asks for what a clerk asks for: pages of areas, households at random, lists with filters and in
several orders, further pages of them, and searches. PostgreSQL by script/postgres.py, the server, the worker and the
users all on this machine's cores. ``--sqlite``: 20,000 households in SQLite instead. ``--quick``: 20,000 and 20 s.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crowd import USERS, Kind, load
from harness import HERE, PASSWORD, environment, report, say, workplace

sys.path.insert(0, str(HERE.parent / "script"))
import postgres

if TYPE_CHECKING:
    from crowd import Request

DAY = "2018-12-01"
TUNED = ("shared_buffers=512MB", "work_mem=16MB", "effective_cache_size=2GB", "random_page_cost=1.1")


@dataclass(frozen=True, slots=True)
class Reader:
    """An account, the code of the area it is over, and households of that area."""

    name: str
    area: str
    below: list[str]
    households: list[str]
    names: list[str]
    digits: list[str]


# -- what a user asks for -----------------------------------------------------------------------------------------


def area_page(reader: Reader, draw: random.Random) -> Request:
    return "GET", draw.choice(["/", f"/areas/{draw.choice([reader.area, *reader.below])}/"]), None


def figures_page(reader: Reader, draw: random.Random) -> Request:
    return "GET", f"/areas/{draw.choice([reader.area, *reader.below])}/figures/", None


def household_page(reader: Reader, draw: random.Random) -> Request:
    return "GET", f"/households/{draw.choice(reader.households)}/", None


FILTERS = (
    "",
    "?registration=registered",
    "?standard=household_exit&item=overall&verdict=not_met",
    "?standard=household_exit&item=housing&verdict=unknown",
    "?sort=-head",
    "?sort=income",
    "?members_from=1&members_to=2&sort=-income",
)


def list_page(reader: Reader, draw: random.Random) -> Request:
    area = draw.choice([reader.area, reader.area, *reader.below])
    return "GET", f"/areas/{area}/households/{draw.choice(FILTERS)}", None


def search(reader: Reader, draw: random.Random) -> Request:
    name = draw.choice(reader.names)
    term = draw.choice([name, name[:2], draw.choice(reader.households), draw.choice(reader.digits)])
    return "POST", "/find/", {"q": term}


KINDS = (
    Kind("area", 0.15, area_page),
    Kind("figures", 0.05, figures_page),
    Kind("household", 0.3, household_page),
    Kind("list", 0.35, list_page, turns=True),
    Kind("search", 0.15, search),
)


# -- the register and its readers ---------------------------------------------------------------------------------


def inside() -> None:
    """In a process with the product's database: make the accounts and print the readers as JSON."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    from tuopin.platform.access import local_admin
    from tuopin.platform.accounts import services as accounts
    from tuopin.register.models import AreaVersion

    draw = random.Random(1)
    current = AreaVersion.objects.filter(valid_to=None)
    top = [current.filter(level="city").order_by("code").first()] * 5
    counties = draw.choices(list(current.filter(level="county").order_by("code")), k=15)
    townships = draw.choices(list(current.filter(level="township").order_by("code")), k=30)
    readers = []
    for at, area in enumerate([*top, *counties, *townships]):
        user, _password = accounts.add_user(local_admin(), f"bench{at:02d}", PASSWORD, must_change=False)
        scope = ("all", None) if at < 5 else ("area", area.area_id)
        accounts.grant(local_admin(), user, "county", *scope)
        readers.append({"name": user.username, "area": area.code, **_people(area, draw)})
    print(json.dumps(readers))


def _people(area: object, draw: random.Random) -> dict[str, list[str]]:
    from tuopin.platform.access import subtree
    from tuopin.register.models import AreaVersion, Membership, PersonIdentity, Residence

    low, high = subtree(area.path)  # type: ignore[attr-defined]  # an AreaVersion
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None)
    villages = list(inside.filter(level="village").values_list("area_id", flat=True))
    chosen = draw.sample(villages, min(20, len(villages)))
    homes = list(
        Residence.objects.filter(area_id__in=chosen, valid_to=None).values_list("household_id", "household__code")
    )
    drawn = draw.sample(homes, min(200, len(homes)))
    people = Membership.objects.filter(household_id__in=[key for key, _code in drawn]).values("person_id")
    identities = PersonIdentity.objects.filter(person_id__in=people, superseded_at=None).order_by("id")[:100]
    codes = list(inside.filter(path__gt=low).order_by("code").values_list("code", flat=True))
    return {
        "below": draw.sample(codes, min(10, len(codes))),
        "households": [code for _key, code in drawn],
        "names": [each.name for each in identities if each.name] or ["张"],
        "digits": [(each.id_number or "000000")[-6:] for each in identities] or ["000000"],
    }


def readers(environment_: dict[str, str]) -> list[Reader]:
    """The users, made in the database that the environment names."""
    command = [sys.executable, HERE / "bench_load.py", "--inside"]
    made = subprocess.run(command, env=environment_, stdout=subprocess.PIPE, text=True, check=True)
    return [Reader(**row) for row in json.loads(made.stdout)]


def prepare(environment_: dict[str, str], households: int) -> None:
    """Fill, judge by both standards."""
    for arguments in (
        [HERE / "fill_register.py", str(households)],
        ["-m", "tuopin.platform.cli", "check", "household_exit", "--on", DAY],
        ["-m", "tuopin.platform.cli", "check", "village_exit", "--on", DAY],
    ):
        began = time.perf_counter()
        subprocess.run([sys.executable, *map(str, arguments)], env=environment_, stdout=subprocess.DEVNULL, check=True)
        say(f"{Path(arguments[0]).name} {' '.join(map(str, arguments[1:]))}: {time.perf_counter() - began:.0f} s")


def main() -> None:
    given = sys.argv[1:]
    if given[:1] == ["--inside"]:
        inside()
        return
    small = "--quick" in given or "--sqlite" in given
    seconds = float(given[given.index("--seconds") + 1]) if "--seconds" in given else 20 if "--quick" in given else 120
    database = nullcontext("") if "--sqlite" in given else postgres.server(TUNED)
    with workplace() as folder, database as url:
        env = environment(folder / "home") | ({"DATABASE_URL": url} if url else {})
        prepare(env, 20_000 if small else 1_000_000)
        times = load(env, readers(env)[:USERS], KINDS, seconds)
    for line in sorted(set(times.wrong))[:20]:
        say(line)
    report(times.figures())


if __name__ == "__main__":
    main()
