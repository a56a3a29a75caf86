"""Pages of the petition office: its list, taking in, one petition, who came."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import jobs
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import TooLarge, left_out, takes_at_most
from tuopin.platform.words import pick
from tuopin.register.place import area_of

from .. import kinds
from ..board import forms, once
from ..papers import files
from ..papers import selectors as papers
from ..permissions import PETITIONS
from . import counting, erasing, hotline, letters, reassigning, revealing, selectors, services
from .sealed import Who

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..models import Matter

_PAGES = 2000
_KEPT = {(404, "wording"), (404, "about")}


@never_cache
@require_GET
def petition_list(request: HttpRequest) -> HttpResponse:
    """The petitions of one’s office."""
    actor = actor_of(request)
    require(actor, PETITIONS)
    state = request.GET.get("state", "")
    state = state if state in {*services.STATES, selectors.TO_REASSIGN, selectors.TO_SEND} else ""
    number = min(max(whole_number(request.GET.get("page", ""), 1) or 1, 1), _PAGES)
    lines, more = selectors.page(actor, state, number - 1, timezone.now())
    readlog.read(actor, "orders.petitions", {"state": state, "page": number}, counting.noted(len(lines)))
    context = {
        "lines": lines, "more": number + 1 if more else None, "before": number - 1, "state": state,
        "states": services.STATES, "counts": selectors.counts(actor),
        "channels": services.CHANNELS,
    }  # fmt: skip
    return render(request, "orders/petitions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_petition(request: HttpRequest) -> HttpResponse:
    """Take one in."""
    actor, area = actor_of(request), area_of(request)
    require(actor, PETITIONS, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            row = services.take_in(actor, _given(request, actor, area), timezone.now())
        except Problem as found:
            if found.status not in {400, 404}:
                raise
            problem = found
        else:
            messages.success(request, pick("已登记，来访人信息已封存。", "Taken in; who came is sealed."))
            return redirect("orders:petition", row.pk)
    context = {
        "area": area, "problem": problem, "given": request.POST, "today": timezone.localdate(),
        "channels": list(services.CHANNELS.items()), "categories": list(kinds.categories().items()),
        "named": problem is not None and problem.code == "paraphrase_names",
        "key": forms.text(request.POST, "key", 40) or uuid.uuid4().hex,
    }  # fmt: skip
    return render(request, "orders/petition_new.html", context, status=problem.status if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def petition_page(request: HttpRequest, number: int) -> HttpResponse:
    """One petition as its office keeps it; a POST with a reason shows who came, once; others write the paraphrase, say
    when a letter arrived, or print one."""
    actor = actor_of(request)
    found = selectors.beside(actor, number)
    who, problem = None, None
    doing = request.POST.get("do", "reveal") if request.method == "POST" else ""
    try:
        if doing == "reveal":
            posted = request.POST
            who = revealing.reveal(actor, number, posted.get("reason", ""), forms.text(posted, "note", 400))
        elif doing:
            return _do(request, actor, found, doing)
    except Problem as refused:
        if refused.status != 400 and (refused.status, doing) not in _KEPT:  # what was typed is not lost
            raise
        problem = refused
    if not doing:
        readlog.read(actor, "orders.petition", {"matter": number}, 1)
    context = {
        "found": found, "row": found.row, "petition": found.petition, "who": who, "problem": problem, "doing": doing,
        "state": services.STATES[found.row.state], "channel": services.CHANNELS[found.petition.channel],
        "category": kinds.categories().get(found.row.category), "reasons": list(revealing.REASONS.items()),
        "categories": list(kinds.categories().items()), "receipts": list(letters.RECEIPTS.items()),
        "letters": [(each, letters.TITLES[each.kind], letters.RECEIPTS.get(each.received_by))
                    for each in found.letters],
        "possible": [(kind, letters.TITLES[kind]) for kind in found.possible],
        "given": request.POST if problem else {}, "today": timezone.localdate(),
        "named": problem is not None and problem.code == "paraphrase_names",
    }  # fmt: skip
    return render(request, "orders/petition.html", context, status=problem.status if problem else 200)


def _about(actor: Actor, posted: QueryDict, found: selectors.Beside) -> tuple[int | None, int | None]:
    """Whom a petition is about, as typed. Who stands there already may stay, whether still in office or not."""
    name, petition = forms.text(posted, "about_official", 60), found.petition
    organisation = forms.office(forms.text(posted, "about_organisation", 200))
    if name and (organisation, name) == (petition.about_organisation_id, found.official):
        return organisation, petition.about_official_id
    return organisation, forms.person(actor, name, organisation)


def _do(request: HttpRequest, actor: Actor, found: selectors.Beside, doing: str) -> HttpResponse:
    posted, now, number = request.POST, timezone.now(), found.row.pk
    letter = whole_number(forms.text(posted, "letter", 20), 0) or 0
    match doing:
        case "wording":
            wording = services.Wording(
                forms.text(posted, "title", 201), forms.text(posted, "text"), forms.text(posted, "category", 24),
                *_about(actor, posted, found), bool(posted.get("nobody")), bool(posted.get("sure")),
            )  # fmt: skip
            services.reword(actor, number, wording, now, whole_number(posted.get("seen", ""), None))
            messages.success(request, pick("转述已保存。", "The paraphrase is kept."))
        case "about":
            whom = services.Whom(*_about(actor, posted, found))
            reassigning.name(actor, number, whom, now, whole_number(posted.get("seen", ""), None))
            messages.success(request, pick("已写明反映谁。", "It is kept whom it is about."))
            if not selectors.kept(actor).filter(pk=number).exists():  # about the office of who wrote it
                return redirect("orders:petitions")
        case "arrived":
            day = forms.day(posted, "received_on", "送达日期", "the day")
            letters.arrived(actor, number, letter, day, forms.text(posted, "how", 6), now)
            messages.success(request, pick("送达已登记。", "Its arrival is kept."))
        case "withdraw":
            letters.withdraw(actor, number, letter, now)
            messages.success(request, pick("告知书已作废，号码保留。", "It is withdrawn; its number stays taken."))
        case "print":
            made, name = letters.printed(actor, number, letter)
            return files.answer(made, name, files.PDF)
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return redirect("orders:petition", number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_letter(request: HttpRequest, number: int) -> HttpResponse:
    """Write a letter to who came, and issue it."""
    actor = actor_of(request)
    found = selectors.beside(actor, number)
    problem: Problem | None = None
    given = request.POST if request.method == "POST" else request.GET
    kind = forms.text(given, "kind", 10)
    if kind not in letters.TITLES:
        if request.method == "POST" or not found.possible:
            return redirect("orders:petition", number)
        kind = found.possible[0]
    if request.method == "POST":
        try:
            day = forms.day(given, "day", "成文日期", "the day") or timezone.localdate()
            until = forms.day(given, "until", "延到哪一天", "until which day")
            word = whole_number(forms.text(given, "word", 20), 0) or 0
            written = letters.Written(kind, forms.text(given, "body", letters.LONGEST + 1), word, day, until)
            key, now = forms.text(given, "key", 40), timezone.now()
            _row, new = once.once(actor, key, now, lambda: _issued(actor, found, written))
        except Problem as refused:
            if refused.status not in {400, 404}:
                raise
            problem = refused
        else:
            if new:
                messages.success(
                    request, pick("已编号印发。请打印送达，并登记送达日期。", "Issued: print it, deliver it.")
                )
            else:
                messages.info(
                    request,
                    pick("这份表单已提交过，没有再次印发。", "This form was sent before: nothing is issued again."),
                )
            return redirect("orders:petition", number)
    words = list(papers.words_of(actor)[:200])
    names = papers.names_of({each.organisation_id for each in words})
    context = {
        "row": found.row, "kind": kind, "kind_title": letters.TITLES[kind], "problem": problem, "given": request.POST,
        "body": letters.proposal(kind, found.row, found.petition), "today": timezone.localdate(),
        "words": [(each, names.get(each.organisation_id, "")) for each in words],
        "key": forms.text(request.POST, "key", 40) or once.new_key(),
    }  # fmt: skip
    return render(request, "orders/petition_letter.html", context, status=problem.status if problem else 200)


def _issued(actor: Actor, found: selectors.Beside, written: letters.Written) -> Matter:
    letters.issue(actor, found.row.pk, written, timezone.now())
    return found.row


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(hotline.LARGEST)
def hotline_page(request: HttpRequest) -> HttpResponse:
    """Take in a list of the hotline, or take one back."""
    actor, area = actor_of(request), area_of(request)
    require(actor, PETITIONS, area_path=area.path)
    taken, problem = None, None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                number = whole_number(forms.text(request.POST, "list", 20), 0) or 0
                gone = hotline.take_back(actor, number, timezone.now())
                messages.success(request, pick(f"已撤回 {gone} 件。", f"{gone} taken back."))
                return redirect("orders:hotline")
            taken = hotline.take(actor, area, _file(request), timezone.now())
        except Problem as refused:
            if refused.status not in {400, 404, 413}:
                raise
            problem = refused
    lists = hotline.lists(actor)
    context = {"area": area, "problem": problem, "taken": taken, "lists": lists, "most": hotline.MOST}
    return render(request, "orders/petition_hotline.html", context, status=problem.status if problem else 200)


def _file(request: HttpRequest) -> UploadedFile[bytes]:
    given = request.FILES.get("file")
    if left_out(request):
        raise TooLarge("file_too_large", "文件太大，请分几份。", "The file is too large: divide it.")
    if not isinstance(given, UploadedFile):
        raise Problem("no_file", "请选择工单表（.xlsx、.csv）。", "Choose a list (.xlsx, .csv).")
    return given


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_page(request: HttpRequest) -> HttpResponse:
    """What is due to be erased; erase, as a job, what was seen and confirmed."""
    actor, now = actor_of(request), timezone.now()
    if request.method == "POST" and request.POST.get("sure"):
        at = _seen_at(forms.text(request.POST, "at", 40), now)
        if erasing.due(actor, at).exists():
            with write():
                job = jobs.enqueue(actor, erasing.JOB, {"at": at.isoformat()})
            return redirect("platform:job", job.pk)
    due = erasing.due(actor, now)
    count, rows = due.count(), list(due.order_by("pk").select_related("petition__matter")[: erasing.SHOWN])
    readlog.read(actor, "orders.petitions", {"erase": True}, counting.noted(len(rows)))
    days = kinds.petition_days()
    context = {"due": count, "at": now.isoformat(),
               "rows": [(each.petition.matter, services.STATES[each.petition.matter.state]) for each in rows],
               "shown": erasing.SHOWN, "more": count > len(rows),
               "years": round(days.keep / 365), "void": days.keep_void}  # fmt: skip
    return render(request, "orders/petition_erase.html", context)


def _seen_at(text: str, now: datetime) -> datetime:
    """When a list was shown that somebody confirms; not long ago. Raises Problem."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not now - timedelta(days=1) <= at <= now:
        raise Problem(
            "list_old", "清单已过时，请重新打开“清除到期信息”，核对后再清除。",
            "The list is too old: open the page again, look at it, then erase.",
        )  # fmt: skip
    return at


def _given(request: HttpRequest, actor: Actor, area: AreaVersion) -> services.Intake:
    posted = request.POST
    organisation = forms.office(forms.text(posted, "about_organisation", 200))
    repeats = forms.text(posted, "repeats", 20)
    earlier = whole_number(repeats, None)
    if repeats and earlier is None:
        raise Problem("bad_repeats", "请写原信访件的编号。", "Give the number of the earlier petition.")
    form = forms.text(posted, "key", 40)
    return services.Intake(
        forms.text(posted, "channel", 10),
        forms.day(posted, "received_on", "收到日期", "the day") or timezone.localdate(),
        area.area_id, forms.text(posted, "title", 201), forms.text(posted, "text"), forms.text(posted, "category", 24),
        organisation, forms.person(actor, forms.text(posted, "about_official", 60), organisation),
        forms.text(posted, "household", 40), bool(posted.get("consent")), earlier, bool(posted.get("sure")),
        form,
        Who(*(forms.text(posted, each, most) for each, most in
              (("name", 61), ("phone", 31), ("id_number", 19), ("address", 201), ("words", 4001)))),
    )  # fmt: skip
