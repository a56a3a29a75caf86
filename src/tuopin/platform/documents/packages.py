"""What a Word file consists of, looked at before anything reads it: a document without macros, without links to
elsewhere, of a size that it says.

Parts are read as XML whatever they are called, and judged by what an XML reader makes of them: the same link may be
written in another encoding, with character references, or under another prefix.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from pathlib import Path

MOST_PARTS = 300
LARGEST = 30 << 20
"""Bytes of all parts unpacked."""
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|MACROBUTTON|DATABASE)\b", re.IGNORECASE)
INSTRUCTION = frozenset({"instrText", "delInstrText"})
BEFORE = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
"""What may stand before the first character of a part that is XML under another name."""
FORBIDDEN = ("vbaproject", "vbadata", "embeddings/", "activex/", "attachedtoolbars", "afchunk", "customui/")
"""What the names of parts with programs or foreign objects hold, in small letters."""


def fault_of(path: Path) -> str:
    """Why the file is no template that is taken: a key of ``word.FAULTS``; empty if it is one."""
    try:
        with zipfile.ZipFile(path) as package:
            return _parts(package)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, expat.ExpatError):
        return "no_docx"


def _parts(package: zipfile.ZipFile) -> str:
    listed = package.infolist()
    names = [each.filename for each in listed]
    lower = {name.lower() for name in names}  # names of parts differ by more than their case
    if len(listed) > MOST_PARTS or len(lower) < len(names) or sum(each.file_size for each in listed) > LARGEST:
        return "too_large"
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        return "no_docx"
    kinds = {value.lower() for _name, value in part_of("[Content_Types].xml", package).attributes}
    if any("macroenabled" in kind for kind in kinds) or any(word in name for name in lower for word in FORBIDDEN):
        return "macros"
    if _MAIN not in kinds:
        return "no_docx"
    return "links" if any(_reaches_out(part_of(name, package)) for name in names) else ""


@dataclass(slots=True)
class _Part:
    """What a part says: (name without prefix, value) of all attributes, and the instructions of its fields."""

    attributes: list[tuple[str, str]] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    inside: int = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.inside += _plain(name) in INSTRUCTION
        for key, value in attributes.items():
            self.attributes.append((_plain(key), value))
            if _plain(key) == "instr":
                self.instructions.append(value)

    def end(self, name: str) -> None:
        self.inside -= _plain(name) in INSTRUCTION

    def text(self, text: str) -> None:
        if self.inside:
            self.instructions.append(text)


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _no_entities(*_given: object) -> None:
    raise ValueError("document type")


def part_of(name: str, package: zipfile.ZipFile) -> _Part:
    """A part as an XML reader understands it; of a picture nothing. Raises for what should be XML and is none, for
    entities of its own, and for one that unpacks to more than it says."""
    found, content = _Part(), _content(package, name)
    if not name.lower().endswith((".xml", ".rels")) and not content[:64].lstrip(BEFORE).startswith(b"<"):
        return found
    reader = expat.ParserCreate()
    reader.buffer_text = True
    reader.StartDoctypeDeclHandler = _no_entities
    reader.StartElementHandler, reader.EndElementHandler = found.begin, found.end
    reader.CharacterDataHandler = found.text
    reader.Parse(content, True)
    return found


def _reaches_out(part: _Part) -> bool:
    """Whether a relationship leads out of the file, or a field of the document fetches something. Word may cut an
    instruction into pieces: read together."""
    said = "".join(part.instructions)
    if _FIELDS.search(said) or _FIELDS.search(said.replace(" ", "")):
        return True
    return any(key == "TargetMode" and value.strip().lower() == "external" for key, value in part.attributes)


def _content(package: zipfile.ZipFile, name: str) -> bytes:
    size = package.getinfo(name).file_size
    with package.open(name) as part:
        content = part.read(size + 1)
    if len(content) > size:
        raise zipfile.BadZipFile(name)
    return content
