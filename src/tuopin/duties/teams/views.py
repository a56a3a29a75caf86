"""Pages of resident teams: the list of an area, a village's team, a member's month, the report to print."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.core.questioning import is_right
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.listings import reader_at
from tuopin.register.models import HouseholdCard
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of

from .. import kinds
from ..models import KnowledgeCheck, PresenceSheet, TeamLeave, TeamProposal, TeamReport
from ..permissions import APPROVE_LEAVE, KEEP_TEAM, PROPOSE, RUN_CHECK, VIEW_TEAM
from . import forms, knowledge, leave, members, presence, reporting, rules
from .lists import STANDING, TEAM_MEMBERS

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

SHOWN = 50
LEAVE_STATES = {
    TeamLeave.State.ASKED: Title("待批准", "asked"),
    TeamLeave.State.APPROVED: Title("已批准", "approved"),
    TeamLeave.State.REFUSED: Title("未批准", "refused"),
    TeamLeave.State.WITHDRAWN: Title("已撤回", "withdrawn"),
}
PROPOSAL_STATES = {
    TeamProposal.State.PROPOSED: Title("待决定", "proposed"),
    TeamProposal.State.AGREED: Title("同意", "agreed"),
    TeamProposal.State.REJECTED: Title("不同意", "rejected"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_list(request: HttpRequest) -> HttpResponseBase:
    """The members of the teams of an area in a month."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_TEAM, area_path=area.path)
    reader = reader_at(actor, VIEW_TEAM, area, first_of(request.GET))
    return list_page(request, TEAM_MEMBERS, reader, "duties/teams.html", {"area": area})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, area: str) -> HttpResponse:
    """A village's team: sheets of a month, leave, checks, reports sent, proposals; each with its forms."""
    actor, today = actor_of(request), timezone.localdate()
    place = area_of(request)
    members.require_village(actor, place)
    month = rules.month_of(request.GET.get("month", ""), today)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            to = _act(request, actor, place, month)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect(to or f"{reverse('duties:team', args=[area])}?month={month:%Y-%m}")
    readlog.read(actor, "duties.team_members", {"area": place.code, "month": f"{month:%Y-%m}"}, 1)
    context = _context(actor, place, month, today) | {"problem": problem, "given": request.POST}
    return render(request, "duties/team.html", context, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, place: AreaVersion, month: date) -> str:
    """What a button asks; the address to go on to, '' = the same page."""
    posted = request.POST
    number = whole_number(posted.get("number", ""), 0) or 0
    match posted.get("do", ""):
        case "confirm":
            presence.confirm(actor, whole_numbers(posted.getlist("sheet")[: presence.MOST + 1]))
        case "reopen":
            presence.reopen(actor, number, forms.text(posted, "reason", 301))
        case "ask":
            first, last = forms.day(posted, "first"), forms.day(posted, "last")
            leave.ask(actor, place, number, first, last, forms.text(posted, "reason", 301))
        case "approve" | "refuse" as act:
            leave.decide(actor, number, approve=act == "approve", answer=forms.text(posted, "answer", 301))
        case "withdraw":
            leave.withdraw(actor, number)
        case "draw":
            seed = whole_number(posted.get("seed", "").strip(), None)
            row = knowledge.draw_check(actor, place, number, seed=seed)
            return reverse("duties:knowledge_check", args=[row.pk])
        case "propose":
            reporting.propose(actor, place, number, month.year)
        case "agree" | "reject" as act:
            reporting.answer(actor, number, agree=act == "agree", text=forms.text(posted, "answer"))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    messages.success(request, pick("已记录。", "Recorded."))
    return ""


def _context(actor: Actor, place: AreaVersion, month: date, today: date) -> dict[str, Any]:
    area, end = place.area_id, rules.last_day(month)
    rows = list(members.team(area, month, end))
    sheets = {each.official_id: each for each in PresenceSheet.objects.filter(area_id=area, month=month)}
    need = rules.needed(month)
    seat = members.seat(actor, place, today)
    own, keeps = seat.own, seat.keeps
    proposes = seat.holds(PROPOSE)
    return {
        "area": place,
        "month": month,
        "before": rules.before(month),
        "next": _next(month, today),
        "need": need,
        "rows": [_row(row, sheets.get(row.official_id), need, month) for row in rows],
        "keeps": keeps,
        "own": own,
        "confirms": seat.holds(KEEP_TEAM, "township") and end < today,
        "leaves": _leaves(seat),
        "may_ask": keeps or own in {row.official_id for row in rows},
        "checks": _checks(seat),
        "may_check": seat.holds(RUN_CHECK) and seat.holds(VIEW_HOUSEHOLD),
        "pairs": reporting.pairs(area, today),
        "reports": list(TeamReport.objects.filter(team__versions__area_id=area).distinct().order_by("-first")[:SHOWN])
        if keeps
        else [],
        "proposes": proposes,
        "grounds": reporting.grounds(place, month.year) if proposes else [],
        "proposals": [
            (each, rules.consequences()[each.kind].title, PROPOSAL_STATES[TeamProposal.State(each.state)],
             _answers(actor, each, own))
            for each in reporting.proposals(seat)
        ],
        "today": today,
    }  # fmt: skip


def _next(month: date, today: date) -> date | None:
    """The month after, unless it is still to come."""
    after = rules.last_day(month) + timedelta(days=1)
    return after if after <= today else None


def _answers(actor: Actor, row: TeamProposal, own: int | None) -> bool:
    return row.state == "proposed" and row.proposed_by != actor.user_id and row.official_id != own


def _row(row: Any, sheet: PresenceSheet | None, need: int, month: date) -> dict[str, Any]:
    end = rules.last_day(month)
    whole = row.valid_from <= month and (row.valid_to is None or row.valid_to > end)
    standing = "none" if sheet is None else rules.verdict(sheet.present, sheet.unknown, need, whole)
    return {"row": row, "role": kinds.role(row.role).title, "sheet": sheet, "standing": STANDING[standing]}


def _leaves(seat: members.Seat) -> list[dict[str, Any]]:
    """Leave of the village: that there is some everybody sees who sees the team, why who keeps or approves it."""
    reads = seat.keeps or seat.holds(APPROVE_LEAVE)
    found = TeamLeave.objects.filter(area_id=seat.place.area_id).select_related("official").order_by("-first", "-pk")
    return [
        {
            "row": each,
            "state": LEAVE_STATES[TeamLeave.State(each.state)],
            "tier": rules.tiers()[each.tier],
            "reads": reads or each.official_id == seat.own,
            "decides": each.state == "asked" and leave.may_decide(seat, each),
            "withdraws": each.state in leave.LIVE and (seat.keeps or each.official_id == seat.own),
        }
        for each in found[:20]
    ]


def _checks(seat: members.Seat) -> list[KnowledgeCheck]:
    """Checks of the village for who runs them; results of his own for a member."""
    found = KnowledgeCheck.objects.filter(area_id=seat.place.area_id).select_related("official").order_by("-pk")
    if not seat.holds(RUN_CHECK):
        found = found.filter(official_id=seat.own or 0, scored_at__isnull=False)
    return list(found[:20])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member_month(request: HttpRequest, area: str, number: int) -> HttpResponse:
    """A member's month, day by day."""
    actor, today = actor_of(request), timezone.localdate()
    place = area_of(request)
    members.require_village(actor, place)
    month = rules.month_of(request.GET.get("month", ""), today)
    row = members.team(place.area_id, month, rules.last_day(month)).filter(official_id=min(number, 2**62)).first()
    if row is None:
        raise Missing("not_on_the_team", "此人这个月不在这个村的工作队。", "Not on this team in this month.")
    members.require_keeper(members.seat(actor, place, today))
    problem: Problem | None = None
    if request.method == "POST":
        try:
            presence.keep(actor, place, [forms.month(request.POST, number, month)])
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已保存，待乡镇确认。", "Kept; the township confirms it."))
            return redirect(f"{reverse('duties:team', args=[area])}?month={month:%Y-%m}")
    sheet = PresenceSheet.objects.filter(official_id=number, area_id=place.area_id, month=month).first()
    readlog.read(actor, "duties.team_members", {"area": place.code, "month": f"{month:%Y-%m}"}, 1)
    context = {
        "area": place,
        "month": month,
        "row": row,
        "sheet": sheet,
        "problem": problem,
        "days": _days(sheet, month, today),
        "marks": list(rules.marks().values()),
        "reason": (sheet.notes if sheet else {}).get("0", ""),
    }
    return render(request, "duties/team_month.html", context, status=400 if problem else 200)


def _days(sheet: PresenceSheet | None, month: date, today: date) -> list[tuple[date, str, str]]:
    """The days of a month that are not to come, with mark and note."""
    marks = sheet.marks if sheet else rules.UNKNOWN * rules.length(month)
    notes = sheet.notes if sheet else {}
    days = [month.replace(day=at + 1) for at in range(rules.length(month))]
    return [(day, marks[day.day - 1], notes.get(str(day.day), "")) for day in days if day <= today]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_check(request: HttpRequest, number: int) -> HttpResponse:
    """A check: the questions to put; once answered, what was right."""
    actor = actor_of(request)
    row, place = knowledge.one(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        given = {at: request.POST.get(f"answer-{at}", "").replace("\0", "") for at in range(row.asked)}
        try:
            knowledge.score(actor, row, given)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("duties:knowledge_check", number)
    readlog.read(actor, "duties.knowledge_check", {"check": number}, len({each["subject"] for each in row.questions}))
    context = {"row": row, "area": place, "questions": _questions(row), "problem": problem}
    return render(request, "duties/knowledge_check.html", context, status=400 if problem else 200)


def _questions(row: KnowledgeCheck) -> list[dict[str, Any]]:
    """The questions as the page puts them; answer and key only once they are given."""
    questions = knowledge.questions_of(row)
    heads = dict(
        HouseholdCard.objects.filter(code__in={each.subject for each in questions}).values_list("code", "head_name")
    )
    found = []
    for at, each in enumerate(questions):
        choices = knowledge.CHOICES.get(each.kind, {})
        given = row.given[at] if row.given is not None else ""
        found.append(
            {
                "at": at,
                "code": each.subject,
                "head": heads.get(each.subject, ""),
                "title": knowledge.KINDS[each.kind],
                "choices": list(choices.items()),
                "given": choices.get(given, Title(given, given)) if given else None,
                "answer": choices.get(each.answer, Title(each.answer, each.answer)) if row.given is not None else None,
                "right": row.given is not None and is_right(each, given),
            }
        )
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_report(request: HttpRequest, area: str) -> HttpResponse:
    """The figures of a month or quarter for the dispatching unit, to print; sent by the one who keeps the papers."""
    actor, today = actor_of(request), timezone.localdate()
    place = area_of(request)
    members.require_village(actor, place)
    members.require_keeper(members.seat(actor, place, today))
    months = 3 if request.GET.get("months") == "3" else 1
    first, last = reporting.period(request.GET.get("month", ""), months, today)
    pairs = reporting.pairs(place.area_id, today)
    problem: Problem | None = None
    if request.method == "POST":
        wanted = whole_number(request.POST.get("unit", ""), 0)
        pair = next((each for each in pairs if each.unit_id == wanted), None)
        try:
            if pair is None:
                raise Problem("no_unit", "没有登记派出单位。", "No dispatching unit is on record.")
            reporting.send(actor, place, pair, first, last)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已报送派出单位，数字已留存。", "Sent; its figures are kept."))
            return redirect(f"{reverse('duties:team', args=[area])}?month={first:%Y-%m}")
    sent = {each.unit_id: each for each in TeamReport.objects.filter(
        team_id__in=[each.team_id for each in pairs], first=first, last=last)}  # fmt: skip
    figures = next(iter(sent.values())).figures if sent else reporting.figures(place, first, last)
    readlog.read(actor, "duties.team_members", {"area": place.code, "month": f"{first:%Y-%m}"}, len(figures["members"]))
    context = {
        "area": place, "first": first, "last": last, "months": months, "pairs": pairs, "figures": figures,
        "sent": list(sent.values()), "problem": problem, "over": last < today,
        "members": [(each, kinds.role(each["role"]).title) for each in figures["members"]],
    }  # fmt: skip
    return render(request, "duties/team_report.html", context, status=400 if problem else 200)
