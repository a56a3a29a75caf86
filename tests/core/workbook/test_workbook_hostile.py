"""Files that are no workbooks, or that want to kill the reader: each is refused in words, and the parent lives on."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import struct
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlwt

from tuopin.core.workbook import Kind, Limits, WorkbookError, child, read_file, spreadsheets
from tuopin.core.workbook import reader as reader_module
from tuopin.core.workbook.errors import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = Limits(memory=1 << 30, seconds=60)


@pytest.fixture
def refusal(kinds: list[Kind], tmp_path: Path) -> Callable[..., WorkbookError]:
    """Read a file that must be refused."""

    def read(path: Path, limits: Limits = SMALL) -> WorkbookError:
        staging = tmp_path / "staging"
        staging.mkdir(exist_ok=True)
        with pytest.raises(WorkbookError) as refused:
            read_file(path, kinds, staging, limits=limits)
        assert refused.value.file == path.name
        assert refused.value.zh.startswith(path.name)
        return refused.value

    return read


def sheet_xml(cells: str, prolog: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )


def repack(source: Path, target: Path, **parts: str | bytes) -> Path:
    """A copy of a workbook with its first sheet's part (``sheet``) or styles (``styles``) replaced."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "styles": "xl/styles.xml"}
    replaced = {names[part]: content for part, content in parts.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, replaced.get(item.filename, old.read(item.filename)))
    return target


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\n\r\n  \n", "empty_file"),
        (b"%PDF-1.7 x", "wrong_type"),
        (b"\x89PNG\r\n\x1a\n", "wrong_type"),
        (b"\x7fELF\x00\x00\x01", "wrong_type"),
        (b"MIME-Version: 1.0\r\n", "wrong_type"),
        (b"<?xml version='1.0'?><note/>", "wrong_type"),
        (b"PK\x03\x04 truncated", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        ("户编号,姓名\n".encode() + b"\xff\x81\xff", "bad_encoding"),
        (b"\xff\xfea\x00\xd8", "bad_encoding"),
        ('户编号,姓名\n"张'.encode() + b"x" * 2_000_000, "bad_text_table"),
        (b"<html><table><tr><td>a</td>", "damaged"),
        (b"<html><body>404 Not Found</body></html>", "empty_file"),
        (b"hello", "unknown_kind"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, refusal: Callable[..., WorkbookError], content: bytes, code: str) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_no_file_and_no_right(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    assert refusal(tmp_path / "没有.xlsx").code == "not_found"
    (tmp_path / "目录.xlsx").mkdir()
    assert refusal(tmp_path / "目录.xlsx").code == "not_found"


def test_other_zip_packages(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    for name, looks_like in (("word/document.xml", "Word"), ("readme.txt", "ZIP")):
        path = tmp_path / f"{looks_like}.xlsx"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr(name, "x")
        error = refusal(path)
        assert (error.code, error.detail["looks_like"]) == ("wrong_type", looks_like)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_workbook(
    header: list[str], person: Any, write_xlsx: Any, refusal: Callable[..., WorkbookError], kept: float
) -> None:
    path = write_xlsx([header, *[person(户编号=f"H{number}") for number in range(500)]])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert refusal(path).code == "damaged"


def test_a_truncated_old_workbook(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for row in range(2000):
        sheet.write(row, 0, f"text {row}")
    path = tmp_path / "a.xls"
    book.save(str(path))
    path.write_bytes(path.read_bytes()[:20_000])
    assert refusal(path).code in ("damaged", "reader_failed")


def test_encrypted_workbooks(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    ole = tmp_path / "密.xlsx"
    ole.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 480
    )
    assert refusal(ole).code == "encrypted"
    zipped = tmp_path / "密zip.xlsx"
    with zipfile.ZipFile(zipped, "w") as package:
        package.writestr("xl/workbook.xml", "x")
    content = bytearray(zipped.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    zipped.write_bytes(content)
    assert refusal(zipped).code == "encrypted"


def test_a_password_in_an_old_workbook(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x")
    path = tmp_path / "a.xls"
    book.save(str(path))
    content = path.read_bytes()
    start = content.index(struct.pack("<HH", 0x0809, 16))
    write_access = content.index(struct.pack("<H", 0x005C), start)  # turned into FILEPASS, the mark of encryption
    path.write_bytes(content[:write_access] + struct.pack("<H", 0x002F) + content[write_access + 2 :])
    assert refusal(path).code == "encrypted"


def test_zip_bombs(tmp_path: Path, write_xlsx: Any, refusal: Callable[..., WorkbookError]) -> None:
    bomb = repack(write_xlsx([["a"]]), tmp_path / "弹.xlsx", sheet=b" " * (80 << 20))
    started = time.monotonic()
    assert refusal(bomb).code == "zip_bomb"
    assert time.monotonic() - started < 30
    many = tmp_path / "many.xlsx"
    with zipfile.ZipFile(many, "w") as package:
        package.writestr("xl/workbook.xml", "x")
        for number in range(10_001):
            package.writestr(f"{number}", "")
    assert refusal(many).code == "zip_bomb"


def test_a_zip_that_lies_about_its_size(tmp_path: Path, write_xlsx: Any, refusal: Callable[..., WorkbookError]) -> None:
    path = repack(write_xlsx([["a"]]), tmp_path / "谎.xlsx", sheet=b" " * (700 << 20))
    content = bytearray(path.read_bytes())
    size = struct.pack("<I", 700 << 20)
    at = content.index(size)
    while at >= 0:
        content[at : at + 4] = struct.pack("<I", 4000)
        at = content.find(size)
    path.write_bytes(content)
    assert refusal(path).code in ("damaged", "too_large", "unknown_kind", "empty_file")


@pytest.mark.parametrize("part", ["sheet", "styles"])
def test_xml_entities(part: str, tmp_path: Path, write_xlsx: Any, refusal: Callable[..., WorkbookError]) -> None:
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for number, prolog in enumerate((lol, f"<!-- {'x' * 9000} <a> -->{lol}", lol.replace("DOCTYPE", "doctype"))):
        text = sheet_xml(f'<row r="1">{inline("A1", "&b;")}</row>', prolog)
        path = repack(write_xlsx([["a"]]), tmp_path / f"实体{number}.xlsx", **{part: text})
        assert refusal(path).code == "xml_entities"
    endless = sheet_xml("", f"<!-- {os.urandom(300_000).hex()} -->")
    assert refusal(repack(write_xlsx([["a"]]), tmp_path / "注释.xlsx", **{part: endless})).code == "damaged"


def test_xml_entities_in_spreadsheetml(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">&a;</Workbook>'
    )
    assert refusal(path).code == "xml_entities"


def test_a_cell_in_the_last_row_and_column(
    header: list[str], person: Any, tmp_path: Path, refusal: Callable[..., WorkbookError]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(header)
    sheet.append(person())
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "远.xlsx")
    error = refusal(tmp_path / "远.xlsx")
    assert error.code == "cell_range"
    assert "XFD1048576" in error.zh
    assert "1048576 rows" in error.en


def test_a_far_cell_behind_much_padding_kills_only_the_child(
    tmp_path: Path, write_xlsx: Any, refusal: Callable[..., WorkbookError]
) -> None:
    rows = "".join(f'<row r="{row}">{inline(f"A{row}", os.urandom(60).hex())}</row>' for row in range(1, 60_000))
    text = sheet_xml(f'{rows}<row r="1048576">{inline("XFD1048576", "x")}</row>')
    assert len(text) > 8 << 20
    error = refusal(repack(write_xlsx([["a"]]), tmp_path / "远.xlsx", sheet=text))
    assert (error.code, error.detail["cell"]) == ("cell_range", "XFD1048576")


EMPTY_CELLS = ('<c r="XFD1048576" s="1"/>', '<c r="XFD1048576" s="1" t="n"></c>')


@pytest.mark.parametrize("closed", EMPTY_CELLS)
def test_formats_down_to_the_last_row_are_harmless(
    closed: str, header: list[str], person: Any, write_xlsx: Any, tmp_path: Path, read: Any
) -> None:
    """However the writer closes an empty cell."""
    path = write_xlsx([header, person()])
    with zipfile.ZipFile(path) as package:
        text = package.read("xl/worksheets/sheet1.xml").decode()
    changed = text.replace("</sheetData>", f'<row r="1048576">{closed}</row></sheetData>')
    assert changed != text
    (staged,) = read(repack(path, tmp_path / "格式.xlsx", sheet=changed))
    assert staged.sheet.rows == 1


def test_a_cell_is_not_parted_from_what_closes_it(tmp_path: Path) -> None:
    """Sheets are looked through in blocks: wherever one ends, an empty cell stays empty and a full one full."""
    full = inline("XFD1048576", "x")
    for cell in (*EMPTY_CELLS, full):
        found = 0
        for at in range(len(cell) + 2):
            before = sheet_xml("").partition("<sheetData>")[0] + "<sheetData>"
            text = before + " " * ((1 << 20) - len(before.encode()) - at) + cell + inline("A1", "a") + "</sheetData>"
            path = tmp_path / "part.zip"
            with zipfile.ZipFile(path, "w") as package:
                package.writestr("sheet1.xml", text)
            with zipfile.ZipFile(path) as package, contextlib.suppress(WorkbookError):
                spreadsheets._check_range(package, package.infolist()[0], Limits())
                continue
            found += 1
        assert found == (len(cell) + 2 if cell == full else 0), cell


def test_a_reader_out_of_memory_is_put_in_words(
    header: list[str], person: Any, write_xlsx: Any, refusal: Callable[..., WorkbookError]
) -> None:
    path = write_xlsx([header, person()])
    error = refusal(path, Limits(memory=96 << 20))
    assert error.code in ("too_large", "reader_failed")


def test_a_reader_out_of_time_is_put_in_words(
    header: list[str], person: Any, tmp_path: Path, refusal: Callable[..., WorkbookError]
) -> None:
    path = tmp_path / "慢.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(header) + "\n")
        file.write((",".join(person()) + "\n") * 1_000_000)
    started = time.monotonic()
    error = refusal(path, Limits(seconds=1))
    assert error.code == "too_slow"
    assert time.monotonic() - started < 60


def test_a_child_that_dies_is_put_in_words(
    header: list[str], write_xlsx: Any, refusal: Callable[..., WorkbookError], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx([header])
    real = subprocess.Popen
    for program, code in (
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too_large"),
        ("import os; os.abort()", "too_large"),
        ("import sys; sys.exit('thread panicked at calamine')", "reader_failed"),
        ("print('{\"sheets\": [')", "too_large"),
    ):
        monkeypatch.setattr(
            reader_module.subprocess,
            "Popen",
            lambda _command, program=program, **rest: real([sys.executable, "-c", program], **rest),
        )
        assert refusal(path).code == code


def test_a_child_loads_no_more_than_it_uses(
    header: list[str], person: Any, write_xlsx: Any, read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is read by a new process: what it loads is paid for every file."""
    real, loaded = subprocess.Popen, tmp_path / "loaded"

    def watched(command: list[str], **rest: Any) -> subprocess.Popen[bytes]:
        with loaded.open("wb") as told:
            return real([command[0], "-X", "importtime", *command[1:]], **rest | {"stderr": told})

    monkeypatch.setattr(reader_module.subprocess, "Popen", watched)
    assert len(read(write_xlsx([header, person()]))) == 1
    modules = {line.rpartition("|")[2].strip() for line in loaded.read_text().splitlines()}
    assert "pyarrow.parquet" in modules
    assert [name for name in modules if name.startswith("numpy")] == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "full"), "disk_full"),
        (OSError(errno.EACCES, "no"), "not_readable"),
        (MemoryError(), "too_large"),
    ],
)
def test_errors_of_the_system_are_put_in_words(
    error: BaseException, code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(child, "limit_process", lambda *_limits: None)
    monkeypatch.setattr(child, "answer", fail)
    request = {"task": "stage", "path": "/x/表.xlsx", "limits": {"memory": 1 << 30, "seconds": 1}}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request)))
    child.main()
    said = WorkbookError.from_json(json.loads(capsys.readouterr().out)["error"])
    assert (said.code, said.file) == (code, "表.xlsx")


def test_ten_million_blank_lines(header: list[str], person: Any, tmp_path: Path, read: Any) -> None:
    path = tmp_path / "空行.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(header) + "\n" + ",".join(person()) + "\n")
        for _ in range(100):
            file.write("\n" * 100_000)
        file.write(",".join(person()) + "\n")
    (staged,) = read(path)
    assert staged.sheet.rows == 2
    assert staged.sheet.skipped["blank"] == 10_000_000
    assert staged.column("row") == [2, 10_000_003]


def test_html_that_spans_the_world(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    path = tmp_path / "a.xls"
    path.write_text("<table>" + "<tr>" + "<td rowspan=65536 colspan=99999999>x</td>" * 100 + "</tr></table>")
    assert refusal(path).code == "cell_range"


def test_spreadsheetml_that_jumps_to_the_end(tmp_path: Path, refusal: Callable[..., WorkbookError]) -> None:
    mark = "urn:schemas-microsoft-com:office:spreadsheet"
    path = tmp_path / "a.xls"
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{mark}" xmlns:s="{mark}">'
        '<Worksheet><Table><Row s:Index="99999999999"/></Table></Worksheet></Workbook>'
    )
    assert refusal(path).code == "cell_range"


def test_every_message_can_be_made() -> None:
    fill: dict[str, Any] = dict.fromkeys(
        [
            "reason",
            "looks_like",
            "unpacked",
            "cell",
            "rows",
            "columns",
            "memory",
            "seconds",
            "searched",
            "closest_zh",
            "closest_en",
            "title",
            "first",
            "second",
            "first_column",
            "second_column",
        ],
        "x",
    )
    for code in MESSAGES:
        error = WorkbookError(code, file="a.xlsx", sheet="表", row=3, column="C", value="v", **fill)
        assert "{" not in error.zh + error.en
        assert str(error) == error.en
        assert WorkbookError.from_json(error.to_json()).zh == error.zh


def test_reading_in_the_parent_needs_no_arrow() -> None:
    program = "import sys, tuopin.core.workbook; sys.exit('pyarrow' in sys.modules or 'django' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
