"""The API put together: the platform's operations and those of every room, described in OpenAPI 3.1."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import orjson
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer

from tuopin.platform.catalogue import rooms_modules

from . import problems
from .guard import Bearer, failed, guarded
from .limits import StrictParser
from .repeated import HEADER

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

DESCRIPTION = """\
What the pages of Tuopin can do, for programs. Every request brings a token (`Authorization: Bearer tuopin_…`), made by
its owner on the page `/tokens/`; it carries some of the owner's grants and permissions and sees no more than they open
today. Outside the grants and not existing look the same (404). Errors are `application/problem+json` with the words for
users in Chinese and English.

A write may bring an `Idempotency-Key`: sent again within 24 hours it is not done again but answered as before.
Lists are paged by key: ask again with `after` = `next`. Money is in yuan as text with two decimals; null is unknown.
"""
_WRITES = ("post", "put", "patch", "delete")
_ALWAYS = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500)


class OrjsonRenderer(BaseRenderer):
    """JSON in UTF-8."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 - ninja's
        return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class Api(NinjaAPI):
    """NinjaAPI with the errors of this product described once for all operations."""

    def get_openapi_schema(self, **values: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**values)
        schema["components"].setdefault("schemas", {})["Problem"] = problems.SCHEMA
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _describe(method, operation)
        return schema


def _describe(method: str, operation: dict[str, Any]) -> None:
    """Add the answers that every operation may give, and the header of repeated writes."""
    answers = operation["responses"]
    for status in (*_ALWAYS, *((409,) if method in _WRITES else ())):
        answers.setdefault(
            status,
            {
                "description": problems.STATUSES[status][2],
                "content": {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
    if method in _WRITES and not any(each["name"] == HEADER for each in operation["parameters"]):
        operation["parameters"].append(
            {
                "in": "header", "name": HEADER, "required": False,
                "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]*$"},
                "description": "The same key within 24 hours: not done again, answered as before.",
            }
        )  # fmt: skip


def _build() -> Api:
    from . import routes

    api = Api(
        title="Tuopin",
        version=version("tuopin"),
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        auth=Bearer(),
        renderer=OrjsonRenderer(),
        parser=StrictParser(),
    )
    api.add_router("", routes.router)
    for room, module in rooms_modules("api"):
        if room != "platform":
            api.add_router("", module.router)
    api.add_exception_handler(Exception, failed)  # type: ignore[arg-type]  # a response of any kind will do
    for kind in _own_handlers(api):
        api.add_exception_handler(kind, failed)  # type: ignore[arg-type]  # a response of any kind will do
    return api


def _own_handlers(api: Api) -> list[Any]:
    """The kinds of fault that ninja answers by itself, in a form of its own: all of them are answered here."""
    return [kind for kind in api._exception_handlers if kind is not Exception]


API = _build()


def patterns() -> list[URLPattern]:
    """The addresses below /api/, each guarded."""
    return [
        path(str(each.pattern), guarded(each.callback), name=each.name)
        for each in API.urls[0]
        if isinstance(each, URLPattern) and each.name != "api-root"
    ]


def unknown(request: HttpRequest, **_values: Any) -> HttpResponseBase:
    """Any other address below /api/."""
    return problems.answer(request, problems.Failed(404))
