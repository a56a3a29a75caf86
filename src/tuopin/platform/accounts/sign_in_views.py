"""The pages of signing in and out, and of changing one's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tuopin.platform.access import actor_for
from tuopin.platform.accounts import second_factor, sessions, signing_in, throttle
from tuopin.platform.accounts import services as accounts
from tuopin.platform.accounts.forms import PasswordForm, SignInForm
from tuopin.platform.views import keep_language

if TYPE_CHECKING:
    from django.http import HttpRequest


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
