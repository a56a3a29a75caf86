"""Grants over areas that are no more go over to what became of them: part of the change of the areas, which has its own
permission. Nobody gets another role, other classes of fields or a longer time by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform.accounts import sessions
from tuopin.platform.auditing.audit import record
from tuopin.platform.database import write
from tuopin.platform.models import Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tuopin.platform.access import Actor


@dataclass(frozen=True, slots=True)
class Succeeded:
    """``ended``: grants over areas that are no more; ``made``: those over their successors, which not everybody needs:
    some hold the same there already."""

    ended: tuple[int, ...] = ()
    made: tuple[int, ...] = ()
    users: int = 0


def standing(scope_ids: Sequence[int]) -> list[Grant]:
    """Grants over areas, of today and to come."""
    held = Grant.objects.filter(scope_kind="area", scope_id__in=list(scope_ids))
    return list(
        held.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate())).select_related("user").order_by("pk")
    )


def succeed(actor: Actor, areas: Mapping[int, int], keep: Callable[[list[int]], None]) -> Succeeded:
    """End the grants over areas (by id) and give the same over their successors, from today on. ``keep`` is told the
    grants before they are ended. The accounts' sessions end; one audit entry an account is left, as for any grant."""
    held = standing(sorted(areas))
    if not held:
        return Succeeded()
    today = timezone.localdate()
    has = {_same(each, each.scope_id or 0) for each in standing(sorted(set(areas.values())))}
    with write():
        keep([each.pk for each in held])
        fresh = []
        for each in held:
            successor = areas[each.scope_id or 0]
            if _same(each, successor) not in has:
                has.add(_same(each, successor))
                fresh.append(
                    Grant(
                        user_id=each.user_id, role=each.role, scope_kind="area", scope_id=successor,
                        field_classes=each.field_classes, valid_from=max(today, each.valid_from),
                        valid_to=each.valid_to, kept_by=each.kept_by, kept_for=each.kept_for,
                    )
                )  # fmt: skip
            each.valid_to = max(today, each.valid_from)
        Grant.objects.bulk_update(held, ["valid_to"], batch_size=2_000)
        made = Grant.objects.bulk_create(fresh, batch_size=2_000)
        users = sorted({each.user_id for each in held})
        sessions.end_all(users)
        detail: dict[str, object] = {"ended": [each.pk for each in held], "made": [each.pk for each in made]}
        record(actor, "platform.succeed_grants", "grants:areas", detail)
    return Succeeded(tuple(each.pk for each in held), tuple(each.pk for each in made), len(users))


def _same(each: Grant, scope_id: int) -> tuple[object, ...]:
    return each.user_id, each.role, scope_id, tuple(each.field_classes), each.valid_to
