"""Pages of visits: recording one, one with its versions and photos, correcting it, the visits to a household."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import evidence
from tuopin.platform.access import actor_of, field_classes_at, may
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, Membership, PersonCard
from tuopin.register.selectors import on_day

from .. import kinds as role_kinds
from ..permissions import RECORD_VISIT, VIEW_VISIT
from ..selectors import own_official
from . import forms, kinds, photos, reach, selectors, services, troubles
from .items import asked_at
from .models import VisitBy, VisitMet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

    from .items import Asked
    from .models import VisitPhoto, VisitPlace

SHOWN = 100
"""Visits of a household on one page."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, household: str) -> HttpResponse:
    """Record a visit to a household. What a form gets wrong is said above it, with what was typed."""
    actor = actor_of(request)
    placed = register.household(actor, household)
    path, key = placed.village.path, placed.household.pk
    if not may(actor, RECORD_VISIT, area_path=path, household_id=key):
        raise Missing("no_such_household", f"没有找到户编号 {household}。", f"There is no household {household}.")
    asked = _open_items(actor, placed)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            pictures = photos.read_all(_files(request))
            (made,) = services.record(actor, [forms.draft(request.POST, asked, household_id=key)])
            taken = photos.attach(actor, made.visit.number, pictures)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            _tell(request, made, taken)
            return _on(request, made.visit.number)
    today = timezone.localdate()
    shown = forms.typed(request.POST, asked) if problem else forms.blank(today, own_official(actor), _fresh())
    context = _form(actor, placed.household.pk, placed.village, asked, shown)
    context |= {"placed": placed, "problem": problem, "today": today, "heading": placed.household.code}
    return render(request, "duties/visit_form.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record_area(request: HttpRequest, area: str) -> HttpResponse:
    """Record a visit to a village, or a working day at a contact point."""
    actor = actor_of(request)
    village = register.area(actor, area)
    if not may(actor, RECORD_VISIT, area_path=village.path):
        raise Missing("no_such_area", f"没有找到区划 {area}。", f"There is no area {area}.")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            pictures = photos.read_all(_files(request))
            (made,) = services.record(actor, [forms.draft(request.POST, (), area_id=village.area_id)])
            taken = photos.attach(actor, made.visit.number, pictures)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            _tell(request, made, taken)
            return _on(request, made.visit.number)
    today = timezone.localdate()
    shown = forms.typed(request.POST, {}) if problem else forms.blank(today, own_official(actor), _fresh())
    context = _form(actor, None, village, {}, shown)
    context |= {"area": village, "problem": problem, "today": today, "heading": village.name}
    return render(request, "duties/visit_form.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, number: int) -> HttpResponse:
    """One visit: what was found, its versions, photos; taking it back, adding photos."""
    actor = actor_of(request)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, number)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("duties:visit", number)
    opened = selectors.opened(actor, number)
    newest = opened.newest.visit
    readlog.read(actor, "duties.visit", {"visit": number}, 1)
    changes = (
        may(actor, RECORD_VISIT, area_path=reach.path_of(newest), household_id=newest.household_id)
        and newest.taken_back_at is None
        and services.is_author(actor, newest)
    )
    context = {
        "opened": opened,
        "changes": changes,
        "rewrites": changes and opened.newest.texts,
        "problem": problem,
        "most_photos": photos.MOST,
        "place_text": _degrees(opened.place),
        "today": timezone.localdate(),
    }
    return render(request, "duties/visit.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, number: int) -> HttpResponse:
    """Write a visit anew, with the reason."""
    actor = actor_of(request)
    opened = selectors.opened(actor, number)
    newest = opened.newest.visit
    standing = services.of_number(actor, number)
    services.check_author(actor, standing)
    services.check_hides_nothing(actor, standing, reach.path_of(standing))  # the form shows all that was written
    asked: Mapping[str, Asked] = {}
    if opened.household is not None:
        asked = _open_items(actor, register.household(actor, opened.household.code))
    problem: Problem | None = None
    if request.method == "POST":
        target = {"household_id": newest.household_id} if newest.household_id is not None else {
            "area_id": newest.area_id
        }  # fmt: skip
        try:
            made = services.correct(
                actor, number, forms.draft(request.POST, asked, **target),
                seen=whole_number(request.POST.get("seen", ""), 0) or 0,
                reason=request.POST.get("reason", "").replace("\0", ""),
            )  # fmt: skip
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            _tell(request, made, photos.Taken(0, 0, 0))
            return redirect("duties:visit", number)
    officials = list(VisitBy.objects.filter(visit=newest).order_by("pk").values_list("official_id", flat=True))
    met = list(VisitMet.objects.filter(visit=newest).values_list("person_id", flat=True))
    shown = forms.typed(request.POST, asked) if problem else forms.of_visit(opened, met, officials)
    context = _form(actor, newest.household_id, opened.village, asked, shown)
    context |= {
        "correcting": opened, "problem": problem, "today": timezone.localdate(),
        "heading": opened.household.code if opened.household else opened.village.name,
    }  # fmt: skip
    readlog.read(actor, "duties.visit", {"visit": number}, 1)
    return render(request, "duties/visit_form.html", context, status=400 if problem else 200)


@require_GET
@never_cache
def household_visits(request: HttpRequest, household: str) -> HttpResponse:
    """All visits to a household, the newest first."""
    actor = actor_of(request)
    placed = register.household(actor, household)
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_VISIT, area_path=path, household_id=key):
        raise Missing("no_such_household", f"没有找到户编号 {household}。", f"There is no household {household}.")
    found = selectors.of_household(key, SHOWN + 1)
    readlog.read(actor, "duties.household_visits", {"household": household}, len(found))
    context = {
        "placed": placed,
        "rows": rows_of(found[:SHOWN]),
        "more": len(found) > SHOWN,
        "records": may(actor, RECORD_VISIT, area_path=path, household_id=key),
    }
    return render(request, "duties/visits_household.html", context)


@require_GET
@never_cache
def photo(request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """A photo of a visit that the reader may see."""
    found = _visible_photo(request, photo_id)
    readlog.read(actor_of(request), "duties.visit_photo", {"visit": found.visit_number, "photo": found.pk}, 1)
    return evidence.picture(found.digest, f"{found.visit_number}-{found.pk}.jpg")


@require_GET
@never_cache
def thumb(request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """The same, small: its page has noted the reading."""
    found = _visible_photo(request, photo_id)
    return evidence.picture(found.thumb, f"{found.visit_number}-{found.pk}-small.jpg")


def _visible_photo(request: HttpRequest, photo_id: int) -> VisitPhoto:
    found = photos.shown(photo_id)
    try:
        selectors.visible(actor_of(request), found.visit_number)
    except Missing:
        raise photos.no_such_photo() from None
    return found


@require_POST
def remove_photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Take a photo away, with the reason."""
    number = photos.take_away(
        actor_of(request), photo_id, reason=request.POST.get("reason", "").replace("\0", "").strip()
    )
    messages.success(request, pick("照片已删除。", "The photo is taken away."))
    return redirect("duties:visit", number)


# -- the steps ----------------------------------------------------------------------------------------------------


def _degrees(place: VisitPlace | None) -> str:
    if place is None or place.latitude is None or place.longitude is None:
        return ""
    return ", ".join(f"{each / 10**5:.5f}" for each in (place.latitude, place.longitude))


def rows_of(found: list[Any]) -> list[tuple[Any, str, Title | None, Title | None]]:
    """Visits with who was there, their sort, and why nobody was met."""
    names = selectors.names_of([each.pk for each in found])
    return [
        (each, "、".join(names.get(each.pk, [])), kinds.sorts().get(each.sort), kinds.reasons().get(each.why_not))
        for each in found
    ]


def _act(request: HttpRequest, actor: Actor, number: int) -> None:
    posted = request.POST
    match posted.get("do", ""):
        case "take_back":
            returned = services.take_back(
                actor, number, seen=whole_number(posted.get("seen", ""), 0) or 0,
                reason=posted.get("reason", "").replace("\0", ""),
            )  # fmt: skip
            messages.success(request, pick("已撤回这次走访。", "The visit was taken back."))
            if not returned:
                messages.warning(
                    request,
                    pick(
                        "登记册里由这次走访写入的值之后又被他人更改，没有退回，请在户的更正页核对。",
                        "Values that this visit wrote into the register were changed since and stay: look at the "
                        "household's corrections.",
                    ),
                )
        case "photos":
            services.check_author(actor, services.of_number(actor, number))
            taken = photos.attach(actor, number, photos.read_all(_files(request)))
            _tell_photos(request, taken)
        case "settle":
            ids = [whole_number(each, 0) or 0 for each in posted.getlist("problem")[:50]]
            troubles.settle(
                actor, ids, day=forms.day_of(posted.get("day", "")),
                note=posted.get("note", "").replace("\0", ""),
            )  # fmt: skip
            messages.success(request, pick("已登记处理结果。", "How it ended is recorded."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _on(request: HttpRequest, number: int) -> HttpResponse:
    """To the visit; the script that sends photos is told where, so that the messages wait for the page itself."""
    if request.headers.get("X-Visit"):
        return HttpResponse(status=204, headers={"X-Location": reverse("duties:visit", args=[number])})
    return redirect("duties:visit", number)


def _files(request: HttpRequest) -> list[Any]:
    return request.FILES.getlist("photo")


def _tell(request: HttpRequest, made: services.Recorded, taken: photos.Taken) -> None:
    if made.again:
        messages.info(request, pick("这次走访刚才已经记录。", "This visit was recorded a moment ago."))
    else:
        messages.success(request, pick("走访已记录。", "The visit is recorded."))
    for note in made.notes:
        messages.warning(request, pick(note.zh, note.en))
    if made.written:
        messages.info(
            request,
            pick(f"其中 {made.written} 项写入登记册，来源“走访”。", f"{made.written} value(s) went to the register."),
        )
    _tell_photos(request, taken)


def _tell_photos(request: HttpRequest, taken: photos.Taken) -> None:
    if taken.added:
        messages.info(
            request,
            pick(
                f"照片 {taken.added} 张已保存，去掉了除拍摄时间、地点外的附加信息"
                f"（{taken.dated} 张带当天时间地点，保留 12 个月）。",
                f"{taken.added} photo(s) kept without metadata but time and place of the day ({taken.dated}), for 12 "
                "months.",
            ),
        )
    if taken.doubles:
        messages.info(request, pick(f"{taken.doubles} 张照片已经有了。", f"{taken.doubles} photo(s) were there."))


def _fresh() -> str:
    return secrets.token_hex(16)


def _open_items(actor: Actor, placed: Placed) -> dict[str, Asked]:
    """The items that the actor may be asked about at the household."""
    classes = field_classes_at(actor, RECORD_VISIT, placed.village.path, placed.household.pk)
    asked = asked_at(placed.village, timezone.localdate())
    return {key: each for key, each in asked.items() if each.opened(classes)}


def _form(
    actor: Actor, household_id: int | None, village: AreaVersion, asked: Mapping[str, Asked], shown: dict[str, Any]
) -> dict[str, Any]:
    """What the form shows beside the fields: members, colleagues on duty, items, sorts."""
    today = timezone.localdate()
    classes = field_classes_at(actor, RECORD_VISIT, village.path, household_id)
    closed = troubles.closed_sorts(classes)
    own = selectors.official_of(actor)
    people = {number: (name, role) for number, name, role in reach.colleagues(household_id, village.area_id, today)}
    officials = [(own.pk, own.name, pick("本人", "myself"))] if own is not None else []
    for number, (name, role) in people.items():
        if own is None or number != own.pk:
            title = role_kinds.role(role).title
            officials.append((number, name, pick(title.zh, title.en)))
    items = shown["items"]
    return {
        "shown": shown,
        "members": _members(household_id, today),
        "officials": officials,
        "items": [(each, *items.get(key, ("", ""))) for key, each in asked.items()],
        "sorts": list(kinds.sorts().items()),
        "reasons": list(kinds.reasons().items()),
        "problem_sorts": [each for each in kinds.problem_sorts().values() if each.key not in closed],
    }


def _members(household_id: int | None, day: Any) -> list[tuple[int, str]]:
    if household_id is None:
        return []
    living = Membership.objects.filter(on_day(day), household_id=household_id).values_list("person_id", flat=True)
    return list(PersonCard.objects.filter(pk__in=living).order_by("pk").values_list("pk", "name"))
