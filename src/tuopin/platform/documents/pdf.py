"""PDF and pictures of pages from a template of ours and data as JSON, made in a process of its own with limits.

The same data, template and moment give the same bytes. What the data hold is text and stays text: a template shows
strings and evaluates none.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuopin.platform.home import make_home
from tuopin.platform.problems import DISK_FULL, Problem, disk_is_full

from .clean import clean
from .coverage import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

PDF = "application/pdf"
ROOT = Path(__file__).resolve().parents[2]
"""The package: templates are named from here, and typst opens no file outside of it."""
SECONDS = 300
MEMORY = 6 << 30
"""Bytes of address space; a document of 1,000 pages needs 0.5 GB of memory and reserves more."""
LARGEST = 64 << 20
"""Bytes of data."""
PPI = 110.0
_log = logging.getLogger("tuopin.documents")


class NotMade(Problem):
    """The document could not be made: too large, or a fault of the template."""

    status = 500


@dataclass(frozen=True, slots=True)
class Made:
    """``lacking``: characters of the data that the font does not have; 〓 stands in their place."""

    lacking: tuple[str, ...]
    pages: int = 0


def write_pdf(template: str, data: Mapping[str, Any], target: Path, made: date, *, seconds: int = SECONDS) -> Made:
    """Write a tagged PDF (PDF/UA-1) to ``target``. ``template`` is named from the package (``duties/…/card.typ``),
    ``made`` is the day it says it was made on. Must not run inside a transaction.

    Raises Problem: data beyond the limits of size, time or memory; disk full.
    """
    cleaned, lacking = clean(dict(data))
    _ask(template, {**cleaned, "lacking": _named(lacking)}, target, made, "pdf", seconds)
    return Made(lacking)


def pictures(template: str, data: Mapping[str, Any], made: date, *, most: int = 1, seconds: int = 60) -> list[bytes]:
    """The first pages as PNG, for a preview. Raises Problem as :func:`write_pdf`."""
    cleaned, lacking = clean(dict(data))
    with tempfile.TemporaryDirectory(dir=make_home() / "staging") as folder:
        target = Path(folder) / "page"
        pages = _ask(template, {**cleaned, "lacking": _named(lacking)}, target, made, "png", seconds)
        return [Path(f"{target}-{number}.png").read_bytes() for number in range(1, min(pages, most) + 1)]


def pdf_bytes(template: str, data: Mapping[str, Any], made: date) -> bytes:
    """A small document as bytes, for an answer at once."""
    with tempfile.TemporaryDirectory(dir=make_home() / "staging") as folder:
        target = Path(folder) / "document.pdf"
        write_pdf(template, data, target, made, seconds=60)
        return target.read_bytes()


def _named(lacking: tuple[str, ...]) -> str:
    return "、".join(f"U+{ord(each):04X}" for each in lacking[:20])


def _ask(template: str, data: dict[str, Any], target: Path, made: date, form: str, seconds: int) -> int:
    text = json.dumps(data, ensure_ascii=False)
    if len(text) > LARGEST:
        raise _too_large()
    request = {
        "template": template, "root": str(ROOT), "fonts": str(FOLDER), "data": text, "form": form, "ppi": PPI,
        "target": str(target), "made": _moment(made), "memory": MEMORY, "seconds": seconds,
    }  # fmt: skip
    try:
        answer = _run(request, seconds)
    except OSError as error:
        if disk_is_full(error):
            raise DISK_FULL from error
        raise
    if "pages" in answer:
        return int(answer["pages"])
    said = str(answer.get("error", ""))
    if disk_is_full(OSError(said)):
        raise DISK_FULL
    if said in {"memory", "time"}:
        raise _too_large()
    _log.error("document %s was not made", template)  # what typst says may quote the data
    raise NotMade(
        "document_not_made",
        "文件没有生成，请稍后重试；如仍不行，请联系管理员。",
        "The document was not made. Try again later; ask the administrator if that does not help.",
        template=template,
    )


def _moment(made: date) -> int:
    """Noon of the day in UTC, in seconds: the day alone counts, so that a second making gives the same bytes."""
    return (made.toordinal() - 719_163) * 86_400 + 43_200


def _run(request: dict[str, Any], seconds: int) -> dict[str, Any]:
    paths = [str(ROOT.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1", "RAYON_NUM_THREADS": "2"}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "tuopin.platform.documents.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        said, _ = child.communicate(json.dumps(request).encode() + b"\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"error": "time"}
    finally:
        child.kill()
        child.communicate()
    try:
        answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):  # killed by its limits, or by the system
        return {"error": "memory"}
    return answer


def _too_large() -> NotMade:
    return NotMade(
        "document_too_large",
        "内容太多，文件没有生成。请按村分开打印。",
        "There is too much in it; the document was not made. Print village by village.",
    )
