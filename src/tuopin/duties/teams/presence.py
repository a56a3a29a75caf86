"""Sheets of presence: kept by the leader or the village, confirmed by the township, opened again with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion

from ..models import PresenceSheet
from ..permissions import KEEP_TEAM
from ..selectors import own_official
from . import members, rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

MOST = 500


@dataclass(frozen=True, slots=True)
class Month:
    """A member's month: a letter a day (``?`` = nothing known), notes by day of the month."""

    official_id: int
    month: date
    marks: str
    notes: Mapping[int, str] = field(default_factory=dict)


def keep(actor: Actor, place: AreaVersion, months: Sequence[Month]) -> list[int]:
    """Write sheets of a village's members, all or none; what was written before is replaced while nobody confirmed it.

    Raises Refused, Problem for who was not on the team, days to come, confirmed sheets.
    """
    today = timezone.localdate()
    members.require_keeper(members.seat(actor, place, today))
    if not 1 <= len(months) <= MOST:
        raise Problem("bad_number", f"一次登记 1 至 {MOST} 份。", f"Keep 1 to {MOST} sheets at once.")
    for each in months:
        _check(each, place, today)
    now = timezone.now()
    kept = []
    try:
        with write():
            for each in months:
                rows = PresenceSheet.objects.select_for_update().filter(
                    official_id=each.official_id, area_id=place.area_id, month=each.month
                )
                row = rows.first() or PresenceSheet(
                    official_id=each.official_id, area_id=place.area_id, month=each.month
                )
                if row.confirmed_at is not None:
                    raise Problem(
                        "confirmed_already",
                        "这个月的考勤已由乡镇确认。要改请乡镇先退回。",
                        "The township has confirmed this month. It must open it again first.",
                    )
                row.marks, row.notes = each.marks, {str(day): text for day, text in each.notes.items()}
                row.present, row.unknown = each.marks.count("P"), each.marks.count(rules.UNKNOWN)
                row.kept_by, row.kept_at = actor.user_id, now
                row.save()
                kept.append(row.pk)
            audit.record(actor, KEEP_TEAM, f"area:{place.area_id}", {"count": len(kept)})
    except IntegrityError:
        raise Problem("changed_meanwhile", "有人同时在登记，请刷新。", "Somebody wrote it meanwhile.") from None
    return kept


def _check(each: Month, place: AreaVersion, today: date) -> None:
    if each.month.day != 1 or each.month > today or each.month.year < 2000:
        raise Problem("bad_month", "月份不对。", "There is no such month.")
    if len(each.marks) != rules.length(each.month) or set(each.marks) - set(rules.marks()) - {rules.UNKNOWN}:
        raise Problem("bad_marks", "每天请选一种情况。", "Choose one mark for each day.")
    coming = each.marks[today.day :] if each.month == today.replace(day=1) else ""
    if set(coming) - {rules.UNKNOWN}:
        raise Problem("day_to_come", "还没到的日子不能登记。", "Days to come cannot be marked.")
    if any(not 1 <= day <= 31 or len(text) > 200 for day, text in each.notes.items()):
        raise Problem("too_long", "备注不超过 200 字。", "A note: at most 200 characters.")
    members.require_member(each.official_id, place.area_id, each.month, rules.last_day(each.month))


def confirm(actor: Actor, ids: Sequence[int]) -> int:
    """The township confirms sheets of months that are over; days unknown stay unknown. Returns how many.

    Raises Missing outside the grants, Refused for the village itself, Problem for one's own sheet, and for one that the
    same account has written.
    """
    today, own = timezone.localdate(), own_official(actor)
    with write():
        rows = _rows(actor, ids)
        writers = _writers(rows)
        for row in rows:
            if row.month >= today.replace(day=1):
                raise Problem("month_not_over", "这个月还没有结束。", "The month is not over.")
            writer = writers[row.pk]
            if row.official_id == own or (writer is not None and writer == actor.user_id):
                raise Problem(
                    "own_sheet",
                    "本人的、自己登记的考勤由别人确认。",
                    "Somebody else confirms your own.",
                )
        fresh = [row.pk for row in rows if row.confirmed_at is None]
        PresenceSheet.objects.filter(pk__in=listed(fresh)).update(
            confirmed_at=timezone.now(), confirmed_by=actor.user_id
        )
        audit.record(actor, "duties.confirm_presence", f"sheets:{len(fresh)}", {"count": len(fresh)})
    return len(fresh)


def _writers(rows: Sequence[PresenceSheet]) -> Mapping[int, int | None]:
    """Whose account wrote each sheet last: by hand, or by taking in a workbook. One statement."""
    taken = PresenceSheet.objects.filter(pk__in=listed([row.pk for row in rows if row.kept_by is None]))
    imported = dict(taken.values_list("pk", "sheet__run__user_id"))
    return {row.pk: row.kept_by or imported.get(row.pk) for row in rows}


def reopen(actor: Actor, sheet_id: int, reason: str) -> None:
    """The township opens a confirmed sheet again, with a reason that stands on it. Raises as :func:`confirm`."""
    if not reason.strip() or len(reason) > 300:
        raise Problem("no_reason", "请写退回理由（300 字以内）。", "Give the reason (at most 300 characters).")
    with write():
        [row] = _rows(actor, [sheet_id])
        if row.official_id == own_official(actor):
            raise Problem("own_sheet", "本人的考勤由别人退回。", "Somebody else opens your own sheet.")
        row.confirmed_at = row.confirmed_by = None
        row.notes = {**row.notes, "0": reason.strip()}
        row.save(update_fields=["confirmed_at", "confirmed_by", "notes"])
        audit.record(actor, "duties.reopen_presence", f"sheet:{row.pk}", {})


def _rows(actor: Actor, ids: Sequence[int]) -> list[PresenceSheet]:
    """The sheets, locked, for an office above the village. Raises Missing, Refused."""
    today = timezone.localdate()
    if not 1 <= len(set(ids)) <= MOST:
        raise Problem("bad_number", f"一次 1 至 {MOST} 份。", f"1 to {MOST} at once.")
    rows = list(PresenceSheet.objects.select_for_update().filter(pk__in=listed(ids)).order_by("pk"))
    places = {
        each.area_id: each
        for each in AreaVersion.objects.filter(area_id__in={row.area_id for row in rows}, valid_to=None)
    }
    if len(rows) < len(set(ids)):
        raise Missing("no_such_sheet", "没有这份考勤。", "There is no such sheet.")
    seen = {key: may(actor, KEEP_TEAM, area_path=place.path) for key, place in places.items()}
    if any(not seen.get(row.area_id, False) for row in rows):
        raise Missing("no_such_sheet", "没有这份考勤。", "There is no such sheet.")
    if any(not members.seat(actor, place, today).holds(KEEP_TEAM, "township") for place in places.values()):
        raise Refused("refused", "考勤由乡镇确认。", "The township confirms sheets.")
    return rows
