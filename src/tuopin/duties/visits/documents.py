"""Coverage and visits as JSON, the same from the command line and the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import kinds

if TYPE_CHECKING:
    from .coverage import Counts, Report


def report_document(area: str, report: Report) -> dict[str, Any]:
    """Coverage of an area: by duty, and by the areas right below."""
    return {
        "area": area,
        "on": report.day.isoformat(),
        "duties": [
            {
                "duty": key,
                "title_zh": kinds.duties()[key].title.zh,
                "title_en": kinds.duties()[key].title.en,
                "left": report.left[key],
                **_counts(counts),
            }
            for key, counts in report.total.items()
        ],
        "below": [
            {"area": each.area.code, "duties": {key: _counts(counts) for key, counts in each.duties.items()}}
            for each in report.below
        ],
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {**asdict(counts), "total": counts.total}
