"""A GeoJSON file of outlines read and checked: nothing is kept of it but codes and coordinates."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import orjson

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 64 * 1024 * 1024
MOST_FEATURES = 100_000
MOST_POINTS = 3_000_000
PLACES = 6
"""Decimals of a degree that are kept: a tenth of a metre."""

_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
_SCRIPT = re.compile(r"[<>]|javascript:|data:text", re.IGNORECASE)
_FAULTS_TOLD = 10

type Geometry = dict[str, Any]


class _Faults(list[tuple[str, str]]):
    """What is wrong, in both languages."""

    def say(self, zh: str, en: str) -> None:
        self.append((zh, en))


def read(path: Path) -> dict[str, Geometry]:
    """Code → geometry (Polygon or MultiPolygon, longitude and latitude in degrees, closed rings).

    Raises Problem naming the first faults: too large, no GeoJSON, a code missing or twice, coordinates that are no
    degrees, an open ring, markup in a property.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise Problem(
            "map_too_large",
            f"文件有 {size // 1_048_576} MB，最多 {MOST_BYTES // 1_048_576} MB。请先用制图软件简化轮廓。",
            f"The file has {size // 1_048_576} MB, at most {MOST_BYTES // 1_048_576} MB are read. Simplify it first.",
        )
    faults = _Faults()
    found = _outlines(_features(path), faults)
    if faults:
        told = faults[:_FAULTS_TOLD]
        more = len(faults) - len(told)
        zh = "；".join(each for each, _ in told) + (f"；另有 {more} 处" if more else "")
        en = "; ".join(each for _, each in told) + (f"; {more} more" if more else "")
        raise Problem("map_faulty", f"地图文件有误，未装入：{zh}。", f"The map has faults and is not taken: {en}.")
    return found


def _features(path: Path) -> list[Any]:
    try:
        document = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise Problem(
            "no_geojson",
            "这不是 GeoJSON 的 FeatureCollection。请在制图软件中另存为 GeoJSON（WGS84 经纬度）。",
            "This is no GeoJSON FeatureCollection. Save it as GeoJSON in degrees of WGS 84.",
        )
    features = document.get("features")
    if not isinstance(features, list) or not features or len(features) > MOST_FEATURES:
        raise Problem(
            "map_features",
            f"要素数应在 1 到 {MOST_FEATURES:,} 之间。",
            f"A map holds between 1 and {MOST_FEATURES:,} features.",
        )
    return features


def _outlines(features: list[Any], faults: _Faults) -> dict[str, Geometry]:
    found: dict[str, Geometry] = {}
    points = 0
    for at, feature in enumerate(features, 1):
        code = _code(at, feature, faults)
        if code is None:
            continue
        if code in found:
            faults.say(f"区划 {code} 出现两次", f"area {code} stands twice")
            continue
        geometry, number = _geometry(code, feature.get("geometry"), faults)
        points += number
        if points > MOST_POINTS:
            faults.say(f"坐标点超过 {MOST_POINTS:,} 个，请先简化", f"more than {MOST_POINTS:,} points: simplify it")
            break
        if geometry is not None:
            found[code] = geometry
    return found


def _code(at: int, feature: Any, faults: _Faults) -> str | None:
    """The code of a feature; faults name the feature by its number, never by what it says."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        faults.say(f"第 {at} 个要素没有属性", f"feature {at} has no properties")
        return None
    if any(_SCRIPT.search(text) for pair in properties.items() for text in pair if isinstance(text, str)):
        faults.say(f"第 {at} 个要素的属性含有标记或脚本", f"feature {at} has markup or script in a property")
        return None
    code = properties.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        faults.say(f"第 {at} 个要素没有区划代码（属性 code）", f"feature {at} has no code of an area (property code)")
        return None
    return code


def _geometry(code: str, given: Any, faults: _Faults) -> tuple[Geometry | None, int]:
    kind = given.get("type") if isinstance(given, dict) else None
    coordinates = given.get("coordinates") if isinstance(given, dict) else None
    polygons = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else None
    if not isinstance(polygons, list) or not polygons:
        faults.say(f"区划 {code} 的形状不是多边形", f"the shape of area {code} is no polygon")
        return None, 0
    cleaned, number = [], 0
    for polygon in polygons:
        rings = [_ring(code, ring, faults) for ring in polygon] if isinstance(polygon, list) else []
        if not rings or any(ring is None for ring in rings):
            if not rings:
                faults.say(f"区划 {code} 的多边形没有环", f"a polygon of area {code} has no ring")
            return None, number
        cleaned.append(rings)
        number += sum(len(ring) for ring in rings if ring is not None)
    return {"type": kind, "coordinates": cleaned[0] if kind == "Polygon" else cleaned}, number


def _ring(code: str, ring: Any, faults: _Faults) -> list[list[float]] | None:
    if not isinstance(ring, list) or len(ring) < 4:
        faults.say(f"区划 {code} 的环少于四个点", f"a ring of area {code} has fewer than four points")
        return None
    points = []
    for point in ring:
        if not _is_place(point):
            faults.say(
                f"区划 {code} 的坐标不是经纬度（经度 ±180、纬度 ±90）",
                f"a coordinate of area {code} is no longitude and latitude in degrees",
            )
            return None
        points.append([round(float(point[0]), PLACES), round(float(point[1]), PLACES)])
    if points[0] != points[-1]:
        faults.say(f"区划 {code} 的环没有闭合", f"a ring of area {code} is not closed")
        return None
    return points


def _is_place(point: Any) -> bool:
    if not isinstance(point, list) or not 2 <= len(point) <= 4:
        return False
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in point[:2]):
        return False
    return all(math.isfinite(each) for each in point[:2]) and abs(point[0]) <= 180 and abs(point[1]) <= 90
