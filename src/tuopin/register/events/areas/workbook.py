"""A yearly table of changed areas, read as lines: in a child process with limits, every faulty cell by its row."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuopin.core.workbook import WorkbookError, load_kind, read_file
from tuopin.platform.problems import Problem

from .given import MOST, Fault, Faulty, Line

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind, StagedSheet

_SEVERAL = re.compile(r"[、,，;；\s]+")


@cache
def kind() -> Kind:
    """The kind of workbook: headers and their aliases, words of kinds of changes."""
    return load_kind(Path(__file__).with_name("area_changes.toml"))


def read_lines(path: Path, name: str) -> list[Line]:
    """The lines of a workbook. Raises Problem for a file that is none of this kind, Faulty for cells that cannot be
    read; rows are those of the sheet."""
    with tempfile.TemporaryDirectory(prefix="areas-") as folder:
        try:
            sheets = read_file(path, [kind()], Path(folder))
        except WorkbookError as error:
            error.file = name
            if error.code == "unknown_kind":
                raise Problem(
                    "no_area_changes",
                    f"{name}：没有找到区划变更表的表头（变更类型、生效日期、原代码）。",
                    f"{name}: no header of a table of changed areas was found (kind, day, old code).",
                ) from error
            raise Problem(error.code, error.zh, error.en) from error
        if sum(sheet.rows for sheet in sheets) > MOST:
            raise Problem("too_many_lines", f"一次最多 {MOST} 行。请分次登记。", f"At most {MOST} lines at once.")
        return [line for sheet in sheets for line in _lines(sheet)]


def _lines(sheet: StagedSheet) -> list[Line]:
    import pyarrow.parquet as pq

    bad = pq.read_table(sheet.fault_file).to_pylist()
    faults = [
        Fault(
            row["row"], row["code"] or "bad_cell",
            f"“{row['header']}”一格写的是“{str(row['value'])[:40]}”，读不出来。请更正。",
            f"The cell “{row['header']}” says “{str(row['value'])[:40]}”, which cannot be read.",
        )
        for row in bad
    ]  # fmt: skip
    rows = pq.read_table(sheet.data).to_pylist()
    faulty = {fault.row for fault in faults}
    for row in rows:
        for field, zh, en in (("kind", "变更类型", "kind"), ("day", "生效日期", "day"), ("old", "原代码", "old code")):
            if row.get(field) is None and row["row"] not in faulty:
                faults.append(Fault(row["row"], "blank_cell", f"没有填写{zh}。", f"The {en} is missing."))
    if faults:
        raise Faulty(faults)
    return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    def text(name: str) -> str:
        return str(row.get(name) or "")

    return Line(
        text("kind"), row["day"], text("old"), text("code"), text("name"), text("parent"),
        tuple(each for each in _SEVERAL.split(text("groups")) if each),
        tuple(each for each in _SEVERAL.split(text("households")) if each),
        row["row"], text("old_name"),
    )  # fmt: skip
