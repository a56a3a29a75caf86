"""Seals as they may be read. A seal is of the whole installation: what is in it is read through the evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core import snapshot
from tuopin.platform.access import require, visible_paths
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.home import make_home
from tuopin.platform.models import Seal
from tuopin.platform.problems import Refused
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


def holds_all(actor: Actor, permission: str) -> bool:
    """Whether the actor may do something with seals: they are of the whole register and count every county, so the
    grants must hold all of it."""
    ranges = visible_paths(actor, permission)
    if ranges is None:
        return True
    asked = [module.holds_all for _room, module in rooms_modules("sealing") if hasattr(module, "holds_all")]
    return bool(ranges) and bool(asked) and all(each(ranges) for each in asked)


def holds_counties(actor: Actor, permission: str) -> bool:
    """The same as far as a menu asks it, on every page: whether no county lies outside the grants. One small statement,
    none for who may over everything."""
    ranges = visible_paths(actor, permission)
    if not ranges:
        return ranges is None
    asked = [module.holds_counties for _room, module in rooms_modules("sealing") if hasattr(module, "holds_counties")]
    return bool(asked) and all(each(ranges) for each in asked)


def require_whole(actor: Actor, permission: str) -> None:
    """Raise Refused unless the actor may, over everything."""
    require(actor, permission)
    if not holds_all(actor, permission):
        raise Refused(
            "seal_needs_all",
            "封存是整个登记册的，需要覆盖全部区划的授权。请联系市指挥部或管理员。",
            "A seal is of the whole register and needs a grant over all of its areas. Ask the headquarters of the city,"
            " or an administrator.",
        )


def seals(actor: Actor) -> QuerySet[Seal]:
    """All seals, the newest first. Raises Refused."""
    require_whole(actor, VIEW)
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
