"""Fifty users at once on 1,000,000 households: p95 of lists, household page, area page and search.

usage: bench_load.py [--quick] [--sqlite] [--seconds N]

Each user has an account of its own (5 over everything, 15 over a county, 30 over a township), sends a request about
every 5 seconds, and asks for what a clerk asks for: pages of areas, households at random, lists with filters and in
several orders, further pages of them, and searches. PostgreSQL by script/postgres.py, the server, the worker and the
users all on this machine's cores. ``--sqlite``: 20,000 households in SQLite instead. ``--quick``: 20,000 and 20 s.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import HERE, PASSWORD, environment, free_port, report, say, workplace

sys.path.insert(0, str(HERE.parent / "script"))
import postgres

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = "2018-12-01"
USERS, PAUSE = 50, 5.0
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


@dataclass(slots=True)
class Times:
    """Milliseconds by kind of page, and what went wrong."""

    by_kind: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, milliseconds: float) -> None:
        with self.lock:
            self.by_kind.setdefault(kind, []).append(milliseconds)


class Session:
    """A signed-in user with one connection kept open, as a browser has."""

    def __init__(self, port: int, reader: Reader) -> None:
        self.reader = reader
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._host = f"http://127.0.0.1:{port}"
        self.token = ""
        self.ask("GET", "/sign-in/")
        self.ask("POST", "/sign-in/", {"username": reader.name, "password": PASSWORD})
        self.ask("GET", "/")

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, float]:
        """Status, text and milliseconds until the whole answer was there."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self.token})
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self._host + path}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        took = (time.perf_counter() - began) * 1000
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text):
            self.token = found[1]
        return answer.status, text, took


# -- what a user asks for -----------------------------------------------------------------------------------------


def area_page(reader: Reader, draw: random.Random) -> tuple[str, str, dict[str, str] | None]:
    return "GET", draw.choice(["/", f"/areas/{draw.choice([reader.area, *reader.below])}/"]), None


def figures_page(reader: Reader, draw: random.Random) -> tuple[str, str, dict[str, str] | None]:
    return "GET", f"/areas/{draw.choice([reader.area, *reader.below])}/figures/", None


def household_page(reader: Reader, draw: random.Random) -> tuple[str, str, dict[str, str] | None]:
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


def list_page(reader: Reader, draw: random.Random) -> tuple[str, str, dict[str, str] | None]:
    area = draw.choice([reader.area, reader.area, *reader.below])
    return "GET", f"/areas/{area}/households/{draw.choice(FILTERS)}", None


def search(reader: Reader, draw: random.Random) -> tuple[str, str, dict[str, str] | None]:
    name = draw.choice(reader.names)
    term = draw.choice([name, name[:2], draw.choice(reader.households), draw.choice(reader.digits)])
    return "POST", "/find/", {"q": term}


KINDS: tuple[tuple[str, float, Callable[[Reader, random.Random], tuple[str, str, dict[str, str] | None]]], ...] = (
    ("area", 0.15, area_page),
    ("figures", 0.05, figures_page),
    ("household", 0.3, household_page),
    ("list", 0.35, list_page),
    ("search", 0.15, search),
)
NEXT_PAGE = re.compile(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"')


def use(session: Session, times: Times, end: float, seed: int) -> None:
    """One user until ``end``: think, ask, now and then turn the page of a list."""
    draw = random.Random(seed)
    time.sleep(draw.random() * PAUSE)
    onward = ""
    while time.monotonic() < end:
        kind, _share, make = draw.choices(KINDS, [share for _kind, share, _make in KINDS])[0]
        method, path, form = make(session.reader, draw)
        if onward and kind == "list" and draw.random() < 0.5:
            method, path, form = "GET", onward, None
        status, text, took = session.ask(method, path, form)
        if status not in {200, 302}:  # an exact code leads straight to its page
            times.wrong.append(f"{status} {method} {path}")
        times.note(kind, took)
        if kind == "list":
            found = NEXT_PAGE.search(text)
            onward = (found[1] or found[2]).replace("&amp;", "&") if found else ""
            onward = urllib.parse.urljoin(path, onward) if onward else ""
        time.sleep(draw.uniform(0.8, 1.2) * PAUSE)


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


def load(environment_: dict[str, str], seconds: float) -> Times:
    """Serve the register and let the users at it."""
    command = [sys.executable, HERE / "bench_load.py", "--inside"]
    made = subprocess.run(command, env=environment_, stdout=subprocess.PIPE, text=True, check=True)
    readers = [Reader(**row) for row in json.loads(made.stdout)]
    port = free_port()
    command = [sys.executable, "-m", "tuopin.platform.cli", "serve", "--port", str(port), "--workers", "2"]
    server = subprocess.Popen(command, env=environment_, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        sessions = [Session(port, reader) for reader in readers[:USERS]]
        times = Times()
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=use, args=(session, times, end, at)) for at, session in enumerate(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(30)
    return times


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")


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
        times = load(env, seconds)
    for line in sorted(set(times.wrong))[:20]:
        say(line)
    figures: dict[str, float] = {"failed": len(times.wrong)}
    for kind, found in sorted(times.by_kind.items()):
        figures |= {
            f"{kind}_ms": statistics.median(found),
            f"{kind}_ms_95": statistics.quantiles(found, n=20)[-1],
            f"{kind}_ms_max": max(found),
        }
    every = [each for found in times.by_kind.values() for each in found]
    figures |= {"requests": len(every), "all_ms_95": statistics.quantiles(every, n=20)[-1]}
    report(figures)


if __name__ == "__main__":
    main()
