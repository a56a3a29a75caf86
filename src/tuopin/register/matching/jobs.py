"""The jobs of department lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from . import services, writing

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job("register.match_list", max_attempts=2, title=Title("比对部门名单", "Match a department list"))
def match_list(run: Run, match_id: int) -> dict[str, Any]:
    """Read a list and match it."""
    found = services.match(run.actor, match_id, run.progress)
    return _leads_to(found.pk)


@job("register.write_matches", max_attempts=2, title=Title("写入比对结果", "Write matches"))
def write_matches(run: Run, match_id: int, *, facts: bool, doubts: bool) -> dict[str, Any]:
    """Write what a matched list says."""
    result = writing.write(run.actor, match_id, facts=facts, doubts=doubts, progress=run.progress)
    return _leads_to(match_id) | {"facts": result.facts, "opened": result.opened, "closed": result.closed}


def _leads_to(match_id: int) -> dict[str, Any]:
    href = reverse("register:match_run", args=[match_id])
    return {"href": href, "title_zh": "查看比对结果", "title_en": "See the result"}
