"""What somebody says happened to areas: lines from old to new, with the paper they follow from."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from tuopin.core.width import half_width
from tuopin.platform.problems import Problem

from ...models import AreaMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 20_000
"""Lines of one recording."""
MOST_DAYS = 366
"""Different days of one recording: each costs a fixed number of statements."""

CODE = re.compile(r"[\w.\-]{1,32}")
"""A code stands in addresses: letters, digits, point, hyphen."""
KINDS = frozenset(AreaMap.Kind.values)


@dataclass(frozen=True, slots=True)
class Line:
    """``old``: the area's code on the day before. ``code``: from the day on; of a merger that of the area that goes on
    or begins, of a split that of one part (the old code: what is left of it goes on). Empty: as it was.

    ``name`` likewise; ``parent``: code of the area above from the day on. ``groups`` (组) and ``households`` (codes)
    say who comes to that part of a split. ``row``: where it stands on the form or in the workbook. ``old_name``: as a
    check that the old code is the right one.
    """

    kind: str
    day: date
    old: str
    code: str = ""
    name: str = ""
    parent: str = ""
    groups: tuple[str, ...] = ()
    households: tuple[str, ...] = ()
    row: int = 0
    old_name: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"day": self.day.isoformat(), "groups": list(self.groups),
                               "households": list(self.households)}  # fmt: skip

    @classmethod
    def read(cls, document: dict[str, Any]) -> Line:
        return cls(
            **document | {"day": date.fromisoformat(document["day"]), "groups": tuple(document["groups"]),
                          "households": tuple(document["households"])}
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """Lines recorded together. ``move_grants``: grants over areas that end by a merger go over to the successor."""

    lines: tuple[Line, ...]
    document: str
    reason: str = ""
    move_grants: bool = False
    origin: str = "page"

    def stored(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "lines": [line.document() for line in self.lines], "document": self.document, "reason": self.reason,
            "move_grants": self.move_grants, "origin": self.origin,
        }  # fmt: skip

    @classmethod
    def read(cls, document: dict[str, Any]) -> Given:
        return cls(**document | {"lines": tuple(Line.read(each) for each in document["lines"])})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, and what to do."""

    row: int
    code: str
    zh: str
    en: str

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Faulty(Problem):
    """Lines that cannot be recorded; nothing was written. ``faults`` has them all, the message the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = min(faults, key=lambda each: each.row)
        rest_zh = f"（共 {len(faults)} 处问题）" if len(faults) > 1 else ""
        rest_en = f" ({len(faults)} faults in all)" if len(faults) > 1 else ""
        super().__init__(
            first.code,
            f"第 {first.row} 行：{first.zh}{rest_zh}",
            f"Line {first.row}: {first.en}{rest_en}",
            row=first.row,
            faults=[each.document() for each in faults[:100]],
        )
        self.faults = tuple(sorted(faults, key=lambda each: each.row))


def cleaned(given: Given, today: date) -> Given:
    """The lines with full-width characters and spaces put right. Raises Problem for a set as a whole, Faulty for lines
    that no register could take: no code, a code that cannot be one, a day to come."""
    document = " ".join(given.document.split())
    if not document or len(document) > 200:
        raise Problem(
            "no_document", "请填写批准文件（名称或文号，200 字以内）。",
            "Name the document that it follows from (200 characters at most).",
        )  # fmt: skip
    if not given.lines:
        raise Problem("no_lines", "没有变更。请至少填写一行。", "There is no change: give at least one line.")
    if len(given.lines) > MOST:
        raise Problem(
            "too_many_lines",
            f"一次最多 {MOST} 行。请分次登记。",
            f"At most {MOST} lines at once: record them in parts.",
        )
    if len({line.day for line in given.lines}) > MOST_DAYS:
        raise Problem(
            "too_many_days", f"一次最多 {MOST_DAYS} 个不同日期。请分次登记。",
            f"At most {MOST_DAYS} different days at once: record them in parts.",
        )  # fmt: skip
    lines = [_cleaned(line, at) for at, line in enumerate(given.lines, 1)]
    faults = [fault for line in lines for fault in _faults(line, today)]
    if faults:
        raise Faulty(faults)
    return replace(given, lines=tuple(lines), document=document, reason=" ".join(given.reason.split())[:500])


def _cleaned(line: Line, at: int) -> Line:
    def code(value: str) -> str:
        return "".join(half_width(value).replace("\0", "").split())

    def text(value: str) -> str:
        return " ".join(value.replace("\0", "").split())

    return Line(
        line.kind, line.day, code(line.old), code(line.code), text(line.name), code(line.parent), _listed(line.groups),
        _listed(code(each) for each in line.households), line.row or at, text(line.old_name),
    )  # fmt: skip


def _listed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in texts if each.strip()))


def _faults(line: Line, today: date) -> Iterable[Fault]:
    def fault(code: str, zh: str, en: str) -> Fault:
        return Fault(line.row, code, zh, en)

    if line.kind not in KINDS:
        yield fault("bad_kind", "变更类型不正确。", "There is no such kind of change.")
    if not line.old:
        yield fault("no_code", "没有填写原代码。", "The old code is missing.")
    for code in (line.old, line.code, line.parent):
        if code and not CODE.fullmatch(code):
            yield fault(
                "bad_code", f"代码“{code[:40]}”不正确：只能有字母、数字、点和短横，最长 32 位。",
                f"The code “{code[:40]}” is wrong: letters, digits, points and hyphens, 32 at most.",
            )  # fmt: skip
    if len(line.name) > 100 or not line.name.isprintable():
        yield fault(
            "bad_name", "名称太长（最多 100 字）或含有无法显示的字符。", "The name is too long or cannot be shown."
        )
    if line.day > today:
        yield fault("day_to_come", f"{line.day} 还没有到。请在变更生效当天或之后登记。",
                    f"{line.day} is still to come: record the change on its day or later.")  # fmt: skip
    elif line.day.year < 1950:
        yield fault("bad_day", "日期过早。请核对。", "The day is too early: check it.")
    yield from _lacking(line, fault)


def _lacking(line: Line, fault: Any) -> Iterable[Fault]:
    """What a kind of change cannot do without."""
    kind = AreaMap.Kind
    if line.kind == kind.RENAMED and not line.name:
        yield fault("no_name", "更名须填写新名称。", "A new name is missing.")
    elif line.kind in (kind.RECODED, kind.MERGED, kind.SPLIT) and not line.code:
        yield fault("no_new_code", "没有填写新代码。", "The new code is missing.")
    elif line.kind == kind.MOVED and not line.parent:
        yield fault("no_parent", "改变隶属须填写新的上级代码。", "The code of the new area above is missing.")
    elif line.kind == kind.UPGRADED and not (line.name or line.code):
        yield fault("no_name", "改设须填写新名称或新代码。", "A new name or code is missing.")
    elif line.kind == kind.ABOLISHED and (line.code or line.parent):
        yield fault(
            "abolished_has_successor", "撤销没有新代码。并入其他区划请选“合并”。",
            "An abolished area has no new code: choose “merged” if it became part of another.",
        )  # fmt: skip
    if line.kind != kind.SPLIT and (line.groups or line.households):
        yield fault("only_for_splits", "只有拆分才分组、分户。", "Only a split assigns groups and households.")
