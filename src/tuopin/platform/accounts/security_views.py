"""One's own account: second factor, recovery codes, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View

from tuopin.platform.access import actor_for, may
from tuopin.platform.accounts import second_factor, sessions, signing_in, throttle
from tuopin.platform.accounts import services as accounts
from tuopin.platform.accounts.sessions import SECOND_FACTOR
from tuopin.platform.models import User
from tuopin.platform.problems import Problem
from tuopin.platform.views import keep_language
from tuopin.platform.words import language, pick

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_SECRET = "new_secret"  # in the session while an app is being set up  # noqa: S105 - the name of a place


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):  # the middleware lets nobody else come here
        raise TypeError("not signed in")
    return request.user


def _too_many(minutes: int) -> Problem:
    return Problem(
        "too_many_attempts",
        f"从这个地址输错的次数太多，请 {minutes} 分钟后再试。",
        f"Too many wrong attempts from this address. Try again in {minutes} minutes.",
    )


def _text(problem: Problem) -> str:
    return problem.text(language())


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("code")], name="dispatch")
class SecondFactor(View):
    """After the password: the code. Wrong ones count like wrong passwords."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if signing_in.pending(request) is None:
            return redirect("platform:sign_in")
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        waiting = signing_in.pending(request)
        if waiting is None:
            return redirect("platform:sign_in")
        if minutes := throttle.blocked(request):
            return self._page(request, _text(_too_many(minutes)), status=429)
        try:
            right = not accounts.is_locked(waiting.user.username) and second_factor.check(
                waiting.user, request.POST.get("code", "")[:40]
            )
        except Problem as problem:
            return self._page(request, _text(problem), status=problem.status)
        if not right:
            return self._wrong(request, waiting.user)
        signing_in.complete(request, waiting.user, with_code=True)
        response = redirect(signing_in.own_address(request, waiting.target))
        keep_language(request, response, waiting.user)
        return response

    def _wrong(self, request: HttpRequest, user: User) -> HttpResponse:
        signing_in.failed(request, user.username)
        if accounts.is_locked(user.username):
            signing_in.give_up(request)
            messages.error(
                request,
                pick(
                    f"输错次数太多，账号锁定 {accounts.LOCK_MINUTES} 分钟。",
                    f"Too many wrong attempts: the account is locked for {accounts.LOCK_MINUTES} minutes.",
                ),
            )
            return redirect("platform:sign_in")
        return self._page(request, _text(second_factor.wrong_code()))

    def _page(self, request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
        return render(request, "platform/second_factor.html", {"error": error}, status=status)


@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class SetUp(View):
    """Setting up an app: a square code for its camera, the same as text, and a first code as proof."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if second_factor.has(_user(request)):
            return redirect("platform:security")
        if not request.session.get(_SECRET):  # a reload shows the same: the app may have taken it already
            request.session[_SECRET] = second_factor.new_secret()
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        user, secret = _user(request), request.session.get(_SECRET)
        if not isinstance(secret, str):
            return redirect("platform:set_up_second_factor")
        if minutes := throttle.blocked(request):
            return self._page(request, _text(_too_many(minutes)), status=429)
        try:
            second_factor.set_up(
                user, secret, request.POST.get("code", "")[:40], keep_session=request.session.session_key
            )
        except Problem as problem:
            throttle.failed(request)
            return self._page(request, _text(problem))
        del request.session[_SECRET]
        request.session[SECOND_FACTOR] = True
        request.session.cycle_key()
        return redirect("platform:recovery_codes")

    def _page(self, request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
        user, secret = _user(request), request.session[_SECRET]
        shown = {
            "picture": second_factor.picture(user, secret),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "required": second_factor.is_required(user),
            "error": error,
        }
        return render(request, "platform/set_up_second_factor.html", shown, status=status)


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(View):
    """The recovery codes, to be printed or written down; once that is said they are not shown again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = _user(request)
        codes = second_factor.unseen_codes(user) if request.session.get(SECOND_FACTOR) else []
        if not codes:
            return redirect("platform:security")
        shown = {"codes": [f"{code[:4]} {code[4:]}" for code in codes]}
        return render(request, "platform/recovery_codes.html", shown)

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.session.get(SECOND_FACTOR):
            second_factor.codes_kept(_user(request))
        return redirect("/")


@require_GET
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """One's own account: password, second factor, sessions."""
    return _security(request)


def _security(request: HttpRequest, **more: Any) -> HttpResponse:
    user = _user(request)
    has = second_factor.has(user)
    shown = {
        "has": has,
        "required": second_factor.is_required(user),
        "left": second_factor.codes_left(user) if has else 0,
        "unseen": has and bool(second_factor.unseen_codes(user)),
        "sessions": sessions.of_user(user.pk, request.session.session_key),
        "may_make_tokens": may(actor_for(user), "platform.make_token"),
        **more,
    }
    return render(request, "platform/security.html", shown, status=400 if more else 200)


def _asked_code(request: HttpRequest) -> Problem | None:
    """Whether the code in the form is right; counted when it is not. A session left open is not enough."""
    user = _user(request)
    if minutes := throttle.blocked(request):
        return _too_many(minutes)
    if not accounts.is_locked(user.username) and second_factor.check(user, request.POST.get("code", "")[:40]):
        return None
    signing_in.failed(request, user.username)
    return second_factor.wrong_code()


@require_POST
@never_cache
@sensitive_post_parameters("code")
def change_second_factor(request: HttpRequest) -> HttpResponse:
    """New recovery codes, or the factor switched off; both need a code."""
    user, wanted = _user(request), request.POST.get("do")
    if wanted == "off" and second_factor.is_required(user):
        second_factor.switch_off(user)  # raises the refusal
    problem = _asked_code(request)
    if problem is not None:
        return _security(request, error=_text(problem))
    if wanted == "codes":
        second_factor.new_codes(user)
        request.session[SECOND_FACTOR] = True
        return redirect("platform:recovery_codes")
    second_factor.switch_off(user)
    request.session.pop(SECOND_FACTOR, None)
    messages.success(request, pick("第二重验证已关闭。", "The second factor is off."))
    return redirect("platform:security")


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of the own sessions, or all but this one."""
    user, handle = _user(request), request.POST.get("session", "")
    if handle == "others":
        count = sessions.end_all([user.pk], but=request.session.session_key)
    else:
        count = sessions.end(user.pk, handle)
    messages.success(
        request,
        pick(f"已结束 {count} 个登录。", f"{count} sessions ended." if count != 1 else "1 session ended."),
    )
    return redirect("platform:security")
