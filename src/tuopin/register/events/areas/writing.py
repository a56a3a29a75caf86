"""Writing what a day's changes of areas come to. Each step is a fixed number of statements, whatever the number of
areas and households; what stood there before is kept, so that all of it can be taken back exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tuopin.platform import database

from ...correcting.subjects import listed, listed_texts
from ...models import (
    Area,
    AreaVersion,
    CountyCondition,
    DataIssue,
    Designation,
    Household,
    Import,
    Residence,
    VillageCondition,
    VillageWorks,
)
from .words import fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import Model

    from ...importing.changes import ChangeLog
    from .given import Fault
    from .plan import Node, Plan

FACTS: tuple[type[Any], ...] = (VillageCondition, VillageWorks, CountyCondition)
"""What is known of areas themselves."""
_FEW_CODES = 5


@dataclass(slots=True)
class Written:
    """What a day's writing did: households by (old, new) area; ``households``: all that came into another area."""

    moved: Counter[tuple[int, int]] = field(default_factory=Counter)
    households: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def write_day(log: ChangeLog, plan: Plan, nodes: Mapping[int, Node], rows: Mapping[int, int]) -> Written:
    """Carry out a numbered plan whose paths are grown. ``rows``: the line that speaks of an area, for faults. The
    caller holds the transaction, and gives up where there are faults."""
    done = Written()
    _begin(log, plan)
    _versions(log, plan, nodes)
    _residences(log, plan, nodes, rows, done)
    if done.faults:
        return done
    _designations(log, plan)
    _facts(log, plan)
    _issues(log, plan, done)
    _imports(log, plan, nodes)
    return done


# -- the tree -----------------------------------------------------------------------------------------------------


def _begin(log: ChangeLog, plan: Plan) -> None:
    ids = sorted(plan.begun)
    if ids:
        database.bulk_insert(Area._meta.db_table, ["id"], ([each] for each in ids))
        log.inserted(Area._meta.db_table, [(ids[0], ids[-1])])


_SAID = ("code", "name", "parent_id", "path")


def _versions(log: ChangeLog, plan: Plan, nodes: Mapping[int, Node]) -> None:
    """A version that began on that very day is put right; an earlier one ends, and another begins. All that end do so
    first: a code is free for its next holder."""
    same = [key for key in plan.after if key in nodes and nodes[key].valid_from == plan.day]
    closing = [nodes[key].pk for key in (*plan.ended, *plan.after) if key in nodes and key not in set(same)]
    table = AreaVersion._meta.db_table
    log.changing(table, ["valid_to"], closing)
    AreaVersion.objects.filter(pk__in=listed(closing)).update(valid_to=plan.day)
    if same:
        pks = [nodes[key].pk for key in same]
        log.changing(table, list(_SAID), pks)
        gone = AreaVersion.objects.filter(pk__in=listed(pks))
        gone._raw_delete(gone.db)  # and again, as it is now: two may swap their codes
    fresh = [
        plan.after[key] for key in sorted(plan.after, key=lambda key: plan.after[key].path) if key not in set(same)
    ]
    columns = ["id", "area_id", "code", "name", "level", "parent_id", "path", "valid_from", "valid_to"]
    database.bulk_insert(
        table, columns,
        ((nodes[key].pk, *_row(plan.after[key]), plan.day.isoformat(), None) for key in same),
    )  # fmt: skip
    _insert(log, AreaVersion, columns, [(*_row(each), plan.day.isoformat(), None) for each in fresh])


def _row(node: Node) -> tuple[object, ...]:
    return node.area_id, node.code, node.name, node.level, node.parent_id, node.path


def _insert(log: ChangeLog, model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """New rows under ids of their own (the first column)."""
    if not rows:
        return
    first = database.reserve_ids(model, len(rows))
    table = model._meta.db_table
    database.bulk_insert(table, columns, ((first + at, *row) for at, row in enumerate(rows)))
    log.inserted(table, [(first, first + len(rows) - 1)])


# -- households ---------------------------------------------------------------------------------------------------


def _residences(log: ChangeLog, plan: Plan, nodes: Mapping[int, Node], rows: Mapping[int, int], done: Written) -> None:
    """From the day on households live in the successor: a home that began before ends, and another begins; one that
    began since is put right."""
    touched = sorted({*plan.merged, *plan.splits, *plan.abolished})
    if not touched:
        return
    standing = Residence.objects.filter(Q(valid_to=None) | Q(valid_to__gt=plan.day), area_id__in=listed(touched))
    homes = list(
        standing.order_by("pk").values_list("pk", "household_id", "area_id", "group_name", "valid_from", "valid_to")
    )
    target = _targets(plan, nodes, rows, homes, done)
    for key in plan.abolished:
        count = sum(1 for home in homes if home[2] == key)
        if count:
            done.faults.append(fault(rows.get(key, 0), "households_stay", name=nodes[key].name, count=count))
    if done.faults:
        return
    going = [home for home in homes if home[0] in target]
    earlier = [home for home in going if home[4] < plan.day]
    since = [home for home in going if home[4] >= plan.day]
    table = Residence._meta.db_table
    ids = [home[0] for home in earlier]
    log.changing(table, ["valid_to"], ids)
    Residence.objects.filter(pk__in=listed(ids)).update(valid_to=plan.day)
    columns = ["id", "household_id", "area_id", "group_name", "valid_from", "valid_to"]
    _insert(
        log, Residence, columns,
        [(home[1], target[home[0]], home[3], plan.day.isoformat(), _text(home[5])) for home in earlier],
    )  # fmt: skip
    log.changing(table, ["area_id"], [home[0] for home in since])
    set_areas(table, {home[0]: target[home[0]] for home in since})
    for pk, household, old, _group, _begin, _end in going:
        done.moved[(old, target[pk])] += 1
        done.households.add(household)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def set_areas(table: str, areas: Mapping[int, int]) -> None:
    """Put rows of a table (by id) into other areas: one statement, however many there are."""
    _set(table, "area_id", areas, "bigint")


def _set(table: str, column: str, values: Mapping[int, object], kind: str) -> None:
    if not values:
        return
    pairs = orjson.dumps([[key, value] for key, value in values.items()]).decode()
    listed_pairs = (
        f"SELECT (value->>0)::bigint AS id, (value->>1)::{kind} AS held FROM jsonb_array_elements(%s::jsonb)"  # noqa: S608 - our own types
        if database.is_postgresql()
        else "SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS held FROM json_each(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = given.held FROM ({listed_pairs}) AS given WHERE {table}.id = given.id",  # noqa: S608 - our own tables
            [pairs],
        )


type Home = tuple[int, int, int, str, date, date | None]


def _targets(
    plan: Plan, nodes: Mapping[int, Node], rows: Mapping[int, int], homes: Sequence[Home], done: Written
) -> dict[int, int]:
    """Where each home goes, by its row; homes that stay are left out."""
    target = {home[0]: plan.merged[home[2]] for home in homes if home[2] in plan.merged}
    by_area: dict[int, list[Home]] = {}
    for home in homes:
        if home[2] in plan.splits:
            by_area.setdefault(home[2], []).append(home)
    codes = _household_codes(plan)
    for key, parts in plan.splits.items():
        lived = by_area.get(key, [])
        name, row = nodes[key].name, rows.get(key, 0)
        groups_of, households_of = {home[3] for home in lived}, {home[1] for home in lived}
        assigned: dict[int, int] = {}
        twice: set[int] = set()
        for line, new in parts:
            own = {codes[code] for code in line.households if code in codes}
            groups = set(line.groups)
            found = [home for home in lived if home[3] in groups or home[1] in own]
            strange = sorted(groups - groups_of)
            strange += [code for code in line.households if codes.get(code) not in households_of]
            if strange:
                what = "、".join(strange[:_FEW_CODES])
                done.faults.append(fault(line.row, "no_such_households", name=name, what=what))
            twice |= {home[1] for home in found if assigned.get(home[0], new) != new}
            assigned |= {home[0]: new for home in found}
        if twice:
            done.faults.append(fault(row, "assigned_twice", name=name, count=len(twice)))
        left = len(lived) - len(assigned)
        if left and key not in plan.rest:
            done.faults.append(fault(row, "households_left", name=name, count=left))
        target |= assigned
    return target


def _household_codes(plan: Plan) -> dict[str, int]:
    wanted = sorted({code for parts in plan.splits.values() for line, _new in parts for code in line.households})
    if not wanted:
        return {}
    return dict(Household.objects.filter(code__in=listed_texts(wanted)).values_list("code", "pk"))


# -- what hangs on areas ------------------------------------------------------------------------------------------


def _designations(log: ChangeLog, plan: Plan) -> None:
    """A successor takes over what the areas that ended were designated as: nobody loses help by a merger of villages
    (四个不摘). What is split up hands it to every part."""
    heirs: dict[int, set[int]] = {key: {new} for key, new in plan.merged.items()}
    heirs |= {key: {new for _line, new in parts} for key, parts in plan.splits.items() if key not in plan.rest}
    gone = set(plan.ended)
    concerned = sorted(gone | {new for news in heirs.values() for new in news})
    standing = Designation.objects.filter(Q(valid_to=None) | Q(valid_to__gt=plan.day), area_id__in=listed(concerned))
    held = list(standing.order_by("pk").values_list("pk", "area_id", "kind", "valid_from", "valid_to"))
    if not held:
        return
    has = {(area_id, kind) for _pk, area_id, kind, _from, _to in held if area_id not in gone}
    table = Designation._meta.db_table
    ending = [pk for pk, area_id, _kind, since, _to in held if area_id in gone and since < plan.day]
    going = {pk: min(heirs[key]) for pk, key, _kind, since, _to in held if key in heirs and since >= plan.day}
    log.changing(table, ["valid_to"], ending)
    log.changing(table, ["area_id"], sorted(going))
    Designation.objects.filter(pk__in=listed(ending)).update(valid_to=plan.day)
    set_areas(table, going)
    fresh = []
    for pk, area_id, kind, _since, to in held:
        for new in sorted(heirs.get(area_id, ())) if pk not in going else ():
            if (new, kind) not in has:
                has.add((new, kind))
                fresh.append((new, kind, plan.day.isoformat(), _text(to)))
    _insert(log, Designation, ["id", "area_id", "kind", "valid_from", "valid_to"], fresh)


def _facts(log: ChangeLog, plan: Plan) -> None:
    """Facts of an area that took in others, or gave away a part, describe what is no more: from the day on they are
    unknown until somebody gives them anew. A blank row says so; rows dated later stay."""
    keys = sorted(plan.reset - set(plan.ended) - plan.begun)
    if not keys:
        return
    for model in FACTS:
        known = model.objects.filter(superseded_at=None, area_id__in=listed(keys))
        before = set(known.filter(as_of__lt=plan.day).values_list("area_id", flat=True))
        fresh = before - set(known.filter(as_of=plan.day).values_list("area_id", flat=True))
        now = timezone.now()
        year = plan.day.year + (plan.day.month >= 10)  # the ledger year runs from October
        model_rows = [model(area_id=key, year=year, as_of=plan.day, recorded_at=now) for key in sorted(fresh)]
        made = model.objects.bulk_create(model_rows, batch_size=2_000)
        ids = sorted(each.pk for each in made)
        log.inserted(model._meta.db_table, blocks(ids))


def _issues(log: ChangeLog, plan: Plan, done: Written) -> None:
    """Open issues of the households that came into another village are counted there."""
    if not done.households:
        return
    codes = Household.objects.filter(pk__in=listed(sorted(done.households))).values("code")
    open_ones = DataIssue.objects.filter(closed_at=None, area_id__in=listed(sorted({*plan.merged, *plan.splits})))
    rows = list(open_ones.filter(subject__in=codes).values_list("pk", "subject"))
    if not rows:
        return
    log.changing(DataIssue._meta.db_table, ["area_id"], [pk for pk, _subject in rows])
    subjects = listed_texts(sorted({subject for _pk, subject in rows}))
    ids = dict(Household.objects.filter(code__in=subjects).values_list("code", "pk"))
    lives = dict(
        Residence.objects.filter(household_id__in=listed(sorted(ids.values())), valid_to=None).values_list(
            "household_id", "area_id"
        )
    )
    set_areas(
        DataIssue._meta.db_table,
        {pk: lives[ids[subject]] for pk, subject in rows if subject in ids and ids[subject] in lives},
    )


def _imports(log: ChangeLog, plan: Plan, nodes: Mapping[int, Node]) -> None:
    """Who sees an import is told by where it was made: it goes with the area."""
    now = {nodes[key].path: node.path for key, node in plan.after.items() if key in nodes}
    for key, successor in plan.merged.items():
        now[nodes[key].path] = (plan.after.get(successor) or nodes[successor]).path
    now = {old: new for old, new in now.items() if old != new}
    if not now:
        return
    made = dict(Import.objects.filter(path__in=listed_texts(sorted(now))).values_list("pk", "path"))
    log.changing(Import._meta.db_table, ["path"], sorted(made))
    _set(Import._meta.db_table, "path", {key: now[path] for key, path in made.items()}, "text")


def blocks(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Ids as blocks that follow each other."""
    found: list[tuple[int, int]] = []
    for each in sorted(ids):
        if found and found[-1][1] + 1 == each:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    return found
