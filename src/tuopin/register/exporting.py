"""Writing the register back into workbooks of the kinds that it reads: an export can be imported again unchanged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import orjson

from tuopin.core.engine import Engine
from tuopin.core.workbook import write_table
from tuopin.platform.access import field_classes_at, require, visible_paths
from tuopin.platform.auditing import readlog
from tuopin.platform.catalogue import rooms_modules, workbook_kinds
from tuopin.platform.problems import Problem, Refused

from . import state
from .correcting import edits
from .correcting.fields import all_fields
from .importing.blocks import block_fields
from .models import (
    AreaVersion,
    CountyCondition,
    CountySurvey,
    FactBlock,
    Household,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdMonitoring,
    HouseholdProfile,
    HouseholdWater,
    HouseholdWorks,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    Residence,
    StatusPeriod,
    VillageCondition,
    VillageWorks,
)
from .permissions import EXPORT, VIEW_AREA, VIEW_HOUSEHOLD, VIEW_PERSON
from .record import is_open
from .selectors import area, subtree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from tuopin.core.workbook import Field
    from tuopin.platform.access import Actor

PLACES = {"province": "province", "city": "city", "county": "county", "township": "township", "village": "village"}


def export_workbook(actor: Actor, path: Path, *, kind: str, on: date, area_code: str = "") -> int:
    """Write one kind of workbook (.xlsx) with what held on a day; returns the number of rows.

    ``kind`` is one of :func:`exports`. Only what the actor's grants open is written: places, and columns whose class
    of fields is open over all of them. The read log gets one entry with the digest of the file. Raises Problem for a
    kind that cannot be written.
    """
    require(actor, EXPORT)
    exported = exports().get(kind)
    if exported is None:
        known = exports()
        raise Problem(
            "no_such_export",
            f"不能导出“{kind}”。可导出：{'、'.join(known)}。",
            f"“{kind}” cannot be exported. Choose one of: {', '.join(known)}.",
        )
    require(actor, exported.permission)
    chosen = workbook_kinds()[kind]
    with Engine() as engine:
        version = _load_places(engine, actor, on, area_code)
        if exported.before is not None:
            exported.before(engine, actor)
        columns = exported.rows(engine, on) - _closed(actor, version, exported)
        fields = [item for item in chosen.fields if item.name in columns]
        stamp = edits.keep(actor, engine, kind=kind, on=on, area_code=area_code, columns=[item.name for item in fields])
        count = write_table(
            path,
            [item.titles[0] for item in fields],
            _cells(engine, fields),
            titles=[[f"{chosen.title_zh}"], [f"导出时间：{on}"], *([stamp] if stamp else [])],
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    readlog.read(actor, f"register.export:{kind}", {"on": on.isoformat(), "area": area_code}, count, digest)
    return count


def _closed(actor: Actor, version: AreaVersion | None, exported: Exported) -> set[str]:
    """The fields that stay out: of classes that are not open over every place of the export. Raises Refused where all
    of the kind is of such a class."""
    ranges = visible_paths(actor, EXPORT)
    if version is not None:
        low, high = subtree(version)
        inside = [(low, high)] if ranges is None else [(max(low, a), b) for a, b in ranges if a < high and low < b]
        tops = [path for path, _end in inside]
    else:
        tops = [""] if ranges is None else [path for path, _end in ranges]
    opened = [field_classes_at(actor, EXPORT, path) for path in tops]
    if exported.whole and any(not is_open(classes, exported.whole) for classes in opened):
        raise Refused(
            "class_closed",
            "这种工作簿的字段未向您开放，不能导出。",
            "The fields of this workbook are not open to you: it cannot be exported.",
        )
    named = {field.name: field.field_class for field in all_fields().values()} | dict(exported.classes)
    return {name for name, needed in named.items() if any(not is_open(classes, needed) for classes in opened)}


def _load_places(engine: Engine, actor: Actor, on: date, area_code: str) -> AreaVersion | None:
    """``place``: the villages that may be exported, with the names of the areas above them; ``place_county`` and
    ``place_area``: the counties, and the areas of every level."""
    valid = _valid(on)
    state.load(engine, "version", AreaVersion, ["area_id", "code", "name", "level", "parent_id", "path"], valid)
    ranges = visible_paths(actor, EXPORT)
    version = area(actor, area_code, on) if area_code else None
    if version is not None:
        low, high = subtree(version)
        asked = f"v.path >= '{low}' and v.path < '{high}'"
    else:
        asked = "true"
    granted = "true" if ranges is None else " or ".join(f"(v.path >= '{lo}' and v.path < '{hi}')" for lo, hi in ranges)
    engine.run(
        "places",
        f"""create table place as
        select v.area_id, v.code, v.name as village, t.name as township, c.name as county, m.name as city, p.name as
          province
        from version v left join version t on t.area_id = v.parent_id left join version c on c.area_id = t.parent_id
          left join version m on m.area_id = c.parent_id left join version p on p.area_id = m.parent_id
        where v.level = 'village' and ({asked}) and ({granted or "false"})""",
    )
    engine.run(
        "counties",
        f"""create table place_county as select v.* from version v
        where v.level = 'county' and ({asked}) and ({granted or "false"})""",
    )
    engine.run(
        "areas", f"create table place_area as select v.* from version v where ({asked}) and ({granted or 'false'})"
    )
    return version


def _valid(on: date) -> str:
    return f"valid_from <= '{on}' and (valid_to is null or valid_to > '{on}')"


def _newest(engine: Engine, name: str, model: type[FactBlock], subject: str, on: date) -> None:
    """The version of a block that counts on the day, one row a subject."""
    columns = [subject, "as_of", "unreadable", *block_fields(model)]
    state.load(engine, name, model, columns, f"superseded_at is null and as_of <= '{on}'")
    engine.run(
        name,
        f"create or replace table {name} as select * from {name} "
        f"qualify row_number() over (partition by {subject} order by as_of desc) = 1",
    )


def homes(engine: Engine, on: date) -> None:
    """The table ``home``: the households that live in the places on the day, with their codes."""
    state.load(engine, "home", Residence, ["household_id", "area_id", "group_name"], _valid(on))
    state.load(engine, "household", Household, ["id", "code"])
    engine.run(
        "homes",
        """create or replace table home as select h.household_id, h.group_name, k.code as household_code, p.* exclude
          (code)
        from home h join place p using (area_id) join household k on k.id = h.household_id""",
    )


def _people_rows(engine: Engine, on: date) -> set[str]:
    homes(engine, on)
    blocks: tuple[tuple[str, type[FactBlock], str], ...] = (
        ("profile", HouseholdProfile, "household_id"),
        ("living", HouseholdLiving, "household_id"),
        ("income", HouseholdIncome, "household_id"),
        ("monitored", HouseholdMonitoring, "household_id"),
        ("identity", PersonIdentity, "person_id"),
        ("condition", PersonCondition, "person_id"),
    )
    for name, model, subject in blocks:
        _newest(engine, name, model, subject, on)
    state.load(engine, "member", Membership, ["person_id", "household_id"], _valid(on))
    state.load(engine, "person", Person, ["id", "code"])
    state.load(engine, "status", StatusPeriod, ["household_id", "value"], f"axis = 'registration' and {_valid(on)}")
    engine.run(
        "rows",
        """create table export_row as
        select h.*, m.person_id, s.value as registration, r.code as person_code,
          profile.* exclude (household_id, as_of, unreadable), living.* exclude (household_id, as_of, unreadable),
          income.* exclude (household_id, as_of, unreadable), monitored.* exclude (household_id, as_of, unreadable),
          identity.* exclude (person_id, as_of, unreadable),
          condition.* exclude (person_id, as_of, unreadable),
          [profile.unreadable, living.unreadable, income.unreadable, monitored.unreadable, identity.unreadable,
            condition.unreadable] as unread
        from home h left join status s using (household_id) left join profile using (household_id)
          left join living using (household_id) left join income using (household_id)
          left join monitored using (household_id) left join member m using (household_id)
          left join person r on r.id = m.person_id
          left join identity on identity.person_id = m.person_id left join condition on condition.person_id =
            m.person_id
        order by h.household_code, m.person_id""",
    )
    fields = {field for _name, model, _subject in blocks for field in block_fields(model)} - {"id_sound"}
    if not engine.one("select count(*) from monitored join home using (household_id)")[0]:
        fields -= set(block_fields(HouseholdMonitoring))  # nobody is monitored: no columns of it
    return fields | set(PLACES) | {"household_code", "group_name", "registration", "person_code"}


def _ledger_rows(model: type[FactBlock], dated: str, engine: Engine, on: date) -> set[str]:
    """A ledger of households: one row a household, with the day it describes in the column ``dated``."""
    homes(engine, on)
    _newest(engine, "entry", model, "household_id", on)
    _newest(engine, "profile", HouseholdProfile, "household_id", on)
    engine.run(
        "rows",
        f"""create table export_row as select h.household_code, p.head_name, c.as_of as {dated},
          c.* exclude (household_id, as_of, unreadable), [c.unreadable] as unread
        from home h join entry c using (household_id) left join profile p using (household_id)
        order by h.household_code""",
    )
    return {"household_code", "head_name", *block_fields(model), dated}


def _village_rows(model: type[FactBlock], engine: Engine, on: date) -> set[str]:
    _newest(engine, "condition", model, "area_id", on)
    engine.run(
        "rows",
        """create table export_row as select p.*, c.* exclude (area_id, as_of, unreadable), [c.unreadable] as unread
        from place p join condition c using (area_id) order by p.code""",
    )
    return set(block_fields(model)) | {"city", "county", "township", "village"}


def _county_rows(engine: Engine, on: date) -> set[str]:
    """County figures, of the counties that may be exported: a grant over a part of one does not open them."""
    _newest(engine, "condition", CountyCondition, "area_id", on)
    _newest(engine, "survey", CountySurvey, "area_id", on)
    engine.run(
        "rows",
        """create table export_row as
        select p.name as province, m.name as city, c.name as county, c.code, s.as_of as survey_date,
          n.* exclude (area_id, as_of, unreadable), s.* exclude (area_id, as_of, unreadable),
          [n.unreadable, s.unreadable] as unread
        from place_county c left join version m on m.area_id = c.parent_id left join version p on p.area_id =
          m.parent_id
          left join condition n on n.area_id = c.area_id left join survey s on s.area_id = c.area_id
        where n.area_id is not null or s.area_id is not null order by c.code""",
    )
    return {"province", "city", "county", "code", "survey_date", *block_fields(CountyCondition)} | set(
        block_fields(CountySurvey)
    )


@dataclass(frozen=True, slots=True)
class Exported:
    """How one kind of workbook is written. ``rows`` makes the table ``export_row`` (with a column ``unread``) from the
    table ``place`` and the database, as of a day, and names its columns; ``permission`` is needed too. ``whole``: the
    class of fields that all of it is of; ``classes``: those of single columns, where ``fields.toml`` does not say.
    ``before``: puts beside ``place`` what the actor may not read of single rows."""

    rows: Callable[[Engine, date], set[str]]
    permission: str
    whole: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Engine, Actor], None] | None = None


EXPORTS = {
    "household_person": Exported(_people_rows, VIEW_PERSON),
    "household_check": Exported(partial(_ledger_rows, HouseholdCheck, "check_date"), VIEW_HOUSEHOLD),
    "household_water": Exported(partial(_ledger_rows, HouseholdWater, "survey_date"), VIEW_HOUSEHOLD),
    "household_works": Exported(partial(_ledger_rows, HouseholdWorks, "works_date"), VIEW_HOUSEHOLD),
    "village": Exported(partial(_village_rows, VillageCondition), VIEW_AREA),
    "village_works": Exported(partial(_village_rows, VillageWorks), VIEW_AREA),
    "county_figures": Exported(_county_rows, VIEW_AREA),
}


@cache
def exports() -> dict[str, Exported]:
    """The kinds that can be written, of all rooms: ``EXPORTS`` of their ``exporting.py``."""
    return {kind: each for _room, module in rooms_modules("exporting") for kind, each in module.EXPORTS.items()}


def _cells(engine: Engine, fields: list[Field]) -> Iterator[list[str]]:
    words = [_words(item) for item in fields]
    names = ", ".join(item.name for item in fields)
    for *values, unreadable in engine.stream(f"select {names}, unread from export_row"):
        unread: dict[str, str] = {}
        for cells in unreadable:
            if cells and cells != "{}":
                unread |= orjson.loads(cells)
        yield [
            # what could not be read goes out as it was written
            unread[item.name] if value is None and item.name in unread else write(value)
            for item, value, write in zip(fields, values, words, strict=True)
        ]


def _words(item: Field) -> Callable[[Any], str]:
    """How a value of a field is written so that the reader understands it again."""
    if item.type == "boolean":
        # the words that belong together: 有/无 where the header asks 有无, else 是/否
        pair = ("有", "无") if item.titles[0].startswith("有无") else (item.true[0], item.false[0])
        return lambda value: "" if value is None else pair[0] if value else pair[1]
    if item.type == "code":
        first: dict[str, str] = {}
        for word, code in item.codes.items():
            first.setdefault(code, word)
        return lambda value: ",".join(first.get(code, code) for code in value.split(",")) if value else ""
    if item.unit_needed:  # the first header says %
        return lambda value: "" if value is None else f"{(Decimal(value).scaleb(2 - item.scale)).normalize():f}"
    if item.type in {"money", "decimal"}:
        scale = 2 if item.type == "money" else item.scale
        factor = 10_000 if "万元" in item.titles[0] else 1
        return lambda value: "" if value is None else f"{Decimal(value).scaleb(-scale) / factor:f}"
    return lambda value: "" if value is None else str(value)
