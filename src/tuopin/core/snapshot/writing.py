"""Writing a seal: a draft beside its place, everything on the disk, one rename."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any, Self

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .model import (
    FACTS,
    FORMAT,
    MANIFEST,
    NOWHERE,
    Column,
    Manifest,
    Part,
    SealFault,
    canonical,
    parse,
    path_of,
    schema,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

type Sign = Callable[[bytes], dict[str, str]]

ROWS_OF_A_GROUP = 122_880
_DRAFT = ".writing-"


class Writer:
    """Writes one seal into a draft folder beside its place: ``with Writer(root, number) as writer: …``.

    Nothing appears under the number before :meth:`publish`; whatever fails before takes the draft away. A process
    that is killed leaves a draft, which :func:`clear_leftovers` takes away: call it first, while nobody else seals.
    """

    def __init__(self, root: Path, number: int) -> None:
        self._place = root / str(number)
        self.number = number
        self.folder = root / f"{_DRAFT}{number}"
        self._parts: list[Part] = []

    def __enter__(self) -> Self:
        if self._place.exists():
            raise SealFault("exists", self._place.name)
        for folder in (self.folder, self.folder / FACTS):
            folder.mkdir(mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def table(self, name: str, columns: Sequence[Column], reader: pa.RecordBatchReader) -> int:
        """Write a table; returns its rows. ``reader``: a column ``county`` first, then the columns in order; rows
        sorted by county. A table without rows is written once, empty, so that its columns are there."""
        open_: _Part | None = None
        done: list[Part] = []
        seen: set[str] = set()
        try:
            for batch in reader:
                for county, slice_ in runs(batch):
                    if open_ is None or open_.county != county:
                        if county in seen:
                            raise ValueError("rows are not sorted by county")
                        seen.add(county)
                        done += [open_.close()] if open_ else []
                        open_ = _Part(self.folder, name, county, columns)
                    open_.add(slice_)
            if open_ is None:
                open_ = _Part(self.folder, name, NOWHERE, columns)
            done.append(open_.close())
        finally:
            if open_ is not None:
                open_.abandon()
        self._parts += done
        return sum(part.rows for part in done)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self._parts)

    def finish(self, header: Mapping[str, Any], sign: Sign | None = None) -> Manifest:
        """Write the manifest: ``header`` is what the caller says (instance, sealed_at, data_version, catalogue,
        previous …), ``sign`` gives the signature of :func:`canonical`. All files are on the disk afterwards."""
        tables = [part.document() for part in sorted(self._parts, key=lambda part: part.file)]
        document = {"format": FORMAT, "number": self.number, **header, "tables": tables}
        if sign is not None:
            document["signature"] = sign(canonical(document))
        content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
        for folder in sorted((path for path in self.folder.rglob("*") if path.is_dir()), reverse=True):
            _settle(folder)
        with _created(self.folder / MANIFEST) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _settle(self.folder)
        return parse(content)

    def publish(self) -> None:
        """Put the finished seal into its place: one rename. Raises SealFault ``exists``."""
        if self._place.exists():
            raise SealFault("exists", self._place.name)
        self.folder.rename(self._place)
        _settle(self._place.parent)


class _Part:
    """One file while it is written; its digest is taken on the way."""

    def __init__(self, folder: Path, table: str, county: str, columns: Sequence[Column]) -> None:
        self._table, self.county, self._columns = table, county, tuple(columns)
        self._name = path_of(table, county)
        self._schema = schema(columns)
        path = folder / self._name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._sink = _Sink(path)
        self._file = pa.PythonFile(self._sink, mode="w")
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd", compression_level=1)
        self._held: list[pa.RecordBatch] = []
        self._rows = self._waiting = 0
        self._open = True

    def add(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._waiting += batch.num_rows
        if self._waiting >= ROWS_OF_A_GROUP:
            self._flush()

    def _flush(self, *, all_of_it: bool = False) -> None:
        """Write what makes whole groups, or all; the rest waits, lest every group be followed by a tiny one."""
        whole = self._waiting if all_of_it else self._waiting - self._waiting % ROWS_OF_A_GROUP
        table = pa.Table.from_batches(self._held)
        self._writer.write_table(table.slice(0, whole).cast(self._schema), row_group_size=ROWS_OF_A_GROUP)
        self._rows += whole
        self._waiting -= whole
        self._held = table.slice(whole).to_batches()

    def close(self) -> Part:
        if self._waiting:
            self._flush(all_of_it=True)
        self._writer.close()
        self._file.close()
        self._open = False
        size, digest = self._sink.settle()
        return Part(self._table, self.county, self._name, self._rows, size, digest, self._columns)

    def abandon(self) -> None:
        """Let go of the file if it was not closed; the draft goes with it."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError, pa.ArrowException):
                self._writer.close()
            self._writer.is_open = False  # what could not be written is not tried again when the object goes
            self._sink.drop()


class _Sink:
    """A new file that counts and digests what is written. The shape that Arrow asks of a Python file."""

    def __init__(self, path: Path) -> None:
        self._file = _created(path)
        self._digest, self._size = hashlib.sha256(), 0
        self.closed = False

    def write(self, data: Any) -> int:
        self._digest.update(data)
        written = self._file.write(data)
        self._size += written
        return written

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Arrow closes what it writes into; the file is closed when it is settled."""
        self.closed = True

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def settle(self) -> tuple[int, str]:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._size, self._digest.hexdigest()


def runs(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The runs of rows of one county in a batch whose first column is the county, without that column."""
    if not batch.num_rows:
        return
    runs = pc.run_end_encode(batch.column(0))
    rest = batch.select(list(range(1, batch.num_columns)))
    start = 0
    for end, county in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        yield county or NOWHERE, rest.slice(start, end - start)
        start = end


def _created(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(folder: Path) -> None:
    """Make names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_leftovers(root: Path) -> int:
    """Take away the drafts of sealings that were cut off; call it while nobody seals. Returns how many."""
    drafts = list(root.glob(f"{_DRAFT}*"))
    for draft in drafts:
        shutil.rmtree(draft)
    return len(drafts)


def numbers(root: Path) -> list[int]:
    """The numbers under which a folder lies, ascending."""
    found = [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    return sorted(int(name) for name in found if name.isascii() and name.isdecimal() and not name.startswith("0"))
