"""The pages around the API: its description, and the tokens of its user."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import roles
from tuopin.platform.access import actor_of, grants_of, may, require
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.problems import Problem

from . import tokens

if TYPE_CHECKING:
    from tuopin.platform.models import Grant

DAYS = (30, 90, 180, 365)


@cache
def _schema() -> bytes:
    from .site import API

    return orjson.dumps(API.get_openapi_schema(path_prefix="/api/"), option=orjson.OPT_NON_STR_KEYS)


@login_not_required
@require_GET
def openapi(_request: HttpRequest) -> HttpResponse:
    """The description for programs (OpenAPI 3.1). It says nothing of anybody's data: no token is needed."""
    return HttpResponse(_schema(), content_type="application/json")


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """The description for people, from the same document; without scripts."""
    document = orjson.loads(_schema())
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            name = (operation.get("tags") or ["platform"])[0]
            groups.setdefault(name, []).append(_operation(document, address, method, operation))
    context = {"groups": groups, "info": document["info"], "may_make": may(actor_of(request), tokens.MAKE)}
    return render(request, "platform/api/docs.html", context)


def _operation(document: dict[str, Any], address: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good: dict[str, Any] = next((each for status, each in operation["responses"].items() if status.startswith("2")), {})
    shape = good.get("content", {}).get("application/json", {}).get("schema")
    return {
        "method": method.upper(),
        "address": address,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [each for each in operation["parameters"] if each["in"] != "header"],
        "body": _example(document, body) if body else "",
        "answer": _example(document, shape) if shape else "",
        "statuses": sorted(operation["responses"]),
    }


def _example(document: dict[str, Any], shape: dict[str, Any]) -> str:
    return orjson.dumps(_shown(document, shape, 0), option=orjson.OPT_INDENT_2).decode()


def _shown(document: dict[str, Any], shape: dict[str, Any], depth: int) -> Any:
    """A shape as JSON with the names of types in place of values."""
    if "$ref" in shape:
        shape = document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
    if depth > 6:
        return "…"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in shape:
            parts = [_shown(document, each, depth + 1) for each in shape[several]]
            plain = [each for each in parts if each != "null"]
            return plain[0] if len(plain) == 1 and isinstance(plain[0], dict | list) else " | ".join(map(str, parts))
    if shape.get("type") == "object":
        return {name: _shown(document, each, depth + 1) for name, each in shape.get("properties", {}).items()}
    if shape.get("type") == "array":
        return [_shown(document, shape.get("items", {}), depth + 1)]
    return str(shape.get("format") or shape.get("type") or shape.get("const") or "any")


# -- tokens -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a POST makes one, whose secret is shown on this answer and never again."""
    actor = actor_of(request)
    require(actor, tokens.MAKE)
    context: dict[str, Any] = {"chosen": frozenset(), "chosen_grants": frozenset(), "name": ""}
    status = 200
    if request.method == "POST":
        chosen = request.POST.getlist("permission")[:200]
        grants = whole_numbers(request.POST.getlist("grant")[:500])
        days = request.POST.get("days", "")
        try:
            made, secret = tokens.make_token(
                actor, request.POST.get("name", ""), grants=grants, permissions=chosen,
                days=whole_number(days, 0),
            )  # fmt: skip
            context |= {"made": made, "secret": secret}
        except Problem as problem:
            status = problem.status
            context |= {"problem": problem, "chosen": set(chosen), "chosen_grants": set(grants),
                        "name": request.POST.get("name", "")[:60]}  # fmt: skip
    now = timezone.now()
    held = grants_of(actor)[:500]
    names = tokens.over(held)
    context |= {
        "tokens": [(each, _state(each, now)) for each in tokens.own(actor)[:100]],
        "grants": [(each, _role(each), names.get(each.pk, "")) for each in held],
        "permissions": tokens.offered(actor),
        "days": DAYS,
    }
    answer = render(request, "platform/api/tokens.html", context, status=status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token of one's own."""
    tokens.revoke_tokens(actor_of(request), [token_id])
    return redirect("platform:tokens")


def _state(token: Any, now: Any) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= now else "good"


def _role(grant: Grant) -> Any:
    found = roles.all_roles().get(grant.role)
    return found.title if found else None
