"""What an import did to each table, kept so that it can be taken back exactly.

Of inserted rows the ids are enough, and they come in blocks; of changed rows the values before are kept, of deleted
ones all. They are read where the writing happens, inside its transaction.
"""

from __future__ import annotations

import zlib
from itertools import batched
from typing import TYPE_CHECKING, Any

import orjson
from django.apps import apps
from django.db import connection
from django.db.models import Exists, Q

from tuopin.platform.access import page_memo

from ..models import Import, ImportChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.models import Model, QuerySet

    type Naming = tuple[type[Model], QuerySet[Any], str]

type Block = tuple[int, int]

ONCE = frozenset({"superseded_at", "closed_at", "applied_at"})
"""Columns that an import sets only where they are NULL: the value before need not be read."""

GONE = "-"
"""Before the columns of an entry whose rows were deleted: what stands in them is the rows themselves."""
_INSERTED = "tuopin.register.inserted:"
_BLOCKS = 200  # ranges in one condition
_ASKED = 5_000
_KEPT = 50_000


class ChangeLog:
    """Gathers the changes of one run, in their order."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, list[str], bytes]] = []

    def inserted(self, table: str, blocks: Sequence[Block]) -> None:
        """Blocks of ids ``(first, last)`` that are new in ``table``."""
        if blocks:
            self.entries.append((table, [], _packed(joined(blocks))))

    def changing(self, table: str, columns: Sequence[str], ids: Sequence[int]) -> None:
        """Rows that are about to change; to be called before they do."""
        for part in batched(ids, _KEPT, strict=False):
            before = [(each, *[None] * len(columns)) for each in part] if set(columns) <= ONCE else None
            self.entries.append((table, list(columns), _packed(before or list(_before(table, columns, part)))))

    def deleting(self, table: str, ids: Sequence[int]) -> None:
        """Rows that are about to go; to be called before they do."""
        model = next(each for each in apps.get_models() if each._meta.db_table == table)
        columns = [str(each.column) for each in model._meta.concrete_fields if not each.primary_key]
        for part in batched(ids, _KEPT, strict=False):
            self.entries.append((table, [GONE, *columns], _packed(list(_before(table, columns, part)))))

    def read(self) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
        """The changes again: table, columns, and what the entry holds."""
        return ((table, columns, unpacked(content)) for table, columns, content in self.entries)

    def store(self, record: Import) -> None:
        """Keep the log with the import. The caller holds the transaction."""
        ImportChange.objects.bulk_create(
            ImportChange(run=record, table=table, columns=columns, content=content)
            for table, columns, content in self.entries
        )


def key_of(table: str) -> str:
    """The column that is the key of a table: ``id``, but for one that stands one to one beside another."""
    model = next(each for each in apps.get_models() if each._meta.db_table == table)
    return str(model._meta.pk.column)


def joined(blocks: Sequence[Block]) -> list[Block]:
    """Blocks that follow each other as one."""
    made: list[Block] = []
    for first, last in blocks:
        if made and made[-1][1] + 1 == first:
            made[-1] = (made[-1][0], last)
        else:
            made.append((first, last))
    return made


def unpacked(content: bytes | memoryview[int]) -> list[list[Any]]:
    """What an entry holds."""
    found: list[list[Any]] = orjson.loads(zlib.decompress(bytes(content)))
    return found


def inserted(record: Import, model: type[Model]) -> list[Block]:
    """The blocks of ids of the rows that an import made in a table; all tables are read at once, and once a page."""
    memo, key = page_memo(), f"{_INSERTED}{record.pk}"
    if key not in memo:
        made: dict[str, list[Block]] = {}
        for entry in ImportChange.objects.filter(run=record, columns=[]):
            made.setdefault(entry.table, []).extend((first, last) for first, last in unpacked(entry.content))
        memo[key] = made
    found: dict[str, list[Block]] = memo[key]
    return found.get(model._meta.db_table, [])


def named(record: Import, naming: Mapping[str, Iterable[Naming]]) -> set[str]:
    """Which of the keys name something that an import made: ``(what is made, rows that may name it, their column)``.
    One statement, however many tables are asked."""
    asked: dict[str, Exists] = {}
    for key, each in naming.items():
        for made, rows, column in each:
            for part in batched(inserted(record, made), _BLOCKS, strict=False):
                among = Q()
                for first, last in part:
                    among |= Q(**{f"{column}__gte": first, f"{column}__lte": last})
                asked[f"{key}_{len(asked)}"] = Exists(rows.filter(among))
    if not asked:
        return set()
    answers = Import.objects.filter(pk=record.pk).values(**asked)[0]
    return {name.rpartition("_")[0] for name, answer in answers.items() if answer}


def _packed(rows: Sequence[Sequence[Any]]) -> bytes:
    return zlib.compress(orjson.dumps(rows, default=str), 1)


def _before(table: str, columns: Sequence[str], ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    quote, key = connection.ops.quote_name, key_of(table)
    names = ", ".join(quote(name) for name in (key, *columns))
    with connection.cursor() as cursor:
        for part in batched(ids, _ASKED, strict=False):
            listed = ", ".join(str(int(each)) for each in part)
            cursor.execute(f"SELECT {names} FROM {quote(table)} WHERE {key} IN ({listed})")
            yield from cursor.fetchall()
