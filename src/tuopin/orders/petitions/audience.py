"""What of a petition each side reads. The petition office reads all. Who holds it reads what the office wrote for a
holder and handed on, and its own; not what the office keeps for itself, and not what whoever held it before wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from ..reach import HANDLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuopin.platform.models import Evidence

    from ..changes import Given
    from ..models import MatterEvent

FOR_HOLDER = frozenset({"accept", "return", "reassign", "extend", "refuse_extension", "stop", "resume", "review",
                        "second_review", "reassign_review"})  # fmt: skip
"""Acts of the office whose words are for who holds the petition, and whose files may be handed on."""
WITH_FILES = frozenset({"accept", "decline", "return", "reassign", "verify", "answer", "review", "second_review",
                        "reassign_review", "answer_review", "conclude"})  # fmt: skip
"""Acts of the office with which files may be kept."""
GIVES = frozenset({"accept", "reassign", "review", "second_review", "reassign_review", "report_up"})
"""Acts after which somebody else holds it."""
_HANDED = ".to_holder"
_OFFICE = Title("信访机构", "the petition office")
_FORMER = Title("原承办单位", "who held it before")


def item(act: str, given: Given) -> str:
    """Under what a file of an act is kept: one that is handed on says so."""
    return f"{act}{_HANDED}" if given.hand_on and act in FOR_HOLDER else act


def act_of(kept: str) -> str:
    """The act of :func:`item`."""
    return kept.removesuffix(_HANDED)


def handed(kept: str) -> bool:
    """Whether a file of the office was handed on."""
    return kept.endswith(_HANDED)


def given_at(events: Iterable[MatterEvent]) -> MatterEvent | None:
    """The act by which the present holder got the petition; of events, the newest first."""
    return next((each for each in events if each.act in GIVES), None)


def veil(events: Sequence[MatterEvent]) -> dict[int, Title]:
    """Take from events (newest first, never saved again) what is not for the holder; returns who is named instead of an
    account, by the event."""
    begun = given_at(events)
    first = begun.pk if begun is not None else 0
    instead: dict[int, Title] = {}
    for each in events:
        if each.act.startswith("clock."):
            continue
        if each.act not in HANDLED:
            instead[each.pk] = _OFFICE
        elif each.pk <= first:
            instead[each.pk] = _FORMER
        own = each.act in HANDLED and each.pk > first
        told = each.pk >= first and (each.act in FOR_HOLDER or each is begun)
        if not own and not told:
            each.note = ""
        if each.pk < first:
            each.data = {}
    return instead


def papers(found: Sequence[Evidence], events: Sequence[MatterEvent]) -> list[Evidence]:
    """Those of a petition's files that its holder reads: its own, and what was handed on."""
    begun = given_at(events)
    return [
        each
        for each in found
        if handed(each.item) or (each.item in HANDLED and begun is not None and each.at >= begun.at)
    ]
