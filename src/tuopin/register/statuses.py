"""Changing a status: the one way beside imports. A household's place on an axis is dated, with a reason and the act
that it follows from; so is the end of an area's designation.

Nobody changes a status on its own: a procedure that has come to its end calls this (``standards/procedures``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem

from . import cards
from .codes import code_title
from .correcting.subjects import listed
from .counting import count_later
from .models import AreaVersion, Designation, HouseholdCard, StatusChange, StatusPeriod
from .permissions import CHANGE_STATUS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tuopin.platform.access import Actor

_DESIGNATION = "designation"


def change_households(
    actor: Actor,
    values: Mapping[int, str],
    *,
    axis: str,
    expected: Collection[str],
    day: date,
    reason: str,
    origins: Mapping[int, str],
) -> int:
    """Put households (by id) on an axis at ``values`` from ``day`` on; returns how many say something new.

    ``expected`` are the values from which it may change, '' = none yet; ``origins`` names the act of each. Raises
    Missing for one outside the grants, Problem where the register says something else meanwhile, or of a later day.
    """
    ids = sorted(values)
    with database.write():
        database.hold_data()
        codes = _reachable(actor, ids)
        standing = StatusPeriod.objects.filter(household_id__in=listed(ids), axis=axis).filter(
            Q(valid_to=None) | Q(valid_to__gt=day)
        )
        covering: dict[int, StatusPeriod] = {}
        for each in standing:
            if each.valid_from > day or each.valid_to is not None:
                raise _later(codes[each.household_id], axis, each)
            covering[each.household_id] = each
        for key in ids:
            held = covering[key].value if key in covering else ""
            if held not in expected:
                raise _other(codes[key], axis, held)
        fresh = {key: value for key, value in values.items() if key not in covering or covering[key].value != value}
        _write(fresh, covering, axis, day)
        now = timezone.now()
        StatusChange.objects.bulk_create(
            [
                StatusChange(
                    household_id=key, axis=axis, old=covering[key].value if key in covering else "", new=value,
                    day=day, reason=reason, origin=origins[key], at=now, actor=actor.name or actor.os_user,
                    user_id=actor.user_id,
                )
                for key, value in sorted(values.items())
            ],
            batch_size=500,
        )  # fmt: skip
        cards.refresh(fresh)
        database.bump_data_version()
        count_later(actor)
        detail: dict[str, object] = {"axis": axis, "households": len(values), "changed": len(fresh),
                                     "day": day.isoformat()}  # fmt: skip
        audit.record(actor, CHANGE_STATUS, f"axis:{axis}", detail)
    return len(fresh)


def _reachable(actor: Actor, ids: list[int]) -> dict[int, str]:
    """Codes by id. Raises Missing unless all of them live where the actor may change a status."""
    rows = HouseholdCard.objects.filter(pk__in=listed(ids)).values_list("pk", "code", "path")
    ranges = visible_paths(actor, CHANGE_STATUS)
    found = {key: code for key, code, path in rows if ranges is None or any(low <= path < high for low, high in ranges)}
    if len(found) < len(ids):
        raise Missing(
            "no_such_household",
            "没有找到这些户，或不在您的管辖范围内。",
            "There are no such households, or they lie outside your grants.",
        )
    return found


def _write(fresh: Mapping[int, str], covering: Mapping[int, StatusPeriod], axis: str, day: date) -> None:
    """A period that began on that very day is put right; an earlier one ends, and another begins."""
    same_day = {key for key in fresh if key in covering and covering[key].valid_from == day}
    earlier = [covering[key].pk for key in fresh if key in covering and key not in same_day]
    StatusPeriod.objects.filter(pk__in=listed(earlier)).update(valid_to=day)
    for value in sorted({fresh[key] for key in same_day}):
        rows = [covering[key].pk for key in same_day if fresh[key] == value]
        StatusPeriod.objects.filter(pk__in=listed(rows)).update(value=value)
    StatusPeriod.objects.bulk_create(
        [
            StatusPeriod(household_id=key, axis=axis, value=value, valid_from=day)
            for key, value in sorted(fresh.items())
            if key not in same_day
        ],
        batch_size=500,
    )


def end_designations(
    actor: Actor, area_ids: Collection[int], *, kind: str, day: date, reason: str, origins: Mapping[int, str]
) -> int:
    """End a designation (poor village, poor county) of areas on a day; returns how many stood. An area whose
    designation was never recorded gets the entry alone. Raises Missing outside the grants."""
    ids = sorted(area_ids)
    with database.write():
        database.hold_data()
        ranges = visible_paths(actor, CHANGE_STATUS)
        paths = AreaVersion.objects.filter(area_id__in=listed(ids), valid_to=None).values_list("area_id", "path")
        seen = {key for key, path in paths if ranges is None or any(low <= path < high for low, high in ranges)}
        if seen != set(ids):
            raise Missing("no_such_area", "没有找到这些区划。", "There are no such areas.")
        standing = Designation.objects.filter(area_id__in=listed(ids), kind=kind, valid_to=None, valid_from__lt=day)
        held = set(standing.values_list("area_id", flat=True))
        standing.update(valid_to=day)
        now = timezone.now()
        StatusChange.objects.bulk_create(
            [
                StatusChange(
                    area_id=key, axis=_DESIGNATION, old=kind if key in held else "", new="ended", day=day,
                    reason=reason, origin=origins[key], at=now, actor=actor.name or actor.os_user,
                    user_id=actor.user_id,
                )
                for key in ids
            ]
        )  # fmt: skip
        database.bump_data_version()
        detail: dict[str, object] = {"kind": kind, "areas": len(ids), "ended": len(held), "day": day.isoformat()}
        audit.record(actor, CHANGE_STATUS, f"axis:{_DESIGNATION}", detail)
    return len(held)


def _later(code: str, axis: str, period: StatusPeriod) -> Problem:
    value = code_title(axis, period.value)
    return Problem(
        "later_status",
        f"{code} 在 {period.valid_from} 已登记为“{value.zh}”。请核对日期。",
        f"{code} is on record as “{value.en}” from {period.valid_from}. Check the day.",
        household=code,
    )


def _other(code: str, axis: str, held: str) -> Problem:
    value = code_title(axis, held)
    zh, en = (value.zh, value.en) if held else ("未登记", "nothing")
    return Problem(
        "other_status",
        f"{code} 现在的状态是“{zh}”，不能由此改变。请先核对登记。",
        f"{code} stands at “{en}” now, from which this does not lead. Check the register first.",
        household=code,
    )
