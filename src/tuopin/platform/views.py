"""Pages of no subject: the language, the first page without a console, health, errors."""

from __future__ import annotations

import logging
import sys
import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from tuopin.platform.logs import places
from tuopin.platform.models import User

_log = logging.getLogger("tuopin.platform")


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and, for an account, with the account; back to the page one came from."""
    chosen = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    if chosen in dict(settings.LANGUAGES):
        _keep_language(response, chosen)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def keep_language(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """The account's language, on a machine where none was chosen yet."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep_language(response, user.language)


def _keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page where no console is installed."""
    return render(request, "platform/home.html")


@login_not_required
@require_GET
def health(_request: HttpRequest) -> HttpResponse:
    """Whether the process answers and the database too; for monitors. Says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def _error(request: HttpRequest, status: int, number: str = "") -> HttpResponse:
    return render(request, "platform/error.html", {"status": status, "number": number}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400"""
    return _error(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403"""
    return _error(request, 403)


def forbidden_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403 for a form without its token: an old page, or another site."""
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: for who is signed in with the navigation around it, so that one goes on from here."""
    if getattr(getattr(request, "user", None), "is_authenticated", False):
        try:
            return render(request, "platform/not_found.html", status=404)
        except DatabaseError:  # the page without it is whole
            pass
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with a number under which the log names the place (and nothing of the data)."""
    number = uuid.uuid4().hex[:12]
    error = sys.exc_info()[1]
    if error is not None:
        _log.error("error %s at %s\n%s", number, request.path, places(error))
    return _error(request, 500, number)
