"""The same rows in every form of file come out the same, with their row numbers and their faults."""

from __future__ import annotations

import csv
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlwt

from tuopin.core.workbook import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Person = "Callable[..., list[Any]]"


def write_csv(path: Path, rows: list[list[Any]], encoding: str, delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_xls(path: Path, rows: list[list[Any]]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("户")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    book.save(str(path))
    return path


def write_html(path: Path, rows: list[list[Any]], encoding: str, head: str = "") -> Path:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    path.write_text(f"<html><head>{head}</head><body><table border=1>{body}</table></body></html>", encoding=encoding)
    return path


def write_spreadsheetml(path: Path, rows: list[list[Any]]) -> Path:
    body = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in rows
    )
    mark = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{mark}" xmlns:ss="{mark}">'
        f'<Worksheet ss:Name="户"><Table>{body}</Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


FORMS: dict[str, Callable[[Path, list[list[Any]]], Path]] = {
    "xls": lambda folder, rows: write_xls(folder / "a.xls", rows),
    "xls_named_xlsx": lambda folder, rows: write_xls(folder / "b.xls", rows).rename(folder / "a.xlsx"),
    "html_utf8": lambda folder, rows: write_html(folder / "a.xls", rows, "utf-8"),
    "html_gbk": lambda folder, rows: write_html(folder / "a.xls", rows, "gb18030", '<meta charset="gb2312">'),
    "html_lying": lambda folder, rows: write_html(folder / "a.xls", rows, "utf-8", '<meta charset="gb2312">'),
    "spreadsheetml": lambda folder, rows: write_spreadsheetml(folder / "a.xls", rows),
    "csv_utf8": lambda folder, rows: write_csv(folder / "a.csv", rows, "utf-8"),
    "csv_bom": lambda folder, rows: write_csv(folder / "a.csv", rows, "utf-8-sig"),
    "csv_gb18030": lambda folder, rows: write_csv(folder / "a.csv", rows, "gb18030"),
    "csv_utf16": lambda folder, rows: write_csv(folder / "a.csv", rows, "utf-16"),
    "txt_tab_utf16": lambda folder, rows: write_csv(folder / "a.txt", rows, "utf-16", "\t"),
    "txt_semicolon": lambda folder, rows: write_csv(folder / "a.txt", rows, "utf-8", ";"),
}


@pytest.mark.parametrize("form", ["xlsx", "et", "xlsx_named_xls", *FORMS])
def test_every_form_of_file(
    form: str, header: list[str], person: Any, read: Any, write_xlsx: Any, tmp_path: Path
) -> None:
    rows = [
        ["宁陵县2018年度贫困户"],
        ["导出时间：2018-12-01"],
        header,
        person(),
        [""] * len(header),
        header,
        person(姓名="张三", 工资性收入="１２元", 证件号码="4.11423E+17"),
        ["合计", "1户"],
    ]
    if form == "xlsx_named_xls":
        path = write_xlsx(rows, "b.xlsx").rename(tmp_path / "a.xls")
    else:
        path = write_xlsx(rows, f"a.{form}") if form in ("xlsx", "et") else FORMS[form](tmp_path, rows)
    (staged,) = read(path)
    sheet = staged.sheet
    assert (sheet.kind, sheet.header_row, sheet.rows) == ("household_person", 3, 2)
    assert sheet.skipped == {"blank": 1, "repeated_header": 1, "total": 1}
    assert (sheet.title_date, sheet.title_year) == (date(2018, 12, 1), 2018)
    assert sheet.columns["id_number"] == "证件号码"
    assert staged.column("row") == [4, 7]
    assert staged.column("wage") == [123450, 1200]
    assert staged.column("id_number") == ["41142319771206894X", None]
    assert staged.column("birth_date") == [date(1977, 12, 6)] * 2
    assert staged.column("relation") == ["head", "head"]
    assert staged.column("water_safe") == [True, True]
    assert staged.faults == [(7, "id_number", "证件号码", "4.11423E+17", "id_precision_lost")]
    assert staged.raw[1]["c8"] == "１２元"


def test_the_name_says_nothing(header: list[str], person: Any, read: Any, write_xlsx: Any, tmp_path: Path) -> None:
    book = write_xlsx([header, person()], "a.xlsx")
    as_csv = book.rename(tmp_path / "a.csv")
    assert read(as_csv)[0].sheet.rows == 1
    text = write_csv(tmp_path / "b.xlsx", [header, person()], "utf-8")
    assert read(text)[0].sheet.rows == 1


def test_bad_cells_are_kept_as_written_and_unknown(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    rows = [
        header,
        person(工资性收入="约两千", 饮水是否安全="不详", 出生日期="2018-02-30", 与户主关系="邻居"),
        person(证件号码="\u3000"),
        person(证件号码="4114231977120689"),
        person(证件号码="411423197712068941"),
    ]
    (staged,) = read(write_xlsx(rows))
    assert staged.faults == [
        (2, "relation", "与户主关系", "邻居", "bad_code"),
        (2, "wage", "工资性收入", "约两千", "bad_number"),
        (2, "water_safe", "饮水是否安全", "不详", "bad_boolean"),
        (2, "birth_date", "出生日期", "2018-02-30", "bad_date"),
        (3, "id_number", "证件号码", "\u3000", "id_missing"),
        (4, "id_number", "证件号码", "4114231977120689", "id_length"),
        (5, "id_number", "证件号码", "411423197712068941", "id_check_digit"),
    ]
    assert staged.sheet.faults == dict.fromkeys((fault[4] for fault in staged.faults), 1)
    first = staged.data[0]
    assert [first[name] for name in ("wage", "water_safe", "birth_date", "relation")] == [None] * 4


def test_cells_of_other_types(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    rows = [
        header,
        person(户编号=41142300000000, 工资性收入=2995.0000000001, 出生日期=datetime(1977, 12, 6), 饮水是否安全=True),  # noqa: DTZ001 - no zone in sheets
        person(户编号=4114230000000001, 工资性收入=2995.005, 出生日期=19771206, 证件号码=411423197712068941),
    ]
    (staged,) = read(write_xlsx(rows))
    assert staged.column("household_code") == ["41142300000000", None]
    assert staged.column("wage") == [299500, None]
    assert staged.column("birth_date") == [date(1977, 12, 6)] * 2
    assert staged.column("water_safe") == [True, True]
    assert [(fault[1], fault[4]) for fault in staged.faults] == [
        ("household_code", "precision_lost"),
        ("id_number", "id_precision_lost"),
        ("wage", "bad_number"),
    ]


def test_merged_household_cells_fill_downward(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    second = [None, None, None, None, None, "张三", "440524188001010014", "配偶", None, None, "1980-01-01"]
    rows = [["标题"], header, person(), second, second, [None] * 11, person(户编号="H2")]
    merges = ["A1:K1", *(f"{letter}3:{letter}5" for letter in "ABCDEIJ"), "A6:K6"]
    (staged,) = read(write_xlsx(rows, merges=merges))
    assert staged.column("household_code") == ["H1", "H1", "H1", "H2"]
    assert staged.column("wage") == [123450] * 4
    assert staged.column("name") == ["沈娟", "张三", "张三", "沈娟"]
    assert staged.sheet.skipped["blank"] == 1


def test_html_spans(header: list[str], person: Any, read: Any, tmp_path: Path) -> None:
    first = "".join(f'<td rowspan="2">{cell}</td>' for cell in person()[:5])
    cells = "".join(f"<td>{cell}</td>" for cell in person()[5:])
    head = "".join(f"<th>{title.replace('姓名', '姓<br>名')}</th>" for title in header)
    path = tmp_path / "spans.xls"
    path.write_text(
        "<style>td {mso-number-format:'@'}</style><table><tr><td colspan=11>导出时间：2018-12-01</td></tr>"
        f"<tr>{head}</tr><tr>{first}{cells}</tr><tr>{cells.replace('沈娟', '李&amp;四')}"
        f"<tr>{''.join('<td>' + cell for cell in person(户编号='H2'))}</table>",
        encoding="utf-8",
    )
    (staged,) = read(path)
    assert staged.column("household_code") == ["H1", "H1", "H2"]
    assert staged.column("name") == ["沈娟", "李&四", "沈娟"]
    assert staged.column("row") == [3, 4, 5]


def test_several_sheets(header: list[str], person: Any, read: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["填表说明"])
    book.create_sheet("空")
    persons = book.create_sheet("户")
    persons["C5"] = "x"
    for column, title in enumerate(header, 3):
        persons.cell(5, column).value = title
    for column, cell in enumerate(person(), 3):
        persons.cell(6, column).value = cell
    check = book.create_sheet("核查")
    for row in (["户编号", "不愁吃", "不愁穿"], ["H1", "是", "否"]):
        check.append(row)
    book.save(tmp_path / "a.xlsx")
    seen: list[int] = []
    staged = read(tmp_path / "a.xlsx", progress=seen.append)
    assert [(one.sheet.sheet, one.sheet.kind, one.sheet.header_row) for one in staged] == [
        ("户", "household_person", 5),
        ("核查", "household_check", 1),
    ]
    assert staged[0].sheet.others == ("Sheet",)
    assert staged[0].column("household_code") == ["H1"]
    assert staged[1].data == [{"row": 2, "household_code": "H1", "food": True, "clothing": False}]
    assert seen == [1, 2]


def test_money_in_ten_thousands_by_the_title(read: Any, write_xlsx: Any) -> None:
    head = ["县", "镇", "村", "村级集体经济收入", "总人口数"]
    (staged,) = read(write_xlsx([["单位：万元"], head, ["宁陵县", "阳驿乡", "郑楼村", "8.2", "1,400人"]]))
    assert staged.column("collective_income") == [8_200_000]
    assert staged.column("population") == [1400]
    head[3] = "村级集体经济收入（元）"
    (staged,) = read(write_xlsx([["单位：万元"], head, ["宁陵县", "阳驿乡", "郑楼村", "8.2", "1400"]]))
    assert staged.column("collective_income") == [820]


def test_total_rows(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    rows = [
        header,
        person(),
        ["合 计："],
        ["", "", "小计 12户"],
        ["宁陵县", "", "", "", "总计"],
        person(户主姓名="合计", 户编号="H2"),
    ]
    (staged,) = read(write_xlsx(rows))
    assert staged.sheet.skipped == {"blank": 0, "repeated_header": 0, "total": 3}
    assert staged.column("household_code") == ["H1", "H2"]


def test_a_total_behind_a_serial_number_column(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    rows = [["序号", *header], ["1", *person(户编号="41")], ["合计", "2400"], ["2", *person(户编号="42")]]
    (staged,) = read(write_xlsx(rows))
    assert staged.sheet.skipped["total"] == 1
    assert staged.column("household_code") == ["41", "42"]


def test_title_rows_repeated_in_mid_sheet(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    (staged,) = read(write_xlsx([["宁陵县贫困户"], header, person(), ["宁陵县贫困户"], header, person()]))
    assert staged.sheet.skipped["repeated_header"] == 2
    assert staged.sheet.rows == 2


def test_cells_beyond_the_header_are_not_lost(header: list[str], person: Any, read: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [header, [*person(), "", ""], [*person(), "", "多"], person()[:3]], "utf-8")
    (staged,) = read(path)
    assert staged.faults == [(3, "", "", "多", "extra_cells"), (4, "id_number", "证件号码", "", "id_missing")]
    assert staged.column("village") == ["郑楼村", "郑楼村", None]
    (staged,) = read(write_csv(tmp_path / "b.csv", [header, [*header, "备注"], person()], "utf-8"))
    assert staged.faults == []
    assert staged.sheet.skipped["repeated_header"] == 1


def test_columns_not_known_and_not_there(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    (staged,) = read(write_xlsx([["序号", *header, "备注"], ["1", *person(), "x"]]))
    assert staged.sheet.unknown_headers == ("序号", "备注")
    assert "employee_insurance" in staged.sheet.missing
    assert staged.sheet.raw_headers == ("序号", *header, "备注")
    assert staged.raw[0]["c0"] == "1"


def test_quoted_line_breaks_count_as_one_row(header: list[str], person: Any, read: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [header, person(户主姓名="沈\n娟"), [], person()], "utf-8")
    (staged,) = read(path)
    assert staged.column("row") == [2, 4]
    assert staged.column("head_name") == ["沈 娟", "沈娟"]
    assert staged.sheet.skipped["blank"] == 1


def test_a_sheet_with_a_header_and_no_rows(header: list[str], read: Any, write_xlsx: Any) -> None:
    (staged,) = read(write_xlsx([header]))
    assert (staged.sheet.rows, staged.data, staged.raw, staged.faults) == (0, [], [], [])


def test_chunks_join(header: list[str], person: Any, read: Any, tmp_path: Path) -> None:
    rows = [
        header,
        *(person(户编号=f"H{number}", 工资性收入="x" if number == 45_000 else "1") for number in range(45_001)),
    ]
    (staged,) = read(write_csv(tmp_path / "a.csv", rows, "utf-8"))
    assert staged.sheet.rows == 45_001
    assert staged.column("household_code") == [f"H{number}" for number in range(45_001)]
    assert staged.column("row") == list(range(2, 45_003))
    assert staged.faults == [(45_002, "wage", "工资性收入", "x", "bad_number")]


def test_unknown_kind_names_the_closest(header: list[str], read: Any, write_xlsx: Any) -> None:
    with pytest.raises(WorkbookError) as refused:
        read(write_xlsx([["a"], [title for title in header if title != "证件号码"], ["1"] * 10], "缺.xlsx"))
    error = refused.value
    assert (error.code, error.file, error.row) == ("unknown_kind", "缺.xlsx", 2)
    assert "缺少：证件号码" in error.zh
    with pytest.raises(WorkbookError, match="no header of a known kind"):
        read(write_xlsx([["菜单", "价格"], ["面", "8"]]))


def test_two_columns_are_refused_with_their_place(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    with pytest.raises(WorkbookError) as refused:
        read(write_xlsx([["标题"], [*header, "身份证号码"], [*person(), "x"]], "两.xlsx"))
    error = refused.value
    assert (error.code, error.file, error.sheet, error.row) == ("two_columns", "两.xlsx", "Sheet", 2)


def test_a_map_from_the_command_line(header: list[str], person: Any, read: Any, write_xlsx: Any) -> None:
    path = write_xlsx([[*header[:-1], "生于"], person()])
    assert "birth_date" in read(path)[0].sheet.missing
    assert read(path, extra_titles={"household_person": {"生于": "birth_date"}})[0].column("birth_date") == [
        date(1977, 12, 6)
    ]
    with pytest.raises(WorkbookError, match="header map"):
        read(path, extra_titles={"household_person": {"生于": "birthday"}})
