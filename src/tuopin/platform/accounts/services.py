"""Accounts and grants: each change of them is one service here."""

from __future__ import annotations

import datetime
import secrets
from typing import TYPE_CHECKING, Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone

from tuopin.platform import roles, scopes
from tuopin.platform.access import require, require_everywhere
from tuopin.platform.accounts import granting, second_factor, sessions
from tuopin.platform.auditing.audit import record
from tuopin.platform.database import write
from tuopin.platform.models import Grant, User
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor

TRIES = 8
LOCK_MINUTES = 15
_MANAGE = granting.MANAGE


def find_user(username: str) -> User:
    """The account of that name. Raises Missing."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise Missing("no_such_user", f"没有用户“{username}”。", f"There is no user “{username}”.", username=username)
    return found


def add_user(
    actor: Actor,
    username: str,
    password: str | None = None,
    *,
    display_name: str = "",
    language: str = "zh-hans",
    must_change: bool = True,
) -> tuple[User, str]:
    """Create an account; returns it and its password (a random one unless given). Raises Problem.

    Without a grant only those who manage everything may: nobody else would see it (use :func:`add_account`).
    """
    require_everywhere(actor, _MANAGE)
    return _add(actor, username, password, display_name=display_name, language=language, must_change=must_change)


def add_account(
    actor: Actor, username: str, display_name: str, role: str, scope_kind: str, scope_id: int | None, **options: Any
) -> tuple[User, str]:
    """Create an account with its first grant (``options`` as of :func:`grant`), both or neither; returns it and its
    password, which must be changed at the first sign-in."""
    with write():
        require(actor, _MANAGE)
        made = _add(actor, username, None, display_name=display_name, language="zh-hans", must_change=True)
        _give(actor, made[0], role, scope_kind, scope_id, **options)
    return made


def _add(
    actor: Actor, username: str, password: str | None, *, display_name: str, language: str, must_change: bool
) -> tuple[User, str]:
    username = username.strip()
    if not username or len(username) > 150 or not username.isprintable() or " " in username:
        raise Problem("bad_username", "用户名不能为空，也不能有空格。", "A user name must not be empty or hold spaces.")
    if len(display_name) > 150 or not display_name.isprintable():
        raise Problem("bad_name", "姓名太长，或含有无法显示的字符。", "The name is too long or cannot be shown.")
    if language not in {"zh-hans", "en"}:
        raise Problem("bad_language", "语言只能是 zh-hans 或 en。", "The language is zh-hans or en.")
    given = password or random_password()
    with write():
        if User.objects.filter(username=username).exists():
            raise Problem(
                "user_exists", f"用户“{username}”已存在。", f"There is already a user “{username}”.", username=username
            )
        user = User(username=username, display_name=display_name, language=language, must_change_password=must_change)
        _check_password(given, user)
        user.set_password(given)
        user.save()
        record(actor, "platform.add_user", f"user:{user.pk}", {"username": username})
    return user, given


def set_password(actor: Actor, user: User, password: str | None = None, *, must_change: bool = True) -> str:
    """Give an account a new password (a random one unless given), unlock it, end its sessions; returns the password."""
    granting.require_manages(actor, [user])
    given = password or random_password()
    _check_password(given, user)
    with write():
        user.set_password(given)
        user.must_change_password, user.failed_sign_ins, user.locked_until = must_change, 0, None
        user.save(update_fields=["password", "must_change_password", "failed_sign_ins", "locked_until"])
        sessions.end_all([user.pk])
        record(actor, "platform.set_password", f"user:{user.pk}", {"username": user.username})
    return given


def set_active(actor: Actor, user: User, active: bool) -> None:
    """Close an account (its sessions end) or open it again. Accounts are never deleted: the audit log names them."""
    set_all_active(actor, [user], active)


def set_all_active(actor: Actor, users: Sequence[User], active: bool) -> None:
    """Close or open accounts. All of them, or none if one is beyond what the actor may give."""
    granting.require_manages(actor, users)
    if not active and any(user.pk == actor.user_id for user in users):
        raise Problem(
            "not_oneself", "不能停用自己的账号。", "You cannot close your own account.",
        )  # fmt: skip
    keys = sorted(user.pk for user in users)
    with write():
        User.objects.filter(pk__in=keys).update(is_active=active)
        if not active:
            sessions.end_all(keys)
        for user in users:
            record(actor, "platform.set_active", f"user:{user.pk}", {"username": user.username, "active": active})


def reset_second_factor(actor: Actor, user: User) -> None:
    """Take a lost second factor away: the person sets up a new one at the next sign-in. Sessions end."""
    granting.require_manages(actor, [user])
    if actor.user_id == user.pk:
        raise Refused(
            "not_oneself",
            "不能重置自己的第二重验证。请由另一位管理员办理。",
            "Nobody resets the own second factor: ask another administrator.",
        )
    with write():
        second_factor.forget(actor, user)
        sessions.end_all([user.pk])


def grant(actor: Actor, user: User, role: str, scope_kind: str, scope_id: int | None = None, **options: Any) -> Grant:
    """Give a user a role over something. ``options``: ``field_classes`` beyond the role's own, ``valid_from`` (a day,
    default today), ``valid_to`` (a day, excluded; None = until revoked).

    The user's sessions end: the next sign-in asks for what the new role needs. Raises Missing for an account that the
    actor does not see, Refused beyond what the actor may give, Problem for roles that do not go together.
    """
    require(actor, _MANAGE)
    granting.account_of(actor, user.pk)
    return _give(actor, user, role, scope_kind, scope_id, **options)


def _give(
    actor: Actor,
    user: User,
    role: str,
    scope_kind: str,
    scope_id: int | None,
    *,
    field_classes: Sequence[str] = (),
    valid_from: datetime.date | None = None,
    valid_to: datetime.date | None = None,
) -> Grant:
    roles.role(role)
    start = valid_from or timezone.localdate()
    wrong = [name for name in field_classes if name not in roles.FIELD_CLASSES]
    if wrong or scope_kind not in Grant.Scope.values or (scope_kind == "all") != (scope_id is None):
        known = ", ".join(roles.FIELD_CLASSES)
        raise Problem(
            "bad_grant",
            f"授权范围或字段类别不正确（类别：{known}）。",
            f"Scope or field class is wrong (classes: {known}).",
        )
    if valid_to is not None and valid_to < start:
        raise Problem("bad_dates", "结束日期早于开始日期。", "The grant would end before it begins.")
    each = granting.Wanted(role, scope_kind, scope_id, frozenset(field_classes), valid_to)
    granting.require_may_give(actor, each, user.pk)
    granting.require_compatible(user, each, start)
    with write():
        made = Grant.objects.create(
            user=user, role=role, scope_kind=scope_kind, scope_id=scope_id,
            field_classes=sorted(set(field_classes)), valid_from=start, valid_to=valid_to,
        )  # fmt: skip
        sessions.end_all([user.pk])
        record(actor, "platform.grant", f"user:{user.pk}", _grant_detail(made))
    return made


def grant_by_code(actor: Actor, user: User, role: str, scope_kind: str, code: str = "", **options: object) -> Grant:
    """As :func:`grant`, over the area, household … with ``code``."""
    scope_id = None if scope_kind == "all" else scopes.find(scope_kind, code)
    return grant(actor, user, role, scope_kind, scope_id, **options)


def revoke(actor: Actor, grant_id: int) -> None:
    """End a grant today; one that has not begun never will. The row stays, the user's sessions end. Raises Missing."""
    require(actor, _MANAGE)
    found = Grant.objects.filter(pk=grant_id).first()
    if found is None:
        raise Missing("no_such_grant", f"没有编号为 {grant_id} 的授权。", f"There is no grant number {grant_id}.")
    if found.kept_by:
        raise Problem(
            "kept_grant",
            "这项授权随帮扶关系自动变动，不能手工收回。请在帮扶责任人名单中结束帮扶关系，或停用账号。",
            "This grant follows the terms of helpers and is not ended by hand. End the term, or close the account.",
        )
    each = granting.Wanted(
        found.role, found.scope_kind, found.scope_id, frozenset(found.field_classes), found.valid_from
    )
    granting.require_may_give(actor, each, found.user_id)
    with write():
        found = Grant.objects.select_for_update().get(pk=grant_id)
        today = timezone.localdate()
        if found.valid_to is None or found.valid_to > today:
            found.valid_to = max(today, found.valid_from)
            found.save(update_fields=["valid_to"])
            sessions.end_all([found.user_id])
            record(actor, "platform.revoke", f"user:{found.user_id}", _grant_detail(found))


def _grant_detail(made: Grant) -> dict[str, object]:
    return {
        "grant": made.pk,
        "role": made.role,
        "scope": made.scope_kind,
        "id": made.scope_id,
        "field_classes": made.field_classes,
        "from": made.valid_from.isoformat(),
        "to": made.valid_to.isoformat() if made.valid_to else None,
    }


def random_password() -> str:
    """A password that can be read out over the telephone: no letters or digits that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        from django.utils import translation

        texts = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                texts[language] = " ".join(str(message) for item in error.error_list for message in item)
        raise Problem("weak_password", texts["zh-hans"], texts["en"]) from error


def is_locked(username: str) -> bool:
    """Whether too many wrong passwords were tried for this name of late."""
    return User.objects.filter(username=username, locked_until__gt=timezone.now()).exists()


def sign_in_failed(username: str) -> None:
    """Count a wrong password or code; the last try of several locks the account for a while. While it is locked
    nothing counts, so that the lock ends."""
    now = timezone.now()
    open_ones = User.objects.filter(Q(locked_until=None) | Q(locked_until__lte=now), username=username)
    with write():
        open_ones.update(failed_sign_ins=F("failed_sign_ins") + 1)
        until = now + datetime.timedelta(minutes=LOCK_MINUTES)
        open_ones.filter(failed_sign_ins__gte=TRIES).update(failed_sign_ins=0, locked_until=until)


def signed_in(user: User) -> None:
    """Forget wrong passwords after a right one."""
    User.objects.filter(pk=user.pk, failed_sign_ins__gt=0).update(failed_sign_ins=0, locked_until=None)


def password_changed(actor: Actor, user: User) -> None:
    """A user chose a password: the duty to change it is done."""
    with write():
        User.objects.filter(pk=user.pk).update(must_change_password=False)
        record(actor, "platform.change_password", f"user:{user.pk}", {"username": user.username})
