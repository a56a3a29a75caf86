"""Sealing, checking a seal, erasing somebody from what is sealed of who is who."""

from __future__ import annotations

import datetime
import secrets
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core import snapshot
from tuopin.core.engine import EngineError
from tuopin.platform.access import require_everywhere
from tuopin.platform.auditing import audit, signing
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.database import write
from tuopin.platform.locks import Busy, exclusive
from tuopin.platform.models import Marker, Seal
from tuopin.platform.problems import DISK_FULL, Problem, disk_is_full
from tuopin.platform.seals import plan, words, writing
from tuopin.platform.seals.genuine import genuine, sign
from tuopin.platform.seals.identities import Vault
from tuopin.platform.seals.selectors import folder_of, require_whole, root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor
    from tuopin.platform.seals.writing import Progress

SEAL = "platform.seal"
_INSTANCE = "instance"


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else seals or erases meanwhile. Raises Problem at once if somebody does."""
    try:
        with exclusive("seals", wait=0):
            yield
    except Busy as error:
        if error.details.get("lock") == "seals":
            raise words.BUSY from error
        raise


@contextmanager
def writable() -> Iterator[None]:
    """A disk that is full and a folder that cannot be written become messages."""
    try:
        yield
    except (OSError, EngineError) as error:
        if disk_is_full(error):
            raise DISK_FULL from error
        if isinstance(error, OSError):
            raise words.UNWRITABLE from error
        raise


def seal(actor: Actor, progress: Progress | None = None) -> Seal:
    """Seal the register as it is at one moment; nobody waits for it. It is there whole, or not at all.

    Raises Refused, Problem: another sealing under way, no space, folder not writable.
    """
    require_whole(actor, SEAL)
    with alone(), writable():
        snapshot.clear_leftovers(root())
        adopt(actor)
        audit.chain_pending()
        last = Seal.objects.order_by("-number").first()
        number = 1 + max([last.number if last else 0, *snapshot.numbers(root())])
        with snapshot.Writer(root(), number) as writer:
            vault = Vault(writer.folder, number)
            head = signing.sign_head(*audit.head())
            header = {
                "sealed_at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
                "product": version("tuopin"),
                "catalogue": plan.digest(),
                "previous": {"number": last.number, "digest": last.digest} if last else None,
                "audit": {"seq": head.seq, "hash": head.hash, "key": head.key, "signature": head.signature},
            }
            found = writing.write(writer, vault, progress)
            vault.keep()
            header |= said() | found | {"instance": {"id": instance(), "name": found.pop("name")}}
            header.pop("name", None)
            manifest = writer.finish(header, sign)
            with write():
                row = _noted(actor, manifest)
                writer.publish()  # the last step before the transaction ends: see adopt()
    return row


def _noted(actor: Actor, manifest: snapshot.Manifest, action: str = SEAL) -> Seal:
    row = Seal.objects.create(
        number=manifest.number,
        digest=manifest.digest,
        previous=manifest.previous["digest"] if manifest.previous else "",
        sealed_at=datetime.datetime.fromisoformat(manifest.sealed_at),
        actor=actor.name or actor.os_user,
        user_id=actor.user_id,
        data_version=manifest.data_version,
        catalogue=manifest.catalogue,
        rows=manifest.rows,
        bytes=manifest.bytes,
    )
    detail: dict[str, object] = {
        "rows": manifest.rows, "bytes": manifest.bytes, "data_version": manifest.data_version,
        "previous": manifest.previous["number"] if manifest.previous else None,
    }  # fmt: skip
    audit.record(actor, action, f"seal:{manifest.number}", detail, manifest.digest)
    return row


def adopt(actor: Actor) -> int:
    """Enter seals whose folder is there and whole but which the database does not know: the process ended between the
    rename and the end of the transaction, or an older backup was restored. Only such as are signed by a trusted key."""
    known = set(Seal.objects.values_list("number", flat=True))
    done = 0
    for number in snapshot.numbers(root()):
        if number in known:
            continue
        try:
            manifest = snapshot.read(folder_of(number))
            datetime.datetime.fromisoformat(manifest.sealed_at)
        except (snapshot.SealFault, ValueError):
            continue
        own = manifest.instance["id"] == instance() and manifest.number == number
        if own and genuine(snapshot.canonical(manifest.document), manifest.document.get("signature") or {}):
            with write():
                _noted(actor, manifest, "platform.adopt_seal")
            done += 1
    return done


def said() -> dict[str, Any]:
    """What the rooms add to the manifest, such as the packs in force."""
    found: dict[str, Any] = {}
    for _room, module in rooms_modules("sealing"):
        if hasattr(module, "said"):
            found |= module.said()
    return found


def instance() -> str:
    """The permanent id of this installation, made at first use; a restored backup keeps it."""
    found = Marker.objects.filter(name=_INSTANCE).values_list("text", flat=True).first()
    if not found:
        made = _sealed_here() or secrets.token_hex(16)
        Marker.objects.bulk_create([Marker(name=_INSTANCE, text=made)], ignore_conflicts=True)
        found = Marker.objects.values_list("text", flat=True).get(name=_INSTANCE)
    return found


def _sealed_here() -> str:
    """The id in the newest seal that our own keys signed: the backup that was restored may be older than the id."""
    for number in reversed(snapshot.numbers(root())):
        try:
            manifest = snapshot.read(folder_of(number))
        except snapshot.SealFault:
            continue
        if genuine(snapshot.canonical(manifest.document), manifest.document.get("signature") or {}):
            return manifest.instance["id"]
    return ""


def erase(
    actor: Actor, *, persons: frozenset[int] = frozenset(), households: frozenset[int] = frozenset(), document: str
) -> dict[str, int]:
    """Take persons and households (ids) out of what all seals hold of who is who. Their facts stay, without a name, and
    so do the proofs. Returns seals and rows. Raises Refused, Problem."""
    require_everywhere(actor, "platform.erase_identities")
    if not persons and not households:
        raise Problem("nobody_named", "没有指明要删除谁。", "Nobody is named.")
    if not document.strip():
        raise Problem(
            "no_document", "请写明依据的文号或申请编号（不要写姓名）。",
            "Name the paper by its number (no name of a person): the request, or the order.",
        )  # fmt: skip
    gone = {"register_person": persons, "register_household": households}
    note = {
        "at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "persons": len(persons), "households": len(households),
    }  # fmt: skip
    rows = 0
    with alone(), writable():
        # all of them are opened before the first is touched: a key that is not ours is told in time
        vaults = [vault for n in snapshot.numbers(root()) if (vault := Vault.open(folder_of(n), n)) is not None]
        for vault in vaults:
            rows += vault.without(gone, note)
        detail: dict[str, object] = {
            "seals": len(vaults), "rows": rows, "persons": len(persons), "households": len(households),
            "document": document.strip()[:200],
        }  # fmt: skip
        with write():
            audit.record(actor, "platform.erase_identities", "seals", detail)
    return {"seals": len(vaults), "rows": rows}
