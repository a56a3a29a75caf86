"""Who may give which grant to whom: within the own area, no more than one holds, and nothing that does not go together.

``accounts.py`` asks here before each change. The local administrator at the command line is not limited, except by
roles that do not go together: those say something about the person who holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.platform import roles, scopes
from tuopin.platform.access import grants_over, require, visible_paths
from tuopin.platform.models import Grant, User
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

MANAGE = "platform.manage_users"
EVERYWHERE = ""
_TOO_LARGE = 2**63  # a number in an address that no database takes


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant that somebody wants to give, or that another holds."""

    role: str
    scope_kind: str
    scope_id: int | None
    field_classes: frozenset[str]
    valid_to: datetime.date | None = None


def wanted(grant: Grant) -> Wanted:
    """A grant that is held, as one to be given."""
    return Wanted(grant.role, grant.scope_kind, grant.scope_id, frozenset(grant.field_classes), grant.valid_to)


def places_of(grants: Iterable[Wanted]) -> dict[tuple[str, int | None], str | None]:
    """The place of each scope: a path, ``EVERYWHERE``, or None for what lies nowhere (an organisation, an area that is
    no more). Three statements, however many grants."""
    ids: dict[str, set[int]] = {}
    found: dict[tuple[str, int | None], str | None] = {("all", None): EVERYWHERE}
    for each in grants:
        if each.scope_id is not None:
            ids.setdefault(each.scope_kind, set()).add(each.scope_id)
    for kind, numbers in ids.items():
        paths = scopes.paths(kind, numbers)
        found |= {(kind, number): paths.get(number) for number in numbers}
    return found


def refusal(actor: Actor, each: Wanted, place: str | None) -> Problem | None:
    """Why the actor may not give (or change) this grant; None if allowed. ``place`` as in :func:`places_of`."""
    if actor.unrestricted:
        return None
    # What lies nowhere, and what is over everything, is only for those who manage everything.
    held = grants_over(actor, MANAGE, place or None)
    if not held:
        return Refused(
            "outside_own_area",
            "只能在您自己管理的区域内授权。",
            "You may give grants only within the area that you manage yourself.",
        )
    held = [grant for grant in held if roles.may_give(grant.role, each.role)]
    if not held:
        return Refused(
            "role_not_yours_to_give",
            f"您不能授予角色“{roles.role(each.role).title.zh}”。",
            f"You may not give the role “{roles.role(each.role).title.en}”.",
        )
    held = [grant for grant in held if each.field_classes <= set(grant.field_classes)]
    if not held:
        return Refused(
            "classes_not_yours_to_give",
            "您自己的授权里没有这些字段类别，不能授予别人。",
            "Your own grant does not hold these classes of fields; you cannot give them.",
        )
    if not any(grant.valid_to is None or (each.valid_to and each.valid_to <= grant.valid_to) for grant in held):
        return Refused(
            "longer_than_own",
            "授权不能比您自己的授权更长。请填写结束日期。",
            "A grant cannot last longer than your own. Give it an end.",
        )
    return None


def require_may_give(actor: Actor, each: Wanted, user_id: int | None = None) -> None:
    """Raise Refused unless the actor may give this grant; to oneself nobody may."""
    require(actor, MANAGE)
    if actor.user_id is not None and actor.user_id == user_id:
        raise Refused(
            "not_to_oneself",
            "不能修改自己的授权。请由另一位管理员办理。",
            "Nobody changes the own grants: ask another administrator.",
        )
    problem = refusal(actor, each, places_of([each])[(each.scope_kind, each.scope_id)])
    if problem is not None:
        raise problem


# -- roles that do not go together --------------------------------------------------------------------------------


def require_compatible(user: User, each: Wanted, start: datetime.date) -> None:
    """Raise Problem with the reason if the account holds, at any time of the grant, a role that does not go with it."""
    rules = [rule for rule in roles.incompatible() if any(rule.between(each.role, key) for key in roles.all_roles())]
    if not rules:
        return
    held = Grant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=start), user=user)
    if each.valid_to is not None:
        held = held.filter(valid_from__lt=each.valid_to)
    others = [grant for grant in held if any(rule.between(each.role, grant.role) for rule in rules)]
    if not others:
        return
    places = places_of([each, *map(wanted, others)])
    own = places[(each.scope_kind, each.scope_id)]
    for rule in rules:
        for other in others:
            theirs = places[(other.scope_kind, other.scope_id)]
            if rule.between(each.role, other.role) and (rule.where == "anywhere" or overlap(own, theirs)):
                raise _incompatible(rule, each.role, other.role)


def _incompatible(rule: roles.Incompatible, role: str, other: str) -> Problem:
    one, two = roles.role(role).title, roles.role(other).title
    return Problem(
        "incompatible_roles",
        f"“{one.zh}”与“{two.zh}”不能由同一人担任。{rule.why.zh}",
        f"“{one.en}” and “{two.en}” cannot be held by one person. {rule.why.en}",
        role=role,
        other=other,
    )


def overlap(one: str | None, other: str | None) -> bool:
    """Whether one of two places lies in the other; what lies nowhere overlaps nothing."""
    if one is None or other is None:
        return False
    return one.startswith(other) or other.startswith(one)


# -- accounts of others -------------------------------------------------------------------------------------------


def accounts_of(actor: Actor) -> QuerySet[User]:
    """The accounts that the actor may see: those with a grant, of today or once, in the areas that the actor manages;
    who manages everything sees those without any grant too."""
    require(actor, MANAGE)
    ranges = visible_paths(actor, MANAGE)
    found = User.objects.all()
    if ranges is None:
        return found
    condition = Q(pk__in=[])
    for kind, ids in scopes.kinds_within(ranges).items():
        condition |= Q(scope_kind=kind, scope_id__in=ids)
    return found.filter(Exists(Grant.objects.filter(condition, user_id=OuterRef("pk"))))


def account_of(actor: Actor, user_id: int) -> User:
    """One of them. Raises Missing: outside and not existing look alike."""
    found = accounts_of(actor).filter(pk=user_id).first() if user_id < _TOO_LARGE else None
    if found is None:
        raise Missing("no_such_user", "没有这个账号。", "There is no such account.")
    return found


def require_manages(actor: Actor, users: Sequence[User]) -> None:
    """Raise Refused unless the actor may give every grant that these accounts now hold or will hold.

    Who sets a password or takes a second factor away could sign in as that person: so it needs as much as giving what
    that person holds. Accounts without any grant of today count by those they held.
    """
    require(actor, MANAGE)
    if actor.unrestricted:
        return
    today = timezone.localdate()
    held: dict[int, list[Grant]] = {user.pk: [] for user in users}
    for grant in Grant.objects.filter(user_id__in=list(held)):
        held[grant.user_id].append(grant)
    counted = {
        key: [grant for grant in grants if grant.valid_to is None or grant.valid_to > today] or grants
        for key, grants in held.items()
    }
    places = places_of(wanted(grant) for grants in counted.values() for grant in grants)
    everywhere = visible_paths(actor, MANAGE) is None
    for grants in counted.values():
        if not grants and not everywhere:
            raise _not_yours()
        for grant in grants:
            each = Wanted(
                grant.role, grant.scope_kind, grant.scope_id, frozenset(grant.field_classes), grant.valid_from
            )
            if refusal(actor, each, places[(grant.scope_kind, grant.scope_id)]) is not None:
                raise _not_yours()


def _not_yours() -> Refused:
    return Refused(
        "account_beyond_own",
        "这个账号的授权超出您的管理范围，不能由您修改。请找上一级管理员。",
        "This account holds more than you may give; you cannot change it. Ask the administrator above you.",
    )
