"""What changes something in this room: comparing who is entitled with who received."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem, Refused
from tuopin.standards.packs import get_pack
from tuopin.standards.places import place_of

from .models import Gap, GapFigures, GapRun
from .permissions import WORK_OUT
from .policies import PACK, policies, written_digest

if TYPE_CHECKING:
    import datetime

    from tuopin.platform.access import Actor
    from tuopin.standards.places import Place

    from .comparing import Comparison, Progress

COMPARER = 2
"""Raised when the way of comparing changes what comes out."""
_ATTEMPTS = 3


def work_out(actor: Actor, *, day: datetime.date, area: str | None = None, progress: Progress | None = None) -> GapRun:
    """Compare entitled with received for every household and person of the area (a code; None = the whole register).

    The same data, rules, day and area are not worked out twice. Rows of earlier runs over the area go, their figures
    stay. Raises Refused, Missing (area), Problem: a day to come, data that keep changing meanwhile.
    """
    today = timezone.localdate()
    if day.year < 2000 or day > today:
        raise Problem(
            "bad_day", f"核对日须在 2000-01-01 与 {today} 之间。", f"The day must lie between 2000-01-01 and {today}."
        )
    place = place_of(area, day)
    if place.path:
        require(actor, WORK_OUT, area_path=place.path)
    elif visible_paths(actor, WORK_OUT) is not None:
        raise Refused(
            "whole_register_refused",
            "您的授权不覆盖全部区划，请指定区划。",
            "Your grants do not cover the whole register: name an area.",
        )
    for _ in range(_ATTEMPTS):
        version = database.data_version()
        digest = _digest(place, day, version)
        found = GapRun.objects.filter(digest=digest).first() or _run(actor, place, day, version, digest, progress)
        if found is not None:
            return found
    raise Problem(
        "data_changing",
        "核对期间登记数据一直在变动，未写入任何内容。请在导入结束后重试。",
        "The register kept changing meanwhile; nothing was written. Try again after the import.",
    )


def _digest(place: Place, day: datetime.date, version: int) -> str:
    decisive = [COMPARER, get_pack(PACK).digest, written_digest(), day.isoformat(), place.area_id, version]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def _run(
    actor: Actor, place: Place, day: datetime.date, version: int, digest: str, progress: Progress | None
) -> GapRun | None:
    """One attempt; None if the data changed while they were read, or another process stored the same first."""
    from .comparing import Comparison  # pyarrow and the set engine are loaded only where they work

    started = timezone.now()
    with Comparison(place, day, progress) as made:
        made.work_out()
        try:
            with database.write():
                if database.data_version() != version:
                    return None
                return _store(actor, made, place, day, version, digest, started)
        except IntegrityError:
            return GapRun.objects.filter(digest=digest).first()


def _store(
    actor: Actor,
    made: Comparison,
    place: Place,
    day: datetime.date,
    version: int,
    digest: str,
    started: datetime.datetime,
) -> GapRun:
    pack = get_pack(PACK)
    run = GapRun.objects.create(
        area_id=place.area_id, day=day, pack_version=pack.version, pack_digest=pack.digest, data_version=version,
        digest=digest, policies=list(policies()), actor=actor.name or actor.kind, started_at=started,
        finished_at=started,
    )  # fmt: skip
    before = GapRun.objects.filter(area=place.area_id).exclude(pk=run.pk).values("pk")
    old = Gap.objects.filter(run__in=before)
    old._raw_delete(old.db)
    names = ("run_id", "household_id", "person_id", "policy", "kind", "path")
    rows = database.bulk_insert(Gap._meta.db_table, names, ((run.pk, *row) for row in made.gaps()))
    counts = made.figures()
    GapFigures.objects.bulk_create(
        [GapFigures(run=run, area_id=area_id, counts=found) for area_id, found in counts.items()], batch_size=5_000
    )
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])
    detail: dict[str, object] = {"day": day.isoformat(), "area": place.area_id, "gaps": rows}
    audit.record(actor, WORK_OUT, f"gap_run:{run.pk}", detail, digest)
    return run
