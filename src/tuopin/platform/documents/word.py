"""Word documents from templates that an office edits: checked when handed in, filled in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .strict import Fields

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST = 5 << 20
"""Bytes of a template."""
SECONDS = 60
MEMORY = 2 << 30
_ROOT = Path(__file__).resolve().parents[3]
FAULTS = {
    "no_docx": (
        "这不是 Word 的 .docx 文件，或者文件已损坏。请在 Word 里“另存为”.docx 后再上传。",
        "This is no .docx file of Word, or it is damaged. Save it as .docx and hand it in again.",
    ),
    "macros": (
        "模板里有宏或嵌入的对象。请删掉后另存为 .docx。",
        "The template holds macros or embedded objects. Remove them and save it as .docx.",
    ),
    "links": (
        "模板里有指向外部的链接、图片或域（包括网址超链接）。请改成普通文字后再上传。",
        "The template holds links to elsewhere (hyperlinks, linked pictures, fields). Make them plain text.",
    ),
    "too_large": (
        "模板太大，或者展开后太大。请删减图片后再上传。",
        "The template is too large, or unpacks to too much. Remove some pictures.",
    ),
    "time": (
        "模板处理超时。请简化表格和循环后再上传。",
        "The template took too long. Make its tables and loops simpler.",
    ),
}


def fill(template: bytes, fields: Fields, data: Mapping[str, Any], *, seconds: int = SECONDS) -> bytes:
    """The template filled with data of these fields (``strict.Fields``); texts stay texts.

    Raises Problem: no docx, macros, links to elsewhere, too large, or names that the template may not use, all at once.
    """
    if len(template) > LARGEST:
        raise _fault("too_large")
    with tempfile.TemporaryDirectory(dir=make_home() / "staging") as folder:
        path, target = Path(folder) / "template.docx", Path(folder) / "filled.docx"
        path.write_bytes(template)
        request = {
            "path": str(path), "target": str(target), "fields": fields, "data": printable(dict(data)),
            "memory": MEMORY, "seconds": seconds,
        }  # fmt: skip
        answer = _run(request, seconds)
        if "fault" in answer:
            raise _fault(str(answer["fault"]))
        if answer:
            raise _names(answer)
        return target.read_bytes()


def printable(value: Any) -> Any:
    """Data without characters that XML has none of, nor such as turn the direction of writing. Rare characters of names
    stay, private ones too: the office's own fonts may show them."""
    if isinstance(value, str):
        return "".join(" " if each in "\n\t" or _divides(each) else each for each in value if _stays(each))
    if isinstance(value, dict):
        return {key: printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable(each) for each in value]
    return value


def _stays(character: str) -> bool:
    if ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF:  # no characters, whatever comes
        return False
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} or character in "\n\t"


def _divides(character: str) -> bool:
    return character != "\u3000" and unicodedata.category(character) in {"Zl", "Zp", "Zs"}


def _fault(key: str) -> Problem:
    zh, en = FAULTS.get(key, FAULTS["no_docx"])
    return Problem(f"template_{key}", zh, en)


def _names(answer: dict[str, Any]) -> Problem:
    unknown, forbidden = answer.get("unknown", []), answer.get("forbidden", [])
    zh, en = [], []
    if unknown:
        zh.append(f"不认识的栏目：{'、'.join(unknown)}")
        en.append(f"unknown names: {', '.join(unknown)}")
    if forbidden:
        zh.append(f"模板里不能用：{'；'.join(forbidden)}")
        en.append(f"not allowed in a template: {'; '.join(forbidden)}")
    return Problem(
        "template_names",
        f"{'。'.join(zh)}。请对照栏目表改好后再上传。",
        f"{'. '.join(en)}. Compare with the list of names, and hand it in again.",
        unknown=unknown,
        forbidden=forbidden,
    )


def _run(request: dict[str, Any], seconds: int) -> dict[str, Any]:
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "tuopin.platform.documents.word_child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        said, _ = child.communicate(json.dumps(request).encode() + b"\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"fault": "time"}
    finally:
        child.kill()
        child.communicate()
    try:
        answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        return {"fault": "too_large"}
    return answer
