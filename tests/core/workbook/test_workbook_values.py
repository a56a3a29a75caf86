"""Cells: what is a value of its type, and what is not. Nothing is guessed."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.workbook.kinds import Field
from tuopin.core.workbook.text import clean, column_letters, render
from tuopin.core.workbook.values import Bad, parse_date, parse_month, parser

MONEY = Field("business", ("生产经营性收入",), type="money", within=("-100000000000", "100000000000"))


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1234.5", 123450),
        ("１１５３１.９４", 1153194),
        ("０.００", 0),
        ("6457.61元", 645761),
        ("６４５７．６１元", 645761),
        ("1,234.50", 123450),
        ("１，２３４．５０", 123450),
        ("1 234.50", 123450),
        ("1,234,567", 123456700),
        ("¥12.00", 1200),
        ("-5.01", -501),
        ("+5", 500),
        (".5", 50),
        ("5.", 500),
        ("12.500", 1250),
        ("0012", 1200),
        ("8.2万元", 8_200_000),
        ("0.0001万元", 100),
        ("  2995.00\xa0", 299500),
        ("\ufeff2995\u200b", 299500),
        ("", None),
        (" \t\u3000", None),
    ],
)
def test_money(text: str, fen: int | None) -> None:
    assert parser(MONEY)(text) == fen


@pytest.mark.parametrize(
    "text",
    ["12.505", "12,34", "1,2345", "1,23,456", "12 34", "1 2345", "--1", "1-2", "1e5", "1.2E+3", "abc", "无", "-", "—",
     "/", "12元5角", "12美元", "1元元", "1..", ".", "5%", "1.2.3", "٣", "①", "½", "nan", "inf", "0x10", "1_000",
     "99999999999999999999", "9" * 40, "0." + "0" * 30 + "1", "=1+1"],
)  # fmt: skip
def test_what_is_no_money(text: str) -> None:
    assert parser(MONEY)(text) == Bad("bad_number")


@given(st.integers(-(10**12), 10**12))
def test_money_is_exact_in_every_spelling(fen: int) -> None:
    yuan = Decimal(fen) / 100
    wide = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
    for text in (f"{yuan:.2f}", f"{yuan:,.2f}", f"{yuan:.2f}元", f"{yuan:,.2f}".translate(wide)):
        assert parser(MONEY)(text) == fen


@given(st.integers(0, 10**13))
def test_money_in_ten_thousands_is_exact(units: int) -> None:
    assert parser(MONEY, "10000")(str(Decimal(units).scaleb(-6))) == units
    assert parser(MONEY, "10000")("12.5元") == 1250


@given(st.text(max_size=30))
def test_no_text_breaks_a_parser(text: str) -> None:
    for field in (
        MONEY,
        Field("a", ("a",), type="decimal", scale=2, units={"亩": "1"}),
        Field("b", ("b",), type="integer"),
        Field("c", ("c",), type="date"),
        Field("d", ("d",), type="month"),
        Field("e", ("e",), type="boolean"),
        Field("f", ("f",), type="code", codes={"因病": "illness"}, multiple=True),
        Field("g", ("g",), type="id_number"),
        Field("h", ("h",), type="identifier"),
        Field("i", ("i",)),
    ):
        value = parser(field)(text)
        assert isinstance(value, Bad | str | int | date) or value is None


def test_decimals_have_a_scale_and_units() -> None:
    land = parser(Field("arable_land", ("耕地面积",), type="decimal", scale=2, units={"亩": "1", "公顷": "15"}))
    assert land("8.9") == 890
    assert land("8.90亩") == 890
    assert land("2公顷") == 3000
    assert land("8.905") == Bad("bad_number")
    assert land("8.9元") == Bad("bad_number")
    metres = parser(Field("road_distance", ("距离",), type="decimal", scale=2, units={"米": "0.001"}), "0.001")
    assert metres("1500") == 150
    assert metres("1505") == Bad("bad_number")


def test_integers() -> None:
    count = parser(Field("population", ("总人口数",), type="integer", units={"人": "1"}))
    assert count("1400") == 1400
    assert count("1,400人") == 1400
    assert count("1400.0") == 1400
    assert count("1400.5") == Bad("bad_number")


@pytest.mark.parametrize(
    "text",
    ["2018-12-01", "20181201", "2018年12月1日", "2018/12/1", "2018.12.1", "2018年12月1号", "2018 年 12 月 1 日",
     "２０１８－１２－０１", "2018-12-01 00:00:00", "2018-12-1 10:20", "2018-12-01T00:00:00.000", " 2018-12-01\n",
     "2018年12月1日 9时30分",
     "2018年12月1日9时30分20秒", "2018年12月1日9时", "2018年12月1日 21点半", "2018年12月1日 9 时 30 分",
     "2018年12月1日上午9时30分",
     "2018-12-01 上午9:30", "2018/12/1 下午 3:05:10", "2018-12-01 下午",
     "2018/12/1 9:30:00 AM", "2018/12/1 PM 9:30",
     "2018-12-01T09:30:00+08:00", "20181201093000", "2018-12-01 星期六 9:30", "2018年12月1日（星期六）9:30",
     "2018年12月1日 星期六", "２０１８年１２月１日　９：３０", "2018.12.1 21：05", "2018-12-01 24:00"],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert parse_date(text) == date(2018, 12, 1)


@pytest.mark.parametrize(
    "text",
    ["2018-02-30", "2018-13-01", "20180230", "18-12-01", "2018-12", "201812", "2018", "43435", "01/12/2018",
     "2018-12/01", "0018-01-01", "2018-12-011", "明天", "2018-12-01至2018-12-31", "٢٠١٨-١٢-٠١",
     "2018-12-01 25:00", "2018-12-01 9:75", "2018-12-01 9时75分", "2018-12-019:30", "9:30", "上午9时", "20181201253000",
     "2018-12-01T20:00:00Z", "2018年12月1日9", "2018-12-01 9:30至10:30", "2018-12-01" + " " * 9000 + "x"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) == Bad("bad_date")


@given(st.dates(date(1850, 1, 1), date(2150, 12, 31)))
def test_every_day_in_every_spelling(day: date) -> None:
    plain = f"{day.year}年{day.month}月{day.day}日"
    for text in (day.isoformat(), f"{day:%Y%m%d}", plain, f"{day.year}/{day.month}/{day.day}", f"{day:%Y.%m.%d}"):
        assert parse_date(text) == day


@pytest.mark.parametrize(
    "text", ["201612", "2016-12", "2016/12", "2016.12", "2016年12月", "2016-12-31", "２０１６１２"]
)
def test_months(text: str) -> None:
    assert parse_month(text) == "2016-12"


@pytest.mark.parametrize("text", ["201613", "2016", "12", "2016-00", "十二月"])
def test_what_is_no_month(text: str) -> None:
    assert parse_month(text) == Bad("bad_date")


def test_booleans_and_codes() -> None:
    yes = parser(Field("water_safe", ("饮水是否安全",), type="boolean"))
    assert [yes(text) for text in ("是", " 有 ", "否", "无", "TRUE", "", "　")] == [
        True,
        True,
        False,
        False,
        True,
        None,
        None,
    ]
    assert [yes(text) for text in ("1", "√", "不详", "-", "是否")] == [Bad("bad_boolean")] * 5
    cause = parser(
        Field("causes", ("致贫原因",), type="code", codes={"因病": "illness", "因残": "disability"}, multiple=True)
    )
    assert cause("因病") == "illness"
    assert cause("因残，因病、因残") == "disability,illness"
    assert cause("因病,不明") == Bad("bad_code")
    assert cause(",") == Bad("bad_code")
    one = parser(Field("cause", ("致贫原因",), type="code", codes={"因病": "illness", "因残": "disability"}))
    assert one("因病,因残") == Bad("bad_code")
    open_list = parser(Field("study", ("在校生状况",), type="code", codes={"非在校生": "not_in_school"}, other="other"))
    assert open_list("特殊教育学校") == "other"
    assert open_list("非 在校生") == "not_in_school"
    assert open_list("/") == Bad("bad_code")


def test_identifiers() -> None:
    code = parser(Field("household_code", ("户编号",), type="identifier"))
    assert code(" ４１１４２３ 0001") == "4114230001"
    assert code('="0411423"') == "0411423"
    assert code("'0411423") == "0411423"
    assert code("4.1142300000005E+15") == Bad("precision_lost")
    assert code("") is None


def test_id_numbers() -> None:
    own = parser(Field("id_number", ("证件号码",), type="id_number"))
    assert own("41142319771206894x") == "41142319771206894X"
    assert own("'41142319771206894x") == "41142319771206894X"
    assert own(" ") == Bad("id_missing")
    assert own("4.11423E+17") == Bad("id_precision_lost")
    assert own("4114231977120689") == Bad("id_length")
    assert own("411423197712068941") == Bad("id_check_digit")
    of_head = parser(Field("head_id_number", ("户主证件号码",), type="id_number", checked=False))
    assert of_head("41142319771206894x") == "41142319771206894X"
    assert [of_head(text) for text in ("4.11423E+17", "", "411423197712068941")] == [None] * 3


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (12, "12"),
        (-0.0, "0"),
        (2995.0000000001, "2995"),
        (0.1 + 0.2, "0.3"),
        (1234.505, "1234.505"),
        (1145.33 + 2034.67 - 0.01, "3179.99"),
        (411423193907032092, "4.11423193907032E+17"),
        (4.114231939070321e17, "4.11423193907032E+17"),
        (999999999999999, "999999999999999"),
        (10**15, "1E+15"),
        (float("nan"), "nan"),
        (True, "TRUE"),
        (datetime(2018, 12, 1), "2018-12-01"),  # noqa: DTZ001 - a spreadsheet's dates have no zone
        (datetime(2018, 12, 1, 10, 30), "2018-12-01 10:30:00"),  # noqa: DTZ001 - as above
        (date(2018, 12, 1), "2018-12-01"),
        (time(1, 2), "01:02:00"),
        (timedelta(hours=1), "1:00:00"),
        (None, ""),
        (" a ", " a "),
    ],
)
def test_cells_as_text(cell: Any, text: str) -> None:
    assert render(cell) == text


def test_text_loses_only_what_cannot_be_seen() -> None:
    assert clean("\ufeff 张\x00三\u200b \xa0") == "张三"
    assert clean("郑楼\n村委会") == "郑楼 村委会"
    assert clean("𠮷野家㛃\ue000") == "𠮷野家㛃\ue000"
    assert clean("ＡＢ") == "ＡＢ"


def test_column_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_text_too_long_for_its_field_is_named_and_never_cut() -> None:
    text = parser(Field("post", ("职务",), longest=4))
    assert text("一二三四") == "一二三四"
    assert text(" 一二三四 ") == "一二三四", "blanks around it do not count"
    assert text("一二三四五") == Bad("too_long")
    number = parser(Field("phone", ("电话",), type="identifier", longest=4))
    assert [number("1234"), number("12345"), number("")] == ["1234", Bad("too_long"), None]


def test_a_number_that_the_field_cannot_be_is_named() -> None:
    minutes = parser(Field("minutes", ("取水时间",), type="integer", within=("0", "1440")))
    assert [minutes(text) for text in ("0", "25", "1440", "-5", "1441")] == [
        0, 25, 1440, Bad("out_of_range"), Bad("out_of_range"),
    ]  # fmt: skip
    wage = parser(Field("wage", ("工资",), type="money"))
    assert [wage("-0.01"), wage("0"), wage("-1万元")] == [Bad("out_of_range"), 0, Bad("out_of_range")]
    business = parser(Field("business", ("经营",), type="money", within=("-1000000", "1000000")))
    assert business("-12.5") == -1250
    area = parser(Field("area", ("面积",), type="decimal", scale=2))
    assert [area("-1"), area("-0"), area("0.5")] == [Bad("out_of_range"), 0, 50]
