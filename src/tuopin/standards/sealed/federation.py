"""Other installations whose seals are read here: registering one, looking again whether its chain goes on.

What was once seen is pinned: the instance's id, its key, and the digest of every manifest. A city that has changed or
withdrawn a seal that was seen is shown as such and left out, until a person has cleared it up. Identities are never
fetched.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from tuopin.core.snapshot import canonical
from tuopin.platform.access import may, require
from tuopin.platform.auditing import audit
from tuopin.platform.auditing.signing import fingerprint
from tuopin.platform.database import write
from tuopin.platform.problems import DISK_FULL, Missing, Problem
from tuopin.platform.seals.genuine import genuine
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.standards.models import SealInstance, SeenSeal
from tuopin.standards.permissions import FEDERATE, VERIFY_FEDERATION
from tuopin.standards.sealed import opening
from tuopin.standards.sealed.folders import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuopin.platform.access import Actor
    from tuopin.standards.sealed.opening import Opened

    Progress = Callable[[int, int], None]

AHEAD = datetime.timedelta(hours=1)
"""By so much may the clock of another installation be fast."""
SOUND, REWRITTEN, UNREACHABLE = "sound", "rewritten", "unreachable"


class Rewritten(Problem):
    """The seals there are not those that were seen before."""


def add(actor: Actor, address: str, *, area: str | None = None, anew: bool = False) -> SealInstance:
    """Register the instance whose seals lie at the address, under an area of this register (a code; default: the
    lowest area here that holds all of theirs, by its code). All seals that lie there are looked at and pinned. An
    instance that was registered before is compared with what was pinned then, unless ``anew``: somebody has asked the
    city why its key or history is another one.

    Raises Problem for an address that cannot be read, without seals, with seals of several instances or a broken chain,
    for an instance that is registered already; Missing for an area that is not here; Refused without a grant over it.
    """
    folder = Folder(address)
    numbers = folder.numbers()
    if not numbers:
        raise Problem(
            "no_seals_there",
            f"{folder.address} 下没有封存（每个封存是一个以编号命名、内有 manifest.json 的文件夹）。",
            f"There is no seal at {folder.address} (each is a folder named by its number, with a manifest.json).",
        )
    seals = [opening.fetched(folder, number) for number in numbers]
    first, called = seals[0].manifest, seals[-1].instance_name
    _chained(seals, first.instance["id"], _genuine(seals[0]))
    here = _area(actor, seals[-1], area)
    require(actor, FEDERATE, area_path=here.path)
    if SealInstance.objects.filter(instance=first.instance["id"], ended_at=None).exists():
        raise Problem(
            "already_registered",
            f"“{called}”已经登记。",
            f"“{called}” is registered already.",
        )
    if not anew:
        _as_before(folder, numbers, first.instance["id"], _genuine(seals[0]))
    now = timezone.now()
    with write():
        row = SealInstance.objects.create(
            instance=first.instance["id"], name=seals[-1].instance_name, address=folder.address,
            area_id=here.area_id, public_key=_genuine(seals[0]), registered_at=now,
            registered_by=(actor.name or actor.kind)[:150], checked_at=now, state=SOUND,
        )  # fmt: skip
        _pin(row, seals)
        detail: dict[str, object] = {"instance": row.instance, "area": row.area_id, "newest": numbers[-1]}
        if anew:
            detail["anew"] = True
        audit.record(actor, FEDERATE, f"seal_instance:{row.pk}", detail, seals[-1].manifest.digest)
    return row


def _as_before(folder: Folder, numbers: Sequence[int], instance: str, key: str) -> None:
    """Raises Rewritten where an instance is not the one that was registered here before: whoever ends a registration
    must not thereby make the pins forgotten."""
    before = SealInstance.objects.filter(instance=instance).order_by("-pk").first()
    if before is None:
        return
    if before.public_key != key:
        then, now = (fingerprint(Ed25519PublicKey.from_public_bytes(bytes.fromhex(each)))
                     for each in (before.public_key, key))  # fmt: skip
        raise Rewritten(
            "key_changed",
            f"“{before.name}”以前用另一把密钥签名（指纹 {then}，现为 {now}）。"
            "请与该市核实；属实的，加 --anew 重新登记。",
            f"“{before.name}” was signed with another key before (fingerprint {then}, now {now}). Ask the city; if it"
            " is so, register it with --anew.",
        )
    try:
        _seen_again(folder, before, numbers)
    except Rewritten as problem:
        raise Rewritten(
            problem.code, f"{problem.zh}请与该市核实；属实的，加 --anew 重新登记。",
            f"{problem.en} Ask the city; if it is so, register it with --anew.",
        ) from problem  # fmt: skip


def _area(actor: Actor, newest: Opened, code: str | None) -> AreaVersion:
    """The area of this register that the instance's seals are of."""
    if code is not None:
        return register.area(actor, code)
    codes = _codes(newest)
    here = {version.code: version for version in register.areas(actor).filter(code__in=codes)}
    found = next((here[each] for each in codes if each in here), None)
    if found is None:
        raise Missing(
            "area_not_here",
            f"本登记册没有“{newest.instance_name}”的区划。请用 --area 指明它对应的区划。",
            f"No area of “{newest.instance_name}” is in this register: name the one it stands for with --area.",
        )
    return found


def _codes(opened: Opened) -> list[str]:
    """The codes of the smallest area that holds all villages of the seal and of those above it, from there up."""
    from tuopin.standards.sealed.judging import SealedRun
    from tuopin.standards.sealed.sources import Part

    with SealedRun([Part(opened)], timezone.localdate()) as run:
        return run.tree.common_codes()


def _pin(row: SealInstance, seals: Sequence[Opened]) -> None:
    now = timezone.now()
    SeenSeal.objects.bulk_create(
        SeenSeal(
            instance=row, number=each.manifest.number, digest=each.manifest.digest, seen_at=now,
            previous=each.manifest.previous["digest"] if each.manifest.previous else "",
            sealed_at=datetime.datetime.fromisoformat(each.manifest.sealed_at), rows=each.manifest.rows,
        )
        for each in seals
    )  # fmt: skip


# -- what may be wrong ------------------------------------------------------------------------------------------------


def _genuine(opened: Opened) -> str:
    """The public key by which the manifest is signed. Raises Rewritten where the signature does not fit it."""
    signature: Any = opened.manifest.document.get("signature")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["public_key"]))
        sound = genuine(canonical(opened.manifest.document), signature, {fingerprint(key): key})
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise Rewritten(
            "seal_not_genuine",
            f"封存 {opened.name} 的签名不对。",
            f"The signature of seal {opened.name} is not right.",
        )
    return str(signature["public_key"]).lower()


def _chained(seals: Sequence[Opened], instance: str, key: str, before: SeenSeal | None = None) -> None:
    """Raises Rewritten where seals are of several instances or keys, or one does not follow the one before."""
    number, digest = (before.number, before.digest) if before else (0, "")
    for each in seals:
        found = each.manifest
        if found.instance["id"] != instance:
            raise Rewritten(
                "other_instance",
                f"封存 {found.number} 属于另一个实例“{each.instance_name}”。",
                f"Seal {found.number} is of another instance, “{each.instance_name}”.",
            )
        if _genuine(each) != key:
            raise Rewritten(
                "other_key",
                f"封存 {each.name} 用另一把密钥签名。请与该市核实后重新登记。",
                f"Seal {each.name} is signed with another key. Ask the city, then register it again.",
            )
        _sealed_in_time(each)
        previous = found.previous
        follows = previous is not None and (previous["number"], previous["digest"]) == (number, digest)
        if digest and not follows:
            raise Rewritten(
                "chain_broken",
                f"封存 {each.name} 没有接在封存 {number} 之后：历史被改写。",
                f"Seal {each.name} does not follow seal {number}: its history was rewritten.",
            )
        number, digest = found.number, found.digest


def _sealed_in_time(opened: Opened) -> None:
    """Raises Rewritten for a moment that is none or lies ahead: such a seal would never be late, nor older than a
    day."""
    try:
        moment = datetime.datetime.fromisoformat(opened.manifest.sealed_at)
        if moment.tzinfo is not None and moment <= timezone.now() + AHEAD:
            return
    except ValueError:
        pass
    raise Rewritten(
        "bad_moment",
        f"封存 {opened.name} 的封存时间不对（晚于现在或无法识别）。请核对两地时钟。",
        f"The moment at which seal {opened.name} was made lies ahead, or is none: compare the clocks.",
    )


def _seen_again(folder: Folder, row: SealInstance, numbers: Sequence[int]) -> SeenSeal:
    """The newest seal that was seen, after each of those that still lie there was found unchanged. Older ones may have
    been cleared away; the newest may not. Raises Rewritten."""
    pinned = {each.number: each for each in row.seals.order_by("number")}
    newest = pinned[max(pinned)]
    if newest.number not in numbers:
        raise Rewritten(
            "seal_withdrawn",
            f"以前见过的封存 {newest.number} 不见了：历史被改写。",
            f"Seal {newest.number}, which was seen before, is gone: the history was rewritten.",
        )
    for number in numbers:
        known = pinned.get(number)
        if known is None and number < newest.number:
            raise Rewritten(
                "seal_put_between",
                f"封存 {number} 是后来插进去的：以前没有。",
                f"Seal {number} was put in afterwards: it was not there before.",
            )
        if known is not None and opening.fetched(folder, number).manifest.digest != known.digest:
            raise Rewritten(
                "seal_rewritten",
                f"封存 {number} 与以前见过的不同：历史被改写。",
                f"Seal {number} is not the one that was seen before: the history was rewritten.",
            )
    return newest


def look(actor: Actor, row: SealInstance, *, whole: bool = False, progress: Progress | None = None) -> SealInstance:
    """Look at the seals of a registered instance again: pin new ones, and say what is wrong. ``whole`` also fetches
    every file of the newest and checks its hash. Never raises for what is wrong there: the row says it."""
    granted(actor, row, VERIFY_FEDERATION)
    state, found = SOUND, []
    problem: Problem | None = None
    try:
        folder = Folder(row.address)
        numbers = folder.numbers()
        newest = _seen_again(folder, row, numbers)
        found = [opening.fetched(folder, number) for number in numbers if number > newest.number]
        _chained(found, row.instance, row.public_key, newest)
        if whole:
            last = found[-1] if found else opening.fetched(folder, newest.number, newest.digest)
            for at, part in enumerate(last.manifest.tables):
                last.verified(part)
                if progress is not None:
                    progress(at + 1, len(last.manifest.tables))
    except Rewritten as error:
        state, problem, found = REWRITTEN, error, []
    except Problem as error:
        if error is DISK_FULL:
            raise
        state, problem, found = _state(error), error, []
    with write():
        if found:
            _pin(row, found)
        now = timezone.now()
        if whole and problem is None:
            top = row.seals.order_by("-number").values("pk")[:1]
            SeenSeal.objects.filter(pk__in=list(top.values_list("pk", flat=True))).update(verified_at=now)
        row.checked_at, row.state = now, state
        row.problem_zh, row.problem_en = (problem.zh[:500], problem.en[:500]) if problem else ("", "")
        row.save(update_fields=["checked_at", "state", "problem_zh", "problem_en"])
        detail: dict[str, object] = {"state": state, "new": len(found), "code": problem.code if problem else ""}
        audit.record(actor, "standards.look_at_seals", f"seal_instance:{row.pk}", detail)
    return row


def _state(error: Problem) -> str:
    """Storage that does not answer is no fault of the city's; anything else is."""
    silent = {"seals_unreachable", "storage_not_installed"}
    return UNREACHABLE if error.code in silent else REWRITTEN


def remove(actor: Actor, row: SealInstance) -> None:
    """Read an instance no longer. What was judged from its seals stays."""
    granted(actor, row)
    with write():
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        audit.record(actor, "standards.end_federation", f"seal_instance:{row.pk}", {"instance": row.instance})


def granted(actor: Actor, row: SealInstance, permission: str = FEDERATE) -> None:
    """Raises Missing for an instance under an area outside the grants: as one that does not exist."""
    version = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first()
    if version is None or not may(actor, permission, area_path=version.path):
        raise Missing("no_such_instance", "没有登记这个实例。", "There is no such instance registered.")
