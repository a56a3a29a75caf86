"""Pages of papers: those of a matter, one paper with what may be done with it, writing one, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.core.papers import URGENCIES, Kind
from tuopin.duties.dates import day_of
from tuopin.platform import evidence
from tuopin.platform.access import actor_of, one_page
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.uploads import TooLarge, left_out, takes_at_most
from tuopin.platform.words import pick

from .. import reach
from .. import selectors as matters
from ..board import once
from ..models import OrderPaper
from ..permissions import HANDLE, ISSUE
from . import content, files, forms, issuing, proposals, selectors, services

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor

    from ..models import Matter, PaperRecipient

KINDS = {
    Kind.DIRECTIVE: Title("指令", "directive"),
    Kind.REMINDER: Title("督办函", "reminder"),
    Kind.BULLETIN: Title("通报", "bulletin"),
    Kind.REPLY: Title("回复（报告）", "reply"),
}
STATES = {
    "draft": Title("草稿", "draft"),
    "issued": Title("已印发", "issued"),
    "withdrawn": Title("已撤回", "withdrawn"),
    "discarded": Title("已作废的草稿", "thrown away"),
}
ROLES = {
    "to": Title("主送", "to"),
    "reported": Title("抄报", "reported to"),
    "copied": Title("抄送", "copied to"),
}


def writable(actor: Actor, matter: Matter) -> list[Kind]:
    """The kinds of papers that the actor may write about a matter."""
    who = reach.hands(actor, [matter])[matter.pk]
    orders = actor.unrestricted or bool(who & {"issuer", "office"})
    petition = matter.kind == "petition"
    return [
        kind
        for kind in KINDS
        if (orders if kind != Kind.REPLY else actor.unrestricted or "holder" in who)
        and not (petition and kind == Kind.BULLETIN)
    ]


@never_cache
@require_GET
def of_matter(request: HttpRequest, number: int) -> HttpResponse:
    """The papers of a matter, and the kinds that one may write."""
    actor = actor_of(request)
    matter = matters.matter(actor, number)
    rows = selectors.of_matter(actor, number)
    names = selectors.names_of({row.issuer_id for row in rows})
    readlog.read(actor, "orders.papers", {"matter": number}, len(rows))
    listed = [
        {"row": row, "kind": KINDS[Kind(row.kind)], "state": STATES[row.state], "number": files.number_of(row),
         "title": content.written(row.content).title, "erased": content.erased(row),
         "issuer": names.get(row.issuer_id, "")}
        for row in rows
    ]  # fmt: skip
    context = {"matter": matter, "papers": listed, "kinds": [(kind, KINDS[kind]) for kind in writable(actor, matter)]}
    return render(request, "orders/papers.html", context)


# -- one paper ----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(evidence.MOST)
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """One paper: what it says, who has it, what may be done. What a form gets wrong is said above it."""
    actor = actor_of(request)
    row = selectors.paper(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, row)
        except Problem as found:
            if found.status not in {400, 413}:
                raise
            problem = found
        else:
            if request.POST.get("do") == "discard":
                return redirect("orders:papers", row.matter_id)
            return redirect("orders:paper", number)
    readlog.read(actor, "orders.paper", {"paper": number}, 1)
    context = {**_context(actor, selectors.paper(actor, number)), "problem": problem}
    return render(request, "orders/paper.html", context, status=problem.status if problem else 200)


def _act(request: HttpRequest, actor: Actor, row: OrderPaper) -> None:
    posted, now = request.POST, timezone.now()  # read: what it leaves out is known from here on
    if names := left_out(request):  # nothing behind the file was read, the button neither
        raise TooLarge(
            "file_too_large", f"{names[0]}：文件超过 {evidence.MOST >> 20} MB。请压缩后再上传。",
            f"{names[0]}: the file is larger than {evidence.MOST >> 20} MB. Make it smaller.",
        )  # fmt: skip
    seen = whole_number(posted.get("seen", ""), 0) or 0
    match posted.get("do", ""):
        case "issue":
            day = day_of(posted.get("day", ""), "成文日期", "the day of the paper")
            [done] = issuing.issue(actor, {row.pk: seen}, whole_number(posted.get("word", ""), 0) or 0, day, now)
            number = files.number_of(done)
            messages.success(request, pick(f"已印发：{number}。", f"Issued: {number}."))
        case "withdraw":
            issuing.withdraw(actor, row.pk, posted.get("reason", ""), now)
            messages.success(request, pick("已撤回，号码保留。", "Withdrawn; its number stays taken."))
        case "discard":
            services.discard(actor, row.pk, seen)
            messages.success(request, pick("草稿已作废。", "The draft was thrown away."))
        case "receive":
            wanted = whole_number(posted.get("recipient", ""), 0) or 0
            if wanted not in {each.pk for each in selectors.recipients_of([row.pk])}:
                raise selectors.missing()
            issuing.receive(actor, [wanted], now, posted.get("remark", ""))
            messages.success(request, pick("已签收。", "Signed for."))
        case "attach":
            services.attach(actor, row.pk, _file(request, actor, row), posted.get("title", ""), seen)
            messages.success(request, pick("附件已加上。", "The file is attached."))
        case "detach":
            services.detach(actor, row.pk, whole_number(posted.get("file", ""), 0) or 0, seen)
            messages.success(request, pick("附件已去掉。", "The file was taken out."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _file(request: HttpRequest, actor: Actor, row: OrderPaper) -> evidence.Kept:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise Problem("no_file", "请选择文件。", "Choose a file.")
    services.require_hands(actor, row.matter, row.kind)  # before anything is kept
    return evidence.keep(given, office=True)


@one_page()
def _context(actor: Actor, row: OrderPaper) -> dict[str, Any]:
    recipients = sorted(selectors.recipients_of([row.pk]), key=lambda each: each.place)
    known = selectors.names_of({row.issuer_id, *(each.organisation_id for each in recipients)})
    writes = Kind(row.kind) in writable(actor, row.matter)
    words, gone = content.written(row.content), content.erased(row)
    open_ones = {each.organisation_id for each in recipients} if row.state == "issued" and not gone else set()
    signs = issuing.receivable(actor, open_ones)
    replies = selectors.papers(actor).select_related("word").filter(answers=row).order_by("pk")
    return {
        "row": row, "matter": row.matter, "kind": KINDS[Kind(row.kind)], "state": STATES[row.state], "words": words,
        "set": None if gone else files.set_paper(row), "erased": gone, "number": files.number_of(row),
        "issuer": known.get(row.issuer_id, ""),
        "recipients": [_shown(each, known, signs) for role in ROLES for each in recipients if each.role == role],
        "writes": writes, "today": timezone.localdate(), "most": evidence.MOST >> 20,
        "number_words": selectors.words_of(actor, row.issuer_id) if writes and row.state == "draft" else [],
        "attachments": words.attachments, "answered": row.answers_id,
        "replies": [
            (each, STATES[each.state], files.number_of(each))
            for each in replies.exclude(state="discarded")[:50]
        ],
        "may_reply": row.state == "issued" and not gone and row.kind != Kind.REPLY
        and Kind.REPLY in writable(actor, row.matter),
    }  # fmt: skip


def _shown(each: PaperRecipient, known: Any, signs: set[int]) -> dict[str, Any]:
    return {
        "row": each, "name": known.get(each.organisation_id, ""), "role": ROLES[each.role],
        "signs": each.received_at is None and each.organisation_id in signs,
    }  # fmt: skip


# -- writing ------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_paper(request: HttpRequest, number: int) -> HttpResponse:
    """Write a new paper about a matter, beginning from what the matter says."""
    actor = actor_of(request)
    matter = matters.matter(actor, number)
    allowed = writable(actor, matter)
    kind = _kind(request.GET.get("kind", ""), allowed)
    answers = whole_number(request.GET.get("answers", ""), None)
    answered = selectors.paper(actor, answers) if answers is not None and kind == Kind.REPLY else None
    problem: Problem | None = None
    draft = proposals.proposal(matter, kind, timezone.now(), answered)
    if request.method == "POST":
        try:
            given = forms.draft(actor, request.POST, matter, kind, None, answered.pk if answered else None)
            row = _written(request, actor, matter, given)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            if row is None:
                messages.success(request, pick("这张表已提交过，没有重复起草。", "Sent before: nothing new."))
                return redirect("orders:papers", number)
            messages.success(request, pick("草稿已保存。", "The draft is kept."))
            return redirect("orders:paper", row.pk)
    return _form(request, actor, matter, draft, problem)


def _written(request: HttpRequest, actor: Actor, matter: Matter, given: services.Draft) -> OrderPaper | None:
    """The new draft; None where the form was sent before."""
    made, now = list[OrderPaper](), timezone.now()

    def write() -> Matter:
        made.append(services.write(actor, given, now))
        return matter

    _about, new = once.once(actor, request.POST.get("key", ""), now, write)
    return made[0] if new else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_paper(request: HttpRequest, number: int) -> HttpResponse:
    """Write a draft anew."""
    actor = actor_of(request)
    row = selectors.paper(actor, number)
    services.require_hands(actor, row.matter, row.kind)
    if row.state != OrderPaper.State.DRAFT:
        return redirect("orders:paper", number)
    before = content.written(row.content)
    problem: Problem | None = None
    recipients = sorted(selectors.recipients_of([row.pk]), key=lambda each: each.place)
    draft = services.Draft(
        row.matter_id, row.kind, row.issuer_id, before,
        tuple((each.organisation_id, each.role) for each in recipients), row.answers_id,
    )  # fmt: skip
    if request.method == "POST":
        try:
            given = forms.draft(actor, request.POST, row.matter, row.kind, before, row.answers_id)
            services.rewrite(actor, number, given, whole_number(request.POST.get("seen", ""), 0) or 0, timezone.now())
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("草稿已保存。", "The draft is kept."))
            return redirect("orders:paper", number)
    return _form(request, actor, row.matter, draft, problem, row)


def _kind(text: str, allowed: list[Kind]) -> Kind:
    for kind in allowed:
        if text in {kind.value, ""}:
            return kind
    raise Missing(
        "no_such_kind", "没有这个文种，或您不能就这件事项行文。", "There is no such kind of paper for you here."
    )


@one_page()  # also after a form that was refused
def _form(
    request: HttpRequest, actor: Actor, matter: Matter, draft: services.Draft, problem: Problem | None,
    row: OrderPaper | None = None,
) -> HttpResponse:  # fmt: skip
    names = proposals.names(draft)
    typed = request.POST if problem is not None else None
    fields = ("title", "body", "mandate", "head", "urgency", "signer", "note")
    given = {name: typed.get(name, "") if typed is not None else getattr(draft.words, name) for name in fields}
    lines = {role: typed.get(role, "") if typed is not None else "\n".join(names[role]) for role in ROLES}
    kind, sealed = Kind(draft.kind), matter.kind == "petition"
    issuers = dict(_issuers(actor, matter, kind, draft.issuer_id))
    chosen = whole_number(typed.get("issuer", ""), 0) if typed is not None else draft.issuer_id
    context = {
        "once": (typed.get("key") if typed is not None else "") or once.new_key(),
        "matter": matter, "row": row, "kind": KINDS[kind], "key": kind.value, "given": given, "lines": lines,
        "roles": [(role, title, lines[role]) for role, title in ROLES.items() if role == "to" or not sealed],
        "issuers": issuers.items(), "chosen": chosen, "problem": problem, "urgencies": URGENCIES[1:],
        "up": kind.goes_up, "letter": kind.is_letter,
    }  # fmt: skip
    return render(request, "orders/paper_write.html", context, status=400 if problem else 200)


def _issuers(actor: Actor, matter: Matter, kind: Kind, chosen: int) -> list[tuple[int, str]]:
    """Organisations to write for: the one that the paper names, that of the matter, those granted by themselves, then a
    handful of the others."""
    permission = HANDLE if kind == Kind.REPLY else ISSUE
    first = {matter.holder_id if kind == Kind.REPLY else matter.issuer_id, chosen} - {None, 0}
    first |= set(reach.own_organisations(actor, permission))
    near = list(selectors.names_of({each for each in first if each is not None}).items())
    offices = selectors.written_for(actor, permission).filter(kind__in=("leading_group_office", "headquarters"))
    more = offices.exclude(organisation_id__in=[key for key, _name in near]).order_by("area_id", "name")
    return near + list(more.values_list("organisation_id", "name")[:50])


# -- files --------------------------------------------------------------------------------------------------------


@never_cache
@require_GET
def paper_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """The paper as PDF: of an issued one always the same file."""
    actor = actor_of(request)
    row = selectors.paper(actor, number)
    made = files.pdf_of(actor, row)
    readlog.read(actor, "orders.paper_pdf", {"paper": number}, 1)
    return files.answer(made, f"paper-{number}.pdf", files.PDF)


@never_cache
@require_GET
def paper_word(request: HttpRequest, number: int) -> HttpResponse:
    """The paper as Word, by the issuer's template."""
    actor = actor_of(request)
    row = selectors.paper(actor, number)
    made = files.docx_of(row)
    readlog.read(actor, "orders.paper_word", {"paper": number}, 1)
    return files.answer(made, f"paper-{number}.docx", files.DOCX)


@never_cache
@require_GET
def receipt_pdf(request: HttpRequest, number: int, recipient: int) -> HttpResponse:
    """The slip of one recipient."""
    actor = actor_of(request)
    row = selectors.paper(actor, number)
    found = next((each for each in selectors.recipients_of([number]) if each.pk == recipient), None)
    if found is None or row.state == OrderPaper.State.DRAFT:
        raise selectors.missing()
    readlog.read(actor, "orders.receipt", {"paper": number}, 1)
    return files.answer(files.receipt_of(row, found), f"receipt-{number}-{recipient}.pdf", files.PDF)


@never_cache
@require_GET
def paper_file(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A file attached to a paper, to be saved."""
    actor = actor_of(request)
    return files.attachment_of(actor, selectors.paper(actor, number), file)
