"""What a backup file holds: a zip archive whose ``manifest.json`` names every part with size and SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any

import orjson

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("maps", "maps-of-areas", "reports", "evidence", "packs", "calendar")
"""Of the data folder, beside database and keys."""
_PIECE = 1 << 20


@dataclass(slots=True)
class Manifest:
    """``vendor`` is ``sqlite`` or ``postgresql``; ``keys`` is ``none`` or ``encrypted``; ``tables`` (PostgreSQL) gives
    the columns of each; ``sequences`` the next number of each table's id."""

    version: str
    created_at: str
    vendor: str
    migrations: list[str]
    audit_head: str
    keys: str
    format: int = FORMAT
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, list[Any]] = field(default_factory=dict)

    def bytes(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


def not_a_backup(why_zh: str, why_en: str) -> Problem:
    return Problem(
        "bad_backup",
        f"备份文件不可用：{why_zh}。未作任何改动。",
        f"The backup cannot be used: {why_en}. Nothing was changed.",
    )


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of an archive. Raises Problem if there is none that this version understands."""
    try:
        document = orjson.loads(archive.read(MANIFEST))
        manifest = Manifest(**document)
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise not_a_backup("没有目录清单", "it has no manifest") from error
    if manifest.format != FORMAT:
        raise not_a_backup("由更新的版本生成", "a newer version wrote it")
    return manifest


def add(archive: zipfile.ZipFile, manifest: Manifest, name: str, pieces: Any) -> None:
    """Write one part from an iterable of bytes and enter it into the manifest."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            part.write(piece)
    manifest.files[name] = {"size": size, "sha256": digest.hexdigest()}


def pieces_of(path: Path) -> Any:
    """A file's content, piece by piece."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def extract(archive: zipfile.ZipFile, manifest: Manifest, into: Path) -> None:
    """Unpack every part under ``into`` and compare size and digest. Raises Problem at the first difference."""
    for name, expected in manifest.files.items():
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise not_a_backup(f"部件名“{name}”不合法", f"the part name “{name}” is not allowed")
        target = into / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with archive.open(name) as source, target.open("wb") as file:
                found = _copy(source, file, int(expected["size"]))
        except (KeyError, OSError, EOFError, ValueError, RuntimeError) as error:
            raise not_a_backup(f"部件“{name}”读不出来", f"the part “{name}” cannot be read") from error
        if found != expected["sha256"]:
            raise not_a_backup(f"部件“{name}”与清单不符", f"the part “{name}” differs from the manifest")
        target.chmod(0o600)


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> str:
    """Copy at most ``size`` bytes (and notice one more), and return the digest."""
    digest, left = hashlib.sha256(), size + 1
    while left > 0 and (piece := source.read(min(_PIECE, left))):
        digest.update(piece)
        target.write(piece)
        left -= len(piece)
    return digest.hexdigest() if left == 1 else "size differs"
