"""The life cycle of a pack, derived from what was recorded about it: nothing here is stored as a state.

draft → tested → confirmed item by item → approved by a second person → scheduled → in force → superseded.

Acts that speak of the files (a test, an approval) hold for one digest of the pack; acts that speak of an open item hold
for the digest of its text, so that a changed file is a draft again and only what was changed in it is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from tuopin.core.standards.open_items import OpenItem

type Stage = Literal["draft", "tested", "confirmed", "approved", "scheduled", "in_force", "superseded"]
type ActKind = Literal["tested", "justified", "confirmed", "set_aside", "reopened", "approved", "scheduled"]

STAGES: tuple[Stage, ...] = ("draft", "tested", "confirmed", "approved", "scheduled", "in_force", "superseded")
_CLOSING = frozenset({"confirmed", "set_aside", "reopened"})


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a named person did about a pack. ``id`` orders all acts; ``person`` tells people apart.

    ``detail`` by kind: tested ``failed`` (number), ``cases``, ``result`` (digest), ``warnings`` (list of [rule, kind,
    digest of the rule's text]); confirmed ``value``, ``from``, ``to`` for a limit; approved ``closings`` (key of the
    item → id of the act that closed it).
    """

    id: int
    kind: ActKind
    pack: str
    digest: str
    item: str
    item_digest: str
    person: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """A pack bound to an area from a day to a day (excluded)."""

    area_id: int
    valid_from: datetime.date
    valid_to: datetime.date | None


@dataclass(frozen=True, slots=True)
class Warned:
    """A rule that always or never fires, and the act that says why it may."""

    rule: str
    kind: str
    digest: str
    justified: Act | None


@dataclass(frozen=True, slots=True)
class State:
    """Where a pack stands. ``closings`` pairs every open item with the act that closed it; ``approval`` is the one
    that holds, for these files and these closings."""

    stage: Stage
    test: Act | None
    warnings: tuple[Warned, ...]
    closings: tuple[tuple[OpenItem, Act | None], ...]
    approval: Act | None
    bindings: tuple[Binding, ...]

    @property
    def passed(self) -> bool:
        """All cases come out, and no rule always or never fires without a reason."""
        return (
            self.test is not None
            and not self.test.detail.get("failed")
            and all(each.justified is not None for each in self.warnings)
        )

    @property
    def still_open(self) -> tuple[OpenItem, ...]:
        return tuple(item for item, act in self.closings if act is None)

    @property
    def settled(self) -> frozenset[str]:
        """The open items that are draft no longer: closed by one person and approved by another."""
        return frozenset(item.key for item, _act in self.closings) if self.approval is not None else frozenset()

    @property
    def closers(self) -> frozenset[str]:
        """The persons who closed an item or justified a rule: none of them may approve."""
        closed = {act.person for _item, act in self.closings if act is not None}
        return frozenset(closed | {each.justified.person for each in self.warnings if each.justified is not None})

    def reached(self, stage: Stage) -> bool:
        return STAGES.index(self.stage) >= STAGES.index(stage)


def derive(
    pack: str,
    digest: str,
    items: Sequence[OpenItem],
    acts: Iterable[Act],
    bindings: Sequence[Binding],
    today: datetime.date,
    *,
    everywhere: bool = False,
) -> State:
    """The state of the files with ``digest``. ``acts`` are all of this pack and all that speak of the same texts, the
    oldest first. A pack that holds everywhere is in force once it is approved: it is bound to no area."""
    own = list(acts)
    test = _last(act for act in own if act.kind == "tested" and act.pack == pack and act.digest == digest)
    warnings = tuple(_warned(test, own)) if test is not None else ()
    closings = tuple((item, _closing(item, pack, own)) for item in items)
    state = State("draft", test, warnings, closings, None, tuple(bindings))
    if not state.passed:
        return state
    if state.still_open:
        return _at(state, "tested")
    approvals = [act for act in own if act.kind == "approved" and act.pack == pack and act.digest == digest]
    approval = _last(act for act in approvals if _covers(act, closings))
    if approval is None:
        return _at(state, "confirmed")
    state = State("approved", test, warnings, closings, approval, tuple(bindings))
    if everywhere or any(each.valid_from <= today and (each.valid_to is None or today < each.valid_to)
                         for each in bindings):  # fmt: skip
        return _at(state, "in_force")
    if any(each.valid_from > today for each in bindings):
        return _at(state, "scheduled")
    return _at(state, "superseded") if bindings else state


def _at(state: State, stage: Stage) -> State:
    return State(stage, state.test, state.warnings, state.closings, state.approval, state.bindings)


def _warned(test: Act, acts: Sequence[Act]) -> Iterable[Warned]:
    listed = test.detail.get("warnings")
    for rule, kind, digest in listed if isinstance(listed, list) else []:
        reasons = [a for a in acts if a.kind == "justified" and a.item == f"probe:{rule}" and a.item_digest == digest]
        yield Warned(rule, kind, digest, _last(reasons))


def _closing(item: OpenItem, pack: str, acts: Iterable[Act]) -> Act | None:
    """The act that closed an item. A confirmation speaks of a text, so that one of another pack counts where this one
    has none, until it is taken back there or here. To set an item aside is the decision of one pack alone."""
    closed: Act | None = None
    for act in acts:
        if act.kind not in _CLOSING or act.item != item.key or act.item_digest != item.digest:
            continue
        if act.kind == "reopened":
            closed = None if closed is not None and act.pack in {pack, closed.pack} else closed
        elif act.pack == pack or (closed is None and act.kind == "confirmed"):
            closed = act
    return closed


def _covers(approval: Act, closings: Iterable[tuple[OpenItem, Act | None]]) -> bool:
    """Whether an approval was of just these closings: one that was made anew since is not approved."""
    known = approval.detail.get("closings")
    return isinstance(known, dict) and all(act is not None and known.get(item.key) == act.id for item, act in closings)


def _last(acts: Iterable[Act]) -> Act | None:
    found = None
    for act in acts:
        found = act
    return found
