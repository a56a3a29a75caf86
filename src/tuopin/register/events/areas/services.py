"""Recording what happened to areas: renamed, recoded, moved, merged, split, upgraded, abolished (区划变更).

One service takes a set of lines, of one day or several: all of it is recorded, or nothing. The dated rows are the
register (versions of areas, homes of households); what was recorded, by which paper, stands beside them
(``models/area_events.py``). Rules: docs/methods/areas.md, docs/decisions/0045-events-of-areas.md.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.accounts import succeeding
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules

from ... import cards
from ...counting import count_later
from ...importing.changes import ChangeLog
from ...importing.grants import common
from ...models import Area, AreaEvent, AreaEventChange, AreaMap
from ...permissions import CHANGE_AREAS
from . import tree as areas_tree
from .given import Faulty, cleaned
from .plan import grow, numbered, plan_day
from .undo import digest_of
from .words import fault
from .writing import write_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

    from .given import Fault, Given, Line
    from .plan import MapLine, Node, Plan

Kind = AreaMap.Kind


@dataclass(frozen=True, slots=True)
class Use:
    """What hangs on areas that change, told by a room (``area_uses.py``): helpers of the households, procedures under
    way. ``area_id``: on which; ``blocks``: the area cannot end before that has ended."""

    title: Title
    count: int
    area_id: int = 0
    number: str = ""
    blocks: bool = False


@dataclass(slots=True)
class Outcome:
    """What was recorded, or would be: ``lines`` of the map, ``households`` that came into another area, ``areas`` that
    lie or are called otherwise (those below too), ``grants`` gone over and left, ``uses`` by room."""

    event: AreaEvent | None = None
    lines: list[AreaMap] = field(default_factory=list)
    households: int = 0
    areas: int = 0
    ended: int = 0
    begun: int = 0
    grants_moved: int = 0
    grants_left: int = 0
    uses: list[Use] = field(default_factory=list)


@dataclass(slots=True)
class _Doing:
    actor: Actor
    given: Given
    log: ChangeLog = field(default_factory=ChangeLog)
    rows: list[AreaMap] = field(default_factory=list)
    households: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    successors: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)


def record(actor: Actor, given: Given, *, dry_run: bool = False) -> Outcome:
    """Record changes of areas: all of them, or none.

    ``dry_run`` carries everything out, tells what it comes to, and takes it back: a preview finds what recording finds.
    Raises Faulty (a Problem) with every line that is wrong, Problem for the set as a whole, Refused without the
    permission. An area outside the grants looks as if it did not exist.
    """
    require(actor, CHANGE_AREAS)
    given = cleaned(given, timezone.localdate())
    with database.write():
        database.hold_data()
        outcome = _carry_out(_Doing(actor, given), dry_run=dry_run)
        if dry_run:
            transaction.set_rollback(True)
    return outcome


def _carry_out(doing: _Doing, *, dry_run: bool) -> Outcome:
    before = database.data_version()
    database.bump_data_version()
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in doing.given.lines:
        by_day[line.day].append(line)
    for day in sorted(by_day):
        _day(doing, day, by_day[day])
    uses = _uses(doing)
    moved, left = _grants(doing)
    cards_of = doing.households
    event = AreaEvent(
        at=timezone.now(), actor=doing.actor.name or doing.actor.os_user, user_id=doing.actor.user_id,
        document=doing.given.document, reason=doing.given.reason, origin=doing.given.origin, first_day=min(by_day),
        last_day=max(by_day), path=common(min(doing.paths), max(doing.paths)), version_before=before,
        version_after=database.data_version(), digest=digest_of(doing.rows, doing.log.read()),
    )  # fmt: skip
    outcome = Outcome(
        event, doing.rows, len(doing.households), len(doing.changed), len(doing.ended), len(doing.begun), moved, left,
        uses,
    )  # fmt: skip
    if not dry_run:
        cards.rehome(cards_of)
        _store(doing, event)
        count_later(doing.actor)
        detail: dict[str, object] = {
            "lines": len(doing.rows), "kinds": dict(Counter(each.kind for each in doing.rows)),
            "households": outcome.households, "areas": outcome.areas, "grants": moved,
            "from": event.first_day.isoformat(), "to": event.last_day.isoformat(),
        }  # fmt: skip
        audit.record(doing.actor, CHANGE_AREAS, f"area_event:{event.pk}", detail, event.digest)
    return outcome


def _day(doing: _Doing, day: date, lines: Sequence[Line]) -> None:
    """The changes of one day, on top of those of the days before."""
    tree = areas_tree.load(doing.actor, day, lines)
    plan, faults = plan_day(day, lines, tree)
    if faults:
        raise Faulty(faults)
    if plan.begun:
        plan = numbered(plan, database.reserve_ids(Area, len(plan.begun)))
    grow(plan, tree.nodes)
    rows = _rows_of(plan, lines, tree.by_code)
    later = [
        fault(rows.get(key, lines[0].row), "later_change", name=node.name)
        for key, node in tree.nodes.items()
        if key in plan.after and node.valid_to is not None
    ]
    if later:
        raise Faulty(later)
    written = write_day(doing.log, plan, tree.nodes, rows)
    if written.faults:
        raise Faulty(written.faults)
    doing.households |= written.households
    doing.changed |= set(plan.after) | set(plan.ended)
    doing.ended |= set(plan.ended)
    doing.begun |= plan.begun
    doing.successors |= plan.merged
    for each in plan.lines:
        count = written.moved[(each.old, each.new or 0)] if each.old != each.new else 0
        doing.rows.append(_map_row(len(doing.rows) + 1, each, plan, tree.nodes, count))
    for key in (*plan.after, *plan.ended):
        doing.paths += [node.path for node in (tree.nodes.get(key), plan.after.get(key)) if node is not None]
    doing.paths += [path for row in doing.rows for path in (row.path, row.new_path) if path]


def _rows_of(plan: Plan, lines: Sequence[Line], by_code: Mapping[str, int]) -> dict[int, int]:
    """The line that speaks of an area, for the texts of faults."""
    found: dict[int, int] = {}
    for line in lines:
        found.setdefault(by_code.get(line.old, 0), line.row)
    for each in plan.lines:
        if each.new is not None:
            found.setdefault(each.new, each.line.row)
    return found


def _map_row(number: int, each: MapLine, plan: Plan, nodes: Mapping[int, Node], households: int) -> AreaMap:
    old = nodes[each.old]
    new = None if each.new is None else plan.after.get(each.new) or nodes[each.new]
    return AreaMap(
        number=number, kind=each.line.kind, day=plan.day, level=old.level, area_id=old.area_id, code=old.code,
        name=old.name, path=old.path, successor_id=new.area_id if new else None, new_code=new.code if new else "",
        new_name=new.name if new else "", new_path=new.path if new else "", ended=each.ended, began=each.began,
        households=households,
    )  # fmt: skip


# -- what hangs on them -------------------------------------------------------------------------------------------


def _uses(doing: _Doing) -> list[Use]:
    """What the other rooms have on the areas and households that change. Raises Faulty where an area cannot end yet."""
    found: list[Use] = []
    for _room, module in rooms_modules("area_uses"):
        found += module.uses_of_areas(sorted(doing.ended), sorted(doing.households))
    in_the_way = {each.area_id: each for each in found if each.blocks}
    faults: list[Fault] = [
        fault(at, "procedure_under_way", name=row.name, what=in_the_way[row.area_id].number)
        for at, row in enumerate(doing.rows, 1)
        if row.ended and row.area_id in in_the_way
    ]
    if faults:
        raise Faulty(faults)
    return found


def _grants(doing: _Doing) -> tuple[int, int]:
    """Grants over areas that ended by a merger: gone over where that was asked for, else left, opening nothing."""
    if doing.given.move_grants:
        chained = {key: _last(key, doing.successors) for key in doing.successors}
        done = succeeding.succeed(
            doing.actor, chained, lambda ids: doing.log.changing("platform_grant", ["valid_to"], ids)
        )
        if done.made:
            doing.log.inserted("platform_grant", [(each, each) for each in done.made])
        return len(done.ended), len(succeeding.standing(sorted(doing.ended))) if doing.ended else 0
    return 0, len(succeeding.standing(sorted(doing.ended))) if doing.ended else 0


def _last(key: int, successors: Mapping[int, int]) -> int:
    """What became of an area in the end, where its successor was merged on a later day of the set."""
    for _step in range(len(successors)):
        if key not in successors:
            break
        key = successors[key]
    return key


# -- keeping it ---------------------------------------------------------------------------------------------------


def _store(doing: _Doing, event: AreaEvent) -> None:
    event.save()
    columns = [str(field.column) for field in AreaMap._meta.concrete_fields if not field.primary_key]
    for row in doing.rows:
        row.event = event
    database.bulk_insert(  # in one go: a yearly table has thousands of lines
        AreaMap._meta.db_table, columns, ([_plain(getattr(row, column)) for column in columns] for row in doing.rows)
    )
    AreaEventChange.objects.bulk_create(
        AreaEventChange(event=event, table=table, columns=columns, content=content)
        for table, columns, content in doing.log.entries
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.date) else value
