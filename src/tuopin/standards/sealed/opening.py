"""A seal opened for reading: its manifest, and each of its files only after its hash was found right."""

from __future__ import annotations

import datetime
import os
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core import snapshot
from tuopin.platform.home import make_home
from tuopin.platform.models import Seal
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.seals.selectors import folder_of
from tuopin.platform.seals.words import problem
from tuopin.standards.sealed.folders import Folder, digest_of

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.snapshot import Manifest

KEPT = datetime.timedelta(days=7)
MOST_ROWS_A_BYTE = 4
"""A sealed row holds an id of its own: invented files made alike had 0.2 to 0.5 rows a byte. Far more is made to eat
memory, a row repeated a thousand million times in a few bytes."""
MOST_UNPACKED = 64
"""So many bytes may one byte of a file be unpacked to; of invented files made alike it was 6 to 8."""
FREE_ROWS, FREE_BYTES = 100_000, 16 << 20
"""What any file may claim, however small it is."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A seal whose manifest is the one expected. ``folder`` holds its files, or those fetched
    so far from ``remote``."""

    manifest: Manifest
    folder: Path
    remote: Folder | None = None

    @property
    def name(self) -> str:
        """What people call it: the instance and the number."""
        return f"{self.instance_name} {self.manifest.number}"

    @property
    def instance_name(self) -> str:
        """The name of the instance as it may stand in a terminal and a line of a list, whatever its manifest says."""
        return _CONTROL.sub("", self.manifest.instance["name"])[:200]

    def files(self, table: str, counties: frozenset[str] | None) -> list[snapshot.Part]:
        """The files of a table: of these counties and of no single one; None = of all."""
        return [
            part
            for part in self.manifest.tables
            if part.table == table and (counties is None or part.county == "-" or part.county in counties)
        ]

    def verified(self, part: snapshot.Part) -> Path:
        """A file whose content is what the manifest says; fetched if it lies elsewhere. Raises Problem naming it."""
        path = self.folder / part.file
        if self.remote is not None:
            return self._fetched(self.remote, part, path)
        if not path.is_file():
            raise Problem(
                "seal_file_missing",
                f"封存 {self.name} 缺文件 {part.file}。",
                f"Seal {self.name} lacks the file {part.file}.",
                file=part.file,
            )
        if digest_of(path) != part.sha256:
            raise self._tampered(part)
        return self._readable(part, path)

    def _fetched(self, remote: Folder, part: snapshot.Part, path: Path) -> Path:
        if path.is_file() and digest_of(path) == part.sha256:
            os.utime(path)  # the newest use counts when copies are deleted
            return self._readable(part, path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            if remote.copy(self.manifest.number, part.file, draft, part.bytes) != part.sha256:
                raise self._tampered(part)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return self._readable(part, path)

    def _readable(self, part: snapshot.Part, path: Path) -> Path:
        """The file, if it holds the columns and rows that the manifest says: its hash is right, and yet whoever sealed
        it may have written anything."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = pq.ParquetFile(path)
            dense = self.remote is not None and _too_dense(found.metadata, path.stat().st_size)
            right = found.schema_arrow.equals(snapshot.schema(part.columns)) and found.metadata.num_rows == part.rows
        except (pa.ArrowException, OSError, ValueError):
            dense = right = False
        if dense:
            raise Problem(
                "seal_too_dense",
                f"封存 {self.name} 的文件 {part.file} 声称的行数或解压后的大小远超其字节数所能容纳，不予读取。",
                f"The file {part.file} of seal {self.name} claims far more rows or content than its bytes can hold: not"
                " read.",
                file=part.file,
            )
        if not right:
            raise Problem(
                "seal_unreadable",
                f"封存 {self.name} 的文件 {part.file} 不是清单所说的表，不予读取。",
                f"The file {part.file} of seal {self.name} is not the table that its manifest says: not read.",
                file=part.file,
            )
        return path

    def _tampered(self, part: snapshot.Part) -> Problem:
        return Problem(
            "seal_tampered",
            f"封存 {self.name} 的文件 {part.file} 与清单不符（内容被改过或损坏），不予读取。",
            f"The file {part.file} of seal {self.name} is not what its manifest says (changed or damaged): not read.",
            file=part.file,
        )


def _too_dense(claimed: Any, size: int) -> bool:
    """Whether the footer of a Parquet file claims more than that many bytes can honestly hold."""
    groups = (claimed.row_group(at) for at in range(claimed.num_row_groups))
    unpacked = sum(group.column(at).total_uncompressed_size for group in groups for at in range(group.num_columns))
    return bool(claimed.num_rows > FREE_ROWS + MOST_ROWS_A_BYTE * size or unpacked > FREE_BYTES + MOST_UNPACKED * size)


def own(number: int) -> Opened:
    """A seal of this installation. Raises Missing for an unknown number, Problem where its manifest is gone, of another
    format, or not the one that was sealed."""
    row = Seal.objects.filter(number=number).first() if 0 < number < 2**31 else None
    if row is None:
        raise Missing("no_such_seal", f"没有封存 {number}。", f"There is no seal {number}.", seal=number)
    manifest = read(folder_of(number))
    if manifest.digest != row.digest:
        raise changed_manifest(str(number))
    return Opened(manifest, folder_of(number))


def read(folder: Path) -> Manifest:
    """A manifest. Raises Problem in place of the fault."""
    try:
        return snapshot.read(folder)
    except snapshot.SealFault as fault:
        raise problem(fault) from fault


def changed_manifest(name: str) -> Problem:
    """The manifest is not the one that is known of this number."""
    return Problem(
        "seal_rewritten",
        f"封存 {name} 的清单与登记的不同：清单被改过，不予读取。",
        f"The manifest of seal {name} is not the one that is known: it was changed and is not read.",
    )


def mirror() -> Path:
    """Where manifests and files of other instances' seals lie while they are used."""
    return make_home() / "staging" / "seals"


def fetched(folder: Folder, number: int, digest: str = "") -> Opened:
    """A seal of another instance, with its manifest fetched. With ``digest`` it must be that one. Raises Problem."""
    data = folder.manifest(number)
    try:
        manifest = snapshot.parse(data)
    except snapshot.SealFault as fault:
        raise problem(fault) from fault
    if manifest.number != number or not _ID.fullmatch(manifest.instance["id"]):
        raise changed_manifest(f"{folder.address} {number}")
    if digest and manifest.digest != digest:
        raise changed_manifest(Opened(manifest, mirror()).name)
    kept = mirror() / manifest.instance["id"] / f"{number}-{manifest.digest[:16]}"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Opened(manifest, kept, folder)


def purge(now: float | None = None) -> int:
    """Delete copies of other instances' files that nobody has used for a week; returns how many went."""
    oldest = (now or time.time()) - KEPT.total_seconds()
    gone = 0
    for path in list(mirror().rglob("*")) if mirror().is_dir() else ():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
