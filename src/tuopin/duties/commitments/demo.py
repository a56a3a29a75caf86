"""The demo city's commitments: from the city down to some households, most of them signed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.register.demo import areas as demo
from tuopin.register.models import AreaVersion, Residence

from ..officials import services as officials
from . import services
from .models import Commitment
from .services import Draft, Target

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

MADE = date(2018, 3, 1)
DUE = date(2018, 12, 1)
"""The day that the demo's register describes: what was promised for it is known."""
_HOUSEHOLDS = 6
_VILLAGES = 12
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = ("国栋", "志强", "文华", "海燕", "建军", "春梅", "永福", "立新", "桂兰", "德明", "晓东", "玉珍")


def fill(actor: Actor) -> None:
    """Once, and only where there is the demo city."""
    city = AreaVersion.objects.filter(code=demo.CITY_CODE, valid_to=None).first()
    if city is None or Commitment.objects.exists():
        return
    counties = _below(city)
    townships = [each for county in counties[:2] for each in _below(county)]
    villages = _below(townships[0])[:_VILLAGES]
    places = [city, *counties, *townships, *villages]
    heads = _heads(actor, places)
    [governor] = officials.add_officials(actor, [("欧阳明德", "示范省委", "")], area_id=city.area_id, day=MADE)
    made: dict[int, Commitment] = {}
    for group, limit in (([city], 20_000), (counties, 3_000), (townships, 400), (villages, 30)):
        wanted = [
            Draft(
                superior_id=heads[each.parent_id or 0] if each.parent_id in heads else governor,
                inferior_id=heads[each.area_id], due=DUE, area_id=each.area_id,
                under=made[each.parent_id or 0].pk if each.parent_id in made else None,
                targets=(
                    Target("figure", DUE, "unexited", value=limit * 100),
                    Target("figure", DUE, "met_share", at_most=False, value=60_00),
                    Target("words", DUE, words="群众认可，档案齐全"),
                ),
            )
            for each in group
        ]  # fmt: skip
        rows = services.draft(actor, wanted, today=MADE)
        made |= {each.area_id: row for each, row in zip(group, rows, strict=True)}
    signed = [row.pk for at, row in enumerate(made.values()) if at % 7 != 6]
    services.sign_on_paper(actor, signed, services.SIDES, day=date(2018, 3, 5), reference="市扶贫办档案室")
    _for_households(actor, villages[0], made[villages[0].area_id], heads)
    old = made[counties[-1].area_id]
    again = Draft(
        superior_id=old.superior_id, inferior_id=old.inferior_id, due=DUE, area_id=old.area_id, under=old.under_id,
        targets=(Target("figure", DUE, "unexited", value=2_500_00),), supersedes=old.pk, reason="目标调高",
    )  # fmt: skip
    services.draft(actor, [again], today=MADE)


def _below(area: AreaVersion) -> list[AreaVersion]:
    return list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))


def _heads(actor: Actor, places: list[AreaVersion]) -> dict[int, int]:
    """Somebody invented for each area, kept there."""
    found = {}
    for at, each in enumerate(places):
        name = _SURNAMES[at % len(_SURNAMES)] + _GIVEN[(at // len(_SURNAMES) + at) % len(_GIVEN)]
        [found[each.area_id]] = officials.add_officials(
            actor, [(name, f"{each.name}党委", "")], area_id=each.area_id, day=MADE
        )
    return found


def _for_households(actor: Actor, village: AreaVersion, under: Commitment, heads: dict[int, int]) -> None:
    """Some households of the first village, for each the one who answers for it."""
    homes = Residence.objects.filter(area_id=village.area_id, valid_to=None).order_by("household__code")
    keys = list(homes.values_list("household_id", flat=True)[:_HOUSEHOLDS])
    helpers = officials.add_officials(
        actor,
        [(f"{_SURNAMES[at]}帮扶", "示范县财政局", "") for at in range(len(keys))],
        area_id=village.area_id,
        day=MADE,
    )
    wanted = [
        Draft(
            superior_id=heads[village.area_id], inferior_id=helper, due=DUE, household_id=key, under=under.pk,
            targets=(Target("figure", DUE, "unexited", value=0), Target("words", DUE, words="每月走访一次")),
        )
        for key, helper in zip(keys, helpers, strict=True)
    ]  # fmt: skip
    if wanted:
        rows = services.draft(actor, wanted, today=DUE)  # households live there since the export of that day
        services.sign_on_paper(actor, [row.pk for row in rows[1:]], services.SIDES, day=DUE, reference="村档案柜")
