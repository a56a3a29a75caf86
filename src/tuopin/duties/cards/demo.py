"""Cards of the demo: the first village's are printed, half of them handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.demo.areas import FIRST_VILLAGE

from ..models import CardCode, CardPrint
from . import printing, services

if TYPE_CHECKING:
    from tuopin.platform.access import Actor


def fill(actor: Actor) -> None:
    """Does nothing where cards were printed already."""
    if CardPrint.objects.exists() or printing.print_cards(actor, FIRST_VILLAGE, "both", "all") is None:
        return
    own = CardCode.objects.filter(copy=CardCode.Copy.HOUSEHOLD).order_by("pk").values_list("pk", flat=True)
    services.hand_over(actor, list(own)[::2], timezone.localdate())
