"""The reject workbook: original cells as text, the reason last, and readable again once corrected."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl

from tuopin.core.workbook import REASON_HEADER, write_rejects

if TYPE_CHECKING:
    from pathlib import Path


def test_cells_are_text_whatever_they_begin_with(tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "0123", "411423193907032092", "http://x", "a" * 40_000, None, "", "是\n否"]
    path = tmp_path / "r.xlsx"
    assert write_rejects(path, [f"列{number}" for number in range(len(cells))], [(cells, "=原因")]) == 1
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    row = list(sheet[2])
    assert [cell.value for cell in row[:7]] == cells[:7]
    assert {cell.data_type for cell in row[:7]} == {"s"}
    assert row[7].value == "a" * 32_767
    assert row[-1].value == "=原因"
    assert sheet.cell(1, len(cells) + 1).value == REASON_HEADER


def test_rejected_rows_come_back_as_they_were(
    header: list[str], person: Any, read: Any, write_xlsx: Any, tmp_path: Path
) -> None:
    odd = person(工资性收入="１２元", 证件号码="4.11423E+17", 姓名="=张三", 村="外村")
    (first,) = read(
        write_xlsx([["宁陵县2018年度"], ["导出时间：2018-12-01"], [*header, "备注"], [*person(), "x"], [*odd, "y"]])
    )
    rows = [
        ([row[f"c{at}"] for at in range(len(first.sheet.raw_headers))], "村不在区划中 unknown_village")
        for row in first.raw
    ]
    path = tmp_path / "未导入.xlsx"
    assert write_rejects(path, first.sheet.raw_headers, rows, titles=first.sheet.titles) == 2
    (second,) = read(path)
    assert [{**row, "row": 0} for row in second.data] == [{**row, "row": 0} for row in first.data]
    assert (second.sheet.title_date, second.sheet.title_year) == (date(2018, 12, 1), 2018)
    assert second.sheet.unknown_headers == ("备注",)
    assert second.sheet.header_row == 3


def test_no_rows(tmp_path: Path) -> None:
    assert write_rejects(tmp_path / "r.xlsx", ["a"], []) == 0
