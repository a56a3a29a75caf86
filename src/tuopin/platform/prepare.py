"""Making an empty data folder usable, and an old one current, before anything else runs."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import DatabaseError, connection

from tuopin.platform.home import make_home, secret_key
from tuopin.platform.locks import alone_in, exclusive, live_in
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKER = "schema"
_ready: list[bool] = []


def prepare() -> None:
    """Create folder, keys and tables where they are missing, and migrate an older database.

    Safe when several processes come at once. When nothing is to be done it costs one query. Raises Problem if the
    database was made by a newer version or cannot be reached.
    """
    root = make_home()
    if (root / "restore.json").exists():  # a restore was cut off in its last step
        from tuopin.platform.backup.restoring import complete

        with alone_in(root):
            complete()
    live_in(root)
    secret_key()
    wanted = fingerprint()
    if _stored() != wanted:
        with exclusive("migrate"):
            if _stored() != wanted:  # another process may have done it while we waited
                migrate()
    _ready.append(True)


def is_prepared() -> bool:
    """Whether this process has made sure of its tables."""
    return bool(_ready)


def fingerprint() -> str:
    """A digest of the migrations of every application that this version knows."""
    return hashlib.sha256("\n".join(sorted(_known())).encode()).hexdigest()


def _known() -> Iterator[str]:
    for config in apps.get_app_configs():
        spec = find_spec(f"{config.name}.migrations")
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in Path(folder).glob("[0-9]*.py"):
                yield f"{config.label}.{path.stem}"


def _stored() -> str:
    """What the database says it was migrated to; empty if it is new. Raises Problem if it cannot be reached."""
    from tuopin.platform.models import Marker

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise _unreachable() from error
    try:
        return Marker.objects.filter(name=_MARKER).values_list("text", flat=True).first() or ""
    except DatabaseError:  # no such table yet
        return ""


def _unreachable() -> Problem:
    return Problem(
        "database_unreachable",
        "无法打开数据库。请检查 TUOPIN_HOME 是否可写、磁盘是否已满，或 DATABASE_URL 与数据库服务是否正常。",
        "The database cannot be opened. Check that TUOPIN_HOME is writable and the disk not full, or DATABASE_URL and "
        "the database server.",
    )


def migrate() -> None:
    """Run the outstanding migrations and store what was reached."""
    from django.core.management import call_command
    from django.db.migrations.recorder import MigrationRecorder

    from tuopin.platform import replaced
    from tuopin.platform.models import Marker

    labels = {config.label for config in apps.get_app_configs()}
    applied = {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations() if app in labels}
    if newer := replaced.unknown(applied):
        raise Problem(
            "newer_database",
            f"数据库由更新的版本建立（{newer[-1]}）。请升级程序后再使用。",
            f"The database was made by a newer version ({newer[-1]}). Upgrade the program first.",
        )
    if lacking := replaced.lacking(applied):
        raise Problem(
            "earlier_database",
            f"数据库由更早的源码建立，还缺 {len(lacking)} 步迁移（如 {lacking[0]}），本版本已没有这些步骤。请先用提交 "
            f"{replaced.LAST_SOURCE} 的源码运行一次 tuopin migrate，再使用本版本。未作任何改动。",
            f"The database was made by an earlier source and lacks migrations that this version no longer has "
            f"({len(lacking)}, for one {lacking[0]}). Run “tuopin migrate” once with the source of commit "
            f"{replaced.LAST_SOURCE}, then use this version again. Nothing was changed.",
        )
    call_command("migrate", verbosity=0, interactive=False)
    Marker.objects.update_or_create(name=_MARKER, defaults={"text": fingerprint()})
