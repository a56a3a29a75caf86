"""Which households a project benefits: told to it, taken off again, read by whom they may be told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from tuopin.platform.access import field_classes_at, visible_ids, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import HouseholdCard
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..permissions import KEEP_PROJECT, VIEW
from ..plans.selectors import may_be_told
from .models import Benefit, ProjectVersion
from .services import MOST, MOST_MONEY, lies, reach

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


@dataclass(frozen=True, slots=True)
class Given:
    """A household by its code, with what it gets: fen a year, or in kind."""

    household: str
    amount: int | None = None
    in_kind: str = ""


def add(actor: Actor, number: int, given: Sequence[Given]) -> int:
    """Households that a project benefits: all of them or none. Raises Missing for a project or household outside the
    grants, Problem for one that is named twice or is there already."""
    if not 0 < len(given) <= MOST:
        raise Problem("bad_benefits", f"一次 1 至 {MOST:,} 户。", f"1 to {MOST:,} households at a time.")
    codes = [each.household for each in given]
    if len(set(codes)) != len(codes):
        raise Problem("named_twice", "名单中有重复的户编号。", "A household is named twice.")
    if any(each.amount is not None and not 0 <= each.amount <= MOST_MONEY for each in given):
        raise Problem("bad_money", "金额不对。", "That is no amount of money.")
    if any(len(each.in_kind) > 200 or "\0" in each.in_kind for each in given):
        raise Problem("too_long", "实物或服务不超过 200 字。", "In kind: at most 200 characters.")
    reach(actor, [number])
    _need_class(actor, number)
    known = dict(_mine(actor).filter(code__in=codes).values_list("code", "household_id"))
    if len(known) != len(codes):
        missing = next(code for code in codes if code not in known)
        raise Missing("no_such_household", f"没有找到户编号 {missing[:40]}。", f"There is no household {missing[:40]}.")
    now = timezone.now()
    try:
        with write():
            rows = [
                Benefit(
                    project_id=number, household_id=known[each.household], amount=each.amount,
                    in_kind=each.in_kind.strip(), recorded_at=now, actor=actor.name or actor.os_user,
                    user_id=actor.user_id,
                )
                for each in given
            ]  # fmt: skip
            Benefit.objects.bulk_create(rows, batch_size=500)
            audit.record(actor, KEEP_PROJECT, f"project:{number}", {"benefiting": len(rows)})
    except IntegrityError:
        raise Problem(
            "benefits_already", "其中有的户已是受益户，没有写入任何内容。", "Some benefit already; nothing was written."
        ) from None
    return len(rows)


def remove(actor: Actor, number: int, benefit_ids: Collection[int]) -> int:
    """Take households off a project; that they were there stays readable. Raises Missing."""
    reach(actor, [number])
    _need_class(actor, number)
    mine = seen(actor, number, "", None).filter(pk__in=listed(benefit_ids)) if benefit_ids else None
    keys = list(mine.values_list("pk", flat=True)) if mine is not None else []
    if not keys:
        raise Missing("no_such_entry", "没有这条记录。", "There is no such entry.")
    with write():
        count = Benefit.objects.filter(pk__in=listed(keys), superseded_at=None).update(superseded_at=timezone.now())
        audit.record(actor, KEEP_PROJECT, f"project:{number}", {"taken_off": count})
    return count


def _need_class(actor: Actor, number: int) -> None:
    """Who may not be told whom a project of a closed class benefits does not write it either: an answer would tell who
    is there already. Raises Missing."""
    sort, area = ProjectVersion.objects.values_list("sort", "area_id").get(project=number, superseded_at=None)
    if not may_be_told(sort, "", field_classes_at(actor, VIEW, lies([area]).get(area, ""))):
        raise Missing("class_closed", "这类资料未向您开放。", "This class of fields is not open to you.")


def seen(actor: Actor, number: int, sort: str, classes: frozenset[str] | None) -> QuerySet[Benefit]:
    """The households that benefit from a project and that the actor may see; merged ones with the household that goes
    on. Of a project of a class that reveals what is closed to the reader, none."""
    found = Benefit.objects.filter(project_id=number, superseded_at=None)
    if sort and not may_be_told(sort, "", classes):
        return found.none()
    mine = _mine(actor).values("household_id")
    return found.filter(Q(household__in=mine) | Q(household__went_to__now__in=mine))


def _mine(actor: Actor) -> QuerySet[HouseholdCard]:
    found = HouseholdCard.objects.exclude(path="")
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, permission)
        if ranges is not None:
            single = sorted(visible_ids(actor, permission, "household"))
            found = found.filter(register.within(ranges) | Q(household_id__in=single))
    return found
