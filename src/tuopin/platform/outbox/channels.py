"""What a channel is: something that takes parcels for people and says what became of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves for one person. No word of it is about a household: kinds, counts, days and links.

    ``key`` is the same at every attempt, so that a receiver can tell a repetition; ``count`` messages, ``urgent`` of
    them urgent. ``address``: where mail goes.
    """

    id: int
    key: str
    username: str
    language: str
    subject: str
    text: str
    count: int
    urgent: int
    href: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``sent``; ``later``: worth another try (after ``wait`` seconds, if the receiver said so); ``never``: refused for
    good. ``error`` is a code. ``away``: nobody answered, so that the next parcel need not be tried now."""

    what: Literal["sent", "later", "never"]
    error: str = ""
    wait: int = 0
    away: bool = False


SENT = Outcome("sent")


def is_over(until: float | None) -> bool:
    """Whether the time that a run has is over."""
    return until is not None and time.monotonic() >= until


class Channel(Protocol):
    """A way out of the house. ``name`` is that of the messages' column, ``size`` how many parcels it takes at once."""

    name: str
    size: int

    def is_on(self) -> bool:
        """Whether this installation has set it up."""
        ...

    def deliver(
        self, parcels: Sequence[Parcel], now: datetime.datetime, until: float | None = None
    ) -> Mapping[int, Outcome]:
        """Try each parcel once, begin none after ``until`` (as ``time.monotonic`` counts); one without an outcome was
        not tried. Raises nothing."""
        ...


def channels() -> dict[str, Channel]:
    """The channels of this product that are set up here, by name."""
    from tuopin.platform.outbox.gateway import Gateway
    from tuopin.platform.outbox.mail import Mail

    return {each.name: each for each in (Mail(), Gateway()) if each.is_on()}
