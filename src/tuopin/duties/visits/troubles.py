"""Problems that visits find: one open row a target, sort and item, however often it is found; and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import may, require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed

from ..permissions import SETTLE_PROBLEM
from . import kinds, reach
from .models import VisitProblem

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor

    from .drafts import Draft, Trouble
    from .models import Visit

type Key = tuple[int | None, int | None, str, str]


def check_open(problems: Sequence[Trouble], classes: Collection[str] | None) -> None:
    """Raise Problem for a sort whose class is closed to who reports it: what one may not read one does not write."""
    if classes is None:
        return
    for each in problems:
        needed = kinds.problem_sorts()[each.sort].field_class
        if needed != "general" and needed not in classes:
            raise Problem(
                "class_closed",
                "您不能登记这一类问题，请选择其他类别。",
                "You cannot report problems of this sort: choose another one.",
            )


def report(made: Sequence[tuple[Visit, Draft]], now: datetime) -> None:  # noqa: ARG001 - the same for all that follows
    """Write the problems of new versions: a problem that is open already is found once more. Three statements."""
    found = [(visit, each) for visit, draft in made for each in draft.problems]
    if not found:
        return
    households = {visit.household_id for visit, _each in found if visit.household_id is not None}
    areas = {visit.area_id for visit, _each in found if visit.household_id is None}
    standing = VisitProblem.objects.select_for_update().filter(
        Q(household_id__in=listed(households)) | Q(household=None, area_id__in=listed(areas)), settled_at=None
    )
    held = {_key(each.household_id, each.area_id, each.sort, each.item): each for each in standing}
    fresh: dict[Key, VisitProblem] = {}
    again: dict[int, VisitProblem] = {}
    for visit, each in found:
        key = _key(visit.household_id, visit.area_id, each.sort, each.item)
        row = held.get(key) or fresh.get(key)
        if row is None:
            fresh[key] = VisitProblem(
                household_id=visit.household_id, area_id=visit.area_id, sort=each.sort, item=each.item,
                text=each.text.strip(), visit_number=visit.number, first_day=visit.day, last_day=visit.day,
            )  # fmt: skip
            continue
        if visit.version == 1 or row.visit_number != visit.number:
            row.times += 1
        if visit.day >= row.last_day:
            row.text = each.text.strip()
        row.first_day, row.last_day = min(row.first_day, visit.day), max(row.last_day, visit.day)
        if row.pk:
            again[row.pk] = row
    VisitProblem.objects.bulk_update(again.values(), ["times", "text", "first_day", "last_day"], batch_size=500)
    VisitProblem.objects.bulk_create(fresh.values(), batch_size=500)


def _key(household: int | None, area: int | None, sort: str, item: str) -> Key:
    return (household, None if household is not None else area, sort, item)


def withdraw(number: int, kept: Collection[tuple[str, str]], now: datetime, actor: Actor) -> None:
    """Problems that nothing but a visit now corrected or taken back has told end with it; those still told stay."""
    rows = VisitProblem.objects.filter(visit_number=number, settled_at=None, times=1)
    gone = [pk for pk, sort, item in rows.values_list("pk", "sort", "item") if (sort, item) not in kept]
    VisitProblem.objects.filter(pk__in=gone).update(
        settled_at=now, settled_day=timezone.localdate(now), settled_by=actor.name or actor.os_user,
        settled_note="走访已更正或撤回",
    )  # fmt: skip


def settle(actor: Actor, ids: Sequence[int], *, day: date, note: str) -> int:
    """Say how problems ended, each by itself named. Raises Refused, Missing outside the grants or closed to the actor,
    Problem without a note or for a day ahead."""
    require(actor, SETTLE_PROBLEM)
    if not note.strip() or len(note) > 500 or "\0" in note:
        raise Problem("no_note", "请写明处理结果，不超过 500 字。", "Say how it ended, at most 500 characters.")
    if not 1 <= len(set(ids)) <= 200:
        raise Problem("bad_problems", "请选择要处理的问题。", "Choose the problems.")
    kinds.check_day(day, timezone.localdate())
    with database.write():
        rows = list(
            VisitProblem.objects.select_for_update().filter(pk__in=listed(set(ids)), settled_at=None).order_by("pk")
        )
        paths = reach.paths_of_targets([(row.household_id, row.area_id) for row in rows])
        for row in rows:
            path = paths.get((row.household_id, row.area_id), "")
            classes = reach.classes_for(actor, SETTLE_PROBLEM, path, row.household_id)
            if not may(actor, SETTLE_PROBLEM, area_path=path, household_id=row.household_id) or not told(row, classes):
                raise _no_such()
        if len(rows) < len(set(ids)):
            raise _no_such()
        if any(row.first_day > day for row in rows):
            raise Problem("bad_day", "处理日期早于发现日期。", "It ended before it was found: check the day.")
        VisitProblem.objects.filter(pk__in=[row.pk for row in rows]).update(
            settled_at=timezone.now(), settled_day=day, settled_by=actor.name or actor.os_user,
            settled_note=note.strip(),
        )  # fmt: skip
        detail: dict[str, object] = {"problems": len(rows), "day": day.isoformat()}
        audit.record(actor, SETTLE_PROBLEM, f"visit_problem:{rows[0].pk}", detail)
    return len(rows)


def told(row: VisitProblem, classes: Collection[str] | None) -> bool:
    """Whether a reader with these classes (None = all) is told of a problem at all. A sort that is no more in the file
    is told to nobody without every class."""
    if classes is None:
        return True
    sort = kinds.problem_sorts().get(row.sort)
    return sort is not None and (sort.field_class == "general" or sort.field_class in classes)


def closed_sorts(classes: Collection[str] | None) -> list[str]:
    """Sorts that a reader with these classes is not told of."""
    if classes is None:
        return []
    sorts = kinds.problem_sorts().values()
    return [each.key for each in sorts if each.field_class != "general" and each.field_class not in classes]


def _no_such() -> Missing:
    return Missing("no_such_problem", "没有找到这个问题，或已经处理。", "There is no such open problem.")
