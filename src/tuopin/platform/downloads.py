"""Files made for one person to fetch: kept in the data folder, handed to the owner alone, gone after a day.

A file is as good as the grants it was made with. Those stand with it as its *basis* and are asked again each time it is
fetched: whoever lost one of them meanwhile gets nothing, also of what was written while it held.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import unicodedata
import uuid
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.platform.access import grants_of
from tuopin.platform.database import write
from tuopin.platform.home import make_home
from tuopin.platform.models import Download
from tuopin.platform.problems import Missing, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ZIP = "application/zip"
KEPT = datetime.timedelta(hours=24)
_ABANDONED = datetime.timedelta(hours=24)  # a file without a row that nobody has written to for so long
_PIECE = 1 << 20


def basis(actor: Actor, *permissions: str) -> list[dict[str, Any]]:
    """What the actor now holds of the permissions that a file is made with, as JSON: the numbers of the grants.

    Grants, not places: two grants may each open a class of fields over places of their own, and a file that was made
    with both is not covered by what one of them leaves. The empty permission stands for all grants of the actor.
    """
    return [{"permission": each, "grants": [held.pk for held in grants_of(actor, each)]} for each in permissions]


def holds(actor: Actor, wanted: list[dict[str, Any]]) -> bool:
    """Whether the actor still holds all of a :func:`basis`."""
    if actor.unrestricted:
        return True
    return bool(wanted) and all(
        each["grants"] and set(each["grants"]) <= {held.pk for held in grants_of(actor, each["permission"])}
        for each in wanted
    )


def keep(
    actor: Actor,
    fill: Callable[[Path], int],
    *,
    name: str,
    title: Title,
    content_type: str,
    permissions: Sequence[str],
    what: str,
    filter: dict[str, Any] | None = None,  # noqa: A002 - as in the read log
) -> Download:
    """Have ``fill`` write a file (it is given the path and returns the number of subjects) and keep it for the actor.

    ``permissions`` are those that ``fill`` reads under. Nothing is kept if ``fill`` raises. ``fill`` notes the reading
    (:mod:`tuopin.platform.auditing.readlog`); fetching is noted by the page. Must not run inside a
    transaction: writing the file takes time.
    """
    made_with = basis(actor, *permissions)  # before anything is read: what is lost meanwhile must count
    key = uuid.uuid4().hex
    path = folder() / key
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        count = fill(path)
        digest, size = _sealed(path)
        now = timezone.now()
        with write():
            return Download.objects.create(
                user_id=actor.user_id, token_id=actor.limits.token_id if actor.limits else None,
                key=key, name=safe_name(name), title_zh=title.zh[:300], title_en=title.en[:300],
                content_type=content_type, digest=digest, size=size, basis=made_with,
                what=what, filter=filter or {}, count=count, created_at=now, expires_at=now + KEPT,
            )  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def folder() -> Path:
    """Where the files lie."""
    return make_home() / "downloads"


def _sealed(path: Path) -> tuple[str, int]:
    """The digest and size of a file that now is safely on the disk."""
    path.chmod(0o600)  # a writer may have put a file of its own in place
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
        os.fsync(file.fileno())
    return digest.hexdigest(), size


_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def safe_name(name: str) -> str:
    """A file name that every system takes: nothing that points elsewhere, hides its end, or writes backwards."""
    plain = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each)[0] != "C")
    plain = _UNSAFE.sub("_", plain).strip("._ ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    return (stem[:120] or "file") + (f".{ending[:10]}" if ending else "")


# -- fetching -----------------------------------------------------------------------------------------------------


def of_owner(actor: Actor) -> QuerySet[Download]:
    """The actor's own files that have not expired, the newest first. A token sees those that it made itself alone: its
    owner's were written with more than it carries, and a basis of grants does not say with which permissions."""
    found = Download.objects.filter(expires_at__gt=timezone.now()).order_by("-pk")
    if actor.kind == "local":
        return found
    found = found.filter(user_id=actor.user_id, user_id__isnull=False)
    return found.filter(token_id=actor.limits.token_id) if actor.limits else found


def fetch(actor: Actor, download_id: int) -> tuple[Download, Path]:
    """A file of the actor's own. The caller notes the reading (:func:`readlog.read`) with its digest.

    Raises Missing for another's, an expired and an unknown one, Refused if the actor no longer holds all that it was
    made with.
    """
    found = of_owner(actor).filter(pk=download_id).first()
    path = folder() / found.key if found else None
    if found is None or path is None or not path.is_file():
        raise Missing(
            "no_such_download",
            "没有这个文件，或者已经过期删除。请重新导出。",
            "There is no such file, or it has expired and was deleted. Export again.",
        )
    if not holds(actor, found.basis):
        raise Refused(
            "grants_changed",
            "生成这个文件之后，您的授权有变动，不能再下载。请按现在的授权重新导出。",
            "Your grants have changed since this file was made; it cannot be fetched any more."
            " Export again with what you hold now.",
        )
    return found, path


def purge(now: datetime.datetime | None = None) -> int:
    """Delete what has expired, and files that no row knows (of a writer that died); returns how many files went."""
    moment = now or timezone.now()
    gone = 0
    for row in Download.objects.filter(expires_at__lte=moment):
        gone += _unlink(folder() / row.key)
        if not (folder() / row.key).exists():  # one that is being sent may resist on some systems: next time
            Download.objects.filter(pk=row.pk).delete()
    oldest = (moment - _ABANDONED).timestamp()
    old = [path for path in folder().iterdir() if path.is_file() and path.stat().st_mtime < oldest]
    known = set(Download.objects.filter(key__in=[path.name for path in old]).values_list("key", flat=True))
    return gone + sum(_unlink(path) for path in old if path.name not in known)


def _unlink(path: Path) -> int:
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    except PermissionError:
        return 0
    return 1
