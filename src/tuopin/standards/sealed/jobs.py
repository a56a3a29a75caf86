"""What judging from seals does in the background."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job
from tuopin.standards.sealed import federation, selectors, services, together

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run
    from tuopin.standards.models import SealedEvaluation

LOOK_JOB = "standards.look_at_seals"


def _result(row: SealedEvaluation) -> dict[str, Any]:
    return {
        "href": reverse("standards:sealed", args=[row.pk]),
        "title_zh": "查看封存核查结果",
        "title_en": "See the result from seals",
    }


@job(services.JOB, title=Title("按封存数据核查", "Evaluation from a seal"))
def evaluate_sealed(run: Run, seal: int, standard: str, day: str, pack: str | None, area: str | None) -> dict[str, Any]:
    """Judge an area as it was known when the seal was made."""
    asked = services.Asked(seal, standard, datetime.date.fromisoformat(day), pack, area)
    return _result(services.evaluate(run.actor, asked, lambda _what, rows: run.progress(rows)))


@job(services.RECOMPUTE_JOB, title=Title("用封存数据复算", "Evaluation computed again from a seal"))
def recompute(run: Run, evaluation: int, seal: int) -> dict[str, Any]:
    """Compute a stored evaluation again."""
    return _result(services.recompute(run.actor, evaluation, seal, lambda _what, rows: run.progress(rows)))


@job(together.JOB, title=Title("下级封存数据联合核查", "Joint evaluation of several instances"))
def evaluate_jointly(run: Run, area: str, standard: str, day: str, pack: str) -> dict[str, Any]:
    """Judge the newest seals of all registered instances under an area."""
    found = together.evaluate(
        run.actor, area, standard, day=datetime.date.fromisoformat(day), pack=pack,
        progress=lambda _what, rows: run.progress(rows),
    )  # fmt: skip
    return _result(found)


@job(LOOK_JOB, title=Title("核对下级封存数据", "Check of other instances' seals"))
def look(run: Run, instance: int) -> dict[str, Any]:
    """Fetch the newest seal of an instance and check every file."""
    row = selectors.instance(run.actor, instance).row
    federation.look(run.actor, row, whole=True, progress=run.progress)
    return {"href": reverse("standards:federation"), "title_zh": "查看下级实例", "title_en": "See the instances"}
