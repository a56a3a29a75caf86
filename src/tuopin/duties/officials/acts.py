"""What the page of an official does: corrections, terms, absences, ties; and leaving, with everything handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.models import AreaVersion

from .. import acting, kinds
from ..acting import text_of
from ..assigning import services as assigning
from ..dates import day_of, day_or_none
from ..models import Absence, Assignment, OfficialTie
from ..organisations import selectors as offices
from ..permissions import ASSIGN, KEEP_OFFICIALS
from ..selectors import duties_of, official, organisation_names
from ..selectors import officials as officials_of
from . import services, ties

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.platform.access import Actor

    from ..acting import Act
    from ..models import Official

ABSENCES = {
    Absence.Kind.SECONDED: Title("抽调", "seconded"),
    Absence.Kind.RELEASED: Title("脱产帮扶", "released from office to help"),
    Absence.Kind.LEAVE: Title("休假", "on leave"),
    Absence.Kind.SICK: Title("病假", "sick"),
}
TIES = {
    OfficialTie.Relation.OWN: Title("本人户", "own household"),
    OfficialTie.Relation.KIN: Title("亲属户", "a relative’s household"),
}
MOST = 500
"""Duties handed over on one page."""
CANDIDATES = 50


def acts(number: int) -> dict[str, Act]:
    """The acts of the page of one official, by the name of the button."""

    def change(actor: Actor, given: QueryDict) -> None:
        services.change_official(
            actor, number, name=text_of(given, "name", 100), unit=text_of(given, "unit"),
            phone=text_of(given, "phone", 32), sex=text_of(given, "sex", 32), politics=text_of(given, "politics", 32),
        )  # fmt: skip

    def end_term(actor: Actor, given: QueryDict) -> None:
        services.end_term(actor, whole_number(given.get("term", ""), 0), day=_day(given))

    def absent(actor: Actor, given: QueryDict) -> None:
        services.note_absence(
            actor, number, text_of(given, "kind", 16), day=_day(given), document=text_of(given, "document"),
            until=day_or_none(given.get("until", ""), "结束日期", "the end"),
            organisation_id=_office(actor, text_of(given, "office")),
            stand_in_id=acting.one_named(actor, text_of(given, "stand_in"), KEEP_OFFICIALS),
        )  # fmt: skip

    def back(actor: Actor, given: QueryDict) -> None:
        services.end_absence(actor, whole_number(given.get("absence", ""), 0), day=_day(given))

    def tie(actor: Actor, given: QueryDict) -> None:
        code, relation = text_of(given, "household", 64), text_of(given, "relation", 8)
        ties.tie(actor, number, code, relation, day=_day(given), document=text_of(given, "document"))

    def untie(actor: Actor, given: QueryDict) -> None:
        ties.untie(actor, whole_number(given.get("tie", ""), 0), day=_day(given))

    return {"change": change, "end_term": end_term, "absent": absent, "back": back, "tie": tie, "untie": untie}


def _day(given: QueryDict) -> datetime.date:
    return day_of(given.get("day", ""), "日期", "the day")


def _office(actor: Actor, text: str) -> int | None:
    if not text:
        return None
    rows = list(offices.organisations(actor).filter(valid_to=None, name=text)[:2])
    if len(rows) != 1:
        raise Problem(
            "which_organisation",
            f"没有名为“{text}”的组织，或有几个同名。请先在“组织”页登记。",
            f"There is no organisation “{text}”, or several. Record it on the page of organisations first.",
        )
    return rows[0].organisation_id


# -- leaving ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """An open duty: what for, and who takes over (None: not said yet)."""

    duty: Assignment
    role: Title
    name: str
    to: int | None


@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody leaves: every open duty is listed and handed over, all in one act, looked at before it is written."""
    actor = actor_of(request)
    require(actor, KEEP_OFFICIALS)
    require(actor, ASSIGN)
    who = official(actor, number)
    given, today = request.POST, timezone.localdate()
    step = given.get("do", "") if request.method == "POST" else ""
    day, problem = today, None
    chosen: dict[int, int] = {}
    candidates: list[Official] = []
    open_now = assigning.open_duties(number, today)
    every = list(assigning.still_open(number, today).order_by("pk").values_list("pk", flat=True)[:MOST])
    mine = set(duties_of(actor, who).filter(pk__in=every).values_list("pk", flat=True))
    seen = mine & set(open_now)
    try:
        candidates = _candidates(actor, given, number)
        chosen = _successors(given, seen, {each.pk for each in candidates})
        day = day_of(given["day"], "日期", "the day") if "day" in given else today
        if step == "save":
            assigning.leave(actor, number, chosen, day=day, reason=text_of(given, "reason"))
            messages.success(request, pick("已离任，责任已全部移交。", "Left; every duty is handed over."))
            return redirect("duties:official", number)
        if step == "preview" and len(chosen) < len(open_now):
            raise Problem(
                "open_duties",
                f"还有 {len(open_now) - len(chosen)} 项责任没有接手人。请先逐项指定接手人。",
                f"{len(open_now) - len(chosen)} duties have no successor yet. Name who takes over each of them first.",
            )
    except Problem as refused:
        if refused.status != 400:
            raise
        problem = refused
    left = _left(list(duties_of(actor, who).filter(pk__in=seen)), chosen, today)
    readlog.read(actor, "duties.leave", {"official": number}, len(left))
    names = {each.pk: each for each in candidates}
    shown = {
        "who": who, "left": left, "outside": len(every) - len(mine), "gone": len(mine) - len(seen),
        "candidates": candidates, "given": given,
        "day": day, "problem": problem, "preview": step == "preview" and problem is None,
        "effects": [(each, names[each.to]) for each in left if each.to in names],
    }  # fmt: skip
    return render(request, "duties/leave.html", shown, status=400 if problem else 200)


def _candidates(actor: Actor, given: QueryDict, leaving: int) -> list[Official]:
    """Who may take over: those named so far, and those whose name begins as typed now."""
    kept = whole_numbers(given.getlist("candidate")[:CANDIDATES])
    rows = list(officials_of(actor).filter(pk__in=kept).order_by("name", "pk"))
    if given.get("do") == "find":
        known = {each.pk for each in rows}
        rows += [each for each, _load in acting.found(actor, given.get("q", "")) if each.pk not in known]
    return [each for each in rows if each.pk != leaving][:CANDIDATES]


def _successors(given: QueryDict, duties: set[int], candidates: set[int]) -> dict[int, int]:
    """Duty → who takes over: as chosen for each, else the one chosen for all."""
    every = whole_number(given.get("every", ""), 0)
    found = {key: whole_number(given.get(f"to-{key}", ""), 0) or every for key in sorted(duties)}
    return {key: to for key, to in found.items() if to in candidates}


def _left(rows: Sequence[Assignment], chosen: dict[int, int], today: datetime.date) -> list[Left]:
    areas = {row.area_id for row in rows if row.area_id is not None}
    places = dict(AreaVersion.objects.filter(area_id__in=areas).order_by("valid_from").values_list("area_id", "name"))
    names = organisation_names({row.organisation_id for row in rows if row.organisation_id is not None}, today)
    return [
        Left(
            row, kinds.role(row.role).title,
            row.household.code if row.household is not None
            else places.get(row.area_id or 0) or names.get(row.organisation_id or 0, ""),
            chosen.get(row.pk),
        )
        for row in rows
    ]  # fmt: skip
