"""Checking and installing a map."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Problem
from tuopin.register.models import AreaVersion
from tuopin.register.outlines import feature, folder
from tuopin.register.outlines.reading import Geometry, read
from tuopin.register.permissions import INSTALL_MAPS

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor


@dataclass(frozen=True, slots=True)
class MapReport:
    """What a map covers. ``matched`` and ``without`` count areas of the register by level: with an outline in this
    file, and without; ``strange`` lists codes that are no area of the register."""

    outlines: int
    matched: dict[str, int]
    without: dict[str, int]
    missing: tuple[str, ...]
    strange: tuple[str, ...]

    def document(self) -> dict[str, object]:
        return {
            "outlines": self.outlines,
            "matched": self.matched,
            "without": self.without,
            "missing": list(self.missing),
            "strange": list(self.strange),
        }


def check(path: Path) -> MapReport:
    """Read a map and compare it with the areas of today. Raises Problem where :func:`reading.read` does."""
    return _report(_read(path))


def install(actor: Actor, path: Path) -> MapReport:
    """Check a map and put it into the folder in place of one of the same name. Raises Problem, nothing kept."""
    require(actor, INSTALL_MAPS)
    outlines = _read(path)
    report = _report(outlines)
    if not report.matched:
        raise Problem(
            "map_of_elsewhere",
            "文件中没有一个区划代码在登记的区划里，未装入。请核对属性 code。",
            "No code in the file is an area of the register; nothing was installed. Look at the property code.",
        )
    content = orjson.dumps(
        {"type": "FeatureCollection", "features": [feature(code, shape) for code, shape in outlines.items()]}
    )
    name = _name(path)
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder() / f".{name}.new"
    with write():
        audit.record(
            actor, INSTALL_MAPS, f"map:{name}", {"outlines": report.outlines}, hashlib.sha256(content).hexdigest()
        )
        draft.write_bytes(content)
        os.replace(draft, folder() / name)  # noqa: PTH105 - as it is: whole or not at all
    return report


def _read(path: Path) -> dict[str, Geometry]:
    try:
        return read(path)
    except OSError as error:
        raise Problem(
            "map_unreadable", f"无法读取文件：{path.name}", f"The file cannot be read: {path.name}"
        ) from error


def _name(path: Path) -> str:
    stem = re.sub(r"[^0-9A-Za-z_-]+", "-", path.stem).strip("-")[:60]
    return f"{stem or 'map'}.geojson"


def _report(outlines: dict[str, Geometry]) -> MapReport:
    areas = dict(AreaVersion.objects.filter(valid_to=None).order_by("code").values_list("code", "level"))
    matched = Counter(level for code, level in areas.items() if code in outlines)
    missing = [code for code, level in areas.items() if code not in outlines and level in matched]
    without = Counter(level for code, level in areas.items() if code not in outlines)
    return MapReport(
        len(outlines),
        dict(matched),
        dict(without),
        tuple(missing),
        tuple(sorted(code for code in outlines if code not in areas)),
    )
