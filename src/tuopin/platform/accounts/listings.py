"""The list of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import roles
from tuopin.platform.access import require
from tuopin.platform.accounts import granting
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing, Reader
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models import Grant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Row


def _in_force() -> Q:
    today = timezone.localdate()
    return Q(valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gt=today))


def _held_roles(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found: dict[int, set[str]] = {}
    grants = Grant.objects.filter(_in_force(), user_id__in=[row["pk"] for row in rows])
    for user_id, role in grants.values_list("user_id", "role").distinct():
        found.setdefault(user_id, set()).add(role)
    order = list(roles.all_roles())
    return {key: ",".join(sorted(held, key=lambda each: order.index(each) if each in order else 99))
            for key, held in found.items()}  # fmt: skip


def _has_factor(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    from allauth.mfa.models import Authenticator

    found = Authenticator.objects.filter(user_id__in=[row["pk"] for row in rows], type="totp")
    having = set(found.values_list("user_id", flat=True))
    return {row["pk"]: row["pk"] in having for row in rows}


def role_titles() -> dict[str, Title]:
    """The roles by key with their titles, in the order of the file."""
    return {key: role.title for key, role in roles.all_roles().items()}


def _by_role(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    held = Grant.objects.filter(_in_force(), user_id=OuterRef("pk"), role__in=value)
    return rows.filter(Exists(held))


def _by_factor(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    from allauth.mfa.models import Authenticator

    having = Exists(Authenticator.objects.filter(user_id=OuterRef("pk"), type="totp"))
    return rows.filter(having if value else ~having)


ACCOUNTS = Listing(
    key="platform.accounts",
    title=Title("账号", "Accounts"),
    noun=Title("个账号", "accounts"),
    rows=lambda reader: granting.accounts_of(reader.actor),
    may_open=lambda reader: require(reader.actor, granting.MANAGE),
    address=lambda _reader: reverse("platform:accounts"),
    reader=reader_of,
    order=("username",),
    order_title=Title("用户名", "user name"),
    first="username",
    log=False,
    columns=(
        Column("username", Title("用户名", "User name"), field="username", sort=("username",),
               href=lambda row: reverse("platform:account", args=[row["pk"]])),
        Column("name", Title("姓名", "Name"), field="display_name", blank=Title("—", "—")),
        Column("roles", Title("角色", "Roles"), "choice", load=_held_roles, choices=role_titles(),
               blank=Title("无授权", "no grant")),
        Column("active", Title("状态", "State"), "choice", field="is_active",
               pick=lambda value: "open" if value else "closed",
               choices={"open": Title("启用", "open"), "closed": Title("停用", "closed")}),
        Column("factor", Title("第二重验证", "Second step"), "flag", load=_has_factor),
        Column("last_login", Title("最近登录", "Last sign-in"), "date", field="last_login", sort=("last_login",),
               blank=Title("从未", "never")),
        Column("created_at", Title("建立", "Made"), "date", field="created_at", sort=("created_at",), optional=True),
    ),
    filters=(
        ChoiceFilter("role", Title("角色", "Role"), narrow=_by_role, choices=tuple(role_titles().items())),
        FlagFilter("active", Title("状态", "State"), "is_active", yes=Title("启用", "open"),
                   no=Title("停用", "closed")),
        FlagFilter("factor", Title("第二重验证", "Second step"), narrow=_by_factor, more=True),
        FlagFilter("never", Title("从未登录", "Never signed in"), "last_login__isnull", more=True),
    ),
)  # fmt: skip

LISTINGS = (ACCOUNTS,)
