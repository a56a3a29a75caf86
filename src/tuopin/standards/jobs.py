"""What standards does in the background: evaluating an area."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from .comparing import jobs as comparing  # noqa: F401 - registers its jobs
from .evaluating import JOB
from .packs import get_pack
from .services import evaluate

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(JOB, title=Title("按标准核查", "Evaluation by the standards"))
def evaluate_area(
    run: Run, area: str, day: str, pack: str, standards: list[str], beside: list[list[str]] | None = None
) -> dict[str, Any]:
    """Evaluate an area by each of the standards of its pack, and by those ``beside`` it (pack, standard). After a crash
    those that are stored already are found again."""
    asked = [(pack, key) for key in standards] + [(other, key) for other, key in beside or []]
    made = []
    for at, (of, key) in enumerate(asked):
        title = get_pack(of).standard(key).title
        note = f"{title.zh} {title.en}"
        run.progress(at, len(asked), note)

        def tell(_what: str, _rows: int, at: int = at, note: str = note) -> None:
            run.progress(at, len(asked), note)

        found = evaluate(run.actor, key, day=datetime.date.fromisoformat(day), pack=of, area=area, progress=tell)
        made.append(found.pk)
    run.progress(len(asked), len(asked))
    return {
        "evaluations": made,
        "href": reverse("console:results", args=[area]),
        "title_zh": "查看核查结果",
        "title_en": "See the results",
    }
