"""What orders does every few seconds: the clock of matters; lists of the hotline whose reading was cut off go."""

from __future__ import annotations

from .clock import running
from .petitions import hotline


def tend() -> None:
    """Called by the worker."""
    hotline.purge()
    running.tend()
