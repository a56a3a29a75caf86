"""Every address of the product, asked for by six kinds of readers: nothing outside their grants comes back.

The table of addresses is the product's own, so that a new page is walked without anybody thinking of it; a parameter
of a new name must be given values in ``walk/asking.py``, or the walk fails and says so. The other county's every name,
code and number is known (``World.secrets``) and looked for in each answer, also inside the workbooks that come back.
Then: what lies outside answers as what does not exist does; nothing that is counted changes when half of the other
county leaves; what is posted about the other county changes nothing there. Each route is asked for once by each
reader, and the answers are looked at in several tests: the whole walk must stay quick.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.urls import Resolver404, resolve, reverse

from tuopin.platform import worker
from tuopin.platform.api import limits
from tuopin.platform.models import Download
from walk import following
from walk.asking import (
    CODES,
    NAMED,
    PAGING,
    TEXTS,
    Form,
    absent_of,
    difference,
    everything,
    forms_of,
    numbered,
    plain,
    recorded,
    substitutes,
    thing,
    told,
    values_of,
)
from walk.routes import Route, example, operations, routes
from walk.world import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from walk.world import World

pytestmark = pytest.mark.django_db

READERS = ("village", "county", "helper", "inspector", "auditor", "outsider", "keeper", "officer", "letters")
CLOSER = ("village", "helper", "county")
"""Who looks closer: at names in addresses, and with forms. They read more than the others, and less than everything."""
LEAVES_OUT = {
    "platform:sign_out",  # ends the walk
    "platform:sign_in", "platform:language",  # write the reader's own tries and language
    "platform:second_factor", "platform:set_up_second_factor", "platform:recovery_codes",  # new secrets each time
}  # fmt: skip
"""Of the reader alone; their own tests stand in tests/rooms/platform."""
UNREACHED = {
    "api:unknown",  # nothing is there
    # of seals, which count every county: need a grant over all of them
    "platform:seals", "platform:seal", "api:seals", "api:make_seal", "api:seal",
    "platform:outbox",  # of the whole installation too
    "standards:compared", "api:compared", "api:comparison",  # there once its job is done, and by the token that asked
    "standards:procedure_batch", "standards:procedure_notice", "standards:procedure_paper",  # need a step, a notice
    "duties:notice",
    "api:loans",  # without an area no class of fields is open: with one in tests/rooms/measures/livelihood
    "standards:quality_rule",  # there once the standard of data quality was evaluated
}  # fmt: skip
OWN_DOINGS = {
    "platform:reads", "platform:audit", "platform:security", "platform:tokens",
    "platform:jobs", "platform:job", "standards:compare", "platform:messages", "platform:message", "api:messages",
}  # fmt: skip
"""Show what the readers themselves have just done: they differ from one visit to the next."""
OWN_LIST = "platform.messages"
"""One's own messages once more, at the address of all lists: a look at one marks it read."""
SAYS_THAT_DATA_CHANGED = {"register:import"}
"""Whether an import can be undone hangs on the version of the whole register: that it changed is said, not what."""
CHANGED_SINCE = re.compile(r'"data_changed_since":(true|false)|<p class="quiet stale" role="note">.*?</p>', re.DOTALL)
"""Explanations of areas say whether anything in the register changed since the evaluation: not what, not where."""
LOGS = re.compile(r"readentry|readbatch|read_|audit|session|marker|django_|throttle|cache|kept_answer")
"""Tables that may change when somebody only looks."""


@dataclass
class Walked:
    """What a reader was answered. ``own``: address → answer, for the pages of the own county."""

    shown: list[tuple[str, str]] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    route: dict[str, str] = field(default_factory=dict)  # address → name of the route
    reached: set[str] = field(default_factory=set)
    takes: dict[str, set[str]] = field(default_factory=dict)  # address → names that its view took


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    from django.core.management import call_command

    from walk.world import build, signed_in, use

    folder = tmp_path_factory.mktemp("walk")
    with django_db_blocker.unblock():
        made = build(folder)
        made.clients.update({name: signed_in(name) for name in (*READERS, "away")})
        made.theirs.update(use(made.clients["away"], made.away, made.away_household, MARK, folder, "away-officer"))
        made.ours.update(use(made.clients["county"], made.home, made.household, "本县", folder, "officer"))
        yield made
        call_command("flush", interactive=False, verbosity=0)


def visitor(world: World, name: str) -> Client:
    """The reader's browser anew, with the same session and token, and no messages left over."""
    from django.test import Client

    made = Client(headers={"host": "localhost"}, raise_request_exception=True)
    made.cookies["sessionid"] = world.clients[name].cookies["sessionid"].value
    made.defaults.update(world.clients[name].defaults)
    return made


def walked_routes() -> list[Route]:
    return [route for route in routes() if route.name not in LEAVES_OUT]


# -- the walk -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walked(world: World, django_db_blocker: DjangoDbBlocker) -> dict[str, Walked]:
    """Every route, asked for by every reader: with what is the other county's, with nothing's, with the own. The two
    offices go first: where they find nothing there is nothing to be shown, and nobody else goes."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        found = {"away": walk(visitor(world, "away"), world, patch, (Walked(), Walked()))}
        found["county"] = walk(visitor(world, "county"), world, patch, (found["away"], Walked()))
        offices = found["away"], found["county"]
        return found | {name: walk(visitor(world, name), world, patch, offices) for name in READERS if name != "county"}


def walk(client: Client, world: World, patch: pytest.MonkeyPatch, offices: tuple[Walked, Walked]) -> Walked:
    """All that one reader is answered; ``away`` has it the other way round."""
    found = Walked()
    for route in walked_routes():
        limits.RATE.forget()
        nothing: dict[str, str] = {}
        for values in worth_asking(route, values_of(route, world, "theirs"), offices[0].other):
            address, absent = route.address(values), absent_of(route, world, values)
            text = everything(client.get(address))
            found.shown += [(address, secret) for secret in told(text, world, values.values())[:1]]
            found.other[address], found.route[address] = plain(text), route.name
            if absent != values:
                there = route.address(absent)
                nothing[there] = nothing.get(there) or everything(client.get(there))
                asked = {*values.values(), *absent.values()}
                if plain(text, asked) != plain(nothing[there], asked):
                    found.unlike.append(address)
        for values in worth_asking(route, values_of(route, world, "ours"), offices[1].own):
            address = route.address(values)
            with recorded(patch) as names:
                text = everything(client.get(address))
            found.shown += [(address, secret) for secret in told(text, world, values.values())[:1]]
            found.own[address], found.route[address] = plain(text), route.name
            found.takes[address] = set(names)
            if not text.startswith(("404", "403", "401")):
                found.reached.add(route.name)
    return found


ANSWERED = ("2", "3", "405")
"""How an answer begins that there is something to."""


def worth_asking(route: Route, several: list[dict[str, str]], seen: dict[str, str]) -> list[dict[str, str]]:
    """Those of the values with which the office of the place was answered; all, where it was not with any."""
    there = [values for values in several if seen.get(route.address(values), "").startswith(ANSWERED)]
    return there or several


def test_every_table_has_rows_of_both_counties(world: World) -> None:
    """What a table without rows of the other county would show to the wrong eyes, no walk could find."""
    assert following.lacking(world.home, world.ours) == set()
    assert following.lacking(world.away, world.theirs) == set()


def test_every_parameter_has_values() -> None:
    new = {
        f"{name} of {route.name}"
        for route in routes()
        for name, converter in route.parameters
        if not (thing(route, name) if numbered(name, converter) else name in CODES | {"key", *TEXTS})
    }
    assert not new, "give these parameters values in walk/asking.py"


def test_every_page_is_reached(walked: dict[str, Walked]) -> None:
    """Somebody is answered on every page with the values of the own county: none is walked past a locked door."""
    reached = set().union(*(each.reached for each in walked.values()), UNREACHED)
    assert {route.name for route in walked_routes()} - reached == set()


def test_the_clerk_of_the_other_county_is_shown_it(walked: dict[str, Walked]) -> None:
    """What must not be shown to the others is there to be seen, and seen by the same eyes."""
    assert len({address for address, _secret in walked["away"].shown}) > 40
    assert len(walked["away"].unlike) > 30


@pytest.mark.parametrize("name", READERS)
def test_nothing_of_the_other_county_is_shown(name: str, walked: dict[str, Walked]) -> None:
    assert walked[name].shown == []


@pytest.mark.parametrize("name", READERS)
def test_outside_and_not_existing_look_alike(name: str, walked: dict[str, Walked]) -> None:
    assert walked[name].unlike == []


@pytest.mark.parametrize("name", CLOSER)
def test_no_name_in_an_address_opens_the_other_county(name: str, world: World, walked: dict[str, Walked]) -> None:
    """Each name that a page takes out of its address, with what is the other county's and with what is nothing's."""
    client, seen, shown, unlike = visitor(world, name), walked[name], [], []
    done: set[tuple[object, str]] = set()
    described = {each.route: set(each.query) for each in operations() if each.method == "get"}
    for address, text in seen.own.items():
        route = seen.route[address]
        if not text.startswith(("200", "422")) or route in OWN_DOINGS:  # 422: the API wants one of these names
            continue
        view = resolve(address).func
        names = seen.takes[address] | forms_of(text)[1] | described.get(route, set())
        for each in sorted(names):
            for there, nowhere in substitutes(each, "", world):
                if (view, each) in done:
                    continue
                done.add((view, each))
                answers = [everything(client.get(address, {each: value})) for value in (there, nowhere)]
                shown += [(address, each, secret) for secret in told(answers[0], world, {there})[:1]]
                if each not in PAGING and len({plain(answer, {there, nowhere}) for answer in answers}) > 1:
                    unlike.append((address, each))
    assert shown == []
    assert unlike == []


def test_nothing_of_the_other_county_can_be_changed(world: World, walked: dict[str, Walked]) -> None:
    """Every address that names something of the other county, posted to with more of it."""
    found, before, count = [], state(), 0
    bodies = {each.route: each.body for each in operations() if each.method == "post"}
    for name in CLOSER:
        client = visitor(world, name)
        for route in walked_routes():
            if not route.parameters:
                continue
            limits.RATE.forget()
            for values in values_of(route, world, "theirs"):
                address = route.address(values)
                if address in walked[name].own or address not in walked[name].other:
                    continue
                given = {each: NAMED[each](world) for each in NAMED}
                if route.name in bodies:
                    body = example(bodies[route.name] or {"type": "object"}, given)
                    answer = client.post(address, body, content_type="application/json")
                else:
                    answer = client.post(address, given | {"do": "apply", "then": "import"})
                count += 1
                asked = {*values.values(), *given.values()}
                found += [(name, address, secret) for secret in told(everything(answer), world, asked)[:1]]
                if answer.status_code < 400:
                    found.append((name, address, str(answer.status_code)))
    assert count > 50
    assert found == []
    after = state()
    assert [table for table in after if after[table] != before.get(table)] == []


@pytest.fixture(scope="module")
def halved(world: World, walked: dict[str, Walked], django_db_blocker: DjangoDbBlocker) -> None:
    """Half of the other county has left, after everybody has seen their own."""
    from walk.world import change_away

    with django_db_blocker.unblock():
        change_away(world)


@pytest.mark.parametrize("name", CLOSER)
def test_nothing_of_the_other_county_is_counted(
    name: str, world: World, walked: dict[str, Walked], halved: None
) -> None:
    """Not one byte of the readers' own pages may change."""
    client, seen = visitor(world, name), walked[name]
    limits.RATE.forget()
    apart = OWN_DOINGS | SAYS_THAT_DATA_CHANGED
    left = {
        address: text
        for address, text in seen.own.items()
        if seen.route[address] not in apart and OWN_LIST not in address
    }
    changed = {address: difference(text, plain(everything(client.get(address)))) for address, text in left.items()}
    assert {address: each for address, each in changed.items() if each} == {}


@dataclass
class Posted:
    """What came of the forms of the readers' own pages."""

    forms: int = 0
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)  # pages of the other county's clerk


@pytest.fixture(scope="module")
def posted(world: World, walked: dict[str, Walked], halved: None, django_db_blocker: DjangoDbBlocker) -> Posted:
    """Every form of the readers' own pages, sent. What it changes stays changed: the last fixture of the file."""
    found = Posted()
    with django_db_blocker.unblock():
        before = seen_by_the_other_clerk(world, walked)
        for name in CLOSER:
            send_forms(name, world, walked[name], found)
        after = seen_by_the_other_clerk(world, walked)
    alike = {address: CHANGED_SINCE.sub("", text) for address, text in after.items()}
    changed = {at: difference(CHANGED_SINCE.sub("", text), alike[at]) for at, text in before.items()}
    found.changed = {address: each for address, each in changed.items() if each}
    return found


def seen_by_the_other_clerk(world: World, walked: dict[str, Walked]) -> dict[str, str]:
    limits.RATE.forget()
    away, client = walked["away"], visitor(world, "away")
    apart = OWN_DOINGS | SAYS_THAT_DATA_CHANGED
    addresses = [address for address in away.other if away.route[address] not in apart and OWN_LIST not in address]
    return {address: plain(everything(client.get(address))) for address in addresses}


def send_forms(name: str, world: World, seen: Walked, found: Posted) -> None:
    """A reader's forms, then the jobs that came of them and the files that came of those."""
    limits.RATE.forget()
    client, done = visitor(world, name), set[tuple[str, tuple[str, ...]]]()
    for address, text in seen.own.items():
        if not text.startswith("200") or seen.route[address] in LEAVES_OUT | ENDS:
            continue
        for form in forms_of(text)[0]:
            for target, given in attacks(form, address, world, done):
                found.forms += 1
                text = everything(client.post(target, given))
                found.shown += [
                    (name, target, each) for each in told(text, world, {*given.values(), world.away.code})[:1]
                ]
    worker.work(threading.Event(), until_empty=True)
    for download in Download.objects.filter(user_id=client.session["_auth_user_id"]):
        text = everything(client.get(reverse("platform:download", args=[download.pk])))
        found.shown += [(name, download.name, each) for each in told(text, world, ())[:1]]


def attacks(
    form: Form, page: str, world: World, done: set[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Addresses and fields to post: the form as it stands, then with one thing replaced. Forms of one shape once."""
    target = form.action or page
    path, _, query = target.partition("?")
    try:
        view = resolve(path).view_name
    except Resolver404:
        return
    shape = (view, tuple(sorted(re.sub(r"\d+", "0", each) for each in form.fields)))
    if view in LEAVES_OUT or view in ENDS or shape in done:
        return
    done.add(shape)
    given = dict(form.fields) | dict(form.buttons[:1])
    yield target, given
    for key, value in given.items():
        for there, _nowhere in substitutes(key, value, world):
            yield target, given | {key: there}
    if "area=" not in query:
        yield f"{path}?area={world.away.code}", given


ENDS = {"platform:end_session", "platform:change_password", "platform:change_second_factor"}
"""Forms that end the reader's own session."""


def test_no_form_reaches_into_the_other_county(posted: Posted) -> None:
    """Each number and code in a form is replaced by one of the other county: the answers tell nothing of it, neither
    do the files that come of it, and the other county's own clerk sees everything as before."""
    assert posted.forms > 60
    assert posted.shown == []
    assert posted.changed == {}


def state() -> dict[str, str]:
    """A digest of every table but the logs."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not LOGS.search(table):
                cursor.execute(f'select * from "{table}"')
                rows = sorted(repr(row) for row in cursor.fetchall())
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
