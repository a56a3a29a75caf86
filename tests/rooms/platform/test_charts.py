"""A chart's shape, its table as CSV, and what a spreadsheet or a browser could be made to do by a name."""

from __future__ import annotations

import csv
import datetime
import io
import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from tuopin.core.language.catalogue import Title
from tuopin.platform.charts import Cell, Chart, Measure, Place, Row, Series, csv_text, percent

DAY = datetime.date(2018, 12, 1)
EVIL = '=cmd|"/c calc"!A1 <script>alert(1)</script>'


def title(text: str) -> Title:
    return Title(text, text)


def chart(**changes: object) -> Chart:
    values: dict[str, object] = {
        "key": "incomes", "kind": "bar", "title": Title("收入", "incomes"), "head": Title("区域", "area"),
        "series": (Series(Title("户数", "households"), Title("户", "households")), Series(title("%"), title("%"), 2)),
        "rows": (
            Row(title(EVIL), (Cell(1234, "/list/?a=1&b=2"), Cell(1234)), code="990121000000"),
            Row(title("-北岗乡"), (Cell(None), Cell(-5))),
        ),
        "source": title("登记"), "as_of": DAY,
    }  # fmt: skip
    return Chart(**(values | changes))  # type: ignore[arg-type]


def page(shown: Chart) -> str:
    request = RequestFactory().get("/areas/1/figures/", {"map": "a&b"})
    return Template("{% load charts %}{% chart shown %}").render(Context({"shown": shown, "request": request}))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "no key"},
        {"series": ()},
        {"series": (Series(title("a")),)},
        {"series": (Series(title("a"), tone="red"), Series(title("b")))},
        {"rows": (Row(title("a"), (Cell(1), Cell(2)), tone="green"),)},
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"key|chart"):
        chart(**changes)


def test_the_page_says_title_unit_source_day_and_every_number() -> None:
    html = page(chart(series=(Series(title("户数"), title("户")), Series(title("率"), title("户"), 2))))
    for text in ("收入", "单位：户", "来源：登记", "2018-12-01", "1,234", "12.34", "-0.05", "未知"):
        assert text in html
    assert re.findall(r'data-value="([^"]*)"', html) == ["1234", "12.34", "", "-0.05"]
    assert 'role="img"' in html
    assert 'href="/list/?a=1&amp;b=2"' in html
    assert "?map=a%26b&amp;csv=incomes" in html


def test_nothing_in_a_name_becomes_markup_or_style() -> None:
    html = page(chart())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"\sstyle=|\son\w+=", html)


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_text(chart()).removeprefix("\ufeff"))))
    assert rows[0] == ["收入"]
    assert rows[1] == ["来源：登记", "2018-12-01"]
    assert rows[2] == ["代码", "区域", "户数 (户)", "% (%)"]
    assert rows[3] == ["990121000000", "'" + EVIL, "1234", "12.34"]
    assert rows[4] == ["", "'-北岗乡", "未知", "-0.05"]
    with translation.override("en"):
        assert "source: 登记" in csv_text(chart())


def test_percent_is_exact_and_unknown_of_nothing() -> None:
    assert [percent(1, 3), percent(2, 3), percent(1, 8), percent(0, 5), percent(0, 0)] == [3333, 6667, 1250, 0, None]
    assert percent(10**18 + 1, 10**18) == 10_000


def test_a_map_keeps_areas_without_a_number() -> None:
    measure = Measure("a.b_c", title("率"), (Series(title("率")),), lambda: {1: (Cell(5),)}, title("登记"), DAY)
    shown = measure.chart(title("县"), [Place(1, "A", "甲县", "/a/"), Place(2, "B", "乙县", "/b/")], "/outlines/")
    assert shown.key == "map-a-b-c"
    assert [row.cells[0].value for row in shown.rows] == [5, None]
    html = page(shown)
    assert 'data-outlines="/outlines/"' in html
    assert 'data-code="B"' in html
