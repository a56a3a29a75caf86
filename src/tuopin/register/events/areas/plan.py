"""What a day's changes make of the tree: decided over plain values, without the database.

All lines of a day hold at once: a township may move while each village in it gets another code, and two areas may swap
theirs. Who ends, who begins, what each is called and where it lies follows; then everything below takes new paths.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...areas import LEVELS, WIDTH
from ...models import AreaMap
from .words import fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from .given import Fault, Line

Kind = AreaMap.Kind


@dataclass(frozen=True, slots=True)
class Node:
    """An area as it stands on the day, before the changes. ``pk``: of its version; 0 and a negative ``area_id`` for one
    that begins. ``valid_to`` set: something later stands on record."""

    pk: int
    area_id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    path: str
    valid_from: date
    valid_to: date | None


@dataclass(slots=True)
class Tree:
    """What is known of the day: the areas that the lines name and all below those that may move. ``taken``: codes that
    others hold on the day or later, by code. ``today``: the paths of today, for areas that are only referred to."""

    nodes: dict[int, Node]
    by_code: dict[str, int]
    taken: Mapping[str, set[int]]
    today: Mapping[int, str]
    inside: Sequence[tuple[str, str]] | None

    def find(self, code: str) -> Node | None:
        """The area with this code on the day, if it lies within the grants: else it looks as if it did not exist."""
        found = self.nodes.get(self.by_code.get(code, 0))
        return found if found is not None and self.within(found.path) else None

    def within(self, path: str) -> bool:
        return self.inside is None or any(low <= path < high for low, high in self.inside)


@dataclass(frozen=True, slots=True)
class MapLine:
    """A line of the map; ``new`` None = abolished."""

    line: Line
    old: int
    new: int | None
    ended: bool
    began: bool


@dataclass(slots=True)
class Plan:
    """What a day's changes come to, by area id. ``after`` holds every area that is called or lies otherwise than
    before, ``begun`` among them; ``ended`` tells the successor of a merger (None: split up or abolished); ``splits``
    the lines by which households leave; ``reset``: areas that are no longer what their facts describe."""

    day: date
    after: dict[int, Node] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    ended: dict[int, int | None] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    splits: dict[int, list[tuple[Line, int]]] = field(default_factory=dict)
    rest: set[int] = field(default_factory=set)
    reset: set[int] = field(default_factory=set)
    abolished: set[int] = field(default_factory=set)
    lines: list[MapLine] = field(default_factory=list)


class _Planner:
    """Gathers faults, so that a table of thousands of lines is mended in one go."""

    def __init__(self, day: date, lines: Sequence[Line], tree: Tree) -> None:
        self.lines, self.tree, self.plan = lines, tree, Plan(day)
        self.faults: list[Fault] = []
        self.codes: dict[str, int] = {}  # of areas that begin
        self.row_of: dict[int, int] = {}
        self.to: dict[str, list[Line]] = defaultdict(list)  # lines by the new code
        for line in lines:
            self.to[line.code].append(line)

    def fault(self, row: int, code: str, /, **named: object) -> None:
        self.faults.append(fault(row, code, **named))

    # -- from lines to areas ----------------------------------------------------------------------------------------

    def run(self) -> None:
        by_kind: dict[str, list[tuple[Line, Node]]] = defaultdict(list)
        for line in self.lines:
            old = self.tree.find(line.old)
            if old is None:
                self.fault(line.row, "no_such_area", day=line.day, code=line.old)
                continue
            if line.old_name and line.old_name != old.name:
                self.fault(line.row, "name_differs", code=line.old, name=old.name)
            self.row_of.setdefault(old.area_id, line.row)
            by_kind[line.kind].append((line, old))
        self._merge(by_kind.pop(Kind.MERGED, []))
        self._split(by_kind.pop(Kind.SPLIT, []))
        self._abolish(by_kind.pop(Kind.ABOLISHED, []))
        for pairs in by_kind.values():
            for line, old in pairs:
                self._change(line, old)
        if not self.faults:
            self._parents()
            self._children()
        if not self.faults:
            self._check()

    def _now(self, area_id: int) -> Node:
        return self.plan.after.get(area_id) or self.tree.nodes[area_id]

    def _change(self, line: Line, old: Node) -> None:
        """Another code, name or parent; several lines may say something of one area, but not two things."""
        if old.area_id in self.plan.ended:
            self.fault(line.row, "ends_that_day", name=old.name)
            return
        now = self._now(old.area_id)
        wanted = {"code": line.code, "name": line.name}
        for name, value in wanted.items():
            before, has = getattr(old, name), getattr(now, name)
            if value and has not in (before, value):
                self.fault(line.row, "said_twice", name=old.name)
        self.plan.after[old.area_id] = replace(now, code=line.code or now.code, name=line.name or now.name)
        self.plan.lines.append(MapLine(line, old.area_id, old.area_id, ended=False, began=False))

    def _merge(self, pairs: list[tuple[Line, Node]]) -> None:
        groups: dict[str, list[tuple[Line, Node]]] = defaultdict(list)
        for line, old in pairs:
            groups[line.code].append((line, old))
        ending = {old.area_id for line, old in pairs if line.code != old.code}
        for code, members in groups.items():
            target = self.tree.find(code)
            first = members[0][0]
            if target is not None and all(old.area_id == target.area_id for _line, old in members):
                self.fault(first.row, "into_itself", name=target.name)
                continue
            if target is not None and target.area_id in ending:
                self.fault(first.row, "successor_ends", name=target.name)
                continue
            if self._levels_differ(members, target):
                continue
            names = {line.name for line, _old in members if line.name}
            if target is None:
                begun = self._begin(first, code, names, [old for _line, old in members])
                if begun is None:
                    continue
                key = begun
            else:
                key = target.area_id
                if len(names) == 1 and names != {target.name}:
                    self.plan.after[key] = replace(self._now(key), name=names.pop())
                self.plan.reset.add(key)
            for line, old in members:
                ended = old.area_id != key
                if ended and not self._end(line, old, key):
                    continue
                self.plan.lines.append(MapLine(line, old.area_id, key, ended=ended, began=target is None))

    def _levels_differ(self, members: Sequence[tuple[Line, Node]], target: Node | None) -> bool:
        levels = {old.level for _line, old in members} | ({target.level} if target else set())
        if len(levels) > 1:
            row = members[0][0].row
            self.fault(row, "levels_differ")
        return len(levels) > 1

    def _end(self, line: Line, old: Node, successor: int | None) -> bool:
        if old.area_id in self.plan.ended or old.area_id in self.plan.splits:
            self.fault(line.row, "ends_twice", name=old.name)
            return False
        if old.valid_from == self.plan.day:
            self.fault(line.row, "began_that_day", name=old.name)
            return False
        self.plan.ended[old.area_id] = successor
        if successor is not None:
            self.plan.merged[old.area_id] = successor
        return True

    def _begin(self, line: Line, code: str, names: set[str], olds: Sequence[Node]) -> int | None:
        """An area that begins: its id is negative until the database has given one."""
        if code in self.codes:
            return self.codes[code]
        if len(names) != 1:
            self.fault(line.row, "no_name", code=code)
            return None
        above = {old.parent_id for old in olds}
        parents = {each.parent for each in self.to[code] if each.parent}
        if len(above) > 1 and not parents:
            self.fault(line.row, "parent_needed", code=code)
            return None
        key = -1 - len(self.codes)
        self.codes[code] = key
        self.plan.begun.add(key)
        self.row_of[key] = line.row
        self.plan.after[key] = Node(
            0, key, code, names.pop(), olds[0].level, olds[0].parent_id, "", self.plan.day, None
        )
        return key

    def _split(self, pairs: list[tuple[Line, Node]]) -> None:
        parts: dict[int, list[Line]] = defaultdict(list)
        for line, old in pairs:
            parts[old.area_id].append(line)
        for key, lines in parts.items():
            old = self.tree.nodes[key]
            rest = [line for line in lines if line.code == old.code]
            if key in self.plan.ended:
                self.fault(lines[0].row, "ends_twice", name=old.name)
                continue
            if not rest and not self._end(lines[0], old, None):
                continue
            if len(rest) == len(lines):
                self.fault(lines[0].row, "no_part", name=old.name)
                continue
            self.plan.splits[key] = []
            if rest:
                self.plan.rest.add(key)
                self.plan.reset.add(key)
                if rest[0].name:
                    self.plan.after[key] = replace(self._now(key), name=rest[0].name)
                self.plan.lines.append(MapLine(rest[0], key, key, ended=False, began=False))
            for line in lines:
                if line.code != old.code:
                    self._part(line, old, ended=not rest)

    def _part(self, line: Line, old: Node, *, ended: bool) -> None:
        target = self.tree.find(line.code)
        if target is None:
            names = {each.name for each in self.to[line.code] if each.name}
            new = self._begin(line, line.code, names, [old])
            if new is None:
                return
        else:
            if target.level != old.level:
                self.fault(line.row, "levels_differ")
                return
            new = target.area_id
            self.plan.reset.add(new)
        if not any(part == new for _line, part in self.plan.splits[old.area_id]):
            self.plan.lines.append(MapLine(line, old.area_id, new, ended=ended, began=target is None))
        self.plan.splits[old.area_id].append((line, new))

    def _abolish(self, pairs: list[tuple[Line, Node]]) -> None:
        for line, old in pairs:
            if self._end(line, old, None):
                self.plan.abolished.add(old.area_id)
                self.plan.lines.append(MapLine(line, old.area_id, None, ended=True, began=False))

    # -- where they lie ---------------------------------------------------------------------------------------------

    def _parents(self) -> None:
        now = {each.code: key for key, each in self.plan.after.items()} | self.codes
        for line in self.lines:
            if not line.parent:
                continue
            key = self.codes.get(line.code, 0)
            if not key and line.kind not in (Kind.MERGED, Kind.SPLIT):
                key = self.tree.by_code[line.old]
            above = self._above(line.parent, now)
            if above is None:
                self.fault(line.row, "no_such_parent", code=line.parent)
            elif key and LEVELS.index(above.level) >= LEVELS.index(self._now(key).level):
                self.fault(line.row, "wrong_parent", above=above.name, name=self._now(key).name)
            elif key:
                self.plan.after[key] = replace(self._now(key), parent_id=above.area_id)

    def _above(self, code: str, now: Mapping[str, int]) -> Node | None:
        """The area that has a code after the changes, or had it before and goes on."""
        found = self._now(now[code]) if code in now else self.tree.find(code)
        return None if found is None or found.area_id in self.plan.ended else found

    def _children(self) -> None:
        """What lay under a merged area lies under its successor."""
        for node in self.tree.nodes.values():
            if node.area_id in self.plan.ended or node.parent_id is None:
                continue
            now = self._now(node.area_id)
            if now.parent_id in self.plan.ended:
                successor = self.plan.merged.get(now.parent_id or 0)
                if successor is None:
                    row = self.row_of.get(now.parent_id or 0, 0)
                    self.fault(row, "not_empty", name=node.name, code=node.code)
                else:
                    self.plan.after[node.area_id] = replace(now, parent_id=successor)
        for key in list(self.plan.begun):
            now = self.plan.after[key]
            if now.parent_id in self.plan.ended:
                self.plan.after[key] = replace(now, parent_id=self.plan.merged.get(now.parent_id or 0, now.parent_id))

    # -- whether it can be -------------------------------------------------------------------------------------------

    def _check(self) -> None:
        held: dict[str, int] = {}
        changed = set(self.plan.after) | set(self.plan.ended)
        for key, now in self.plan.after.items():
            row = self.row_of.get(key, 0)
            others = self.tree.taken.get(now.code, set()) - changed - {key}
            if now.code in held:
                others.add(held[now.code])
            if others:
                self.fault(row, "code_taken", code=now.code)
            held[now.code] = key
            self._check_above(row, now)
        for key in changed - self.plan.begun:
            self._no_later(self.row_of.get(key, 0), self.tree.nodes[key])
        into = set(self.plan.merged.values()) | {new for parts in self.plan.splits.values() for _line, new in parts}
        for key in into - self.plan.begun:
            self._referred(self.row_of.get(key, 0), self.tree.nodes[key])

    def _check_above(self, row: int, now: Node) -> None:
        before = self.tree.nodes.get(now.area_id)
        if before is not None and before.parent_id == now.parent_id:
            return
        if now.parent_id is not None and now.parent_id > 0 and now.parent_id not in self.plan.after:
            above = self.tree.nodes.get(now.parent_id)
            if above is None or not self.tree.within(above.path):
                self.fault(row, "no_such_parent", code="")
            else:
                self._referred(row, above)

    def _referred(self, row: int, node: Node) -> None:
        """An area that something comes under or into must still lie there today: the paths of its later versions would
        be wrong otherwise."""
        if node.area_id not in self.plan.after and self.tree.today.get(node.area_id) != node.path:
            self._later(row, node)

    def _no_later(self, row: int, node: Node) -> None:
        if node.valid_to is not None:
            self._later(row, node)

    def _later(self, row: int, node: Node) -> None:
        self.fault(row, "later_change", name=node.name)


def plan_day(day: date, lines: Sequence[Line], tree: Tree) -> tuple[Plan, list[Fault]]:
    """What the lines of a day come to, and everything that is wrong with them. The paths are not grown yet."""
    planner = _Planner(day, lines, tree)
    planner.run()
    return planner.plan, planner.faults


def numbered(plan: Plan, first: int) -> Plan:
    """The same with real ids for areas that begin, ``first`` and those after it."""
    new = {key: first + at for at, key in enumerate(sorted(plan.begun, reverse=True))}

    def key(of: int | None) -> int | None:
        return None if of is None else new.get(of, of)

    def sure(of: int) -> int:
        return new.get(of, of)

    return Plan(
        plan.day,
        after={sure(k): replace(n, area_id=sure(k), parent_id=key(n.parent_id)) for k, n in plan.after.items()},
        begun=set(new.values()),
        ended={k: key(v) for k, v in plan.ended.items()},
        merged={k: sure(v) for k, v in plan.merged.items()},
        splits={k: [(line, sure(to)) for line, to in parts] for k, parts in plan.splits.items()},
        rest=plan.rest,
        reset=plan.reset,
        abolished=plan.abolished,
        lines=[replace(each, new=key(each.new)) for each in plan.lines],
    )


def grow(plan: Plan, nodes: Mapping[int, Node]) -> None:
    """Give every area of the plan its path, and take in those below whose path becomes another."""
    now = {**nodes, **plan.after}
    paths: dict[int, str] = {}

    def path(key: int) -> str:
        if key not in paths:
            node = now[key]
            above = node.parent_id
            moved = above is not None and above in now
            paths[key] = f"{path(above) if moved and above is not None else node.path[:-WIDTH]}{key:0{WIDTH}d}"
        return paths[key]

    for key, node in now.items():
        if key in plan.ended:
            continue
        grown = path(key)
        before = nodes.get(key)
        said = (node.code, node.name, node.parent_id)
        same = before is not None and (before.code, before.name, before.parent_id) == said
        if before is not None and same and before.path == grown:
            plan.after.pop(key, None)
        elif key in plan.after or node.path != grown:
            plan.after[key] = replace(node, path=grown)


def codes_of(lines: Iterable[Line]) -> Iterator[str]:
    """Every code that lines name."""
    for line in lines:
        yield from (each for each in (line.old, line.code, line.parent) if each)
