"""A list opened by a reader: its columns and filters, its state, and its rows as a page or as a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist

from . import counts, paging
from .model import Extension
from .registry import extensions
from .state import parse
from .texts import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title

    from .filters import Filter
    from .model import Cell, Column, Listing, Load, Reader, Row
    from .state import State

CHUNK = 2_000
FEW = 2_000
"""Up to so many matches a page is made from their keys: looked for along the order of a large list they are slow."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is printed. ``head`` is the cell that names it."""

    pk: Any
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A list as one reader sees it. ``columns`` and ``filters`` are all that the reader's field classes open."""

    listing: Listing
    reader: Reader
    columns: Mapping[str, Column]
    filters: tuple[Filter[Any], ...]
    state: State
    notes: tuple[Title, ...] = ()
    _counted: dict[str, int] = field(default_factory=dict)
    _counted_at: list[datetime] = field(default_factory=list)
    _stated: dict[str, str | None] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns shown, in the order of the list whatever the order of the address."""
        chosen = self.state.columns
        return tuple(
            column
            for key, column in self.columns.items()
            if key == self.listing.first or (key in chosen if chosen else not column.optional)
        )

    def rows(self) -> QuerySet[Any]:
        """The query of the rows that match, in no order."""
        rows = self.listing.rows(self.reader)
        for each in self.state.chosen:
            rows = each.filter.apply(rows, self.reader, each.value)
        return rows

    def count(self) -> int:
        """How many rows match, exactly."""
        if "rows" not in self._counted:
            known = self._known()
            number, at = counts.counted(self) if known is None else (known, None)
            self._counted["rows"] = number
            if at is not None:
                self._counted_at.append(at)
        return self._counted["rows"]

    def counted_at(self) -> datetime | None:
        """Of when the number of rows is, where it is a moment old; else None."""
        self.count()
        return self._counted_at[0] if self._counted_at else None

    def version(self) -> str | None:
        """The state of the data that this list shows, asked once; None where nothing is to be kept."""
        if "version" not in self._stated:
            self._stated["version"] = self.listing.version() if self.listing.version is not None else None
        return self._stated["version"]

    def _known(self) -> int | None:
        """The number from where it was added up before: by the list, or by the only filter in use."""
        known = self.listing.count(self.reader, self.state) if self.listing.count else None
        if known is None and len(self.state.chosen) == 1:
            (only,) = self.state.chosen
            known = only.filter.counted(only.value, self.reader)
        return known

    def page(self, size: int = paging.SIZE) -> tuple[paging.Page, list[Line]]:
        """The page that the state asks for, with its printed rows."""
        order, total = self._order(), self.count()
        rows = self.rows() if total else self.rows().none()
        if 0 < total <= FEW and self.version() is not None:
            rows = rows.filter(pk__in=counts.keys(self))
        found = paging.page(rows, self._names(), order, after=self.state.after, before=self.state.before, size=size)
        return found, self._lines(found.rows)

    def stream(self, chunk: int = CHUNK) -> Iterator[Line]:
        """Every row that matches, in the order shown: one statement, and one more a column and piece that loads."""
        rows = paging.ordered(self.rows(), self._order()).values(*self._names())
        piece: list[Row] = []
        for row in rows.iterator(chunk_size=chunk):
            piece.append(row)
            if len(piece) >= chunk:
                yield from self._lines(piece)
                piece = []
        yield from self._lines(piece)

    # -- inside -------------------------------------------------------------------------------------------------

    def _order(self) -> paging.Order:
        state, listing = self.state, self.listing
        fields = self.columns[state.sort].sort if state.sort else listing.order
        descending = state.descending if state.sort else listing.descending
        own = tuple(fields) if fields[-1] == "pk" else (*fields, "pk")
        name = f"{listing.key}:{','.join(own)}:{'-' if descending else '+'}"
        blanks = bool(state.sort) and _may_be_blank(self.listing.rows(self.reader), own[0])
        return paging.Order(own, descending, blanks, name)

    def _names(self) -> list[str]:
        names = ["pk", *self._order().fields]
        for column in self.shown:
            names += [column.field] if column.field else []
            names += column.needs
        return list(dict.fromkeys(names))

    def _lines(self, rows: Sequence[Row]) -> list[Line]:
        if not rows:
            return []
        loaded: dict[Load, Mapping[Any, Any]] = {}
        for column in self.shown:
            if column.load is not None and column.load not in loaded:
                loaded[column.load] = column.load(self.reader, rows)
        return [Line(row["pk"], row, tuple(_cell(column, row, loaded) for column in self.shown)) for row in rows]


def _cell(column: Column, row: Row, loaded: Mapping[Load, Mapping[Any, Any]]) -> Cell:
    value = row[column.field] if column.load is None else loaded[column.load].get(row["pk"])
    return cell(column, row, value)


def _may_be_blank(rows: QuerySet[Any], name: str) -> bool:
    if name == "pk" or name in rows.query.annotations:
        return name != "pk"
    try:
        return bool(getattr(rows.model._meta.get_field(name), "null", True))
    except FieldDoesNotExist:  # a path over a relation
        return True


def open_list(listing: Listing, reader: Reader, given: Mapping[str, Sequence[str]] | None = None) -> Open:
    """Open a list in the state that an address describes. Raises Refused or Missing outside the grants, Problem for a
    state that cannot be."""
    listing.may_open(reader)
    added = [*([listing.depending(reader)] if listing.depending else []), *extensions(listing.key, reader)]
    everything = [Extension(listing.columns, listing.filters), *added]
    columns = {each.key: each for each in _open(reader, (column for item in everything for column in item.columns))}
    filters = tuple(_open(reader, (each for item in everything for each in item.filters)))
    notes = (*(listing.notes(reader) if listing.notes else ()), *(note for item in added for note in item.notes))
    return Open(listing, reader, columns, filters, parse(given or {}, columns, filters, reader), notes)


def _open[Part: (Column, Filter[Any])](reader: Reader, parts: Iterable[Part]) -> Iterator[Part]:
    return (part for part in parts if reader.opens(part.classes))
