"""Reading matters: always with the actor, inside the grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reach, words
from .models import Matter
from .permissions import VIEW
from .services import missing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def matters(actor: Actor, permission: str = VIEW) -> QuerySet[Matter]:
    """The matters that the actor sees (or may act upon with another permission)."""
    return Matter.objects.filter(reach.visible(actor, permission))


def work(actor: Actor, place: AreaVersion | None = None, permission: str = VIEW) -> QuerySet[Matter]:
    """The directives and problems that the actor sees, in a place if one is named: what lists, boards and counts are
    made of. Petitions are in none of them."""
    return Matter.objects.filter(reach.work(actor, permission, place))


def matter(actor: Actor, number: int) -> Matter:
    """One matter, to be shown: its words only where they are for the actor (``orders/words.py``). Raises Missing
    outside the grants; the two look alike."""
    rows = matters(actor).select_related("text", "official", "verifier", "ledger")
    found = rows.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise missing()
    words.cover(actor, [found])
    return found
