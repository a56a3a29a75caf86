"""Writing the room's workbooks (问题整改台账): found by name, see ``register/exporting.py``."""

from __future__ import annotations

from tuopin.register.exporting import Exported

from .ledger.writing import closed_words, rectification_rows
from .permissions import VIEW

EXPORTS = {"rectification": Exported(rectification_rows, VIEW, before=closed_words)}
