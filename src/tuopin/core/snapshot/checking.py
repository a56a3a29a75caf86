"""Checking a seal: is every byte of it what its manifest says, and is that manifest the one that was made?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from .model import IDENTITIES, MANIFEST, Manifest, Part, canonical, read, schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

type Genuine = Callable[[bytes, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: ``code`` (``missing``, ``extra``, ``changed`` …), the file and what was expected."""

    code: str
    file: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What :func:`verify` found. ``identities`` is ``present``, ``absent`` or ``none`` (none were sealed): no fault."""

    faults: tuple[Fault, ...]
    files: int
    rows: int
    bytes: int
    identities: str

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(
    folder: Path,
    *,
    digest: str = "",
    previous: Manifest | None = None,
    genuine: Genuine | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Check every byte of a seal. ``digest``: of its manifest, as known from elsewhere; ``previous``: the seal before,
    if there is one; ``genuine``: whether the signature is by a key that is trusted. ``progress``: bytes read, of all.

    Raises SealFault where there is no manifest that can be read at all.
    """
    manifest = read(folder)
    faults: list[Fault] = []
    if digest and digest != manifest.digest:
        faults.append(Fault("manifest_altered", MANIFEST, digest, manifest.digest))
    signature = manifest.document.get("signature")
    if genuine is not None and not genuine(
        canonical(manifest.document), signature if isinstance(signature, dict) else {}
    ):
        faults.append(Fault("not_genuine", MANIFEST))
    faults += _chained(manifest, previous)
    done = 0
    for part in manifest.tables:
        faults += _checked(folder, part)
        done += part.bytes
        if progress is not None:
            progress(done, manifest.bytes)
    named = {part.file for part in manifest.tables}
    faults += [Fault("extra", each) for each in _files(folder) if each not in named]
    return Report(tuple(faults), len(manifest.tables), manifest.rows, manifest.bytes, _identities(folder, manifest))


def _chained(manifest: Manifest, previous: Manifest | None) -> Iterator[Fault]:
    before = manifest.previous
    if before is None:
        if previous is not None and previous.number < manifest.number:
            yield Fault("previous_unnamed", MANIFEST, str(previous.number))
    elif previous is None or previous.number != before["number"]:
        yield Fault("previous_missing", MANIFEST, str(before["number"]))
    elif previous.digest != before["digest"]:
        yield Fault("previous_differs", MANIFEST, before["digest"], previous.digest)


def _checked(folder: Path, part: Part) -> Iterator[Fault]:
    path = folder / part.file
    if not path.is_file() or path.is_symlink() or path.parent.is_symlink():
        yield Fault("missing", part.file)
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != part.sha256:
        yield Fault("changed", part.file, part.sha256, found)
        return
    try:
        held = pq.ParquetFile(path)
        rows, columns = held.metadata.num_rows, held.schema_arrow
    except (pa.ArrowException, OSError, ValueError):
        yield Fault("unreadable", part.file)
        return
    if rows != part.rows or path.stat().st_size != part.bytes:
        yield Fault("rows_differ", part.file, str(part.rows), str(rows))
    if not columns.equals(schema(part.columns)):
        yield Fault("columns_differ", part.file)


def _files(folder: Path) -> Iterator[str]:
    """Every file of the seal but the manifest and what lies under identities."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name != MANIFEST and not name.startswith(f"{IDENTITIES}/") and (path.is_symlink() or not path.is_dir()):
            yield name


def _identities(folder: Path, manifest: Manifest) -> str:
    if not manifest.document.get("identities"):
        return "none"
    return "present" if any((folder / IDENTITIES).glob("*")) else "absent"
