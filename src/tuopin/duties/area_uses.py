"""What this room has on households whose village changes: their helpers, who stay theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas import Use

from .models import Helper

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], households: Sequence[int]) -> list[Use]:  # noqa: ARG001 - duties are on households
    """Terms of helpers go with the household: nothing of them changes."""
    count = Helper.objects.filter(household_id__in=listed(households), valid_to=None).count()
    return [Use(Title("名帮扶责任人，随户不变", "helpers, who stay with their households"), count)] if count else []
