"""Word and Excel files that are attached to something: which of the two a package is, and what it must not hold.

Unlike a template (``packages``) it may link to pages; it may hold no macro, no embedded object, and nothing that is
fetched when it is opened: judged by the relations and the fields that it holds, whatever its parts are called.
"""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from tuopin.platform.problems import Problem

from . import formulas
from .packages import BEFORE, FORBIDDEN, INSTRUCTION, part_of
from .scans import HEAD, PIXELS, pixels

if TYPE_CHECKING:
    from pathlib import Path

MOST_PARTS = 5_000
_DEEPEST = 100  # fields within fields
LARGEST = 500 << 20
"""Bytes of all parts unpacked, as the package says: nothing here unpacks them all."""
_HEAD = 4 << 20
_FEW = 64  # bytes that say what a part is
_JPEG = b"\xff\xd8\xff"
_MOST_XML = 96 << 20
"""Bytes of the parts that are read for the fields of a Word file, the formulas of a workbook."""
_RATIO, _SMALL = 200, 16 << 20
"""A part that unpacks to so many times its size is no text that anybody wrote; small ones do no harm."""
_PROGRAMS = (
    "/oleobject", "/package", "/control", "/activexcontrolbinary", "/vbaproject", "/wordvbadata", "/afchunk",
    "/attachedtoolbars", "/extensibility", "/webextension", "/webextensiontaskpanes", "/xlmacrosheet",
    "/xlintlmacrosheet", "/dialogsheet",
)  # fmt: skip
"""How the types of relations end that lead to programs or foreign objects, in small letters."""
_FETCHED = ("/externallink", "/externallinkpath", "/connections", "/querytable", "/attachedtemplate", "/subdocument")
_PAGES = ("http://", "https://", "mailto:", "tel:", "#")
_FETCHING = frozenset({"DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "LINK", "IMPORT", "MACROBUTTON", "DATABASE"})
"""Fields of Word that read something from elsewhere, or run it."""
_FETCHED_PARTS = ("externallinks/", "xl/connections.xml", "querytables/")
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_FAULTS = {
    "not_a_paper": (
        "不是 Word（.docx）或 Excel（.xlsx）文件，或者文件已损坏。请另存后再上传。",
        "is no Word (.docx) or Excel (.xlsx) file, or it is damaged. Save it anew.",
    ),
    "file_macros": (
        "含有宏或嵌入的对象。请另存为不含宏的 .docx 或 .xlsx，或转成 PDF 后再上传。",
        "holds macros or embedded objects. Save it without them, or as PDF.",
    ),
    "file_links": (
        "含有打开时自动读取的外部内容（模板、图片、数据连接或联网公式）。请断开链接，或转成 PDF 后再上传。",
        "fetches something when it is opened (a template, picture, connection or formula). Break the links.",
    ),
    "file_too_large": (
        "展开后太大。请删减后再上传。",
        "unpacks to too much. Make it smaller.",
    ),
    "picture_too_large": (
        "里面的图片像素太多。请压缩图片后再上传。",
        "holds a picture of too many pixels. Compress its pictures.",
    ),
}


def office_form(path: Path, name: str) -> str:
    """``docx`` or ``xlsx``, by what the package holds and whatever it is called. Raises Problem."""
    try:
        with zipfile.ZipFile(path) as package:
            form, fault = _look(package)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, expat.ExpatError):
        form, fault = "", "not_a_paper"
    if fault:
        zh, en = _FAULTS[fault]
        raise Problem(fault, f"{name}：{zh}", f"{name} {en}", file=name)
    return form


def _look(package: zipfile.ZipFile) -> tuple[str, str]:
    listed = package.infolist()
    names = [each.filename for each in listed]
    lower = {name.lower() for name in names}
    if len(listed) > MOST_PARTS or len(lower) < len(names) or sum(each.file_size for each in listed) > LARGEST:
        return "", "file_too_large"
    if "[Content_Types].xml" not in names or any(each.flag_bits & 1 for each in listed):  # encrypted
        return "", "not_a_paper"
    if any(each.file_size > _SMALL and each.file_size > _RATIO * each.compress_size for each in listed):
        return "", "file_too_large"
    relations = [each for each in listed if each.filename.lower().endswith(".rels")]
    if any(each.file_size > _HEAD for each in (*relations, package.getinfo("[Content_Types].xml"))):
        return "", "file_too_large"
    kinds = {value.lower() for _name, value in part_of("[Content_Types].xml", package).attributes}
    if any("macro" in kind or "vbaproject" in kind for kind in kinds):
        return "", "file_macros"
    if any(word in name for name in lower for word in FORBIDDEN):
        return "", "file_macros"
    form = next((form for kind, form in _MAIN.items() if kind in kinds), "")
    if not form:
        return "", "not_a_paper"
    return form, _of_content(package, listed, form)


def _of_content(package: zipfile.ZipFile, listed: list[zipfile.ZipInfo], form: str) -> str:
    for each in listed:
        if each.filename.lower().endswith(".rels") and (fault := _of_relations(package, each.filename)):
            return fault
    if any(word in each.filename.lower() for each in listed for word in _FETCHED_PARTS):
        return "file_links"
    left = _MOST_XML
    for each in listed:
        with package.open(each) as part:
            head = part.read(_FEW)
            if pixels(head + part.read(HEAD) if head.startswith(_JPEG) else head) > PIXELS:
                return "picture_too_large"
            if not _is_xml(each.filename, head):
                continue
            if form == "xlsx" and not _has_formulas(package, each):
                continue
            left -= each.file_size
            if left < 0:
                return "file_too_large"
            if _Fields().fetch(head, part) if form == "docx" else _formulas_fetch(package, each):
                return "file_links"
    return ""


def _has_formulas(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with package.open(part) as opened:
        return formulas.there_are(opened)


def _formulas_fetch(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with package.open(part) as opened:
        return formulas.fetch(opened)


def _is_xml(name: str, head: bytes) -> bool:
    return name.lower().endswith(".xml") or head[:64].lstrip(BEFORE).startswith(b"<")


class _Fields:
    """The fields of a part of a Word file, each by its own instruction: Word may cut one into pieces, and put one into
    another."""

    def __init__(self) -> None:
        self.open: list[list[str]] = [[]]
        self.inside = 0
        self.found = False

    def fetch(self, head: bytes, rest: IO[bytes]) -> bool:
        """Whether a field reads something from elsewhere. Raises for what is no XML, and for entities of its own."""
        reader = expat.ParserCreate()
        reader.buffer_text = True
        reader.StartDoctypeDeclHandler = formulas.no_entities
        reader.StartElementHandler, reader.EndElementHandler = self._begin, self._end
        reader.CharacterDataHandler = self._text
        reader.Parse(head, False)
        while piece := rest.read(HEAD):
            reader.Parse(piece, False)
        reader.Parse(b"", True)
        while self.open:
            self._close()
        return self.found

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if plain == "fldChar":
            kind = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "fldCharType"), "")
            if kind == "begin" and len(self.open) < _DEEPEST:
                self.open.append([])
            elif kind == "end" and len(self.open) > 1:
                self._close()
        elif plain == "fldSimple":
            for key, value in attributes.items():
                if key.rpartition(":")[2] == "instr":
                    self._look(value)
        self.inside += plain in INSTRUCTION

    def _end(self, name: str) -> None:
        self.inside -= name.rpartition(":")[2] in INSTRUCTION

    def _text(self, text: str) -> None:
        if self.inside:
            self.open[-1].append(text)

    def _close(self) -> None:
        self._look("".join(self.open.pop()))

    def _look(self, instruction: str) -> None:
        words = instruction.split(None, 1)
        self.found |= bool(words) and words[0].upper() in _FETCHING


def _of_relations(package: zipfile.ZipFile, name: str) -> str:
    """What is wrong with where a part leads: to a program, or out of the package to something other than a page that a
    reader may open."""
    found: list[str] = []

    def begin(_name: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition(":")[2]: value.strip().lower() for key, value in attributes.items()}
        kind, target = plain.get("Type", ""), plain.get("Target", "")
        if kind.endswith(_PROGRAMS):
            found.append("file_macros")
        elif kind.endswith(_FETCHED) or (
            plain.get("TargetMode") == "external"
            and not (
                kind.endswith("/hyperlink") and target.startswith(_PAGES)  # not a file of a share, not a program
            )
        ):
            found.append("file_links")

    reader = expat.ParserCreate()
    reader.StartDoctypeDeclHandler = formulas.no_entities
    reader.StartElementHandler = begin
    with package.open(name) as part:
        reader.Parse(part.read(_HEAD + 1), True)
    return found[0] if found else ""
