"""The four verdicts and how they combine. The same rules stand in SQL in :mod:`tuopin.core.standards.pipeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

type Verdict = Literal["met", "not_met", "unknown", "not_applicable"]

VERDICTS: tuple[Verdict, ...] = ("met", "not_met", "unknown", "not_applicable")

LETTERS: dict[Verdict, str] = {"met": "m", "not_met": "n", "unknown": "u", "not_applicable": "a"}
"""One letter a verdict: a subject's verdicts are stored as a word with one letter an item, in the order of items."""

FROM_LETTER: dict[str, Verdict] = {letter: verdict for verdict, letter in LETTERS.items()}


def item_verdict(applies: bool | None, test: bool | None) -> Verdict:
    """An item's verdict. Where it is unknown whether the item applies, a test that is met settles it."""
    if applies is False:
        return "not_applicable"
    if test is True:
        return "met"
    if test is False and applies is True:
        return "not_met"
    return "unknown"


def overall_verdict(applies: bool | None, items: Iterable[Verdict]) -> Verdict:
    """One not met → not met; else one unknown → unknown; else met. Nothing applicable → unknown.

    ``applies`` is whether the standard as a whole concerns the subject: if it surely does not, not applicable.
    """
    if applies is False:
        return "not_applicable"
    found = set(items)
    if "not_met" in found:
        return "not_met"
    return "met" if "met" in found and "unknown" not in found else "unknown"
