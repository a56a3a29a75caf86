"""What the register does in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.platform.jobs import job
from tuopin.register import cards, counting, workbook_exports
from tuopin.register.correcting import jobs as correcting
from tuopin.register.importing import jobs as importing
from tuopin.register.matching import jobs as matching

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(counting.JOB)
def count_areas(_run: Run) -> dict[str, Any]:
    """Count every area again; a second run finds the same."""
    return {"areas": counting.count_areas()}


@job(cards.JOB)
def refresh_persons(run_: Run, run: int) -> dict[str, Any]:
    """The members' cards after a large import; a second run writes the same."""
    return {"households": cards.follow_persons(run, run_.progress)}


__all__ = ["correcting", "count_areas", "importing", "matching", "refresh_persons", "workbook_exports"]
