"""What an import did to each table, kept so that it can be taken back exactly.

Of inserted rows the ids are enough, and they come in blocks; of changed rows the values before are kept. Both are read
where the writing happens, inside its transaction.
"""

from __future__ import annotations

import zlib
from itertools import batched
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection

from ..models import ImportChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..models import Import

type Block = tuple[int, int]

ONCE = frozenset({"superseded_at", "closed_at", "applied_at"})
"""Columns that an import sets only where they are NULL: the value before need not be read."""

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

    def read(self) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
        """The changes again: table, columns, and what the entry holds."""
        return ((table, columns, unpacked(content)) for table, columns, content in self.entries)

    def store(self, record: Import) -> None:
        """Keep the log with the import. The caller holds the transaction."""
        ImportChange.objects.bulk_create(
            ImportChange(run=record, table=table, columns=columns, content=content)
            for table, columns, content in self.entries
        )


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


def _packed(rows: Sequence[Sequence[Any]]) -> bytes:
    return zlib.compress(orjson.dumps(rows, default=str), 1)


def _before(table: str, columns: Sequence[str], ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in ("id", *columns))
    with connection.cursor() as cursor:
        for part in batched(ids, _ASKED, strict=False):
            listed = ", ".join(str(int(each)) for each in part)
            cursor.execute(f"SELECT {names} FROM {quote(table)} WHERE id IN ({listed})")
            yield from cursor.fetchall()
