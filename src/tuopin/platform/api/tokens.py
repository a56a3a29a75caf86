"""Tokens: made by their owner, shown once, limited to some of the owner's grants and permissions, ended by a day."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import roles, scopes
from tuopin.platform.access import Actor, Limits, grants_of, require
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import permissions as all_permissions
from tuopin.platform.database import write
from tuopin.platform.models import Token
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from tuopin.platform.models import Grant
    from tuopin.platform.permissions import Permission

PREFIX = "tuopin_"
MAKE = "platform.make_token"
LONGEST_DAYS = 365
MOST = 20  # living tokens of one account
CARRIED = frozenset({"platform.seal", "platform.view_seals", "platform.verify_seal", "platform.view_messages"})
"""What of the platform's own a token may carry: seals are fetched by provinces, one's own messages by programs;
accounts and the machine are not."""


def offered(actor: Actor) -> list[Permission]:
    """The permissions that the actor holds and a token may carry: of the platform's own only :data:`CARRIED`."""
    held = grants_of(actor)
    return [
        each
        for name, each in all_permissions().items()
        if (name in CARRIED or not name.startswith("platform."))
        and any(roles.allows(grant.role, name) for grant in held)
    ]


def own(actor: Actor) -> QuerySet[Token]:
    """The actor's tokens, the newest first, ended ones too."""
    return Token.objects.filter(user_id=actor.user_id or 0).order_by("-pk")


def make_token(
    actor: Actor, name: str, *, grants: Collection[int], permissions: Collection[str], days: int
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can show again.

    ``grants`` are numbers of the actor's own grants in force, ``permissions`` names of those held, ``days`` 1 to 365.
    Raises Refused (a token makes no tokens, nor does an account without the permission), Problem.
    """
    if actor.kind != "user" or actor.user_id is None or actor.limits is not None:
        raise Refused("refused", "令牌只能由登录用户在网页上生成。", "Tokens are made by signed-in users on the web.")
    require(actor, MAKE)
    name = " ".join(name.split())
    if not 0 < len(name) <= 60 or not name.isprintable():
        raise Problem(
            "bad_token_name", "请写明令牌的用途，最长 60 个字。", "Say what the token is for, in at most 60 characters."
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise Problem(
            "bad_token_days",
            f"有效期为 1 至 {LONGEST_DAYS} 天。",
            f"A token is good for 1 to {LONGEST_DAYS} days.",
        )
    _check_subset(actor, grants, permissions)
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    with write():
        if own(actor).filter(revoked_at=None, expires_at__gt=now).count() >= MOST:
            raise Problem(
                "too_many_tokens",
                f"最多同时有 {MOST} 个有效令牌，请先作废不用的。",
                f"At most {MOST} tokens live at a time: revoke some first.",
            )
        made = Token.objects.create(
            user_id=actor.user_id, name=name, digest=_digest(secret), start=secret[:12],
            grants=sorted(set(grants)), permissions=sorted(set(permissions)),
            created_at=now, expires_at=now + datetime.timedelta(days=days),
        )  # fmt: skip
        detail = {"grants": made.grants, "permissions": made.permissions, "days": days}
        audit.record(actor, MAKE, f"token:{made.pk}", detail)
    return made, secret


def _check_subset(actor: Actor, grants: Collection[int], permissions: Collection[str]) -> None:
    if not grants or not permissions:
        raise Problem(
            "empty_token",
            "请至少选一项授权和一项权限。",
            "Choose at least one grant and one permission.",
        )
    held = {grant.pk for grant in grants_of(actor)}
    known = {each.name for each in offered(actor)}
    if not held.issuperset(grants) or not known.issuperset(permissions):
        raise Refused(
            "refused",
            "令牌的权限不能超出您自己的授权。",
            "A token cannot carry more than your own grants.",
        )


def revoke_tokens(actor: Actor, numbers: Collection[int]) -> int:
    """End tokens at once; those already ended stay as they are. Raises Missing unless all are the actor's own."""
    with write():
        found = own(actor).filter(pk__in=numbers)
        if actor.user_id is None or actor.limits is not None or found.count() != len(set(numbers)):
            raise Missing("no_such_token", "没有这个令牌。", "There is no such token.")
        ended = found.filter(revoked_at=None).update(revoked_at=timezone.now())
        audit.record(actor, "platform.revoke_token", f"tokens:{ended}", {"tokens": sorted(numbers)})
    return ended


def actor_of(secret: str) -> Actor | None:
    """Who comes with a secret, limited to what the token carries; None for any that is not good now.

    The day of its last use is noted, once a day.
    """
    if not secret.startswith(PREFIX) or len(secret) > 100 or not secret.isascii():
        return None
    now = timezone.now()
    row = (
        Token.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=now).select_related("user").first()
    )
    if row is None or not row.user.is_active or row.user.must_change_password:
        return None
    today = timezone.localdate()
    if row.last_used != today:
        Token.objects.filter(pk=row.pk).update(last_used=today)
    limits = Limits(row.pk, frozenset(row.grants), frozenset(row.permissions))
    return Actor("user", row.user_id, row.user.username, limits=limits)


def stands(token_id: int) -> bool:
    """Whether a token is good now, for what it began earlier: the same as :func:`actor_of` asks."""
    return Token.objects.filter(
        pk=token_id, revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True,
        user__must_change_password=False,
    ).exists()  # fmt: skip


def over(grants: Collection[Grant]) -> dict[int, str]:
    """What each grant is over, in words, by the grant's number: one statement a kind of thing."""
    found: dict[int, str] = {}
    for kind in {grant.scope_kind for grant in grants}:
        held = {grant.pk: grant.scope_id for grant in grants if grant.scope_kind == kind and grant.scope_id is not None}
        names = scopes.names(kind, set(held.values())) if held else {}
        found |= {number: names[thing] for number, thing in held.items()}
    return found


def _digest(secret: str) -> str:
    """A plain digest will do: the secret is 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
