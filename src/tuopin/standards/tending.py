"""What the worker does for the standards now and then."""

from __future__ import annotations

import time

from tuopin.platform import evidence
from tuopin.standards.comparing import files
from tuopin.standards.lifecycle import given
from tuopin.standards.procedures import services as procedures
from tuopin.standards.sealed import opening

_EVERY = 600.0  # seconds
_last = [0.0]


def tend() -> None:
    """Delete comparisons and prepared incomes that are older than a day; count provisional limits again; write the
    values given for limits where that was cut off; delete papers of acts that were refused, and copies of
    other instances' sealed files that nobody has used for a week."""
    if not _last[0] or time.monotonic() - _last[0] > _EVERY:
        _last[0] = time.monotonic()
        files.purge()
        procedures.recount()
        given.publish()
        evidence.purge()
        opening.purge()
