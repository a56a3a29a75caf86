"""What a rectification ledger said of a problem that came from one, on the problem’s page: what happened before it came
here stands in no event. And the way to the ledger, from the import that took one in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Link, Panel

from ..permissions import VIEW

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.models import Import

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


def after_import(actor: Actor, record: Import) -> list[Link]:
    """After an import that took in a ledger: its problems stand there. No statement where its sheets are at hand."""
    if record.undone_at is not None or not may(actor, VIEW):
        return []
    if all(sheet.kind != "rectification" for sheet in record.sheets.all()):
        return []
    note = Title("导入的问题在这里签收、整改、销号", "the problems taken in are signed for, mended and closed there")
    return [Link(Title("看整改台账", "See the ledger"), reverse("orders:ledger"), 5, note)]
