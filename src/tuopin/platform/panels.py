"""How a room puts something on a page of the rooms above: panels, gathered without importing the rooms by name.

A room's ``panels.py`` may define ``household_panels(actor, placed, day)`` and ``area_panels(actor, area, day)``, each
returning panels; ``console`` arranges them. The template of a panel stands in the room's own folder and finds the
panel as ``panel``. It may also define ``area_tabs(actor, area)`` (tabs of every area's page),
``household_events(actor, placed)`` (dated events of a household's time line) and ``after_import(actor, record)``
(links to what comes next, on the page of an import). Rooms ask for panels on pages of their own too: ``matter_panels``
(actor, the view of a matter), ``node_panels`` (actor, area, keys of nodes; a panel bears the key of its node),
``plan_panels`` (actor, placed, year), ``visit_problem_panels``, ``incident_panels`` and ``import_set_panels`` (actor,
the row).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.navigation import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tuopin.core.language.catalogue import Fact
    from tuopin.platform.access import Actor

UNITS: Mapping[str, Title] = {
    "CNY/year": Title("元/年", "yuan/year"),
    "CNY/person/year": Title("元/人·年", "yuan/person/year"),
    "CNY": Title("元", "yuan"),
    "mu": Title("亩", "mu"),
    "km": Title("公里", "km"),
    "m2": Title("㎡", "m²"),
    "person": Title("人", "persons"),
    "household": Title("户", "households"),
    "village": Title("村", "villages"),
    "month": Title("月", "months"),
    "day": Title("天", "days"),
    "minute": Title("分钟", "minutes"),
    "m": Title("米", "m"),
    "L/person/day": Title("升/人·天", "litres/person/day"),
    "year": Title("周岁", "years"),
}

YES, NO = Title("是", "yes"), Title("否", "no")


@dataclass(frozen=True, slots=True)
class Panel:
    """``order`` sorts the panels of a page, from the top; ``aside`` are those that stand beside the others
    (of an area: above everything else)."""

    key: str
    title: Title
    template: str
    order: int
    content: Mapping[str, object] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A named value. ``value`` None is a blank cell; ``written`` is what stood in a cell that could not be read.

    ``note`` says of a single value where it comes from, if that differs from the others.
    """

    title: Title
    value: Title | None
    unit: Title | None = None
    written: str = ""
    amount: bool = False
    note: Title | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A page about an area, in the tabs that stand on all of them. ``current``: the page shown now, or in its group."""

    key: str
    title: Title
    href: str
    order: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class Tabs:
    """The row of tabs; ``below``: the tabs of the group that the page belongs to, ``title`` that group's."""

    row: tuple[Tab, ...]
    below: tuple[Tab, ...] = ()
    title: Title | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something dated in the life of a household. ``source`` says where that is known from; empty = the register.

    ``day`` None: it is known that it happened, not when. ``kind`` names the sort (``status``, ``membership`` …).
    """

    day: date | None
    kind: str
    title: Title
    source: str = ""
    detail: Title | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What comes next, with a word on it. ``href`` empty: there is nothing to go to, the note alone says why."""

    title: Title
    href: str
    order: int
    note: Title | None = None


def next_steps(actor: Actor, record: object) -> list[Link]:
    """What the rooms propose after an import, in their order."""
    makers = [getattr(module, "after_import", None) for _room, module in rooms_modules("panels")]
    found = [link for make in makers if make is not None for link in make(actor, record)]
    return sorted(found, key=lambda link: link.order)


def tabs(actor: Actor, area: object, current: str) -> Tabs:
    """The tabs for an area, in their order; ``current`` is the key of the page shown.

    Those of a room that has a group in the navigation stand behind one tab of that name, and in a row of their own
    when one of them is shown: a single row would run out of the screen.
    """
    whole: list[Tab] = []
    below: tuple[Tab, ...] = ()
    title: Title | None = None
    for room, module in rooms_modules("panels"):
        make = getattr(module, "area_tabs", None)
        found = [replace(tab, current=tab.key == current) for tab in (make(actor, area) if make else ())]
        found.sort(key=lambda tab: (tab.order, tab.key))
        if room not in GROUPS or len(found) < 2:
            whole += found
            continue
        shown = any(tab.current for tab in found)
        whole.append(Tab(room, GROUPS[room], found[0].href, found[0].order, shown))
        if shown:
            below, title = tuple(found), GROUPS[room]
    return Tabs(tuple(sorted(whole, key=lambda tab: (tab.order, tab.key))), below, title)


def events(actor: Actor, placed: object) -> list[Event]:
    """The time line of a household from all rooms, the newest first; what has no day stands last."""
    makers = [getattr(module, "household_events", None) for _room, module in rooms_modules("panels")]
    found = [event for make in makers if make is not None for event in make(actor, placed)]
    return sorted(
        found, key=lambda event: (event.day is None, -(event.day.toordinal() if event.day else 0), event.kind)
    )


def gather(kind: str, *subject: object) -> list[Panel]:
    """The panels of all rooms for a ``kind`` of subject (``household``, ``area``), in their order."""
    makers = [getattr(module, f"{kind}_panels", None) for _room, module in rooms_modules("panels")]
    panels = [panel for make in makers if make is not None for panel in make(*subject)]
    return sorted(panels, key=lambda panel: (panel.order, panel.key))


def unit_title(unit: str) -> Title | None:
    """A unit as it is printed; a unit without a name here is printed as it is, no unit as None."""
    return UNITS.get(unit, Title(unit, unit)) if unit else None


def decimal_text(scaled: int, scale: int) -> str:
    """A scaled integer as decimal text, exactly, with thousands apart: (123456, 2) → ``1,234.56``."""
    whole, rest = divmod(abs(scaled), 10**scale)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}.{rest:0{scale}d}" if scale else f"{sign}{whole:,}"


def fact_text(fact: Fact, value: object) -> Title | None:
    """A stored value of a fact as it is printed in both languages; None for a blank."""
    if value is None or value == "":
        return None
    match fact.type:
        case "boolean":
            return YES if value else NO
        case "money" | "decimal" | "integer":
            scale = 2 if fact.type == "money" else fact.scale
            text = decimal_text(int(str(value)), scale)
            return Title(text, text)
        case "code":
            listed = dict(fact.codes)
            return listed.get(str(value), Title(str(value), str(value)))
        case _:
            return Title(str(value), str(value))


def fact_line(fact: Fact, value: object, written: str = "") -> Line:
    """A fact with its title and unit."""
    amount = fact.type in {"money", "decimal", "integer"}
    return Line(fact.title, fact_text(fact, value), unit_title(fact.unit), written, amount)
