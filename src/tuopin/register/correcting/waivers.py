"""Data issues: whose they are to see, and those that were checked and are right as they are (已核实无误)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem

from ..models import AreaVersion, DataIssue, IssueWaiver
from ..permissions import VIEW_HOUSEHOLD, WAIVE
from ..selectors import subtree, within
from .subjects import AREAS, listed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

LONGEST = 400  # days of a waiver


def issues(actor: Actor, area: AreaVersion | None, permission: str = VIEW_HOUSEHOLD) -> QuerySet[Any]:
    """Open issues of subjects in an area, within the grants; ``waived`` says whether somebody vouched for it."""
    villages = AreaVersion.objects.filter(within(visible_paths(actor, permission)), level__in=AREAS, valid_to=None)
    if area is not None:
        low, high = subtree(area)
        villages = villages.filter(path__gte=low, path__lt=high)
    found = DataIssue.objects.filter(closed_at=None, area_id__in=villages.values("area_id"))
    return found.annotate(waived=Exists(_in_force()))


def _in_force() -> QuerySet[IssueWaiver]:
    return IssueWaiver.objects.filter(issue=OuterRef("pk"), ended_at=None, until__gte=timezone.localdate())


def waived_until() -> Subquery:
    """The last day for which somebody vouched for an issue, as part of a query of issues; NULL = nobody did."""
    return Subquery(_in_force().order_by("-until").values("until")[:1])


def waive(actor: Actor, ids: Collection[int], reason: str, until: date) -> int:
    """Leave issues as they are, for a reason and until a day (included); an earlier waiver of theirs ends. Returns how
    many. Raises Missing when one is outside the grants or closed, Problem without a reason or for a day that is past or
    too far."""
    require(actor, WAIVE)
    today = timezone.localdate()
    if not 2 <= len(reason.strip()) <= 500:
        raise Problem("no_reason", "请写明理由（2–500 字）。", "Give the reason (2–500 characters).")
    if not today <= until or (until - today).days > LONGEST:
        raise Problem(
            "bad_until",
            f"截止日期应在今天到 {LONGEST} 天之内。",
            f"The last day must lie between today and {LONGEST} days from now.",
        )
    found = list(issues(actor, None, WAIVE).filter(pk__in=listed(ids)).values_list("pk", flat=True))
    if set(found) != set(ids):
        raise Missing("no_such_issue", "没有找到这些数据疑点。", "There are no such data issues.")
    if not found:
        raise Problem("nothing_chosen", "请先勾选数据疑点。", "Choose some data issues first.")
    now = timezone.now()
    with database.write():
        IssueWaiver.objects.filter(issue__in=listed(found), ended_at=None).update(ended_at=now)
        columns = ["issue_id", "reason", "until", "at", "actor", "user_id"]
        rows = [(key, reason.strip(), until.isoformat(), now, actor.name or actor.os_user, actor.user_id)
                for key in sorted(found)]  # fmt: skip
        database.bulk_insert(IssueWaiver._meta.db_table, columns, rows)
        detail: dict[str, object] = {"issues": len(found), "until": until.isoformat()}
        audit.record(actor, WAIVE, f"issues:{len(found)}", detail)
    return len(found)


def end(actor: Actor, ids: Collection[int]) -> int:
    """Take waivers of issues back. Returns how many."""
    require(actor, WAIVE)
    found = list(issues(actor, None, WAIVE).filter(pk__in=listed(ids), waived=True).values_list("pk", flat=True))
    if not found:
        return 0
    with database.write():
        ended = IssueWaiver.objects.filter(Q(issue__in=listed(found)), ended_at=None).update(ended_at=timezone.now())
        audit.record(actor, WAIVE, f"issues:{ended}", {"issues": ended, "ended": True})
    return ended
