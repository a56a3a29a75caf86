"""Forms of headquarters: from what was posted to what services take. Every field is text of any shape until read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from ..dates import day_of
from .services import MOST_STEPS, Draft, Progress, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from tuopin.platform.evidence import Kept

    from .models import PlanStep

EMPTY = 3
"""Empty rows below the steps of a form."""
TEXTS = ("number", "title", "official", "organisation", "begins", "ends", "after", "deliverable", "goal")


def plain(posted: QueryDict, name: str, most: int) -> str:
    """A field as text without NUL; longer than ``most`` stays too long, so that it is refused and not cut."""
    return posted.get(name, "").replace("\0", "").strip()[: most + 1]


def draft(posted: QueryDict, organisation_id: int, kind: str, year: int) -> Draft:
    """The version that a form holds: rows ``title-0`` …; a row without title and days is none. Raises Problem."""
    filled = [
        at
        for at in range(MOST_STEPS + EMPTY)
        if any(posted.get(f"{name}-{at}", "").strip() for name in ("title", "begins", "ends"))
    ]
    place = {at: number for number, at in enumerate(filled, 1)}
    steps = tuple(_step(posted, at, place[at]) for at in filled)
    seen = whole_number(posted.get("seen", ""), 0)
    return Draft(
        organisation_id, kind, year, steps, min(seen, 30_000), plain(posted, "document", 200),
        plain(posted, "reason", 500),
    )  # fmt: skip


def _step(posted: QueryDict, at: int, place: int) -> Wanted:
    after = plain(posted, f"after-{at}", 200).replace("，", ",").replace("、", ",")
    parts = [each.strip() for each in after.split(",") if each.strip()]
    numbers = [whole_number(each, 0) for each in parts]
    if 0 in numbers:
        raise Problem(
            "bad_after", f"第 {place} 步的前置步骤请写序号，如 1,2。",
            f"Give what comes before step {place} by places, like 1,2.",
        )  # fmt: skip
    return Wanted(
        title=plain(posted, f"title-{at}", 200),
        begins=day_of(posted.get(f"begins-{at}", ""), f"第 {place} 步的开始日期", f"the first day of step {place}"),
        ends=day_of(posted.get(f"ends-{at}", ""), f"第 {place} 步的完成日期", f"the last day of step {place}"),
        number=whole_number(posted.get(f"number-{at}", ""), None),
        official_id=whole_number(posted.get(f"official-{at}", ""), None) or None,
        organisation_id=whole_number(posted.get(f"organisation-{at}", ""), None) or None,
        after=tuple(numbers),
        deliverable=plain(posted, f"deliverable-{at}", 200),
        goal=plain(posted, f"goal-{at}", 200),
    )


def progress(posted: QueryDict, paper: Kept | None) -> Progress:
    """What the form of a step says. Raises Problem."""
    share = whole_number(posted.get("share", "").strip(), 101)
    return Progress(
        whole_number(posted.get("step", ""), 0), day_of(posted.get("day", ""), "日期", "the day"), min(share, 101),
        plain(posted, "note", 500), paper, plain(posted, "reference", 200),
    )  # fmt: skip


def rows_of(steps: list[PlanStep], places: Mapping[int, str]) -> list[dict[str, str]]:
    """The steps of a version and some empty rows, as texts in the form's fields."""
    filled = [
        {
            "number": str(each.number), "title": each.title, "official": str(each.official_id or ""),
            "organisation": str(each.organisation_id or ""), "begins": each.begins.isoformat(),
            "ends": each.ends.isoformat(), "after": places[each.number], "deliverable": each.deliverable,
            "goal": each.goal,
        }
        for each in steps
    ]  # fmt: skip
    return [*filled, *(dict.fromkeys(TEXTS, "") for _ in range(EMPTY))]


def typed(posted: QueryDict) -> list[dict[str, str]]:
    """The rows of a form that was refused, as they were typed."""
    return [
        {name: posted.get(f"{name}-{at}", "")[:300] for name in TEXTS}
        for at in range(MOST_STEPS + EMPTY)
        if f"title-{at}" in posted
    ]
