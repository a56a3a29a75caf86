"""Every address of the product, asked for by six kinds of readers: nothing outside their grants comes back.

The table of addresses is the product's own, so that a new page is walked without anybody thinking of it; a parameter
of a new name must be given values in ``VALUES``, or the walk fails and says so. The other county's every name, code
and number is known (``World.secrets``) and looked for in each answer, also inside the workbooks that come back.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from walk.routes import Route, routes
from walk.world import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponseBase
    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from walk.world import World

READERS = ("village", "county", "helper", "inspector", "auditor", "outsider")
LEAVES_OUT = {
    "platform:sign_out",  # ends the walk
    "platform:sign_in", "platform:language",  # write the reader's own tries and language
    "platform:second_factor", "platform:set_up_second_factor", "platform:recovery_codes",  # new secrets each time
}  # fmt: skip
"""Of the reader alone; their own tests stand in tests/rooms/platform."""
SAME_FOR_ALL = {"standard": ["household_exit", "village_exit"], "pack": ["shangqiu-2018"]}
NUMBERS = re.compile(r"[0-9A-Za-z]{6,}")


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    from django.core.management import call_command

    from walk.world import build, use

    with django_db_blocker.unblock():
        made = build(tmp_path_factory.mktemp("walk"))
        use(signed_in("away"), made)
        yield made
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, world: World, db: None) -> Client:
    return signed_in(request.param)


def signed_in(name: str) -> Client:
    """A browser that is signed in, and that shows a token of the reader's wherever the API asks for one."""
    from django.test import Client

    from tuopin.platform.access import actor_for, grants_of, may
    from tuopin.platform.api import tokens
    from tuopin.platform.models import User

    user = User.objects.get(username=name)
    client = Client(headers={"host": "localhost"}, raise_request_exception=True)
    client.force_login(user)
    actor = actor_for(user)
    grants = [grant.pk for grant in grants_of(actor)]
    if grants and may(actor, tokens.MAKE):
        permissions = [each.name for each in tokens.offered(actor)]
        _row, secret = tokens.make_token(actor, "walk", grants=grants, permissions=permissions, days=1)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


# -- what is asked for --------------------------------------------------------------------------------------------


def values_of(route: Route, world: World, *, own: bool) -> list[dict[str, str]]:
    """Values for the parameters of a route: of the other county, or of the readers' own."""
    codes = (
        [world.home.code, world.village.code, world.household]
        if own
        else [world.away.code, world.away_village.code, world.away_household, world.city.code]
    )
    choices: list[list[str]] = []
    for name, converter in route.parameters:
        if name in SAME_FOR_ALL:
            choices.append(SAME_FOR_ALL[name])
        elif converter == "int":
            choices.append(NUMBERS_OF_THINGS)
        elif converter == "uuid":
            choices.append(["00000000-0000-4000-8000-000000000001"])
        elif name in {"code", "area", "household", "village"}:
            choices.append(codes)
        else:
            choices.append(TEXTS[name])
    names = [name for name, _converter in route.parameters]
    found = [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*choices)]
    return [values for values in found if route.address(values)][:MOST]


MOST = 6  # combinations of one route: the walk is long as it is
NUMBERS_OF_THINGS = ["1", "99999999"]
TEXTS: dict[str, list[str]] = {
    "number": NUMBERS_OF_THINGS,
    "key": ["households", "persons", "imports", "issues"],
    "kind": ["household", "person"],
    "what": ["matched", "doubts", "missing"],
    "rest": ["nothing"],
}
"""Values of text parameters that name neither an area nor a household."""


def everything(answer: HttpResponseBase) -> str:
    """The text of an answer: head, body, and what stands inside a workbook."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # either has its own
    heads = "\n".join(f"{name}: {value}" for name, value in answer.items())
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return heads + "\n" + body.decode("utf-8", "replace")


def told(text: str, world: World, asked: dict[str, str]) -> list[str]:
    """Secrets in a text; what the reader wrote may be echoed."""
    for value in sorted(asked.values(), key=len, reverse=True):
        text = text.replace(value, "")
    words = set(NUMBERS.findall(text))
    return [MARK] * (MARK in text) + sorted(words & world.secrets)


# -- the walk -----------------------------------------------------------------------------------------------------


def test_every_parameter_has_values(world: World) -> None:
    known = {"code", "area", "household", "village", *SAME_FOR_ALL, *TEXTS}
    new = {
        f"{name} of {route.name}"
        for route in routes()
        for name, converter in route.parameters
        if converter not in {"int", "uuid"} and name not in known
    }
    assert not new, "give these parameters values in TEXTS"


@pytest.mark.django_db
def test_nothing_of_the_other_county_is_shown(reader: Client, world: World) -> None:
    found = []
    for route in routes():
        if route.name in LEAVES_OUT:
            continue
        for values in [*values_of(route, world, own=False), *values_of(route, world, own=True)]:
            address = route.address(values)
            answer = reader.get(address)
            found += [(address, secret) for secret in told(everything(answer), world, values)[:1]]
    assert not found
