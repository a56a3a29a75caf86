"""The city on paper: workbooks in the shape of the national system's exports, all cells text.

Two title rows stand above the header; one row per person repeats the household's fields; a totals row ends the list.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from rustpy_xlsxwriter import FastExcel

from tuopin.register.demo import names
from tuopin.register.demo.areas import division_rows
from tuopin.register.demo.villages import WORK_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from tuopin.register.demo.areas import County
    from tuopin.register.demo.helpers import Help
    from tuopin.register.demo.households import Household
    from tuopin.register.demo.people import Person
    from tuopin.register.demo.villages import VillageFacts

MARK = "（演示数据，人物均为虚构）"
"""Stands in the title of every workbook."""

PEOPLE, CHECKS, VILLAGES, HELPERS, DIVISIONS = (
    "户人信息.xlsx", "脱贫核查.xlsx", "村信息.xlsx", "帮扶责任人.xlsx", "divisions.csv",
)  # fmt: skip

_VILLAGE_COLUMNS = (
    "省",
    "市",
    "县",
    "镇",
    "村",
    "是否贫困村",
    "总户数",
    "总人口数",
    "特色产业个数",
    "村级集体经济收入（万元）",
    *WORK_TITLES,
)
_HELPER_COLUMNS = (
    "户编号",
    "户主姓名",
    "帮扶责任人",
    "性别",
    "单位名称",
    "职务",
    "政治面貌",
    "联系电话",
    "帮扶开始时间",
    "帮扶结束时间",
)
_CHECK_COLUMNS = ("户编号", "户主姓名", "不愁吃", "不愁穿", "核查日期", "核查人")


def write_divisions(path: Path, counties: list[County]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name", "level", "parent"))
        writer.writerows(division_rows(counties))


def write_people(path: Path, county: str, households: Sequence[Household], day: date) -> None:
    """户人信息: one row per person, the columns of :func:`household_cells` and :func:`person_cells`, then the total.

    ``households`` is not empty.
    """
    columns = (*household_cells(households[0]), *person_cells(households[0].head))

    def rows() -> Iterator[dict[str, str]]:
        for household in households:
            cells = household_cells(household)
            for person in household.members:
                yield cells | person_cells(person)
        yield dict.fromkeys(columns, "") | {"户编号": "合计", "户主姓名": f"{len(households)}户"}

    title = f"{county}建档立卡贫困户信息{MARK}"
    write_sheet(path, "贫困户信息", title, (f"导出时间：{day}", "单位：元、亩、公里、平方米"), columns, rows())


def write_checks(path: Path, county: str, rows: Iterable[tuple[str, ...]], year: int, day: date) -> None:
    """脱贫核查: rows of :data:`_CHECK_COLUMNS`."""
    title = f"{county}{year}年度贫困户脱贫核查表{MARK}"
    cells = (dict(zip(_CHECK_COLUMNS, row, strict=True)) for row in rows)
    write_sheet(path, "脱贫核查", title, (f"导出时间：{day}",), _CHECK_COLUMNS, cells)


def write_villages(path: Path, county: str, facts: Iterable[VillageFacts], day: date) -> None:
    """村信息: every village of the county, designated or not."""
    title = f"{county}行政村信息{MARK}"
    cells = (dict(zip(_VILLAGE_COLUMNS, _village_row(item), strict=True)) for item in facts)
    write_sheet(path, "行政村", title, (f"导出时间：{day}",), _VILLAGE_COLUMNS, cells)


def write_helpers(path: Path, county: str, helps: Iterable[Help], day: date) -> None:
    title = f"{county}帮扶责任人信息{MARK}"
    cells = (dict(zip(_HELPER_COLUMNS, _helper_row(item), strict=True)) for item in helps)
    write_sheet(path, "帮扶责任人", title, (f"导出时间：{day}",), _HELPER_COLUMNS, cells)


def write_sheet(
    path: Path, sheet: str, title: str, second: Sequence[str], columns: Sequence[str], rows: Iterable[dict[str, str]]
) -> None:
    """A workbook of one sheet: two title rows, the header, the rows."""
    above = [(0, 0, 0, len(columns) - 1, title)]
    above += [(1, 2 * i, 1, 2 * i + 1, text) for i, text in enumerate(second)]  # a merge spans two cells at least
    book = FastExcel(path)
    book.sheet(sheet, rows, header_row=2, merge_ranges=above)
    book.save()


def yuan(fen: int | None) -> str:
    """Yuan with two decimals; blank for unknown."""
    if fen is None:
        return ""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def per_head(net: int | None, size: int) -> int | None:
    """Fen a head, half up (away from zero below it)."""
    if net is None:
        return None
    half_up = (2 * abs(net) + size) // (2 * size)
    return half_up if net >= 0 else -half_up


def household_cells(household: Household) -> dict[str, str]:
    """Header -> text of the fields that every row of the household repeats."""
    village, money, head = household.village, household.income, household.head
    return {
        "户编号": household.code,
        "户主姓名": head.name,
        "户主证件号码": head.id_number,
        "联系电话": household.phone,
        "省": names.PROVINCE,
        "市": names.CITY,
        "县": village.county,
        "镇": village.township,
        "村": village.name,
        "所在组": household.group,
        "开户银行": "示范农商银行",
        "银行账号": household.bank_account,
        "识别标准": "国家标准",
        "贫困户属性": household.category,
        "主要致贫原因": household.main_cause,
        "其他致贫原因": household.other_cause,
        "脱贫属性": household.status,
        "脱贫年度": household.exit_year,
        "首次识别时间": household.identified,
        "耕地面积": household.arable,
        "林地面积": household.forest,
        "入户路类型": household.road,
        "与村主干路距离": household.road_distance,
        "是否通生活用电": household.power,
        "饮水是否困难": household.water_difficult,
        "饮水是否安全": household.water_safe,
        "主要燃料类型": household.fuel,
        "是否加入农民专业合作社": household.cooperative,
        "有无卫生厕所": household.toilet,
        "住房面积": household.house_area,
        "主要住房是否危房": household.dangerous,
        "危房级别": household.danger_grade if household.dangerous == "是" else "",
        "工资性收入": yuan(money.wage),
        "生产经营性收入": yuan(money.business),
        "财产性收入": yuan(money.assets),
        "转移性收入": yuan(money.transfer),
        "计划生育金": yuan(money.family_planning),
        "低保金": yuan(money.low_income),
        "特困供养金": yuan(money.special_care),
        "养老保险金": yuan(money.pension),
        "生态补偿金": yuan(money.ecological),
        "其他转移性收入": yuan(money.other),
        "生产经营性支出": yuan(money.business_cost),
        "纯收入": yuan(money.net),
        "人均纯收入": yuan(per_head(money.net, len(household.members))),
    }


def person_cells(person: Person) -> dict[str, str]:
    """Header -> text of one member's own fields."""
    return {
        "人编号": person.code,
        "姓名": person.name,
        "性别": person.sex,
        "出生日期": f"{person.birth}",
        "证件类型": "居民身份证",
        "证件号码": person.id_number,
        "与户主关系": person.relation,
        "民族": person.ethnicity,
        "政治面貌": person.politics,
        "文化程度": person.education,
        "在校生状况": person.study,
        "失学或辍学原因": person.dropout,
        "健康状况": person.health,
        "残疾证号码": person.disability_number,
        "劳动技能": person.labour,
        "务工所在地": person.work_place,
        "务工时间（月）": str(person.work_months),
        "就业渠道": person.channel,
        "公益性岗位类型": person.public_post,
        "公益性岗位(月数)": str(person.public_post_months) if person.public_post else "",
        "是否参加城乡居民基本医疗保险": person.resident_insurance,
        "是否参加城镇职工基本医疗保险": person.employee_insurance,
        "是否参加大病保险": person.serious_illness_insurance,
        "是否参加城乡居民基本养老保险": person.pension,
        "是否享受低保": person.low_income,
        "是否特困供养人员": person.special_support,
        "成员联系电话": person.phone,
    }


def _village_row(facts: VillageFacts) -> tuple[str, ...]:
    village = facts.village
    place = (names.PROVINCE, names.CITY, village.county, village.township, village.name)
    people = ("是" if village.is_poor else "否", str(facts.households), str(facts.population))
    return (*place, *people, facts.industries, facts.collective_income, *facts.works)


def _helper_row(row: Help) -> tuple[str, ...]:
    household = row.household
    official = (row.name, row.sex, row.unit, row.post, row.politics, row.phone)
    return (household.code, household.head.name, *official, row.start, row.end)
