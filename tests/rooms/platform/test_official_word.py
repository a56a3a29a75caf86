"""Official papers as Word: measured on the XML; templates of an office."""

from __future__ import annotations

import datetime
import io
from functools import cache
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Emu

from tuopin.core.papers import Kind, Number, OfficialPaper, paragraphs
from tuopin.platform.documents.official import wording
from tuopin.platform.problems import Problem

DAY = datetime.date(2018, 12, 1)
BODY = "一、提高站位\n（一）立行立改。三个工作日内。\n1.检测。\n（1）报告。\n文来文往，限时办结。"


def paper(kind: Kind = Kind.DIRECTIVE, **more: Any) -> OfficialPaper:
    given: dict[str, Any] = {
        "kind": kind, "issuer": "示范市脱贫攻坚领导小组办公室", "title": "关于立即整改农村饮水安全暗访发现问题的指令",
        "body": paragraphs(BODY), "day": DAY, "number": Number("示脱贫办", 2018, 12), "addressees": ("市水利局",),
        "attachments": ("清单", "报告表"), "copied": ("市委办公室",), "reported": ("市纪委监委",), "urgency": "特急",
    }  # fmt: skip
    return OfficialPaper(**given | more)


@cache
def made(kind: Kind = Kind.DIRECTIVE, **more: Any) -> Any:
    return Document(io.BytesIO(wording.paper_docx(paper(kind, **more))))


def found(document: Any, beginning: str) -> Any:
    return next(each for each in document.paragraphs if each.text.startswith(beginning))


def face(run: Any) -> tuple[str, float]:
    return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt


def inner(paragraph: Any, name: str) -> Any:
    return next(paragraph._p.iter(qn(name)))


def test_page_margins_and_grid_are_those_of_the_standard() -> None:
    (section,) = made().sections
    measures = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [each.mm for each in measures] == [pytest.approx(each, abs=0.1) for each in (210, 297, 37, 28)]
    wide = Emu(section.page_width - section.left_margin - section.right_margin)
    high = Emu(section.page_height - section.top_margin - section.bottom_margin)
    assert (wide.mm, high.mm) == (pytest.approx(156, abs=0.1), pytest.approx(225, abs=0.1))
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert wide.pt / (16 + int(grid.get(qn("w:charSpace"))) / 4096) == pytest.approx(28, abs=0.01)
    assert high.pt / (int(grid.get(qn("w:linePitch"))) / 20) == pytest.approx(22, abs=0.01)
    normal = made().styles["Normal"]
    assert normal.font.size.pt == 16
    assert 22 * normal.paragraph_format.line_spacing.pt <= high.pt < 23 * normal.paragraph_format.line_spacing.pt


def test_head_number_and_red_line() -> None:
    document = made()
    head = found(document, "示范市脱贫攻坚领导小组办公室文件")
    run = head.runs[0]
    assert str(run.font.color.rgb) == "FF0000"
    assert face(run)[0] == "方正小标宋简体"
    natural = len(head.text) * face(run)[1]
    assert natural * int(inner(head, "w:w").get(qn("w:val"))) / 100 <= 156 / 25.4 * 72
    number = found(document, "示脱贫办〔2018〕12号")
    assert face(number.runs[0]) == ("仿宋_GB2312", 16)
    line = inner(number, "w:pBdr").find(qn("w:bottom"))
    assert line.get(qn("w:color")) == "FF0000"
    assert int(line.get(qn("w:sz"))) / 8 * 25.4 / 72 == pytest.approx(0.5, abs=0.05)
    assert int(line.get(qn("w:space"))) * 25.4 / 72 == pytest.approx(4, abs=0.2)
    assert document.paragraphs[0].text == "特急"  # the first of the three lines above the head


@pytest.mark.parametrize("length", [1, 8, 9, 20, 40, 60])
def test_a_head_of_any_length_keeps_to_one_line(length: int) -> None:
    for letter in (False, True):
        size, narrow = wording.head_of(length, letter=letter)
        assert length * size * narrow / 100 <= 156 / 25.4 * 72
        assert size >= 10


def test_faces_of_title_and_levels() -> None:
    document = made()
    for beginning, wanted in (
        ("关于立即整改农村饮水", ("方正小标宋简体", 22)), ("一、", ("黑体", 16)), ("（一）", ("楷体_GB2312", 16)),
        ("1.", ("仿宋_GB2312", 16)), ("（1）", ("仿宋_GB2312", 16)), ("文来", ("仿宋_GB2312", 16)),
    ):  # fmt: skip
        assert face(next(run for run in found(document, beginning).runs if run.text)) == wanted
    mixed = found(document, "（一）")
    assert [(run.text, face(run)[0]) for run in mixed.runs] == [
        ("（一）立行立改。", "楷体_GB2312"),
        ("三个工作日内。", "仿宋_GB2312"),
    ]
    assert inner(mixed, "w:ind").get(qn("w:firstLineChars")) == "200"


def test_the_imprint_hangs_on_the_foot_with_the_lines_of_the_standard() -> None:
    (table,) = made().tables
    position = table._tbl.tblPr.find(qn("w:tblpPr"))
    assert (position.get(qn("w:vertAnchor")), position.get(qn("w:tblpYSpec"))) == ("margin", "bottom")
    assert int(table._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w"))) / 1440 * 25.4 == pytest.approx(156, abs=0.1)
    copies, printed = (row.cells[0] for row in table.rows)
    assert [each.text for each in copies.paragraphs] == ["抄报：市纪委监委。", "抄送：市委办公室。"]
    assert printed.text == "示范市脱贫攻坚领导小组办公室\t2018年12月1日印发"
    assert {face(run) for cell in (copies, printed) for each in cell.paragraphs for run in each.runs} == {
        ("仿宋_GB2312", 14)
    }
    sizes = [
        int(cell._tc.tcPr.find(qn("w:tcBorders")).find(qn(side)).get(qn("w:sz"))) / 8 * 25.4 / 72
        for cell in (copies, printed)
        for side in ("w:top", "w:bottom")
    ]
    assert sizes == [pytest.approx(each, abs=0.03) for each in (0.35, 0.25, 0.25, 0.35)]
    (alone,) = made(copied=(), reported=()).tables[0].rows
    assert alone.cells[0].text.endswith("印发")


def test_page_numbers_differ_on_odd_and_even_pages() -> None:
    (section,) = made().sections
    assert made().settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)  # right, left
    assert "PAGE" in odd._p.xml
    assert face(odd.runs[0]) == ("宋体", 14)


def test_a_letter_has_its_name_and_double_lines_on_the_first_page() -> None:
    document = made(Kind.REMINDER)
    (section,) = document.sections
    assert section.different_first_page_header_footer
    assert section.header_distance.mm == pytest.approx(30, abs=0.1)
    head, foot = section.first_page_header.paragraphs[0], section.first_page_footer.paragraphs[0]
    assert head.text == "示范市脱贫攻坚领导小组办公室"
    assert inner(head, "w:bottom").get(qn("w:val")) == "thickThinSmallGap"
    assert inner(foot, "w:top").get(qn("w:val")) == "thinThickSmallGap"
    wide = 156 - head.paragraph_format.left_indent.mm - head.paragraph_format.right_indent.mm
    assert wide == pytest.approx(170, abs=0.1)
    assert len(document.tables[0].rows) == 1  # copies alone, nothing of who printed it


def test_a_paper_that_goes_up_and_a_draft_say_so() -> None:
    assert found(made(Kind.REPLY, signer="李样例"), "示脱贫办").text == "示脱贫办〔2018〕12号\t签发人：李样例"
    assert found(made(number=None), "草稿")
    assert not any(each.text.startswith("草稿") for each in made().paragraphs)


def test_what_people_type_stays_text() -> None:
    hostile = ("{{ 红头 }}", "{% for a in b %}", "<w:p/>&\0", "{%p endif %}")
    document = made(body=paragraphs("\n".join(hostile)), title="<b>{{ 7*7 }}</b>")
    text = [each.text for each in document.paragraphs]
    assert "{{ 红头 }}" in text
    assert "<w:p/>&" in text
    assert "<b>{{ 7*7 }}</b>" in text


def test_a_template_of_an_office_is_filled_and_an_unknown_name_refused() -> None:
    own = Document()
    own.add_paragraph("{{ 红头 }}：{{ 标题 }}")
    held = io.BytesIO()
    own.save(held)
    filled = Document(io.BytesIO(wording.paper_docx(paper(), held.getvalue())))
    assert [each.text for each in filled.paragraphs] == [
        "示范市脱贫攻坚领导小组办公室文件：关于立即整改农村饮水安全暗访发现问题的指令"
    ]
    own.add_paragraph("{{ 身份证号 }}")
    held = io.BytesIO()
    own.save(held)
    with pytest.raises(Problem, match="template_names"):
        wording.paper_docx(paper(), held.getvalue())
