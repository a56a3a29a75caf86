"""Pages of accounts: the list, one account with its grants, a new one; passwords given here are shown once."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import View

from tuopin.platform import access, place, roles, scopes
from tuopin.platform.access import actor_of
from tuopin.platform.accounts import granting, second_factor
from tuopin.platform.accounts import services as accounts
from tuopin.platform.accounts.listings import ACCOUNTS, role_titles
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models import Grant, User
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import language, pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Reader

SHOWN = 50
"""Grants of one account on its page, and accounts found by a search."""

CLASS_TITLES = {
    "general": ("一般", "general"), "identity": ("身份证件", "identity"), "health": ("健康", "health"),
    "disability": ("残疾", "disability"), "bank": ("银行账户", "bank"), "child": ("儿童", "children"),
}  # fmt: skip


def account_list(request: HttpRequest) -> HttpResponseBase:
    """The accounts that the reader manages."""
    reader: Reader = reader_of(actor_of(request), given=first_of(request.GET))
    return list_page(request, ACCOUNTS, reader, "platform/accounts/list.html")


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Accounts by user name or name, whole or its beginning. By POST: names stand in no address."""
    text = request.POST.get("q", "").replace("\0", "").strip()[:64]
    found = granting.accounts_of(actor_of(request)).filter(username__startswith=text) if text else User.objects.none()
    if text:
        found |= granting.accounts_of(actor_of(request)).filter(display_name__startswith=text)
    rows = list(found.order_by("username")[: SHOWN + 1])
    if len(rows) == 1:
        return redirect("platform:account", rows[0].pk)
    shown = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "q": text}
    return render(request, "platform/accounts/found.html", shown)


# -- the form of a grant ------------------------------------------------------------------------------------------


def _day(text: str) -> datetime.date | None:
    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise Problem("bad_date", "日期应写作 2018-12-01。", "Write the date as 2018-12-01.", given=text[:20]) from None


def _places(actor: Actor, text: str) -> list[dict[str, str]]:
    """Areas whose code or name begins with the text, within what the actor manages."""
    ranges = access.visible_paths(actor, granting.MANAGE)
    found = place.published().search(access.system(), text, "", 20)
    ids = {each.code: scopes.scope("area").find(each.code) for each in found}
    paths = scopes.paths("area", [number for number in ids.values() if number is not None])
    return [
        {"code": each.code, "name": each.name, "above": each.above}
        for each in found
        if ranges is None or any(low <= paths.get(ids[each.code] or 0, "") < high for low, high in ranges)
    ]


def _place(actor: Actor, given: Mapping[str, str]) -> tuple[str, int | None, list[dict[str, str]]]:
    """What the form grants over: kind, id, and the areas to choose from where the text fits several."""
    if given.get("scope") == "all":
        return "all", None, []
    text = (given.get("chosen") or given.get("area", "")).replace("\0", "").strip()[:64]
    if not text:
        raise Problem("no_area_named", "请填写区划代码或名称。", "Name the area by code or name.")
    choices = _places(actor, text)
    exact = [each for each in choices if each["code"] == text] or choices
    if not exact:
        raise Missing(
            "no_such_area",
            "在您管理的区域内没有找到这个区划。",
            "There is no such area within what you manage.",
        )
    if len(exact) > 1:
        return "area", None, exact
    return "area", scopes.find("area", exact[0]["code"]), []


def _form(actor: Actor, given: Mapping[str, Any] | None = None, classes: list[str] | None = None) -> dict[str, Any]:
    held = access.grants_of(actor, granting.MANAGE)
    open_classes = {name for grant in held for name in grant.field_classes}
    return {
        "given": given or {},
        "roles": [(key, role) for key, role in role_titles().items() if any(roles.may_give(g.role, key) for g in held)],
        "classes": [
            {"key": key, "name": pick(*CLASS_TITLES[key]), "checked": key in (classes or [])}
            for key in roles.FIELD_CLASSES
            if key in open_classes
        ],
        "everywhere": access.visible_paths(actor, granting.MANAGE) is None,
    }


def _given_options(request: HttpRequest) -> dict[str, Any]:
    return {
        "field_classes": request.POST.getlist("field_class")[:20],
        "valid_from": _day(request.POST.get("valid_from", "")),
        "valid_to": _day(request.POST.get("valid_to", "")),
    }


# -- a new account ------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class NewAccount(View):
    """An account with its first grant; the password is shown once, on the page that answers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        access.require(actor, granting.MANAGE)
        return render(request, "platform/accounts/new.html", _form(actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        access.require(actor, granting.MANAGE)
        try:
            options = _given_options(request)
            kind, scope_id, choices = _place(actor, request.POST.dict())
            if choices:
                return self._again(request, choices=choices)
            user, password = accounts.add_account(
                actor, request.POST.get("username", "").replace("\0", ""), request.POST.get("display_name", "").strip(),
                request.POST.get("role", ""), kind, scope_id, **options,
            )  # fmt: skip
        except Problem as problem:
            return self._again(request, error=problem.text(language()), status=problem.status)
        return render(request, "platform/accounts/password.html", {"account": user, "password": password, "new": True})

    def _again(self, request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
        form = _form(actor_of(request), request.POST.dict(), request.POST.getlist("field_class"))
        return render(request, "platform/accounts/new.html", {**form, **more}, status=status)


# -- one account --------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class Account(View):
    """One account: what it may do where, and what can be done with it."""

    def get(self, request: HttpRequest, user_id: int) -> HttpResponse:
        actor = actor_of(request)
        return self._page(request, actor, granting.account_of(actor, user_id))

    def post(self, request: HttpRequest, user_id: int) -> HttpResponse:
        actor = actor_of(request)
        account = granting.account_of(actor, user_id)
        try:
            return self._do(request, actor, account)
        except Problem as problem:
            form = _form(actor, request.POST.dict(), request.POST.getlist("field_class"))
            return self._page(request, actor, account, problem.status, error=problem.text(language()), **form)

    def _do(self, request: HttpRequest, actor: Actor, account: User) -> HttpResponse:
        match request.POST.get("do"):
            case "password":
                given = accounts.set_password(actor, account)
                return render(request, "platform/accounts/password.html", {"account": account, "password": given})
            case "close" | "open" as wanted:
                accounts.set_active(actor, account, wanted == "open")
                done = pick("账号已启用。", "The account is open.") if wanted == "open" else pick(
                    "账号已停用，登录已全部结束。", "The account is closed; its sessions have ended."
                )  # fmt: skip
            case "factor":
                accounts.reset_second_factor(actor, account)
                done = pick("第二重验证已重置。", "The second step was reset.")
            case "revoke":
                self._revoke(request, actor, account)
                done = pick("授权已收回。", "The grant has ended.")
            case "grant":
                options = _given_options(request)
                kind, scope_id, choices = _place(actor, request.POST.dict())
                if choices:
                    form = _form(actor, request.POST.dict(), request.POST.getlist("field_class"))
                    return self._page(request, actor, account, choices=choices, **form)
                accounts.grant(actor, account, request.POST.get("role", ""), kind, scope_id, **options)
                done = pick("已授权。", "The grant was given.")
            case _:
                raise Problem("unknown_act", "没有这项操作。", "There is no such act.")
        messages.success(request, done)
        return redirect("platform:account", account.pk)

    def _revoke(self, request: HttpRequest, actor: Actor, account: User) -> None:
        own = Grant.objects.filter(user=account, pk=whole_number(request.POST.get("grant", ""), -1)).first()
        if own is None:
            raise Missing("no_such_grant", "没有这项授权。", "There is no such grant.")
        accounts.revoke(actor, own.pk)

    def _page(self, request: HttpRequest, actor: Actor, account: User, status: int = 200, **more: Any) -> HttpResponse:
        grants = Grant.objects.filter(user=account).order_by("-pk")
        shown = {
            "account": account,
            "grants": _lines(list(grants[:SHOWN])),
            "count": grants.count(),
            "has_factor": second_factor.has(account),
            "locked": accounts.is_locked(account.username),
            "own": account.pk == actor.user_id,
            **({} if "roles" in more else _form(actor)),
            **more,
        }
        return render(request, "platform/accounts/account.html", shown, status=status)


def _lines(grants: list[Grant]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    ids: dict[str, set[int]] = {}
    for each in grants:
        if each.scope_id is not None:
            ids.setdefault(each.scope_kind, set()).add(each.scope_id)
    names = {kind: scopes.names(kind, numbers) for kind, numbers in ids.items()}
    titles = role_titles()
    return [
        {
            "grant": each,
            "role": titles.get(each.role),
            "over": names[each.scope_kind][each.scope_id] if each.scope_id is not None else "",
            "classes": [pick(*CLASS_TITLES[name]) for name in each.field_classes if name in CLASS_TITLES],
            "live": each.valid_from <= today and (each.valid_to is None or each.valid_to > today),
            "ended": each.valid_to is not None and each.valid_to <= today,
        }
        for each in grants
    ]
