"""What this room has on areas that change: enterprises and projects that lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.services import Use

from .models import EnterpriseVersion, ProjectVersion

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], _households: Sequence[int]) -> list[Use]:
    """An enterprise of an area that ends is to be given its new place; projects are read where the area has become part
    of another. All else is of households and goes with them."""
    there = EnterpriseVersion.objects.filter(area_id__in=listed(ended), superseded_at=None)
    count = there.values("enterprise").distinct().count()
    projects = ProjectVersion.objects.filter(area_id__in=listed(ended), superseded_at=None).count()
    found = [
        Use(Title("个带贫主体待改所在地", "enterprises that are to be given a new place"), count),
        Use(
            Title("个项目，随并入的区划继续", "projects, which go on where the area becomes part of another"), projects
        ),
    ]
    return [each for each in found if each.count]
