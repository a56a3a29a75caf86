"""A list written out exactly as it is shown: its rows, order and columns, with what it is above them.

The text of a cell stays text in every program that opens the file: what would be a formula is prefixed in a CSV and is
a text cell in a workbook. An amount is a number, a date a date, an unknown value an empty cell.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook import LAST_ROW, SheetColumn, write_sheet
from tuopin.core.workbook.bulk import cut
from tuopin.platform import roles
from tuopin.platform.access import field_classes_at, grants_of, require
from tuopin.platform.catalogue import permissions
from tuopin.platform.panels import NO, YES
from tuopin.platform.problems import Missing, Problem, Refused

from . import engine, paging
from .texts import verdict_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuopin.platform.access import Actor

    from .engine import Open
    from .model import Column, Listing, Load, Reader, Row

type Value = str | int | Decimal | date | None
type Convert = Callable[[Any], Value]

CHUNK = 4_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_DIGITS = 11  # more of them, or a leading zero, and a spreadsheet that opens a CSV changes the code


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list ready to be written in one language: lines above the header, columns, and the rows piece by piece."""

    titles: tuple[str, ...]
    columns: tuple[Column, ...]
    headers: tuple[str, ...]
    pieces: Callable[[], Iterator[list[tuple[Value, ...]]]]


def may_export(listing: Listing, reader: Reader) -> Reader:
    """The reader of an export: what the list's permission to export opens over the place, and no more.

    Raises Refused where that permission is not held over the whole of the place.
    """
    if not listing.export:
        return reader
    path = getattr(reader.place, "path", None)
    require(reader.actor, listing.export, area_path=path)
    if path is None and not _wherever_read(reader.actor, listing.export):
        raise Refused(
            "export_one_area",
            "您的授权中有的区域不能导出。请选定一个可以导出的区域。",
            "Some of your grants do not allow exports. Choose an area that you may export.",
        )
    opened = field_classes_at(reader.actor, listing.export, path or "")
    if path is None or opened is None:
        return reader
    opened |= {"general"}  # as every list is read with it
    classes = opened if reader.classes is None else reader.classes & opened
    return replace(reader, classes=classes)


def _wherever_read(actor: Actor, permission: str) -> bool:
    """Whether a list of no area holds only rows that may be exported: every grant that opens the room's data must. The
    platform's own lists have no area at all, and the permission to read them is the one to export them."""
    room = permission.partition(".")[0]
    others = [name for name in permissions() if name.startswith(f"{room}.view_")]
    return room == "platform" or all(
        roles.allows(grant.role, permission)
        for grant in grants_of(actor)
        if any(roles.allows(grant.role, name) for name in others)
    )


def allowed(listing: Listing, reader: Reader) -> bool:
    """Whether a page should offer the export."""
    try:
        may_export(listing, reader)
    except Problem:
        return False
    return True


def open_export(listing: Listing, reader: Reader, given: Mapping[str, Sequence[str]]) -> Open:
    """The list as its address describes it, from its first row. Raises Refused, Missing, Problem."""
    kept = {key: values for key, values in given.items() if key not in {"after", "before"}}
    return engine.open_list(listing, may_export(listing, reader), kept)


def rebuilt(listing: Listing, actor: Actor, area: str, given: Mapping[str, Sequence[str]]) -> Reader:
    """The reader of a list where there is no request. Raises Missing outside the grants, and for a list without one."""
    if listing.reader is None:
        raise Missing("no_such_list", "没有这份名单。", "There is no such list.")
    return listing.reader(actor, area, {key: values[0] for key, values in given.items() if values})


# -- what stands above --------------------------------------------------------------------------------------------


def sheet_of(opened: Open, language: str, *, count: int | None = None, convert: str = "workbook") -> Sheet:
    """Everything about an export but the rows themselves, in ``language``. ``convert``: ``workbook`` or ``csv``."""
    columns = opened.shown
    headers = tuple(_header(column, language) for column in columns)
    return Sheet(
        titles=tuple(cut(line) for line in titles(opened, language, count)),
        columns=columns,
        headers=headers,
        pieces=lambda: pieces(opened, language, as_text=convert == "csv"),
    )


def titles(opened: Open, language: str, count: int | None = None) -> Iterator[str]:
    """What the list is, of where, narrowed by what, as of when, and who wrote it out."""
    listing, reader = opened.listing, opened.reader
    say = _words(language)
    place = getattr(reader.place, "name", "")
    yield f"{place}{' ' if place else ''}{say(listing.title)}"
    chosen = [
        say(Title(f"{each.filter.title.zh}：{words.zh}", f"{each.filter.title.en}: {words.en}"))
        for each in opened.state.chosen
        for words in [each.filter.words(each.value, reader)]
    ]
    yield say(Title("条件：", "Conditions: ")) + (say(Title("；", "; ")).join(chosen) or say(Title("无", "none")))
    for note in opened.notes:
        yield say(note)
    code = getattr(reader.place, "code", "")
    area = [say(Title(f"区域：{place}（{code}）", f"Area: {place} ({code})"))] if code else []
    counted = [] if count is None else [f"{count:,} {say(listing.noun)}"]
    now = timezone.localtime()
    yield "  ".join(
        [
            *area,
            say(Title(f"数据截至 {reader.day.isoformat()}", f"as of {reader.day.isoformat()}")),
            *counted,
            say(
                Title(
                    f"{reader.actor.name} 导出于 {now:%Y-%m-%d %H:%M}",
                    f"exported by {reader.actor.name} at {now:%Y-%m-%d %H:%M}",
                )
            ),
            say(Title("空白＝未知", "blank = unknown")),
        ]
    )


def _header(column: Column, language: str) -> str:
    say = _words(language)
    unit = say(column.unit) if column.unit else ""
    return f"{say(column.title)}{say(Title(f'（{unit}）', f' ({unit})')) if unit else ''}"


def _words(language: str) -> Callable[[Title], str]:
    return (lambda title: title.en) if language.startswith("en") else (lambda title: title.zh)


# -- the rows -----------------------------------------------------------------------------------------------------


def pieces(opened: Open, language: str, *, as_text: bool) -> Iterator[list[tuple[Value, ...]]]:
    """The rows in the order shown, some thousands at a time, as values of a file.

    Column by column: a list of 300,000 rows has millions of cells, and a function call for each is what it costs.
    """
    columns = opened.shown
    converts = [_convert(column, language, as_text=as_text) for column in columns]
    say = _words(language)
    # unknown is an empty cell; where a blank means something else, that stands there
    blanks = [None if column.blank.en == "unknown" else say(column.blank) for column in columns]
    for rows in _rows(opened):
        loaded: dict[Load, Mapping[Any, Any]] = {}
        for column in columns:
            if column.load is not None and column.load not in loaded:
                loaded[column.load] = column.load(opened.reader, rows)
        cells = [
            _column(column, convert, blank, rows, loaded)
            for column, convert, blank in zip(columns, converts, blanks, strict=True)
        ]
        yield list(zip(*cells, strict=True))


def _rows(opened: Open) -> Iterator[list[Row]]:
    query = paging.ordered(opened.rows(), opened._order()).values(*opened._names())
    piece: list[Row] = []
    for row in query.iterator(chunk_size=CHUNK):
        piece.append(row)
        if len(piece) >= CHUNK:
            yield piece
            piece = []
    if piece:
        yield piece


def _column(
    column: Column, convert: Convert, blank: Value, rows: Sequence[Row], loaded: Mapping[Load, Mapping[Any, Any]]
) -> list[Value]:
    if column.load is None:
        name = column.field
        raw = [row[name] for row in rows]
    else:
        of = loaded[column.load]
        raw = [of.get(row["pk"]) for row in rows]
    if column.pick is not None:
        raw = list(map(column.pick, raw))
    return [blank if value is None or value == "" else convert(value) for value in raw]


def _convert(column: Column, language: str, *, as_text: bool) -> Convert:
    """From a raw value, known, to what stands in the file."""
    say = _words(language)
    plain = safe_text if as_text else cut
    match column.kind:
        case "amount":
            scale = column.scale
            return lambda value: _number(value, scale, as_text=as_text)
        case "date":
            return lambda value: _date(value, as_text=as_text)
        case "flag":
            yes, no = say(YES), say(NO)
            return lambda value: say(value) if isinstance(value, Title) else yes if value else no
        case "verdict":
            verdicts = {key: say(title) for key, title in verdict_titles(column.words).items()}
            return lambda value: say(value) if isinstance(value, Title) else verdicts.get(value, str(value))
        case "choice":
            listed = {code: say(title) for code, title in column.choices.items()}
            between = "、" if not language.startswith("en") else ", "

            def chosen(value: Any) -> str:
                if isinstance(value, Title):
                    return plain(say(value))
                found = listed.get(value)
                if found is None:
                    found = between.join(listed.get(code, code) for code in str(value).split(","))
                return plain(found)

            return chosen
    return lambda value: plain(say(value) if isinstance(value, Title) else value if type(value) is str else str(value))


def _number(value: Any, scale: int, *, as_text: bool) -> Value:
    if isinstance(value, int):
        if not scale:
            return str(value) if as_text else value
        number = Decimal(value).scaleb(-scale)
        return f"{number:f}" if as_text else number
    text = str(value)
    try:
        found = Decimal(text)
    except InvalidOperation:  # an interval
        return safe_text(text) if as_text else text
    if not found.is_finite():
        return text
    return f"{found:f}" if as_text else found


def _date(value: Any, *, as_text: bool) -> Value:
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        return local.strftime("%Y-%m-%d %H:%M") if as_text else local
    if isinstance(value, date):
        return value.isoformat() if as_text else value
    return safe_text(str(value)) if as_text else str(value)


def safe_text(text: str) -> str:
    """A text that a spreadsheet which opens a CSV takes as it is.

    What would be a formula gets an apostrophe. A code that would be taken for a number and lose a leading zero or its
    last digits gets a tab behind it, which readers of tables drop.
    """
    if text.startswith(FORMULA):
        return f"'{text}"
    if text.isdigit() and (len(text) > _PLAIN_DIGITS or (text[0] == "0" and len(text) > 1)):
        return f"{text}\t"
    return text


# -- the files ----------------------------------------------------------------------------------------------------


def csv_pieces(sheet: Sheet) -> Iterator[tuple[bytes, int]]:
    """The bytes of a CSV (UTF-8 with BOM, CRLF) with how many rows each piece holds; the head comes at once."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[safe_text(line)] for line in sheet.titles])
    writer.writerow([safe_text(header) for header in sheet.headers])
    yield ("\ufeff" + text.getvalue()).encode(), 0
    for rows in sheet.pieces():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        yield text.getvalue().encode(errors="replace"), len(rows)


def write_xlsx(path: Path | BinaryIO, sheet: Sheet, report: Callable[[int], None] | None = None) -> int:
    """Write a workbook; returns the number of rows. ``report`` is told from time to time how many are done."""

    def rows() -> Iterator[tuple[Value, ...]]:
        done = 0
        for piece in sheet.pieces():
            yield from piece
            done += len(piece)
            if report is not None:
                report(done)

    return write_sheet(
        path,
        [_sheet_column(column, header) for column, header in zip(sheet.columns, sheet.headers, strict=True)],
        rows(),
        titles=sheet.titles,
        sheet="Tuopin",
    )


def check_fits(count: int, sheet: Sheet) -> None:
    """Raise Problem where a list has more rows than a sheet."""
    room = LAST_ROW - len(sheet.titles) - 1
    if count > room:
        raise Problem(
            "too_many_rows",
            f"名单有 {count:,} 行，一张工作表最多 {room:,} 行。请缩小范围，或导出 CSV。",
            f"The list has {count:,} rows, a sheet holds {room:,}. Narrow the list, or export a CSV.",
        )


def _sheet_column(column: Column, header: str) -> SheetColumn:
    width = {"amount": 13.0, "date": 12.0, "flag": 8.0, "verdict": 9.0}.get(column.kind, 18.0)
    width = max(width, min(30.0, len(header.encode("gbk", "replace")) + 2.0))
    if column.kind == "amount":
        return SheetColumn(header, "number", column.scale or None, width)
    if column.kind == "date":
        return SheetColumn(header, "date", None, width)
    return SheetColumn(header, "text", None, width)
