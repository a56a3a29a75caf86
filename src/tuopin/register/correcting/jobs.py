"""Writing many corrections in the background."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform import uploads
from tuopin.platform.jobs import job

from ..models import Draft
from ..models.blocks import Source
from . import drafts, edits
from .services import Why

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(drafts.JOB, max_attempts=2, title=Title("写入更正", "Write corrections"))
def apply_corrections(run: Run, draft: int) -> dict[str, Any]:
    """Write a draft; after a crash that came too late to be reported it is found written and left alone."""
    held = drafts.of_actor(run.actor, draft)
    result = {
        "href": reverse("register:draft", args=[draft]),
        "title_zh": "查看更正",
        "title_en": "See the corrections",
    }
    if held.state == Draft.State.APPLIED:
        return result
    size = held.lines.count()
    run.progress(0, size)
    outcome = drafts.apply(run.actor, held)
    run.progress(size, size)
    return result | {"written": outcome.written, "issues_closed": outcome.closed_issues}


@job("register.read_edits", max_attempts=2, title=Title("比较改过的工作簿", "Compare an edited workbook"))
def read_edits(
    run: Run, upload: int, name: str, as_of: str, source: str, reason: str, *, own_day: bool
) -> dict[str, Any]:
    """Prepare the changes of a large edited workbook."""
    why = Why(date.fromisoformat(as_of), Source(source), reason, "workbook")
    path = uploads.path_of(run.actor, upload, "edits")
    draft = edits.take_back(run.actor, path, why, name, own_day=own_day, back=reverse("register:edited_workbook"))
    uploads.discard(run.actor, [upload], "edits")
    return {
        "href": reverse("register:draft", args=[draft.pk]),
        "title_zh": "查看改动",
        "title_en": "See the changes",
    }
