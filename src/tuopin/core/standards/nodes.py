"""Nodes (时间节点): by which day a campaign wants what. They stand in a pack's ``nodes.toml`` and decide no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.standards import toml
from tuopin.core.standards.expecting import ROOMS
from tuopin.core.standards.model import CONFIDENCES

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from pathlib import Path

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.model import Confidence, Standard


@dataclass(frozen=True, slots=True)
class Node:
    """A time target. ``due`` is the last day. What shows whether it is reached: a ``standard`` of the pack that must be
    met by all, or the ``room`` whose records are counted; neither, while nobody counts it."""

    key: str
    due: datetime.date
    title: Title
    target: Title
    standard: str | None
    room: str | None
    source: str
    confidence: Confidence


def read_nodes(path: Path, shown: str, standards: Mapping[str, Standard]) -> tuple[Node, ...]:
    """The ``[[node]]`` tables of a file, by day. Raises PackError for a key used twice, a standard that the pack does
    not have, a room that there is not, a missing day or source."""
    table, _ = toml.read(path, shown)
    section = toml.Section(table, shown, "")
    found = [_node(body, shown, standards) for body in section.tables("node")]
    section.close()
    keys = [each.key for each in found]
    for key in keys:
        if keys.count(key) > 1:
            raise section.error("duplicate_key", f"两个节点同用“{key}”", f"two nodes have the key {key!r}")
    return tuple(sorted(found, key=lambda each: each.due))


def _node(body: object, shown: str, standards: Mapping[str, Standard]) -> Node:
    section = toml.Section(body, shown, "node")
    key, due = section.text("key"), section.date("due")
    section.where = f"node {key}"
    if due is None:
        raise section.error("no_day", "缺 due（期限）", "due (the last day) is missing")
    standard, room, mark = section.optional("standard"), section.optional("room"), section.text("confidence")
    if standard is not None and standard not in standards:
        raise section.error("unknown_standard", f"没有标准“{standard}”", f"there is no standard {standard!r}")
    if room is not None and room not in ROOMS:
        raise section.error("bad_room", f"没有“{room}”这个模块", f"there is no room {room!r}")
    confidence = next((known for known in CONFIDENCES if known == mark), None)
    if confidence is None:
        raise section.error(
            "bad_confidence", f"confidence 应为 {'、'.join(CONFIDENCES)} 之一，而不是“{mark}”",
            f"confidence must be one of {', '.join(CONFIDENCES)}, not {mark!r}",
        )  # fmt: skip
    node = Node(key, due, section.title(), section.title("target"), standard, room, section.text("source"), confidence)
    section.close()
    return node
