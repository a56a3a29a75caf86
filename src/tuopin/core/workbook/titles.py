"""What the rows above the header say: the day of the export, the year, the unit of money."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY = r"(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|(?<!\d)(?:19|20)\d{6}(?!\d))"
_EXPORTED = re.compile(r"(?:导出|下载|生成)[^\d]{0,8}" + _DAY)
_DATED = re.compile(r"(?:时间|日期|截至|截止|统计|填报|制表|时点)[^\d]{0,8}" + _DAY)
_ANY_DAY = re.compile(_DAY)
_YEAR_OF = re.compile(r"((?:19|20)\d{2})\s*年度")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年(?!\s*\d{1,2}\s*月)")
_UNIT = re.compile(r"单位\s*[:：]\s*([^\s()]+)")
_MONEY = ("元", "百元", "千元", "万元", "亿元")


def _lines(titles: Sequence[Sequence[str]]) -> list[str]:
    return [unicodedata.normalize("NFKC", " ".join(cells)) for cells in titles]


def title_date(titles: Sequence[Sequence[str]]) -> date | None:
    """The export date; else another labelled date; else the only date there is. Several different ones: None."""
    lines = _lines(titles)
    for pattern in (_EXPORTED, _DATED, _ANY_DAY):
        found = {parse_date(text) for line in lines for text in pattern.findall(line)}
        days = {day for day in found if isinstance(day, date)}
        if days:
            return days.pop() if len(days) == 1 else None
    return None


def title_year(titles: Sequence[Sequence[str]]) -> int | None:
    """The year that a title names: 2018年度, else 2018年 without a month behind it. Several different ones: None."""
    lines = _lines(titles)
    for pattern in (_YEAR_OF, _YEAR):
        years = {int(year) for line in lines for year in pattern.findall(line)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def title_money_unit(titles: Sequence[Sequence[str]]) -> str:
    """The one unit of money that 单位：… names, ``"元"`` if none or several."""
    units = {
        unit
        for line in _lines(titles)
        for group in _UNIT.findall(line)
        for unit in re.split(r"[、,，;；/和]", group)
        if unit in _MONEY
    }
    return units.pop() if len(units) == 1 else "元"
