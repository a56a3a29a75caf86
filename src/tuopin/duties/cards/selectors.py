"""Reading the state of cards: how many are printed and handed over below an area, and those of one village."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Substr

from tuopin.platform.access import PATH_DIGITS, require
from tuopin.register.models import AreaVersion, HouseholdCard, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import subtree

from ..models import CardCode
from ..permissions import VIEW_CARDS
from . import content
from .printing import living_codes

if TYPE_CHECKING:
    from datetime import date

    from django.core.paginator import Page

    from tuopin.platform.access import Actor

    from .content import Content

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Below:
    """An area below with its numbers of households: that get a card, have one, hold it in their hands."""

    area: AreaVersion
    households: int
    printed: int
    handed: int


@dataclass(frozen=True, slots=True)
class State:
    """A household of a village with its two living cards; ``stale``: what the card says is no longer so."""

    content: Content
    own: CardCode | None
    helper: CardCode | None

    @property
    def stale(self) -> bool:
        return any(card is not None and card.content != self.content.digest for card in (self.own, self.helper))


def below(actor: Actor, area: AreaVersion) -> list[Below]:
    """The areas one level down: two statements. Raises Refused."""
    require(actor, VIEW_CARDS, area_path=area.path)
    children = list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))
    low, high = subtree(area)
    living = CardCode.objects.filter(household=OuterRef("household"), copy=CardCode.Copy.HOUSEHOLD, ended_at=None)
    rows = (
        HouseholdCard.objects.filter(content.with_cards(), path__gte=low, path__lt=high)
        .annotate(
            child=Substr("path", 1, len(area.path) + PATH_DIGITS),
            has=Exists(living), holds=Exists(living.filter(handed_on__isnull=False)),
        )
        .values("child")
        .annotate(n=Count("pk"), printed=Count("pk", filter=Q(has=True)), handed=Count("pk", filter=Q(holds=True)))
        .order_by("child")
    )  # fmt: skip
    counts = {row["child"]: (row["n"], row["printed"], row["handed"]) for row in rows}
    return [Below(child, *counts.get(child.path, (0, 0, 0))) for child in children]


def states(actor: Actor, village: AreaVersion, number: str | None, day: date) -> tuple[Page[int], list[State]]:
    """One page of the households of a village that get a card, in the order of codes. Raises Refused."""
    require(actor, VIEW_CARDS, area_path=village.path)
    require(actor, VIEW_HOUSEHOLD, area_path=village.path)
    found = HouseholdCard.objects.filter(content.with_cards(), area_id=village.area_id)
    page = Paginator(found.order_by("code").values_list("pk", flat=True), SHOWN).get_page(number)
    keys = list(page.object_list)
    living = living_codes(keys)
    listed = []
    for each in sorted(content.of_village(village, day, keys), key=lambda each: each.code):
        cards = {row.copy: row for row in living.get(each.household_id, [])}
        own, helper = cards.get(CardCode.Copy.HOUSEHOLD), cards.get(CardCode.Copy.HELPER)
        listed.append(State(each, own, helper))
    return page, listed


MOST_LEFT = 200


def left_behind(actor: Actor, village: AreaVersion) -> list[CardCode]:
    """Living cards of households that lived in the village last and get none any more: merged, cancelled, departed.
    Their codes open nothing, but stay alive until somebody ends them. One statement. Raises Refused."""
    require(actor, VIEW_CARDS, area_path=village.path)
    require(actor, VIEW_HOUSEHOLD, area_path=village.path)
    newest = Residence.objects.filter(household=OuterRef("household")).order_by("-valid_from", "-pk")
    here = Residence.objects.filter(area_id=village.area_id).values("household_id")
    gets = HouseholdCard.objects.filter(content.with_cards(), pk=OuterRef("household_id"), area__isnull=False)
    rows = CardCode.objects.filter(~Exists(gets), household_id__in=here, ended_at=None)
    rows = rows.annotate(last=Subquery(newest.values("area_id")[:1])).filter(last=village.area_id)
    return list(rows.select_related("household").order_by("household__code", "copy", "pk")[:MOST_LEFT])
