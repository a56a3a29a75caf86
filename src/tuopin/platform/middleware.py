"""What happens to every request: its language, whether one must be signed in, and problems as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from tuopin.platform import place
from tuopin.platform.access import one_page
from tuopin.platform.accounts import sessions
from tuopin.platform.accounts.second_factor import is_required
from tuopin.platform.accounts.sessions import SECOND_FACTOR
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from collections.abc import Callable


class GrantsMiddleware:
    """Grants are read once for a page, however many panels ask for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with one_page():
            return self.get_response(request)


class PlaceMiddleware:
    """The area chosen on a page is kept for the next ones."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        place.keep(request, response)
        return response


class LanguageMiddleware:
    """Chinese unless the reader chose otherwise (cookie); the browser's own wish is not asked: offices share PCs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.codes = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        with translation.override(chosen if chosen in self.codes else settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


class SignedInMiddleware(LoginRequiredMiddleware):
    """Every view needs a signed-in user unless it is marked ``login_not_required``; a set password is changed first,
    then a second factor set up where the role needs one."""

    before_change = frozenset({"platform:change_password", "platform:sign_out"})
    before_factor = before_change | {"platform:set_up_second_factor", "platform:recovery_codes"}

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is not None or not getattr(view_func, "login_required", True):
            return refused
        match = request.resolver_match
        view = match.view_name if match else ""
        sessions.seen(request)
        if getattr(request.user, "must_change_password", False) and view not in self.before_change:
            return redirect("platform:change_password")
        # A session that was opened with a code says so itself: no query for those who have one.
        if not request.session.get(SECOND_FACTOR) and isinstance(request.user, User) and is_required(request.user):
            request.sign_in_unfinished = True  # type: ignore[attr-defined]  # for the frame around the page
            if view not in self.before_factor:
                return redirect("platform:set_up_second_factor")
        return None

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:  # noqa: ARG002 - Django's signature
        # Only the path: what somebody searched for does not belong into the address of the sign-in page.
        query = f"?{urlencode({'next': request.path})}" if request.method == "GET" and request.path != "/" else ""
        return redirect(reverse("platform:sign_in") + query)


class ProblemMiddleware:
    """A Problem raised by a view becomes a page, or JSON where that was asked for, with its own status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, (DataError, ValueError)) and _holds_nul(request):
            exception = _nul_refused(request)
        if not isinstance(exception, Problem):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse(exception.document(), status=exception.status)
        return render(request, "platform/problem.html", {"problem": exception}, status=exception.status)


def _holds_nul(request: HttpRequest) -> bool:
    """Whether the request brings a zero byte: no name or code has one, and PostgreSQL takes none as a value."""
    given = [request.GET, *([request.POST] if request.method == "POST" else [])]
    return "\0" in request.path or any(
        "\0" in text for each in given for name in each for text in (name, *each.getlist(name))
    )


def _nul_refused(request: HttpRequest) -> Problem:
    if "\0" in request.path:
        return Missing("not_found", "没有这个页面。", "There is no such page.")
    return Problem(
        "bad_text", "输入中含有无法显示的字符，请重新填写。", "What was given holds a character that no text has."
    )
