"""Households that were merged (并户): what they had is read with the household that goes on (decision 0092).

No row is moved: an event taken back needs nothing done. ``HouseholdNow`` is a view over the events that stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Household, HouseholdCard

if TYPE_CHECKING:
    from collections.abc import Collection


class HouseholdNow(models.Model):
    """A household that is no more, and the last one that it became part of. Nobody writes it."""

    household = models.OneToOneField(
        Household, on_delete=models.DO_NOTHING, primary_key=True, related_name="went_to", db_constraint=False
    )
    now = models.ForeignKey(Household, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)

    class Meta:
        managed = False
        db_table = "measures_household_now"

    def __str__(self) -> str:
        return f"{self.household_id} {self.now_id}"


OWN = """own(household_id, came) AS (
  SELECT CAST(%s AS BIGINT), 0
  UNION SELECT e.household_id, 1 FROM own o JOIN register_event e ON e.other_id = o.household_id
  WHERE e.kind = 'merge' AND NOT EXISTS (SELECT 1 FROM register_event u WHERE u.undoes_id = e.id))"""
"""SQL after ``WITH RECURSIVE``: a household (``came`` 0) and those that were merged into it (1); one mark, its id."""

PATH = Coalesce(F("household__went_to__now__card__path"), F("household__card__path"))
"""Where the household of a row, or the one that goes on in its place, lives now."""
CODE = Coalesce(F("household__went_to__now__code"), F("household__code"))
KEEPER = Coalesce(F("household__went_to__now_id"), F("household_id"))
"""Code and id of the household of a row, or of the one that goes on in its place: by them households count once."""


def living(ranges: list[tuple[str, str]] | None) -> Q:
    """Rows whose household, or the one that goes on in its place, lives in ranges of paths."""
    here = HouseholdCard.objects.filter(register.within(ranges)).values_list("household_id")
    came = HouseholdNow.objects.filter(register.within(ranges, "now__card__path")).values_list("household_id")
    return Q(household__in=here.union(came, all=True))


def of_households(household_ids: Collection[int]) -> Q:
    """Rows of some households and of those that were merged into them."""
    keys = sorted(household_ids)
    return Q(household__in=keys) | Q(household__went_to__now__in=keys)


def kept_by(household_ids: Collection[int]) -> dict[int, int]:
    """Of households that were merged the one that goes on; the others are left out. One statement."""
    found = HouseholdNow.objects.filter(household__in=listed(household_ids))
    return dict(found.values_list("household_id", "now_id"))


def came_from(household_ids: Collection[int]) -> dict[int, int]:
    """The households that were merged into some, by their id, with the one that goes on. One statement."""
    return dict(HouseholdNow.objects.filter(now__in=listed(household_ids)).values_list("household_id", "now_id"))


def former_codes(household_id: int) -> list[str]:
    """The codes of the households that were merged into one."""
    found = HouseholdNow.objects.filter(now=household_id)
    return sorted(found.values_list("household__code", flat=True))
