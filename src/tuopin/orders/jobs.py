"""Work of orders that outlives a request."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from . import services
from .alike import services as alike
from .board import bulk
from .board.bulk_views import JOB as BULK
from .petitions import erasing
from .petitions.counting import FEWEST

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(BULK, title=Title("批量办理事项", "Acts upon many matters"), max_attempts=1)
def act_in_bulk(run: Run, act: str, ids: list[int], versions: list[int], given: dict[str, Any]) -> dict[str, Any]:
    """One act upon many matters: all of them, or none if one changed since it was looked at."""
    run.progress(0, len(ids))
    seen = dict(zip(ids, versions, strict=True))
    done = services.act(run.actor, act, ids, bulk.read(given), timezone.now(), seen)
    return {
        "href": reverse("orders:matters"),
        "title_zh": f"已办理 {len(done)} 件",
        "title_en": f"{len(done)} matters acted upon",
    }


@job(erasing.JOB, title=Title("清除保存期满的来访人信息", "Erasing petitioners whose time is over"))
def erase_petitioners(run: Run, at: str = "") -> dict[str, Any]:
    """What was due at the moment that was confirmed, in batches; begun anew, it goes on where it was."""
    now = timezone.now()
    gone = erasing.erase(run.actor, now, datetime.fromisoformat(at) if at else now)
    few = 0 < gone < FEWEST  # the pages of jobs have other readers than the petition office
    return {
        "href": reverse("orders:petitions"),
        "title_zh": f"已清除少于 {FEWEST} 件" if few else f"已清除 {gone} 件",
        "title_en": f"fewer than {FEWEST} erased" if few else f"{gone} erased",
    }


@job(alike.JOB, title=Title("举一反三查询", "Looking for the like"))
def search_alike(run: Run, question: int) -> dict[str, Any]:
    """A condition run over many households. Begun again it finds the same."""
    found = alike.search(run.actor, question, timezone.now(), lambda _step, rows: run.progress(rows))
    return {
        "href": reverse("orders:alike_one", args=[question]),
        "title_zh": f"符合 {found['found']:,} 个，未知 {found['unknown']:,} 个",
        "title_en": f"{found['found']:,} match, of {found['unknown']:,} it is unknown",
    }
