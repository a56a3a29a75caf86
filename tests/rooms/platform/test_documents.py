"""Documents: PDF by typst (text stays text, same data same bytes, limits); Word templates and what they may not."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tuopin.platform.documents import clean, coverage, pdf, squares, word
from tuopin.platform.problems import Problem

DAY = datetime.date(2018, 12, 1)
TEMPLATE = "duties/cards/typst/notice.typ"
HOSTILE = [
    '#read("/etc/passwd")', '#eval("1+1")', "$x^2$ *bold* _it_ `raw` @ref <label> = heading", "// comment /* x */",
    "\\u{41}", "#{while true {}}", '"; json("x")', "\u202eابجد\u2066", "a\0b\x1b[31m\ud800", "长" * 3_000, "x" * 3_000,
    "𠮷䶮\U0001f600", "<svg onload=x>", "", " \n\t ",
]  # fmt: skip


def notice(*names: str) -> dict[str, Any]:
    return {
        "title": "公示", "office": "县", "place": "甲村", "proposed": "拟退出", "tell": "村委会", "voice": "12317",
        "begins": "2018-12-01", "ends": "2018-12-07", "provisional": False, "days": "7",
        "lines": [[name, "甲村"] for name in names],
    }  # fmt: skip


# -- PDF ----------------------------------------------------------------------------------------------------------


def test_the_same_data_give_the_same_bytes() -> None:
    first = pdf.pdf_bytes(TEMPLATE, notice("张三", "李四"), DAY)
    assert pdf.pdf_bytes(TEMPLATE, notice("张三", "李四"), DAY) == first
    assert pdf.pdf_bytes(TEMPLATE, notice("张三", "李五"), DAY) != first


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    made = pdf.write_pdf(TEMPLATE, notice(*HOSTILE), tmp_path / "a.pdf", DAY)
    assert set(made.lacking) >= {"𠮷", "\U0001f600"}
    content = (tmp_path / "a.pdf").read_bytes()
    unpacked = content
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            unpacked += zlib.decompress(packed)
        except zlib.error:
            continue
    assert b"root:" not in unpacked
    assert b"/StructTreeRoot" in unpacked
    assert re.search(rb"/Lang\s*\(zh-CN\)", unpacked)
    assert b"pdfuaid" in unpacked


def test_no_picture_of_a_character_is_missing_unsaid() -> None:
    found, lacking = clean.clean({"name": "张𠮷三\u202e", "square": "<svg \u202e>"})
    assert found == {"name": "张〓三", "square": "<svg \u202e>"}
    assert lacking == ("𠮷",)
    assert coverage.covers(clean.LACKING)
    assert coverage.covers("䶮")


def test_rare_characters_of_names_are_never_left_out() -> None:
    """Private ones of older programs, and such as are newer than the tables of Python; a variant's mark alone goes."""
    found, lacking = clean.clean(["张\ue863", "李\U000323b0", "葛\U000e0100", "\ufffd王"])
    assert found == ["张〓", "李〓", "葛", "〓王"]
    assert lacking == ("\ue863", "\U000323b0", "\ufffd")
    assert word.printable(["张\ue863", "李\U000323b0", "a\0\ufffe\u202e b"]) == ["张\ue863", "李\U000323b0", "a b"]


@settings(max_examples=300)
@given(st.text())
def test_cleaned_text_holds_only_what_the_font_shows(text: str) -> None:
    cleaned, _lacking = clean.clean(text)
    assert all(coverage.covers(each) for each in cleaned)
    assert clean.clean(cleaned) == (cleaned, ())


def test_a_document_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="document_too_large"):
        pdf.write_pdf(TEMPLATE, notice(*["张三"] * 60_000), tmp_path / "a.pdf", DAY, seconds=1)


def test_a_template_reads_nothing_outside_of_the_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "ROOT", tmp_path)
    (tmp_path / "bad.typ").write_text('#read("/../../../etc/passwd")', encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3] / "src"))
    with pytest.raises(Problem, match="document_not_made"):
        pdf.pdf_bytes("bad.typ", {}, DAY)


def test_a_preview_is_a_picture() -> None:
    assert pdf.pictures(TEMPLATE, notice("张三"), DAY)[0].startswith(b"\x89PNG")


def test_a_square_code_is_one_drawing_without_text_of_its_own() -> None:
    drawn = squares.square("https://cards.example.org/duties/card/#12345678901234567890")
    assert drawn.startswith("<svg ")
    assert "12345678901234567890" not in drawn
    assert drawn == squares.square("https://cards.example.org/duties/card/#12345678901234567890")


# -- Word ---------------------------------------------------------------------------------------------------------

FIELDS = {"村": "村名", "户表": {"户主": "姓名", "措施表": {"内容": "内容"}}}
DATA = {
    "村": "甲村",
    "户表": [{"户主": "张三", "措施表": [{"内容": "猪"}]}, {"户主": "<w:p/>&{{ 村 }}\0", "措施表": []}],
}


def docx(*paragraphs: str, **parts: bytes) -> bytes:
    document = Document()
    for each in paragraphs:
        document.add_paragraph(each)
    held = io.BytesIO()
    document.save(held)
    if not parts:
        return held.getvalue()
    made = io.BytesIO()
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return made.getvalue()


def words(content: bytes) -> list[str]:
    return [each.text for each in Document(io.BytesIO(content)).paragraphs if each.text]


def test_a_template_is_filled_and_texts_stay_texts() -> None:
    made = word.fill(
        docx("{{ 村 }}", "{%p for 户 in 户表 %}", "{{ loop.index }} {{ 户.户主 }}", "{%p endfor %}"), FIELDS, DATA
    )
    assert words(made) == ["甲村", "1 张三", "2 <w:p/>&{{ 村 }}"]


def test_unknown_names_are_all_said_with_the_nearest_one() -> None:
    with pytest.raises(Problem) as caught:
        word.fill(docx("{{ 村庄 }} {{ 电话 }}", "{% for 户 in 户表 %}{{ 户.户注 }}{% endfor %}"), FIELDS, DATA)
    said = caught.value.zh
    assert "村庄（是不是 村？）" in said
    assert "电话" in said
    assert "户.户注（是不是 户主？）" in said


@pytest.mark.parametrize(
    "text",
    [
        "{{ 村.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ 户表.append(1) }}", "{{ 村['x'] }}", "{{ 村|upper }}",
        "{{ 村 * 1000000000 }}", "{{ 'a' ~ 'b' }}", "{% set x = 1 %}", "{% for x in range(10) %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% include 'x' %}", "{% for x in 村 %}{% endfor %}",
        "{% for 户 in 户表 recursive %}{{ loop(户表) }}{% endfor %}", "{{ self.x }}", "{{ cycler }}", "{{ 户表 }}",
        "{% for 户 in 户表 %}{{ 户 }}{% endfor %}", "{% for 户 in 户表 %}{{ 户.__init__ }}{% endfor %}",
        "{% for 户 in 户表 if 户 %}{% endfor %}", "{{ 户表.0 }}", "{{ 村", "{% if 村 %}", "{{ lipsum() }}",
        "{{ loop.index }}", "{% for a in 户表 %}{{ loop.cycle }}{% endfor %}", "{% import 'os' as o %}",
        "{% if 村 > 1 %}x{% endif %}", "{{ (1, 2) }}", "{{ 村 if 村 else 户表 }}", "{% filter upper %}x{% endfilter %}",
    ],
)  # fmt: skip
def test_a_template_reaches_nothing_and_computes_nothing(text: str) -> None:
    with pytest.raises(Problem, match="template_names"):
        word.fill(docx(text), FIELDS, DATA)


def test_loops_inside_loops_end(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "{% for a in 户表 %}{% for b in 户表 %}{% for c in 户表 %}{{ c.户主 }}{% endfor %}{% endfor %}{% endfor %}"
    many = {"村": "", "户表": [{"户主": "x", "措施表": []}] * 400}
    with pytest.raises(Problem, match=r"template_(time|too_large)"):
        word.fill(docx(deep), FIELDS, many, seconds=3)
    deeper = "{% for d in 户表 %}" + deep + "{% endfor %}"
    with pytest.raises(Problem, match="template_names"):
        word.fill(docx(deeper), FIELDS, DATA)


def test_files_that_are_no_plain_template_are_refused() -> None:
    link = b'<Relationship Id="r1" Type="hyperlink" Target="http://x" TargetMode="External"/>'
    rels = b"<Relationships>" + link + b"</Relationships>"
    macro = b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    field = b'<w:document><w:instrText>INCLUDE</w:instrText><w:instrText>TEXT "file"</w:instrText></w:document>'
    cases = {
        "no_docx": [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 100, b"<html>", docx()[:500]],
        "macros": [docx("x", **{"word/vbaProject.bin": b"x"}), docx("x", **{"[Content_Types].xml": macro}),
                   docx("x", **{"word/embeddings/a.bin": b"x"})],
        "links": [docx("x", **{"word/_rels/document.xml.rels": rels}), docx("x", **{"word/document.xml": field})],
        "too_large": [b"x" * (word.LARGEST + 1), docx("x", **{"word/media/a.png": b"\0" * (40 << 20)})],
    }  # fmt: skip
    for fault, files in cases.items():
        for each in files:
            with pytest.raises(Problem, match=f"template_{fault}"):
                word.fill(each, FIELDS, DATA)
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "xxxx">]><a>&b;</a>'
    with pytest.raises(Problem, match="template_no_docx"):
        word.fill(docx("x", **{"word/document.xml": bomb}), FIELDS, DATA)


def test_a_link_is_found_however_it_is_written() -> None:
    """In another encoding, with character references, under a part's name in capitals, under another prefix."""
    link = '<Relationships><Relationship Id="r1" Target="http://x/a.dotm" TargetMode="External"/></Relationships>'
    part = "word/_rels/settings.xml.rels"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    fields = [
        "<w:instrText>includetext x</w:instrText>", "<w:instrText>&#73;NCLUDETEXT x</w:instrText>",
        "<w:instrText>INCLUDE<!-- -->TEXT x</w:instrText>", "<w:fldSimple w:instr='INCLUDEPICTURE x'/>",
    ]  # fmt: skip
    body = [f"<w:document xmlns:w='{space}'>{each}</w:document>" for each in fields]
    files = [
        docx("x", **{part: ('<?xml version="1.0" encoding="UTF-16"?>' + link).encode("utf-16")}),
        docx("x", **{part: link.replace("External", "&#69;xternal").encode()}),
        docx("x", **{part.replace(".rels", ".RELS"): link.encode()}),
        docx("x", **{"word/settings.dat": b"\xef\xbb\xbf \n" + link.encode()}),
        docx("x", **{"word/document.xml": body[0].replace("w:", "x:").encode()}),
        *(docx("x", **{"word/document.xml": each.encode()}) for each in body),
    ]
    for each in files:
        with pytest.raises(Problem, match="template_links"):
            word.fill(each, FIELDS, DATA)


def test_placeholders_in_properties_and_headers_are_read_too() -> None:
    document = Document()
    document.core_properties.title = "{{ 村.__class__ }}"
    held = io.BytesIO()
    document.save(held)
    with pytest.raises(Problem, match="template_names"):
        word.fill(held.getvalue(), FIELDS, DATA)
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ 电话 }}"
    held = io.BytesIO()
    document.save(held)
    with pytest.raises(Problem, match="template_names"):
        word.fill(held.getvalue(), FIELDS, DATA)
