"""Grants over areas that are no more go over to what became of them: part of the change of the areas, which has its own
permission. Nobody gets another role, other classes of fields or a longer time by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform.accounts import granting, sessions
from tuopin.platform.auditing.audit import record
from tuopin.platform.database import write
from tuopin.platform.models import Grant
from tuopin.platform.problems import Problem

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
    """End the grants over areas (by id) and give the same over their successors, from today on; a grant that would not
    go together with another one of its holder there stays where it is. ``keep`` is told the grants before they are
    ended. The accounts' sessions end."""
    held = _compatible(standing(sorted(areas)), areas)
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


def _compatible(held: list[Grant], areas: Mapping[int, int]) -> list[Grant]:
    """Those that may lie over the successor, beside what else their holders have. Few have anything else."""
    today = timezone.localdate()
    others = Grant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), user_id__in={each.user_id for each in held})
    several = set(others.exclude(pk__in=[each.pk for each in held]).values_list("user_id", flat=True))
    found = []
    for each in held:
        if each.user_id in several:
            wanted = granting.Wanted(
                each.role, "area", areas[each.scope_id or 0], frozenset(each.field_classes), each.valid_to
            )
            try:
                granting.require_compatible(each.user, wanted, max(today, each.valid_from))
            except Problem:
                continue
        found.append(each)
    return found


def _same(each: Grant, scope_id: int) -> tuple[object, ...]:
    return each.user_id, each.role, scope_id, tuple(each.field_classes), each.valid_to
