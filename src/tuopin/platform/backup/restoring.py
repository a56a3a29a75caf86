"""Restoring: everything is unpacked and checked beside the data first, then swapped in by renames that a journal
completes after a crash. What was there before is kept aside."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
import zipfile
from typing import TYPE_CHECKING

import orjson
from django.db import connection
from django.utils import timezone

from tuopin.platform import replaced
from tuopin.platform.access import require_everywhere
from tuopin.platform.auditing import audit, signing
from tuopin.platform.backup import postgresql, sealed
from tuopin.platform.backup.manifest import FOLDERS, Manifest, extract, not_a_backup, read_manifest
from tuopin.platform.backup.writing import backup
from tuopin.platform.database import is_postgresql, write
from tuopin.platform.home import make_home
from tuopin.platform.locks import alone_in
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor

JOURNAL = "restore.json"
_DATABASE = ("tuopin.sqlite3-wal", "tuopin.sqlite3-shm", "tuopin.sqlite3")
_PARTS = (*_DATABASE, "keys", *FOLDERS, "readlog", "staging")


def restore(actor: Actor, path: Path, passphrase: str | None = None, *, replace: bool = False) -> tuple[Manifest, Path]:
    """Put a backup in place of the (empty, unless ``replace``) installation; return its manifest and the folder in
    which the former data lies. Raises Problem, with everything as it was, if anything about it is wrong."""
    require_everywhere(actor, "platform.restore")
    root = make_home()
    with alone_in(root):
        complete()
        if not replace and not _is_empty(root):
            raise Problem(
                "not_empty",
                "数据目录里已有数据。要用备份替换它，请加 --replace（原数据会另存，不会删除）。",
                "There are data here already. To replace them by the backup add --replace (they are kept aside).",
            )
        former = _former_head(root)
        token = secrets.token_hex(8)
        incoming, aside = root / f".restore-{token}", root / f"replaced-{timezone.now():%Y%m%d-%H%M%S}-{token[:4]}"
        try:
            manifest = _unpack(path, incoming)
            _keys(root, incoming, passphrase)
            if is_postgresql() and not postgresql.is_empty():  # its tables cannot be kept aside by a rename
                aside.mkdir(mode=0o700)
                backup(actor, aside / "former.tuopin")
            _check_and_load(root, incoming, aside, manifest, token)
        finally:
            if not (root / JOURNAL).exists():
                shutil.rmtree(incoming, ignore_errors=True)
        complete()
    _note(actor, manifest, former)
    return manifest, aside


def _is_empty(root: Path) -> bool:
    return postgresql.is_empty() if is_postgresql() else not (root / "tuopin.sqlite3").exists()


def _former_head(root: Path) -> str:
    """The head that the swap puts aside, for the audit entry; the file is not trusted for more."""
    try:
        document = orjson.loads((root / "keys" / signing.HEAD_FILE).read_bytes())
        return f"{int(document['seq'])}:{document['hash']}"
    except (OSError, ValueError, KeyError):
        return ""


def _unpack(path: Path, incoming: Path) -> Manifest:
    incoming.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive)
            if manifest.vendor != connection.vendor:
                raise not_a_backup(
                    f"它来自 {manifest.vendor}，而这里用的是 {connection.vendor}",
                    f"it comes from {manifest.vendor}, and this installation uses {connection.vendor}",
                )
            _refuse_other_versions(manifest)
            extract(archive, manifest, incoming)
    except FileNotFoundError as error:
        raise Problem("no_file", f"找不到文件 {path}。", f"There is no file {path}.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise not_a_backup("文件损坏或不完整", "the file is damaged or not complete") from error
    return manifest


def _refuse_other_versions(manifest: Manifest) -> None:
    """A backup whose tables this version cannot bring up to date is refused before anything is put in its place."""
    if replaced.unknown(manifest.migrations):
        raise not_a_backup("由更新的版本生成", "a newer version wrote it")
    if replaced.lacking(manifest.migrations):
        raise not_a_backup(
            f"由更早的源码生成，本版本已没有所缺的迁移。请用提交 {replaced.LAST_SOURCE} 的源码恢复它，再另作备份",
            "an earlier source wrote it, and this version no longer has the migrations that it lacks. Restore it with "
            f"the source of commit {replaced.LAST_SOURCE} and back up again",
        )


def _keys(root: Path, incoming: Path, passphrase: str | None) -> None:
    """Lay out the new ``keys/``: from the backup with its passphrase, else the keys that are here, else new ones later.

    The public keys of both sides stay trusted, so that older heads can still be checked.
    """
    keys = incoming / "keys"
    box = incoming / sealed.NAME
    if box.exists() and passphrase:
        for name, content in sealed.unseal(box.read_bytes(), passphrase).items():
            signing.write_whole(keys / name, content)
    else:
        for name in sealed.SECRET:
            if (root / "keys" / name).exists():
                signing.write_whole(keys / name, (root / "keys" / name).read_bytes())
    for path in (root / "keys" / signing.TRUSTED).glob("*.pem"):
        if not (keys / signing.TRUSTED / path.name).exists():
            shutil.copy2(path, keys / signing.TRUSTED / path.name)
    box.unlink(missing_ok=True)
    for folder in (*FOLDERS, "readlog", "staging"):
        (incoming / folder).mkdir(mode=0o700, exist_ok=True)


def _check_and_load(root: Path, incoming: Path, aside: Path, manifest: Manifest, token: str) -> None:
    journal = orjson.dumps({"incoming": incoming.name, "aside": aside.name, "token": token})
    if is_postgresql():
        # The journal lies ready before the commit; whether it counts is decided by the token inside the database.
        signing.write_whole(root / JOURNAL, journal)
        try:
            postgresql.load(incoming, manifest, token)
        except BaseException:
            (root / JOURNAL).unlink()
            raise
        shutil.rmtree(incoming / "tables")
        return
    with contextlib.closing(sqlite3.connect(incoming / "tuopin.sqlite3")) as own:
        try:
            sound = own.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
            sound = sound and own.execute("PRAGMA foreign_key_check").fetchone() is None
        except sqlite3.DatabaseError as error:
            raise not_a_backup("其中的数据库已损坏", "the database in it is damaged") from error
    if not sound:
        raise not_a_backup("其中的数据库已损坏", "the database in it is damaged")
    connection.close()
    signing.write_whole(root / JOURNAL, journal)


def complete() -> None:
    """Finish a swap that the journal says was begun, or drop it if the database never came. Needs :func:`alone_in`."""
    root = make_home()
    path = root / JOURNAL
    if not path.exists():
        return
    plan = orjson.loads(path.read_bytes())
    incoming, aside = root / plan["incoming"], root / plan["aside"]
    if not is_postgresql() or _loaded(plan["token"]):
        aside.mkdir(mode=0o700, exist_ok=True)
        for name in _PARTS:
            _swap(root / name, incoming / name, aside / name)
    path.unlink()
    shutil.rmtree(incoming, ignore_errors=True)
    if aside.is_dir() and not any(aside.iterdir()):
        aside.rmdir()


def _swap(current: Path, fresh: Path, aside: Path) -> None:
    """Each step leaves a state from which the same call goes on: the new part lies in one of two places, never both."""
    old_log = not fresh.exists() and current.name.startswith("tuopin.sqlite3-")  # of the database that goes
    if (fresh.exists() or old_log) and current.exists():
        # After a crash, whoever came first may have made an empty folder anew where the old one had gone aside.
        current.rename(aside if not aside.exists() else aside.with_name(f"{aside.name}.late"))
    if fresh.exists():
        fresh.rename(current)


def _loaded(token: str) -> bool:
    from tuopin.platform.models import Marker

    return not postgresql.is_empty() and Marker.objects.filter(name="restored", text=token).exists()


def _note(actor: Actor, manifest: Manifest, former: str) -> None:
    """Bring the restored database up to this version and say in its audit log what was done."""
    from tuopin.platform.prepare import prepare

    prepare()
    detail: dict[str, object] = {"backup_of": manifest.created_at, "backup_head": manifest.audit_head}
    if former:
        detail["replaced_head"] = former
    with write():
        audit.record(actor, "platform.restore", "installation", detail)
    audit.chain_pending()
    report = audit.verify(manifest.audit_head if not manifest.audit_head.startswith("0:") else None)
    if not report.sound:
        raise Problem(
            "restored_chain",
            f"备份已恢复，但其中的审计链有问题（{report.status}）。原数据仍另存在数据目录中。",
            f"The backup is in place, but its audit chain is {report.status}. The former data are kept aside.",
            status=report.status,
        )
