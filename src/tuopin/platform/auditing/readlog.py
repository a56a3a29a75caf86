"""Who read what. One line a list, an opened household or an export; written in batches (docs/decisions/0013).

Reading must not wait for a writer, nor be forgotten when the process dies: a line goes at once to the end of a spool
file in the data folder, and :func:`drain` takes whole spool files into the database.
"""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.utils import timezone

from tuopin.platform.database import write
from tuopin.platform.home import make_home
from tuopin.platform.locks import Busy, exclusive, file_lock
from tuopin.platform.models import ReadBatch, ReadEntry

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor

_OPEN = "open.jsonl"


def read(actor: Actor, what: str, filter: dict[str, Any], count: int, digest: str = "") -> None:  # noqa: A002 - the published name
    """Note that ``actor`` was shown ``count`` subjects: ``what`` is ``room.noun`` or ``household:12``.

    ``filter`` is what the list was narrowed by; ``digest`` the SHA-256 of an exported file.
    """
    line = orjson.dumps(
        {
            "at": timezone.now().timestamp(),
            "actor": [actor.kind, actor.user_id, actor.name, actor.os_user],
            "what": what,
            "filter": filter,
            "count": count,
            "digest": digest,
        },
        default=str,
    )
    folder = make_home() / "readlog"
    with file_lock(folder / ".lock", "readlog"), _append(folder / _OPEN) as file:
        file.write(line + b"\n")


def _append(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def drain() -> int:
    """Take the spooled lines into the database; return how many. Safe with several processes and after a crash."""
    folder = make_home() / "readlog"
    with file_lock(folder / ".lock", "readlog"):
        if (folder / _OPEN).exists():
            (folder / _OPEN).rename(folder / f"{uuid.uuid4().hex}.jsonl")
    try:
        with exclusive("readlog-drain", wait=0):
            return sum(_take_in(path) for path in sorted(folder.glob("*.jsonl")) if path.name != _OPEN)
    except Busy:  # another process is at it and will take what we have just laid down, or the next drain will
        return 0


def _take_in(path: Path) -> int:
    """Take in one file, once: its name is a key, so that nothing is doubled after a crash between commit and unlink."""
    lines = path.read_bytes().splitlines()
    entries = [entry for line in lines if (entry := _entry(line)) is not None]
    with write():
        batch = ReadBatch(name=path.stem)
        fresh = not ReadBatch.objects.filter(pk=path.stem).exists()
        if fresh:
            batch.save()
            for entry in entries:
                entry.batch = batch
            ReadEntry.objects.bulk_create(entries, batch_size=1_000)
    path.unlink(missing_ok=True)
    return len(entries) if fresh else 0


def _entry(line: bytes) -> ReadEntry | None:
    """A row from a line; None for the torn last line of a machine that lost power."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    kind, user_id, name, os_user = document["actor"]
    return ReadEntry(
        at=datetime.fromtimestamp(document["at"], tz=UTC),
        actor_kind=kind,
        user_id=user_id,
        actor_name=name,
        os_user=os_user,
        what=document["what"],
        filter=orjson.dumps(document["filter"]).decode(),
        count=document["count"],
        digest=document["digest"],
    )
