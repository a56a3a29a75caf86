"""Saying who answers for a household or an area: choose the official, see what changes, confirm."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_of, require
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.place import area_of

from .. import kinds
from ..acting import found
from ..models import Assignment
from ..officials import services as officials
from ..permissions import ASSIGN
from ..selectors import official
from . import services

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.platform.access import Actor

    from ..kinds import Role
    from ..models import Official


@dataclass(frozen=True, slots=True)
class About:
    """What somebody is to answer for: ``path`` for grants, ``area_id`` where a new official is kept."""

    kind: str
    id: int
    code: str
    name: str
    level: str
    path: str
    area_id: int
    back: str

    def roles(self) -> list[Role]:
        """The roles that there are for it."""
        return [role for role in kinds.roles().values() if role.on == self.kind and self._fits(role)]

    def _fits(self, role: Role) -> bool:
        return not role.levels or self.level in role.levels

    def standing(self, day: datetime.date) -> list[Assignment]:
        """Who answers for it on a day or later."""
        rows = Assignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), **{f"{self.kind}_id": self.id})
        return sorted(rows, key=lambda row: (list(kinds.roles()).index(row.role), row.valid_from, row.pk))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form asks for. ``who`` None: nobody follows, the duty ends."""

    role: Role
    day: datetime.date
    reason: str
    who: Official | None
    ending: Assignment | None

    def effects(self) -> list[Title]:
        """What is written, in words."""
        lines = []
        role, day = self.role.title, self.day.isoformat()
        if self.ending is not None:
            name = self.ending.name
            lines.append(Title(f"{name}：{role.zh}到 {day} 为止", f"{name}: {role.en} until {day}"))
        if self.who is not None:
            who = " ".join(filter(None, (self.who.name, self.who.unit)))
            lines.append(Title(f"{who}：自 {day} 起担任{role.zh}", f"{who}: {role.en} from {day}"))
        return lines


@never_cache
@require_http_methods(["GET", "POST"])
def assign_household(request: HttpRequest, household: str) -> HttpResponse:
    """Who answers for a household."""
    placed = register.household(actor_of(request), household)
    area, code = placed.village, placed.household.code
    back = reverse("console:household", args=[code])
    about = About("household", placed.household.pk, code, "", "", area.path, area.area_id, back)
    return assign_page(request, about)


@never_cache
@require_http_methods(["GET", "POST"])
def assign_area(request: HttpRequest, area: str) -> HttpResponse:  # noqa: ARG001 - area_of reads it
    """Who answers for an area."""
    version = area_of(request)
    back = reverse("console:area", args=[version.code])
    about = About(
        "area", version.area_id, version.code, version.name, version.level, version.path, version.area_id, back
    )
    return assign_page(request, about)


def assign_page(request: HttpRequest, about: About) -> HttpResponse:
    """The page and its forms, for whatever there is a role for; the caller has found it within the grants."""
    actor = actor_of(request)
    require(actor, ASSIGN, area_path=about.path)
    today = timezone.localdate()
    given = request.POST
    step = given.get("do", "") if request.method == "POST" else ""
    shown: dict[str, object] = {
        "about": about, "roles": about.roles(), "given": given, "day": given.get("day") or today.isoformat(),
    }  # fmt: skip
    status = 200
    try:
        if step == "new":
            shown["chosen"] = _take_in(actor, about, given, today)
            step = "find"
        if step == "find":
            shown["found"] = found(actor, given.get("q", ""))
        elif step in {"preview", "save"}:
            wish = _wish(actor, about, given)
            if step == "save":
                _save(actor, about, wish)
                messages.success(request, pick("已保存。", "Saved."))
                return redirect(about.back)
            shown |= {"wish": wish, "effects": wish.effects()}
    except Problem as problem:
        if problem.status != 400:
            raise
        shown |= {"problem": problem, "found": found(actor, given.get("q", ""))}
        status = 400
    shown["standing"] = [(row, kinds.role(row.role).title) for row in about.standing(today)]
    return render(request, "duties/assign.html", shown, status=status)


def _take_in(actor: Actor, about: About, given: QueryDict, today: datetime.date) -> int:
    """Somebody whom nobody knows yet, kept by the area."""
    name = (given.get("q", ""), given.get("unit", ""), given.get("phone", ""))
    cleaned = (name[0].replace("\0", ""), name[1].replace("\0", ""), name[2].replace("\0", ""))
    return officials.add_officials(actor, [cleaned], area_id=about.area_id, day=today)[0]


def _wish(actor: Actor, about: About, given: QueryDict) -> Wish:
    role = kinds.role(given.get("role", ""))
    if role not in about.roles():
        raise Problem("unknown_key", "这里没有这种角色。", "There is no such role here.")
    try:
        day = datetime.date.fromisoformat(given.get("day", "").strip())
    except ValueError:
        raise Problem("bad_date", "日期应写作 2018-12-01。", "Write the date as 2018-12-01.") from None
    number = whole_number(given.get("official", ""), 0)
    who = official(actor, number) if number else None
    standing = [row for row in about.standing(day) if row.role == role.key]
    ending = None
    if role.sole:
        ending = next(iter(standing), None)
    elif who is None:
        wanted = whole_number(given.get("ending", ""), 0)
        ending = next((row for row in standing if row.pk == wanted), None)
    if who is None and ending is None:
        raise Problem("nobody_chosen", "请选择一名干部。", "Choose an official.")
    if who is not None and ending is not None and ending.official_id == who.pk:
        raise Problem("already_assigned", "此人已担任这一角色。", "The official holds this role already.")
    return Wish(role, day, given.get("reason", "").replace("\0", "").strip()[:200], who, ending)


def _save(actor: Actor, about: About, wish: Wish) -> None:
    if wish.ending is not None and wish.who is not None:
        services.hand_over(actor, {wish.ending.pk: wish.who.pk}, day=wish.day, reason=wish.reason)
    elif wish.ending is not None:
        services.end(actor, [wish.ending.pk], day=wish.day, reason=wish.reason)
    elif wish.who is not None:
        services.begin(actor, {about.id: wish.who.pk}, role=wish.role.key, day=wish.day, reason=wish.reason)
