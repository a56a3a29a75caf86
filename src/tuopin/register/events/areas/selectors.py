"""What pages and programs read of changes of areas, within the grants of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may, require, visible_paths
from tuopin.platform.problems import Missing

from ...models import AreaEvent, AreaMap, AreaVersion, VillageCondition
from ...models.area_events import KIND_TITLES
from ...permissions import VIEW_AREA
from ...selectors import within
from . import mapping
from .words import became

if TYPE_CHECKING:
    from tuopin.platform.access import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of an area's history: what it was called, under whom, from when to when."""

    version: AreaVersion
    above: str
    known: bool  # the day it began is known


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that became of an area, or became part of it."""

    line: AreaMap
    kind: Title
    text: Title


@dataclass(frozen=True, slots=True)
class Story:
    """An area's history: ``steps`` the oldest first, ``turns`` (what became of it) and ``came`` (what became part of
    it) the newest first."""

    steps: list[Step]
    turns: list[Turn]
    came: list[Turn]


def story_of(actor: Actor, version: AreaVersion) -> Story:
    """The history of an area. Four statements. Areas outside the grants are named: where one went is no secret of
    theirs, and their pages stay closed."""
    require(actor, VIEW_AREA)
    rows = mapping.versions_of(version.area_id)
    above = AreaVersion.objects.filter(area_id__in={row.parent_id for row in rows if row.parent_id})
    names: dict[int, list[AreaVersion]] = {}
    for each in above.order_by("valid_from"):
        names.setdefault(each.area_id, []).append(each)
    steps = [Step(row, _name_on(names.get(row.parent_id or 0, []), row), row.valid_from.year > 1900) for row in rows]
    return Story(
        steps,
        [_turn(line) for line in mapping.lines_of(version.area_id)],
        [_came(line) for line in mapping.predecessors(version.area_id)],
    )


def _name_on(versions: list[AreaVersion], row: AreaVersion) -> str:
    held = [each for each in versions if each.valid_from <= row.valid_from] or versions[:1]
    return held[-1].name if held else ""


def _turn(line: AreaMap) -> Turn:
    zh, en = became(line.kind if line.ended else "", line.new_name, line.new_code, line.day)
    if not line.ended and line.area_id != line.successor_id:
        zh, en = (
            f"自 {line.day} 起，{line.households} 户划入 {line.new_name}（{line.new_code}）",
            f"{line.households} household(s) went to {line.new_name} ({line.new_code}) on {line.day}",
        )
    return Turn(line, KIND_TITLES[AreaMap.Kind(line.kind)], Title(zh, en))


def _came(line: AreaMap) -> Turn:
    zh = f"{line.day}：{line.name}（{line.code}）{'并入' if line.kind == 'merged' else '划入'} {line.households} 户"
    en = f"{line.day}: {line.households} household(s) came from {line.name} ({line.code})"
    return Turn(line, KIND_TITLES[AreaMap.Kind(line.kind)], Title(zh, en))


def event_seen(actor: Actor, number: int) -> tuple[AreaEvent, list[AreaMap]]:
    """One recording with the lines that lie within the grants. Raises Missing where there is none."""
    require(actor, VIEW_AREA)
    ranges = visible_paths(actor, VIEW_AREA)
    found = AreaEvent.objects.filter(pk=number).first() if 0 < number < 2**63 else None
    lines = (
        list(found.lines.filter(within(ranges) | within(ranges, "new_path")).order_by("number"))
        if found is not None
        else []
    )
    if found is None or not lines:
        raise Missing("no_such_area_event", "没有这次区划变更。", "There is no such change of areas.")
    return found, lines


def facts_of(actor: Actor, version: AreaVersion) -> VillageCondition | None:
    """What was known of a village that is no more, at last: it stays with the old village."""
    if version.level != "village" or not may(actor, VIEW_AREA):
        return None
    found = VillageCondition.objects.filter(area_id=version.area_id, superseded_at=None)
    return found.order_by("-as_of").first()


def line_out(line: AreaMap) -> dict[str, Any]:
    """A line of the map for programs."""
    return {
        "event": line.event_id, "day": line.day, "kind": line.kind, "level": line.level, "old_code": line.code,
        "old_name": line.name, "new_code": line.new_code or None, "new_name": line.new_name or None,
        "ended": line.ended, "began": line.began, "households": line.households,
    }  # fmt: skip
