"""Questions drawn by a seed, and answers compared with a key. Pure: the same seed and subjects give the same draw, on
every machine and version, whatever the order in which the subjects come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a subject: ``kind`` and the right ``answer`` as text. ``near``: a number counts as right within
    so many per cent; 0 = exactly."""

    subject: str
    kind: str
    answer: str
    near: int = 0


def draw(
    seed: int, known: Mapping[str, Mapping[str, str]], subjects: int, each: int, near: Mapping[str, int] | None = None
) -> list[Question]:
    """Questions about ``subjects`` of those known, ``each`` of every one, or all there are.

    ``known``: subject → kind → answer; only what is known can be asked. Subjects without an answer are not drawn.
    """
    askable = [key for key, answers in known.items() if answers]
    found: list[Question] = []
    for subject in _first(seed, "subject", askable, subjects):
        kinds = _first(seed, subject, list(known[subject]), each)
        found += [Question(subject, kind, known[subject][kind], (near or {}).get(kind, 0)) for kind in kinds]
    return found


def is_right(question: Question, given: str) -> bool:
    """Whether an answer is right; an empty one, or one that is no number where a number is asked, is not."""
    text = given.strip()
    if not question.near:
        return text == question.answer
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        return False
    right, said = int(question.answer), int(text)
    return abs(said - right) * 100 <= abs(right) * question.near


def _first(seed: int, salt: str, keys: Sequence[str], count: int) -> list[str]:
    """So many keys in an order that only seed and salt decide."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{salt}:{key}".encode()).digest())[:count]
