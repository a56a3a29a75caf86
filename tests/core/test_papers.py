"""Official papers, the pure part: levels of a text, lines of a title, numbers, what is kept; nothing of layout."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.papers import (
    TITLE_LINE,
    Kind,
    Number,
    OfficialPaper,
    Paragraph,
    as_json,
    chinese_day,
    faults,
    from_json,
    paragraphs,
    title_lines,
)

DAY = datetime.date(2018, 12, 1)


def paper(**more: object) -> OfficialPaper:
    given: dict[str, object] = {
        "kind": Kind.DIRECTIVE,
        "issuer": "市扶办",
        "title": "指令",
        "body": paragraphs("正文"),
        "day": DAY,
    }
    return OfficialPaper(**given | more)  # type: ignore[arg-type]


def test_levels_are_told_by_how_a_line_begins() -> None:
    text = "一、总则\n（二）立行立改。三日内办结。\n 3.检测\n（4）报告\n2018.5 亩\n正文\n\n(十)英文括号。"
    assert paragraphs(text) == (
        Paragraph(1, "一、总则"),
        Paragraph(2, "（二）立行立改。", "三日内办结。"),
        Paragraph(3, "3.检测"),
        Paragraph(4, "（4）报告"),
        Paragraph(0, "", "2018.5 亩"),
        Paragraph(0, "", "正文"),
        Paragraph(2, "(十)英文括号。"),
    )


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于立即整改的指令", ("关于立即整改的指令",)),
        ("关于立即整改农村饮水安全暗访发现问题的指令", ("关于立即整改农村饮水安全", "暗访发现问题的指令")),
        ("示范市脱贫攻坚领导小组\n关于办结的通报", ("示范市脱贫攻坚领导小组", "关于办结的通报")),
    ],
)
def test_a_title_is_broken_between_words_or_where_its_writer_broke_it(title: str, lines: tuple[str, ...]) -> None:
    assert title_lines(title) == lines


@given(st.text(alphabet="关于饮水安全的指令，《》第a1 ", min_size=1, max_size=150))
def test_no_character_of_a_title_is_lost_and_no_line_too_long(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title.strip()
    assert all(sum(0.5 if each.isascii() else 1 for each in line) <= TITLE_LINE for line in lines)


def test_a_paper_kept_is_the_paper() -> None:
    whole = paper(
        number=Number("市扶办", 2018, 3), addressees=("甲", "乙"), attachments=("清单",), reported=("纪委",),
        copied=("办",),
        printed_on=DAY, copy=7, mandate="领导小组",
    )  # fmt: skip
    assert from_json(json.loads(json.dumps(as_json(whole)))) == whole
    assert from_json(json.loads(json.dumps(as_json(paper())))) == paper()


def test_numbers_days_and_heads_as_the_standard_writes_them() -> None:
    assert str(Number("示脱贫办", 2018, 12)) == "示脱贫办〔2018〕12号"
    assert chinese_day(DAY) == "2018年12月1日"
    assert paper().red_head == "市扶办文件"
    assert paper(kind=Kind.REMINDER).red_head == "市扶办"
    assert paper(mandate="领导小组").paragraphs[0].text == "受领导小组委托，现就有关事项指令如下："


def test_faults_are_found() -> None:
    assert faults(paper()) == []
    assert [each.code for each in faults(paper(kind=Kind.REPLY))] == ["no_signer"]
    assert [each.code for each in faults(paper(urgency="火速", copy=0))] == ["copy", "urgency"]
    assert [each.code for each in faults(paper(body=(Paragraph(0, "", "长" * 3_001),)))] == ["paragraph_too_long"]
