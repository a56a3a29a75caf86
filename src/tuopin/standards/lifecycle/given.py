"""Values that a city gave for open limits, laid over a pack as it is read.

The acts in the database are the truth. What of them is approved stands once more in a small file beside the packs,
because packs are files too: every process sees a new value by the file's date, no page asks the database for it, and
what is read without a database (a seal, a comparison) reads the same. The file is written after the approval is
committed; the worker writes it again if that was cut off, or after a restore.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction

from tuopin.core.standards.model import DatedValue
from tuopin.core.standards.open_items import limit_digest
from tuopin.platform.home import home

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.standards import Pack

NAME = "given-limits.json"
_log = logging.getLogger("tuopin.standards")


@dataclass(frozen=True, slots=True)
class Given:
    """An approved value (scaled integer) of a limit. ``digest`` is that of the limit it was given for."""

    pack: str
    parameter: str
    digest: str
    value: int
    valid_from: datetime.date
    valid_to: datetime.date | None
    source: str


def of_pack(key: str) -> tuple[Given, ...]:
    """The values given for a pack's limits; empty for most packs. Costs one look at the file's date."""
    try:
        stat = _path().stat()
    except FileNotFoundError:
        return ()
    return tuple(each for each in _read(str(_path()), stat.st_mtime_ns, stat.st_ino) if each.pack == key)


def overlaid(pack: Pack, values: tuple[Given, ...]) -> Pack:
    """The pack with these values, under a digest of its own. A value that was given for a limit of another meaning,
    unit or period is left out."""
    parameters = dict(pack.parameters)
    digest = hashlib.sha256(pack.digest.encode())
    for given in values:
        limit = parameters.get(given.parameter)
        if limit is None or not limit.open or limit_digest(pack.key, limit) != given.digest:
            continue
        if limit.values and (limit.values[-1].valid_to or datetime.date.max) > given.valid_from:
            continue
        value = DatedValue(given.valid_from, given.valid_to, given.value, given.source, "seed")
        parameters[given.parameter] = replace(limit, values=(*limit.values, value))
        digest.update(repr((given.parameter, given.value, str(given.valid_from), str(given.valid_to))).encode())
    if all(parameters[name] is limit for name, limit in pack.parameters.items()):
        return pack
    return replace(pack, parameters=parameters, digest=digest.hexdigest())


def publish_later() -> None:
    """Write the file when the transaction of the caller is committed."""
    transaction.on_commit(publish)


def publish() -> None:
    """Write the file anew, if it says anything else than the database."""
    content = orjson.dumps(_approved(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    path = _path()
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        if content == b"[]":
            return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = path.with_name(f".{NAME}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _approved() -> list[dict[str, Any]]:
    """The values that the newest approval of each pack covers."""
    from .models import PackAct

    closings: dict[str, dict[str, int]] = {}
    for pack, detail in PackAct.objects.filter(kind="approved").order_by("pk").values_list("pack", "detail"):
        closings[pack] = detail["closings"]
    numbers = {number for each in closings.values() for key, number in each.items() if key.startswith("limit:")}
    acts = PackAct.objects.filter(pk__in=numbers, kind="confirmed").order_by("pk") if numbers else ()
    return [
        {
            "pack": act.pack, "parameter": act.item.removeprefix("limit:"), "digest": act.item_digest,
            "value": act.detail["value"], "from": act.detail["from"], "to": act.detail["to"], "source": act.document,
        }
        for act in acts
    ]  # fmt: skip


def _path() -> Path:
    return home() / "packs" / NAME


@lru_cache(maxsize=4)
def _read(path: str, _changed: int, _inode: int) -> tuple[Given, ...]:
    """Nothing of a file that is none of ours: its limits are unknown until the worker writes it again."""
    from pathlib import Path

    try:
        return tuple(_given(each) for each in orjson.loads(Path(path).read_bytes()))
    except (ValueError, TypeError, KeyError):
        _log.error("the file of given limits cannot be read: %s", NAME)
        return ()


def _given(each: dict[str, Any]) -> Given:
    texts = [each[name] for name in ("pack", "parameter", "digest", "from", "source")]
    if type(each["value"]) is not int or not all(isinstance(text, str) for text in texts):
        raise TypeError(NAME)
    until = datetime.date.fromisoformat(each["to"]) if each["to"] else None
    return Given(
        each["pack"], each["parameter"], each["digest"], each["value"], datetime.date.fromisoformat(each["from"]),
        until, each["source"],
    )  # fmt: skip
