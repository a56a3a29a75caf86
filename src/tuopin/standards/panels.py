"""What standards shows on the page of a household or a village: each item's verdict and everything behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.standards.explaining import missing
from tuopin.platform.panels import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.explaining import Cell, ItemExplanation, Member
    from tuopin.core.standards.programs import PreparedItem
    from tuopin.standards.explain import Explained


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody below who fails the item, or of whom it is unknown. ``anchor`` is the row in the list of members."""

    code: str
    name: str
    anchor: int
    fails: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where values stand: a sheet with its rows, the day it describes, and how old that was on the day judged."""

    file: str
    sheet: str
    rows: str
    as_of: str
    days: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as the page prints it."""

    item: ItemExplanation
    missing: Title | None
    members: tuple[MemberView, ...]
    evidence: tuple[EvidenceView, ...]
    all_members: bool  # met, and that rests on each of the members below


def verdict_panel(explained: Explained) -> Panel:
    """The items of one standard for one subject, first on its page."""
    prepared = explained.prepared
    content: dict[str, object] = {
        "explained": explained,
        "prepared": prepared,
        "overall": explained.explanation.overall,
        "items": [
            _item(explained, item, source)
            for item, source in zip(explained.explanation.items, prepared.items, strict=True)
        ],
        "draft": prepared.draft,
        "day": prepared.day,
    }
    return Panel(
        f"verdict-{prepared.standard.key}", prepared.standard.title, "standards/panel_verdict.html", 0, content
    )


def _item(explained: Explained, item: ItemExplanation, source: PreparedItem) -> ItemView:
    members = tuple(_member(explained, member) for member in item.members)
    all_members = item.verdict == "met" and not item.cells and not item.named
    return ItemView(item, missing(item.cells), members, _evidence(explained, source), all_members)


def _member(explained: Explained, member: Member) -> MemberView:
    number, code, name = explained.members[member.index]
    return MemberView(code, name, number, member.fails, member.cells)


def _evidence(explained: Explained, item: PreparedItem) -> tuple[EvidenceView, ...]:
    """One entry for each sheet and day; rows of several members together."""
    rows: dict[tuple[str, str, str, int], list[int]] = {}
    blocks = set(item.blocks)
    for (level, _subject, block), each in explained.evidence.items():
        if (level, block) not in blocks:
            continue
        days = (explained.prepared.day - each.as_of).days
        held = rows.setdefault((each.file, each.sheet, each.as_of.isoformat(), days), [])
        if each.row is not None and each.row not in held:
            held.append(each.row)
    return tuple(
        EvidenceView(file, sheet, _joined(sorted(numbers)), as_of, days)
        for (file, sheet, as_of, days), numbers in rows.items()
    )


def _joined(rows: Sequence[int]) -> str:
    """Row numbers with neighbours drawn together: 4, 5, 6, 9 → ``4–6, 9``."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in spans)
