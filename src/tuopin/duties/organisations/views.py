"""Pages of organisations and posts: the list, one organisation with its posts, relations and history, appointing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of
from tuopin.register.selectors import area as area_named

from .. import acting, kinds
from ..acting import text_of
from ..dates import day_of, day_or_none
from ..listings import ORGANISATIONS
from ..models import OrganisationLink, OrganisationVersion
from ..officials import services as officials
from ..permissions import KEEP_OFFICIALS, VIEW_OFFICIAL
from ..selectors import official, organisation_names
from . import selectors, services

if TYPE_CHECKING:
    import datetime

    from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

    from tuopin.platform.access import Actor

    from ..acting import Act
    from ..models import Post

RELATIONS = {
    OrganisationLink.Relation.WATCHES: (Title("监督", "watches"), Title("受其监督", "is watched by")),
    OrganisationLink.Relation.DISPATCHES: (Title("派出", "dispatches"), Title("由其派出", "is dispatched by")),
}
"""How each relation is said of the one side and of the other."""
CHOICES = 10
"""Organisations of a name to choose from."""
BELOW = 100


# -- the list -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    """The organisations of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_OFFICIAL, area_path=area.path)
    reader = reader_at(actor, VIEW_OFFICIAL, area, first_of(request.GET))
    shown = {"area": area, "keeps": may(actor, KEEP_OFFICIALS, area_path=area.path)}
    return list_page(request, ORGANISATIONS, reader, "duties/organisations.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Found an organisation in the area of the page."""
    actor, area = actor_of(request), area_of(request)
    require(actor, KEEP_OFFICIALS, area_path=area.path)
    made: list[int] = []

    def found(who: Actor, given: QueryDict) -> None:
        made.append(
            services.found_organisation(
                who,
                text_of(given, "name"),
                text_of(given, "kind"),
                area_id=area.area_id,
                day=_day(given),
                parent_id=_one(who, text_of(given, "parent")),
            )
        )

    problem = acting.done(request, actor, {"found": found}) if request.method == "POST" else None
    if made:
        return redirect("duties:organisation", made[0])
    shown = {
        "area": area, "problem": problem, "given": request.POST, "kinds": kinds.kinds().items(),
        "day": request.POST.get("day") or timezone.localdate().isoformat(),
    }  # fmt: skip
    return render(request, "duties/organisation_new.html", shown, status=400 if problem else 200)


# -- one organisation ---------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def organisation_page(request: HttpRequest, number: int) -> HttpResponse:
    """One organisation: what it is called and was called, who holds which post, what it watches and dispatches."""
    actor = actor_of(request)
    version = selectors.organisation(actor, number)
    problem = None
    if request.method == "POST":
        require(actor, KEEP_OFFICIALS)
        problem = acting.done(request, actor, _acts(number, version))
        if problem is None:
            return redirect("duties:organisation", number)
    shown = _shown(actor, version) | {"problem": problem, "given": request.POST}
    return render(request, "duties/organisation.html", shown, status=400 if problem else 200)


def _acts(number: int, version: OrganisationVersion) -> dict[str, Act]:
    def change(actor: Actor, given: QueryDict) -> None:
        area = text_of(given, "area", 64)
        area_id = area_named(actor, area).area_id if area else version.area_id
        parent, above = text_of(given, "parent"), version.parent_id
        same = above is not None and organisation_names([above], timezone.localdate()).get(above) == parent
        services.change_organisation(
            actor, number, day=_day(given), name=text_of(given, "name"), kind=text_of(given, "kind"), area_id=area_id,
            parent_id=above if same else _one(actor, parent),
        )  # fmt: skip

    def close(actor: Actor, given: QueryDict) -> None:
        services.close_organisation(actor, number, day=_day(given))

    def link(actor: Actor, given: QueryDict) -> None:
        other = _one(actor, text_of(given, "other"))
        if other is None:
            raise Problem("no_name", "请填写对方组织的名称。", "Name the other organisation.")
        services.link_organisations(actor, number, [other], relation=text_of(given, "relation", 20), day=_day(given))

    def unlink(actor: Actor, given: QueryDict) -> None:
        services.unlink_organisations(actor, whole_number(given.get("link", ""), 0), day=_day(given))

    def add(actor: Actor, given: QueryDict) -> None:
        services.add_post(actor, number, text_of(given, "title", 100), day=timezone.localdate(), **_rank(given))

    def correct(actor: Actor, given: QueryDict) -> None:
        chosen, held = selectors.post(actor, whole_number(given.get("post", ""), 2**63))
        if held.organisation_id != number:
            raise Problem("no_such_act", "没有这个职务。", "There is no such post here.")
        services.change_post(
            actor, chosen.pk, day=timezone.localdate(), title=text_of(given, "title", 100), **_rank(given)
        )

    return {"change": change, "close": close, "link": link, "unlink": unlink, "add_post": add, "change_post": correct}


def _shown(actor: Actor, version: OrganisationVersion) -> dict[str, object]:
    today = timezone.localdate()
    number = version.organisation_id
    versions = list(OrganisationVersion.objects.filter(organisation_id=number).order_by("-valid_from")[:BELOW])
    areas = {each.area_id for each in versions}
    places = dict(AreaVersion.objects.filter(area_id__in=areas).order_by("valid_from").values_list("area_id", "name"))
    names = organisation_names({each.parent_id for each in versions if each.parent_id is not None}, today)
    below = selectors.organisations(actor).filter(parent_id=number, valid_to=None).order_by("name")
    held = selectors.posts(number, today)
    readlog.read(actor, "duties.organisation", {"organisation": number}, sum(len(each.terms) for each in held))
    place = AreaVersion.objects.filter(area_id=version.area_id).order_by("-valid_from").first()
    return {
        "version": version,
        "kind": kinds.kinds().get(version.kind),
        "place": places.get(version.area_id, ""),
        "parent": names.get(version.parent_id or 0, ""),
        "versions": [
            (each, kinds.kinds().get(each.kind), places.get(each.area_id, ""), names.get(each.parent_id or 0, ""))
            for each in versions
        ],
        "below": list(below[:BELOW]),
        "posts": [
            (each, kinds.levels().get(each.post.level), kinds.authorities().get(each.post.authority)) for each in held
        ],
        "links": [
            (each, RELATIONS[OrganisationLink.Relation(each.link.relation)][0 if each.outward else 1])
            for each in selectors.links(number)
        ],
        "relations": [(key, said[0]) for key, said in RELATIONS.items()],
        "kinds": kinds.kinds().items(),
        "levels": kinds.levels().items(),
        "authorities": kinds.authorities().items(),
        "keeps": place is not None and may(actor, KEEP_OFFICIALS, area_path=place.path),
        "today": today,
    }


# -- appointing ---------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody takes up a post: found by name, looked at before it is written."""
    actor = actor_of(request)
    post, office = selectors.post(actor, number)
    require(actor, KEEP_OFFICIALS)
    given, step = request.POST, request.POST.get("do", "")
    shown: dict[str, object] = {
        "post": post, "office": office, "given": given, "level": kinds.levels().get(post.level),
        "day": given.get("day") or timezone.localdate().isoformat(),
    }  # fmt: skip
    problem = None
    try:
        if step in {"preview", "save"}:
            who = official(actor, whole_number(given.get("official", ""), 2**63))
            term = _term(given)
            if step == "save":
                officials.appoint(actor, who.pk, post.pk, **term)
                messages.success(request, pick("已保存。", "Saved."))
                return redirect("duties:official", who.pk)
            shown |= {"who": who, "effect": _effect(post, office, term["day"])}
    except Problem as refused:
        if refused.status != 400:
            raise
        problem = refused
    if "who" not in shown:
        shown["found"] = acting.found(actor, given.get("q", ""), KEEP_OFFICIALS)
    shown["problem"] = problem
    return render(request, "duties/appoint.html", shown, status=400 if problem else 200)


def _term(given: QueryDict) -> dict[str, Any]:
    return {
        "day": _day(given),
        "until": day_or_none(given.get("until", ""), "结束日期", "the end"),
        "concurrent": given.get("concurrent") == "1",
        "reason": text_of(given, "reason"),
        "document": text_of(given, "document"),
    }


def _effect(post: Post, office: OrganisationVersion, day: datetime.date) -> Title:
    return Title(
        f"自 {day.isoformat()} 起任{office.name}{post.title}", f"{office.name}, {post.title}, from {day.isoformat()}"
    )


# -- what a form gives --------------------------------------------------------------------------------------------


def _day(given: QueryDict) -> datetime.date:
    return day_of(given.get("day", ""), "日期", "the day")


def _rank(given: QueryDict) -> dict[str, Any]:
    return {
        "level": text_of(given, "level", 16), "authority": text_of(given, "authority", 16),
        "first_responsible": given.get("first") == "1",
    }  # fmt: skip


def _one(actor: Actor, text: str) -> int | None:
    """The organisation of a name, whole; None for an empty field. Raises Problem for none or several."""
    if not text:
        return None
    rows = list(selectors.organisations(actor).filter(valid_to=None, name=text)[:2])
    if len(rows) == 1:
        return rows[0].organisation_id
    near = selectors.named(actor, text, CHOICES)
    listed = "、".join(each.name for each in near)
    raise Problem(
        "which_organisation",
        f"没有名为“{text}”的组织，或有几个同名。" + (f"相近的有：{listed}。" if listed else "请先登记。"),
        f"There is no organisation “{text}”, or several. " + (f"Near: {listed}." if listed else "Record it first."),
    )
