"""What orders shows on the pages of households, areas and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .board import panels as board
from .hung import panels as hung
from .ledger import panel as ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.platform.panels import Link, Panel, Tab
    from tuopin.register.models import AreaVersion, Import
    from tuopin.register.selectors import Placed

    from .board.matter import View


def household_panels(actor: Actor, placed: Placed, _day: date) -> list[Panel]:
    """Problems and directives about the household."""
    return board.household_panels(actor, placed)


def area_panels(actor: Actor, area: AreaVersion, day: date) -> list[Panel]:
    """What is due, late, and who holds it."""
    return [*board.area_panels(actor, area, day), *hung.area_panels(actor, area)]


def matter_panels(actor: Actor, view: View) -> list[Panel]:
    """What a ledger said of a problem that came from one; what hangs over a matter."""
    return [*ledger.matter_panels(actor, view), *hung.matter_panels(actor, view)]


def node_panels(actor: Actor, area: AreaVersion, nodes: Sequence[str]) -> list[Panel]:
    """What hangs on the nodes of an area; a panel bears the key of its node."""
    return hung.node_panels(actor, area, nodes)


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The pages of matters of an area."""
    return [*board.area_tabs(actor, area), *hung.area_tabs(actor, area)]


def after_import(actor: Actor, record: Import) -> list[Link]:
    """The ledger that an import took in."""
    return ledger.after_import(actor, record)
