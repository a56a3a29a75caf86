"""The primitives that gather one column of all members of a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.core.language.plan import Primitive

type Rows = list[list[Any]]
type Gathering = Callable[[Rows], Any]


def gathering(primitive: Primitive, place: int) -> Gathering:
    """A closure that gathers the column at ``place`` of the members' rows (``size`` needs none)."""
    return _PRIMITIVES[primitive](place)


def _size(_: int) -> Gathering:
    return len


def _all(place: int) -> Gathering:
    def gather(rows: Rows) -> bool | None:
        result: bool | None = True
        for row in rows:
            value = row[place]
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return gather


def _any(place: int) -> Gathering:
    def gather(rows: Rows) -> bool | None:
        result: bool | None = False
        for row in rows:
            value = row[place]
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return gather


def _trues(place: int) -> Gathering:
    return lambda rows: sum([row[place] is True for row in rows])


def _possible(place: int) -> Gathering:
    return lambda rows: sum([row[place] is not False for row in rows])


def _sum(place: int) -> Gathering:
    def gather(rows: Rows) -> int | None:
        result = 0
        for row in rows:
            value = row[place]
            if value is None:
                return None
            result += value
        return result

    return gather


def _least(place: int) -> Gathering:
    return lambda rows: min([row[place] for row in rows if row[place] is not None], default=None)


def _greatest(place: int) -> Gathering:
    return lambda rows: max([row[place] for row in rows if row[place] is not None], default=None)


_PRIMITIVES: dict[Primitive, Callable[[int], Gathering]] = {
    "size": _size,
    "all": _all,
    "any": _any,
    "trues": _trues,
    "possible": _possible,
    "sum": _sum,
    "least": _least,
    "greatest": _greatest,
}
