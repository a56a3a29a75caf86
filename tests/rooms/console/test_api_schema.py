"""Schemathesis over every operation of the API: no fault of the program, no answer that is not described."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import resolve
from hypothesis import HealthCheck, given, settings
from ninja.openapi.schema import OpenAPISchema
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks

from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import limits, pages, tokens
from tuopin.platform.models import User
from walk import routes as walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console_city import City

pytestmark = pytest.mark.django_db

EXAMPLES = 12
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
)  # fmt: skip


def operations() -> list[tuple[str, str]]:
    document = json.loads(pages._schema())
    return [(path, method) for path, methods in document["paths"].items() for method in methods]


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limits.RATE.forget()
    for signal in (
        request_started,
        request_finished,
    ):  # as Django's own test client does: the transaction is the test's
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    limits.RATE.forget()


@pytest.fixture
def secret(city: City, db: None) -> str:
    actor = actor_for(User.objects.get(username="county"))
    offered = [each.name for each in tokens.offered(actor)]
    grants = [each.pk for each in grants_of(actor)]
    return tokens.make_token(actor, "schemathesis", grants=grants, permissions=offered, days=1)[1]


def test_the_description_is_openapi_3_1() -> None:
    document = json.loads(pages._schema())
    assert document["openapi"].startswith("3.1")
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["security"] == [{"Bearer": []}]
            assert {"400", "401", "403", "404", "413", "415", "422", "429", "500"} <= set(operation["responses"])


def test_a_name_of_the_description_means_one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two classes of one name in two rooms: the last one would describe the answers of both."""
    from tuopin.platform.api.site import API

    made: dict[str, Any] = {}
    twice: set[str] = set()
    real = OpenAPISchema.add_schema_definitions

    def add(self: OpenAPISchema, definitions: dict[str, Any]) -> None:
        twice.update(name for name, shape in definitions.items() if made.setdefault(name, shape) != shape)
        real(self, definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
    API.get_openapi_schema(path_prefix="/api/")
    assert len(made) > 50
    assert twice == set()


def test_every_address_of_the_api_is_described() -> None:
    """What the table of addresses has below /api/ is what the tests below take from the description."""
    described = {each.route for each in walk.operations()}
    # Of two operations at one address the table of addresses answers with the first one's name.
    there = {
        resolve(each.address(dict.fromkeys(each.names, "1"))).view_name
        for each in walk.routes()
        if each.name.startswith("api:")
    }
    assert there - described == {"api:docs", "api:openapi", "api:unknown"}
    assert described - there == set()


@cache
def described() -> Any:
    """The description as Schemathesis reads it; with every one it reads the constants of our sources anew."""
    from django.core.wsgi import get_wsgi_application

    load_all_checks()
    return schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application(), headers={"Host": "localhost"})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize(("path", "method"), operations(), ids=lambda value: str(value))
def test_every_operation_answers_as_described(path: str, method: str, mode: GenerationMode, secret: str) -> None:
    operation = described()[path][method.upper()]
    checks: Any = schemathesis.checks.CHECKS.get_by_names(CHECKS)
    headers = {"Authorization": f"Bearer {secret}", "Host": "localhost", "Accept-Encoding": "identity"}
    unlikely = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=unlikely)
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        limits.RATE.forget()
        response = case.call(headers=headers)
        case.validate_response(response, checks=checks)

    try:
        run()
    except Exception as error:
        if type(error).__name__ in {"Unsatisfiable", "Skipped"}:  # nothing bad can be said to it
            return
        raise
