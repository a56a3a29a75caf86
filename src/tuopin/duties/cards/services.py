"""What happens to cards after they were printed: handed over, ended; and what a code opens."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform.access import require, system, visible_paths
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import household_paths, on_day

from ..models import CardCode
from ..permissions import HAND_OVER_CARDS
from . import content
from .codes import key_of, normal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .content import Contact, Content

MOST = 1_000
"""Cards of one act."""
BY_HAND = (CardCode.Ended.LOST, CardCode.Ended.WRONG, CardCode.Ended.GONE)
_NOBODY = "0" * 64


def hand_over(actor: Actor, ids: Collection[int], day: date) -> int:
    """Record that living cards were handed over on a day; returns how many that says anew of. All or none. Raises
    Missing, Refused, Problem."""
    if day > timezone.localdate():
        raise Problem("future_day", "送达日期不能晚于今天。", "The day lies in the future.")
    with write():
        rows = _living(actor, ids)
        if any(day < timezone.localdate(row.at) for row in rows):
            raise Problem("before_print", "送达日期不能早于打印日期。", "A card is handed over after it was printed.")
        fresh = [row.pk for row in rows if row.handed_on is None]
        CardCode.objects.filter(pk__in=listed(fresh)).update(handed_on=day, handed_by=actor.name or actor.os_user)
        _record(actor, "duties.hand_over_cards", fresh, {"day": day.isoformat()})
    return len(fresh)


def end(actor: Actor, ids: Collection[int], why: str) -> int:
    """End living cards (lost, wrong, the household is gone): their codes open nothing from now on. All or none. A
    household that lives nowhere any more is asked for where it lived last."""
    if why not in BY_HAND:
        raise Problem("bad_reason", "请选择停用原因。", "Choose why the cards end.")
    with write():
        rows = _living(actor, ids, departed=True)
        CardCode.objects.filter(pk__in=listed([row.pk for row in rows])).update(ended_at=timezone.now(), ended=why)
        _record(actor, "duties.end_cards", [row.pk for row in rows], {"why": why})
    return len(rows)


def _living(actor: Actor, ids: Collection[int], *, departed: bool = False) -> Sequence[CardCode]:
    """The living cards of these numbers, all of them within the grants; the caller holds the transaction. ``departed``:
    those of households that live nowhere any more too."""
    wanted = set(ids)
    if not wanted:
        raise Problem("no_cards_chosen", "请先勾选明白卡。", "Tick some cards first.")
    if len(wanted) > MOST:
        raise Problem("too_many_cards", f"一次最多 {MOST:,} 张。", f"At most {MOST:,} cards at once.")
    require(actor, HAND_OVER_CARDS)
    rows = list(CardCode.objects.select_for_update().filter(pk__in=listed(wanted), ended_at=None))
    homes = [row.household_id for row in rows if row.household_id is not None]
    paths = dict(household_paths(homes))
    if departed:
        paths = {**_last_paths(set(homes) - set(paths)), **paths}
    areas = AreaVersion.objects.filter(area_id__in=[row.area_id for row in rows if row.area_id is not None])
    villages = dict(areas.filter(valid_to=None).values_list("area_id", "path"))
    ranges = visible_paths(actor, HAND_OVER_CARDS)
    for row in rows:
        path = paths.get(row.household_id or 0) or villages.get(row.area_id or 0) or ""
        if not path or (ranges is not None and not any(low <= path < high for low, high in ranges)):
            raise _no_card()
    if len(rows) != len(wanted):
        raise _no_card()
    return rows


def _last_paths(household_ids: Collection[int]) -> dict[int, str]:
    """Where households that live nowhere any more lived last: two statements."""
    if not household_ids:
        return {}
    rows = Residence.objects.filter(household_id__in=listed(household_ids)).order_by("valid_from", "pk")
    last = dict(rows.values_list("household_id", "area_id"))
    areas = AreaVersion.objects.filter(area_id__in=listed(set(last.values()))).order_by("valid_from")
    paths = dict(areas.values_list("area_id", "path"))
    return {key: paths[area] for key, area in last.items() if area in paths}


def _no_card() -> Missing:
    return Missing("no_such_card", "没有这张明白卡，或者它已经停用。", "There is no such living card.")


def _record(actor: Actor, action: str, ids: Sequence[int], detail: dict[str, object]) -> None:
    subject = f"card:{ids[0]}" if len(ids) == 1 else "cards"
    audit.record(actor, action, subject, {**detail, "count": len(ids), "cards": list(ids)})


# -- what a code opens --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """What the public page shows. ``card`` only for the household's own code; else ``contacts`` alone."""

    contacts: tuple[Contact, ...]
    card: Content | None = None


def open_code(text: str) -> Opened | None:
    """What a code opens today; None for one that is wrong or ended, or whose household has no card any more (merged,
    cancelled, moved away): all of these look alike. The reading is noted, without the code."""
    code = normal(text)
    key = key_of(code or _NOBODY)  # the same work for a text that can be no code
    row = CardCode.objects.filter(key=key, ended_at=None).first()
    if row is None or not hmac.compare_digest(row.key, key):
        return None
    today = timezone.localdate()
    if row.area_id is not None:
        village = AreaVersion.objects.filter(on_day(today), area_id=row.area_id).first()
        return Opened(content.contacts_of_village(village, today)) if village is not None else None
    card = content.of_household(row.household_id or 0, today)
    if card is None:
        return None
    readlog.read(system(), "duties.public_card", {"copy": row.copy, "card": row.pk}, 1)
    contacts = card.helpers or card.village
    return Opened(contacts, card if row.copy == CardCode.Copy.HOUSEHOLD else None)
