"""Checking the audit chain: is it whole, is it all there, is it still the same one?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tuopin.platform.auditing import signing
from tuopin.platform.models import AuditEntry, AuditHead, AuditLink, AuditPending
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Status = Literal["ok", "broken", "cut", "rebuilt"]


@dataclass(frozen=True, slots=True)
class Report:
    """What :func:`verify` found.

    ``status``: ``ok``; ``broken`` (an entry was changed or removed: the links do not fit); ``cut`` (the links fit, but
    the chain ends before a head that is known); ``rebuilt`` (the links fit, but not the hash of a known head, or a
    head is not signed by a trusted key). ``at``: the number of the link, or head, where it shows.
    ``pending``: entries that only wait for the chainer; no fault. ``orphans``: entries neither chained nor waiting
    (someone wrote or unlinked them past the product); they make the chain ``broken``.
    """

    status: Status
    chained: int
    head: str
    pending: int
    orphans: int
    reason: str = ""
    at: int = 0
    anchor: Literal["", "found"] = ""

    @property
    def sound(self) -> bool:
        return self.status == "ok"

    def document(self) -> dict[str, Any]:
        """For ``--json``."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class _Known:
    """A head somebody kept: its hash at ``seq`` must be in the chain."""

    seq: int
    hash: str
    source: str


@dataclass(slots=True)
class _Walk:
    """The state of one pass over the chain."""

    seq: int = 0
    hash: str = "0" * 64
    fault: str = ""


def verify(anchor: str | None = None) -> Report:
    """Re-compute the whole chain and compare it with every head that is known.

    ``anchor`` is ``SEQ:HASH`` from outside (a printed digest, a seal, a backup). Raises Problem if it is
    not so written.
    """
    known = [_anchor(anchor)] if anchor else []
    forged = _known_heads(known)
    walk, mismatch = _Walk(), None
    wanted: dict[int, list[_Known]] = {}
    for item in known:
        wanted.setdefault(item.seq, []).append(item)
    for seq, hashed in _links(walk):
        mismatch = mismatch or next((item for item in wanted.get(seq, ()) if item.hash != hashed), None)
    return _report(walk, known, mismatch, forged, anchor)


def _report(
    walk: _Walk, known: list[_Known], mismatch: _Known | None, forged: int | None, anchor: str | None
) -> Report:
    pending = AuditPending.objects.count()
    orphans = AuditEntry.objects.filter(link__isnull=True).exclude(
        pk__in=AuditPending.objects.values("entry_id")
    ).count()  # fmt: skip
    last = max(known, key=lambda item: item.seq, default=None)
    status: Status = "ok"
    reason, at = "", 0
    if walk.fault:
        status, reason, at = "broken", walk.fault, walk.seq + 1
    elif mismatch is not None:
        status, reason, at = "rebuilt", f"hash differs from {mismatch.source}", mismatch.seq
    elif forged is not None:
        status, reason, at = "rebuilt", "head not signed by a trusted key", forged
    elif last is not None and last.seq > walk.seq:
        status, reason, at = "cut", f"{last.source} is at {last.seq}", walk.seq + 1
    elif orphans:
        status, reason = "broken", "entries without a link"
    return Report(
        status, walk.seq, f"{walk.seq}:{walk.hash}", pending, orphans, reason, at,
        anchor="found" if anchor and status == "ok" else "",
    )  # fmt: skip


def _anchor(text: str) -> _Known:
    number, _, hashed = text.strip().partition(":")
    if not number.isdecimal() or len(hashed) != 64 or not set(hashed.lower()) <= set("0123456789abcdef"):
        raise Problem(
            "bad_anchor",
            "锚点的写法是“序号:64位十六进制哈希”。",
            "An anchor is written NUMBER:HASH, with 64 hexadecimal digits.",
        )
    return _Known(int(number), hashed.lower(), "anchor")


def _known_heads(known: list[_Known]) -> int | None:
    """Add the heads in the database and beside the key to ``known``; return the number of one that is forged."""
    keys = signing.trusted_keys()
    forged = None
    for row in AuditHead.objects.order_by("pk").iterator(chunk_size=2_000):
        signed = signing.SignedHead(row.seq, row.hash, row.key, row.signature)
        if signing.is_genuine(signed, keys):
            known.append(_Known(row.seq, row.hash, "signed head"))
        else:
            forged = row.seq if forged is None else forged
    kept = signing.kept_head()
    if kept is not None:
        if signing.is_genuine(kept, keys):
            known.append(_Known(kept.seq, kept.hash, "head beside the key"))
        else:
            forged = kept.seq if forged is None else forged
    return forged


def _links(walk: _Walk) -> Iterator[tuple[int, str]]:
    """Each sound link in order; stops at the first fault, which is written into ``walk``."""
    from tuopin.platform.auditing.audit import entry_hash

    for link in AuditLink.objects.order_by("seq").select_related("entry").iterator(chunk_size=2_000):
        if link.seq != walk.seq + 1:
            walk.fault = "a link is missing"
        elif link.previous != walk.hash:
            walk.fault = "the link does not fit the one before"
        elif link.hash != entry_hash(link.seq, link.previous, link.entry):
            walk.fault = "the entry was changed"
        if walk.fault:
            return
        walk.seq, walk.hash = link.seq, link.hash
        yield link.seq, link.hash
    if AuditLink.objects.count() != walk.seq:  # an inner join hides a link whose entry is gone
        walk.fault = "an entry is missing"
