"""One navigation for all rooms: a room's ``navigation.py`` names its pages, the base template shows those the reader
may use.

An entry whose view does not exist in this installation is left out, so that a room's pages may come before or after
its entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform import place
from tuopin.platform.access import may, visible_paths
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.seals.selectors import holds_counties

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the main navigation. ``permission`` empty = for everybody, ``also``: what its page asks for besides;
    ``takes_area``: it obeys the area switcher. ``whole``: its page is of the whole register, for who
    may over all of it; ``everywhere``: of the machine, for who may over everything.

    ``within`` names further views that belong to the entry (``console:household`` to the households), beside those
    whose address begins with the entry's own. ``group`` is one of :data:`GROUPS`, empty for what always stands in the
    row itself.
    """

    key: str
    title: Title
    view: str
    order: int
    permission: str = ""
    takes_area: bool = True
    within: tuple[str, ...] = ()
    group: str = ""
    also: tuple[str, ...] = ()
    whole: bool = False
    everywhere: bool = False


GROUPS = {  # a group of the name of a room holds the room's tabs of an area too
    "register": Title("登记", "Register"),
    "standards": Title("标准", "Standards"),
    "measures": Title("帮扶", "Help"),
    "duties": Title("责任", "Duties"),
    "orders": Title("督办", "Orders"),
    "system": Title("系统", "System"),
}
FEW = 7
"""So many pages stand in the row without groups."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where the search box of every page sends what was typed, as ``q`` by POST: it may be a name."""

    view: str
    title: Title
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the template prints it."""

    key: str
    title: Title
    href: str
    current: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A place in the row: one page, or a group that unfolds. ``title`` is that of the group."""

    title: Title
    links: tuple[Link, ...]

    @property
    def is_group(self) -> bool:
        return len(self.links) > 1

    @property
    def current(self) -> bool:
        return any(link.current for link in self.links)


def menus(found: list[Link]) -> list[Menu]:
    """The row: pages as they come, those of a group together where its first one would stand. Who may go to few pages
    gets them side by side; a group of one is that page."""
    if len(found) <= FEW:
        return [Menu(link.title, (link,)) for link in found]
    row: dict[str, list[Link]] = {}
    for link in found:
        row.setdefault(f"group:{link.group}" if link.group in GROUPS else link.key, []).append(link)
    return [Menu(GROUPS[links[0].group] if len(links) > 1 else links[0].title, tuple(links)) for links in row.values()]


@cache
def all_entries() -> tuple[Entry, ...]:
    """The entries of all rooms whose views exist, in their order."""
    found = [entry for _room, module in rooms_modules("navigation") for entry in getattr(module, "ENTRIES", ())]
    return tuple(sorted((entry for entry in found if _address(entry.view)), key=lambda entry: (entry.order, entry.key)))


@cache
def search() -> Search | None:
    """The search of the highest room that has one."""
    found = [getattr(module, "SEARCH", None) for _room, module in rooms_modules("navigation")]
    there = [each for each in found if each is not None and _address(each.view)]
    return there[-1] if there else None


@cache
def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _is_for(actor: Actor, entry: Entry) -> bool:
    """Whether the page would open for the reader: a menu names no page that refuses him."""
    asked = [each for each in (entry.permission, *entry.also) if each]
    if not all(may(actor, each) for each in asked):
        return False
    if entry.everywhere and visible_paths(actor, entry.permission) is not None:
        return False
    if entry.whole and not holds_counties(actor, entry.permission):
        return False
    # Pages of a group that obey the area switcher are of an area: who may look at single households alone, as a helper,
    # would be led to what is not there. A page that stands in the row itself takes such readers too.
    of_area = [*asked, place.permission()] if asked and entry.takes_area and entry.group else []
    return all(visible_paths(actor, each) != [] for each in of_area if each)


def links(actor: Actor, request: HttpRequest, area: str = "") -> list[Link]:
    """What the reader may go to; ``area`` is the code of the page's area, which the links keep."""
    current = _current(request)
    query = "?" + urlencode({"area": area}) if area else ""
    return [
        Link(
            entry.key,
            entry.title,
            _address(entry.view) + (query if entry.takes_area else ""),
            current=entry.key == current,
            group=entry.group,
        )
        for entry in all_entries()
        if _is_for(actor, entry)
    ]


def _current(request: HttpRequest) -> str:
    """The entry of the page: by the view's name, else the one whose address is the longest beginning of this one."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    for entry in all_entries():
        if view == entry.view or view in entry.within:
            return entry.key
    begins = [
        entry
        for entry in all_entries()
        if _address(entry.view) != "/" and request.path.startswith(_address(entry.view))
    ]
    return max(begins, key=lambda entry: len(_address(entry.view))).key if begins else ""


ENTRIES = (
    Entry("accounts", Title("账号", "Accounts"), "platform:accounts", 80, "platform.manage_users", takes_area=False,
          group="system",
          within=("platform:account", "platform:new_account", "platform:find_account")),
    Entry("outbox", Title("消息发送", "Messages sent"), "platform:outbox", 83, "platform.manage_outbox",
          takes_area=False, group="system", everywhere=True),
    Entry("seals", Title("封存", "Seals"), "platform:seals", 84, "platform.view_seals", takes_area=False,
          group="system", whole=True),
    Entry("reads", Title("查阅记录", "Readings"), "platform:reads", 85, "platform.view_read_log", takes_area=False,
          group="system"),
    Entry("audit", Title("审计日志", "Audit log"), "platform:audit", 86, "platform.view_audit", takes_area=False,
          group="system"),
)  # fmt: skip
"""The platform's own pages."""
