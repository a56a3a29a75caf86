"""What a matter is made of, as far as decisions about it go. Plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

type Kind = Literal["directive", "problem", "petition"]
type Who = Literal["issuer", "holder", "verifier", "office", "clock"]

KINDS: Mapping[Kind, Title] = {
    "directive": Title("指令", "directive"),
    "problem": Title("问题", "problem"),
    "petition": Title("信访件", "petition"),
}
STATES: Mapping[str, Title] = {
    "draft": Title("草稿", "draft"),
    "issued": Title("待签收", "issued, not yet signed for"),
    "received": Title("已签收", "signed for"),
    "working": Title("办理中", "in work"),
    "reported": Title("已报结，待核实", "reported done, to be verified"),
    "verified": Title("已核实，待销号", "verified, to be closed"),
    "closed": Title("已销号，待回头看", "closed, to be looked back at"),
    "review": Title("复查中", "under review"),
    "second_review": Title("复核中", "under second review"),
    "final": Title("已办结", "final"),
    "withdrawn": Title("已撤销", "withdrawn"),
    "merged": Title("已并入他件", "merged into another"),
}
WHO: Mapping[Who, Title] = {
    "issuer": Title("交办方", "who issued it"),
    "holder": Title("承办方", "who holds it"),
    "verifier": Title("核实人（不是办理人）", "the verifier, who did not handle it"),
    "office": Title("信访机构", "the petition office"),
    "clock": Title("到期自动", "the clock"),
}
OPEN = frozenset({"issued", "received", "working"})
"""States in which the holder's clock runs."""
ENDED = frozenset({"final", "withdrawn", "merged"})
WAITING = frozenset({"reported", "verified", "closed"})
"""States in which somebody else than the holder has the next word: to verify, to close, to look back."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be said or handed in with an act. ``key`` names it in forms and refusals."""

    key: str
    title: Title


@dataclass(frozen=True, slots=True)
class Transition:
    """``act`` leads from any of ``sources`` to ``target`` ('' = stays where it is), for matters of ``kinds``, done by
    one of ``who`` who gives all of ``needs``. ``follows`` says in words what happens by it."""

    act: str
    title: Title
    kinds: frozenset[Kind]
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    needs: tuple[Need, ...]
    follows: Title


@dataclass(frozen=True, slots=True)
class Standing:
    """A matter as the clock sees it. ``limit_at`` is the first moment that is too late; ``by_hours``: its limit is
    counted in hours, not in days; ``ask_until``: the last day on which a petitioner may ask for a review. The clock
    stands still from ``stopped_from`` until ``stopped_until`` (excluded). ``since``: the day from which on it waits to
    be verified or closed."""

    state: str
    issued_at: datetime.datetime | None
    limit_at: datetime.datetime | None
    by_hours: bool = False
    look_back_on: datetime.date | None = None
    ask_until: datetime.date | None = None
    stopped_from: datetime.date | None = None
    stopped_until: datetime.date | None = None
    since: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act cannot be done; whole sentences that say what to do."""

    code: str
    zh: str
    en: str
