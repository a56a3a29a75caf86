"""The lines of the worksheet as data, and what follows from the amounts in them. Nothing here is stored."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS: Mapping[str, Title] = {
    "business": Title("生产经营性收入", "business"),
    "wage": Title("工资性收入", "wage"),
    "property": Title("财产性收入", "property"),
    "transfer": Title("转移性收入", "transfer"),
}
"""The parts of the card, in its order."""

TRANSFER = "transfer"
"""The part that is a fact itself, beside the fields of its lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its part of the card, the field of the register that it is part of; ``cost`` is taken off."""

    key: str
    part: str
    field: str
    title: Title
    cost: bool = False


@cache
def lines() -> Mapping[str, Line]:
    """All lines by key, in the order of the card."""
    written = tomllib.loads(Path(__file__).with_name("lines.toml").read_text(encoding="utf-8"))
    return {
        key: Line(key, each["part"], each["field"], Title(each["zh"], each["en"]), bool(each.get("cost")))
        for key, each in written.items()
    }


def facts_of(amounts: Mapping[str, int]) -> dict[str, int]:
    """What the register is told: field → fen, of parts all of whose lines were answered. A part with an unanswered line
    is not known: nothing of it is written, so that sums and their parts agree."""
    found: dict[str, int] = {}
    for part in PARTS:
        own = [line for line in lines().values() if line.part == part]
        if any(line.key not in amounts for line in own):
            continue
        for line in own:
            found[line.field] = found.get(line.field, 0) + amounts[line.key]
        if part == TRANSFER:
            found[TRANSFER] = sum(amounts[line.key] for line in own)
    return found


def sums_of(amounts: Mapping[str, int]) -> dict[str, int | None]:
    """By part, what came in less what was spent for it, and ``net`` over all, in fen; None where a line is
    unanswered."""
    found: dict[str, int | None] = {}
    for part in PARTS:
        own = [line for line in lines().values() if line.part == part]
        answered = all(line.key in amounts for line in own)
        found[part] = sum((-1 if line.cost else 1) * amounts[line.key] for line in own) if answered else None
    parts = list(found.values())
    found["net"] = None if None in parts else sum(each or 0 for each in parts)
    return found


def per_head(net: int | None, members: int) -> int | None:
    """Fen a member, half up (away from nought) from the exact quotient, as the register rounds it; None where
    unknown."""
    if net is None or members <= 0:
        return None
    return (-1 if net < 0 else 1) * ((2 * abs(net) + members) // (2 * members))
