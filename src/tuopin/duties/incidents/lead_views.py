"""Pages of leads. No address bears a person, a number or a word of one; nothing here is listed, exported or cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Case, F, When
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_of, system
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from .. import kinds
from ..models import Lead, Official
from ..permissions import HOLD_LEAD
from ..selectors import officials, titles_on
from . import flow, forms, lead_rules, leads, rules, selectors

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor

SHOWN = 100
_ENDED = Case(When(state__in=(Lead.State.DECIDED, Lead.State.CLOSED), then=1), default=0)
_ORDER = (_ENDED, F("limit").asc(nulls_first=True), "-pk")  # old ones must not push what is open off the page
FOUND = 20
SINCE = {
    "then": Title("按事发时的职务", "by the post held when it happened"),
    "last": Title("按最后的职务", "by the last post"),
    "chosen": Title("由决定人选定", "chosen by who decided"),
}
"""Said where it is not the main post of today."""


@never_cache
@require_http_methods(["GET", "HEAD"])
def lead_list(request: HttpRequest) -> HttpResponse:
    """The leads that the reader keeps, those to decide, and those that nobody keeps any more."""
    actor, today = actor_of(request), timezone.localdate()
    lead_rules.person(actor, HOLD_LEAD)
    own = list(lead_rules.held(actor).select_related("official").order_by(*_ORDER)[:SHOWN])
    keys = [each.pk for each in own]
    heard = lead_rules.heard(actor, today).exclude(pk__in=keys).select_related("official")
    others = list(heard.order_by(*_ORDER)[:SHOWN])
    left = list(lead_rules.orphaned(actor).exclude(pk__in=keys).order_by("pk")[:SHOWN])
    readlog.read(actor, "duties.leads", {}, len(own) + len(others))
    shown = {
        "own": [(each, flow.STATES[flow.state_on(each, today)]) for each in own],
        "others": [(each, flow.STATES[flow.state_on(each, today)]) for each in others],
        "left": left,
        "today": today,
    }
    return render(request, "duties/leads.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_lead(request: HttpRequest) -> HttpResponse:
    """Find the official, write the grounds, open the lead. By POST alone: who is looked for stands in no address."""
    actor = actor_of(request)
    lead_rules.person(actor, HOLD_LEAD)
    posted, problem = request.POST, None
    step = posted.get("do", "") if request.method == "POST" else ""
    if step == "open":
        try:
            key = leads.open_lead(actor, forms.lead(posted))
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已立线索，由您一人承办。", "Opened; you are its one officer."))
            return redirect("duties:lead", key)
    shown = {
        "found": _found(actor, posted),
        "incident": whole_number(posted.get("incident", ""), None),
        "given": posted,
        "problem": problem,
        "sources": list(rules.titles("leads", "source").items()),
    }
    return render(request, "duties/lead_new.html", shown, status=400 if problem else 200)


def _found(actor: Actor, posted: Any) -> list[tuple[Official, str]]:
    """The official chosen, else those whose name begins as typed. The reading is noted, without the name."""
    chosen = whole_number(posted.get("official", ""), 0)
    text = forms.text(posted, "q", 64)
    if not chosen and not text:
        return []
    rows = officials(actor, HOLD_LEAD)
    rows = rows.filter(pk=chosen) if chosen else rows.filter(name__startswith=text)
    found = list(rows.order_by("name", "pk")[:FOUND])
    readlog.read(actor, "duties.find_official", {}, len(found))
    titles = titles_on([each.pk for each in found], timezone.localdate())
    return [(each, " ".join(filter(None, titles.get(each.pk, (each.unit, ""))))) for each in found]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lead(request: HttpRequest, lead: str) -> HttpResponse:
    """One lead, for its officer and those who may decide. The person concerned has a page of his own."""
    actor, today = actor_of(request), timezone.localdate()
    row = Lead.objects.filter(key=lead.replace("\0", "")).select_related("official").first()
    roles = lead_rules.roles_towards(actor, row, today) if row is not None else set()
    if row is None or not roles or roles == {"concerned"} or row.state == Lead.State.DISMISSED:
        raise lead_rules.missing()
    problem: Problem | None = None
    if request.method == "POST":
        try:
            kept = _act(request, actor, row.key)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("duties:lead", lead) if kept else redirect("duties:leads")
    readlog.read(actor, "duties.lead", {"lead": row.key}, 1)
    context = _context(actor, row, roles) | {"problem": problem, "given": request.POST}
    return render(request, "duties/lead.html", context, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, key: str) -> bool:
    """Do what a button asks; returns whether the reader still sees the lead."""
    posted = request.POST
    document = forms.text(posted, "document", 201)
    match posted.get("do", ""):
        case "tell":
            leads.tell(actor, key, day=forms.day(posted, "day", "送达日期", "the day"), proof=document)
        case "record_reply":
            leads.record_reply(actor, key, forms.text(posted, "text"), document=document)
        case "stop":
            leads.stop(
                actor, key, forms.text(posted, "reason", 20), first=forms.day(posted, "first", "起", "the first day"),
                last=forms.day(posted, "last", "止", "the last day"), document=document,
            )  # fmt: skip
        case "hand_over":
            leads.hand_over(actor, key, forms.text(posted, "username", 151))
            return _said(request, False)
        case "take_over":
            leads.take_over(actor, key)
        case "dismiss":
            if posted.get("sure") != "yes":
                raise Problem("not_sure", "请勾选确认：内容将被删除。", "Tick that you are sure: its content goes.")
            leads.dismiss(actor, key)
            return _said(request, False)
        case "propose" | "decide" | "demand" | "as_chosen" as act:
            form, reason = forms.text(posted, "form", 20), forms.text(posted, "reason")
            chosen = leads.Chosen(forms.text(posted, "authority", 20), forms.text(posted, "authority_reason", 201))
            flows = rules.flow_of(chosen.authority) or "decide" if act == "as_chosen" else act
            leads.decide(actor, key, flows, form=form, reason=reason, document=document, chosen=chosen)
        case "close":
            leads.close(actor, key, outcome=forms.text(posted, "outcome"), document=document)
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return _said(request, True)


def _said(request: HttpRequest, kept: bool) -> bool:
    messages.success(request, pick("已记录。", "Recorded."))
    return kept


def _context(actor: Actor, row: Lead, roles: set[flow.Who]) -> dict[str, Any]:
    today = timezone.localdate()
    state = flow.state_on(row, today)
    sees = bool(roles & {"officer", "decider"})
    words = leads.words(row) if sees else {}
    authority = lead_rules.authority(row, today) if sees else lead_rules.Authority("", "")
    acts = {each.act for each in flow.acts_in(state, roles)}
    wanted = rules.flow_of(authority.key)
    decision = words.get("decision", {})
    titles = titles_on([row.official_id], today) if sees and row.official_id else {}
    return {
        "row": row,
        "sees": sees,
        "who": row.official if sees else None,
        "post": " ".join(filter(None, titles.get(row.official_id or 0, ()))),
        "state": flow.STATES[state],
        "words": words,
        "source": rules.titles("leads", "source").get(words.get("source", "")),
        "told_by": leads.who_told(row) if "officer" in roles else "",
        "incident": _incident(actor, row) if sees else None,
        "authority": kinds.authorities().get(authority.key),
        "authority_since": SINCE.get(authority.since),
        "authorities": [(each, title) for each, title in kinds.authorities().items() if rules.flow_of(each)],
        "acts": acts - {"propose", "decide", "demand"},
        "decide": flow.ACTS[wanted] if wanted in acts else None,
        "undecidable": sees and state == "heard" and "decider" in roles and not wanted,
        "forms": list(rules.titles("leads", "form").items()),
        "stops": [(rules.titles("leads", "stop").get(each[0]), *each[1:]) for each in words.get("stops", [])],
        "reasons": list(rules.titles("leads", "stop").items()),
        "decided_by": kinds.authorities().get(decision.get("authority", "")),
        "decided_since": SINCE.get(decision.get("since", "")),
        "decided": flow.ACTS[decision["act"]].title if decision else None,
        "form": rules.titles("leads", "form").get(decision.get("form", "")),
        "history": [(flow.ACTS[act].title, day) for act, day in words.get("history", [])],
        "today": today,
    }


def _incident(actor: Actor, row: Lead) -> int | None:
    """The number of the incident, where the reader may open it."""
    if row.incident_id is None:
        return None
    try:
        selectors.one(actor, row.incident_id)
    except Missing:
        return None
    return row.incident_id


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_leads(request: HttpRequest) -> HttpResponse:
    """What the reader himself is asked: grounds, until when he may reply, his replies, what came of it. The address is
    the same for everybody; that he has read is noted without his account."""
    actor, today = actor_of(request), timezone.localdate()
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _own_act(actor, request.POST)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已记录。", "Recorded."))
            return redirect("duties:own_leads")
    rows = list(lead_rules.concerning(actor).order_by("-opened_on", "-pk")[:SHOWN])
    shown = [_own(each, flow.state_on(each, today)) for each in rows]
    for each in rows:
        if each.told_on is not None:
            readlog.read(system(), "duties.lead", {"lead": each.key, "by": "concerned"}, 1)
    context = {"shown": shown, "problem": problem, "given": request.POST}
    return render(request, "duties/own_leads.html", context, status=400 if problem else 200)


def _own_act(actor: Actor, posted: Any) -> None:
    key = forms.text(posted, "lead", 32)
    match posted.get("do", ""):
        case "see":
            leads.see(actor, key)
        case "reply":
            leads.reply(actor, key, forms.text(posted, "text"))
        case "note":
            leads.take_note(actor, key)
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _own(row: Lead, state: str) -> dict[str, Any]:
    """A lead as the person concerned sees it: never who told. Before he opens it: only that there is something."""
    words = leads.words(row) if row.told_on is not None else {}
    decision = words.get("decision", {})
    return {
        "row": row,
        "state": state,
        "title": flow.STATES[state],
        "words": words,
        "source": rules.told_source(words.get("source", "")),
        "decided_by": kinds.authorities().get(decision.get("authority", "")),
        "decided_since": SINCE.get(decision.get("since", "")),
        "decided": flow.ACTS[decision["act"]].title if decision else None,
        "form": rules.titles("leads", "form").get(decision.get("form", "")),
        "may_see": state == "opened",
        "may_reply": state == "hearing",
        "ended": state == "dismissed",
    }
