"""What duties does every few seconds: grants and standing of helpers, outcomes of commitments after a change of the
register, expired first passwords."""

from __future__ import annotations

from django.utils import timezone

from tuopin.platform.access import system
from tuopin.platform.locks import Busy

from .assigning import following
from .commitments import following as commitments
from .helpers import grants, slips
from .incidents import leads
from .visits import places


def tend() -> None:
    """Cheap when nothing is to be done: two small queries."""
    slips.purge()
    leads.tend(timezone.localdate())
    places.tend()
    try:
        if grants.is_behind():
            grants.keep(system())
        if following.is_behind():
            following.keep()
        if commitments.is_behind():
            commitments.keep()
    except Busy:  # another process is at it
        return
