"""The area that a page is about, and the switch from it to another: the path from the top, and a search.

The platform knows no areas: the room ``register`` publishes how they are found (:func:`publish`) and says which one a
page is about (:func:`show`). A page that is about an area takes its code as the part ``<str:area>`` of its address or
as ``?area=``; the switch leads to the same page with another code.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.urls import Resolver404, resolve, reverse

from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

COOKIE = "tuopin_area"
"""The code of the area last chosen, until the browser is closed. Never trusted: the grants are asked each time."""

PARAMETER = "area"
OF_ONE_AREA = frozenset({"after", "before", "run", "page"})
"""Parameters of an address that mean nothing in another area: places in a list, evaluations."""
LONGEST = 64  # characters of a code

_SHOWN = "tuopin.place"
_CHOSEN = "tuopin.place.chosen"


@dataclass(frozen=True, slots=True)
class Step:
    """An area of the path, from the top down. ``open``: the reader may go there."""

    code: str
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An area found by the search, with the names of the areas above it."""

    code: str
    name: str
    above: str
    level: Title


@dataclass(frozen=True, slots=True)
class Areas:
    """What the room of the areas publishes. ``search`` gives up to ``limit`` areas behind the code ``after``;
    ``permission``: what a reader needs for any page that is about an area."""

    steps: Callable[[Actor, Any], list[Step]]
    search: Callable[[Actor, str, str, int], list[Found]]
    permission: str


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step as the template prints it; ``href`` empty = not to be gone to, or here."""

    name: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The area of a page: ``code``, the path to it, and the address that the switch starts from."""

    code: str
    name: str
    crumbs: tuple[Crumb, ...]
    back: str


_published: list[Areas] = []


def publish(areas: Areas) -> None:
    """Make areas known to the switch."""
    _published[:] = [areas]


def permission() -> str:
    """What a reader needs for any page that is about an area; empty where no room has areas."""
    return _published[0].permission if _published else ""


def published() -> Areas:
    """What the register published. Raises Missing in an installation without areas."""
    if not _published:
        raise Missing("no_areas", "本安装没有区划。", "This installation has no areas.")
    return _published[0]


def show(request: HttpRequest, area: object, page: str = "", *, chosen: str = "") -> None:
    """Say that the page is about ``area`` (an object that the published functions know).

    ``page`` is the address that the switch leads to with another area (default: this page's own); ``chosen`` the code
    that the reader asked for, which is kept for the next page.
    """
    request.META[_SHOWN] = (area, page or request.get_full_path())
    if chosen:
        request.META[_CHOSEN] = chosen


def of(request: HttpRequest, actor: Actor) -> Place | None:
    """The area of the page as the base template shows it; None where the page is about none."""
    shown = request.META.get(_SHOWN)
    if shown is None or not _published:
        return None
    area, page = shown
    steps = published().steps(actor, area)
    if not steps:
        return None
    own = request.path
    crumbs = []
    for at, step in enumerate(steps):
        href = switched(page, step.code) if step.open else ""
        here = at + 1 == len(steps) and urlsplit(href).path == own
        crumbs.append(Crumb(step.name, href, here))
    return Place(steps[-1].code, steps[-1].name, tuple(crumbs), page)


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """Remember the area that was chosen on this page."""
    chosen = request.META.get(_CHOSEN, "")
    if chosen and request.COOKIES.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, httponly=True, samesite="Lax", secure=request.is_secure())


def asked(request: HttpRequest) -> str:
    """The code that the address asks for: its part ``<str:area>``, else ``?area=``; empty if it names none."""
    match = request.resolver_match
    in_path = match.kwargs.get(PARAMETER, "") if match else ""
    return str(in_path or request.GET.get(PARAMETER, ""))[: LONGEST + 1]


def remembered(request: HttpRequest) -> str:
    """The code last chosen in this browser; empty if there is none."""
    return request.COOKIES.get(COOKIE, "")[:LONGEST]


def switched(address: str, code: str) -> str:
    """The same page with another area; the first page where the address is none of ours."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return "/?" + urlencode({PARAMETER: code})
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in OF_ONE_AREA and key != PARAMETER]
    if PARAMETER in match.kwargs:
        path = reverse(match.view_name, kwargs={**match.kwargs, PARAMETER: code})
    else:
        path, kept = parts.path, [(PARAMETER, code), *kept]
    return f"{path}?{urlencode(kept)}" if kept else path
