"""The pages of the cycle in the navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.orders.permissions import ISSUE, VIEW
from tuopin.platform.navigation import Entry
from tuopin.standards.permissions import EVALUATE

from .permissions import OPEN

ENTRIES = (
    Entry(
        "openings",
        Title("核查立案", "Matters from findings"),
        "cycle:openings",
        25,
        OPEN,
        group="orders",
        also=(ISSUE,),
    ),
    Entry(
        "chain",
        Title("导入核查立案", "Import to matters"),
        "cycle:chain",
        26,
        OPEN,
        group="orders",
        also=(ISSUE, EVALUATE),
    ),
    Entry(
        "follow_up",
        Title("建议核实", "To be verified"),
        "cycle:follow_up",
        27,
        VIEW,
        group="orders",
        within=("cycle:plan_item",),
    ),
)
