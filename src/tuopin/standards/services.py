"""What changes something in this room: evaluating a standard, binding a pack to an area."""

from __future__ import annotations

import hashlib
import json
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
from tuopin.standards.places import bound_pack, choice, place_of

if TYPE_CHECKING:
    import datetime

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.standards.places import Place
    from tuopin.standards.run import Progress

EVALUATOR = 3
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
    place = place_of(area, day)
    if place.path:
        require(actor, EVALUATE, area_path=place.path)
    elif visible_paths(actor, EVALUATE) is not None:
        raise Refused(
            "whole_register_refused",
            "您的授权不覆盖全部区划，请指定区划。",
            "Your grants do not cover the whole register: name an area.",
        )
    prepared = get_prepared(pack or bound_pack(place, day), standard, day)
    for _ in range(_ATTEMPTS):
        version = data_version()
        draft = tuple(each.key for each in drafts_today(prepared))
        digest = _digest(prepared, place, version, draft)
        stored = Evaluation.objects.filter(digest=digest).first()
        if stored is not None:
            return stored
        found = _run(actor, prepared, place, version, digest, draft, progress)
        if found is not None:
            return found
    raise Problem(
        "data_changing",
        "核查期间登记数据一直在变动，未写入任何内容。请在导入结束后重试。",
        "The register kept changing during the evaluation; nothing was written. Try again after the import.",
    )


def _digest(prepared: Prepared, place: Place, version: int, draft: tuple[str, ...]) -> str:
    decisive = [
        EVALUATOR, prepared.standard.key, prepared.pack.key, prepared.pack.digest, prepared.parameter_hash,
        prepared.day.isoformat(), place.area_id, version, draft,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def _run(
    actor: Actor, prepared: Prepared, place: Place, version: int, digest: str, draft: tuple[str, ...],
    progress: Progress | None,
) -> Evaluation | None:  # fmt: skip
    """One attempt; None if the data changed while they were read."""
    from tuopin.standards.run import Run  # pyarrow and the set engine are loaded only where they work

    started = timezone.now()
    with Run(prepared, choice(place, prepared.standard.level, prepared.day), progress) as run:
        run.judge(place)
        try:
            with write():
                if data_version() != version:
                    return None
                evaluation = Evaluation.objects.create(
                    standard=prepared.standard.key,
                    kind=prepared.kind.key,
                    level=prepared.standard.level,
                    pack=prepared.pack.key,
                    pack_version=prepared.pack.version,
                    pack_digest=prepared.pack.digest,
                    parameter_hash=prepared.parameter_hash,
                    data_version=version,
                    digest=digest,
                    day=prepared.day,
                    area_id=place.area_id,
                    actor=actor.name or actor.kind,
                    started_at=started,
                    finished_at=started,
                    items=[item.key for item in prepared.items],
                    shown=[{"name": shown.name, "places": shown.places} for shown in prepared.shown],
                    draft=list(draft),
                    tally=run.tally(),
                )
                run.store(evaluation.pk)
                evaluation.finished_at = timezone.now()
                evaluation.save(update_fields=["finished_at"])
                count_later(actor)
                audit.record(
                    actor, EVALUATE, f"evaluation:{evaluation.pk}",
                    {
                        "standard": evaluation.standard, "pack": evaluation.pack, "day": evaluation.day.isoformat(),
                        "area": place.area_id, "overall": evaluation.tally["overall"],
                    },
                    digest,
                )  # fmt: skip
        except IntegrityError:
            return Evaluation.objects.filter(digest=digest).first()  # another process was quicker with the same
    return evaluation


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
