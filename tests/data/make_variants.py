"""Writes tests/data/variants/: one small invented county in eight shapes that a county office may send.

usage: make_variants.py            (rewrites the folder; the result is committed)

Ten households, 19 rows of persons, three villages; every verdict below is worked out by hand, in the comment above the
household, never by the product. The shapes differ in headers, header row, columns, sheets, file format and
encoding; what they say is the same, except that *aliases* has no column for the employees' insurance, so that 户 07
is not insured there.
"""

from __future__ import annotations

import csv
import html
import io
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter
import xlwt

HERE = Path(__file__).resolve().parent / "variants"
DAY = "2018-12-01"
PREFIX = "990122"  # no real area
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

type Table = list[list[str]]


def words(text: str) -> list[str]:
    return text.split()


def id_number(birth: str, order: str) -> str:
    """A sound number: birth as 2018-12-01, three digits of order (odd = male)."""
    body = PREFIX + birth.replace("-", "") + order
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


DIVISIONS = [
    ("990000000000", "示范省", "province", ""),
    ("990100000000", "示范市", "city", "990000000000"),
    ("990122000000", "禾阳县", "county", "990100000000"),
    ("990122100000", "城南镇", "township", "990122000000"),
    ("990122200000", "赵河乡", "township", "990122000000"),
    ("990122100201", "李庄村", "village", "990122100000"),
    ("990122100202", "王楼村", "village", "990122100000"),
    ("990122200201", "李庄村", "village", "990122200000"),  # the same name in another township
]

HOUSEHOLD_HEADERS = words("""
    户编号 户主姓名 市 县 镇 村 脱贫属性 饮水是否安全 主要住房是否危房
    工资性收入 生产经营性收入 财产性收入 转移性收入 生产经营性支出
""")
PERSON_HEADERS = words("""
    人编号 姓名 性别 出生日期 证件号码 与户主关系 文化程度 在校生状况 劳动技能
    是否参加城乡居民基本医疗保险 是否参加城镇职工基本医疗保险
""")

# code: township, village, status, water, dangerous, wage, business, property, transfer, cost
HOUSEHOLDS = {
    "01": ("城南镇", "李庄村", "已脱贫", "是", "否", "9000.00", "1000.00", "0.00", "0.00", "500.00"),
    "02": ("城南镇", "李庄村", "未脱贫", "是", "否", "0.00", "0.00", "0.00", "5990.00", "0.00"),
    "03": ("城南镇", "李庄村", "已脱贫", "是", "否", "0.00", "0.00", "0.01", "5990.00", "0.00"),
    "04": ("城南镇", "王楼村", "预脱贫", "是", "否", "", "0.00", "0.00", "9000.00", "0.00"),
    "05": ("城南镇", "王楼村", "返贫", "是", "否", "30000.00", "0.00", "0.00", "0.00", "0.00"),
    "06": ("城南镇", "王楼村", "新识别", "", "是", "15000.00", "2000.00", "0.00", "0.00", "1000.00"),
    "07": ("赵河乡", "李庄村", "已脱贫", "是", "否", "20000.00", "0.00", "0.00", "0.00", "0.00"),
    "08": ("城南镇", "无此村", "已脱贫", "是", "否", "20000.00", "0.00", "0.00", "0.00", "0.00"),
    "09": ("赵河乡", "李庄村", "已脱贫", "是", "否", "8000.00", "0.00", "0.00", "0.00", "0.00"),
    "10": ("赵河乡", "李庄村", "已脱贫", "否", "否", "4000.00", "0.00", "0.00", "0.00", "0.00"),
}

HEAD_01 = id_number("1975-03-02", "011")

# household, name, sex, birth, ID number, relation, schooling, in school at, labour, residents' and employees' insurance
PEOPLE = [
    ("01", "甲一", "男", "1975-03-02", HEAD_01, "户主", "初中", "", "普通劳动力", "是", "否"),
    ("01", "甲二", "女", "1977-05-06", "", "配偶", "小学", "", "普通劳动力", "是", "否"),
    ("01", "甲三", "女", "2012-12-01", "", "之女", "", "小学", "无劳动力", "是", "否"),
    ("02", "乙一", "男", "1941-01-15", "", "户主", "小学", "", "无劳动力", "是", "否"),
    ("02", "乙二", "女", "1944-11-30", "", "配偶", "小学", "", "无劳动力", "是", "否"),
    ("03", "丙一", "男", "1950-10-10", "", "户主", "小学", "", "无劳动力", "是", "否"),
    ("03", "丙二", "女", "1952-02-29", "", "配偶", "小学", "", "无劳动力", "是", "否"),
    ("04", "丁一", "女", "1960-07-07", "", "户主", "初中", "", "弱劳动力或半劳动力", "是", "否"),
    ("05", "戊一", "男", "1978-08-08", "", "户主", "初中", "", "普通劳动力", "是", "否"),
    ("05", "戊二", "女", "1980-09-09", "", "配偶", "初中", "", "普通劳动力", "是", "否"),
    ("05", "戊三", "男", "2002-12-02", "", "之子", "初中", "非在校生", "无劳动力", "是", "否"),
    ("06", "己一", "男", "1985-12-31", "", "户主", "高中", "", "普通劳动力", "是", "否"),
    ("06", "己二", "女", "2012-12-02", "", "之女", "", "", "无劳动力", "是", "否"),
    ("07", "庚一", "男", "1970-06-15", "", "户主", "高中", "", "技能劳动力", "否", "是"),
    ("07", "庚二", "女", "1971-06-16", "", "配偶", "初中", "", "普通劳动力", "是", "否"),
    ("08", "辛一", "男", "1969-04-04", "", "户主", "初中", "", "普通劳动力", "是", "否"),
    ("09", "壬一", "女", "1988-03-08", "9.90122E+17", "配偶", "初中", "", "普通劳动力", "是", "否"),
    ("09", "壬二", "男", "2008-05-05", "", "之子", "", "小学", "无劳动力", "是", "否"),
    ("10", "甲一", "男", "1975-03-02", HEAD_01, "户主", "初中", "", "普通劳动力", "是", "否"),
]

CHECKS = [(code, "是", "是") for code in ("01", "02", "03", "05", "07", "10")] + [("04", "是", ""), ("06", "否", "是")]
# 09 has no row: food and clothing unknown. 08 has none either.

VILLAGE_HEADERS = words("""
    县 镇 村 是否贫困村 总户数 总人口数 特色产业个数 村级集体经济收入（万元） 通村公路是否硬化 是否通客运班车
    饮水是否达标 生产生活用电是否满足 是否广播电视户户通
    有无综合性文化服务中心 有无标准化卫生室 有无合格乡村医生 是否通宽带
""")
YES = ["是", "是", "是", "是", "是", "有", "有", "有", "是"]
VILLAGES = [
    ["禾阳县", "城南镇", "李庄村", "是", "25", "100", "1", "5.2", *YES],
    ["禾阳县", "城南镇", "王楼村", "否", "50", "200", "0", "0", "是", "不具备条件", *YES[2:]],
    ["禾阳县", "赵河乡", "李庄村", "否", "80", "300", "2", "", *YES[:8], ""],
]

HELPER_HEADERS = words("户编号 户主姓名 帮扶责任人 单位名称 职务 联系电话 帮扶开始时间 帮扶结束时间")
HELPERS = [
    *((code, "冯助", "县水利局", "科员", "2017-03-01", "") for code in ("01", "02", "03", "04", "06")),
    ("05", "冯助", "县水利局", "科员", "2017-03-01", "2018-06-30"),  # ended: no live helper
    ("07", "陈帮", "县财政局", "副科级", "2017-03-01", ""),
    ("07", "韩扶", "县教体局", "教师", "2018-05-01", ""),  # a second live one
    ("09", "陈帮", "县财政局", "副科级", "2018-12-02", ""),  # begins the day after
    ("10", "陈帮", "县财政局", "副科级", "2018-12-01", "2018-12-01"),  # first and last day
]

MET, NOT, UNKNOWN, NA = "met", "not_met", "unknown", "not_applicable"
ITEMS = ("overall", "income", "food", "clothing", "water", "education", "medical", "housing")
HOUSEHOLD_VERDICTS = {
    # 9000 + 1000 - 500 = 9500 / 3 = 3166.67 > 2995; 甲三 is 6 that very day and at school
    "01": (MET, MET, MET, MET, MET, MET, MET, MET, "3166.67", 3),
    # 5990 / 2 = 2995.00 exactly: not above
    "02": (NOT, NOT, MET, MET, MET, NA, MET, MET, "2995.00", 2),
    # 5990.01 / 2 = 2995.005: above, shown half up
    "03": (MET, MET, MET, MET, MET, NA, MET, MET, "2995.01", 2),
    # wage blank; clothing blank
    "04": (UNKNOWN, UNKNOWN, MET, UNKNOWN, MET, NA, MET, MET, None, 1),
    # 戊三 turns 16 the next day: still 15, and out of school
    "05": (NOT, MET, MET, MET, MET, NOT, MET, MET, "10000.00", 3),
    # 己二 turns 6 the next day: no child of 6 to 15; (15000 + 2000 - 1000) / 2
    "06": (NOT, MET, NOT, MET, UNKNOWN, NA, MET, NOT, "8000.00", 2),
    # 庚一 is in the employees' scheme
    "07": (MET, MET, MET, MET, MET, NA, MET, MET, "10000.00", 2),
    # no row in 脱贫核查; 壬二 is 10 and at school; 8000 / 2
    "09": (UNKNOWN, MET, UNKNOWN, UNKNOWN, MET, MET, MET, MET, "4000.00", 2),
    "10": (NOT, MET, MET, MET, NOT, NA, MET, MET, "4000.00", 1),
}
VILLAGE_VERDICTS = {
    # 02: 2 of 100 = exactly 2 %: met
    "990122100201": ("2", "100", "0.020000", MET, MET, [MET] * 9),
    # 04, 05, 06: 1 + 3 + 2 = 6 of 200 = 3 %
    "990122100202": ("6", "200", "0.030000", NOT, NOT, [MET, NA, *[MET] * 7]),
    # nobody unexited
    "990122200201": ("0", "300", "0.000000", MET, MET, [*[MET] * 8, UNKNOWN]),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How one variant writes the county. ``rename`` maps headers; a header mapped to "" is left out."""

    suffix: str
    note: str
    titles: tuple[str, ...] = ("禾阳县建档立卡信息（演示数据，人物均为虚构）", f"导出时间：{DAY}")
    rename: dict[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    encoding: str = "utf-8"
    split_sheets: bool = False
    form: str = "xlsx"
    date_style: str = "%Y-%m-%d"

    @property
    def as_of_needed(self) -> bool:
        return not self.titles


ALIASES = {
    "户编号": "户码",
    "市": "市(州)",
    "县": "县(市、区、旗)",
    "镇": "乡(镇)",
    "村": "行政村",
    "证件号码": "身份证号码",
    "脱贫属性": "脱贫标志",
    "主要住房是否危房": "危房户",
    "是否参加城乡居民基本医疗保险": "新型农村合作医疗",
    "是否参加城镇职工基本医疗保险": "",
    "劳动技能": "劳动能力",
}
SHAPES = {
    "aliases": Shape(".xlsx", "headers by other names, on row 1, fewer columns, no title", titles=(), rename=ALIASES),
    "sheets": Shape(
        ".xlsx", "two sheets of people and one of notes, more columns, header on row 3", split_sheets=True,
        extra=("备注", "填表人"), date_style="%Y年%m月%d日",
    ),
    "xls": Shape(".xls", "the old binary format", form="xls", date_style="%Y/%m/%d"),
    "html": Shape(".xls", "an HTML table named .xls, in GB2312", form="html", encoding="gb2312", date_style="%Y%m%d"),
    "et": Shape(".et", "saved by WPS: .et by name, .xlsx by content"),
    "utf8": Shape(".csv", "CSV in UTF-8 with a byte order mark", form="csv", encoding="utf-8-sig"),
    "utf16": Shape(".csv", "text in UTF-16, tabs, as Excel saves Unicode text", form="csv", encoding="utf-16"),
    "gb18030": Shape(".csv", "CSV in GB18030, header on row 1", form="csv", encoding="gb18030", titles=()),
}  # fmt: skip


def code(short: str) -> str:
    return f"{PREFIX}{int(short):08d}"


def head(short: str) -> str:
    return next(row[1] for row in PEOPLE if row[0] == short)


def numbers() -> dict[int, str]:
    """Row of PEOPLE -> ID number; the blank ones get a sound number of their own."""
    return {at: row[4] or id_number(row[3], f"{100 + 2 * at + (row[2] == '男'):03d}") for at, row in enumerate(PEOPLE)}


def people_table(shape: Shape, townships: tuple[str, ...]) -> Table:
    sound = numbers()
    rows = [[*HOUSEHOLD_HEADERS, *PERSON_HEADERS]]
    for at, (short, name, sex, birth, _, relation, *rest) in enumerate(PEOPLE):
        township, village, *facts = HOUSEHOLDS[short]
        if township in townships:
            written = date.fromisoformat(birth).strftime(shape.date_style)
            place = [code(short), head(short), "示范市", "禾阳县", township, village]
            rows.append([*place, *facts, f"{code(short)}{at:02d}", name, sex, written, sound[at], relation, *rest])
    return shaped(shape, rows)


def shaped(shape: Shape, rows: Table) -> Table:
    """Rename, drop and add columns; put the titles above."""
    kept = [at for at, header in enumerate(rows[0]) if shape.rename.get(header, header)]
    header = [shape.rename.get(rows[0][at], rows[0][at]) for at in kept] + list(shape.extra)
    body = [[row[at] for at in kept] + [""] * len(shape.extra) for row in rows[1:]]
    return [[title] for title in shape.titles] + [header] + body


def books(shape: Shape) -> dict[str, dict[str, Table]]:
    """File name -> sheet name -> rows."""
    both = ("城南镇", "赵河乡")
    people = {"贫困户信息": people_table(shape, both)}
    if shape.split_sheets:
        people = {"填表说明": [["本表由县扶贫办导出。"]]} | {name: people_table(shape, (name,)) for name in both}
    checks = [["户编号", "户主姓名", "不愁吃", "不愁穿", "核查日期"]]
    checks += [[code(short), head(short), food, clothing, "2018-11-20"] for short, food, clothing in CHECKS]
    helpers = [HELPER_HEADERS]
    for short, name, unit, post, start, end in HELPERS:
        helpers.append([code(short), head(short), name, unit, post, "15400000000", start, end])
    return {
        "户人信息": people,
        "脱贫核查": {"脱贫核查": shaped(shape, checks)},
        "村信息": {"行政村": shaped(shape, [VILLAGE_HEADERS, *VILLAGES])},
        "帮扶责任人": {"帮扶责任人": shaped(shape, helpers)},
    }


def write_xlsx(path: Path, sheets: dict[str, Table]) -> None:
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False})
    book.set_properties({"created": datetime(2018, 12, 1, tzinfo=UTC)})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    book.close()


def write_xls(path: Path, sheets: dict[str, Table]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)
    book.save(str(path))


def write_html(path: Path, sheets: dict[str, Table], encoding: str) -> None:
    (rows,) = sheets.values()
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">'
    path.write_text(f"<html><head>{meta}</head><body><table>\n{body}\n</table></body></html>\n", encoding=encoding)


def write_csv(path: Path, sheets: dict[str, Table], encoding: str) -> None:
    (rows,) = sheets.values()
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if encoding == "utf-16" else ",", lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def expected(shape: Shape) -> dict[str, object]:
    """The answer key of one shape."""
    verdicts = dict(HOUSEHOLD_VERDICTS)
    if shape.rename:  # no column for the employees' scheme: 庚一 is in no scheme
        verdicts["07"] = (NOT, MET, MET, MET, MET, NA, NOT, MET, "10000.00", 2)
    households = {}
    for short, (*items, per_head, members) in verdicts.items():
        households[code(short)] = dict(zip(ITEMS, items, strict=True)) | {
            "income_per_head": per_head, "members": members,
        }  # fmt: skip
    return {
        "note": shape.note,
        "on": DAY,
        "as_of": DAY if shape.as_of_needed else None,
        "header_row": len(shape.titles) + 1,
        "person_rows": len(PEOPLE),
        "households_imported": 9,
        "persons_imported": 18,
        "rejected_households": [code("08")],
        "issues": {
            "duplicate_person": [code("01"), code("10")],
            "id_precision_lost": [code("09")],
            "no_head": [code("09")],
            "two_live_helpers": [code("07")],
            "unknown_village": [code("08")],
        },
        "without_live_helper": [code("05"), code("09")],
        "households": households,
        "villages": {
            village: {
                "unexited_persons": unexited, "population": population, "incidence": incidence,
                "incidence_verdict": reached, "industry": industry, "works": works,
            }
            for village, (unexited, population, incidence, reached, industry, works) in VILLAGE_VERDICTS.items()
        },
    }  # fmt: skip


def main() -> None:
    shutil.rmtree(HERE, ignore_errors=True)
    for name, shape in SHAPES.items():
        folder = HERE / name
        folder.mkdir(parents=True)
        lines = ["code,name,level,parent", *(",".join(row) for row in DIVISIONS)]
        (folder / "divisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for stem, sheets in books(shape).items():
            path = folder / f"{stem}{shape.suffix}"
            if shape.form == "xlsx":
                write_xlsx(path, sheets)
            elif shape.form == "xls":
                write_xls(path, sheets)
            elif shape.form == "html":
                write_html(path, sheets, shape.encoding)
            else:
                write_csv(path, sheets, shape.encoding)
        key = json.dumps(expected(shape), ensure_ascii=False, indent=1)
        (folder / "expected.json").write_text(key + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
