"""A visit as it is to be recorded, and what is wrong with one: everything that can be said without the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.platform.pictures import sound_place
from tuopin.platform.problems import Problem

from . import kinds
from .models import Visit, VisitFinding

if TYPE_CHECKING:
    from datetime import date, time

MOST_OFFICIALS = 10
MOST_MET = 30
MOST_PROBLEMS = 20
MOST_FINDINGS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen of an item: met, not_met or unknown."""

    item: str
    result: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem. ``item``: of the household's standard, or ''."""

    sort: str
    text: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A visit to record. Exactly one of ``household_id`` and ``area_id``. ``latitude`` and ``longitude`` in 1e-5
    degrees, only of the moment: with a visit of today. ``key``: of the form; the same key is the same visit."""

    day: date
    officials: tuple[int, ...]
    household_id: int | None = None
    area_id: int | None = None
    sort: str = "routine"
    outcome: str = "met"
    why_not: str = ""
    why_not_note: str = ""
    met: tuple[int, ...] = ()
    met_others: str = ""
    said: str = ""
    note: str = ""
    findings: tuple[Found, ...] = ()
    problems: tuple[Trouble, ...] = ()
    clock: time | None = None
    latitude: int | None = None
    longitude: int | None = None
    key: str = ""


def check(draft: Draft, today: date) -> None:
    """Raise Problem for what is wrong in a draft by itself."""
    kinds.check_day(draft.day, today)
    if (draft.household_id is None) == (draft.area_id is None):
        raise Problem("bad_target", "请选择一户或一个区域。", "Choose a household or an area.")
    if draft.sort not in kinds.sorts():
        raise _wrong("sort", "请选择走访类型。", "Choose the sort of visit.")
    if not 1 <= len(set(draft.officials)) <= MOST_OFFICIALS or len(set(draft.officials)) != len(draft.officials):
        raise _wrong(
            "officials",
            f"走访人 1 至 {MOST_OFFICIALS} 名，不能重复。",
            f"Name 1 to {MOST_OFFICIALS} officials, each once.",
        )
    for text, most, zh, en in (
        (draft.said, 1000, "户主的话", "What was said"),
        (draft.note, 1000, "走访情况", "The note"),
        (draft.met_others, 200, "见到的其他人", "Who else was met"),
        (draft.why_not_note, 200, "未见到的说明", "The reason"),
        (draft.key, 64, "表单编号", "The key of the form"),
    ):
        if len(text) > most or "\0" in text:
            raise _wrong("text", f"{zh}不超过 {most} 字。", f"{en}: at most {most} characters.")
    if draft.outcome == Visit.Outcome.MET:
        _check_met(draft)
    elif draft.outcome == Visit.Outcome.NOT_REACHABLE:
        _check_not_reached(draft)
    else:
        raise _wrong("outcome", "请选择“见到”或“未见到”。", "Say whether somebody was met.")
    _check_problems(draft)
    _check_place(draft, today)


def _check_met(draft: Draft) -> None:
    if draft.why_not or draft.why_not_note:
        raise _wrong("why_not", "见到了人，不必写未见到的原因。", "Somebody was met: leave out why nobody was.")
    if len(draft.met) > MOST_MET or len(draft.findings) > MOST_FINDINGS:
        raise _wrong("met", "见到的人或核对项太多。", "Too many persons or findings.")
    if draft.household_id is None and (draft.met or draft.findings):
        raise _wrong("findings", "核对项和见到的成员只能记在户上。", "Findings and members belong to a household.")
    if len({each.item for each in draft.findings}) != len(draft.findings):
        raise _wrong("findings", "同一核对项只填一次。", "Each item once.")
    for each in draft.findings:
        if each.result not in VisitFinding.Result.values:
            raise _wrong("findings", "核对结果请选达标、未达标或未知。", "A finding is met, not met or unknown.")
        if len(each.note) > 300 or "\0" in each.note:
            raise _wrong("findings", "核对项说明不超过 300 字。", "The note on a finding: at most 300 characters.")


def _check_not_reached(draft: Draft) -> None:
    if draft.why_not not in kinds.reasons():
        raise _wrong("why_not", "没有见到人，请选择原因。", "Nobody was met: choose the reason.")
    if draft.why_not == "other" and not draft.why_not_note.strip():
        raise _wrong("why_not", "请写明没有见到人的原因。", "Say why nobody was met.")
    if draft.met or draft.findings or draft.said.strip() or draft.met_others.strip():
        raise _wrong(
            "met",
            "没有见到人，不能填写见到的人、户主的话和核对项。",
            "Nobody was met: leave out persons, what was said, and findings.",
        )
    if draft.household_id is None:
        raise _wrong("outcome", "“未见到”只用于入户走访。", "“Not reached” is of households only.")


def _check_problems(draft: Draft) -> None:
    if len(draft.problems) > MOST_PROBLEMS:
        raise _wrong("problems", f"问题最多 {MOST_PROBLEMS} 个。", f"At most {MOST_PROBLEMS} problems.")
    if len({(each.sort, each.item) for each in draft.problems}) != len(draft.problems):
        raise _wrong("problems", "同一类问题请写在一条里。", "Write problems of one sort as one.")
    for each in draft.problems:
        if each.sort not in kinds.problem_sorts():
            raise _wrong("problems", "请选择问题类别。", "Choose the sort of the problem.")
        if not each.text.strip() or len(each.text) > 500 or "\0" in each.text:
            raise _wrong("problems", "问题请写明，不超过 500 字。", "Describe the problem, at most 500 characters.")


def _check_place(draft: Draft, today: date) -> None:
    if draft.latitude is None and draft.longitude is None:
        return
    if draft.latitude is None or draft.longitude is None or None in sound_place(draft.latitude, draft.longitude):
        raise _wrong("place", "位置不对，请重新定位或不填。", "That is no place: locate again, or leave it out.")
    if draft.day != today:
        raise _wrong(
            "place",
            "位置只在走访当时记录；补记以前的走访不能带位置。",
            "A place is recorded at the moment of the visit alone, not with one of another day.",
        )


def _wrong(field: str, zh: str, en: str) -> Problem:
    return Problem("bad_visit", zh, en, field=field)
