"""What this room has on areas that change: what was chosen for one that is no more has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.services import Use

from .models import Opening

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], _households: Sequence[int]) -> list[Use]:
    """Choices that are to be made anew for the area that goes on."""
    count = Opening.objects.filter(area_id__in=listed(ended), ended_at=None).count()
    title = Title("项立案选择，须为新区划重选", "choices of what opens matters, to be made anew for the new area")
    return [Use(title, count)] if count else []
