"""The page of one household (一户一档)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tuopin.platform import place
from tuopin.platform.access import actor_of, field_classes_at, may
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.panels import events, gather
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.register.codes import code_title
from tuopin.register.household_file import file_of
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.record import is_open
from tuopin.standards.explaining.judged import Judged, judged_households, newest_judged
from tuopin.standards.explaining.subject import Target, explain_stored
from tuopin.standards.panels import JUDGED, verdict_panel
from tuopin.standards.permissions import WAIVE

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.register.household_file import HouseholdFile
    from tuopin.register.selectors import Placed
    from tuopin.standards.explaining.subject import Explained

FIRST = "household_exit"
KINDS = ("conditions", "categories", "quality")
AXES = ("registration", "monitoring", "support")


def run_number(request: HttpRequest) -> int | None:
    """The evaluation that the address asks for."""
    return whole_number(request.GET.get("run", ""), None)


@require_GET
def household(request: HttpRequest, code: str) -> HttpResponse:
    """One household: verdicts with their reasons, what every room has to say about it, and its time line.

    All of it is opened by the grants over where the household lives now, also what was judged elsewhere.
    """
    actor = actor_of(request)
    judged = judged_households(code)
    shown = newest_judged(judged, run_number(request))
    day = shown[0].evaluation.day if shown else timezone.localdate()
    placed = _placed(request, actor, code)
    placed.memo[JUDGED] = judged
    readlog.read(actor, f"household:{placed.household.pk}", {}, 1)
    file = file_of(placed, day)
    panels = gather("household", actor, placed, day)
    context = {
        "household": placed.household,
        "village": placed.village,
        "group_name": placed.group_name,
        "profile": file.profile,
        "phone": _phone(actor, placed, file),
        "members": len(file.members()),
        "statuses": _statuses(file.status()),
        "verdicts": [verdict_panel(each) for each in _explained(actor, placed, shown)],
        "vouch_area": placed.village.code if may(actor, WAIVE, area_path=placed.village.path) else "",
        "judged": bool(shown),
        "main": [panel for panel in panels if not panel.aside],
        "aside": [panel for panel in panels if panel.aside],
        "events": events(actor, placed),
        "day": day,
        "printed": timezone.localtime(),
    }
    return render(request, "console/household.html", context)


def _placed(request: HttpRequest, actor: Actor, code: str) -> Placed:
    placed = register.household(actor, code)
    place.show(request, placed.village, reverse("console:area", args=[placed.village.code]))
    return placed


def _phone(actor: Actor, placed: Placed, file: HouseholdFile) -> str:
    """The household's telephone, where the class of field it is of is open."""
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, placed.village.path, placed.household.pk)
    return file.profile.phone if file.profile is not None and is_open(classes, "identity") else ""


def _statuses(found: dict[str, str]) -> list[tuple[str, Title]]:
    return [(axis, code_title(axis, found[axis])) for axis in AXES if axis in found]


def _explained(actor: Actor, placed: Placed, judged: list[Judged]) -> list[Explained]:
    """Stored verdicts explained; nothing where the pack is gone or the household is off the register that day."""
    village = placed.village
    target = Target(placed.household.code, "household", placed.household.pk, village.area_id, village.path)
    try:
        return sorted(explain_stored(actor, target, judged, file_of(placed)), key=_rank)
    except Problem:
        return []


def _rank(explained: Explained) -> tuple[bool, int]:
    """The exit standard first, then other conditions, categories, rules about the data."""
    standard = explained.prepared.standard
    return standard.key != FIRST, KINDS.index(standard.kind.key)
