"""Which villages are, or once were, designated poor: exit takes nobody away (四个不摘).

As the village workbook says it (是否贫困村), or as a dated designation; of a village that neither names, nothing is
known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.register.models import Designation
from tuopin.register.models.blocks import VillageCondition

if TYPE_CHECKING:
    from datetime import date

POOR_VILLAGE = Designation.Kind.POOR_VILLAGE.value

POOR_VILLAGES = """SELECT area_id FROM register_designation WHERE kind = 'poor_village' AND valid_from <= %(on)s
UNION SELECT area_id FROM register_village_condition
WHERE poor_village AND superseded_at IS NULL AND as_of <= %(on)s"""
"""The ids of these villages on the day ``on``, as SQL."""


def poor_villages(day: date) -> Q:
    """The same, as a condition on versions of areas."""
    designations = Designation.objects.filter(kind=POOR_VILLAGE, valid_from__lte=day)
    recorded = VillageCondition.objects.filter(poor_village=True, superseded_at=None, as_of__lte=day)
    return Q(area_id__in=designations.values("area_id")) | Q(area_id__in=recorded.values("area_id"))
