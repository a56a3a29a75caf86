"""The second factor: six digits from an app (TOTP), or one of ten recovery codes. allauth makes and compares them.

Ours is what allauth leaves to a cache or to e-mail (docs/decisions/0028): a code counts once because the number of its
half minute is kept in the database, and who has lost everything goes to an administrator.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from tuopin.platform import roles
from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.accounts import sessions
from tuopin.platform.auditing.audit import record
from tuopin.platform.database import write
from tuopin.platform.home import home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from tuopin.platform.access import Actor
    from tuopin.platform.models import User

REQUIRED = ("headquarters", "county", "auditor", "administrator", "discipline")
"""Roles that need a second factor unless ``TUOPIN_SECOND_FACTOR_ROLES`` names others (``none`` for nobody)."""

_TOTP, _CODES = "totp", "recovery_codes"


def required_roles() -> frozenset[str]:
    """The roles that need a second factor. Nobody in an installation of invented data unless the setting says so:
    a newcomer looks at the demonstration with the password alone."""
    named: str | None = settings.TUOPIN_SECOND_FACTOR_ROLES
    if named is None:
        return frozenset() if (home() / "DEMO").exists() else frozenset(REQUIRED)
    wanted = named.replace(",", " ").split()
    return frozenset() if wanted == ["none"] else frozenset(wanted)


def is_required(user: User) -> bool:
    """Whether a role that the account holds today needs a second factor."""
    wanted = required_roles()
    return bool(wanted) and any(held.role in wanted for held in grants_of(actor_for(user)))


def unknown_roles() -> list[str]:
    """Names in the setting that are no roles: they would protect nobody."""
    return sorted(required_roles() - set(roles.all_roles()))


def has(user: User) -> bool:
    """Whether an app is set up for the account."""
    return _find(user, _TOTP) is not None


def holders() -> list[User]:
    """The accounts that have an app or codes."""
    from allauth.mfa.models import Authenticator

    from tuopin.platform.models import User as Account

    return list(Account.objects.filter(pk__in=Authenticator.objects.values("user_id")).order_by("pk"))


def new_secret() -> str:
    """A secret for an app, in base 32."""
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    return str(generate_totp_secret())


def picture(user: User, secret: str) -> str:
    """The secret as a square code for the app's camera: a ``data:`` address of an SVG image."""
    from tuopin.platform.accounts.second_factor_adapter import Adapter

    adapter = Adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def set_up(user: User, secret: str, code: str, *, keep_session: str | None = None) -> None:
    """Set up the app that holds ``secret``, proved by a code of it; recovery codes are made, other sessions end.

    Raises Problem for a wrong code or where an app is set up already.
    """
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    with write():
        _lock(user)
        if has(user):
            raise Problem(
                "second_factor_exists",
                "已经设置过验证器。请先关闭原来的，再设置新的。",
                "An authenticator is set up already. Switch it off first.",
            )
        counter = _counter(secret, code, after=-1)
        if counter is None:
            raise wrong_code()
        made = TOTP.activate(user, secret).instance
        made.data["last_counter"] = counter
        made.save(update_fields=["data"])
        Authenticator.objects.filter(user_id=user.pk, type=_CODES).delete()
        RecoveryCodes.activate(user)
        sessions.end_all([user.pk], but=keep_session)
        record(actor_for(user), "platform.set_up_second_factor", f"user:{user.pk}", {"username": user.username})


def check(user: User, code: str) -> bool:
    """Whether ``code`` is one of the app or an unused recovery code. Either counts once, on every machine.

    Raises Problem if the secrets were sealed with another key.
    """
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    with write():
        _lock(user)
        app, codes = _find(user, _TOTP), _find(user, _CODES)
        if app is not None and _check_app(app, code):
            return True
        if app is None or codes is None or not RecoveryCodes(codes).validate_code(code):
            return False
        left = len(RecoveryCodes(codes).get_unused_codes())
        record(
            actor_for(user), "platform.use_recovery_code", f"user:{user.pk}", {"username": user.username, "left": left}
        )
        return True


def _check_app(app: Authenticator, code: str) -> bool:
    from allauth.mfa.utils import decrypt

    counter = _counter(decrypt(app.data["secret"]), code, after=int(app.data.get("last_counter", -1)))
    if counter is None:
        return False
    app.data["last_counter"], app.last_used_at = counter, timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return True


def _counter(secret: str, code: str, *, after: int) -> int | None:
    """The half minute whose code this is, among those accepted now and later than the last one used."""
    from allauth.core.internal.cryptokit import compare_user_code
    from allauth.mfa.totp.internal import auth

    found = None
    for counter in auth.yield_hotp_counters_from_time():  # all are compared: the time says nothing
        value = auth.format_hotp_value(auth.hotp_value(secret, counter))
        if compare_user_code(actual=code, expected=value) and counter > after:
            found = counter
    return found


def unseen_codes(user: User) -> list[str]:
    """The recovery codes, until the person has said that they are kept; afterwards none: they are not shown again."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes = _find(user, _CODES)
    if codes is None or codes.data.get("viewed_at"):
        return []
    return list(RecoveryCodes(codes).get_unused_codes())


def codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    from allauth.mfa import app_settings

    codes = _find(user, _CODES)
    if codes is None:
        return 0
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data.get("used_mask", 0)).bit_count()


def codes_kept(user: User) -> None:
    """The person has written the recovery codes down."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes = _find(user, _CODES)
    if codes is not None:
        RecoveryCodes(codes).mark_as_viewed()


def new_codes(user: User) -> None:
    """Make new recovery codes; the old ones are void."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    with write():
        _lock(user)
        if not has(user):
            raise not_set_up()
        Authenticator.objects.filter(user_id=user.pk, type=_CODES).delete()
        RecoveryCodes.activate(user)
        record(actor_for(user), "platform.new_recovery_codes", f"user:{user.pk}", {"username": user.username})


def switch_off(user: User) -> None:
    """Go back to the password alone. Raises Problem where the role needs a second factor.

    Who has a new telephone and needs the factor asks an administrator, or signs in with a recovery code and has it
    reset there.
    """
    if is_required(user):
        raise Problem(
            "second_factor_required",
            "您的角色必须使用第二重验证，不能关闭。换手机请找管理员重置。",
            "Your role needs the second factor. For a new telephone ask an administrator to reset it.",
        )
    _delete(actor_for(user), user, "platform.switch_off_second_factor")


def forget(actor: Actor, user: User) -> None:
    """Take away a lost factor and end the sessions (called by ``accounts.reset_second_factor``, which asks first)."""
    _delete(actor, user, "platform.reset_second_factor")


def _delete(actor: Actor, user: User, action: str) -> None:
    from allauth.mfa.models import Authenticator

    with write():
        Authenticator.objects.filter(user_id=user.pk).delete()
        record(actor, action, f"user:{user.pk}", {"username": user.username})


def _find(user: User, kind: str) -> Authenticator | None:
    from allauth.mfa.models import Authenticator

    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, type=kind).first()
    return found


def _lock(user: User) -> None:
    """Two requests with one code come one after the other (SQLite has one writer anyway)."""
    from tuopin.platform.models import User as Account

    Account.objects.select_for_update().filter(pk=user.pk).values_list("pk", flat=True).first()


def wrong_code() -> Problem:
    """What is said of a wrong, used or late code."""
    return Problem(
        "wrong_code",
        "验证码不正确，或者已经用过。请输入验证器现在显示的 6 位数字；每个验证码只能用一次。",
        "The code is wrong or was used already. Enter the six digits that the app shows now; each counts once.",
    )


def not_set_up() -> Problem:
    """What is said where there is no factor."""
    return Problem("no_second_factor", "还没有设置第二重验证。", "No second factor is set up.")
