"""What a procedure consists of, and what was done in one. Plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.core.calendar import Limit
    from tuopin.core.standards.model import Confidence

type Unit = Literal["days", "working_days"]

COMPLETED = "completed"
STOPPED = "stopped"
START = "start"
"""The day on which a procedure begins, as waits and maxima name it."""
HELPER = "helper"
"""The party that answers for a household: in ``not_by`` beside the keys of steps."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper that a step asks for. ``required``: without it the step is not taken."""

    key: str
    title: Title
    required: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step may come to. ``next`` is a later step, ``completed`` or ``stopped``; ``sets`` the status that the
    subject gets if the procedure is completed on this way, '' = that of the procedure."""

    key: str
    title: Title
    next: str
    sets: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A step comes at the earliest so long after another (``from_`` or the start): a public notice of seven days."""

    from_: str
    length: int
    unit: Unit
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Maximum:
    """From one step to another at most so long. What comes later is late, not refused: it did happen."""

    key: str
    title: Title
    from_: str
    to: str
    length: int
    unit: Unit
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Step:
    """``stage`` numbers the steps as the source does (one stage may have two). ``who`` acts, in words; ``roles`` may
    record it. ``not_by``: steps, or the helper, whose person must be another. ``notice``: the public notice is put up.
    """

    key: str
    stage: int
    title: Title
    who: Title
    roles: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    evidence: tuple[Evidence, ...]
    waits: tuple[Wait, ...]
    not_by: tuple[str, ...]
    notice: bool
    source: str
    confidence: Confidence

    def outcome(self, key: str) -> Outcome | None:
        return next((each for each in self.outcomes if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Rules of a standard of data quality that are asked at the start as if the procedure had come to its end that day:
    ``as_if`` are facts of the subject by name; the text ``day`` is the day itself. What they find is said and kept, and
    stops nothing."""

    standard: str
    items: tuple[str, ...]
    as_if: Mapping[str, bool | str]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A definition. ``standard`` is judged and kept at the start, and only a subject with one of ``verdicts`` may begin
    (none = any). ``axis`` is the axis of status (or ``designation``) that completion changes, from one of ``from_`` to
    ``to``. ``proposed`` is what the public notice says is proposed."""

    key: str
    title: Title
    level: str
    standard: str
    verdicts: tuple[str, ...]
    axis: str
    from_: tuple[str, ...]
    to: str
    proposed: Title
    steps: tuple[Step, ...]
    maxima: tuple[Maximum, ...]
    source: str
    confidence: Confidence
    doubts: Doubts | None = None

    def step(self, key: str) -> Step | None:
        return next((each for each in self.steps if each.key == key), None)

    @property
    def main(self) -> tuple[Step, ...]:
        """The steps where each comes to its first outcome: the way as it is meant to go."""
        found, at = [], self.steps[0].key
        while (step := self.step(at)) is not None:
            found.append(step)
            at = step.outcomes[0].next
        return tuple(found)

    def index(self, key: str) -> int:
        return next(at for at, each in enumerate(self.steps) if each.key == key)


@dataclass(frozen=True, slots=True)
class Act:
    """A step as it was done: what came out, on which day, by whom (as named; ``person`` is the account, if there is
    one), with which papers."""

    step: str
    outcome: str
    day: datetime.date
    by: str
    person: int | None = None
    evidence: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """What was done since the start."""

    started: datetime.date
    acts: tuple[Act, ...] = ()

    def day_of(self, step: str) -> datetime.date | None:
        """The day of a step; None while it is not done."""
        if step == START:
            return self.started
        return next((act.day for act in self.acts if act.step == step), None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be done; whole sentences that say what to do."""

    code: str
    zh: str
    en: str

    @property
    def title(self) -> Title:
        return Title(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Clock:
    """A maximum that has begun: the last day in time, the day on which it was reached (None: still open), and whether
    it is late as of the day asked."""

    maximum: Maximum
    limit: Limit
    reached: datetime.date | None
    late: bool


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who for ``not_by``: names and accounts of the helper."""

    names: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()
