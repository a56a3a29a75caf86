"""Two officials are one person: plans that name either name the one that stays."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F

from tuopin.platform.problems import Problem

from .models import AssignmentPlan, PlanHelper, PlanLine

if TYPE_CHECKING:
    from collections.abc import Collection


def follow(lead: int, others: Collection[int]) -> None:
    """Inside the caller's transaction. A plan that was decided is put in step: who stood in its pool twice stands there
    once, and who was to take over from himself keeps. Raises Problem where a draft has both: it was worked out for two,
    with bounds for two."""
    every = {lead, *others}
    rows: dict[int, list[PlanHelper]] = defaultdict(list)
    for row in PlanHelper.objects.filter(official_id__in=every).order_by("pk"):
        rows[row.plan_id].append(row)
    twice = {plan: found for plan, found in rows.items() if len(found) > 1}
    own = PlanLine.objects.filter(before_id__in=every, after_id__in=every).exclude(before_id=F("after_id"))
    among = {*twice, *own.values_list("plan_id", flat=True)}
    plans = AssignmentPlan.objects.select_for_update().filter(pk__in=among)
    if any(each.state == AssignmentPlan.State.DRAFT for each in plans):
        raise Problem(
            "draft_names_both",
            "有一份批量指派草案把这几条记录当作不同的人。请先执行或否决该草案，再判定为同一人。",
            "A draft of bulk assignment takes these officials for several. Apply or refuse it first, then say that"
            " they are one person.",
        )
    for found in twice.values():
        _once(lead, found)
    kept = PlanLine.objects.filter(before_id__in=every, after_id__in=every)
    kept.update(before_id=lead, after_id=lead, kind=PlanLine.Kind.KEPT)
    PlanLine.objects.filter(before_id__in=others).update(before_id=lead)
    PlanLine.objects.filter(after_id__in=others).update(after_id=lead)


def _once(lead: int, rows: list[PlanHelper]) -> None:
    """One row with what all had together, in place of several of one plan."""
    stays = next((each for each in rows if each.official_id == lead), rows[0])
    for name in ("least", "most", "others", "before", "after"):
        setattr(stays, name, sum(getattr(each, name) for each in rows))
    PlanHelper.objects.filter(pk__in=[each.pk for each in rows if each is not stays]).delete()
    stays.save(update_fields=["least", "most", "others", "before", "after"])
