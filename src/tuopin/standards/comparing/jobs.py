"""What comparing does in the background: judging two sides, and preparing the incomes of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job
from tuopin.standards.comparing import distribution, files
from tuopin.standards.comparing.services import JOB, LINE_JOB, Asked, compare, prepare_line
from tuopin.standards.comparing.sides import Side

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(JOB, title=Title("比较两种判定（试算）", "Comparison of two judgements (what-if)"))
def compare_sides(run: Run, area: str | None, a: dict[str, Any], b: dict[str, Any], basis: list[Any]) -> dict[str, Any]:  # noqa: ARG001 - asked again when it is read
    """Judge both sides and keep what changes in the job's file."""
    asked = Asked(area, Side.read(a), Side.read(b))
    compare(run.actor, asked, files.path_of(run.id), lambda _what, rows: run.progress(rows))
    return {  # no number: jobs are shown to readers of figures alone as well
        "href": reverse("standards:compared", args=[run.id]),
        "title_zh": "查看比较结果",
        "title_en": "See what changes",
    }


@job(LINE_JOB, title=Title("准备收入分布（试算）", "Incomes prepared for a line that moves (what-if)"))
def prepare_incomes(run: Run, area: str, side: dict[str, Any]) -> dict[str, Any]:
    """Judge the households once, so that any line is answered at once."""
    chosen = Side.read(side)
    header = prepare_line(run.actor, area, chosen, lambda _what, rows: run.progress(rows))
    found = distribution.find(header.path, chosen)
    if found is not None:  # one process that serves and works has the first answer at hand
        distribution.load(found[0], header.path)
    query = {"area": area, "pack": chosen.pack, "standard": chosen.standard, "day": chosen.day.isoformat()}
    return {
        "href": f"{reverse('standards:line')}?{urlencode(query)}",
        "title_zh": "移动标准线",
        "title_en": "Move the line",
    }
