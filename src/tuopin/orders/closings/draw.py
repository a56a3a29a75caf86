"""Which of many closings are looked back at sooner: drawn by a seed that is kept, so that anybody draws the same again.
Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

REASONS: Mapping[str, Title] = {
    "closed": Title("同一天销号较多，抽查", "many were closed on one day: drawn"),
    "verified": Title("同一天核实较多，抽查", "many were verified on one day: drawn"),
    "evidence": Title("佐证材料与另一件相同", "its evidence was handed in for another one too"),
}
"""Why; a reason says what is looked at, not that anything is wrong."""


def order(seed: str, numbers: Collection[int]) -> list[int]:
    """Numbers in the order in which a seed draws them: by the digest of seed and number."""
    return sorted(numbers, key=lambda number: (_digest(seed, number), number))


def drawn(seed: str, number: int, share: int) -> bool:
    """Whether a seed draws a number, with a chance of ``share`` per cent: of each by itself, so that one more closing
    changes nothing for those before it."""
    return int(_digest(seed, number)[:15], 16) % 100 < share


def some(seed: str, numbers: Collection[int], share: int) -> list[int]:
    """Those drawn; at least one."""
    found = [number for number in order(seed, numbers) if drawn(seed, number, share)]
    return found or order(seed, numbers)[:1]


def _digest(seed: str, number: int) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
