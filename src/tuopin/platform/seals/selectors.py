"""Seals as they may be read. A seal is of the whole installation: what is in it is read through the evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core import snapshot
from tuopin.platform.access import require
from tuopin.platform.home import make_home
from tuopin.platform.models import Seal
from tuopin.platform.seals import words

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

VIEW = "platform.view_seals"
_MOST = 2**62


def root() -> Path:
    """The folder of seals."""
    return make_home() / "seals"


def folder_of(number: int) -> Path:
    """Where a seal lies."""
    return root() / str(int(number))


def seals(actor: Actor) -> QuerySet[Seal]:
    """All seals, the newest first. They show no person: whoever may see seals sees all of them."""
    require(actor, VIEW)
    return Seal.objects.order_by("-number")


def seal(actor: Actor, number: int) -> Seal:
    """One seal. Raises Missing."""
    row = seals(actor).filter(number=number).first() if 0 < number < _MOST else None
    if row is None:
        raise words.no_such_seal(number)
    return row


def manifest_of(actor: Actor, number: int) -> snapshot.Manifest:
    """The manifest of a seal, its form checked. Raises Missing, Problem."""
    row = seal(actor, number)
    try:
        found = snapshot.read(folder_of(row.number))
    except snapshot.SealFault as error:
        raise words.problem(error) from error
    if found.digest != row.digest:
        raise words.problem(snapshot.SealFault("manifest_altered", snapshot.MANIFEST))
    return found
