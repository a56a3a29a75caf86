"""The clock as the worker runs it: every few minutes, by one process at a time, for a while."""

from __future__ import annotations

import logging
import time

from django.utils import timezone

from tuopin.platform.access import system
from tuopin.platform.locks import Busy, exclusive
from tuopin.platform.problems import Problem

from ..alike.clock import look as look_alike
from ..hung.clock import tell
from ..petitions import daily, reassigning
from .tick import tick

_EVERY = 120.0  # seconds
_SECONDS = 10.0  # of one run: chaining the audit log waits behind it
_log = logging.getLogger("tuopin.orders")
_next = [0.0]


def tend() -> None:
    """Called every few seconds: now and then a tick. What is left of one begins the next round at once."""
    if time.monotonic() < _next[0]:
        return
    _next[0] = time.monotonic() + _EVERY
    try:
        with exclusive("orders-tick", wait=0):
            now = timezone.now()
            report = tick(system(), now, seconds=_SECONDS)
            tell(system(), now)
            look_alike(system(), now)
            reassigning.look(system(), now)
            daily.tell(system(), now)
    except Busy:  # another process is at it
        return
    except Problem as problem:  # the machine's clock was set back: tuopin tick says what to do
        _log.warning("tick refused: %s", problem.code)
        return
    if report.unfinished:
        _next[0] = 0.0
