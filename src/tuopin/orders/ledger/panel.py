"""What a rectification ledger said of a problem that came from one, on the problem’s page: what happened before it came
here stands in no event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import Panel

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

    from ..board.matter import View
    from ..models import LedgerEntry

_DAYS = (
    ("found_on", Title("发现", "found")),
    ("limit_on", Title("时限", "limit")),
    ("closed_on", Title("销号", "closed")),
)
_WORDS = (
    ("lead", Title("牵头单位", "Lead")),
    ("unit", Title("责任单位", "Unit")),
    ("person", Title("责任人", "Responsible")),
    ("evidence", Title("佐证材料", "Evidence")),
    ("verifier", Title("核实人", "Verifier")),
    ("looked_back", Title("回头看", "Look-back")),
)
"""Not the column of villages and households: whom it names stands as subjects, for who may open them."""


def matter_panels(_actor: Actor, view: View) -> list[Panel]:
    """No statement: it came with the matter. Nothing for who has a copy alone, and for what came from no ledger."""
    entry: LedgerEntry | None = getattr(view.row, "ledger", None)
    if entry is None or not view.whole:
        return []
    content: dict[str, object] = {
        "days": [(title, day) for name, title in _DAYS if (day := getattr(entry, name)) is not None],
        "words": [(title, text) for name, title in _WORDS if (text := getattr(entry, name))],
        "entry": entry,
        "acted": entry.version != view.row.version,
    }
    return [Panel("ledger", Title("台账记载", "In the ledger"), "orders/panel_ledger.html", 5, content)]
