"""What grants may be over, without knowing the rooms above: each publishes how its things are found (decision 0011).

The room ``register`` calls ``publish("area", …)`` in its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tuopin.platform.problems import Missing, Problem

type Find = Callable[[str], int | None]
type Paths = Callable[[Collection[int]], Mapping[int, str]]
type Name = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Scope:
    """``find`` gives the id of a code as people write it; ``paths`` the materialised path of each area id today."""

    find: Find
    paths: Paths | None = None
    name: Name | None = None


_published: dict[str, Scope] = {}


def publish(kind: str, find: Find, paths: Paths | None = None, name: Name | None = None) -> None:
    """Make things of ``kind`` (``area``, ``household``, ``organisation``, ``sealed_list``) known to grants."""
    _published[kind] = Scope(find, paths, name)


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


def area_paths(ids: Collection[int]) -> Mapping[int, str]:
    """The paths of areas; ids without one (an abolished area) are left out, so that a grant over them opens nothing."""
    known = _published.get("area")
    return known.paths(ids) if known and known.paths and ids else {}
