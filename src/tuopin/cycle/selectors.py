"""Reading the cycle: what may open matters in an area, what was chosen, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.orders import reach
from tuopin.orders.models import Matter, MatterSubject
from tuopin.orders.permissions import VIEW
from tuopin.platform.access import require
from tuopin.platform.problems import Problem
from tuopin.standards import results
from tuopin.standards.packs import get_prepared

from . import told
from .findings import Findings, counts_of
from .models import ClosingProposal, Opening
from .order import LEVELS, ORIGINS
from .permissions import OPEN
from .sources import Judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.standards.models import Evaluation

    from .order import Origin
    from .sources import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """Findings of one standard and origin that may open matters: how many the newest evaluation has, or are open of
    what people told; by item where it has several. ``day``: as of which it was judged, None = what is open now;
    ``chosen``: the choice that stands, None = not chosen."""

    standard: str
    origin: Origin
    title: Title
    items: tuple[tuple[str, Title, int], ...]
    found: int
    day: date | None
    draft: bool
    chosen: Opening | None
    run: Evaluation | None = None

    @property
    def key(self) -> str:
        return f"{self.standard}:{self.origin.key}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What opening would do now: ``every`` finding of what was chosen, ``fresh`` ones without a matter, by item."""

    title: Title
    origin: Origin
    items: tuple[tuple[Title, int, int], ...]

    @property
    def fresh(self) -> int:
        return sum(fresh for _title, _every, fresh in self.items)


def evaluations(actor: Actor, area: AreaVersion) -> list[Evaluation]:
    """The newest evaluations that cover an area, of subjects that open matters and that the actor may list."""
    judged = {each.kind for each in ORIGINS.values()} - {"told"}
    found = results.newest(area, *sorted(judged))
    return [each for each in found if each.level in LEVELS and results.may_view(actor, area, each.level)]


def chosen(area: AreaVersion, actor: Actor | None = None) -> list[Opening]:
    """What opens matters in an area, as it was chosen for this very area; of what people told only the sorts that the
    actor may be told of, if one is named."""
    rows = Opening.objects.filter(area_id=area.area_id, ended_at=None).order_by("standard", "origin")
    if actor is None:
        return list(rows)
    open_sorts = set(told.open_to(actor, area))
    return [each for each in rows if ORIGINS[each.origin].kind != "told" or (each.origin, each.standard) in open_sorts]


def chosen_sources(actor: Actor, area: AreaVersion, day: date) -> list[tuple[Opening, list[Source] | None]]:
    """What was chosen for an area, with where its findings come from; None where it was not evaluated, or its pack no
    longer loads."""
    runs = {each.standard: each for each in evaluations(actor, area)}
    found: list[tuple[Opening, list[Source] | None]] = []
    for each in chosen(area, actor):
        origin = ORIGINS[each.origin]
        if origin.kind == "told":
            found.append((each, [*told.sources(origin.key, each.standard, area, day)]))
            continue
        run = runs.get(each.standard)
        prepared = _prepared(run) if run is not None else None
        if run is None or prepared is None:
            found.append((each, None))
        else:
            found.append((each, [Judged(Findings(run, origin, area, day), prepared)]))
    return found


def _prepared(run: Evaluation) -> Prepared | None:
    try:
        return get_prepared(run.pack, run.standard, run.day)
    except Problem:  # the pack no longer loads: its page says why
        return None


def offers(actor: Actor, area: AreaVersion) -> list[Offer]:
    """What may open matters in an area: of evaluations from figures kept for it, however many findings there are.
    Raises Refused."""
    require(actor, OPEN, area_path=area.path)
    runs = evaluations(actor, area)
    figures = results.results_of_runs(runs, area)
    held = {(each.standard, each.origin): each for each in chosen(area, actor)}
    found = []
    for run in runs:
        prepared = _prepared(run)
        if prepared is None:
            continue
        for origin in (each for each in ORIGINS.values() if each.kind == run.kind):
            items = tuple(
                (each.key, each.item.title, figures[run.pk].counts[each.key].of(origin.verdict))
                for each in prepared.items
                if each.key in run.items and not each.is_open
            )
            every = sum(count for _key, _title, count in items)
            now = held.get((run.standard, origin.key))
            title = prepared.standard.title
            found.append(Offer(run.standard, origin, title, items, every, run.day, bool(run.draft), now, run))
    return [*found, *_told(actor, area, held)]


def _told(actor: Actor, area: AreaVersion, held: Mapping[tuple[str, str], Opening]) -> list[Offer]:
    """What people told and nobody has ended, of the sorts that the actor may be told of and that are there."""
    asked = told.open_to(actor, area)
    counts = told.counts(area, timezone.localdate()) if asked else {}
    found = []
    for origin, key in asked:
        every, _fresh = counts.get((origin, key), (0, 0))
        now = held.get((key, origin))
        if every or now is not None:
            title = told.words(origin)[key].title
            found.append(Offer(key, ORIGINS[origin], title, (), every, None, False, now))
    return found


def preview(actor: Actor, area: AreaVersion, every: Sequence[Offer] | None = None) -> list[Preview]:
    """What opening would do now, counted; ``every``: the offers, where they were read already. Raises Refused."""
    day = timezone.localdate()
    wanted = [each for each in (offers(actor, area) if every is None else every) if each.chosen is not None]
    runs = [(each, Findings(each.run, each.origin, area, day)) for each in wanted if each.run is not None]
    counted = dict(zip((each.key for each, _one in runs), counts_of([one for _each, one in runs]), strict=True))
    spoken = told.counts(area, day) if len(runs) < len(wanted) else {}
    found = []
    for each in wanted:
        if each.run is None:
            now = spoken.get((each.origin.key, each.standard), (0, 0))
            items: tuple[tuple[Title, int, int], ...] = ((each.title, *now),)
        else:
            one = counted[each.key]
            items = tuple((title, *one[key]) for key, title, _count in each.items if key in one)
        found.append(Preview(each.title, each.origin, items))
    return found


def proposed(actor: Actor, area: AreaVersion) -> QuerySet[Matter]:
    """Matters of an area that a later evaluation proposes to verify and close (建议核实), within the grants."""
    now = ClosingProposal.objects.values("matter_id")
    rows = Matter.objects.filter(reach.work(actor, VIEW, area), pk__in=now)
    return rows.filter(state__in=["draft", "issued", "received", "working", "reported"]).order_by("limit_at", "pk")


def without_holder(actor: Actor, area: AreaVersion) -> QuerySet[Matter]:
    """Drafts that findings opened and that nobody holds (无承办), within the grants."""
    opened = MatterSubject.objects.filter(origin__in=list(ORIGINS)).values("matter_id")
    rows = Matter.objects.filter(reach.work(actor, VIEW, area), state="draft", holder=None, pk__in=opened)
    return rows.order_by("pk")


def days_of(matters: Sequence[Matter]) -> dict[int, ClosingProposal]:
    """The proposals of some matters."""
    return ClosingProposal.objects.in_bulk([each.pk for each in matters])
