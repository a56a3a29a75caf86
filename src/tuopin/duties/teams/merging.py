"""Two officials are one person: two sheets of one member, village and month become one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

from . import rules
from .models import PresenceSheet

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


def follow(lead: int, others: Collection[int]) -> None:
    """Inside the caller's transaction. A day that one sheet leaves open is taken from the other one; a sheet that
    changed by that is to be confirmed anew. Raises Problem where both say different things of one day: only people know
    which is so."""
    rows: dict[tuple[int, date], list[PresenceSheet]] = defaultdict(list)
    found = PresenceSheet.objects.select_for_update().filter(official_id__in={lead, *others})
    for row in found.order_by("month", "area_id", "pk"):
        rows[row.area_id, row.month].append(row)
    twice = [each for each in rows.values() if len(each) > 1]
    unlike = [sheets[0].month for sheets in twice if _joined(sheets) is None]
    if unlike:
        months = "、".join(f"{each:%Y-%m}" for each in unlike[:5])
        raise Problem(
            "sheets_differ",
            f"这几条记录在 {months} 的驻村考勤有同一天写得不一样的，不能合并。请先改一致（已确认的请乡镇退回）。",
            f"Their sheets of presence say different things of the same day in {months}. Make them alike first (the"
            " township opens what it has confirmed).",
        )
    for sheets in twice:
        _join(lead, sheets)


def _joined(sheets: list[PresenceSheet]) -> str | None:
    """The marks of all together; None where two differ."""
    marks = []
    for day in zip(*(each.marks for each in sheets), strict=True):
        said = set(day) - {rules.UNKNOWN}
        if len(said) > 1:
            return None
        marks.append(said.pop() if said else rules.UNKNOWN)
    return "".join(marks)


def _join(lead: int, sheets: list[PresenceSheet]) -> None:
    marks = _joined(sheets) or ""
    stays = next((each for each in sheets if each.official_id == lead), sheets[0])
    if any(each.confirmed_at is None or each.marks != marks for each in sheets):
        stays.confirmed_at = stays.confirmed_by = None
    stays.marks = marks
    stays.notes = {day: text for each in (*sheets, stays) for day, text in each.notes.items()}
    stays.present, stays.unknown = marks.count("P"), marks.count(rules.UNKNOWN)
    PresenceSheet.objects.filter(pk__in=[each.pk for each in sheets if each is not stays]).delete()
    stays.save(update_fields=["marks", "notes", "present", "unknown", "confirmed_at", "confirmed_by"])
