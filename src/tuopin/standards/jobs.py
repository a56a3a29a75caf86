"""What standards does in the background: evaluating an area."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from .comparing import jobs as comparing  # noqa: F401 - registers its jobs
from .evaluating import JOB
from .sealed import jobs as sealed  # noqa: F401 - likewise
from .services import evaluate_chain

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(JOB, title=Title("按标准核查", "Evaluation by the standards"))
def evaluate_area(
    run: Run, area: str, day: str, pack: str, standards: list[str], beside: list[list[str]] | None = None
) -> dict[str, Any]:
    """Evaluate an area by the standards of its pack and by those ``beside`` it (pack, standard), in one run from
    households up to the city: all of it is stored or nothing."""
    asked = [(pack, key) for key in standards] + [(other, key) for other, key in beside or []]
    judged = 0

    def tell(what: str, _rows: int) -> None:
        nonlocal judged
        judged += what == "verdicts"
        run.progress(judged, len(asked) + 1, "全部标准，由低到高 all standards, from the lowest level up")

    made = evaluate_chain(run.actor, asked, day=datetime.date.fromisoformat(day), area=area, progress=tell)
    run.progress(len(asked) + 1, len(asked) + 1)
    return {
        "evaluations": [each.pk for each in made],
        "href": reverse("console:results", args=[area]),
        "title_zh": "查看核查结果",
        "title_en": "See the results",
    }
