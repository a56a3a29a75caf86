"""An exported workbook that comes back edited: compared cell by cell with what was exported, three ways.

What an export said is kept as Parquet in the data folder under a token that stands in a title row of the workbook,
where every program leaves it (docs/decisions/0025). Changed by the editor only → a correction; changed in the register
meanwhile too → a conflict to be decided; unchanged → nothing, whatever the register says now.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import string
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.engine import Engine
from tuopin.core.workbook import WorkbookError, read_file
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.home import make_home
from tuopin.platform.problems import Missing, Problem

from ..models import KeptExport
from ..permissions import CORRECT
from . import drafts
from .drafts import Proposal
from .fields import SUBJECT_COLUMN, Correctable, all_fields, decode, encode, written
from .services import LIMIT, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from tuopin.core.workbook import StagedSheet
    from tuopin.platform.access import Actor

    from ..models import Draft

KINDS = ("household_person", "village")
KEPT = timedelta(days=90)
_TOKEN = re.compile(r"往返编号[:：]\s*([a-z]{24})")
_SHEET = 10_000_000
_KEYS = {"household_person": ("household_code", "person_code"), "village": ("county", "township", "village")}
_IDS = {"household_person": ("household_id", "person_id"), "village": ("area_id",)}


def folder() -> Path:
    """Where the kept exports lie."""
    found = make_home() / "exports"
    found.mkdir(exist_ok=True, mode=0o700)
    return found


def _quoted(path: Path) -> str:
    return "'" + path.as_posix().replace("'", "''") + "'"


# -- giving out ---------------------------------------------------------------------------------------------------


def keep(actor: Actor, engine: Engine, *, kind: str, on: date, area_code: str, columns: Sequence[str]) -> list[str]:
    """Keep what the engine table ``export_row`` says before it is written; the title row that the workbook must carry.

    Nothing for kinds that do not come back edited.
    """
    if kind not in KINDS:
        return []
    token = "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))
    path = folder() / f"{token}.parquet"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    listed = ", ".join(f'"{name}"' for name in (*_IDS[kind], *columns))
    engine.run(
        "keep",
        f"copy (select {listed}, unread from export_row) to {_quoted(path)} (format parquet, compression zstd)",
    )
    rows = int(engine.one("select count(*) from export_row")[0])
    with database.write():
        KeptExport.objects.create(
            token=token, kind=kind, on=on, area_code=area_code, at=timezone.now(), actor=actor.name or actor.os_user,
            user_id=actor.user_id, data_version=database.data_version(), rows=rows,
        )  # fmt: skip
    return [f"往返编号：{token}", "改好后可在“更正”页传回；请保留本行。 Keep this row: edited, it can be handed back."]


def purge() -> int:
    """Delete kept exports that are too old to come back; returns how many."""
    old = list(KeptExport.objects.filter(at__lt=timezone.now() - KEPT)[:100])
    for each in old:
        (folder() / f"{each.token}.parquet").unlink(missing_ok=True)
    if old:
        with database.write():
            KeptExport.objects.filter(pk__in=[each.pk for each in old]).delete()
    return len(old)


# -- taking back --------------------------------------------------------------------------------------------------


def take_back(actor: Actor, path: Path, why: Why, name: str, *, own_day: bool = True, back: str = "") -> Draft:
    """Read an edited workbook and prepare its changes. ``own_day``: they are dated to the day of the export.

    Raises Problem for a file that cannot be read, is no export of this installation, or whose export is no longer kept.
    """
    require(actor, CORRECT)
    staging = make_home() / "staging" / f"edits-{uuid.uuid4().hex}"
    staging.mkdir(parents=True)
    try:
        sheets = _read(path, staging, name)
        found = [(sheet, export) for sheet in sheets if (export := _export_of(sheet)) is not None]
        if not found:
            raise Problem(
                "no_stamp",
                f"{name}：没有找到“往返编号”行。请上传从本系统导出的工作簿，并保留表头上方的各行。",
                f"{name}: the row 往返编号 is missing. Hand in a workbook exported here, with its title rows.",
                file=name,
            )
        exports = {export.pk: export for _sheet, export in found}
        if len(exports) > 1:
            raise Problem(
                "two_exports",
                f"{name}：含有两次导出的工作表。请分成两个文件上传。",
                f"{name}: it holds sheets of two exports. Hand them in as two files.",
                file=name,
            )
        export = found[0][1]
        with Engine(spill=staging, memory="1GB") as engine:
            proposals, note = _compare(engine, [sheet for sheet, _export in found], export)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if len(proposals) > LIMIT:
        raise Problem("too_many", f"一次最多更正 {LIMIT:,} 项。", f"Correct at most {LIMIT:,} values at a time.")
    day = min(export.on, timezone.localdate()) if own_day else why.as_of
    return drafts.prepare(actor, proposals, replace(why, as_of=day, origin="workbook"), back=back, note=note)


def _read(path: Path, staging: Path, name: str) -> list[StagedSheet]:
    try:
        return read_file(path, [workbook_kinds()[kind] for kind in KINDS], staging)
    except WorkbookError as error:
        error.file = name
        raise Problem(error.code, error.zh, error.en, file=name) from error


def _export_of(sheet: StagedSheet) -> KeptExport | None:
    text = " ".join(cell for row in sheet.titles for cell in row)
    token = _TOKEN.search(text)
    if token is None:
        return None
    export = KeptExport.objects.filter(token=token[1], kind=sheet.kind).first()
    if export is None or not (folder() / f"{export.token}.parquet").is_file():
        raise Missing(
            "export_gone",
            f"这次导出已超过 {KEPT.days} 天，或不是本系统导出的，不能再传回。请重新导出后再改。",
            f"This export is older than {KEPT.days} days, or was not made here. Export again and edit that.",
        )
    return export


def _compare(
    engine: Engine, sheets: Sequence[StagedSheet], export: KeptExport
) -> tuple[list[Proposal], dict[str, Any]]:
    base = _quoted(folder() / f"{export.token}.parquet")
    engine.run("base", f"create table base as select row_number() over () as base_row, * from read_parquet({base})")
    engine.run(
        "mine",
        "create table mine as "
        + " union all by name ".join(_rows_of(sheet.data, at) for at, sheet in enumerate(sheets)),
    )
    engine.run(
        "faults",
        "create table faulty as "
        + " union all by name ".join(_rows_of(sheet.fault_file, at) for at, sheet in enumerate(sheets)),
    )
    _pair(engine, export.kind)
    there = {row[0] for row in engine.rows("select column_name from duckdb_columns() where table_name = 'base'")}
    columns = [name for name in dict.fromkeys(name for each in sheets for name in each.columns) if name in there]
    proposals: list[Proposal] = []
    for item in (all_fields()[name] for name in columns if name in all_fields()):
        proposals += _changes(engine, item)
        proposals += _faults(engine, item)
    proposals = [replace(each, row=(each.row or 0) % _SHEET) for each in proposals]
    proposals.sort(key=lambda each: (each.row or 0, each.field))
    return proposals, _note(engine, export.kind, columns)


def _rows_of(path: Path, at: int) -> str:
    """A staged file; rows of a further sheet are numbered apart from those of the first."""
    return f"select * replace ((row + {at * _SHEET})::integer as row) from read_parquet({_quoted(path)})"


def _pair(engine: Engine, kind: str) -> None:
    """``pair`` (row, base_row): rows of the sheet and of the export about the same subject. By their codes; a person
    without a code by name and number within the household, else as the only one left there."""
    keys = _KEYS[kind]
    names = {row[0] for row in engine.rows("select column_name from duckdb_columns() where table_name = 'mine'")}
    for column in keys:
        if column not in names:
            engine.run("column", f"alter table mine add column {column} varchar")
    same = " and ".join(f"m.{key} is not distinct from b.{key}" for key in keys)
    whole = " and ".join(f"m.{key} is not null" for key in keys)
    engine.run(
        "pairs",
        f"""create table pair as select m.row, b.base_row from mine m join base b on {same} where {whole}
        qualify row_number() over (partition by m.row order by b.base_row) = 1
          and row_number() over (partition by b.base_row order by m.row) = 1""",
    )
    if kind != "household_person":
        return
    exact = [f"m.{name} is not distinct from b.{name}" for name in ("name", "id_number") if name in names]
    for condition in (" and ".join(exact) or "true", "true"):
        engine.run(
            "pairs without a code",
            f"""insert into pair select m.row, b.base_row
            from mine m join base b on m.household_code = b.household_code and m.person_code is null
              and b.person_code is null and {condition}
            where m.row not in (select row from pair) and b.base_row not in (select base_row from pair)
            qualify count(*) over (partition by m.row) = 1 and count(*) over (partition by b.base_row) = 1""",
        )


def _changes(engine: Engine, item: Correctable) -> Iterator[Proposal]:
    """Cells that say something else than was exported. A household's field may be edited on any of its rows."""
    subject = f"b.{SUBJECT_COLUMN[item.level]}"
    mine = f"m.{item.name}"
    if item.field.multiple:
        mine = f"array_to_string(list_sort(string_split(m.{item.name}, ',')), ',')"
        differs = f"{mine} is distinct from array_to_string(list_sort(string_split(b.{item.name}, ',')), ',')"
    else:
        differs = f"{mine} is distinct from b.{item.name}"
    rows = engine.rows(
        f"""select {subject}, min(m.row), coalesce(to_json(any_value(m.{item.name}))::varchar, 'null'),
          coalesce(to_json(any_value(b.{item.name}))::varchar, 'null'), count(distinct coalesce({mine}::varchar, ''))
        from pair join mine m using (row) join base b using (base_row)
        where {subject} is not null and {differs}
          and m.row not in (select row from faulty where field = '{item.name}')
        group by {subject}"""
    )
    for key, row, new, old, ways in rows:
        value, base = decode(item, new), decode(item, old)
        yield Proposal(
            item.level, int(key), item.name, written(item, value), encode(base), row=row, value=value, is_read=True,
            error="rows_disagree" if ways > 1 else "",
        )  # fmt: skip


def _faults(engine: Engine, item: Correctable) -> Iterator[Proposal]:
    """Cells that cannot be read and were not so when they were exported."""
    rows = engine.rows(
        f"""select b.{SUBJECT_COLUMN[item.level]}, m.row, f.value, f.code, b.unread
        from faulty f join mine m using (row) join pair using (row) join base b using (base_row)
        where f.field = '{item.name}' and b.{SUBJECT_COLUMN[item.level]} is not null
          and not (f.code = 'id_missing' and b.{item.name} is null)
          and f.value is distinct from b.{item.name}::varchar"""
    )
    for key, row, text, code, unread in rows:
        if any(_says(cells, item.name) == text for cells in unread or ()):
            continue
        if code == "id_missing":  # emptied by the editor: unknown
            yield Proposal(item.level, int(key), item.name, "", row=row, is_read=True)
            continue
        yield Proposal(item.level, int(key), item.name, text or "", row=row, error=code)


def _says(cells: str, name: str) -> str | None:
    import orjson

    found: dict[str, str] = orjson.loads(cells) if cells else {}
    return found.get(name)


def _note(engine: Engine, kind: str, columns: Sequence[str]) -> dict[str, Any]:
    """What the sheet holds that is no correction: rows missing, rows added, columns that are not corrected here."""
    missing = int(engine.one("select count(*) from base where base_row not in (select base_row from pair)")[0])
    added = engine.rows("select row from mine where row not in (select row from pair) order by row limit 10")
    count = int(engine.one("select count(*) from mine where row not in (select row from pair)")[0])
    titles = {item.name: item.titles[0] for item in workbook_kinds()[kind].fields}
    ignored = []
    for name in columns:
        if name in all_fields() or name in _KEYS[kind]:
            continue
        differs = f"m.{name}::varchar is distinct from b.{name}::varchar"
        if engine.one(
            f"select count(*) from pair join mine m using (row) join base b using (base_row) where {differs}"
        )[0]:
            ignored.append(titles[name])
    note: dict[str, Any] = {"missing": missing, "added": count}
    note["added_rows"] = "、".join(str(row[0] % _SHEET) for row in added)
    note["ignored"] = "、".join(ignored)
    return {key: value for key, value in note.items() if value}
