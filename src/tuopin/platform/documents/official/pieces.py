"""The parts of a Word template of an official paper: page and grid, head, text, imprint (GB/T 9704-2012)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from tuopin.core.papers import CHARACTERS, LINES

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

WIDE, HIGH = 156, 225
LINE = Pt(int(HIGH / 25.4 * 72 / LINES * 20) / 20)
"""What a line of the grid is high: rounded down to twips, or the last line would not fit."""
PITCH = WIDE / 25.4 * 72 / CHARACTERS  # points
SONG, FANG, KAI, HEI, PLAIN = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
RED = RGBColor(0xFF, 0, 0)
_FACES = {"1": HEI, "2": KAI, "3": FANG, "4": FANG}
_EIGHTH = 8 / 25.4 * 72  # eighths of a point in a millimetre, in which Word counts lines
_CENTRE, _RIGHT, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


def line_of(millimetres: float) -> int:
    """The thickness of a line as Word counts it."""
    return round(millimetres * _EIGHTH)


class Pieces:
    """Puts one template together."""

    def __init__(self, head: tuple[float, int], issuer_length: int, *, letter: bool) -> None:
        self.document: Word = Document()
        self._head, self._issuer, self._letter = head, issuer_length, letter

    # -- page -----------------------------------------------------------------------------------------------------

    def page(self) -> None:
        """A4, margins, the grid of 22 × 28, page numbers."""
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.left_margin = Mm(37), Mm(28)
        section.right_margin, section.bottom_margin = Mm(26), Mm(35)
        section.header_distance, section.footer_distance = Mm(30 if self._letter else 20), Mm(25.5)
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        grid = _element("w:docGrid", type="linesAndChars", linePitch=round(HIGH / 25.4 * 72 / LINES * 20))
        grid.set(qn("w:charSpace"), str(round((PITCH - 16) * 4096)))
        section._sectPr.append(grid)
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = "Times New Roman", Pt(16)
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
        normal.element.rPr.append(_element("w:lang", val="en-US", eastAsia="zh-CN"))
        layout = normal.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        layout.widow_control = False
        self.document.settings.odd_and_even_pages_header_footer = True
        self._page_number(section.footer, right=True)
        self._page_number(section.even_page_footer, right=False)
        section.different_first_page_header_footer = self._letter

    def _page_number(self, footer: Any, *, right: bool) -> None:
        paragraph = footer.paragraphs[0]
        paragraph.alignment = _RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
        if right:
            paragraph.paragraph_format.right_indent = Pt(14)
        else:
            paragraph.paragraph_format.left_indent = Pt(14)
        _run(paragraph, "—", PLAIN, 14)
        run = _run(paragraph, "", PLAIN, 14)
        for kind in ("begin", "", "end"):
            if kind:
                run._r.append(_element("w:fldChar", fldCharType=kind))
            else:
                instruction = OxmlElement("w:instrText")
                instruction.text = "PAGE"
                run._r.append(instruction)
        _run(paragraph, "—", PLAIN, 14)

    # -- head -----------------------------------------------------------------------------------------------------

    def red_head(self) -> None:
        """Marks in the first three lines, the head 35 mm below the top, two blank lines, the number, the red line."""
        self._tag("for 行 in 标记行")
        for face, condition in ((FANG, "行.体 == '仿宋'"), (HEI, "行.体 == '黑体'")):
            paragraph = self._add()
            _run(paragraph, "{{ 行.文 }}", face)
            self._if(condition, paragraph)
        self._tag("endfor")
        mark = self._mark(self._add(_CENTRE))
        mark.paragraph_format.space_before = Mm(35) - 3 * LINE - Pt(2)
        mark.paragraph_format.line_spacing = Pt(50)
        self._blank(2)
        self._if("not 签发人", self._number(signed=False))
        self._if("签发人", self._number(signed=True))
        self._blank(2)

    def _number(self, *, signed: bool) -> Paragraph:
        paragraph = self._add(None if signed else _CENTRE)
        if not signed:
            _run(paragraph, "{{ 文号 }}")
        else:
            _tab(paragraph, WIDE / 25.4 * 72 - PITCH)
            paragraph.paragraph_format.left_indent = Pt(PITCH)
            _run(paragraph, "{{ 文号 }}\t签发人：")
            _run(paragraph, "{{ 签发人 }}", KAI)
        _border(paragraph, "bottom", "single", line_of(0.5), space=11)  # 11 points: 4 mm
        return paragraph

    def letter_head(self) -> None:
        """The name in the head of the first page, red double lines 170 mm wide there and at the foot, number right."""
        section = self.document.sections[0]
        first = section.first_page_header.paragraphs[0]
        _double(first, "bottom", "thickThinSmallGap", 11)
        self._mark(first)
        first.alignment = _CENTRE
        first.paragraph_format.line_spacing = Pt(40)
        foot = section.first_page_footer.paragraphs[0]
        _double(foot, "top", "thinThickSmallGap", 1)
        foot.paragraph_format.space_before = Pt(9)
        number = self._add()
        number.paragraph_format.space_before = Pt(14)  # 7/8 of a character; the head pushes the text down by itself
        _tab(number, WIDE / 25.4 * 72)
        _run(number, "{{ 份号 }}", FANG)
        _run(number, "{{ 密级 }}{{ 紧急程度 }}\t", HEI)
        _run(number, "{{ 文号 }}", FANG)
        self._blank(2)

    def _mark(self, paragraph: Paragraph) -> Paragraph:
        size, narrow = self._head
        run = _run(paragraph, "{{ 红头 }}", SONG, size)
        run.font.color.rgb = RED
        properties = run._r.get_or_add_rPr()
        properties.insert_element_before(
            _element("w:w", val=narrow), "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:effect"
        )
        return paragraph

    # -- text -----------------------------------------------------------------------------------------------------

    def text(self) -> None:
        """Title, addressees, the levels of the text, attachments, signature, date, note."""
        draft = self._add(_RIGHT)
        _run(draft, "{{ 草稿 }}", HEI, 10.5)
        self._if("草稿", draft)
        title = self._add(_CENTRE)
        _run(title, "{{ 行.文 }}", SONG, 22)
        self._around(title, "for 行 in 标题行", "endfor")
        self._blank(1)
        addressees = self._add(_BOTH)
        _run(addressees, "{{ 主送 }}：")
        self._if("主送", addressees)
        self._tag("for 段 in 正文")
        for level, face in _FACES.items():
            paragraph = self._indented()
            _run(paragraph, "{{ 段.题 }}", face)
            _run(paragraph, "{{ 段.文 }}")
            self._if(f"段.级 == '{level}'", paragraph)
        plain = self._indented()
        _run(plain, "{{ 段.文 }}")
        self._if("段.级 == '0'", plain)
        self._tag("endfor")
        self._attachments()
        self._signature()

    def _attachments(self) -> None:
        self._tag("if 附件")
        self._blank(1)
        self._tag("for 件 in 附件")
        for condition, label, before in (("loop.first", "附件：", 2), ("not loop.first", "", 5)):
            paragraph = self._add(_BOTH)
            _indent(paragraph, left=6.5, first=before - 6.5)
            _run(paragraph, f"{label}{{{{ 件.序 }}}}{{{{ 件.名 }}}}")
            self._if(condition, paragraph)
        self._tag("endfor")
        self._tag("endif")

    def _signature(self) -> None:
        """The name centred above the date, the date four characters from the right; a long name two from the right."""
        self._blank(2, keep=True)
        long = self._issuer > 11
        left, right = (max(0.0, 25.5 - self._issuer), 2.0) if long else (13.0, 0.0)
        for name in ("署名", "成文日期"):
            paragraph = self._add(_CENTRE)
            _indent(paragraph, left=left, right=right)
            paragraph.paragraph_format.keep_with_next = name == "署名"
            _run(paragraph, f"{{{{ {name} }}}}")
        note = self._indented()
        _run(note, "（{{ 附注 }}）")
        self._if("附注", note)

    # -- imprint --------------------------------------------------------------------------------------------------

    def imprint(self) -> None:
        """A table on the foot of the type area of the page where the text ends; of a letter without lines."""
        table = self.document.add_table(rows=1 if self._letter else 6, cols=1)
        _on_the_foot(table)
        cells = [row.cells[0] for row in table.rows]
        if self._letter:
            self._copies(cells[0])
        else:
            # rows of copies and of the printer; where nobody has a copy, the printer's alone between the thick lines
            for at, what in ((0, "if 抄报 or 抄送"), (3, "else"), (5, "endif")):
                cells[at].paragraphs[0].add_run(f"{{%tr {what} %}}")
            self._copies(cells[1])
            _printed(cells[2])
            _printed(cells[4])
            thick, thin = line_of(0.35), line_of(0.25)
            for at, top, bottom in ((1, thick, thin), (2, thin, thick), (4, thick, thick)):
                _cell_borders(cells[at], top=top, bottom=bottom)
        last = self._add()  # the table hangs on the paragraph behind it
        last.paragraph_format.line_spacing = Pt(1)

    def _copies(self, cell: Any) -> None:
        for at, name in enumerate(("抄报", "抄送")):
            paragraph = cell.paragraphs[0] if not at else cell.add_paragraph()
            paragraph.paragraph_format.line_spacing = Pt(22)
            paragraph.paragraph_format.left_indent = Pt(14 * 4)
            paragraph.paragraph_format.first_line_indent = Pt(-14 * 3)
            paragraph.paragraph_format.right_indent = Pt(14)
            _run(paragraph, f"{name}：{{{{ {name} }}}}。", FANG, 14)
            self._if(name, paragraph)

    # -- small parts ----------------------------------------------------------------------------------------------

    def _add(self, alignment: Any = None) -> Paragraph:
        paragraph = self.document.add_paragraph()
        if alignment is not None:
            paragraph.alignment = alignment
        return paragraph

    def _indented(self) -> Paragraph:
        paragraph = self._add(_BOTH)
        _indent(paragraph, first=2)
        return paragraph

    def _blank(self, lines: int, *, keep: bool = False) -> None:
        for _line in range(lines):
            self._add().paragraph_format.keep_with_next = keep

    def _tag(self, what: str) -> None:
        self._add().add_run(f"{{%p {what} %}}")

    def _if(self, condition: str, paragraph: Paragraph) -> None:
        self._around(paragraph, f"if {condition}", "endif")

    def _around(self, paragraph: Paragraph, begin: str, end: str) -> None:
        """Put the paragraphs of a condition or loop before and behind one that stands already."""
        for what, put in ((begin, paragraph._p.addprevious), (end, paragraph._p.addnext)):
            tag = OxmlElement("w:p")
            run, text = OxmlElement("w:r"), OxmlElement("w:t")
            text.text = f"{{%p {what} %}}"
            run.append(text)
            tag.append(run)
            put(tag)


def _element(name: str, **attributes: object) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    return element


def _run(paragraph: Paragraph, text: str, face: str = FANG, size: float = 16) -> Run:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = "Times New Roman" if face in (FANG, KAI) else face
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    return run


def _indent(paragraph: Paragraph, *, left: float = 0, first: float = 0, right: float = 0) -> None:
    """Indents in characters of the grid: in points, and in hundredths of a character, which Word prefers."""
    layout = paragraph.paragraph_format
    indent = {}
    if left or first < 0:
        layout.left_indent, indent["leftChars"] = Pt(left * PITCH), round(left * 100)
    if right:
        layout.right_indent, indent["rightChars"] = Pt(right * PITCH), round(right * 100)
    if first:
        layout.first_line_indent = Pt(first * PITCH)
        indent["firstLineChars" if first > 0 else "hangingChars"] = round(abs(first) * 100)
    element = paragraph._p.get_or_add_pPr().find(qn("w:ind"))
    for key, value in indent.items():
        element.set(qn(f"w:{key}"), str(value))


def _tab(paragraph: Paragraph, points: float) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT

    paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(points), WD_TAB_ALIGNMENT.RIGHT)


def _border(paragraph: Paragraph, side: str, style: str, size: int, space: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    borders.append(_element(f"w:{side}", val=style, sz=size, space=space, color="FF0000"))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _double(paragraph: Paragraph, side: str, style: str, space: int) -> None:
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.right_indent = Mm(-8), Mm(-6)
    _border(paragraph, side, style, line_of(0.75), space)


def _on_the_foot(table: Any) -> None:
    """Hang a table on the foot of the type area, as wide as it, without margins of its own."""
    properties = table._tbl.tblPr
    for old in ("w:tblStyle", "w:tblW", "w:tblLook"):
        for element in properties.findall(qn(old)):
            properties.remove(element)
    for position in (
        _element("w:tblpPr", vertAnchor="margin", horzAnchor="margin", tblpXSpec="left", tblpYSpec="bottom"),
        _element("w:tblW", w=round(WIDE / 25.4 * 1440), type="dxa"),
        _element("w:tblLayout", type="fixed"),
    ):
        properties.append(position)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w=0, type="dxa"))
    properties.append(margins)
    table.columns[0].width = Mm(WIDE)
    for cell in table.columns[0].cells:
        cell.width = Mm(WIDE)


def _printed(cell: Any) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = Pt(22)
    paragraph.paragraph_format.left_indent = Pt(14)
    _tab(paragraph, WIDE / 25.4 * 72 - 14)
    _run(paragraph, "{{ 印发机关 }}\t{{ 印发日期 }}印发", FANG, 14)


def _cell_borders(cell: Any, **sides: int) -> None:
    borders = OxmlElement("w:tcBorders")
    for side, size in sides.items():
        borders.append(_element(f"w:{side}", val="single", sz=size, space=0, color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)
