"""One import run: what it has read, what the register holds, what it will write.

Intakes plan with SQL on the set engine and put three things into the run: *writes* (applied later, in order, in one
transaction), *fates* (what became of each data row) and *issues* (what is doubtful).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC
from itertools import batched
from typing import TYPE_CHECKING, Any, Literal

import orjson
from django.db import connection, models, transaction

from tuopin.platform import database
from tuopin.platform.problems import Problem

from .. import state
from ..models import Household
from .changes import ChangeLog, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    import pyarrow as pa

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import Kind, StagedSheet
    from tuopin.platform.bulk import SideFile

Fate = Literal["created", "updated", "unchanged", "rejected", "waiting"]
FATES: tuple[Fate, ...] = ("rejected", "waiting", "created", "updated", "unchanged")  # the first that applies counts

FEW = 2_000
"""Up to so many keys, the present state is asked for by key; above, whole tables are read in one stream."""


_ASSIGNED = re.compile(r"(\w+) = ")

STAGED_TYPES = {
    "text": "varchar",
    "identifier": "varchar",
    "id_number": "varchar",
    "code": "varchar",
    "month": "varchar",
    "boolean": "boolean",
    "money": "bigint",
    "decimal": "bigint",
    "integer": "bigint",
    "date": "date",
}
"""Types of the columns that the reader stages, by type of field."""


@dataclass(frozen=True, slots=True)
class Input:
    """A staged sheet with the id it will have in ``register_sheet``."""

    id: int
    sheet: StagedSheet
    file_digest: str


@dataclass(slots=True)
class Insert:
    model: type[models.Model]
    table: str
    columns: tuple[str, ...]
    select: str


@dataclass(slots=True)
class Update:
    """``statement`` is run once for each row of ``select`` (columns in the order of its placeholders, the id last).
    ``columns`` are those that it sets. ``held``: behind the id stands what a column must still say."""

    table: str
    columns: tuple[str, ...]
    statement: str
    select: str
    held: bool = False


@dataclass(slots=True)
class Delete:
    """The rows whose ids ``select`` gives go; what they said is kept for an undoing."""

    table: str
    select: str


def _everywhere(_permission: str) -> list[tuple[str, str]] | None:
    return None


@dataclass(slots=True)
class Run:
    """``ranges``: where the importer may import, as half-open ranges of area paths; None = everywhere. ``classes``:
    the classes of fields open to the importer in all of these, None = all. ``held``: the ranges of another permission,
    for rooms whose rows do what needs one."""

    engine: Engine
    as_of: date
    year: int
    now: datetime
    inputs: list[Input]
    dry_run: bool = False
    ranges: list[tuple[str, str]] | None = None
    classes: frozenset[str] | None = None
    held: Callable[[str], list[tuple[str, str]] | None] = _everywhere
    log: ChangeLog = field(default_factory=ChangeLog)
    writes: list[Insert | Update | Delete] = field(default_factory=list)
    changed: int = 0  # rows written by apply()
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _staged: SideFile | None = None

    def __post_init__(self) -> None:
        self.engine.run(
            "issues",
            "create table issue (code text, kind text, subject text, person text, sheet integer, "
            "row_no integer, column_name text, value text)",
        )
        self.engine.run("fates", "create table fate (sheet integer, row_no integer, fate text)")
        self.engine.run("rejects", "create table reject (sheet integer, row_no integer, subject text, reason text)")
        self.engine.run("scopes", "create table issue_scope (kind text, subject text)")

    def opens(self, field_class: str) -> bool:
        """Whether a class of fields is open to the importer wherever he may import."""
        return self.classes is None or field_class in self.classes

    @property
    def stamp(self) -> str:
        """The moment of the run as an SQL literal: text (naive, UTC), which both databases take as it is."""
        return f"'{_naive(self.now)}'"

    # -- reading the staged sheets ------------------------------------------------------------------------------

    def of_kind(self, kind: str) -> list[Input]:
        return [item for item in self.inputs if item.sheet.kind == kind]

    def stage(self, kind: Kind) -> str:
        """All staged sheets of a kind as one engine table: ``sheet``, ``row_no`` and every field of the kind.

        A field that a sheet has no column for is NULL there.
        """
        table = f"staged_{kind.name}"
        types = {item.name: STAGED_TYPES[item.type] for item in kind.fields}
        declared = ", ".join(f"{name} {sql_type}" for name, sql_type in types.items())
        self.engine.run(
            f"stage {kind.name}", f"create or replace table {table} (sheet integer, row_no integer, {declared})"
        )
        for item in self.of_kind(kind.name):
            names = [name for name in types if name in item.sheet.columns]
            listed = "".join(f", {name}" for name in names)
            self.engine.run(
                f"stage {item.sheet.file}",
                f"insert into {table} (sheet, row_no{listed}) select {item.id}, row{listed} "
                f"from read_parquet({_literal(item.sheet.data)})",
            )
        self.engine.run(
            f"faults {kind.name}",
            f"create or replace table {table}_fault (sheet integer, row_no integer, field text, header text, "
            "value text, code text)",
        )
        for item in self.of_kind(kind.name):
            self.engine.run(
                f"faults {item.sheet.file}",
                f"insert into {table}_fault select {item.id}, row, field, header, value, code "
                f"from read_parquet({_literal(item.sheet.fault_file)})",
            )
        return table

    # -- the register's present state ---------------------------------------------------------------------------

    def load_state(self, name: str, model: type[models.Model], columns: Sequence[str], where: str = "true") -> None:
        """Load columns of a table as it stands into the engine table ``name``, in the catalogue's encoding."""
        state.load(self.engine, name, model, columns, where)

    def load_state_household_codes(self, name: str, keys: str) -> None:
        """Load ids and codes of the households that an engine query names."""
        self.load_state(name, Household, ["id", "code"], self.among("id", keys))

    def among(self, column: str, keys: str) -> str:
        """A condition that narrows ``column`` to the keys of an engine query, or ``true`` when they are many."""
        count = self.engine.one(f"select count(*) from ({keys})")[0]
        if count == 0:
            return "false"
        if count > FEW:
            return "true"
        values = [row[0] for row in self.engine.rows(keys)]
        return f"{column} in ({', '.join(_literal(value) for value in values)})"

    # -- what is to be written ----------------------------------------------------------------------------------

    def insert(self, model: type[models.Model], columns: Sequence[str], select: str) -> None:
        table = model._meta.db_table
        self.writes.append(Insert(model, table, tuple(columns), _dates_as_text(model, columns, select)))

    def update(self, model: type[models.Model], assignments: str, select: str, held: str = "") -> None:
        """``select`` gives the values of the assignments' placeholders, then the row's id.

        ``held``: a column whose value ``select`` gives last. Rows that others write without changing the data version
        are so found to say the same as when the import was planned; else all of it is refused.
        """
        table = model._meta.db_table
        columns = tuple(_ASSIGNED.findall(assignments))
        statement = f"update {table} set {assignments} where {key_of(table)} = %s"
        if held:
            statement += f" and {held} = %s"
        self.writes.append(Update(table, columns, statement, select, bool(held)))

    def delete(self, model: type[models.Model], select: str) -> None:
        """``select`` gives ids. Only of rows that nothing refers to."""
        self.writes.append(Delete(model._meta.db_table, select))

    def number(self, table: str, model: type[models.Model], order: str) -> None:
        """Give every row of engine table ``table`` whose ``new_id`` is NULL the next free id of ``model``."""
        count = self.engine.one(f"select count(*) from {table} where new_id is null")[0]
        if not count:
            return
        with database.write():
            first = database.reserve_ids(model, count)
            if self.dry_run:
                transaction.set_rollback(True)
        self.engine.run(
            f"number {table}",
            f"create or replace table {table} as select * replace (coalesce(new_id, {first} - 1 + row_number() over "
            f"(partition by new_id is null order by {order})) as new_id) from {table}",
        )

    def supersede(self, model: type[models.Model], select: str) -> None:
        """End the versions whose ids ``select`` gives: they are no longer what is known, but stay."""
        self.update(model, f"superseded_at = '{_naive(self.now)}'", select)

    # -- what became of the rows --------------------------------------------------------------------------------

    def fates(self, select: str) -> None:
        """``select`` gives (sheet, row_no, fate)."""
        self.engine.run("fates", f"insert into fate {select}")

    def issues(self, select: str) -> None:
        """``select`` gives (code, kind, subject, person, sheet, row_no, column_name, value)."""
        self.engine.run("issues", f"insert into issue {select}")

    def rejects(self, select: str) -> None:
        """``select`` gives (sheet, row_no, subject, reason)."""
        self.engine.run("rejects", f"insert into reject {select}")

    def issue_scope(self, kind: str, subjects: str) -> None:
        """Declare that this run looked at these subjects: open issues of the kind that it does not find again are
        closed."""
        self.engine.run("scope", f"insert into issue_scope select {_literal(kind)}, s from ({subjects}) t(s)")

    def fate_counts(self) -> dict[Fate, int]:
        rank = " ".join(f"when '{fate}' then {at}" for at, fate in enumerate(FATES))
        rows = self.engine.rows(
            f"select best, count(*) from (select min(case fate {rank} end) as best from fate "
            f"where sheet in ({', '.join(str(item.id) for item in self.inputs)}) group by sheet, row_no) group by best"
        )
        found = {FATES[best]: count for best, count in rows}
        return {fate: found.get(fate, 0) for fate in ("created", "updated", "unchanged", "rejected", "waiting")}

    # -- applying -----------------------------------------------------------------------------------------------

    def stage_writes(self, side: SideFile) -> None:
        """Put the rows to insert into a side file, before the transaction, so that the write lock is held briefly.
        For SQLite only."""
        self._staged = side
        names = {f"w{at}": write for at, write in enumerate(self.writes) if isinstance(write, Insert)}
        side.stage((name, _watched(self.engine.arrow(write.select), self._digest)) for name, write in names.items())

    def apply(self, progress: Callable[[str], None]) -> str:
        """Carry out the writes in order; the caller holds the transaction. Returns the digest of the change set."""
        for at, write in enumerate(self.writes):
            progress(write.table)
            if isinstance(write, Insert):
                self.changed += self._insert(at, write)
            else:
                self.changed += self._delete(write) if isinstance(write, Delete) else self._update(write)
        return self._digest.hexdigest()

    def _insert(self, at: int, write: Insert) -> int:
        """Insert the rows of a write and log their ids."""
        keyed = key_of(write.table) in write.columns
        if keyed:
            self.log.inserted(write.table, self._blocks(write))
        if self._staged:
            before = database.last_id(write.model)
            moved = self._staged.move(f"w{at}", write.table, write.columns)
            if moved and not keyed:  # one writer at a time: they follow each other
                self.log.inserted(write.table, [(before + 1, before + moved)])
            return moved
        chunks = _digested(self.engine.chunks(write.select), self._digest, write.table)
        if keyed:
            return sum(database.bulk_insert(write.table, write.columns, chunk) for chunk in chunks)
        written, blocks = 0, []
        for chunk in chunks:
            first = database.reserve_ids(write.model, len(chunk))
            blocks.append((first, first + len(chunk) - 1))
            rows = ((number, *row) for number, row in enumerate(chunk, first))
            written += database.bulk_insert(write.table, ["id", *write.columns], rows)
        self.log.inserted(write.table, blocks)
        return written

    def _blocks(self, write: Insert) -> list[tuple[int, int]]:
        """The ids that a write brings along, as blocks."""
        at = write.columns.index(key_of(write.table))
        named = ", ".join("id" if number == at else f"c{number}" for number in range(len(write.columns)))
        return self.engine.rows(
            f"""select min(id), max(id) from (
              select id, id - row_number() over (order by id) as island from ({write.select}) as planned({named}))
            group by island order by 1"""
        )

    def _update(self, write: Update) -> int:
        """Carry out an update, row by row, after logging what stood there."""
        chunks = _digested(self.engine.chunks(write.select), self._digest, write.table)
        rows = [row for chunk in chunks for row in chunk]
        if rows:
            self.log.changing(write.table, write.columns, [row[-2 if write.held else -1] for row in rows])
            with connection.cursor() as cursor:
                cursor.executemany(write.statement, rows)
                if write.held and cursor.rowcount < len(rows):
                    raise Problem(
                        "changed_meanwhile",
                        "导入准备期间有人办理了其中的内容，本次未写入任何内容。请重新导入。",
                        "somebody acted upon rows of it while the import was being prepared; nothing was written. "
                        "Import again.",
                    )
        return len(rows)

    def _delete(self, write: Delete) -> int:
        """Carry out a deletion, after logging what stood there."""
        chunks = _digested(self.engine.chunks(write.select), self._digest, write.table)
        ids = [int(row[0]) for chunk in chunks for row in chunk]
        self.log.deleting(write.table, ids)
        with connection.cursor() as cursor:
            for part in batched(ids, FEW, strict=False):
                cursor.execute(f"delete from {write.table} where id in ({', '.join(map(str, part))})")
        return len(ids)


def _watched(reader: pa.RecordBatchReader, digest: hashlib._Hash) -> pa.RecordBatchReader:
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            digest.update(batch.serialize())
            yield batch

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _digested(
    chunks: Iterable[list[tuple[Any, ...]]], digest: hashlib._Hash, table: str
) -> Iterator[list[tuple[Any, ...]]]:
    digest.update(table.encode())
    for chunk in chunks:
        digest.update(orjson.dumps(chunk))
        yield chunk


def _dates_as_text(model: type[models.Model], columns: Sequence[str], select: str) -> str:
    """Dates leave the engine as ISO text: both databases take them so, and no object is made for each."""
    fields = {item.column: item for item in model._meta.concrete_fields}
    if not any(isinstance(fields[column], models.DateField) for column in columns):
        return select
    taken = ", ".join(
        f'"{column}"::varchar' if isinstance(fields[column], models.DateField) else f'"{column}"' for column in columns
    )
    named = ", ".join(f'"{column}"' for column in columns)
    return f"select {taken} from ({select}) as planned({named})"


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _literal(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
