"""Saved views: a list as its owner set it up, by name. Nobody else sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from django.utils import timezone

from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.models import SavedView
from tuopin.platform.problems import Missing, Problem, Refused

from .engine import open_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from tuopin.platform.access import Actor

    from .model import Listing, Reader

MOST = 50
NAME_LENGTH = 60
_NOT_KEPT = frozenset({"after", "before", "view", "area"})


def views_of(actor: Actor, listing: str) -> list[SavedView]:
    """The actor's own views of a list, by name."""
    if actor.user_id is None:
        return []
    return list(SavedView.objects.filter(user_id=actor.user_id, listing=listing).order_by("name"))


def save_view(reader: Reader, listing: Listing, name: str, query: str, *, default: bool = False) -> SavedView:
    """Keep a list as it stands under a name; an own view of that name is replaced. Raises Problem."""
    actor = reader.actor
    if actor.user_id is None:
        raise Refused("refused", "只有登录用户可以保存视图。", "Only accounts can keep views.")
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise Problem(
            "bad_view_name",
            f"请给视图起个名字，最长 {NAME_LENGTH} 个字。",
            f"Give the view a name of at most {NAME_LENGTH} characters.",
        )
    given = {key: values for key, values in parse_qs(query[:9_000].lstrip("?")).items() if key not in _NOT_KEPT}
    plain = urlencode(open_list(listing, reader, given).state.parameters())
    pairs = [(key, value) for key, values in parse_qs(plain).items() if key not in _NOT_KEPT for value in values]
    kept = urlencode(pairs)
    if len(kept) > 2_000:
        raise Problem("view_too_long", "条件过多，无法保存。", "Too many conditions to keep.")
    with write():
        own = SavedView.objects.filter(user_id=actor.user_id, listing=listing.key)
        if own.exclude(name=name).count() >= MOST:
            raise Problem(
                "too_many_views",
                f"最多保存 {MOST} 个视图，请先删除不用的。",
                f"At most {MOST} views are kept: delete some first.",
            )
        if default:
            own.update(is_default=False)
        found, _made = SavedView.objects.update_or_create(
            user_id=actor.user_id, listing=listing.key, name=name,
            defaults={"query": kept, "is_default": default, "created_at": timezone.now()},
        )  # fmt: skip
        audit.record(actor, "platform.save_view", f"view:{found.pk}", {"listing": listing.key, "default": default})
    return found


def delete_views(actor: Actor, numbers: Collection[int]) -> int:
    """Delete own views. Raises Missing unless all of them are the actor's."""
    missing = Missing("no_such_view", "没有这个视图。", "There is no such view.")
    if actor.user_id is None:
        raise missing
    with write():
        own = SavedView.objects.filter(user_id=actor.user_id, pk__in=numbers)
        if own.count() != len(set(numbers)):
            raise missing
        own.delete()
        audit.record(actor, "platform.delete_view", f"views:{len(set(numbers))}", {})
    return len(set(numbers))
