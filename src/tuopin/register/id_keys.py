"""The keyed index of ID numbers: the last four characters under an HMAC with a key that lies outside the database.

Whoever has the index without the key learns nothing from it. A search for more characters, or a whole number, finds
the few hundred persons with these four and compares the numbers themselves. Only persons with a current membership
are found.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from typing import TYPE_CHECKING

from django.db import connection

from tuopin.core.identity import normal_id
from tuopin.platform import database
from tuopin.platform.home import home, keep_secret
from tuopin.platform.models import Marker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_FILE = "search_key"
_MARKER = "search_key"
TAIL = 4

_NUMBERS = (
    "SELECT m.person_id, i.id_number FROM register_membership m JOIN register_person_identity i"
    " ON i.person_id = m.person_id AND i.superseded_at IS NULL AND i.id_number <> ''"
    " AND i.as_of = (SELECT max(n.as_of) FROM register_person_identity n WHERE n.person_id = m.person_id"
    " AND n.superseded_at IS NULL) WHERE m.valid_to IS NULL"
)


@cache
def _key(path: Path) -> bytes:
    return keep_secret(path, secrets.token_hex(32).encode())


def tail_key(number: str) -> int | None:
    """The key of the last four characters of a normalised number, 64 bits signed; None for a shorter one."""
    if len(number) < TAIL:
        return None
    return _keyed(_key(home() / "keys" / KEY_FILE), number[-TAIL:])


def _keyed(key: bytes, tail: str) -> int:
    return int.from_bytes(hmac.digest(key, tail.encode(), hashlib.sha256)[:8], "big", signed=True)


def refresh(noted: str) -> int:
    """Index the members of the households whose ids stand in the table ``noted`` (empty = of all, into an empty
    index), inside the caller's transaction; returns how many persons."""
    inside = f" AND m.household_id IN (SELECT id FROM {noted})" if noted else ""
    with connection.cursor() as cursor:
        if noted:
            cursor.execute(
                "DELETE FROM register_person_key WHERE person_id IN"
                f" (SELECT m.person_id FROM register_membership m WHERE m.household_id IN (SELECT id FROM {noted}))"
            )
        cursor.execute(_NUMBERS + inside)
        rows = cursor.fetchall()
    if rows:
        mark()
    return database.bulk_insert("register_person_key", ("person_id", "tail"), _keys(rows))


def _keys(rows: list[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    key = _key(home() / "keys" / KEY_FILE)
    known: dict[str, int] = {}
    for person_id, written in rows:
        number = normal_id(written)
        tail = number[-TAIL:]
        if len(number) < TAIL:
            continue
        if tail not in known:  # ten thousand tails and some: most have been made before
            known[tail] = _keyed(key, tail)
        yield person_id, known[tail]


def reindex() -> int:
    """Make the whole index anew, after the key was lost or replaced; returns how many persons."""
    with database.write():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM register_person_key")
        count = refresh("")
        Marker.objects.update_or_create(name=_MARKER, defaults={"text": _fingerprint()})
    return count


def is_current() -> bool:
    """Whether the index was made with the key that is there; an index without a mark is of the first key."""
    written = Marker.objects.filter(name=_MARKER).values_list("text", flat=True).first()
    return written is None or written == _fingerprint()


def mark() -> None:
    """Note the key of the index, once. Inside the transaction of the first cards."""
    Marker.objects.get_or_create(name=_MARKER, defaults={"text": _fingerprint()})


def _fingerprint() -> str:
    """Of the key: says which it is, and nothing of what it is."""
    return hmac.digest(_key(home() / "keys" / KEY_FILE), b"fingerprint", hashlib.sha256).hex()[:32]
