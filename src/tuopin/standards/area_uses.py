"""What this room has on areas that change: procedures under way, packs bound there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.services import Use

from .models import PackBinding, Procedure

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], households: Sequence[int]) -> list[Use]:
    """An area cannot end while a procedure on it is under way: its frozen verdict would be about nothing. Procedures on
    households go on in the new village."""
    running = Procedure.objects.filter(state=Procedure.State.RUNNING)
    title = Title("个正在办理的区划程序", "procedures under way on areas that end")
    found = [
        Use(title, 1, area_id=each.subject_id, number=str(each.pk), blocks=True)
        for each in running.exclude(level="household").filter(subject_id__in=listed(ended))[:100]
    ]
    going = running.filter(level="household", subject_id__in=listed(households)).count()
    if going:
        found.append(
            Use(
                Title(
                    "个正在办理的户程序，随户转到新村继续", "procedures on households, which go on in the new village"
                ),
                going,
            )
        )
    bound = PackBinding.objects.filter(area_id__in=listed(ended), valid_to=None).count()
    if bound:
        found.append(
            Use(
                Title(
                    "个标准包绑定在被撤销的区划上，合并后按上级的绑定",
                    "packs bound to areas that end: that of the area above holds",
                ),
                bound,
            )
        )
    return found
