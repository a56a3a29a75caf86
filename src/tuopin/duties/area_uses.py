"""What this room has on households whose village changes: their helpers, who stay theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.services import Use

from .models import (
    Assignment,
    AssignmentPlan,
    Caseload,
    Commitment,
    Opinion,
    OrganisationVersion,
    PresenceSheet,
    Visit,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], households: Sequence[int]) -> list[Use]:
    """Who answers for a household goes with it: nothing changes. Who answers for an area that ends is to be given
    another one."""
    count = Assignment.objects.filter(household_id__in=listed(households), valid_to=None).count()
    left = Assignment.objects.filter(area_id__in=listed(ended), valid_to=None).count()
    offices = OrganisationVersion.objects.filter(area_id__in=listed(ended), valid_to=None).count()
    promised = Commitment.objects.filter(area_id__in=listed(ended), household=None, replaced=None).count()
    opinions = Opinion.objects.filter(area_id__in=listed(ended), superseded_at=None).count()
    sheets = PresenceSheet.objects.filter(area_id__in=listed(ended)).count()
    visits = Visit.objects.filter(area_id__in=listed(ended), household=None, superseded_at=None).count()
    drafts = AssignmentPlan.objects.filter(area_id__in=listed(ended), state="draft").count()
    bounds = Caseload.objects.filter(area_id__in=listed(ended), valid_to=None).count()
    found = [
        Use(Title("次走访记录仍属原区划", "visits, which stay with the area that was"), visits),
        Use(Title("份驻村考勤仍属原村", "presence sheets, which stay with the village that was"), sheets),
        Use(Title("份军令状仍属原区划", "commitments, which stay with the area that was"), promised),
        Use(Title("份贯彻落实意见仍属原区划", "implementing opinions, which stay with the area that was"), opinions),
        Use(Title("项责任户数上限待在新区划重设", "bounds of caseloads, to be set anew where it lies now"), bounds),
        Use(Title("个组织待改所在区划", "organisations whose place is to be changed"), offices),
        Use(Title("项区划责任待移交", "duties for areas that are to be handed over"), left),
        Use(Title("份批量指派草案需重做", "drafts of bulk assignment that are to be made anew"), drafts),
        Use(Title("名帮扶责任人，随户不变", "helpers, who stay with their households"), count),
    ]
    return [each for each in found if each.count]
