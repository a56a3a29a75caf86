"""Outlines for the invented city: every village a cell of a bent grid, neighbours sharing each edge, so that there are
no gaps; townships, counties and the city are the edges that only one of their villages has.

Villages stand in the order of their codes along a Hilbert curve: what follows each other there lies side by side, so
that every township and every county is one piece. The same city has the same outlines.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson

from tuopin.register.demo.areas import CITY_CODE, PROVINCE_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tuopin.register.demo.areas import County

type Point = tuple[int, int]
type Edge = tuple[Point, Point]

CELL = 0.03
"""Degrees: about three kilometres."""
WEST, SOUTH = 101.0, 38.0

_BENT = 0.28  # of a cell: how far a corner may lie from its place in the grid
_SIDES: tuple[tuple[Point, Point], ...] = (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0)))


def write_outlines(file: Path, counties: Iterable[County]) -> int:
    """Write the outlines of every area of the layout as GeoJSON; returns how many there are."""
    features = list(_features(counties))
    file.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    return len(features)


def _features(counties: Iterable[County]) -> Iterable[dict[str, object]]:
    listed = list(counties)
    codes = [village.code for county in listed for village in county.villages()]
    order = max(1, (max(len(codes), 1) - 1).bit_length() + 1) // 2
    cells = {code: _along(order, at) for at, code in enumerate(codes)}
    groups: dict[str, list[Point]] = {PROVINCE_CODE: list(cells.values()), CITY_CODE: list(cells.values())}
    for county in listed:
        groups[county.code] = [cells[village.code] for village in county.villages()]
        for township in county.townships:
            groups[township.code] = [cells[village.code] for village in township.villages]
    groups |= {code: [cell] for code, cell in cells.items()}
    for code, members in groups.items():
        rings = [[_place(step) for step in _steps(ring)] for ring in _rings(members)]
        rings.sort(key=_area, reverse=True)  # the outer ring runs against the clock: its area is above zero
        yield {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[*map(list, ring), list(ring[0])] for ring in rings]},
        }


def _along(order: int, at: int) -> Point:
    """The cell at a distance along the Hilbert curve over a square of 2**order cells a side."""
    x = y = 0
    side = 1
    while side < 1 << order:
        right, up = 1 & (at // 2), 1 & (at ^ (at // 2))
        if not up:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y, at, side = x + side * right, y + side * up, at // 4, side * 2
    return x, y


def _rings(cells: list[Point]) -> list[list[Point]]:
    """The closed lines around some cells, as corners of the grid; those around a hole run the other way."""
    edges: set[Edge] = set()
    for x, y in cells:
        for (ax, ay), (bx, by) in _SIDES:
            edge = ((x + ax, y + ay), (x + bx, y + by))
            if (edge[1], edge[0]) in edges:
                edges.remove((edge[1], edge[0]))
            else:
                edges.add(edge)
    leaving: dict[Point, list[Point]] = {}
    for start, end in sorted(edges):
        leaving.setdefault(start, []).append(end)
    rings = []
    while leaving:
        start = next(iter(leaving))
        ring, before, here = [start], None, start
        while True:
            ends = leaving[here]
            after = ends[0] if before is None or len(ends) == 1 else min(ends, key=lambda end: _turn(before, here, end))
            ends.remove(after)
            if not ends:
                del leaving[here]
            if after == start:
                break
            ring.append(after)
            before, here = here, after
        rings.append(ring)
    return rings


def _turn(before: Point | None, here: Point, after: Point) -> int:
    """-1 to the left, 1 to the right. Where two cells touch at a corner alone, to the left stays at the same cell."""
    bx, by = before or here
    cross = (here[0] - bx) * (after[1] - here[1]) - (here[1] - by) * (after[0] - here[0])
    return -1 if cross > 0 else 1


def _steps(ring: list[Point]) -> Iterable[tuple[Point, Point, int]]:
    """The points of a ring: each corner, and two between it and the next that bend the edge."""
    for at, here in enumerate(ring):
        after = ring[(at + 1) % len(ring)]
        yield from ((here, after, third) for third in range(3))


def _place(step: tuple[Point, Point, int]) -> tuple[float, float]:
    """Degrees of a point of an edge. Both neighbours ask for the same edge, one of them backwards."""
    here, after, third = step
    (ax, ay), (bx, by) = _corner(here), _corner(after)
    if third == 0:
        x, y = ax, ay
    else:
        first, second = sorted((here, after))
        number = third if here == first else 3 - third
        bend_x, bend_y = _random(f"{first}{second}{number}")
        share = third / 3
        x = ax + (bx - ax) * share + bend_x * 0.09
        y = ay + (by - ay) * share + bend_y * 0.09
    return round(WEST + x * CELL, 6), round(SOUTH + y * CELL, 6)


def _corner(corner: Point) -> tuple[float, float]:
    bend_x, bend_y = _random(f"corner{corner}")
    return corner[0] + bend_x * _BENT, corner[1] + bend_y * _BENT


def _random(name: str) -> tuple[float, float]:
    """Two numbers between -1 and 1 that follow from the name."""
    digest = hashlib.sha256(name.encode()).digest()
    return digest[0] / 127.5 - 1, digest[1] / 127.5 - 1


def _area(ring: list[tuple[float, float]]) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True))
