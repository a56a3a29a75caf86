"""Header, kind and columns are found by content; what is ambiguous is refused, and the message says where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tuopin.core.workbook import Kind, WorkbookError, load_kind, load_map
from tuopin.core.workbook.headers import Titles, find_header, unit_factor
from tuopin.core.workbook.text import key
from tuopin.core.workbook.titles import title_date, title_money_unit, title_year

if TYPE_CHECKING:
    from pathlib import Path


HEAD = 'name = "x"\norder = 1\ntitle.zh = "x"\ntitle.en = "x"\n'


def kind_named(kinds: list[Kind], name: str) -> Kind:
    return next(kind for kind in kinds if kind.name == name)


@pytest.mark.parametrize(
    ("kind", "header", "field"),
    [
        ("household_person", "户码", "household_code"),
        ("household_person", "户 号", "household_code"),
        ("household_person", "市（州）", "city"),
        ("household_person", "县(市、区、旗)", "county"),
        ("household_person", "县（市、区）", "county"),
        ("household_person", "乡（镇）", "township"),
        ("household_person", "乡镇", "township"),
        ("household_person", "行政村", "village"),
        ("household_person", "村名", "village"),
        ("household_person", "身份证\n号码", "id_number"),
        ("household_person", "公民身份号码*", "id_number"),
        ("household_person", "户主身份证号", "head_id_number"),
        ("household_person", "人口编号", "person_code"),
        ("household_person", "脱贫标志", "registration"),
        ("household_person", "脱贫状态", "registration"),
        ("household_person", "危房户", "dangerous_house"),
        ("household_person", "新型农村合作医疗", "resident_insurance"),
        ("household_person", "是否参加新型农村合作医疗", "resident_insurance"),
        ("household_person", "参加新农合", "resident_insurance"),
        ("household_person", "劳动能力", "labour"),
        ("household_person", "A39 工资性收入", "wage"),
        ("household_person", "A39工资性收入（元）", "wage"),
        ("household_person", "A42a计划生育金", "family_planning_grant"),
        ("household_person", "（A43）生产经营性支出", "business_cost"),
        ("household_person", "一、户主姓名", "head_name"),
        ("household_person", "人均纯收入：元", "stated_income_per_head"),
        ("household_person", "2018年工资性收入", "wage"),
        ("household_person", "务工时间（月）", "work_months"),
        ("household_person", "公益性岗位（月数）", "public_post_months"),
        ("household_person", "公益性岗位", "public_post"),
        ("household_person", "一卡通账号", "bank_account"),
        ("household_person", "联系电话", "phone"),
        ("household_person", "成员联系电话", "member_phone"),
        ("helper", "联系电话", "phone"),
        ("household_person", "耕地面积（平方米）", ""),
        ("household_person", "工资性收入（美元）", ""),
        ("household_person", "务工时间（天）", ""),
        ("household_person", "户主", "head_name"),
        ("household_person", "备注", ""),
        ("household_person", "序号", ""),
        ("village", "村级集体经济收入（万元）", "collective_income"),
        ("village", "通宽带", "work_9"),
        ("areas", "CODE", "code"),
    ],
)
def test_headers_by_other_names(kinds: list[Kind], kind: str, header: str, field: str) -> None:
    assert Titles(kind_named(kinds, kind), {}).find(header)[0] == field


def test_units_of_headers(kinds: list[Kind]) -> None:
    person = kind_named(kinds, "household_person")
    assert unit_factor("工资性收入（万元）", person.field("wage")) == "10000"
    assert unit_factor("工资性收入", person.field("wage")) == "1"
    assert unit_factor("与村主干路距离（米）", person.field("road_distance")) == "0.001"
    assert unit_factor("住房面积（㎡）", person.field("house_area")) == "1"
    assert unit_factor("工资性收入（美元）", person.field("wage")) is None


def test_no_title_stands_for_two_fields(kinds: list[Kind]) -> None:
    for kind in kinds:
        seen: dict[str, str] = {}
        for field in kind.fields:
            for title in field.titles:
                assert seen.setdefault(key(title), field.name) == field.name, f"{kind.name}: {title}"


def test_no_word_stands_for_two_codes_or_for_yes_and_no(kinds: list[Kind]) -> None:
    for kind in kinds:
        for field in kind.fields:
            codes: dict[str, str] = {}
            for word, code in field.codes.items():
                assert codes.setdefault(key(word), code) == code, f"{kind.name}.{field.name}: {word}"
            assert not {key(word) for word in field.true} & {key(word) for word in field.false}


def test_the_kind_with_most_fields_wins(kinds: list[Kind], header: list[str]) -> None:
    rows = [["名单"], [*header, "不愁吃", "不愁穿"]]
    match, _ = find_header(rows, kinds, {})
    assert match is not None
    assert (match.kind.name, match.row) == ("household_person", 1)
    match, _ = find_header([["户码", "户主", "吃", "穿"]], kinds, {})
    assert match is not None
    assert match.kind.name == "household_check"


def test_two_row_header_with_a_group_row(kinds: list[Kind]) -> None:
    rows = [
        ["户编号", "地址", "", "", "成员", ""],
        ["", "县", "乡镇", "村", "姓名", "证件号码"],
        ["H1", "宁陵县", "阳驿乡", "郑楼村", "沈娟", "41142319771206894X"],
    ]
    match, _ = find_header(rows, kinds, {})
    assert match is not None
    assert match.row == 1
    assert match.columns["household_code"] == 0
    assert match.columns["id_number"] == 5


def test_a_blank_row_below_the_header_is_not_taken_for_it(kinds: list[Kind], header: list[str]) -> None:
    match, _ = find_header([header, [""] * len(header)], kinds, {})
    assert match is not None
    assert match.row == 0


def test_a_header_beyond_row_twenty_is_not_searched(kinds: list[Kind], header: list[str]) -> None:
    assert find_header([["说明"]] * 20 + [header], kinds, {})[0] is None
    assert find_header([["说明"]] * 19 + [header], kinds, {})[0] is not None


def test_two_columns_for_one_field_are_refused_by_name(kinds: list[Kind], header: list[str]) -> None:
    with pytest.raises(WorkbookError) as refused:
        find_header([[*header, "身份证号码"]], kinds, {})
    assert refused.value.code == "two_columns"
    assert "证件号码" in refused.value.zh
    assert "“身份证号码”" in refused.value.zh
    assert "column L" in refused.value.en


def test_the_same_header_twice_is_refused_too(kinds: list[Kind], header: list[str]) -> None:
    with pytest.raises(WorkbookError, match="two columns"):
        find_header([[*header, "工资性收入"]], kinds, {})


def test_numbered_headers_do_not_claim_a_field_together(kinds: list[Kind], header: list[str]) -> None:
    match, _ = find_header([[*header, "其他致贫原因1", "其他致贫原因2"]], kinds, {})
    assert match is not None
    assert "other_causes" not in match.columns
    match, _ = find_header([[*header, "其他致贫原因1"]], kinds, {})
    assert match is not None
    assert match.columns["other_causes"] == len(header)


def test_the_closest_kind_is_named(kinds: list[Kind], header: list[str]) -> None:
    _, close = find_header([["x"], [title for title in header if title != "证件号码"]], kinds, {})
    assert close is not None
    assert (close.kind.name, close.row, close.missing) == ("household_person", 1, ("证件号码",))
    assert find_header([["甲", "乙"]], kinds, {}) == (None, None)


def test_a_map_adds_settles_and_ignores(kinds: list[Kind], header: list[str], tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(
        '[household_person]\n"打工钱" = "property"\n"身份证号码" = ""\n"户籍村" = "village"\n', encoding="utf-8"
    )
    rows = [[*header, "身份证号码", "打工钱", "户籍村"]]
    match, _ = find_header(rows, kinds, load_map(file))
    assert match is not None
    assert match.columns["property"] == len(header) + 1
    assert match.columns["id_number"] == header.index("证件号码")
    assert match.columns["village"] == len(header) + 2


@pytest.mark.parametrize("text", ["[household_person", "household_person = 1", "[helper]\nx = 1"])
def test_a_wrong_map_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(WorkbookError, match="header map"):
        load_map(tmp_path / "map.toml")


@pytest.mark.parametrize(
    "text",
    [
        'name = "x"',
        HEAD + '[field.a]\ntype = "text"',
        HEAD + '[field.a]\ntitles = ["a"]\ntype = "float"',
        HEAD + '[field.a]\ntitles = ["a"]\ncolour = 1',
        'one_of = ["b"]\n' + HEAD + '[field.a]\ntitles = ["a"]',
        HEAD + '[field.a]\ntitles = ["a"]\ntype = "code"\ncodes.a = ["x"]\ncodes.b = ["x"]',
    ],
)
def test_a_wrong_kind_does_not_load(tmp_path: Path, text: str) -> None:
    (tmp_path / "kind.toml").write_text(text)
    with pytest.raises(ValueError, match=r"kind\.toml"):
        load_kind(tmp_path / "kind.toml")


def test_kinds_survive_the_way_to_the_child(kinds: list[Kind]) -> None:
    assert [Kind.from_json(kind.to_json()) for kind in kinds] == kinds


@pytest.mark.parametrize(
    ("titles", "day"),
    [
        ([["导出时间：2018-12-01", "", "单位：元"]], date(2018, 12, 1)),
        ([["导出时间", "2018年12月1日"]], date(2018, 12, 1)),
        ([["导出日期:20181201"]], date(2018, 12, 1)),
        ([["数据截至２０１８／１２／１"]], date(2018, 12, 1)),
        ([["宁陵县贫困户（2018.12.01）"]], date(2018, 12, 1)),
        ([["统计时间：2018-11-30"], ["导出时间：2018-12-01"]], date(2018, 12, 1)),
        ([["2018-11-30"], ["2018-12-01"]], None),
        ([["导出时间：2018-02-30"]], None),
        ([["2018年度贫困户"]], None),
        ([["电话 13943530827"]], None),
        ([], None),
    ],
)
def test_export_date(titles: list[list[str]], day: date | None) -> None:
    assert title_date(titles) == day


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("宁陵县2018年度贫困户脱贫核查表", 2018),
        ("2018年贫困户信息", 2018),
        ("２０１８ 年度", 2018),
        ("2018年12月1日导出", None),
        ("2018年12月", None),
        ("2017年、2018年对比", None),
        ("2018年度（2016年识别）", 2018),
        ("12018年", None),
    ],
)
def test_year_of_a_title(title: str, year: int | None) -> None:
    assert title_year([[title]]) == year


def test_money_unit_of_a_title() -> None:
    assert title_money_unit([["单位：元、亩、公里"]]) == "元"
    assert title_money_unit([["x", "（单位：万元）"]]) == "万元"
    assert title_money_unit([["单位：县扶贫办"]]) == "元"
    assert title_money_unit([["单位：元、万元"]]) == "元"
