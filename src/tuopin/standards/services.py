"""What changes something in this room: evaluating a standard, binding a pack to an area."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import data_version, write
from tuopin.platform.problems import Problem, Refused
from tuopin.register.counting import count_later
from tuopin.standards.lifecycle.states import drafts_today
from tuopin.standards.models import Evaluation, PackBinding
from tuopin.standards.packs import get_pack, get_prepared
from tuopin.standards.permissions import BIND, EVALUATE
from tuopin.standards.places import bound_pack, place_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.standards.places import Place
    from tuopin.standards.run import Judged, Progress

EVALUATOR = 5
"""Raised when the way of evaluating changes verdicts or what is kept with them, so that stored evaluations are not
taken for today's."""

_ATTEMPTS = 3


def evaluate(
    actor: Actor,
    standard: str,
    *,
    day: datetime.date,
    pack: str | None = None,
    area: str | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Judge every subject of the area (a code; None = the whole register) by the standard, and store the verdicts.

    Without ``pack`` the one bound to the area on the day counts, else ``national``. If pack, parameters, day, area and
    data are those of a stored evaluation, that one is returned and nothing is written.
    Raises Problem: unknown standard, pack or area, a rule that does not load, a parameter without a value on the day,
    data that keep changing meanwhile; Refused without a grant for the area.
    """
    place = _asked_place(actor, area, day)
    return _evaluated(actor, [get_prepared(pack or bound_pack(place, day), standard, day)], place, progress)[0]


def evaluate_chain(
    actor: Actor,
    asked: Sequence[tuple[str, str]],
    *,
    day: datetime.date,
    area: str | None = None,
    progress: Progress | None = None,
) -> list[Evaluation]:
    """:func:`evaluate` by several standards, ``(pack, standard)``, in one run from households up to the city.

    Each level is read once, and a standard that counts verdicts of a level below takes those of this run. What is
    stored is what evaluating one by one would store, all of it or nothing; standards of which nothing has changed are
    not judged again. Returns the evaluations in the order asked for. Raises what :func:`evaluate` raises, and Problem
    for a standard asked for twice or none at all.
    """
    if not asked or len(set(asked)) != len(asked):
        raise Problem("no_standards", "请指定要核查的标准，每个一次。", "Name the standards, each of them once.")
    place = _asked_place(actor, area, day)
    return _evaluated(actor, [get_prepared(pack, key, day) for pack, key in asked], place, progress)


def _asked_place(actor: Actor, area: str | None, day: datetime.date) -> Place:
    place = place_of(area, day)
    if place.path:
        require(actor, EVALUATE, area_path=place.path)
    elif visible_paths(actor, EVALUATE) is not None:
        raise Refused(
            "whole_register_refused",
            "您的授权不覆盖全部区划，请指定区划。",
            "Your grants do not cover the whole register: name an area.",
        )
    return place


def _evaluated(actor: Actor, asked: list[Prepared], place: Place, progress: Progress | None) -> list[Evaluation]:
    for _ in range(_ATTEMPTS):
        version = data_version()
        drafts = [tuple(each.key for each in drafts_today(prepared)) for prepared in asked]
        digests = [_digest(each, place, version, draft) for each, draft in zip(asked, drafts, strict=True)]
        stored = _stored(digests)
        due = [
            Due(prepared, draft, digest)
            for prepared, draft, digest in zip(asked, drafts, digests, strict=True)
            if digest not in stored
        ]
        if not due or _run(actor, due, place, version, progress):
            stored = _stored(digests)
            return [stored[digest] for digest in digests]
    raise Problem(
        "data_changing",
        "核查期间登记数据一直在变动，未写入任何内容。请在导入结束后重试。",
        "The register kept changing during the evaluation; nothing was written. Try again after the import.",
    )


def _stored(digests: list[str]) -> dict[str, Evaluation]:
    return {each.digest: each for each in Evaluation.objects.filter(digest__in=digests)}


@dataclass(frozen=True, slots=True)
class Due:
    """A standard that is to be judged: what of it is draft, and the digest of the evaluation."""

    prepared: Prepared
    draft: tuple[str, ...]
    digest: str


def _digest(prepared: Prepared, place: Place, version: int, draft: tuple[str, ...]) -> str:
    decisive = [
        EVALUATOR, prepared.standard.key, prepared.pack.key, prepared.pack.digest, prepared.parameter_hash,
        prepared.day.isoformat(), place.area_id, version, draft,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def _run(actor: Actor, due: list[Due], place: Place, version: int, progress: Progress | None) -> bool:
    """One attempt; False if the data changed while they were read, or another process stored one of them first."""
    from tuopin.standards.run import Run  # pyarrow and the set engine are loaded only where they work

    started = timezone.now()
    with Run([each.prepared for each in due], place, progress) as run:
        judged = {(each.prepared.pack.key, each.prepared.standard.key): each for each in run.judge()}
        try:
            with write():
                if data_version() != version:
                    return False
                for each in due:
                    key = (each.prepared.pack.key, each.prepared.standard.key)
                    _store(actor, each, judged[key], place, version, started)
                count_later(actor)
        except IntegrityError:
            return False  # another process was quicker with the same
    return True


def _store(actor: Actor, due: Due, judged: Judged, place: Place, version: int, started: datetime.datetime) -> None:
    prepared = due.prepared
    evaluation = Evaluation.objects.create(
        standard=prepared.standard.key,
        kind=prepared.kind.key,
        level=prepared.standard.level,
        pack=prepared.pack.key,
        pack_version=prepared.pack.version,
        pack_digest=prepared.pack.digest,
        parameter_hash=prepared.parameter_hash,
        data_version=version,
        digest=due.digest,
        day=prepared.day,
        area_id=place.area_id,
        actor=actor.name or actor.kind,
        started_at=started,
        finished_at=started,
        items=[item.key for item in prepared.items],
        shown=[{"name": shown.name, "places": shown.places} for shown in prepared.shown],
        draft=list(due.draft),
        tally=judged.tally(),
    )
    judged.store(evaluation.pk)
    evaluation.finished_at = timezone.now()
    evaluation.save(update_fields=["finished_at"])
    audit.record(
        actor, EVALUATE, f"evaluation:{evaluation.pk}",
        {
            "standard": evaluation.standard, "pack": evaluation.pack, "day": evaluation.day.isoformat(),
            "area": place.area_id, "overall": evaluation.tally["overall"],
        },
        due.digest,
    )  # fmt: skip


def bind_pack(
    actor: Actor, area: str, pack: str, *, valid_from: datetime.date, valid_to: datetime.date | None = None
) -> PackBinding:
    """Say that ``pack`` holds for an area from a day on; the binding before it ends on that day.

    Raises Problem if the pack does not exist, or a later binding of the area would overlap.
    """
    place = place_of(area, valid_from)
    if place.area_id is None:
        raise Problem("no_area", "请指定区划。", "Name an area.")
    require(actor, BIND, area_path=place.path)
    get_pack(pack)
    if valid_to is not None and valid_to <= valid_from:
        raise Problem("bad_period", "截止日须晚于起始日。", "The last day must be after the first.")
    with write():
        bindings = PackBinding.objects.filter(area_id=place.area_id)
        bindings.filter(valid_to=None, valid_from__lt=valid_from).update(valid_to=valid_from)
        if any(
            (each.valid_to is None or each.valid_to > valid_from) and (valid_to is None or each.valid_from < valid_to)
            for each in bindings
        ):
            raise Problem(
                "binding_overlaps",
                f"区划 {area} 在此期间已指定标准包。",
                f"A pack is already bound to area {area} in this period.",
                area=area,
            )
        binding = PackBinding.objects.create(area_id=place.area_id, pack=pack, valid_from=valid_from, valid_to=valid_to)
        audit.record(
            actor, BIND, f"area:{place.area_id}",
            {"pack": pack, "from": valid_from.isoformat(), "to": valid_to.isoformat() if valid_to else None},
        )  # fmt: skip
    return binding
