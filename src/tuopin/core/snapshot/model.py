"""What a seal is: its columns, its files, its manifest, and the reading of one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import orjson
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

FORMAT = 1
"""Version of the format: one that is not known is refused, never guessed at."""
MANIFEST = "manifest.json"
FACTS, IDENTITIES = "facts", "identities"
NOWHERE = "-"
"""In place of a county: rows that belong to no single one."""
_LARGEST_MANIFEST = 64 << 20
_LARGEST = 1 << 42
"""No number of a manifest is larger; the sum over all its files is one that a database holds."""
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COUNTY = re.compile(r"[0-9A-Za-z]{1,32}")
_HASH = re.compile(r"[0-9a-f]{64}")

TYPES: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
}


class SealFault(Exception):  # noqa: N818 - what is wrong with a seal, which the caller puts into words
    """Why a seal cannot be used: ``code`` and where it shows."""

    def __init__(self, code: str, file: str = "", **detail: Any) -> None:
        super().__init__(f"{code} {file} {detail or ''}".strip())
        self.code, self.file, self.detail = code, file, detail


@dataclass(frozen=True, slots=True)
class Column:
    """A column as sealed; ``type`` is a key of :data:`TYPES`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of facts."""

    table: str
    county: str
    file: str
    rows: int
    bytes: int
    sha256: str
    columns: tuple[Column, ...]

    def document(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "county": self.county,
            "file": self.file,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "columns": [[each.name, each.type] for each in self.columns],
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read. ``digest`` is the SHA-256 of its file; ``document`` is all of it."""

    number: int
    instance: Mapping[str, str]
    sealed_at: str
    data_version: int
    catalogue: str
    previous: Mapping[str, Any] | None
    tables: tuple[Part, ...]
    digest: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.tables)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.tables)

    @property
    def table_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.table for part in self.tables))

    @property
    def counties(self) -> tuple[str, ...]:
        return tuple(sorted({part.county for part in self.tables}))

    def parts(self, table: str) -> tuple[Part, ...]:
        return tuple(part for part in self.tables if part.table == table)

    def columns(self, table: str) -> dict[str, str]:
        """Column → type of a table; empty if it was not sealed."""
        found = self.parts(table)
        return {column.name: column.type for column in found[0].columns} if found else {}

    def files(self, folder: Path, table: str, counties: Iterable[str] | None = None) -> list[Path]:
        """The files of a table under the seal's folder, of all counties or of some (``-`` is one of them)."""
        wanted = None if counties is None else set(counties)
        return [folder / part.file for part in self.parts(table) if wanted is None or part.county in wanted]


def folder_name(county: str) -> str:
    """The folder of a county's files: its code, or the code in hexadecimal where it is not plain letters and digits."""
    if county == NOWHERE or _COUNTY.fullmatch(county):
        return county
    return "x" + county.encode().hex()


def path_of(table: str, county: str) -> str:
    """Where a part stands in the seal. Raises SealFault for what is no name of a table."""
    if not _TABLE.fullmatch(table):
        raise SealFault("bad_path", table)
    return f"{FACTS}/{folder_name(county)}/{table}.parquet"


def schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of sealed columns."""
    return pa.schema([(column.name, TYPES[column.type]) for column in columns])


def canonical(document: Mapping[str, Any]) -> bytes:
    """What is signed: the manifest without its signature, with sorted keys and no spaces."""
    return orjson.dumps(
        {key: each for key, each in document.items() if key != "signature"}, option=orjson.OPT_SORT_KEYS
    )


def read(folder: Path) -> Manifest:
    """The manifest of a seal, its form checked but not the files. Raises SealFault: ``no_manifest``, ``bad_manifest``,
    ``unknown_format`` (with the version), ``bad_path`` (a file that would lie elsewhere)."""
    path = folder / MANIFEST
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST_MANIFEST:
            raise SealFault("bad_manifest", MANIFEST)
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SealFault("no_manifest", MANIFEST) from error
    except OSError as error:
        raise SealFault("bad_manifest", MANIFEST) from error
    return parse(content)


def parse(content: bytes) -> Manifest:
    """The manifest in these bytes; see :func:`read`."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise SealFault("bad_manifest", MANIFEST) from error
    if not isinstance(document, dict):
        raise SealFault("bad_manifest", MANIFEST)
    if document.get("format") != FORMAT or isinstance(document["format"], bool):
        raise SealFault("unknown_format", MANIFEST, format=str(document.get("format"))[:40], known=FORMAT)
    try:
        return _manifest(document, hashlib.sha256(content).hexdigest())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SealFault("bad_manifest", MANIFEST) from error


def _manifest(document: dict[str, Any], digest: str) -> Manifest:
    previous = document["previous"]
    if previous is not None:
        previous = {"number": _whole(previous["number"]), "digest": _hash(previous["digest"])}
    parts = tuple(_part(each) for each in document["tables"])
    if len({part.file for part in parts}) != len(parts):
        raise SealFault("bad_path", MANIFEST)
    columns: dict[str, tuple[Column, ...]] = {}
    if any(columns.setdefault(part.table, part.columns) != part.columns for part in parts):
        raise ValueError("one table with several lists of columns")  # what is needed is looked up in one of them
    instance = document["instance"]
    return Manifest(
        number=_whole(document["number"]),
        instance={"id": _text(instance["id"]), "name": _text(instance["name"])},
        sealed_at=_text(document["sealed_at"]),
        data_version=_whole(document["data_version"]),
        catalogue=_hash(document["catalogue"]),
        previous=previous,
        tables=parts,
        digest=digest,
        document=document,
    )


def _part(entry: dict[str, Any]) -> Part:
    table, county = _text(entry["table"]), _text(entry["county"])
    columns = tuple(Column(_text(name), _text(kind)) for name, kind in entry["columns"])
    if any(column.type not in TYPES or not _TABLE.fullmatch(column.name) for column in columns):
        raise ValueError("no such type of column")
    # the place follows from table and county: a manifest cannot point anywhere else
    if entry["file"] != path_of(table, county):
        raise SealFault("bad_path", str(entry["file"])[:200])
    return Part(
        table, county, entry["file"], _whole(entry["rows"]), _whole(entry["bytes"]), _hash(entry["sha256"]), columns
    )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise ValueError("not a whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("not a text")
    return value


def _hash(value: Any) -> str:
    if not _HASH.fullmatch(_text(value)):
        raise ValueError("not a digest")
    return cast("str", value)


def lacking(manifest: Manifest, wanted: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What of ``wanted`` (table → column → type) the seal does not have, or has as another type; empty: all there."""
    found = []
    for table, columns in wanted.items():
        sealed = manifest.columns(table)
        if not sealed:
            found.append(table)
            continue
        found += [f"{table}.{name}" for name, kind in columns.items() if sealed.get(name) != kind]
    return found
