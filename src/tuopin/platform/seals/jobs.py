"""Sealing and checking as jobs: begun on the pages of seals and by programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform import jobs
from tuopin.platform.database import exclusive, write
from tuopin.platform.jobs import job
from tuopin.platform.models import Job
from tuopin.platform.seals import checking, plan, selectors, services

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.platform.jobs import Run


@job(services.SEAL, max_attempts=2, title=Title("封存", "Sealing"))
def make(run: Run) -> dict[str, Any]:
    """Seal the register; a second attempt after a crash begins anew."""
    titles = plan.titles()

    def tell(done: int, total: int, what: str) -> None:
        title = titles.get(what)
        run.progress(done, total, f"{title.zh} {title.en}" if title else "")

    row = services.seal(run.actor, tell)
    return {
        "seal": row.number,
        "digest": row.digest,
        "href": reverse("platform:seal", args=[row.number]),
        "title_zh": f"第 {row.number} 号封存，共 {row.rows:,} 行",
        "title_en": f"Seal {row.number}, {row.rows:,} rows",
    }


@job(checking.VERIFY, max_attempts=2, title=Title("核对封存", "Check of a seal"))
def check(run: Run, number: int) -> dict[str, Any]:
    """Check a seal; what is wrong with it is a result, not a failure of the job."""
    checked = checking.verify(run.actor, number, run.progress)
    faults = len(checked.faults)
    zh = f"第 {number} 号封存完好" if checked.sound else f"第 {number} 号封存不完好：{faults} 处"
    en = f"Seal {number} is sound" if checked.sound else f"Seal {number} is not sound: {faults} faults"
    return {
        **checked.document(),
        "href": reverse("platform:seal", args=[number]),
        "title_zh": zh,
        "title_en": en,
    }


def begin(actor: Actor) -> Job:
    """Begin a sealing. Asked again while one waits or goes on, one's own is returned. Raises Refused."""
    selectors.require_whole(actor, services.SEAL)
    return _once(actor, services.SEAL, {})


def begin_check(actor: Actor, number: int) -> Job:
    """Begin the check of a seal. Raises Refused, Missing."""
    selectors.require_whole(actor, checking.VERIFY)
    return _once(actor, checking.VERIFY, {"number": selectors.seal(actor, number).number})


def _once(actor: Actor, kind: str, payload: dict[str, Any]) -> Job:
    with exclusive(f"begin-{kind}", wait=10), write():  # two clicks at once: the second finds the job of the first
        own = jobs.own(actor).filter(kind=kind, payload=payload, state__in=Job.UNFINISHED)
        return own.first() or jobs.enqueue(actor, kind, payload)
