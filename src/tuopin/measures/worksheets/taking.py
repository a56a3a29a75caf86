"""Telling the register what households signed: as corrections with the source “visit”, dated as they were signed.

The register's own rules decide what they do: ranked sources, what an export says later, the list of what is to be
entered in the national system. Where the register has income of a later day or a later year, nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import hold_data, write
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.register.correcting import services as correcting
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import HouseholdIncome
from tuopin.register.models.blocks import Source
from tuopin.register.permissions import CORRECT

from ..permissions import VIEW
from .lines import facts_of
from .models import IncomeWorksheet, WorksheetAnswer, WorksheetLine, WorksheetTaken
from .services import ABOUT, MOST, allowed, worksheets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many worksheets the register took, and of how many it has newer income, so that nothing was written."""

    taken: int
    held: int


def newer() -> Exists:
    """That the register has income of a later day than the signature, or of a later year than the worksheet."""
    stands = HouseholdIncome.objects.filter(
        Q(as_of__gt=OuterRef("answer__day")) | Q(year__gt=OuterRef("year")), household=OuterRef("household"),
        superseded_at=None,
    )  # fmt: skip
    return Exists(stands)


def newest() -> QuerySet[IncomeWorksheet]:
    """The newest version of every worksheet."""
    later = IncomeWorksheet.objects.filter(
        household=OuterRef("household"), year=OuterRef("year"), version__gt=OuterRef("version")
    )
    return IncomeWorksheet.objects.filter(~Exists(later))


def due() -> QuerySet[IncomeWorksheet]:
    """Signed, and the register has not been told."""
    return newest().filter(answer__kind=WorksheetAnswer.Kind.SIGNED, taken=None)


def take(actor: Actor, worksheet_ids: Sequence[int]) -> Outcome:
    """Tell the register what signed worksheets say. Raises Refused without the right to correct facts, Missing outside
    the grants, Problem for one that is not signed, not the newest, or taken already."""
    require(actor, CORRECT)
    sheets = worksheets(actor, worksheet_ids, CORRECT)
    keys = [each.pk for each in sheets]
    try:
        with write():
            hold_data()
            ready = list(due().filter(pk__in=listed(keys)).annotate(is_newer=newer()).select_related("answer"))
            if len(ready) != len(keys):
                raise Problem(
                    "not_due",
                    "只有已签字、是最新版本且还没有入登记的明白卡才能入登记。请刷新后再看。",
                    "Only a signed worksheet, of the newest version and not taken yet, can be taken. Look again.",
                )
            fresh = sorted((each for each in ready if not each.is_newer), key=lambda each: (*_when(each), each.pk))
            for _of, group in groupby(fresh, key=_when):
                _write(actor, list(group))
            if fresh:
                detail: dict[str, object] = {"worksheets": len(fresh), "held": len(ready) - len(fresh)}
                audit.record(actor, CORRECT, f"{ABOUT}:{fresh[0].pk}", detail, fresh[0].digest)
    except IntegrityError:
        raise Problem("taken_already", "已有人把它写入登记。", "Somebody has taken it already.") from None
    return Outcome(len(fresh), len(ready) - len(fresh))


def take_if_allowed(actor: Actor, sheets: Sequence[IncomeWorksheet]) -> Outcome | None:
    """What follows a signature where the signer may correct facts too; None where not: an office takes it later."""
    mine = allowed(actor, {each.household_id for each in sheets}, CORRECT)
    keys = [each.pk for each in sheets if each.household_id in mine]
    return take(actor, keys) if keys else None


def take_area(actor: Actor, version: AreaVersion, year: int) -> Outcome:
    """The same for all that is due of a year in an area, at most ``MOST`` at a time."""
    require(actor, CORRECT, area_path=version.path)
    require(actor, VIEW, area_path=version.path)
    low, high = register.subtree(version)
    here = due().filter(year=year, household__card__path__gte=low, household__card__path__lt=high)
    ranges = visible_paths(actor, CORRECT)
    single = sorted(visible_ids(actor, CORRECT, "household"))
    mine = register.within(ranges, "household__card__path") | Q(household_id__in=single)
    keys = list(here.filter(mine).filter(~newer()).order_by("pk").values_list("pk", flat=True)[:MOST])
    return take(actor, keys) if keys else Outcome(0, here.filter(newer()).count())


def _when(sheet: IncomeWorksheet) -> tuple[date, int]:
    return sheet.answer.day, sheet.year


def _write(actor: Actor, sheets: Sequence[IncomeWorksheet]) -> None:
    """Worksheets of one day and year: one correction over all of them, of that ledger year."""
    amounts: dict[int, dict[str, int]] = {}
    for key, line, amount in WorksheetLine.objects.filter(worksheet__in=sheets).values_list(
        "worksheet_id", "line", "amount"
    ):
        amounts.setdefault(key, {})[line] = amount
    changes = [
        correcting.Change("household", each.household_id, name, value)
        for each in sheets
        for name, value in facts_of(amounts[each.pk]).items()
    ]
    day, year = _when(sheets[0])
    why = correcting.Why(day, Source.VISIT, f"{year} 年收入明白卡（户主签字）", "worksheet", year)
    made = correcting.correct(actor, changes, why).correction if changes else None
    now = timezone.now()
    WorksheetTaken.objects.bulk_create(
        [
            WorksheetTaken(
                worksheet=each, correction=made, at=now, actor=actor.name or actor.os_user, user_id=actor.user_id
            )
            for each in sheets
        ],
        batch_size=500,
    )
