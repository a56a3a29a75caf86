"""Choosing what opens matters, and opening them: exactly once a finding, reopened where it came back, proposed to be
closed where it is gone. Set by set; begun anew it goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tuopin.duties.assigning import targets
from tuopin.orders import reach
from tuopin.orders import services as orders
from tuopin.orders.changes import Given
from tuopin.orders.found import MOST, Found, Opened, open_found
from tuopin.orders.models import Matter
from tuopin.orders.permissions import ISSUE
from tuopin.platform import database, jobs
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Area

from . import holders, selectors
from .findings import RUNNING
from .models import ClosingProposal, Opening
from .order import ORIGINS
from .permissions import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .sources import Source

JOB = "cycle.open_matters"
_NOTE = "再次发现此问题，重新交办。"  # the same for every origin: it stands on matters that are not named, too
_BATCH = 1_000
"""Matters reopened in one act."""


@dataclass
class Report:
    """What a run did; ``left_out``: standards chosen that have no evaluation, or whose pack no longer loads."""

    opened: int = 0
    without_holder: int = 0
    reopened: int = 0
    proposed: int = 0
    left_out: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {
            "opened": self.opened, "without_holder": self.without_holder, "reopened": self.reopened,
            "proposed": self.proposed, "left_out": sorted(set(self.left_out)),
        }  # fmt: skip


def choose(
    actor: Actor, area: AreaVersion, wanted: Collection[tuple[str, str]], issuer_id: int | None, now: datetime
) -> None:
    """Say which findings (standard, origin) open matters in an area, and who issues them; what is not named ends, but
    what the actor may not be told of.
    Raises Refused, Missing for an issuer outside the grants, Problem."""
    require(actor, OPEN, area_path=area.path)
    require(actor, ISSUE, area_path=area.path)
    chosen = set(wanted)
    offered = {(each.standard, each.origin.key) for each in selectors.offers(actor, area)}
    if not chosen <= offered:
        raise Problem(
            "no_such_finding", "所选标准在本区域没有核查结果，请刷新后重选。",
            "What was chosen has no evaluation in this area: reload and choose again.",
        )  # fmt: skip
    if issuer_id is None and chosen:
        raise Problem("no_issuer", "请选择由哪个单位交办。", "Choose which organisation issues the matters.")
    if issuer_id is not None:
        targets.reachable(actor, ISSUE, "organisation", [issuer_id], timezone.localdate(now))
    with database.write():
        # two who choose for one area at once: in PostgreSQL the second waits here
        list(Area.objects.select_for_update(no_key=True).filter(pk=area.area_id).values_list("pk"))
        held = {(each.standard, each.origin): each for each in selectors.chosen(area, actor)}
        over = {key: each for key, each in held.items() if key not in chosen or each.issuer_id != issuer_id}
        Opening.objects.filter(pk__in=[each.pk for each in over.values()]).update(ended_at=now)
        if issuer_id is not None:
            who = reach.signature(actor)[:150]
            Opening.objects.bulk_create(
                Opening(
                    area_id=area.area_id, standard=one, origin=key, issuer_id=issuer_id, chosen_at=now, chosen_by=who
                )
                for one, key in sorted(chosen - (held.keys() - over.keys()))
            )
        detail: dict[str, object] = {"chosen": [":".join(each) for each in sorted(chosen)], "issuer": issuer_id}
        audit.record(actor, "cycle.choose_openings", f"area:{area.area_id}", detail)


def begin(actor: Actor, area: AreaVersion) -> Job:
    """Open matters as a job; of two clicks one begins it, the other finds it begun. Raises Refused, Problem."""
    require(actor, OPEN, area_path=area.path)
    require(actor, ISSUE, area_path=area.path)
    if not selectors.chosen(area):
        raise Problem("nothing_chosen", "请先选择立案的标准并保存。", "First choose what opens matters, and keep it.")
    payload = {"area": area.code}
    with database.write():
        # in PostgreSQL the second click waits here for the first; in SQLite there is one writer anyway
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0).values_list("pk"))
        own = jobs.own(actor).filter(kind=JOB, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
        return next((job for job in own if job.payload == payload), None) or jobs.enqueue(actor, JOB, payload)


def run(
    actor: Actor, area: AreaVersion, now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Report:
    """Open, reopen and propose for all that was chosen for an area; nothing new = nothing done. Safe with several at
    once. Raises Refused, Missing for an issuer that the actor no longer reaches."""
    require(actor, OPEN, area_path=area.path)
    require(actor, ISSUE, area_path=area.path)
    report, day = Report(), timezone.localdate(now)
    known = holders.Holders(actor, area, day)
    todo = selectors.chosen_sources(actor, area, day)
    for at, (chosen, sources) in enumerate(todo):
        progress(at, len(todo))
        if sources is None:
            report.left_out.append(chosen.standard)
            continue
        one = _One(actor, sources, chosen, known, now)
        opened = one.open()
        report.opened += opened.matters
        report.without_holder += opened.without_holder
        report.reopened += one.reopen(area)
        report.proposed += one.propose()
    progress(len(todo), len(todo))
    return report


class _One:
    """One standard and origin in an area."""

    def __init__(
        self, actor: Actor, sources: Sequence[Source], chosen: Opening, known: holders.Holders, now: datetime
    ) -> None:
        self.actor, self.sources, self.chosen, self.known, self.now = actor, sources, chosen, known, now
        self.origin = ORIGINS[chosen.origin]

    def open(self) -> Opened:
        """A matter for each finding that has none, in transactions of some thousand."""
        done = Opened()
        for source in self.sources:
            for pattern, rows in source.waiting(MOST):
                self.known.know({each.helper for each in rows if each.helper is not None})
                matters = []
                for each in rows:
                    holder, official = self.known.of(source.level, source.way, each.area_id, each.helper)
                    matters.append(
                        Found(
                            subject_id=each.subject_id, area_id=each.area_id, item=each.item,
                            issuer_id=self.chosen.issuer_id, holder_id=holder, official_id=official, **pattern,
                        )
                    )  # fmt: skip
                done += open_found(self.actor, matters, self.now)
        return done

    def reopen(self, area: AreaVersion) -> int:
        """What was closed and is found again; only matters that the actor issues here."""
        ids = sorted({number for source in self.sources for number in source.came_back()})
        return sum(self._reopened(area, ids[at : at + _BATCH]) for at in range(0, len(ids), _BATCH))

    def _reopened(self, area: AreaVersion, ids: Sequence[int]) -> int:
        for last in (False, False, True):
            some = Matter.objects.filter(
                reach.work(self.actor, ISSUE, area), pk__in=listed(ids), state__in=["closed", "final"]
            )
            numbers = list(some.values_list("pk", flat=True))
            try:
                done = orders.act(self.actor, "reopen", numbers, Given(note=_NOTE), self.now) if numbers else []
            except Problem as problem:
                if last or problem.code != "wrong_state":
                    raise  # else somebody reopened one of them just now: ask again
            else:
                return len(done)
        return 0

    def propose(self) -> int:
        """What is found no more is proposed to be closed; what was proposed and does not hold is taken back."""
        standard = self.chosen.standard
        gone = {number for source in self.sources for number in source.gone()}
        with database.write():
            before = set(
                ClosingProposal.objects.filter(
                    Q(matter__subjects__origin=self.origin.key) | ~Q(matter__state__in=RUNNING),
                    standard=standard, matter__area_id__in=self.sources[0].areas(),
                ).values_list("pk", flat=True)
            )  # fmt: skip
            ClosingProposal.objects.filter(pk__in=listed(before - gone)).delete()
            fresh = gone - set(ClosingProposal.objects.filter(pk__in=listed(gone)).values_list("pk", flat=True))
            day, at = self.sources[0].day, self.now
            ClosingProposal.objects.bulk_create(  # another run may have proposed it just now
                (
                    ClosingProposal(matter_id=number, standard=standard, day=day, proposed_at=at)
                    for number in sorted(fresh)
                ),
                batch_size=1000,
                ignore_conflicts=True,
            )
            if fresh or before - gone:
                detail: dict[str, object] = {"proposed": len(fresh), "taken_back": len(before - gone)}
                audit.record(self.actor, "cycle.propose_closing", f"standard:{standard}", detail)
        return len(fresh)
