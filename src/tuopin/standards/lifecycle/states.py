"""Where packs stand, read from the acts about them; and what of an evaluation, or of a standard today, is draft."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.lifecycle import Act, Binding, State, derive
from tuopin.core.standards.open_items import open_items, rests_on
from tuopin.core.standards.programs import Draft, prepare
from tuopin.platform.access import visible_paths
from tuopin.platform.catalogue import catalogue
from tuopin.register.models import AreaVersion
from tuopin.standards.models import PackAct, PackBinding
from tuopin.standards.packs import last_day, problems, written_pack
from tuopin.standards.permissions import VIEW

from . import given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.standards import Pack, Prepared
    from tuopin.core.standards.open_items import OpenItem
    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation


@dataclass(frozen=True, slots=True)
class PackState:
    """A pack as its files stand, its state, and the acts by id: those of this pack and those it takes over.
    ``last`` is the number of the newest act of this pack: who approves says what has been seen."""

    pack: Pack
    state: State
    acts: dict[int, PackAct]
    last: int

    def item(self, key: str) -> OpenItem | None:
        return next((item for item, _act in self.state.closings if item.key == key), None)


def state_of(key: str) -> PackState:
    """Raises Missing for an unknown pack, Problem for one that does not load. Two queries."""
    return states_of([key])[key]


def states_of(keys: Sequence[str]) -> dict[str, PackState]:
    """Where several packs stand, by key. Two queries, however many they are. Raises as :func:`state_of`."""
    packs = {key: written_pack(key) for key in keys}
    items = {key: items_of(key) for key in keys}
    digests = {each.digest for listed in items.values() for each in listed}
    rows = list(PackAct.objects.filter(Q(pack__in=keys) | Q(item_digest__in=digests)).order_by("pk"))
    bindings = PackBinding.objects.filter(pack__in=keys).order_by("valid_from", "pk")
    bound = list(bindings.values_list("pack", "area_id", "valid_from", "valid_to"))
    today, acts = timezone.localdate(), [_act(row) for row in rows]
    found = {}
    for key, pack in packs.items():
        own = [Binding(area, first, last) for of, area, first, last in bound if of == key]
        state = derive(key, pack.digest, items[key], acts, own, today, everywhere=pack.everywhere)
        last = max((row.number for row in rows if row.pack == key), default=0)
        found[key] = PackState(pack, state, {row.pk: row for row in rows}, last)
    return found


def person_of(row: PackAct) -> str:
    """Who acted, told apart from others: an account, or a user of the operating system."""
    return f"user:{row.user_id}" if row.user_id is not None else f"os:{row.actor}"


def items_of(key: str) -> tuple[OpenItem, ...]:
    """The open items of a pack as its files stand."""
    return _items(written_pack(key).digest, key)


@lru_cache(maxsize=16)
def _items(_digest: str, key: str) -> tuple[OpenItem, ...]:
    pack = written_pack(key)
    with problems():
        whole = catalogue()
        prepared = {each: prepare(pack, each, whole, last_day(pack, each)) for each in pack.standards}
    return open_items(pack, prepared)


def bound_for(actor: Actor, state: State) -> list[tuple[AreaVersion, Binding]]:
    """The areas that a pack is bound to, of those that the reader knows: within the grants, or holding one of them."""
    ranges = visible_paths(actor, VIEW)
    ids = {each.area_id for each in state.bindings}
    known = {
        area.area_id: area
        for area in AreaVersion.objects.filter(area_id__in=ids, valid_to=None)
        if ranges is None or any(low <= area.path < high or low.startswith(area.path) for low, high in ranges)
    }
    return [(known[each.area_id], each) for each in state.bindings if each.area_id in known]


# -- what is draft --------------------------------------------------------------------------------------------------


def drafts_today(prepared: Prepared) -> tuple[Draft, ...]:
    """What a verdict by this standard rests on that nobody has confirmed, or nobody else approved. Few queries: none
    for a standard without anything open."""
    resting = _resting(prepared)
    if not resting:
        return ()
    settled = _settled(prepared.pack.key)
    return _named(prepared, [key for key, items in resting.items() if not settled.issuperset(items)])


def drafts_of(run: Evaluation, prepared: Prepared) -> tuple[Draft, ...]:
    """What was unconfirmed when the evaluation ran, as it was stored with it. No query."""
    return _named(prepared, run.draft)


def _resting(prepared: Prepared) -> dict[str, tuple[str, ...]]:
    """Draft item → open items. A limit whose value the city gave stands as long as that is not approved anew."""
    found = dict(rests_on(prepared))
    names = {each.parameter for each in given.of_pack(prepared.pack.key)}
    for item in prepared.items if names else ():
        more = tuple(f"limit:{name}" for name in item.parameters if name in names)
        if more:
            found[item.key] = (*found.get(item.key, ()), *more)
    order = [*(item.key for item in prepared.items), *(each.key for each in prepared.standard.not_tested)]
    return {key: found[key] for key in order if key in found}


def _settled(key: str) -> frozenset[str]:
    digest = written_pack(key).digest
    if not PackAct.objects.filter(pack=key, kind="approved", digest=digest).exists():
        return frozenset()
    now = state_of(key)
    return now.state.settled - _otherwise(now)


def _otherwise(now: PackState) -> frozenset[str]:
    """Limits for which the file beside the packs says something else than what was confirmed: nobody approved that."""
    said = {each.parameter: each for each in given.of_pack(now.pack.key)}
    found = set()
    for item, act in now.state.closings:
        value = said.get(item.parameter) if item.kind == "limit" else None
        if value is not None and (act is None or not _is_of(value, act)):
            found.add(item.key)
    return frozenset(found)


def _is_of(value: given.Given, act: Act) -> bool:
    until = value.valid_to.isoformat() if value.valid_to else None
    known = (act.detail.get("value"), act.detail.get("from"), act.detail.get("to"))
    return known == (value.value, value.valid_from.isoformat(), until)


def _named(prepared: Prepared, keys: Sequence[str]) -> tuple[Draft, ...]:
    listed = {each.key: each for each in prepared.draft}
    titles = {item.key: item.item.title for item in prepared.items}
    reason = Title("未经确认", "not confirmed")
    return tuple(listed.get(key) or Draft(key, "unconfirmed", titles.get(key, Title(key, key)), reason) for key in keys)


def _act(row: PackAct) -> Act:
    kind = row.kind  # of the known ones: nothing else is written
    return Act(row.pk, kind, row.pack, row.digest, row.item, row.item_digest, person_of(row), row.detail)  # type: ignore[arg-type]
