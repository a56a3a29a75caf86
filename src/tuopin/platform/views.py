"""The platform's own pages: signing in, the first password, the language, errors."""

from __future__ import annotations

import logging
import sys
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from tuopin.platform import accounts, second_factor, sessions, signing_in, throttle
from tuopin.platform.access import actor_for
from tuopin.platform.forms import PasswordForm, SignInForm
from tuopin.platform.logs import places
from tuopin.platform.models import User

_log = logging.getLogger("tuopin.platform")


class SignIn(auth_views.LoginView):
    """The sign-in page; too many wrong passwords lock an account for a while."""

    template_name = "platform/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing is compared for an address that has tried too often."""
        if minutes := throttle.blocked(request):
            return self.render_to_response(self.get_context_data(blocked=minutes), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponseRedirect:
        user, target = form.get_user(), self.get_success_url()
        if second_factor.has(user):
            signing_in.wait_for_code(self.request, user, target)
            return HttpResponseRedirect(reverse("platform:second_factor"))
        response = HttpResponseRedirect(target)
        signing_in.complete(self.request, user, with_code=False)
        keep_language(self.request, response, user)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        signing_in.failed(self.request, str(form.data.get("username", "")))
        return super().form_invalid(form)


class ChangePassword(auth_views.PasswordChangeView):
    """One's own password; the first one after an administrator set it must be changed here."""

    template_name = "platform/change_password.html"
    form_class = PasswordForm
    success_url = "/"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        accounts.password_changed(actor_for(form.user), form.user)
        sessions.end_all([form.user.pk], but=self.request.session.session_key)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """A wrong old password counts as at the sign-in: who finds a session left open cannot try for long."""
        if "old_password" in form.errors:
            signing_in.failed(self.request, form.user.username)
            if accounts.is_locked(form.user.username):
                logout(self.request)
                return redirect("platform:sign_in")
        return super().form_invalid(form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("platform:sign_in")


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
    """404"""
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with a number under which the log names the place (and nothing of the data)."""
    number = uuid.uuid4().hex[:12]
    error = sys.exc_info()[1]
    if error is not None:
        _log.error("error %s at %s\n%s", number, request.path, places(error))
    return _error(request, 500, number)
