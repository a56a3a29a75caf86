"""My inbox: what I hold by what is due, what I must verify or look back at, what I am asked for as who issued it.

What is held is that of the organisations one handles for (granted by themselves, or standing in the very areas of
one’s grants) and what names oneself as the person responsible. Each part shows its first :data:`MOST` rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import OrganisationVersion
from tuopin.duties.organisations.scoping import within as offices_within
from tuopin.duties.selectors import own_official
from tuopin.platform import database
from tuopin.platform.access import grants_of, may, page_memo, visible_paths
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import within

from .. import reach, words
from ..models import Matter, MatterEvent
from ..permissions import HANDLE, ISSUE, VERIFY
from . import due, names
from .first import Held, Sought, first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

    from .due import Due

MOST = 20
"""Rows that a part of the inbox shows."""
AHEAD = 7
"""Days before a look-back from which on it stands in the inbox."""
_FEW_AREAS = 12
_FEW_OFFICES = 100
QUERIES = {
    "overdue": "mine=1&due=overdue", "verify": "state=reported", "look_back": "state=closed", "asked": "asked=1",
    "close": "state=verified", "draft": "state=draft",
}  # fmt: skip
"""How the list is asked for all of a part."""
QUICK = {"issued": "receive", "received": "start"}
"""What a holder may do from the inbox with one tap, by state; in the holder’s stead it is done on the page."""

PARTS = {
    "overdue": Title("已逾期", "Overdue"),
    "today": Title("今天到期", "Due today"),
    "week": Title("本周到期", "Due this week"),
    "later": Title("以后到期", "Due later"),
    "verify": Title("待我核实", "To be verified by me"),
    "look_back": Title("待我回头看", "To be looked back at"),
    "asked": Title("待我答复的延期申请", "Asked for more time"),
    "close": Title("待我销号", "To be closed by me"),
    "draft": Title("草稿，待交办", "Drafts to be issued"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the inbox. ``quick``: the act one tap away, '' = none."""

    matter: Matter
    due: Due | None
    holder: str
    area: str
    quick: str


@dataclass(frozen=True, slots=True)
class Part:
    """``more``: there are more rows than shown; ``query``: how the list is asked for all of them."""

    key: str
    title: Title
    rows: Sequence[Row]
    more: bool
    query: str


def handled_offices(actor: Actor) -> frozenset[int]:
    """The organisations that somebody handles for: granted by themselves, and those of the very areas granted. One
    statement besides the grants."""
    own = reach.own_organisations(actor, HANDLE)
    areas = {each.scope_id for each in grants_of(actor, HANDLE) if each.scope_kind == "area" and each.scope_id}
    if not areas:
        return own
    found = OrganisationVersion.objects.filter(area_id__in=listed(areas), valid_to=None)
    return own | frozenset(found.values_list("organisation_id", flat=True))


def held(actor: Actor) -> Q:
    """What the actor holds."""
    if visible_paths(actor, HANDLE) is None:  # over everything: what anybody holds, but for petitions
        return Q(holder__isnull=False) & ~Q(kind=Matter.Kind.PETITION)
    offices, mine = handled_offices(actor), own_official(actor)
    found = Q(pk__in=[])
    if offices:
        found |= Q(holder_id__in=sorted(offices))
    if mine is not None:
        found |= Q(official_id=mine)
    return found & (~Q(kind=Matter.Kind.PETITION) | reach.held_petitions(actor))


@dataclass(frozen=True, slots=True)
class _Way:
    """One of the alternatives of a part. ``few``: what matches is few and collected by an index of its own, else it is
    looked for in the order of what is due (``reach.in_order``)."""

    where: Q
    few: bool = False


def _inside(ranges: list[tuple[str, str]]) -> _Way:
    """In areas of the grants: of few by each area’s index."""
    known: dict[str, bool] = page_memo().setdefault("orders.few_areas", {})
    key = str(ranges)
    if key not in known:
        areas = AreaVersion.objects.filter(within(ranges), valid_to=None)
        known[key] = areas[: _FEW_AREAS + 1].count() <= _FEW_AREAS
    few = known[key]
    return _Way(Q(**{f"{'area_id' if few else reach.ANY_ORDER}__in": _areas(ranges)}), few)


def _areas(ranges: list[tuple[str, str]]) -> RawSQL:
    """The areas of the grants as a subquery, written once: in a dozen parts the ORM would write it a dozen times, which
    takes longer than reading the parts."""
    known: dict[str, tuple[str, tuple[object, ...]]] = page_memo().setdefault("orders.areas_of_grants", {})
    key = str(ranges)
    if key not in known:
        known[key] = lasting_area_ids(ranges).query.sql_with_params()
    return RawSQL(*known[key])  # noqa: S611 - written by the ORM, values apart


def _verifies(actor: Actor) -> list[_Way]:
    """What the actor may verify: asked by name, or over the area; not held, not handled."""
    ranges, mine = visible_paths(actor, VERIFY), own_official(actor)
    found = [_Way(Q())] if ranges is None else [_inside(ranges)] if ranges else []
    if mine is not None and ranges is not None:
        found.append(_Way(Q(verifier_id=mine), few=True))
    handled = MatterEvent.objects.filter(matter=OuterRef("pk"), act__in=reach.HANDLED, user_id=actor.user_id)
    also = ~Q(kind=Matter.Kind.PETITION) & ~Q(Exists(handled))
    own = reach.own_offices(actor)
    if own:
        also &= ~Q(holder_id__in=sorted(own), holder__isnull=False)
    if mine is not None:
        also &= ~Q(official_id=mine)
    return [_Way(each.where & also, each.few) for each in found]


def _issues(actor: Actor) -> list[_Way]:
    """What the actor issued, or issues over the areas of the grants. What somebody further up issued to these areas is
    not theirs to grant or to close."""
    if not may(actor, ISSUE):
        return []
    ranges, own = visible_paths(actor, ISSUE), reach.own_organisations(actor, ISSUE)
    found = [_Way(Q())] if ranges is None else []
    if ranges:
        # SQLite does not see by itself that nobody is named in few
        inside, named = _inside(ranges), not database.is_postgresql()
        found += [_issued_inside(ranges), _Way(inside.where & Q(issuer=None), inside.few or named)]
    if own and ranges is not None:
        found.append(_Way(Q(issuer_id__in=sorted(own))))
    return [_Way(each.where & ~Q(kind=Matter.Kind.PETITION), each.few) for each in found]


def _issued_inside(ranges: list[tuple[str, str]]) -> _Way:
    """Issued by the offices of the areas to these areas. Few offices are named one by one: the database then knows how
    much each issued, and need not read what others did to find that these have nothing waiting."""
    offices = list(offices_within(ranges)[: _FEW_OFFICES + 1])
    if len(offices) > _FEW_OFFICES:
        inside = _inside(ranges)
        return _Way(inside.where & Q(issuer_id__in=offices_within(ranges)), inside.few)
    return _Way(Q(area_id__in=_areas(ranges), issuer_id__in=sorted(offices)), few=True)


def parts(actor: Actor, now: datetime) -> list[Part]:
    """The inbox; empty parts are left out. A fixed number of statements."""
    sought = _sought(actor, now)
    found = first(sought)
    split: list[tuple[str, list[Matter], str, bool]] = []
    for key in dict.fromkeys(each.part for each in sought):
        rows = found.get(key, [])
        if key == "ahead":
            split += _ahead(rows, now)
        else:
            split.append((key, rows[:MOST], QUERIES[key], len(rows) > MOST))
    every = [row for _key, rows, _query, _more in split for row in rows]
    words.cover(actor, every)
    holders, areas = names.offices(row.holder_id for row in every), names.areas(every)
    own, mine = reach.own_offices(actor), own_official(actor)
    tap = {row.pk for row in every if row.holder_id in own or (row.official_id or 0) == mine}
    return [
        Part(key, PARTS[key], [
            _row(key, row, now, holders.get(row.holder_id or 0, ""), areas.get(row.area_id, ""), own=row.pk in tap)
            for row in rows
        ], more, query)
        for key, rows, query, more in split
        if rows
    ]  # fmt: skip


def _row(key: str, row: Matter, now: datetime, holder: str, area: str, *, own: bool) -> Row:
    quick = QUICK.get(row.state, "") if own and key in {"overdue", "today", "week", "later"} else ""
    return Row(row, due.stands(row, now), holder, area, quick)


def _sought(actor: Actor, now: datetime) -> list[Sought | Held]:
    """What each part is read by."""
    found: list[Sought | Held] = []
    for part, late, most in (("overdue", True, MOST + 1), ("ahead", False, 2 * MOST + 1)):
        found += _held_first(actor, part, now, late=late, most=most)

    def seek(part: str, ways: Iterable[_Way], order: str = "limit_at", **narrowed: object) -> None:
        rows = reach.in_order(Matter.objects.all())
        for each in ways:
            asked, some = narrowed, rows
            if each.few and f"{order}__lte" in narrowed:  # its index is not gone along either
                some = rows.annotate(hidden=Coalesce(F(order), F(order)))
                asked = {key.replace(order, "hidden"): value for key, value in narrowed.items()}
            found.append(Sought(part, some.filter(each.where, **asked), MOST + 1, order, few=each.few))

    verifies, issues = _verifies(actor), _issues(actor)
    day = timezone.localdate(now) + timedelta(days=AHEAD)
    seek("verify", verifies, state="reported")
    seek("look_back", verifies, "look_back_on", state="closed", look_back_on__lte=day)
    waiting = [_Way(each.where) for each in issues]  # whoever asked: there are never many
    seek("asked", waiting, "asked_until", asked_until__isnull=False, state__in=due.RUNNING)
    seek("close", issues, state="verified")
    seek("draft", issues, "-pk", state="draft")
    return found


def _held_first(actor: Actor, part: str, now: datetime, *, late: bool, most: int) -> Iterator[Sought | Held]:
    """What the actor holds (:func:`held`), as readings of one index each."""
    limit = {"limit_at__lte" if late else "limit_at__gt": now}
    if visible_paths(actor, HANDLE) is None:
        for state in due.RUNNING:
            yield Sought(part, Matter.objects.filter(held(actor), state=state, **limit), most)
        return
    running = Matter.objects.filter(state__in=due.RUNNING, **limit)
    yield Held(part, handled_offices(actor), late, now, most)
    mine = own_official(actor)
    if mine is not None:
        yield Sought(part, running.exclude(kind=Matter.Kind.PETITION).filter(official_id=mine), most)
    yield Sought(part, running.filter(reach.held_petitions(actor), kind=Matter.Kind.PETITION), most)


def _ahead(rows: list[Matter], now: datetime) -> Iterator[tuple[str, list[Matter], str, bool]]:
    """What is not late yet, by when it is due."""
    tonight, week = due.midnight(now), due.week_ends(now)
    groups: dict[str, list[Matter]] = {"today": [], "week": [], "later": []}
    for row in rows[: 2 * MOST]:
        at = row.limit_at or tonight  # what runs has a limit: the database sees to it
        groups["today" if at <= tonight else "week" if at <= week else "later"].append(row)
    last = [key for key, some in groups.items() if some][-1:]
    for key, some in groups.items():
        query = "mine=1" if key == "later" else f"mine=1&due={key}"
        yield key, some, query, len(rows) > 2 * MOST and [key] == last
