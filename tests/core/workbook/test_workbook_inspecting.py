"""Looking at a file: kinds and headers of every sheet; footers are no rows; UTF-16 without a mark is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tuopin.core.workbook import Kind, WorkbookError, inspect_file, read_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = "Callable[..., list[Any]]"


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def text(rows: list[list[Any]]) -> str:
    return "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"


def test_every_sheet_says_what_it_is(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]]
) -> None:
    path = book(
        tmp_path / "a.xlsx",
        户=[
            ["2018年度 导出时间：2018-12-01"],
            [*header, "帮扶干部评语"],
            [*person(), "好"],
            [*person(户编号="H2"), ""],
            ["合计", "2"],
        ],
        说明=[["本表由村填写"], ["姓名", "评语", "年份"], ["张三", "好", "2018"]],
        空=[],
    )
    known, other = inspect_file(path, kinds)
    assert (known.sheet, known.kind, known.header_row, known.rows) == ("户", "household_person", 2, 2)
    assert known.columns["wage"] == "工资性收入"
    assert known.unknown_headers == ["帮扶干部评语"]
    assert (known.title_date, known.title_year) == ("2018-12-01", 2018)
    assert known.skipped == {"blank": 0, "repeated_header": 0, "total": 1}
    assert known.sample[0][:2] == ["H1", "沈娟"]
    assert (other.sheet, other.kind, other.header_row) == ("说明", "", 2)
    assert "评语" in other.unknown_headers
    assert other.sample == [["张三", "好", "2018"]]


def test_the_nearest_kind_is_named_and_a_map_makes_it_known(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]]
) -> None:
    strange = ["本户代号" if title == "户编号" else title for title in header]
    path = book(tmp_path / "a.xlsx", 户=[strange, person()])
    [view] = inspect_file(path, kinds)
    assert (view.kind, view.closest, view.header_row) == ("", "household_person", 1)
    assert view.lacking == ["户编号"]
    assert "本户代号" in view.unknown_headers
    [view] = inspect_file(path, kinds, extra_titles={"household_person": {"本户代号": "household_code"}})
    assert (view.kind, view.rows) == ("household_person", 1)


def test_two_columns_for_one_field_are_a_fault_of_the_sheet(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]]
) -> None:
    path = book(tmp_path / "a.xlsx", 户=[[*header, "工资性收入（元）"], [*person(), "1"]])
    [view] = inspect_file(path, kinds)
    assert view.fault["code"] == "two_columns"
    assert view.fault["sheet"] == "户"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04 not a workbook", b"%PDF-1.4"])
def test_what_is_no_table_is_refused(tmp_path: Path, kinds: list[Kind], content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookError):
        inspect_file(path, kinds)


@pytest.mark.parametrize(
    "footer",
    [
        ["填表人：李四", "", "审核人：王五", "", "联系电话：0370-1234567"],
        ["填表人:李四"],
        ["联系电话"],
        ["制表人（签字）：", "王五"],
        ["注：本表一式三份"],
        ["负责人（签字）：", "", "", "2018年12月1日"],
        ["填报单位（盖章）：甲村"],
        ["", "填报日期：2018-12-01"],
    ],
)
def test_who_signed_below_is_no_row(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]], footer: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text([header, [str(cell).replace(",", "") for cell in person()], footer]), encoding="utf-8")
    [sheet] = read_file(path, kinds, tmp_path)
    assert (sheet.rows, sheet.skipped["footer"]) == (1, 1)
    [view] = inspect_file(path, kinds)
    assert (view.rows, view.skipped["footer"]) == (1, 1)


def test_a_household_is_never_taken_for_a_footer(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]]
) -> None:
    rows = [
        [str(cell).replace(",", "") for cell in row]
        for row in (person(户主姓名="负责人：张三"), person(户编号="H2"), person(户编号="H3", 姓名="注：无"))
    ]
    remarks = [["注：户主外出", *row] for row in rows]
    path = tmp_path / "a.csv"
    path.write_text(text([["备注", *header], *remarks]), encoding="utf-8")
    [sheet] = read_file(path, kinds, tmp_path)
    assert (sheet.rows, sheet.skipped.get("footer", 0)) == (3, 0)
    path.write_text(
        text(
            [
                ["备注", "户编号", "县", "镇", "村", "姓名", "户主姓名", "证件号码"],
                ["注：外出", "H1", "宁陵县", "阳驿乡", "郑楼村", "沈娟", "沈娟", ""],
            ]
        ),
        encoding="utf-8",
    )
    [sheet] = read_file(path, kinds, tmp_path)
    assert sheet.rows == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(
    tmp_path: Path, kinds: list[Kind], header: list[str], person: Callable[..., list[Any]], encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text([header, [str(cell).replace(",", "") for cell in person()]]).encode(encoding))
    [sheet] = read_file(path, kinds, tmp_path)
    assert (sheet.kind, sheet.rows) == ("household_person", 1)


def test_bytes_that_are_no_text_are_still_refused(tmp_path: Path, kinds: list[Kind]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(WorkbookError) as refusal:
        read_file(path, kinds, tmp_path)
    assert refusal.value.code == "wrong_type"
