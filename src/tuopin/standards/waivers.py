"""Doubts that a rule of data quality finds and that somebody has checked: they are right as they are (已核实无误).

A waiver belongs to subject, standard and item, has a reason and a last day, and is looked at by every evaluation after
it: the doubt is found again, marked, and left out of what is open. Conditions of an exit standard have none: what is
not met there is not met.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from tuopin.core.standards.kinds import QUALITY
from tuopin.platform import database
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import subtree, within

from .models import Finding, FindingWaiver
from .permissions import WAIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from .models import Evaluation

LONGEST = 400
"""Days of a waiver: what was right once is asked again every year."""
MOST = 10_000
"""Doubts waived at once."""


def in_force(standard: str, item: str = "") -> QuerySet[FindingWaiver]:
    """The waivers that hold today."""
    found = FindingWaiver.objects.filter(standard=standard, ended_at=None, until__gte=timezone.localdate())
    return found.filter(item=item) if item else found


@dataclass(frozen=True, slots=True)
class Vouched:
    """Until when somebody vouched for a doubt, and why."""

    until: date
    reason: str


def of_subject(standard: str, level: str, subject_id: int) -> dict[str, Vouched]:
    """The waivers of one subject by item; the caller has checked that the subject may be seen."""
    standing = in_force(standard).filter(level=level, subject_id=subject_id)
    return {each.item: Vouched(each.until, each.reason) for each in standing}


def beside_verdicts(level: str) -> RawSQL:
    """The waivers of the subject of a row of verdicts, as a part of its query: lists of standard, item, until and
    reason; NULL for none. Read with :func:`of_standard`."""
    gather, row = ("jsonb_agg", "jsonb_build_array") if database.is_postgresql() else ("json_group_array", "json_array")
    return RawSQL(  # noqa: S611 - our own names; the values are parameters
        f"(SELECT {gather}({row}(w.standard, w.item, w.until, w.reason)) FROM standards_finding_waiver w"  # noqa: S608 - our own names
        " WHERE w.subject_id = standards_verdict.subject_id AND w.level = %s AND w.ended_at IS NULL AND w.until >= %s)",
        [level, timezone.localdate().isoformat()],
        output_field=JSONField(),
    )


def of_standard(listed_waivers: list[list[str]] | None, standard: str) -> dict[str, Vouched]:
    """Of what :func:`beside_verdicts` found, that of one standard by item."""
    return {
        item: Vouched(date.fromisoformat(until[:10]), reason)
        for key, item, until, reason in listed_waivers or ()
        if key == standard
    }


def found(actor: Actor, run: Evaluation, item: str, place: AreaVersion | None) -> QuerySet[Finding]:
    """Where a rule finds a doubt, among the subjects that lie today where the actor may waive (and in ``place``)."""
    there = AreaVersion.objects.filter(within(visible_paths(actor, WAIVE)), valid_to=None, level="village")
    if place is not None:
        low, high = subtree(place)
        there = there.filter(path__gte=low, path__lt=high)
    areas = there.values("area_id")
    inside: QuerySet[Any] = areas
    if run.level == "household":
        inside = Residence.objects.filter(valid_to=None, area_id__in=areas).values("household_id")
    return Finding.objects.filter(evaluation=run, item=item, verdict="not_met", subject_id__in=inside)


def waive(actor: Actor, run: Evaluation, item: str, subjects: Collection[int], reason: str, until: date) -> int:
    """Leave doubts of a rule as they are, for a reason and until a day (included); an earlier waiver of theirs ends.
    Returns how many.

    Raises Refused without the permission; Problem for a standard that is not of data quality, without a reason, for a
    day that is past or too far, for too many; Missing when the rule finds nothing in one of the subjects, or it lies
    outside the grants.
    """
    require(actor, WAIVE)
    check(run, item, reason, until, len(subjects))
    rows = dict(
        found(actor, run, item, None).filter(subject_id__in=listed(subjects)).values_list("subject_id", "area_id")
    )
    if set(rows) != set(subjects):
        raise no_such_finding()
    now = timezone.now()
    with database.write():
        _end(run.standard, item, run.level, rows, actor, now)
        columns = ["standard", "item", "level", "subject_id", "area_id", "reason", "until", "at", "actor", "user_id",
                   "ended_by"]  # fmt: skip
        values = [
            (run.standard, item, run.level, key, rows[key], reason.strip(), until.isoformat(), now,
             actor.name or actor.os_user, actor.user_id, "")
            for key in sorted(rows)
        ]  # fmt: skip
        database.bulk_insert(FindingWaiver._meta.db_table, columns, values)
        detail: dict[str, object] = {"standard": run.standard, "item": item, "subjects": len(rows),
                                     "until": until.isoformat()}  # fmt: skip
        audit.record(actor, WAIVE, f"evaluation:{run.pk}", detail)
    return len(rows)


def no_such_finding() -> Missing:
    """The rule finds nothing there, or it lies outside the grants."""
    return Missing("no_such_finding", "没有找到这些疑点。", "There are no such doubts.")


def standing(run: Evaluation, item: str, subjects: Collection[int]) -> list[int]:
    """Those of the subjects (which the caller has found within the grants) whose doubt is vouched for."""
    rows = FindingWaiver.objects.filter(standard=run.standard, item=item, level=run.level, ended_at=None)
    mine = rows.filter(subject_id__in=listed(subjects)).order_by("subject_id")
    return list(mine.values_list("subject_id", flat=True))


def end(actor: Actor, run: Evaluation, item: str, subjects: Collection[int]) -> int:
    """Take waivers of a rule back before their day. Returns how many; those outside the grants stay."""
    require(actor, WAIVE)
    inside = found(actor, run, item, None).filter(subject_id__in=listed(subjects)).values_list("subject_id", "area_id")
    rows = dict(inside)
    if not rows:
        return 0
    with database.write():
        ended = _end(run.standard, item, run.level, rows, actor, timezone.now())
        detail: dict[str, object] = {"standard": run.standard, "item": item, "subjects": ended, "ended": True}
        audit.record(actor, WAIVE, f"evaluation:{run.pk}", detail)
    return ended


def _end(standard: str, item: str, level: str, rows: Mapping[int, int], actor: Actor, now: object) -> int:
    standing = FindingWaiver.objects.filter(standard=standard, item=item, level=level, ended_at=None)
    mine = standing.filter(subject_id__in=listed(rows))
    return mine.update(ended_at=now, ended_by=actor.name or actor.os_user)


def check(run: Evaluation, item: str, reason: str, until: date, number: int) -> None:
    """Raises Problem for what :func:`waive` would refuse, before any subject is looked at."""
    today = timezone.localdate()
    if run.kind != QUALITY.key or item not in run.items:
        raise Problem(
            "not_quality",
            "只有数据质量规则的疑点可以核实免改；退出标准的指标不能。",
            "Only doubts of data-quality rules can be vouched for; conditions of a standard cannot.",
        )
    if not number:
        raise Problem("nothing_chosen", "请先勾选。", "Choose some first.")
    if number > MOST:
        raise Problem(
            "too_many_rows",
            f"一次最多 {MOST:,} 条，请先选择下级区域。",
            f"At most {MOST:,} at a time: choose a smaller area first.",
        )
    if not 2 <= len(reason.strip()) <= 500 or not reason.isprintable():
        raise Problem("no_reason", "请写明理由（2–500 字，一行）。", "Give the reason (2–500 characters, one line).")
    if not today <= until or (until - today).days > LONGEST:
        raise Problem(
            "bad_until",
            f"截止日期应在今天到 {LONGEST} 天之内。",
            f"The last day must lie between today and {LONGEST} days from now.",
        )
