"""What ``clock.toml`` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Stops:
    """``absences``: kinds of absences that stop a clock; ``open_days``: for how long, where one has no end yet."""

    absences: tuple[str, ...]
    open_days: int


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("clock.toml").read_text("utf-8"))


@cache
def governing() -> Mapping[str, frozenset[str]]:
    """Kinds of organisations that govern an area, from the lowest to the highest, with the levels of the areas."""
    return {each["kind"]: frozenset(each["levels"]) for each in _read()["governing"]}


@cache
def headed_by_area() -> frozenset[str]:
    """Kinds whose head is the first responsible person of the area, where no post says who is."""
    return frozenset(_read()["area_head"]["kinds"])


@cache
def stops() -> Stops:
    """What stops a clock by itself."""
    read = _read()["stop"]
    return Stops(tuple(read["absences"]), read["open_days"])
