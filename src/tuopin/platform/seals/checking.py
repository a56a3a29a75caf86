"""Checking a seal of this installation: its bytes, its place in the chain of seals and in the audit log."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core import snapshot
from tuopin.core.snapshot import Fault
from tuopin.platform.auditing import audit, signing
from tuopin.platform.database import write
from tuopin.platform.models import AuditEntry, AuditLink, Seal
from tuopin.platform.seals import identities, plan, words
from tuopin.platform.seals.genuine import genuine
from tuopin.platform.seals.selectors import folder_of, require_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor
    from tuopin.platform.seals.writing import Progress

VERIFY = "platform.verify_seal"
_MOST = 100
"""Faults that are kept and shown."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. ``identities``, ``same_schema`` and ``previous_away`` (the seal before lies elsewhere, its
    digest is the one known here) are told, they are no faults; ``erased``: what was taken out of the identities since,
    and when."""

    number: int
    digest: str
    faults: tuple[Fault, ...]
    files: int
    rows: int
    bytes: int
    identities: str
    erased: tuple[dict[str, Any], ...]
    same_schema: bool
    previous_away: bool = False

    @property
    def sound(self) -> bool:
        return not self.faults

    def document(self) -> dict[str, Any]:
        """For programs: faults with their words, at most a hundred of them."""
        return {
            "number": self.number, "sound": self.sound, "digest": self.digest, "files": self.files, "rows": self.rows,
            "bytes": self.bytes, "identities": self.identities, "erased": list(self.erased),
            "same_schema": self.same_schema, "previous_away": self.previous_away, "fault_count": len(self.faults),
            "faults": [told(fault) for fault in self.faults[:_MOST]],
        }  # fmt: skip


def told(fault: Fault) -> dict[str, str]:
    """A fault with its words."""
    title = words.fault(fault.code)
    return asdict(fault) | {"zh": title.zh, "en": title.en}


def verify(actor: Actor, number: int, progress: Progress | None = None) -> Checked:
    """Check a seal, and note when and what was found. Raises Refused, Missing."""
    require_whole(actor, VERIFY)
    row = Seal.objects.filter(number=number).first() if 0 < number < 2**62 else None
    if row is None:
        raise words.no_such_seal(number)
    audit.chain_pending()
    checked = _checked(row, progress)
    with write():
        Seal.objects.filter(pk=row.pk).update(
            state=Seal.State.SOUND if checked.sound else Seal.State.FAULTY,
            verified_at=timezone.now(),
            verified_by=actor.name or actor.os_user,
            faults=[{"code": each.code, "file": each.file} for each in checked.faults[:_MOST]],
        )
        detail: dict[str, object] = {"sound": checked.sound, "faults": len(checked.faults)}
        audit.record(actor, VERIFY, f"seal:{number}", detail, checked.digest)
    return checked


def _checked(row: Seal, progress: Progress | None) -> Checked:
    folder = folder_of(row.number)
    keys = signing.trusted_keys()
    try:
        manifest = snapshot.read(folder)
        report = snapshot.verify(
            folder,
            digest=row.digest,
            previous=_before(manifest, row),
            genuine=lambda content, signature: genuine(content, signature, keys),
            progress=(lambda done, total: progress(done, total, "")) if progress else None,
        )
    except snapshot.SealFault as error:
        fault = Fault(error.code, error.file)
        return Checked(row.number, row.digest, (fault,), 0, 0, 0, "none", (), same_schema=False)
    away = _is_away(manifest)
    found = (each for each in report.faults if not (away and each.code == "previous_missing"))
    faults = (*found, *_audited(row, manifest))
    return Checked(
        row.number, manifest.digest, faults, report.files, report.rows, report.bytes, report.identities,
        tuple(identities.erased(folder)), same_schema=manifest.catalogue == plan.digest(),
        previous_away=away,
    )  # fmt: skip


def _before(manifest: snapshot.Manifest, row: Seal) -> snapshot.Manifest | None:
    """The seal before, by the manifest, else by the database: a manifest that names none must be the first."""
    number = manifest.previous["number"] if manifest.previous else None
    if number is None:
        earlier = Seal.objects.filter(number__lt=row.number).order_by("-number").first()
        number = earlier.number if earlier else None
    if number is None:
        return None
    try:
        return snapshot.read(folder_of(number))
    except snapshot.SealFault:
        return None


def _is_away(manifest: snapshot.Manifest) -> bool:
    """Whether the folder of the seal before is not here, and table and audit log both know it by the digest that this
    manifest names: it was cleared away or moved, and the chain holds."""
    before = manifest.previous
    if before is None or (folder_of(before["number"]) / snapshot.MANIFEST).exists():
        return False
    known = Seal.objects.filter(number=before["number"], digest=before["digest"]).exists()
    return known and before["digest"] in _noted(before["number"])


def _noted(number: int) -> set[str]:
    """The digests that the audit log noted of a seal when it was made or adopted."""
    entries = AuditEntry.objects.filter(
        subject=f"seal:{number}", action__in=("platform.seal", "platform.adopt_seal")
    )  # fmt: skip
    return set(entries.values_list("digest", flat=True))


def _audited(row: Seal, manifest: snapshot.Manifest) -> Iterator[Fault]:
    """Does the audit log agree: the head that the manifest holds, and the digest noted when it was made?"""
    try:
        head = signing.SignedHead(**manifest.document["audit"])
        signed = signing.is_genuine(head, signing.trusted_keys())
    except (KeyError, TypeError):
        signed = False
    if not signed:
        yield Fault("audit_unsigned", snapshot.MANIFEST)
    elif head.seq:
        found = AuditLink.objects.filter(seq=head.seq).values_list("hash", flat=True).first()
        if found is None:
            yield Fault("audit_cut", snapshot.MANIFEST, str(head.seq))
        elif found != head.hash:
            yield Fault("audit_differs", snapshot.MANIFEST, head.hash, found)
    if manifest.digest not in _noted(row.number):
        yield Fault("entry_differs", snapshot.MANIFEST)
