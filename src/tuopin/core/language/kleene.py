"""Three-valued logic: ``True``, ``False`` and ``None`` (unknown). Unknown is never taken as no or yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

type Truth = bool | None


def negate(value: Truth) -> Truth:
    """Not; unknown stays unknown."""
    return None if value is None else not value


def all_of(values: Iterable[Truth]) -> Truth:
    """Conjunction: one false → false, else one unknown → unknown, else true (also of nothing)."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """Disjunction: one true → true, else one unknown → unknown, else false (also of nothing)."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result
