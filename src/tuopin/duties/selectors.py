"""Reading duties: who is on duty for whom, and where nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from tuopin.platform.access import visible_paths
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.selectors import on_day, within

from .models import Helper
from .permissions import VIEW_HELPER

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


def terms_of(household_id: int) -> QuerySet[Helper]:
    """Everybody who ever answered for a household, the helper first. The caller has checked the household."""
    return (
        Helper.objects.filter(household_id=household_id).select_related("sheet").order_by("-role", "valid_from", "id")
    )


def without_live_helper(actor: Actor, day: date) -> QuerySet[Household]:
    """Households living in the actor's area on the day that no helper answers for: live = started and not ended.

    An assistant alone is no helper: the duty stays with the helper.
    """
    villages = AreaVersion.objects.filter(
        on_day(day), within(visible_paths(actor, VIEW_HELPER)), level="village"
    ).values("area_id")
    living = Residence.objects.filter(on_day(day), household=OuterRef("pk"), area_id__in=villages)
    live = Helper.objects.filter(on_day(day), household=OuterRef("pk"), role=Helper.Role.HELPER)
    return Household.objects.filter(Exists(living), ~Exists(live)).order_by("code")
