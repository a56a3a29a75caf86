"""What this room has on areas that change: matters, which stay with the area that was and are found where it lay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import ENDED
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.services import Use

from .alike.selectors import unanswered
from .models import AlikeQuestion, AlikeSubject, HungSign, Matter, MatterSubject
from .words import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence


def uses_of_areas(ended: Sequence[int], _households: Sequence[int]) -> list[Use]:
    """Matters of an area, those about one, and what hangs or is asked there. Petitions are in no count that others
    read, nor are signs and questions over what came from one: few are told of those."""
    work = Matter.objects.filter(area_id__in=listed(ended)).exclude(kind=Matter.Kind.PETITION)
    about = MatterSubject.objects.filter(area_id__in=listed(ended)).exclude(matter__kind=Matter.Kind.PETITION)
    asked = AlikeSubject.objects.filter(unanswered(), area_id__in=listed(ended))
    searched = AlikeQuestion.objects.filter(area_id__in=listed(ended), kind="query", ended_at=None)
    signs = HungSign.objects.filter(area_id__in=listed(ended), state=HungSign.State.HANGING)
    signs, searched = signs.exclude(matter__source=SOURCE), searched.exclude(matter__source=SOURCE)
    asked = asked.exclude(question__matter__source=SOURCE)
    found = [
        Use(Title("块挂牌督战仍挂在原区划", "signs, which hang over the area that was"), signs.count()),
        Use(
            Title("件在办指令、问题仍属原区划", "open matters, which stay with the area that was"),
            work.exclude(state__in=[*ENDED, "closed"]).count(),
        ),
        Use(Title("件指令、问题以原区划为对象", "matters about the area that was"), about.count()),
        Use(Title("处举一反三仍待原区划答复", "questions of like for like put to the area that was"), asked.count()),
        Use(Title("条举一反三在原区划查找", "conditions that are looked for in the area that was"), searched.count()),
    ]
    return [each for each in found if each.count]
