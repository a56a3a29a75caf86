"""The form of a visit: from what was posted to a draft, and back to what its fields show. Every field is text of any
shape until it was read."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from .drafts import MOST_FINDINGS, MOST_MET, MOST_OFFICIALS, MOST_PROBLEMS, Draft, Found, Trouble
from .models import Visit, VisitFinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

    from .items import Asked
    from .selectors import Opened

PROBLEM_ROWS = 3
_PLACE = re.compile(r"-?\d{1,3}\.\d{1,8}")
_KEY = re.compile(r"[0-9a-f]{32}")


def day_of(text: str) -> date:
    """A day as it was typed. Raises Problem."""
    found = parse_date(text[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", "走访日期请写作 2018-12-01。", "Write the day of the visit as 2018-12-01.")
    return found


def draft(
    posted: QueryDict, items: Iterable[str], *, household_id: int | None = None, area_id: int | None = None
) -> Draft:
    """The visit that a form holds. An item that was left alone, or not seen and without a note, is no finding."""

    def text(name: str) -> str:
        return posted.get(name, "").replace("\0", "").strip()

    met = posted.get("outcome", "met") != Visit.Outcome.NOT_REACHABLE
    latitude, longitude = _place(posted)
    return Draft(
        day=day_of(posted.get("day", "")),
        officials=_numbers(posted.getlist("official"), MOST_OFFICIALS + 1),
        household_id=household_id,
        area_id=area_id,
        sort=text("sort")[:40],
        outcome=posted.get("outcome", "met")[:20],
        why_not="" if met else text("why_not")[:40],
        why_not_note="" if met else text("why_not_note"),
        met=_numbers(posted.getlist("met"), MOST_MET + 1) if met else (),
        met_others=text("met_others") if met else "",
        said=text("said") if met else "",
        note=text("note"),
        findings=_findings(posted, items) if met else (),
        problems=_problems(posted),
        clock=_clock(text("clock")),
        latitude=latitude,
        longitude=longitude,
        key=key if _KEY.fullmatch(key := posted.get("key", "")) else "",
    )


def _numbers(texts: list[str], most: int) -> tuple[int, ...]:
    found = [whole_number(each, 0) or 0 for each in texts[:most] if each]
    return tuple(dict.fromkeys(found))


def _findings(posted: QueryDict, items: Iterable[str]) -> tuple[Found, ...]:
    found = []
    for key in list(items)[:MOST_FINDINGS]:
        result = posted.get(f"item-{key}", "")[:20]
        note = posted.get(f"item-note-{key}", "").replace("\0", "").strip()
        if result or note:
            found.append(Found(key, result or VisitFinding.Result.UNKNOWN, note))
    return tuple(found)


def _problems(posted: QueryDict) -> tuple[Trouble, ...]:
    found = []
    for at in range(MOST_PROBLEMS):
        words = posted.get(f"problem-{at}", "").replace("\0", "").strip()
        if words:
            found.append(Trouble(posted.get(f"problem-sort-{at}", "")[:40], words))
    return tuple(found)


def _clock(text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text[:8]).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise Problem("bad_time", "时间请写作 09:30。", "Write the time as 09:30.") from None


def _place(posted: QueryDict) -> tuple[int | None, int | None]:
    texts = posted.get("latitude", ""), posted.get("longitude", "")
    if not any(texts):
        return None, None
    if not all(_PLACE.fullmatch(each) for each in texts):
        raise Problem("bad_visit", "位置不对，请重新定位或不填。", "That is no place: locate again, or leave it out.")
    latitude, longitude = (round(float(each) * 10**5) for each in texts)
    return latitude, longitude


# -- what the fields show -----------------------------------------------------------------------------------------


def blank(today: date, official: int | None, key: str) -> dict[str, object]:
    """An empty form of today: somebody was met, by oneself."""
    return {
        "day": today.isoformat(), "outcome": "met", "sort": "routine", "officials": [official] if official else [],
        "met": [], "problems": [("", "")] * PROBLEM_ROWS, "key": key, "items": {}, "clock": "",
    }  # fmt: skip


def of_visit(opened: Opened, met: list[int], officials: list[int]) -> dict[str, object]:
    """The form of a correction, with what stands."""
    visit = opened.newest.visit
    told = [(each.sort, each.text) for _sort, each in opened.problems if each.settled_at is None]
    return {
        "day": visit.day.isoformat(), "outcome": visit.outcome, "sort": visit.sort, "officials": officials, "met": met,
        "why_not": visit.why_not, "why_not_note": visit.why_not_note, "met_others": visit.met_others,
        "said": visit.said, "note": visit.note, "problems": [*told, ("", "")],
        "items": {asked.key: (each.result, each.note) for asked, each in opened.newest.findings},
        "clock": opened.place.clock.strftime("%H:%M") if opened.place and opened.place.clock else "",
    }  # fmt: skip


def typed(posted: QueryDict, asked: Mapping[str, Asked]) -> dict[str, object]:
    """The form as it was typed, where it was refused."""
    names = ("day", "outcome", "sort", "why_not", "why_not_note", "met_others", "said", "note", "key", "clock",
             "reason")  # fmt: skip
    shown: dict[str, object] = {name: posted.get(name, "")[:1200] for name in names}
    rows = [
        (posted.get(f"problem-sort-{at}", "")[:40], posted.get(f"problem-{at}", "")[:600])
        for at in range(MOST_PROBLEMS)
        if f"problem-{at}" in posted
    ]
    return {
        **shown,
        "officials": list(_numbers(posted.getlist("official"), MOST_OFFICIALS)),
        "met": list(_numbers(posted.getlist("met"), MOST_MET)),
        "problems": rows or [("", "")] * PROBLEM_ROWS,
        "items": {key: (posted.get(f"item-{key}", "")[:20], posted.get(f"item-note-{key}", "")[:400]) for key in asked},
    }
