"""The area that a page is about: asked for in the address, chosen last, or the reader's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tuopin.core.language.catalogue import Title
from tuopin.platform import place
from tuopin.platform.access import actor_for, visible_paths
from tuopin.platform.problems import Missing

from . import selectors
from .areas import WIDTH, ids
from .models import AreaVersion
from .permissions import VIEW_AREA

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor
    from tuopin.platform.models import User

LEVEL_TITLES = {
    "nation": Title("全国", "nation"),
    "province": Title("省", "province"),
    "city": Title("市", "city"),
    "county": Title("县", "county"),
    "township": Title("乡镇", "township"),
    "village": Title("村", "village"),
    "group": Title("组", "group"),
}

_FOUND = "tuopin.register.area"


def area_of(request: HttpRequest, page: str = "") -> AreaVersion:
    """The area of a page, which the base template then shows with the switch to another.

    In this order: the address (``<str:area>`` or ``?area=``), the area last chosen in this browser, the highest area
    of the reader's grants. ``page`` is the address that the switch leads to (default: the page itself). Raises Missing
    for an area outside the grants, and where the reader has none.
    """
    held = request.META.get(_FOUND)
    if isinstance(held, AreaVersion):
        return held
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    asked = place.asked(request)
    found = selectors.area(actor, asked) if asked else _remembered(actor, request) or _own(actor)
    request.META[_FOUND] = found
    place.show(request, found, page, chosen=found.code if asked else "")
    return found


def _remembered(actor: Actor, request: HttpRequest) -> AreaVersion | None:
    code = place.remembered(request)
    return selectors.if_open(actor, code) if code else None


def _own(actor: Actor) -> AreaVersion:
    tops = top_areas(actor)
    if not tops:
        raise Missing(
            "no_area",
            "您还没有可以查看的区域。请联系管理员授权。",
            "There is no area that you may see. Ask an administrator for a grant.",
        )
    return tops[0]


def top_areas(actor: Actor) -> list[AreaVersion]:
    """The highest areas of the actor's grants; for grants over everything the smallest area that holds all villages."""
    ranges = visible_paths(actor, VIEW_AREA)
    current = AreaVersion.objects.filter(valid_to=None)
    if ranges is not None:
        lows = [low for low, _high in ranges]
        if len(lows) == 1:
            only = selectors.standing("area_id", ids(lows[0])[-1])
            return [only] if only is not None else []
        return list(current.filter(path__in=lows).order_by("code")) if lows else []
    villages = current.filter(level="village").values_list("path", flat=True)
    first = villages.order_by("path").first() or ""  # an end of the index each, however many villages there are
    last = villages.order_by("-path").first() or ""
    width = 0
    while width < len(first) and first[: width + WIDTH] == last[: width + WIDTH]:
        width += WIDTH
    shared = current.filter(path=first[:width]) if width else current.filter(parent=None)
    return list(shared.order_by("code"))


# -- what the switch asks -----------------------------------------------------------------------------------------


def _steps(actor: Actor, version: AreaVersion) -> list[place.Step]:
    """The areas from the top down to this one, each with whether the actor may open it."""
    ranges = visible_paths(actor, VIEW_AREA)
    return [
        place.Step(each.code, each.name, ranges is None or any(low <= each.path < high for low, high in ranges))
        for each in selectors.ancestors(version)
    ]


def _search(actor: Actor, query: str, after: str, limit: int) -> list[place.Found]:
    """Areas within the grants whose name or code begins with the query, in the order of codes."""
    found = selectors.areas_beginning_with(actor, query)
    rows = list((found.filter(code__gt=after) if after else found).order_by("code")[:limit])
    above = dict(
        AreaVersion.objects.filter(area_id__in={row.parent_id for row in rows}, valid_to=None).values_list(
            "area_id", "name"
        )
    )
    return [place.Found(row.code, row.name, above.get(row.parent_id or 0, ""), LEVEL_TITLES[row.level]) for row in rows]


AREAS = place.Areas(_steps, _search, VIEW_AREA)
