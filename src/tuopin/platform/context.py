"""What every page's template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from tuopin.platform.access import actor_for, may, one_page
from tuopin.platform.home import home
from tuopin.platform.models import User
from tuopin.platform.navigation import links, menus, search
from tuopin.platform.place import of
from tuopin.platform.words import language

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.navigation import Link, Menu, Search
    from tuopin.platform.place import Place


def page(request: HttpRequest) -> dict[str, Any]:
    """``languages`` to switch between, the current ``language``, the ``frame`` of navigation and area, worked out only
    where a template prints it, and whether this installation shows invented data.

    The demo loader writes ``TUOPIN_HOME/DEMO``: every page then says that its people are invented.
    """
    return {
        "languages": settings.LANGUAGES,
        "language": language(),
        "invented_data": (home() / "DEMO").exists(),
        "frame": SimpleLazyObject(lambda: _frame(request)),
    }


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page of a signed-in reader: where one may go, and the area that the page is about."""

    links: list[Link]
    menus: list[Menu]
    search: Search | None
    place: Place | None


def _frame(request: HttpRequest) -> Frame:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.must_change_password or getattr(request, "sign_in_unfinished", False):
        return Frame([], [], None, None)
    actor = actor_for(user)
    with one_page():  # the answer to a form, too, asks for the grants once, not for every entry of the menus
        place = of(request, actor)
        box = search()
        shown = box if box is None or not box.permission or may(actor, box.permission) else None
        found = links(actor, request, place.code if place else "")
    return Frame(found, menus(found), shown, place)
