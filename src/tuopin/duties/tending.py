"""What duties does every few seconds: grants of helpers after a change of the register, expired first passwords."""

from __future__ import annotations

from tuopin.platform.access import system
from tuopin.platform.locks import Busy

from . import grants, slips


def tend() -> None:
    """Cheap when nothing is to be done: two small queries."""
    slips.purge()
    if grants.is_behind():
        try:
            grants.keep(system())
        except Busy:  # another process is at it
            return
