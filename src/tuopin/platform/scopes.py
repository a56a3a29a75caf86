"""What grants may be over, without knowing the rooms above: each publishes how its things are found (decision 0011).

The room ``register`` calls ``publish("area", …)`` in its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tuopin.platform.problems import Missing, Problem

type Find = Callable[[str], int | None]
type Paths = Callable[[Collection[int]], Mapping[int, str]]
type Names = Callable[[Collection[int]], Mapping[int, str]]
type Within = Callable[[list[tuple[str, str]]], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Scope:
    """``find`` gives the id of a code as people write it; ``paths`` the materialised path of the area where each thing
    lies today; ``names`` what people call them; ``within`` the ids of the things in ranges of paths, as a subquery."""

    find: Find
    paths: Paths | None = None
    names: Names | None = None
    within: Within | None = None


_published: dict[str, Scope] = {}


def publish(
    kind: str, find: Find, paths: Paths | None = None, names: Names | None = None, within: Within | None = None
) -> None:
    """Make things of ``kind`` (``area``, ``household``, ``organisation``, ``sealed_list``) known to grants."""
    _published[kind] = Scope(find, paths, names, within)


def scope(kind: str) -> Scope:
    """How things of ``kind`` are found. Raises Problem when no room publishes them."""
    if kind not in _published:
        raise Problem(
            "no_such_scope", f"没有可以授权的“{kind}”。", f"Nothing of kind “{kind}” can be granted.", kind=kind
        )
    return _published[kind]


def find(kind: str, code: str) -> int:
    """The id of the thing of ``kind`` with ``code``. Raises Missing."""
    found = scope(kind).find(code)
    if found is None:
        raise Missing("not_found", f"找不到 {kind} {code}。", f"There is no {kind} {code}.", kind=kind, given=code)
    return found


def paths(kind: str, ids: Collection[int]) -> Mapping[int, str]:
    """Where things of ``kind`` lie today; those that lie nowhere, or whose room knows no places, are left out."""
    known = _published.get(kind)
    return known.paths(ids) if known and known.paths and ids else {}


def kinds_within(ranges: list[tuple[str, str]]) -> dict[str, QuerySet[Any]]:
    """For each kind that has places: the ids of its things in ranges of paths, as a subquery."""
    return {kind: scope.within(ranges) for kind, scope in _published.items() if scope.within is not None}


def names(kind: str, ids: Collection[int]) -> Mapping[int, str]:
    """What people call things of ``kind``; their numbers where the room gives no names."""
    known = _published.get(kind)
    found = known.names(ids) if known and known.names and ids else {}
    return {number: found.get(number) or str(number) for number in ids}


def area_paths(ids: Collection[int]) -> Mapping[int, str]:
    """The paths of areas; ids without one (an abolished area) are left out, so that a grant over them opens nothing."""
    return paths("area", ids)
