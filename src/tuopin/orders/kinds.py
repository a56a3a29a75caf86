"""Sources, categories, urgencies and limits of matters, and the rhythm of the clock (``matters.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import KINDS, Rhythm
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.matters.clock import Unit


@dataclass(frozen=True, slots=True)
class Urgency:
    """``length`` in ``unit`` is the usual limit; ``guess``: no document confirms it. ``kinds``: of which matters."""

    key: str
    title: Title
    length: int
    unit: Unit
    kinds: tuple[str, ...]
    guess: bool


@dataclass(frozen=True, slots=True)
class PetitionDays:
    """Calendar days: to accept, of the one extension, to ask for a review; and that who came is kept after the end, or
    after it was found a mistake."""

    accept: int
    extension: int
    ask_review: int
    keep: int
    keep_void: int


@dataclass(frozen=True, slots=True)
class Paper:
    """When closings are looked back at, ``look_back`` days later; and which sooner, within ``early`` working days: of
    so many by one person on one day ``share`` per cent, drawn."""

    closings_a_day: int
    look_back: int
    early: int
    share: int


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("matters.toml").read_text("utf-8"))


def _titles(part: str) -> Mapping[str, Title]:
    return {key: Title(each["zh"], each["en"]) for key, each in _read()[part].items()}


@cache
def sources() -> Mapping[str, Title]:
    """Where matters come from, in the order of the file."""
    return _titles("source")


@cache
def categories() -> Mapping[str, Title]:
    """What matters are about."""
    return _titles("category")


@cache
def urgencies() -> Mapping[str, Urgency]:
    """How long matters may take, by key."""
    every = tuple(key for key in KINDS if key != "petition")
    return {
        key: Urgency(
            key, Title(each["zh"], each["en"]), each["length"], each["unit"], tuple(each.get("kinds", every)),
            each.get("guess", False),
        )
        for key, each in _read()["urgency"].items()
    }  # fmt: skip


@cache
def rhythm() -> Rhythm:
    """When the clock speaks."""
    return Rhythm(**{key: value for key, value in _read()["rhythm"].items() if key != "guess"})


@cache
def petition_days() -> PetitionDays:
    """The limits of petitions that are not those of the holder."""
    return PetitionDays(**_read()["petition"])


@cache
def paper() -> Paper:
    """When closings are looked back at."""
    read = _read()["paper"]
    return Paper(read["closings_a_day"], read["look_back"], read["early"], read["share"])


def require(kind: str, source: str, category: str, urgency: str) -> None:
    """Raise Problem for a key that is none of the file's; source and category may be empty."""
    wrong = (source and source not in sources()) or (category and category not in categories())
    if wrong or urgency not in urgencies() or kind not in urgencies()[urgency].kinds:
        raise Problem(
            "unknown_key", "来源、类别或紧急程度不在目录中，请重新选择。",
            "Source, category or urgency is none of the list’s: choose again.",
        )  # fmt: skip
