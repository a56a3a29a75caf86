"""Kinds as shipped, and small files written by the tests themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow.parquet as pq
import pytest

import tuopin
from tuopin.core.workbook import Kind, StagedSheet, load_kind, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEADER = [
    "户编号",
    "户主姓名",
    "县",
    "镇",
    "村",
    "姓名",
    "证件号码",
    "与户主关系",
    "工资性收入",
    "饮水是否安全",
    "出生日期",
]
PERSON = [
    "H1",
    "沈娟",
    "宁陵县",
    "阳驿乡",
    "郑楼村",
    "沈娟",
    "41142319771206894X",
    "户主",
    "1,234.50",
    "是",
    "1977-12-06",
]


@pytest.fixture(scope="session")
def kinds() -> list[Kind]:
    return [load_kind(path) for path in sorted(Path(tuopin.__file__).parent.glob("*/workbooks/*.toml"))]


@pytest.fixture
def header() -> list[str]:
    return list(HEADER)


@pytest.fixture
def person() -> Callable[..., list[Any]]:
    """A person row; keyword arguments by header replace cells."""

    def make(**cells: Any) -> list[Any]:
        row: list[Any] = list(PERSON)
        for title, cell in cells.items():
            row[HEADER.index(title)] = cell
        return row

    return make


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Write rows (None = no cell) as the only sheet of a workbook."""

    def write(rows: Sequence[Sequence[Any]], name: str = "表.xlsx", merges: Sequence[str] = ()) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                if cell is not None:
                    sheet.cell(at, column).value = cell
        for merge in merges:
            sheet.merge_cells(merge)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


class Staged:
    """A staged sheet with its tables read back."""

    def __init__(self, sheet: StagedSheet) -> None:
        self.sheet = sheet
        self.data: list[dict[str, Any]] = pq.read_table(sheet.data).to_pylist()
        self.raw: list[dict[str, Any]] = pq.read_table(sheet.raw).to_pylist()
        self.faults: list[tuple[Any, ...]] = [
            (row["row"], row["field"], row["header"], row["value"], row["code"])
            for row in pq.read_table(sheet.fault_file).to_pylist()
        ]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.data]


@pytest.fixture
def read(kinds: list[Kind], tmp_path: Path) -> Callable[..., list[Staged]]:
    def read_back(path: Path, **options: Any) -> list[Staged]:
        folder = tmp_path / f"staging-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return [Staged(sheet) for sheet in read_file(path, kinds, folder, **options)]

    return read_back
