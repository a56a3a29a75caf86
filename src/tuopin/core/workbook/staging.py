"""Writing one sheet to Parquet, chunk by chunk and column by column.

Every distinct text of a column is parsed once per chunk, and once per file while a column has few of them: a
household's fields repeat on every row of its members, and most columns are short lists.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tuopin.core.workbook.rows import SKIPS, RowFilter
from tuopin.core.workbook.text import render
from tuopin.core.workbook.values import Bad, parser

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from tuopin.core.workbook.headers import Match
    from tuopin.core.workbook.kinds import Field
    from tuopin.core.workbook.values import Value

_KEPT_VALUES = 20_000
_TYPES: dict[str, pa.DataType] = {
    "money": pa.int64(),
    "decimal": pa.int64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
_FAULTS = pa.schema(
    [
        ("row", pa.int32()),
        ("field", pa.string()),
        ("header", pa.string()),
        ("value", pa.string()),
        ("code", pa.string()),
    ]
)


class Column:
    """One claimed column: its parser and what it has parsed so far."""

    def __init__(self, field: Field, header: str, factor: str) -> None:
        self.field = field
        self.header = header
        self.type = _TYPES.get(field.type, pa.string())
        self._parse = parser(field, factor)
        self._known: dict[str, Value | Bad] = {}

    def read(self, texts: list[str]) -> list[Value | Bad]:
        """The value of each distinct text."""
        if len(self._known) > _KEPT_VALUES:
            self._known.clear()
        known, parse, found = self._known, self._parse, []
        for text in texts:
            try:
                found.append(known[text])
            except KeyError:
                known[text] = value = parse(text)
                found.append(value)
        return found


class Stager:
    """Takes the data rows of one sheet in chunks and writes ``data``, ``raw`` and ``faults``."""

    def __init__(self, match: Match, above: Sequence[Sequence[str]], folder: Path, stem: str) -> None:
        self.rows = 0
        self.skipped: dict[str, int] = dict.fromkeys(SKIPS, 0)
        self.faults: Counter[str] = Counter()
        self.width = max(len(match.headers), 1)
        self._filter = RowFilter(match, above)
        self._columns = {
            at: Column(match.kind.field(name), match.headers[at], match.factors[name])
            for name, at in match.columns.items()
        }
        self.data = folder / f"{stem}-data.parquet"
        self.raw = folder / f"{stem}-raw.parquet"
        self.fault_file = folder / f"{stem}-faults.parquet"
        self._raw_schema = pa.schema(
            [("row", pa.int32()), *((f"c{at}", pa.dictionary(pa.int32(), pa.string())) for at in range(self.width))],
            metadata={"headers": json.dumps(match.headers, ensure_ascii=False)},
        )
        self._data_schema = pa.schema(
            [("row", pa.int32()), *((column.field.name, column.type) for column in self._columns.values())]
        )
        # Arrow encodes and writes without holding the interpreter: helper threads do it beside the reading, and a chunk
        # is written while the next one is encoded and parsed.
        self._helper = ThreadPoolExecutor(1)
        self._scribe = ThreadPoolExecutor(1)
        self._writing: list[Future[None]] = []
        self._writers = [
            pq.ParquetWriter(path, schema, compression="lz4")
            for path, schema in (
                (self.data, self._data_schema),
                (self.raw, self._raw_schema),
                (self.fault_file, _FAULTS),
            )
        ]

    def add(self, rows: Sequence[Sequence[object]], first_row: int) -> None:
        """Stage a chunk; ``first_row`` is the 1-based sheet row of its first."""
        numbers, kept, faults = self._data_rows(rows, first_row)
        if not kept:
            return
        count = pa.array(numbers, pa.int32())
        encoding = [self._helper.submit(_texts(cells).dictionary_encode) for cells in zip(*kept, strict=True)]
        raw = [future.result() for future in encoding]
        data = [self._values(column, raw[at], numbers, faults) for at, column in self._columns.items()]
        self._wait()
        self._write(0, pa.record_batch([count, *data], self._data_schema))
        self._write(1, pa.record_batch([count, *raw], self._raw_schema))
        if faults:
            faults.sort(key=lambda fault: fault[0])
            self.faults.update(fault[4] for fault in faults)
            columns = zip(zip(*faults, strict=True), _FAULTS.types, strict=True)
            self._write(2, pa.record_batch([pa.array(cells, kind) for cells, kind in columns], _FAULTS))
        self.rows += len(kept)

    def _write(self, which: int, batch: pa.RecordBatch) -> None:
        self._writing.append(self._scribe.submit(self._writers[which].write_batch, batch))

    def _wait(self) -> None:
        """Until the chunk before is written; raises what went wrong with it."""
        for future in self._writing:
            future.result()
        self._writing.clear()

    def _data_rows(
        self, rows: Sequence[Sequence[object]], first_row: int
    ) -> tuple[list[int], list[Sequence[object]], list[tuple[int, str, str, str, str]]]:
        """(sheet rows, cells padded to the header's width, faults of rows with cells beyond the header)."""
        numbers: list[int] = []
        kept: list[Sequence[object]] = []
        faults: list[tuple[int, str, str, str, str]] = []
        width, is_plain = self.width, self._filter.is_plain
        for number, cells in enumerate(rows, first_row):
            if not cells:
                self.skipped["blank"] += 1
                continue
            row = cells
            if len(row) != width:
                row = [*row[:width], *([""] * (width - len(row)))]
            if not is_plain(row) and (reason := self._filter.reason(row)):
                self.skipped[reason] = self.skipped.get(reason, 0) + 1
                continue
            if len(cells) > width and (beyond := [text for cell in cells[width:] if (text := render(cell).strip())]):
                faults.append((number, "", "", ",".join(beyond), "extra_cells"))
            numbers.append(number)
            kept.append(row)
        return numbers, kept, faults

    def _values(
        self,
        column: Column,
        encoded: pa.DictionaryArray,
        numbers: list[int],
        faults: list[tuple[int, str, str, str, str]],
    ) -> pa.Array:
        texts: list[str] = encoded.dictionary.to_pylist()
        values: list[Any] = column.read(texts)
        for at, value in enumerate(values):
            if isinstance(value, Bad):
                values[at] = None
                positions = pc.indices_nonzero(pc.equal(encoded.indices, at)).to_pylist()
                cell = (column.field.name, column.header, texts[at], value.code)
                faults.extend((numbers[position], *cell) for position in positions)
        return pa.array(values, column.type).take(encoded.indices)

    def close(self) -> None:
        """Finish the files, also after a failure."""
        try:
            self._wait()
        finally:
            self._helper.shutdown()
            self._scribe.shutdown()
            for writer in self._writers:
                writer.close()


def _texts(cells: tuple[object, ...]) -> pa.Array:
    """A column as text; nearly always all cells are text already."""
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([cell if type(cell) is str else render(cell) for cell in cells], pa.string())
