"""Parts as they are typed: one a line, those of the second level moved in; what else is known of one stands behind
upright strokes. ``惠农补贴公示不规范 | 县财政局 | 张三 | 2018-06-29``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date
from tuopin.duties.models import Term
from tuopin.duties.organisations import scoping
from tuopin.platform.access import visible_paths
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed, listed_texts

from ..permissions import ISSUE
from .services import MOST, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor

LONGEST = 60_000
"""Characters of all lines together."""
MOST_UNITS = 60
"""Different holders in one form."""
_INNER = re.compile(r"^(?:[ \t\u3000]+|[-–—·•*]+\s*)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was typed. ``inner``: a part of the line above that is not; ``number`` counts from 1."""

    number: int
    inner: bool
    title: str
    holder: str
    official: str
    limit: date | None


def lines(written: str) -> list[Line]:
    """The lines that say something. Raises Problem that names the line."""
    found: list[Line] = []
    for number, raw in enumerate(written[:LONGEST].replace("\0", "").splitlines(), start=1):
        if not raw.strip():
            continue
        inner = bool(_INNER.match(raw))
        cells = [cell.strip() for cell in _INNER.sub("", raw).replace("｜", "|").split("|")]
        if len(cells) > 4 or not cells[0] or len(cells[0]) > 200 or not cells[0].isprintable():
            raise _wrong(
                number, "应为“名称 | 承办单位 | 责任人 | 时限”，名称 200 字以内",
                "write “title | holder | person | limit”, with a title of up to 200 characters",
            )  # fmt: skip
        cells += [""] * (4 - len(cells))
        limit = parse_date(cells[3]) if cells[3] else None
        if limit is not None and not isinstance(limit, date):
            raise _wrong(number, "时限请写作 2018-12-01", "write the limit as 2018-12-01")
        if inner and not found:
            raise _wrong(number, "第一行应为第一层分件，行首不要空格", "the first line is a part of the whole itself")
        found.append(Line(number, inner, cells[0], cells[1][:200], cells[2][:60], limit))
    if len(found) >= MOST:
        raise Problem("bad_family", f"连同总件最多 {MOST} 件。", f"At most {MOST} with the whole.", most=MOST)
    if len({line.holder for line in found}) > MOST_UNITS:
        raise Problem(
            "too_many_holders", f"一次最多 {MOST_UNITS} 个承办单位。", f"At most {MOST_UNITS} holders at a time."
        )
    return found


def parts(actor: Actor, typed: list[Line]) -> tuple[Part, ...]:
    """What the lines mean; a fixed number of statements. Raises Problem that names the line: also for a unit outside
    the grants, which looks as one that is not there."""
    units = _units(actor, typed)
    people = _people(typed, units)
    made: list[tuple[Line, list[Part]]] = []
    for line in typed:
        if line.inner:
            made[-1][1].append(Part(line.title, units.get(line.holder), people.get(line.number), line.limit))
        else:
            made.append((line, []))
    return tuple(
        Part(line.title, units.get(line.holder), people.get(line.number), line.limit, tuple(below))
        for line, below in made
    )


def _units(actor: Actor, typed: list[Line]) -> Mapping[str, int]:
    found = scoping.find_all({line.holder for line in typed if line.holder})
    lies, ranges = scoping.paths(set(found.values())), visible_paths(actor, ISSUE)
    inside = {
        name: key
        for name, key in found.items()
        if key in lies and (ranges is None or any(low <= lies[key] < high for low, high in ranges))
    }
    for line in typed:
        if line.holder and line.holder not in inside:
            raise _wrong(
                line.number, "没有找到承办单位，或不在您的管辖范围内。请写全称", "no such holder within your grants"
            )
    return inside


def _people(typed: list[Line], units: Mapping[str, int]) -> Mapping[int, int]:
    """The officials by line."""
    named = [line for line in typed if line.official]
    rows = Term.objects.filter(
        valid_to=None, post__organisation_id__in=listed(set(units.values())), official__merged_into=None,
        official__name__in=listed_texts({line.official for line in named}),
    ).values_list("post__organisation_id", "official__name", "official_id")  # fmt: skip
    there: dict[tuple[int, str], set[int]] = {}
    for unit, name, official in rows if named else ():
        there.setdefault((unit, name), set()).add(official)
    found: dict[int, int] = {}
    for line in named:
        if line.holder not in units:
            raise _wrong(line.number, "写责任人须先写承办单位", "name the holder before the person")
        some = there.get((units[line.holder], line.official), set())
        if len(some) != 1:
            raise _wrong(
                line.number, "承办单位里没有唯一一名在任的同名干部", "no one official in office there bears this name"
            )
        found[line.number] = min(some)
    return found


def _wrong(number: int, zh: str, en: str) -> Problem:
    return Problem("bad_line", f"第 {number} 行：{zh}。", f"Line {number}: {en}.", line=number)
