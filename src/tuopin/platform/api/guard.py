"""What stands around every operation: the token, the limits, repeated writes, and every error as problem+json."""

from __future__ import annotations

import functools
import logging
import uuid
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpResponseNotAllowed, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from tuopin.platform.access import Actor, one_page
from tuopin.platform.logs import places
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import API_ACTOR

from .limits import RATE, check_body
from .problems import Failed, answer
from .repeated import once
from .tokens import actor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    type View = Callable[..., HttpResponseBase]

_log = logging.getLogger("tuopin.platform")
_ACTOR = API_ACTOR
_UPLOADS = "upload_"  # how names of operations begin that take a file


class Bearer(HttpBearer):
    """For the description alone: :func:`guarded` has seen to the token before any operation runs."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        found: Actor | None = request.META.get(_ACTOR)
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 - ninja's signature
        return None


def actor(request: HttpRequest) -> Actor:
    """Who comes, for an operation."""
    found: Actor = request.META[_ACTOR]
    return found


def guarded(view: View) -> View:
    """A view of the API. Sessions count for nothing here, so that no other site can use a signed-in browser."""

    @csrf_exempt
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        try:
            response = _run(view, request, args, values)
        except Exception as error:  # noqa: BLE001 - every fault is answered alike, and logged by its place alone
            response = failed(request, error)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization"])
        return response

    run.login_required = False  # type: ignore[attr-defined]  # the token is asked instead
    return run


def _run(view: View, request: HttpRequest, args: tuple[Any, ...], values: dict[str, Any]) -> HttpResponseBase:
    who = _authenticated(request)
    token_id = who.limits.token_id if who.limits else 0
    RATE.take(token_id)
    _no_nul(request)
    request.META[_ACTOR] = who
    takes_file = _takes_file(request)
    check_body(request, takes_file=takes_file)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        with one_page() if request.method == "GET" else nullcontext():
            response = view(request, *args, **values)
    else:
        response = once(request, token_id, lambda: view(request, *args, **values), takes_file=takes_file)
    if isinstance(response, HttpResponseNotAllowed):
        refused = answer(request, Failed(405))
        refused.headers["Allow"] = response.headers.get("Allow", "")
        return refused
    return response


def _takes_file(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.method == "POST" and match is not None and (match.url_name or "").startswith(_UPLOADS)


def _authenticated(request: HttpRequest) -> Actor:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = actor_of(secret.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise Failed(401)
    return found


def _no_nul(request: HttpRequest) -> None:
    """A zero byte is in no name or code, and PostgreSQL takes none."""
    values = (text for name in request.GET for text in (name, *request.GET.getlist(name)))
    if "\0" in request.path or any("\0" in text for text in values):
        raise Failed(400)


def failed(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """The answer to whatever an operation raised."""
    match error:
        case Problem():
            return answer(request, error)
        case ValidationError():
            return answer(request, Failed(422, errors=_errors(error)))
        case TooManyFieldsSent() | TooManyFilesSent():
            zh, en = "参数过多，请减少条件。", "There are too many parameters. Use fewer of them."
            return answer(request, Failed(400, "too_many_parameters", zh, en))
        case SuspiciousOperation() | UnreadablePostError():
            return answer(request, Failed(400))
        case Http404():
            return answer(request, Failed(404))
        case HttpError():
            cause = error.__cause__
            if isinstance(cause, Problem):
                return answer(request, cause)
            return answer(request, Failed(error.status_code if error.status_code in {400, 401, 403, 404} else 400))
    number = uuid.uuid4().hex[:12]
    _log.error("error %s at %s\n%s", number, request.path, places(error))
    return answer(
        request,
        Failed(
            500,
            zh=f"程序内部错误，编号 {number}。请把编号告诉管理员。",
            en=f"Internal error, number {number}. Tell it to your administrator.",
            number=number,
        ),
    )


def _errors(error: ValidationError) -> list[dict[str, Any]]:
    """Where and what, never the values: they may be personal."""
    return [{"where": [str(part) for part in each["loc"]], "what": str(each["type"])} for each in error.errors[:50]]
