"""The audit log: entries written with the act, chained afterwards (docs/decisions/0012, docs/operate/audit.md).

A service calls :func:`record` inside its own transaction. One chainer at a time numbers and hashes what has been
committed (:func:`chain_pending`), so that no writer waits for another one's entry. ``verify.py`` checks the chain.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db import connection
from django.utils import timezone

from tuopin.platform.database import exclusive, write
from tuopin.platform.models import AuditEntry, AuditHead, AuditLink, AuditPending

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.platform.auditing.verify import Report

GENESIS = "0" * 64
_BATCH = 5_000


def record(actor: Actor, action: str, subject: str, detail: dict[str, object], digest: str = "") -> None:
    """Write one entry. Must run inside the transaction of the act itself, so that both happen or neither.

    ``action`` is ``room.verb_noun``; ``subject`` names what it was done to (``import:12``); ``detail`` holds counts
    and keys, no personal data; ``digest`` is the SHA-256 of a change set or file.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs into the transaction of the act: use it inside write()")
    entry = AuditEntry.objects.create(
        at=timezone.now(),
        actor_kind=actor.kind,
        user_id=actor.user_id,
        actor_name=actor.name,
        os_user=actor.os_user,
        action=action,
        subject=subject,
        detail=canonical(detail).decode(),
        digest=digest,
    )
    AuditPending.objects.create(entry=entry)


def canonical(document: object) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: one document, one text."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def entry_hash(seq: int, previous: str, entry: AuditEntry) -> str:
    """SHA-256 over the canonical JSON of an entry, its number and the hash before it."""
    document = {
        "seq": seq,
        "previous": previous,
        "entry": entry.pk,
        "at": int(entry.at.timestamp()) * 1_000_000 + entry.at.microsecond,
        "actor_kind": entry.actor_kind,
        "user_id": entry.user_id,
        "actor_name": entry.actor_name,
        "os_user": entry.os_user,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "digest": entry.digest,
    }
    return hashlib.sha256(canonical(document)).hexdigest()


def head() -> tuple[int, str]:
    """The number and hash at which the chain ends; ``(0, GENESIS)`` while it is empty."""
    last = AuditLink.objects.order_by("-seq").values_list("seq", "hash").first()
    return last or (0, GENESIS)


def chain_pending() -> int:
    """Number, hash and sign what has been committed and not yet chained; return how many entries.

    Safe with several processes and after a crash at any point: links, pending rows and the signed head change in one
    transaction, and the copy of the head beside the key is only ever behind, never ahead.
    """
    if not AuditPending.objects.exists():
        return 0
    done = 0
    with exclusive("audit-chain"):
        while count := _chain_batch():
            done += count
    return done


def verify(anchor: str | None = None) -> Report:
    """Check the whole chain; see :func:`tuopin.platform.auditing.verify.verify`."""
    from tuopin.platform.auditing import verify as checking

    return checking.verify(anchor)


def _chain_batch() -> int:
    from tuopin.platform.auditing import signing  # loads cryptography: only where something is to be signed

    with write():
        ids = list(AuditPending.objects.order_by("entry_id").values_list("entry_id", flat=True)[:_BATCH])
        found = AuditEntry.objects.in_bulk(ids)
        entries = [found[number] for number in ids]
        if not entries:
            return 0
        seq, previous = head()
        links = []
        for entry in entries:
            seq += 1
            hashed = entry_hash(seq, previous, entry)
            links.append(AuditLink(seq=seq, entry_id=entry.pk, previous=previous, hash=hashed))
            previous = hashed
        AuditLink.objects.bulk_create(links)
        AuditPending.objects.filter(entry_id__in=ids).delete()
        signed = signing.sign_head(seq, previous)
        AuditHead.objects.create(seq=seq, hash=previous, at=timezone.now(), key=signed.key, signature=signed.signature)
    signing.keep_head(signed)
    return len(entries)
