"""What a verdict rests on: where each value was read or who entered it, the day it describes, until when it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.dates import last_day
from tuopin.register.correcting.forms import SOURCES
from tuopin.register.models import FactBlock, Sheet

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from tuopin.core.language.catalogue import Catalogue, FactTable
    from tuopin.standards.subject import Loaded, Source

type Key = tuple[str, int, str]
"""(level, subject, block): of a row of facts."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a block of values was read: workbook, sheet, row, and the day it describes. Blank file: entered by hand.

    ``kind`` is the source of the row (``national_export``, ``department_list``, ``visit``, ``by_hand``; empty = not
    known); ``overrides`` the fields that come from another source, each with the day on which it was recorded."""

    file: str
    sheet: str
    row: int | None
    as_of: datetime.date
    kind: str = ""
    overrides: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def source_of(self, name: str) -> Title:
        """The sort of source of one field: as the row's, unless it was corrected since."""
        kind = self.overrides[name][0] if name in self.overrides else self.kind
        return SOURCES.get(kind, Title("", ""))

    def recorded(self, name: str) -> str:
        """The day on which a field was corrected; empty = it stands as the row came."""
        return self.overrides[name][1] if name in self.overrides else ""


def expires(as_of: datetime.date, months: int | None) -> datetime.date | None:
    """The last day on which evidence counts for an item that sets its age in months."""
    return None if months is None else last_day(as_of, months)


def read(
    sources: Mapping[Key, Source], loaded: Loaded | None, catalogue: Catalogue, wanted: Iterable[Key] | None = None
) -> dict[Key, Evidence]:
    """The evidence of rows: of ``wanted`` ones with the sort of source too (one query a block; rows that the caller
    holds already cost nothing)."""
    ids = {each.sheet_id for each in sources.values() if each.sheet_id is not None}
    sheets = Sheet.objects.defer("headers", "columns").in_bulk(ids) if loaded is None else loaded.sheets
    kinds = _held(sources, loaded) if loaded is not None else _asked(set(wanted or ()), sources, catalogue)
    found = {}
    for key, source in sources.items():
        sheet = sheets.get(source.sheet_id) if source.sheet_id is not None else None
        kind, overrides = kinds.get(key, ("", {}))
        found[key] = Evidence(
            sheet.file if sheet else "", sheet.name if sheet else "", source.row, source.as_of, kind, _days(overrides)
        )
    return found


def _days(overrides: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: (each.get("source", ""), str(each.get("recorded_at", ""))[:10]) for name, each in overrides.items()}


def _held(sources: Mapping[Key, Source], loaded: Loaded) -> dict[Key, tuple[str, Any]]:
    found = {}
    for level, key, block in sources:
        row = loaded.blocks.get(block, {}).get(key)
        if row is not None:
            found[level, key, block] = (row.source, row.overrides)
    return found


def _asked(wanted: set[Key], sources: Mapping[Key, Source], catalogue: Catalogue) -> dict[Key, tuple[str, Any]]:
    found: dict[Key, tuple[str, Any]] = {}
    tables = {(table.level, table.name): table for table in catalogue.tables}
    for level, block in sorted({(level, block) for level, _key, block in wanted}):
        table = tables.get((level, block))
        model = _models().get(table.table) if table is not None else None
        if table is None or model is None:
            continue
        keys = [key for at, key, name in wanted if (at, name) == (level, block) and (at, key, name) in sources]
        rows = model._default_manager.filter(**{f"{table.subject}__in": keys}, superseded_at=None)
        for key, as_of, kind, overrides in rows.values_list(table.subject, "as_of", "source", "overrides"):
            if sources[level, key, block].as_of == as_of:
                found[level, key, block] = (kind, overrides)
    return found


class Rows:
    """The rows of blocks of one subject as they stand on a day, with their sheets: each block is read once."""

    def __init__(self, subject: int, day: datetime.date) -> None:
        self._subject, self._day = subject, day
        self._held: dict[str, FactBlock | None] = {}

    def of(self, table: FactTable) -> FactBlock | None:
        """The row of a block that counts on the day, with all its columns."""
        if table.name not in self._held:
            self._held[table.name] = self._read(table)
        return self._held[table.name]

    def _read(self, table: FactTable) -> FactBlock | None:
        model = _models().get(table.table)
        if model is None:
            return None
        rows = model._default_manager.filter(**{table.subject: self._subject}, as_of__lte=self._day, superseded_at=None)
        return rows.select_related("sheet").order_by("-as_of").first()


def of_row(row: FactBlock) -> Evidence:
    """The evidence of a row that is held."""
    sheet = row.sheet
    file, name = (sheet.file, sheet.name) if sheet is not None else ("", "")
    return Evidence(file, name, row.row, row.as_of, row.source, _days(row.overrides))


@cache
def _models() -> dict[str, type[FactBlock]]:
    """Blocks of facts by table."""
    return {model._meta.db_table: model for model in apps.get_models() if issubclass(model, FactBlock)}
