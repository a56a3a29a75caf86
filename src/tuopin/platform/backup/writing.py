"""Writing a backup while the installation runs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import zipfile
from importlib.metadata import version
from typing import TYPE_CHECKING

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tuopin.platform.access import require_everywhere
from tuopin.platform.auditing import audit, readlog, signing
from tuopin.platform.backup import postgresql, sealed
from tuopin.platform.backup.manifest import FOLDERS, MANIFEST, Manifest, add, pieces_of
from tuopin.platform.database import is_postgresql, write
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.platform.access import Actor

_PIECE = 1 << 20


def backup(actor: Actor, path: Path, passphrase: str | None = None) -> Manifest:
    """Write everything into one new file (mode 600), as it is at one moment; nobody has to stop working.

    The private keys go in only under a passphrase. The file appears whole or not at all. Raises Problem if it exists.
    """
    require_everywhere(actor, "platform.backup")
    if path.exists():
        raise Problem(
            "file_exists",
            f"文件已存在：{path}。请换一个名字。",
            f"There is already a file {path}. Choose another name.",
        )
    audit.chain_pending()
    readlog.drain()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                manifest = _fill(archive, passphrase)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise Problem(
            "cannot_write",
            f"无法写入 {path}：请检查目录是否存在、可写，磁盘是否已满。",
            f"Cannot write {path}: check that the folder exists and is writable, and that the disk is not full.",
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    digest = hashlib.sha256(manifest.bytes()).hexdigest()
    with write():
        audit.record(actor, "platform.backup", "installation", {"keys": manifest.keys}, digest)
    return manifest


def _fill(archive: zipfile.ZipFile, passphrase: str | None) -> Manifest:
    root = make_home()
    keys = root / "keys"
    manifest = Manifest(
        version=version("tuopin"),
        created_at=timezone.now().isoformat(timespec="seconds"),
        vendor=connection.vendor,
        migrations=[],
        audit_head="",
        keys="encrypted" if passphrase else "none",
    )
    if is_postgresql():
        postgresql.dump(archive, manifest)
    else:
        with _snapshot(root) as copy:
            _describe_sqlite(manifest, copy)
            add(archive, manifest, "tuopin.sqlite3", pieces_of(copy))
    seq, _, hashed = manifest.audit_head.partition(":")
    head = signing.sign_head(int(seq), hashed)
    add(archive, manifest, f"keys/{signing.HEAD_FILE}", [signing.head_bytes(head)])
    for path in sorted((keys / signing.TRUSTED).glob("*.pem")):
        add(archive, manifest, f"keys/{signing.TRUSTED}/{path.name}", pieces_of(path))
    if passphrase:
        add(archive, manifest, sealed.NAME, [sealed.seal(keys, passphrase)])
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                _add_file(archive, manifest, root, path)
    archive.writestr(MANIFEST, manifest.bytes())
    return manifest


def _add_file(archive: zipfile.ZipFile, manifest: Manifest, root: Path, path: Path) -> None:
    """A file of a folder; one that goes while others work (a paper half handed in or swept up) is left out."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        add(archive, manifest, path.relative_to(root).as_posix(), iter(lambda: file.read(_PIECE), b""))


@contextlib.contextmanager
def _snapshot(root: Path) -> Iterator[Path]:
    """A copy of the database as it is at one moment; writers go on meanwhile."""
    copy = root / "staging" / f"backup-{secrets.token_hex(8)}.sqlite3"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=60)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # in one step, so that one read transaction sees it all
            target.execute("PRAGMA journal_mode=DELETE")
        yield copy
    finally:
        copy.unlink()


def _describe_sqlite(manifest: Manifest, copy: Path) -> None:
    """Migrations and audit head as they are in the copy itself, not in the database that has gone on since."""
    with contextlib.closing(sqlite3.connect(copy)) as own:
        table = MigrationRecorder.Migration._meta.db_table
        manifest.migrations = sorted(f"{app}.{name}" for app, name in own.execute(f"SELECT app, name FROM {table}"))  # noqa: S608 - Django's own table
        row = own.execute("SELECT seq, hash FROM platform_audit_link ORDER BY seq DESC LIMIT 1").fetchone()
    manifest.audit_head = f"{row[0]}:{row[1]}" if row else f"0:{audit.GENESIS}"
