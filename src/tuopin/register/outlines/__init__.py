"""Outlines of areas for maps: GeoJSON files that the office keeps and may replace (docs/operate/maps.md).

They lie in ``TUOPIN_HOME/maps-of-areas``; each feature names its area by the property ``code``. Of files that name the
same area the last in the order of names counts.
"""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from tuopin.platform.home import home
from tuopin.platform.problems import Problem
from tuopin.register.outlines.reading import read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

FOLDER = "maps-of-areas"

type Stamps = tuple[tuple[str, int, int], ...]

_log = logging.getLogger("tuopin.register")


def folder() -> Path:
    """Where the files lie; it may not exist."""
    return home() / FOLDER


def known() -> Collection[str]:
    """The codes that have an outline."""
    return _features(_stamps()).keys()


def document(codes: Iterable[str], former: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """A FeatureCollection with the outlines of these areas, in their order; those without one are left out. ``former``:
    the codes that an area had before, for maps that are older than its present one."""
    features = _features(_stamps())
    found = []
    for code in codes:
        held = next((each for each in (code, *(former or {}).get(code, ())) if each in features), None)
        if held is not None:
            found.append(features[held] if held == code else _renamed(features[held], code))
    return b'{"type":"FeatureCollection","features":[%s]}' % b",".join(found)


def _renamed(outline: bytes, code: str) -> bytes:
    return orjson.dumps(feature(code, orjson.loads(outline)["geometry"]))


def tag(codes: Iterable[str]) -> str:
    """An ETag that changes with the files and with the areas asked for."""
    decisive = orjson.dumps([_stamps(), list(codes)])
    return f'"{hashlib.sha256(decisive).hexdigest()[:32]}"'


def _stamps() -> Stamps:
    files = sorted(folder().glob("*.geojson")) if folder().is_dir() else []
    stats = [(path.name, path.stat()) for path in files]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=1)
def _features(stamps: Stamps) -> dict[str, bytes]:
    """Code → feature as JSON. A file that was put there by hand and is faulty is left out, and the log names it."""
    found: dict[str, bytes] = {}
    for name, _time, _size in stamps:
        try:
            outlines = read(folder() / name)
        except (Problem, OSError) as fault:
            _log.warning("maps-of-areas/%s is left out: %s", name, getattr(fault, "code", type(fault).__name__))
            continue
        found |= {code: orjson.dumps(feature(code, geometry)) for code, geometry in outlines.items()}
    return found


def feature(code: str, geometry: object) -> dict[str, object]:
    """One feature as it is kept and sent: nothing but its code and its shape."""
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
