"""Work of measures that outlives a request: comparing entitled with received."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from .services import work_out

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run

JOB = "measures.work_out_gaps"


@job(JOB, title=Title("核对应享未享", "Entitled against received"))
def work_out_gaps(run: Run, area: str, day: str) -> dict[str, Any]:
    """Compare over an area; begun anew after a crash it finds what was stored, or works it out."""
    steps = 0

    def tell(what: str, _rows: int) -> None:
        nonlocal steps
        steps += 1
        run.progress(steps, 0, what)

    made = work_out(run.actor, day=datetime.date.fromisoformat(day), area=area, progress=tell)
    return {
        "run": made.pk,
        "href": f"{reverse('measures:gaps')}?area={area}",
        "title_zh": "查看应享未享",
        "title_en": "See the gaps",
    }
