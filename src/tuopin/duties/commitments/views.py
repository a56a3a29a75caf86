"""Pages of commitments: those of an area, one with its text and what was found, drafting and signing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import evidence, panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.documents.pdf import PDF, pdf_bytes
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.areas import ids
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of

from ..dates import day_of
from ..permissions import KEEP_COMMITMENT, SIGN_COMMITMENT, VIEW_COMMITMENT
from ..selectors import officials
from . import agreeing, forms, judging, selectors, services
from .following import BOTH, OUTCOMES
from .lists import COMMITMENTS, LEVELS
from .measures import amount, measures, words_of
from .models import Commitment, CommitmentJudgement, CommitmentReplacement, CommitmentSignature, CommitmentTarget
from .wording import NAMES, digest, wordings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from tuopin.platform.access import Actor

CHOICES = 400
"""Officials that a form offers."""
STATES = {"met": "honoured", "not_met": "broken", "unknown": "unknown", "ahead": "ahead", "unjudged": "unjudged"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def commitment_list(request: HttpRequest) -> HttpResponseBase:
    """The commitments of an area: counts by level and by area below, and the list."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_COMMITMENT, area_path=area.path)
    below = list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))
    levels = selectors.by_level(actor, area)
    areas = selectors.by_area(actor, area, below)
    kinds = [key for key in OUTCOMES if key != "superseded"]
    shown = {
        "area": area,
        "kinds": [OUTCOMES[key] for key in kinds],
        "levels": [
            (LEVELS[key], key, [(kind, counts.get(kind, 0)) for kind in kinds]) for key, counts in levels.items()
        ],
        "below": [
            (each, [areas[each.area_id].get(kind, 0) for kind in kinds]) for each in below if areas[each.area_id]
        ],
        "tabs": panels.tabs(actor, area, current="commitments"),
        "keeps": may(actor, KEEP_COMMITMENT, area_path=area.path),
    }
    reader = reader_at(actor, VIEW_COMMITMENT, area, first_of(request.GET))
    return list_page(request, COMMITMENTS, reader, "duties/commitments.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def commitment_page(request: HttpRequest, number: int) -> HttpResponse:
    """One commitment: its exact text, both signatures, what was found of each target, its chain; signing."""
    actor = actor_of(request)
    row = selectors.one(actor, number)
    area = _area(row)
    keeps = area is not None and may(actor, KEEP_COMMITMENT, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            said = _act(request, actor, row, keeps=keeps)
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, said)
            return redirect("duties:commitment", number)
    readlog.read(actor, "duties.commitment", {"commitment": number}, 1)
    context = _context(actor, row, area)
    context |= {"keeps": keeps, "problem": problem, "given": request.POST if problem else {}}
    return render(request, "duties/commitment.html", context, status=400 if problem else 200)


def _area(row: Commitment) -> AreaVersion | None:
    """The area as it is, or was last."""
    return AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first()


def _act(request: HttpRequest, actor: Actor, row: Commitment, *, keeps: bool) -> str:
    """Do what was asked for; returns what to say of it."""
    posted = request.POST
    do = posted.get("do")
    if do == "account":
        services.sign_by_account(actor, row.pk, seen=posted.get("seen", "")[:64])
    elif do == "paper":
        services.sign_on_paper(
            actor, [row.pk], [each for each in services.SIDES if posted.get(each)],
            day=day_of(posted.get("day", ""), "签订日期", "the day of signing"), paper=_file(request, keeps=keeps),
            reference=forms.plain(posted, "reference", 200),
        )  # fmt: skip
    elif do == "agree":
        agreeing.agree(actor, row.pk, reason=forms.plain(posted, "reason", 500))
        return pick("已同意取代，原军令状不再有效。", "Agreed: the first one counts no more.")
    elif do == "judge" and posted.get("met") in {"yes", "no"}:
        judging.judge(
            actor, row.pk, whole_number(posted.get("target", ""), 0) or 0, posted["met"] == "yes",
            day=day_of(posted.get("day", ""), "材料日期", "the day of the document"),
            reason=forms.plain(posted, "reason", 500), paper=_file(request, keeps=keeps),
            reference=forms.plain(posted, "reference", 200),
        )  # fmt: skip
        return pick("已记录核定结果。", "What was found is recorded.")
    else:
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return pick("已记录签字。", "The signature is recorded.")


def _file(request: HttpRequest, *, keeps: bool) -> evidence.Kept | None:
    """The paper that was handed in; not even written for who may record none."""
    file = request.FILES.get("paper")
    return evidence.keep(file) if keeps and isinstance(file, UploadedFile) else None


def _context(actor: Actor, row: Commitment, area: AreaVersion | None) -> dict[str, Any]:
    above, below, count = selectors.chain(actor, row)
    signatures = {each.side: each for each in CommitmentSignature.objects.filter(commitment=row)}
    follows = selectors.commitments(actor).filter(supersedes_id=row.pk).first()
    before = selectors.commitments(actor).filter(pk=row.supersedes_id).first() if row.supersedes_id else None
    own = selectors.side_of(row, actor)
    side = own if may(actor, SIGN_COMMITMENT) else ""
    superseded = row.state.outcome == "superseded"
    targets = _targets(row)
    judged = _judged(targets)
    waits = agreeing.standing([row.pk]).get(row.pk) if row.supersedes_id else None
    replaced = CommitmentReplacement.objects.filter(commitment=row).first() if superseded else None
    in_force = row.state.signed == BOTH and not superseded
    today = timezone.localdate()
    return {
        "row": row,
        "area": area,
        "level": LEVELS[row.level],
        "outcome": OUTCOMES[row.state.outcome],
        "superseded": superseded,
        "sides": [
            (pick("受状人", "to whom"), row.superior, row.superior_post, signatures.get("superior")),
            (pick("立状人", "who promises"), row.inferior, row.inferior_post, signatures.get("inferior")),
        ],
        "unsigned": [each for each in services.SIDES if each not in signatures] if not superseded else [],
        "targets": [_target(each, row.state.targets.get(str(each.number), {}), judged) for each in targets],
        "to_judge": [
            (each.number, words_of(each))
            for each in targets
            if each.kind == "words" and in_force and not own and each.day < today
        ],
        "waits": waits,
        "agrees": bool(waits and in_force and not own and waits.due >= today and not selectors.side_of(waits, actor)),
        "replaced": replaced,
        "papers": evidence.of(services.ABOUT, [row.pk]),
        "whole": digest(row.text) == row.digest,
        "signs": side if side and side not in signatures and not superseded else "",
        "above": [(each, LEVELS[each.level], OUTCOMES[each.state.outcome]) for each in above],
        "below": [(each, LEVELS[each.level], OUTCOMES[each.state.outcome]) for each in below],
        "below_count": count,
        "follows": follows,
        "before": before,
        "today": today,
    }


def _targets(row: Commitment) -> list[CommitmentTarget]:
    return list(CommitmentTarget.objects.filter(commitment=row).order_by("number"))


UNJUDGED = {"zh": "? 待人核定", "en": "? to be judged by somebody"}


def _judged(targets: list[CommitmentTarget]) -> dict[int, dict[str, Any]]:
    """By target what was said of it last, with its paper."""
    keys = [each.pk for each in targets if each.kind == "words"]
    if not keys:
        return {}
    said = {each.target_id: each for each in CommitmentJudgement.objects.filter(target_id__in=keys).order_by("pk")}
    papers = {each.about_id: each for each in evidence.of(judging.ABOUT, [each.pk for each in said.values()])}
    return {key: {"said": each, "paper": papers.get(each.pk)} for key, each in said.items()}


def _target(target: CommitmentTarget, found: dict[str, Any], judged: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A target as the template prints it: in words, and the figures found with their day."""
    low, high = found.get("low"), found.get("high")
    known = measures().get(target.measure)
    share = known is not None and known.share
    text = ""
    if low is not None and high is not None:
        ends = [amount(low), amount(high)]
        text = (ends[0] if low == high else "—".join(ends)) + (" %" if share else "")
    state = STATES.get(found.get("state", ""), "unknown")
    outcome = OUTCOMES.get(state)
    return {
        "words": words_of(target),
        "figure": text,
        "measured": target.kind != "words",
        "day": found.get("day", ""),
        "state": {"zh": outcome.zh, "en": outcome.en} if outcome else UNJUDGED,
        "judged": judged.get(target.pk),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_commitment(request: HttpRequest) -> HttpResponse:
    """Draft a commitment of an area or household, one below another, or one that supersedes another."""
    actor, area = actor_of(request), area_of(request)
    require(actor, KEEP_COMMITMENT, area_path=area.path)
    given = request.POST if request.method == "POST" else request.GET
    old = _named(actor, given.get("supersedes", ""))
    under = _named(actor, given.get("under", ""))
    code = given.get("household", "").replace("\0", "").strip()[:64]
    household = old.household_id if old is not None else register.household(actor, code).household.pk if code else None
    place = _area(old) if old is not None else area
    if place is None or (old is not None and not may(actor, KEEP_COMMITMENT, area_path=place.path)):
        raise selectors.missing()
    level = "household" if household is not None else place.level
    if level not in LEVELS:
        raise Problem(
            "wrong_level", "军令状立在市、县、乡镇、村、户。", "Commitments are of cities down to households."
        )
    nodes = services.node_targets(place, timezone.localdate()) if household is None else []
    problem: Problem | None = None
    if request.method == "POST":
        try:
            draft = forms.draft(
                request.POST, area_id=None if household is not None else place.area_id, household_id=household,
                nodes=nodes, under=under.pk if under is not None else old.under_id if old is not None else None,
                supersedes=old.pk if old is not None else None,
            )  # fmt: skip
            [made] = services.draft(actor, [draft])
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, pick("已起草，等双方签字。", "Drafted; it waits for both signatures."))
            return redirect("duties:commitment", made.pk)
    readlog.read(actor, "duties.write_commitment", {"area": place.code}, 0)
    shown = {
        "area": place,
        "code": code,
        "old": old,
        "under": under,
        "level": LEVELS[level],
        "rows": forms.typed(request.POST) if problem else _rows_of(old),
        "figures": [
            (f"figure|{each.key}", each.title, each.unit)
            for each in measures().values()
            if household is None or each.household
        ],
        "nodes": [(f"node|{key}", title, day) for key, title, day in nodes],
        "people": _people(actor, place, old),
        "wording": (request.POST.get("wording", "")[:20_000] if problem else "") or wordings()[level].text,
        "names": NAMES,
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "duties/commitment_write.html", shown, status=400 if problem else 200)


def _named(actor: Actor, text: str) -> Commitment | None:
    number = whole_number(text, 0)
    return selectors.one(actor, number) if number else None


def _rows_of(old: Commitment | None) -> list[dict[str, str]]:
    """The targets of a commitment that is to be superseded, and empty rows."""
    rows = [
        {
            "what": "words" if each.kind == "words" else f"{each.kind}|{each.measure}",
            "bound": "most" if each.at_most else "least",
            "value": amount(each.value).replace(",", "") if each.value is not None else "",
            "day": each.day.isoformat(),
            "words": each.words,
        }
        for each in (_targets(old) if old is not None else ())
    ][: forms.ROWS]
    empty = dict.fromkeys(("what", "bound", "value", "day", "words"), "")
    return [*rows, *(dict(empty) for _ in range(forms.ROWS - len(rows)))]


def _people(actor: Actor, place: AreaVersion, old: Commitment | None) -> list[tuple[int, str]]:
    """Officials to choose from: those of the place and above it, as far as the actor sees them."""
    found = list(officials(actor, place=place).order_by("name", "pk")[:CHOICES])
    others = officials(actor).filter(area_id__in=ids(place.path)).order_by("name", "pk")[:CHOICES]
    rows = {each.pk: each for each in (*found, *others)}
    if old is not None:
        rows |= {each.pk: each for each in (old.superior, old.inferior)}
    return [(key, " ".join(filter(None, (each.name, each.unit)))) for key, each in rows.items()]


@require_GET
@never_cache
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """A signed paper, to be saved."""
    actor = actor_of(request)
    row = selectors.one(actor, number)
    said = CommitmentJudgement.objects.filter(target__commitment=row).values_list("pk", flat=True)
    papers = [*evidence.of(services.ABOUT, [row.pk]), *evidence.of(judging.ABOUT, list(said))]
    found = next((each for each in papers if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "duties.commitment_paper", {"commitment": number}, 1)
    return evidence.attachment(found)


@require_GET
@never_cache
def printed(request: HttpRequest, number: int) -> HttpResponse:
    """The commitment as PDF, to be signed by hand."""
    actor = actor_of(request)
    row = selectors.one(actor, number)
    area = _area(row)
    heading, _, body = row.text.partition("\n")
    signatures = {each.side: each for each in CommitmentSignature.objects.filter(commitment=row)}
    data = {
        "title": row.title,
        "office": area.name if area is not None else "",
        "heading": heading.strip(),
        "lines": body.strip().split("\n"),
        "digest": row.digest,
        "number": str(row.pk),
        "sides": [
            {"role": role, "post": post, "name": who.name,
             "signed": signatures[side].day.isoformat() if side in signatures else ""}
            for role, side, who, post in (
                ("受状人", "superior", row.superior, row.superior_post),
                ("立状人", "inferior", row.inferior, row.inferior_post),
            )
        ],
    }  # fmt: skip
    readlog.read(actor, "duties.commitment_pdf", {"commitment": number}, 1)
    answer = HttpResponse(pdf_bytes("duties/commitments/commitment.typ", data, row.at.date()), content_type=PDF)
    answer["Content-Disposition"] = f'attachment; filename="commitment-{row.pk}.pdf"'
    return answer
