"""Pages of corrections: the form of a household or village, its history with undo, prepared changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tuopin.platform import place
from tuopin.platform.access import actor_for, require
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick

from .. import selectors
from ..models import CorrectedValue, Correction, Draft, DraftLine
from ..permissions import CORRECT
from ..record import masked
from . import drafts, forms, services, subjects
from .fields import all_fields, decode
from .forms import SOURCES, fault_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest, HttpResponse

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.platform.models import User

    from .subjects import Subject

CHOICES = ("by_hand", "visit", "department_list")
HISTORY = 30
PAGE = 100


def actor_of(request: HttpRequest) -> Actor:
    """The reader."""
    return actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in


# -- the form -------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def household(request: HttpRequest, code: str) -> HttpResponse:
    """Correct a household and its members."""
    actor = actor_of(request)
    require(actor, CORRECT)
    placed = selectors.household(actor, code)
    place.show(request, placed.village, reverse("console:area", args=[placed.village.code]))
    names = forms.members_of(placed.household.pk)
    keys = [("household", placed.household.pk), *(("person", key) for key in names)]
    found = subjects.placed(actor, keys, timezone.localdate())
    titled = [(found[key], names.get(key[1], "") if key[0] == "person" else "") for key in keys]
    readlog.read(actor, f"household:{placed.household.pk}", {"for": "correction"}, 1)
    back = reverse("console:household", args=[code])
    return _form(request, actor, titled, {"code": code, "title": code, "back": back, "level": "household"})


@never_cache
@require_http_methods(["GET", "POST"])
def village(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what 村信息 says of a village."""
    return _area(request, code, "village")


@never_cache
@require_http_methods(["GET", "POST"])
def county(request: HttpRequest, code: str) -> HttpResponse:
    """Correct the figures of a county."""
    return _area(request, code, "county")


def _area(request: HttpRequest, code: str, level: str) -> HttpResponse:
    actor = actor_of(request)
    require(actor, CORRECT)
    version = selectors.area(actor, code)
    place.show(request, version, reverse("console:area", args=[code]))
    key = (level, version.area_id)
    found = subjects.placed(actor, [key], timezone.localdate())
    back = reverse("console:area", args=[code])
    context = {"code": code, "title": version.name, "back": back, "level": level}
    return _form(request, actor, [(found[key], "")], context)


def _form(
    request: HttpRequest, actor: Actor, titled: Sequence[tuple[Subject, str]], context: dict[str, Any]
) -> HttpResponse:
    status = 200
    form = forms.build(titled, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.valid and form.why is not None:
        try:
            outcome = services.correct(actor, form.changes, form.why)
        except services.Conflict as conflict:
            form.mark_clashes(conflict.clashes)
            context["conflict"], status = conflict, conflict.status
        except Problem as problem:
            context["problem"], status = problem, problem.status
        else:
            messages.success(request, _done(outcome))
            return redirect(request.path)
    elif request.method == "POST":
        status = 400
    context |= {
        "form": form,
        "sources": [(key, SOURCES[key]) for key in CHOICES],
        "history": _history(titled),
        "today": timezone.localdate(),
    }
    return render(request, "register/correct.html", context, status=status)


def _done(outcome: services.Outcome) -> str:
    if outcome.written == 0:
        return pick("登记中已是这些值，没有改动。", "The register says so already; nothing was changed.")
    closed = outcome.closed_issues
    zh = f"已更正 {outcome.written} 项。" + (f"关闭数据疑点 {closed} 条。" if closed else "")
    en = f"{outcome.written} values corrected." + (f" {closed} data issues closed." if closed else "")
    if outcome.opened_issues:
        zh += f"新出现数据疑点 {outcome.opened_issues} 条，请核对。"
        en += f" {outcome.opened_issues} new data issues: please check."
    return pick(zh, en)


def _history(titled: Sequence[tuple[Subject, str]]) -> list[dict[str, Any]]:
    """The last corrections of these subjects, with the values that are open to the reader."""
    by = {(subject.level, subject.id): (subject, title) for subject, title in titled}
    ended = Correction.objects.filter(undoes=OuterRef("correction_id"))
    lines = CorrectedValue.objects.filter(subject__in=[key for _level, key in by]).annotate(undone=Exists(ended))
    lines = lines.select_related("correction")
    grouped: dict[int, dict[str, Any]] = {}
    for line in lines.order_by("-correction_id", "pk")[: HISTORY * 20]:
        held = by.get((line.level, line.subject))
        if held is None:
            continue
        item = all_fields()[line.field]
        entry = grouped.setdefault(
            line.correction_id,
            {"act": line.correction, "lines": [], "undone": line.undone,
             "source": SOURCES[line.correction.source]},
        )  # fmt: skip
        if held[0].opens(item.field_class):
            entry["lines"].append(line_words(line, held[1]))
    return list(grouped.values())[:HISTORY]


def line_words(line: CorrectedValue | DraftLine, who: str = "") -> dict[str, Any]:
    """A line for a page: field, old and new value, long numbers cut."""
    item = all_fields()[line.field]
    old, new = (line.old, line.new) if isinstance(line, CorrectedValue) else (line.theirs, line.mine)
    return {
        "line": line,
        "who": who,
        "title": item.title,
        "unit": item.unit,
        "old": safe(line.field, old),
        "new": safe(line.field, new),
    }


def safe(name: str, text: str | None) -> Title | None:
    """A stored value as it may be printed in a list."""
    item = all_fields()[name]
    return forms.safe(item, decode(item, text)) if text is not None else None


@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Correct a correction back."""
    actor = actor_of(request)
    try:
        outcome = services.undo(actor, number)
    except services.Conflict as conflict:
        raise Problem(
            "undo_conflict",
            "此后又有人更正过其中的值，不能整体撤销。请在更正页逐项填写。",
            "Some of the values were corrected again since, so that it cannot be undone as a whole. "
            "Correct them one by one.",
        ) from conflict
    messages.success(
        request, pick(f"已撤销，改回 {outcome.written} 项。", f"Undone: {outcome.written} values put back.")
    )
    return redirect(_local(request.POST.get("next", "")) or reverse("register:corrections"))


def _local(address: str) -> str:
    """An address on this site, or nothing."""
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if plain and len(address) < 300 else ""


# -- prepared changes -----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """Look at prepared changes, decide conflicts, write them or throw them away."""
    actor = actor_of(request)
    held = drafts.of_actor(actor, number)
    status, context = 200, dict[str, Any]()
    if request.method == "POST":
        try:
            answer = _act(request, actor, held)
        except services.Conflict as conflict:
            context["conflict"], status = conflict, conflict.status
        except Problem as problem:
            if problem.status == 404:
                raise
            context["problem"], status = problem, problem.status
        else:
            return answer
    held.refresh_from_db()
    return render(request, "register/draft.html", _draft(request, actor, held) | context, status=status)


def _act(request: HttpRequest, actor: Actor, held: Draft) -> HttpResponse:
    what = request.POST.get("do", "")
    if what == "drop":
        drafts.drop(actor, held)
        return redirect(held.back or reverse("register:corrections"))
    decisions = {
        int(name[2:]): value
        for name, value in request.POST.items()
        if name.startswith("d-") and name[2:].isdecimal() and len(name) < 12 and value in {"mine", "theirs"}
    }
    if what in {"all-mine", "all-theirs"}:
        decisions = {0: what.removeprefix("all-")}
    if decisions:
        drafts.decide(held, decisions)
    if what != "apply":
        return redirect(request.get_full_path())
    outcome = drafts.submit(actor, held)
    if isinstance(outcome, int):
        return redirect("platform:job", outcome)
    messages.success(request, _done(outcome))
    return redirect(held.back or reverse("register:corrections"))


def _draft(request: HttpRequest, actor: Actor, held: Draft) -> dict[str, Any]:
    fate = request.GET.get("fate", "")
    fate = fate if fate in DraftLine.Fate.values else ""
    after = request.GET.get("after", "")
    counted = drafts.counts(held)
    if not fate:
        fate = next((each for each in ("conflict", "change", "error", "nothing") if counted[each]), "change")
    found = held.lines.filter(fate=fate, number__gt=int(after) if after.isdecimal() and len(after) < 10 else 0)
    lines = list(found.order_by("number")[: PAGE + 1])
    shown_lines = lines[:PAGE]
    readlog.read(actor, "register.draft", {"draft": held.pk, "fate": fate}, len(shown_lines))
    kinds, beyond = drafts.tally(held)
    return {
        "draft": held,
        "counts": counted,
        "fate": fate,
        "fates": [(each, counted[each]) for each in ("conflict", "change", "error", "nothing")],
        "lines": list(_lines(shown_lines)),
        "next": shown_lines[-1].number if len(lines) > PAGE else None,
        "tally": [
            {"title": all_fields()[row["field"]].title, "old": safe(row["field"], row["theirs"]),
             "new": safe(row["field"], row["mine"]), "count": row["n"], "relevant": all_fields()[row["field"]].relevant}
            for row in kinds
        ],
        "beyond": beyond,
        "source": SOURCES[held.source],
    }  # fmt: skip


def _lines(lines: Iterable[DraftLine]) -> Iterable[dict[str, Any]]:
    listed = list(lines)
    names = names_of([line.subject for line in listed if line.level == "person" and line.subject])
    for line in listed:
        words = line_words(line, names.get(line.subject or 0, "") if line.level == "person" else "")
        words["base"] = safe(line.field, line.base)
        words["error"] = fault_title(line.error) if line.error else None
        secret = line.field in forms.SECRET
        words["written"] = masked(line.written) if secret else line.written
        yield words


def names_of(people: Sequence[int]) -> dict[int, str]:
    """Names of persons by id."""
    from ..models import PersonIdentity
    from .versions import standing

    found = standing(PersonIdentity, people) if people else {}
    return {key: str(getattr(rows[-1], "name", "")) for key, rows in found.items()}
