"""Pages of events: what can be recorded for a household, the form of a kind with its preview, undoing, the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tuopin.platform import panels, place
from tuopin.platform.access import actor_of, field_classes_at, may, one_page, require
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from .. import selectors
from ..codes import code_list
from ..listings import reader_at
from ..permissions import RECORD_EVENTS, VIEW_HOUSEHOLD
from ..place import area_of
from . import forms, listing, planning, refusals, selecting, services, shown, state
from . import undo as undoing
from .kinds import KINDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

    from ..selectors import Placed
    from .forms import Form
    from .kinds import Kind
    from .state import House, State


@never_cache
@require_http_methods(["GET", "HEAD"])
def household(request: HttpRequest, code: str) -> HttpResponse:
    """The kinds that can be recorded for a household now, and what was recorded."""
    actor = actor_of(request)
    placed = _placed(request, actor, code)
    held, house = _held(actor, placed)
    kinds = [kind for kind in KINDS.values() if _possible(actor, kind, house, held)]
    key = placed.household.pk
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, placed.village.path, key)
    lines = selecting.of_household(actor, key, classes)
    context = {
        "code": code,
        "persons": [kind for kind in kinds if not kind.of_household and not kind.splits],
        "households": [kind for kind in kinds if kind.of_household or kind.splits],
        "events": lines,
        "gone": house.residence is None,
        "provisional": any(line.made(house.id) for line in lines),
    }
    return render(request, "register/events/household.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The form of a kind. A POST shows what would be closed and opened; with ``then=record`` it is recorded."""
    known = KINDS.get(kind)
    if known is None:
        raise Missing("no_such_kind", "没有这种登记变化。", "There is no such kind of event.")
    with one_page():  # the grants are read once, for the form as for the act
        return _kind(request, actor_of(request), code, known)


def _kind(request: HttpRequest, actor: Actor, code: str, known: Kind) -> HttpResponse:
    key, placed = known.key, _placed(request, actor, code)
    context: dict[str, Any] = {"code": code, "kind": known}
    status = 200
    if request.method == "POST" and request.POST.get("then") != "edit":
        try:
            wish, why = forms.wish_of(actor, known, placed.household.pk, request.POST), forms.why_of(request.POST)
            if request.POST.get("then") == "record":
                return _recorded(request, services.record(actor, key, [wish], why), known, code)
            acts, planned = services.preview(actor, key, [wish], why)
        except Problem as problem:
            context["problem"], status = problem, problem.status
        else:
            context |= {"effects": list(shown.effects(acts[0], planned)), "why": why, "again": _again(request),
                        "seen": acts[0].house.mark(), "into_exited": services.into_exited(acts, planned)}  # fmt: skip
            return render(request, "register/events/kind.html", context)
    held, house = _held(actor, placed)
    form = forms.build(actor, known, house, held)
    for other in sorted({each.other_id for each in form.doubles} - {house.id}):  # somebody of theirs is named
        readlog.read(actor, f"household:{other}", {"for": "event"}, 1)
    context |= {"form": form, "seen": house.mark(), "given": _given(request, form), "today": timezone.localdate(),
                "relations": code_list("relation"), "sexes": code_list("sex"),
                "registrations": _registrations(house)}  # fmt: skip
    return render(request, "register/events/kind.html", context, status=status)


def _registrations(house: House) -> list[tuple[str, Title]]:
    """What a household that is split off may be registered as, beside what this one is."""
    held = next((row.value for row in house.open_statuses if row.axis == "registration"), "")
    return [each for each in code_list("registration") if each[0] in planning.may_become(held) and each[0] != held]


def _placed(request: HttpRequest, actor: Actor, code: str) -> Placed:
    """The household, where the actor may record something of it; the reading is noted."""
    require(actor, RECORD_EVENTS)
    placed = selectors.household(actor, code)
    if not may(actor, RECORD_EVENTS, area_path=placed.village.path):
        raise refusals.outside()
    place.show(request, placed.village, reverse("console:area", args=[placed.village.code]))
    readlog.read(actor, f"household:{placed.household.pk}", {"for": "event"}, 1)
    return placed


def _held(actor: Actor, placed: Placed) -> tuple[State, House]:
    held = state.load(actor, {placed.household.pk}, (), ())
    return held, held.houses[placed.household.pk]


def _possible(actor: Actor, kind: Kind, house: House, held: State) -> bool:
    """Whether it makes sense for the household as it stands; the service decides."""
    if house.residence is None:
        return kind.who == "gone"
    if kind.who == "former":
        return bool(forms.former(house, held))
    if kind.who == "double":
        return bool(forms.doubles(actor, house, held))
    return kind.who != "gone" and not (kind.splits and len(house.members) < 2)


def _again(request: HttpRequest) -> list[tuple[str, str]]:
    """What was filled in, to be sent again."""
    left_out = ("csrfmiddlewaretoken", "then", "seen", "agreed")
    return [(name, value) for name in request.POST if name not in left_out for value in request.POST.getlist(name)]


def _given(request: HttpRequest, form: Form) -> dict[str, Any]:
    """What the form shows again."""
    posted = request.POST
    names = ("day", "reason", "document", "target", "village", "group", "head", "keep", "code", "registration", "name",
             "sex", "birth", "number", "relation")  # fmt: skip
    given: dict[str, Any] = {name: posted.get(name, "") for name in names}
    given["persons"] = set(posted.getlist("person"))
    given["relations"] = {str(each.id): posted.get(f"relation-{each.id}", "") for each in form.persons}
    given["rows"] = [
        {"person": each, "chosen": str(each.id) in given["persons"], "relation": given["relations"][str(each.id)]}
        for each in form.persons
    ]
    return given


def _recorded(request: HttpRequest, numbers: list[int], kind: Kind, code: str) -> HttpResponse:
    made = selecting.new_code(numbers[0])
    more = (f"新户编号 {made}。", f" The new household is {made}.") if made else ("", "")
    messages.success(request, pick(f"已登记“{kind.title.zh}”。{more[0]}", f"Recorded: {kind.title.en}.{more[1]}"))
    return redirect("register:household_events", code)


@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take an event back."""
    actor = actor_of(request)
    undoing.undo(actor, number, request.POST.get("reason", ""))
    messages.success(request, pick("已撤销这次登记变化。", "The event was taken back."))
    code = selecting.household_code(number)
    return redirect("register:household_events", code)


@require_POST
def give_code(request: HttpRequest, code: str) -> HttpResponse:
    """The code that the national system gave to a household split here."""
    actor = actor_of(request)
    placed = selectors.household(actor, code)
    given = request.POST.get("code", "").strip()
    services.give_code(actor, placed.household.pk, given)
    messages.success(request, pick(f"户编号已改为 {given}。", f"The code is now {given}."))
    return redirect("register:household_events", given)


@require_http_methods(["GET", "HEAD", "POST"])
def events(request: HttpRequest) -> HttpResponseBase:
    """The events of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    who = reader_at(actor, VIEW_HOUSEHOLD, area, first_of(request.GET))
    context = {"area": area, "tabs": panels.tabs(actor, area, current="balance")}
    return list_page(request, listing.EVENTS, who, "register/events/list.html", context)
