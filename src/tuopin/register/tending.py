"""What the worker does for the register now and then."""

from __future__ import annotations

import time

from tuopin.platform.access import system

_EVERY = 600.0  # seconds
_last = [0.0]


def tend() -> None:
    """Delete department lists whose days are over, and what was found in files handed in a week ago."""
    from .correcting import drafts, edits
    from .events.areas.drafts import purge as forget_areas
    from .importing.prepared import purge as forget
    from .matching.services import purge

    if not _last[0] or time.monotonic() - _last[0] > _EVERY:
        _last[0] = time.monotonic()
        purge(system())
        drafts.purge()
        edits.purge()
        forget()
        forget_areas()
