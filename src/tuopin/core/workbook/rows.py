"""Rows of a sheet that are no data: blank ones, totals, the header repeated in mid-sheet, and who signed below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from tuopin.core.workbook.text import key, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.workbook.headers import Match

Skip = Literal["blank", "repeated_header", "total", "footer"]
SKIPS: tuple[Skip, ...] = ("blank", "repeated_header", "total")  # counted also where there are none
_FOOTER = (
    r"(?:填表|填报|制表|审核|复核|审批|负责|经办|统计|录入|核查|验收)(?:单位)?(?:负责)?(?:人|员|者|单位|部门|日期|时间)"
    r"|(?:单位|部门|主管|分管)?(?:负责人|领导|主任|乡镇长|村支书|村主任|第一书记|主要负责同志)"
    r"|(?:联系|办公|咨询|监督)?(?:电话|手机|方式)(?:号码)?|(?:单位)?[(（]?(?:盖章|公章|签章|签字|签名)[)）]?|日期|时间|年月日"
    r"|注|备注|说明|填表说明|填报说明"
)
_SIGNED = r"(?:[(（]?(?:盖章|公章|签章|签字|签名)[)）]?)?"
_FOOTER_MARK = re.compile(rf"\s*(?:{_FOOTER}){_SIGNED}\s*[:：].*", re.DOTALL)
_FOOTER_WORD = re.compile(rf"\s*(?:{_FOOTER}){_SIGNED}\s*")
_FOOTER_CELLS = 8
"""A row with more filled cells than that is data, whatever its first cell says."""


class RowFilter:
    """Says of a row why it is left out, or None.

    A row is a repeated header when its filled cells are those of the header or of a row above it. It is a total when
    its first filled cell, or that of a required field, is a total word, with nothing but a count behind it.
    """

    def __init__(self, match: Match, above: Sequence[Sequence[str]]) -> None:
        self._heads = {self._filled(row) for row in [*above, match.headers]} - {()}
        self._first_words = {head[0][1] for head in self._heads}
        self._required = tuple(match.columns[name] for name in match.kind.required)
        words = "|".join(re.escape(key(word)) for word in match.kind.total_words)
        self._total = re.compile(rf"(?:本页|本表|全[县乡镇村市区])?(?:{words})(?:\d+[户人口]?)*")

    @staticmethod
    def _filled(row: Sequence[object]) -> tuple[tuple[int, str], ...]:
        return tuple((at, text) for at, cell in enumerate(row) if (text := key(render(cell))))

    def reason(self, row: Sequence[object]) -> Skip | None:
        first = next((text for cell in row if cell != "" and (text := key(render(cell)))), "")
        if not first:
            return None if any(render(cell).strip() for cell in row) else "blank"
        if first in self._first_words and self._filled(row) in self._heads:
            return "repeated_header"
        marks = (first, *(key(render(row[at])) for at in self._required if row[at] != ""))
        if any(self._total.fullmatch(mark) for mark in marks):
            return "total"
        return "footer" if self._is_footer(row) else None

    def _is_footer(self, row: Sequence[object]) -> bool:
        """填表人：…, 审核人：…, 联系电话：… below the table: in the first filled cell, or where a code should stand."""
        first = next((text for cell in row if (text := render(cell).strip())), "")
        codes = [text for at in self._required if (text := render(row[at]).strip())]
        signed = [text for text in (first, *codes) if _FOOTER_MARK.fullmatch(text) or _FOOTER_WORD.fullmatch(text)]
        if not signed or sum(1 for cell in row if render(cell).strip()) > _FOOTER_CELLS:
            return False
        others = [code for code in codes if code not in signed]
        # 填表人：李四 with a name in the column of codes is a footer still; beside a code it is a row
        return not others or ((":" in first or "：" in first) and not any(c.isascii() and c.isalnum() for c in others))

    def is_plain(self, row: Sequence[object]) -> bool:
        """Quick and on the safe side: True for a row whose first cell and first code are numbers, as most are."""
        first, code = row[0], row[self._required[0]]
        return type(code) is str and code.isdigit() and type(first) is str and first.isdigit()
