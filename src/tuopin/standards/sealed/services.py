"""Judging from a seal of this installation, and computing a stored evaluation again from one.

What comes of it is no evaluation of the register: it stands in a table and files of its own (docs/decisions/0049).
"""

from __future__ import annotations

import datetime as dates
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import jobs
from tuopin.platform.access import may, require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.standards.evaluating import EARLIEST
from tuopin.standards.lifecycle.states import drafts_today
from tuopin.standards.models import Evaluation, SealedEvaluation
from tuopin.standards.packs import DEFAULT, get_prepared
from tuopin.standards.permissions import RECOMPUTE
from tuopin.standards.sealed import files, opening
from tuopin.standards.sealed.sources import Part
from tuopin.standards.services import EVALUATOR

if TYPE_CHECKING:
    import datetime

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.standards.places import Place
    from tuopin.standards.sealed.judging import Progress, SealedRun
    from tuopin.standards.sealed.opening import Opened

JOB = "standards.evaluate_sealed"
RECOMPUTE_JOB = "standards.recompute"
METHOD = 1
"""Raised when the way of judging seals changes what is stored, so that a result is not taken for today's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A standard on a day over an area (a code; None = all of it), as it was known when a seal was made."""

    seal: int
    standard: str
    day: datetime.date
    pack: str | None = None
    area: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "seal": self.seal, "standard": self.standard, "day": self.day.isoformat(), "pack": self.pack,
            "area": self.area,
        }  # fmt: skip


def judged_day(day: datetime.date) -> datetime.date:
    """The day, if it is one to judge by. Raises Problem."""
    if not EARLIEST <= day <= timezone.localdate():
        raise Problem(
            "bad_day", f"判定日须在 {EARLIEST} 与今天之间。", f"The day must lie between {EARLIEST} and today."
        )
    return day


def begin(actor: Actor, asked: Asked) -> Job:
    """Start :func:`evaluate` as a job; of two clicks one begins it, the other finds it begun.

    Raises Missing for an unknown seal and an area outside the grants, Refused without the permission there, Problem for
    a standard or day that is none.
    """
    area = register.area(actor, asked.area or "")
    require(actor, RECOMPUTE, area_path=area.path)
    opening.own(asked.seal)
    if asked.pack:
        get_prepared(asked.pack, asked.standard, asked.day)
    return once(actor, JOB, asked.document())


def begin_recompute(actor: Actor, evaluation: int, seal: int) -> Job:
    """Start :func:`recompute` as a job. Raises as it does."""
    stored_evaluation(actor, evaluation)
    opening.own(seal)
    return once(actor, RECOMPUTE_JOB, {"evaluation": evaluation, "seal": seal})


def once(actor: Actor, kind: str, payload: dict[str, Any]) -> Job:
    """A job with this payload: the actor's own that waits or runs, else a new one."""
    with write():
        # In PostgreSQL the second click waits here for the first; in SQLite there is one writer anyway.
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0).values_list("pk"))
        going = jobs.own(actor).filter(kind=kind, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
        return next((job for job in going if job.payload == payload), None) or jobs.enqueue(actor, kind, payload)


# -- one seal -------------------------------------------------------------------------------------------------------


def evaluate(actor: Actor, asked: Asked, progress: Progress | None = None) -> SealedEvaluation:
    """Judge every subject of the area as of the day, with what was known when the seal was made, and keep the result.

    Without ``pack`` the one counts that was bound to the area then. The same asked of the same seal is found again.
    Raises Problem: an unknown standard, a file of the seal that is not what its manifest says, a seal of another format
    or without a fact that the standard needs; Missing for an unknown seal or area; Refused without a grant.
    """
    opened = opening.own(asked.seal)
    with run_of([Part(opened)], asked.day, progress) as run:
        place = run.tree.place(asked.area, today(asked.area))
        _granted(actor, place, asked)
        prepared = get_prepared(asked.pack or run.tree.bound(place, DEFAULT), asked.standard, asked.day)
        return kept(actor, run, prepared, place, [source_of(opened, asked.day)])


def today(code: str | None) -> int | None:
    """The area that has the code today: its codes of other days are found by it, as in the register."""
    if code is None:
        return None
    return AreaVersion.objects.filter(code=code, valid_to=None).values_list("area_id", flat=True).first()


def run_of(parts: list[Part], day: datetime.date, progress: Progress | None) -> SealedRun:
    from tuopin.standards.sealed.judging import SealedRun  # pyarrow and the set engine only where they work

    return SealedRun(parts, day, progress)


def _granted(actor: Actor, place: Place, asked: Asked) -> None:
    """Outside the grants and not existing look the same."""
    if not place.path:
        if visible_paths(actor, RECOMPUTE) is not None:
            raise Refused(
                "whole_register_refused",
                "您的授权不覆盖全部区划，请指定区划。",
                "Your grants do not cover the whole register: name an area.",
            )
    elif not may(actor, RECOMPUTE, area_path=path_now(place)):
        raise Missing(
            "no_such_area",
            f"封存里 {asked.day} 没有区划 {asked.area}。",
            f"In the seal there is no area {asked.area} on {asked.day}.",
            area=asked.area,
        )


def path_now(place: Place) -> str:
    """Where the area stands in the tree of today, by which grants are given; where it stood, if it has ended."""
    if place.area_id is None:
        return place.path
    found = AreaVersion.objects.filter(area_id=place.area_id, valid_to=None).values_list("path", flat=True).first()
    return found or place.path


def sealed_on(opened: Opened) -> datetime.date:
    """The day, here, on which it was sealed."""
    return timezone.localdate(dates.datetime.fromisoformat(opened.manifest.sealed_at))


def source_of(opened: Opened, day: datetime.date, order: int = 0) -> dict[str, Any]:
    """A seal as it stands with a result. ``older``: it was made before the day that is judged."""
    manifest = opened.manifest
    return {
        "order": order, "instance": manifest.instance["id"], "name": opened.instance_name,
        "number": manifest.number, "digest": manifest.digest, "sealed_at": manifest.sealed_at,
        "data_version": manifest.data_version, "older": sealed_on(opened) < day,
    }  # fmt: skip


def _pack_then(opened: Opened, pack: str) -> dict[str, str] | None:
    """Version and digest of the pack when it was sealed, where the seal tells them."""
    packs = opened.manifest.document.get("packs")
    found = packs.get(pack) if isinstance(packs, dict) else None
    if not isinstance(found, dict) or not found.get("digest"):
        return None
    return {key: str(found.get(key, ""))[:80] for key in ("version", "digest")}


def kept(
    actor: Actor, run: SealedRun, prepared: Prepared, place: Place, sources: list[dict[str, Any]], *,
    joint: bool = False, left_out: list[dict[str, Any]] | None = None, against: Evaluation | None = None,
    area_id: int | None = None,
) -> SealedEvaluation:  # fmt: skip
    """The result of the run: the one that is there, or judged now, with its files, its row and its audit entry."""
    for part, each in zip(run.parts, sources, strict=True):
        each["pack_then"] = _pack_then(part.opened, prepared.pack.key)
    draft = [each.key for each in drafts_today(prepared)]
    decisive = [
        METHOD, EVALUATOR, joint, prepared.standard.key, prepared.pack.key, prepared.pack.digest,
        prepared.parameter_hash, prepared.day.isoformat(), area_id if joint else place.area_id,
        [each["digest"] for each in sources], draft, [[each["code"], each["reason"]] for each in left_out or ()],
        against.pk if against else None,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
    stored = SealedEvaluation.objects.filter(digest=digest).first()
    if stored is not None and files.present(digest):
        return stored
    started = timezone.now()
    run.judge(prepared, place)
    files.write(digest, run)
    if stored is not None:  # its files were gone: the same seals give the same rows
        return stored
    compared = _compared(run, prepared, against, sources[0]) if against is not None else None
    try:
        with write():
            row = SealedEvaluation.objects.create(
                joint=joint, standard=prepared.standard.key, kind=prepared.kind.key, level=prepared.standard.level,
                pack=prepared.pack.key, pack_version=prepared.pack.version, pack_digest=prepared.pack.digest,
                parameter_hash=prepared.parameter_hash, day=prepared.day, area_id=area_id if joint else place.area_id,
                path=place.path, digest=digest, rows_digest=run.digest(), actor=actor.name or actor.kind,
                started_at=started, finished_at=timezone.now(), items=[item.key for item in prepared.items],
                shown=[{"name": shown.name, "places": shown.places} for shown in prepared.shown], draft=draft,
                sources=sources, left_out=left_out or [], facts=run.facts, tally=run.tally(), against=compared,
            )  # fmt: skip
            audit.record(
                actor, RECOMPUTE_JOB if against else JOB, f"sealed_evaluation:{row.pk}",
                {
                    "standard": row.standard, "pack": row.pack, "day": row.day.isoformat(), "area": row.area_id,
                    "seals": [[each["instance"], each["number"]] for each in sources],
                    "left_out": len(row.left_out), "overall": row.tally["overall"],
                    "against": against.pk if against else None,
                },
                digest,
            )  # fmt: skip
    except IntegrityError:
        return SealedEvaluation.objects.get(digest=digest)  # another process was quicker with the same
    return row


# -- a stored evaluation computed again -------------------------------------------------------------------------------


def stored_evaluation(actor: Actor, number: int) -> Evaluation:
    """A stored evaluation that the actor may have computed again. Raises Missing."""
    found = Evaluation.objects.filter(pk=number).first() if 0 < number < 2**62 else None
    if found is not None:
        if found.area_id is None:
            allowed = visible_paths(actor, RECOMPUTE) is None
        else:
            version = AreaVersion.objects.filter(area_id=found.area_id).order_by("-valid_from").first()
            allowed = version is not None and may(actor, RECOMPUTE, area_path=version.path)
        if allowed:
            return found
    raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")


def recompute(actor: Actor, number: int, seal: int, progress: Progress | None = None) -> SealedEvaluation:
    """Judge from the seal what a stored evaluation judged, and say of how many subjects the two agree.

    The pack is taken as it is now; where it is not the one of then, the result says so. Raises as :func:`evaluate`, and
    Missing for an evaluation outside the grants.
    """
    stored = stored_evaluation(actor, number)
    opened = opening.own(seal)
    prepared = get_prepared(stored.pack, stored.standard, stored.day)
    with run_of([Part(opened)], stored.day, progress) as run:
        place = run.tree.place_of_id(stored.area_id)
        return kept(actor, run, prepared, place, [source_of(opened, stored.day)], against=stored)


def _compared(run: SealedRun, prepared: Prepared, stored: Evaluation, source: dict[str, Any]) -> dict[str, Any]:
    found = run.compare(stored.pk, ["overall", *stored.items])
    return found | {
        "evaluation": stored.pk,
        "same_data": stored.data_version == source["data_version"],
        "same_pack": stored.pack_digest == prepared.pack.digest,
        "same_parameters": stored.parameter_hash == prepared.parameter_hash,
        "pack_then": stored.pack_version,
    }


def said(compared: dict[str, Any]) -> Title:
    """What came of computing again, in a sentence."""
    differ = compared["differ"] + compared["only_stored"] + compared["only_sealed"]
    if not differ:
        return Title(
            f"一致：{compared['equal']} 个判定对象逐项相同。",
            f"Equal: {compared['equal']} subjects agree in every item.",
        )
    return Title(
        f"不一致：{differ} 个判定对象不同（{compared['equal']} 个相同）。",
        f"Different: {differ} subjects differ ({compared['equal']} agree).",
    )


def nothing(reasons: list[dict[str, Any]]) -> Problem:
    """No seal can be judged."""
    zh = "；".join(f"{each['name']}：{each['reason_zh']}" for each in reasons[:10])
    en = "; ".join(f"{each['name']}: {each['reason_en']}" for each in reasons[:10])
    return Problem("nothing_to_judge", f"没有可以核查的封存数据。{zh}", f"There is no seal that can be judged. {en}")
