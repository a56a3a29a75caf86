"""Finding kind, header row and columns by content.

Headers are compared as keys (see :func:`text.key`), first whole, then without a unit in brackets, without a number
in front (A39 工资性收入, 一、户主姓名), without 是否 or 有无. A header that fits only without a number behind it or a
year before it (风险是否已消除1, 2018年工资性收入) is weak: it claims a field only if no other column does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.text import bracket_groups, column_letters, key, shorten, unit_key, without_brackets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tuopin.core.workbook.kinds import Field, Kind

SEARCHED_ROWS = 20
_NUMBERED = re.compile(
    r"^\s*(?:[A-Za-z]\d{1,3}[a-h]?[、.:_\s-]*|\((?:[A-Za-z]?\d{1,3}[a-h]?|[一二三四五六七八九十]{1,3})\)"
    r"|(?:\d{1,3}|[一二三四五六七八九十]{1,3})[、.:)_\s-]+)"
)
_WEAK = re.compile(r"^(?:19|20)\d{2}年度?|\d+$")
_ASKING = ("是否有", "是否", "有无")
_BARE_UNIT = re.compile(r"(?:万元|千元|百元|元|亩|公里|平方米)$")
_BARE_SIGN = re.compile(r"[%％‰]\s*[*:：]?\s*$")
# Units that may stand in a header. One that the field has no factor for makes the column another thing.
_UNITS = frozenset(
    {"万", "亿", "千", "百", "亩", "公顷", "平方公里", "平方米", "平米", "m2", "km", "m", "公里", "千米", "米", "里"}
    | {"吨", "公斤", "斤", "年", "月", "个月", "天", "日", "小时", "人", "万人", "户", "万户"}
)


@dataclass(frozen=True, slots=True)
class Match:
    """A header found: ``row`` is 0-based, ``columns`` maps field -> column index, ``factors`` field -> unit factor."""

    kind: Kind
    row: int
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    factors: Mapping[str, str]


@dataclass(slots=True)
class Claims:
    """Which columns of one candidate row claim which fields of one kind."""

    kind: Kind
    row: int
    headers: tuple[str, ...]
    joined: bool
    columns: dict[str, list[int]] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Titles of the fields without which this kind is not taken."""
        lacking = tuple(self.kind.field(name).titles[0] for name in self.kind.required if name not in self.columns)
        if self.kind.one_of and not any(name in self.columns for name in self.kind.one_of):
            lacking += ("/".join(self.kind.field(name).titles[0] for name in self.kind.one_of[:3]),)
        return lacking

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """More fields first, then a row as it stands, then the earlier row, then the earlier kind."""
        return (-len(self.columns), self.joined, self.row, self.kind.order)


class Titles:
    """The titles of one kind, ready for look-up. ``extra``: header as written -> field, from ``--map``."""

    def __init__(self, kind: Kind, extra: Mapping[str, str]) -> None:
        self.kind = kind
        self.extra = {key(header): name for header, name in extra.items()}
        self.whole: dict[str, str] = {}
        self.loose: dict[str, str] = {}
        for item in kind.fields:
            for title in item.titles:
                self.whole.setdefault(key(title), item.name)
                self.loose.setdefault(_plain(key(title)), item.name)
        self._found: dict[str, tuple[str, bool]] = {}

    def find(self, header: str) -> tuple[str, bool]:
        """(field or '', weak)."""
        if header not in self._found:
            self._found[header] = self._search(header)
        return self._found[header]

    def _search(self, header: str) -> tuple[str, bool]:
        forms = header_forms(header)
        name = next((self.whole[form] for form in forms if form in self.whole), "") or next(
            (self.loose[_plain(form)] for form in forms if _plain(form) in self.loose), ""
        )
        weak = False
        if not name:
            bare = (_WEAK.sub("", form) for form in forms)
            name, weak = next((self.whole[form] for form in bare if form in self.whole), ""), True
        if name and unit_factor(header, self.kind.field(name)) is None:
            return "", False
        return name, weak


def _plain(form: str) -> str:
    for asking in _ASKING:
        if form.startswith(asking) and len(form) > len(asking) + 1:
            return form.removeprefix(asking)
    return form


@lru_cache(maxsize=4096)
def header_forms(header: str) -> tuple[str, ...]:
    """The keys under which a header is looked up, the fullest first."""
    wide = unicodedata.normalize("NFKC", header)
    texts = [wide, without_brackets(wide), without_brackets(without_brackets(wide))]
    texts += [_NUMBERED.sub("", text) for text in texts]
    keys = [key(text) for text in texts]
    keys += [_BARE_UNIT.sub("", form) for form in keys]
    return tuple(dict.fromkeys(form for form in keys if form))


def names_unit(header: str, item: Field) -> bool:
    """Whether a header says in which unit its numbers are."""
    return _named_factor(header, item) != ""


def unit_factor(header: str, item: Field) -> str | None:
    """Factor of the unit that a header names: ``"1"`` if none, ``""`` if none but one is needed, None if the field
    cannot be in that unit."""
    if item.type not in ("money", "decimal", "integer"):
        return "1"
    named = _named_factor(header, item)
    return ("" if item.unit_needed else "1") if named == "" else named


def _named_factor(header: str, item: Field) -> str | None:
    factors = {unit_key(unit): factor for unit, factor in item.factors.items()}
    if sign := _BARE_SIGN.search(header):
        return factors.get(unit_key(sign[0].strip()[0]))
    for group in reversed(bracket_groups(header)):
        if group in factors:
            return factors[group]
        if group in _UNITS or (item.type == "money" and group.endswith("元")):
            return None
    bare = _BARE_UNIT.search(key(header))
    if bare and key(header) not in {key(title) for title in item.titles}:
        return factors.get(bare[0])
    return ""


def find_header(
    rows: Sequence[Sequence[str]], kinds: Sequence[Kind], extra: Mapping[str, Mapping[str, str]]
) -> tuple[Match | None, Claims | None]:
    """The best header in these first rows, or (None, the closest candidate for the message).

    Raises WorkbookError ``two_columns`` when the best one has two columns for one field.
    """
    tables = [Titles(kind, extra.get(kind.name, {})) for kind in kinds]
    candidates = [claim for row in _candidate_rows(rows) for table in tables if (claim := _claim(table, *row))]
    whole = [claim for claim in candidates if not claim.missing]
    if whole:
        return _match(min(whole, key=lambda claim: claim.rank)), None
    close = [claim for claim in candidates if len(claim.columns) > 1 and len(claim.missing) < len(claim.kind.required)]
    return None, min(close, key=lambda claim: (len(claim.missing), claim.rank), default=None)


def _candidate_rows(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """Every row as it stands, and joined with the row above where its own cells are blank (two-row headers)."""
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        yield index, tuple(row), False
        above = rows[index - 1] if index else ()
        joined = tuple(
            cell if key(cell) else (above[at] if at < len(above) else "") for at, cell in enumerate(row)
        ) + tuple(above[len(row) :])
        if joined != tuple(row) and any(key(cell) for cell in row):
            yield index, joined, True


def _claim(table: Titles, row: int, headers: tuple[str, ...], joined: bool) -> Claims | None:
    mapped: dict[str, list[int]] = {}
    strong: dict[str, list[int]] = {}
    weak: dict[str, list[int]] = {}
    for at, header in enumerate(headers):
        if not (found := key(header)):
            continue
        if found in table.extra:
            if table.extra[found]:
                mapped.setdefault(table.extra[found], []).append(at)
            continue
        name, is_weak = table.find(header)
        if name:
            (weak if is_weak else strong).setdefault(name, []).append(at)
    alone = {name: columns for name, columns in weak.items() if len(columns) == 1}
    columns = alone | strong | mapped
    return Claims(table.kind, row, headers, joined, columns) if columns else None


def _match(claims: Claims) -> Match:
    for name, columns in claims.columns.items():
        if len(columns) > 1:
            first, second = columns[:2]
            raise WorkbookError(
                "two_columns",
                row=claims.row + 1,
                title=claims.kind.field(name).titles[0],
                first=shorten(claims.headers[first]),
                second=shorten(claims.headers[second]),
                first_column=column_letters(first),
                second_column=column_letters(second),
            )
    columns_of = {name: columns[0] for name, columns in sorted(claims.columns.items(), key=lambda pair: pair[1])}
    factors = {
        name: "1" if (factor := unit_factor(claims.headers[column], claims.kind.field(name))) is None else factor
        for name, column in columns_of.items()
    }
    return Match(claims.kind, claims.row, claims.headers, columns_of, factors)


def check_map(extra: Mapping[str, Mapping[str, str]], kinds: Iterable[Kind]) -> None:
    """Raises WorkbookError ``bad_map`` when a map names a kind or a field that does not exist."""
    known = {kind.name: {item.name for item in kind.fields} for kind in kinds}
    for kind, table in extra.items():
        if kind not in known:
            raise WorkbookError("bad_map", reason=f"[{kind}]")
        for header, name in table.items():
            if name and name not in known[kind]:
                raise WorkbookError("bad_map", reason=f'[{kind}] "{header}" = "{name}"')
