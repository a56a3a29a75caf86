"""What the register does in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.platform.jobs import job
from tuopin.register import counting, workbook_exports
from tuopin.register.matching import jobs as matching

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(counting.JOB)
def count_areas(_run: Run) -> dict[str, Any]:
    """Count every area again; a second run finds the same."""
    return {"areas": counting.count_areas()}


__all__ = ["count_areas", "matching", "workbook_exports"]
