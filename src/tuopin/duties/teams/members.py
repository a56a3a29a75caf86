"""Who is on a resident team, and who may keep its papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import may
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.selectors import ancestors

from ..models import Assignment
from ..permissions import KEEP_TEAM, VIEW_TEAM
from ..selectors import own_official
from . import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def require_village(actor: Actor, place: AreaVersion, permission: str = VIEW_TEAM) -> None:
    """Raise Missing for an area where the actor has not the permission, Problem for another level than a village."""
    if not may(actor, permission, area_path=place.path):
        raise Missing(
            "no_such_area", f"没有找到区划 {place.code}。", f"There is no area {place.code}.", area=place.code
        )
    if place.level != "village":
        raise Problem("wrong_level", "驻村工作队在村一级，请选择一个村。", "Teams live in villages: choose one.")


def during(first: date, last: date) -> Q:
    """Assignments that hold on any of the days."""
    return Q(valid_from__lte=last) & (Q(valid_to=None) | Q(valid_to__gt=first))


def team(area_id: int, first: date, last: date) -> QuerySet[Assignment]:
    """The members of a village's team in some days, the leaders first."""
    found = Assignment.objects.filter(during(first, last), area_id=area_id, role__in=rules.ROLES)
    return found.select_related("official").order_by("role", "valid_from", "pk")


def require_member(official_id: int, area_id: int, first: date, last: date) -> None:
    """Raise Problem for somebody who was not on the team on all of these days' span at all."""
    if not team(area_id, first, last).filter(official_id=official_id).exists():
        raise Problem(
            "not_on_the_team",
            "此人这段时间不在这个村的工作队。",
            "The official was not on this village's team in these days.",
        )


def covers(rows: Iterable[Assignment], official_id: int, month: date) -> bool:
    """Whether somebody was on the team from the first to the last day of a month, by rows of :func:`team`: in whatever
    roles, one after the other without a gap."""
    day, end = month, rules.last_day(month)
    own = [row for row in rows if row.official_id == official_id]
    for row in sorted(own, key=lambda row: row.valid_from):
        if row.valid_from > day:
            return False
        if row.valid_to is None or row.valid_to > end:
            return True
        day = max(day, row.valid_to)
    return False


@dataclass(frozen=True, slots=True)
class Seat:
    """What the actor is to a village's team: ``own`` entry among officials, whether ``leads`` the team on the day
    (``first``: as first secretary), and the areas above by level. Read once for a page."""

    actor: Actor
    place: AreaVersion
    own: int | None
    leads: bool
    first: bool
    above: Mapping[str, AreaVersion]

    def holds(self, permission: str, level: str = "village") -> bool:
        """Whether the actor holds a permission over the whole area of a level from the village up."""
        up = self.place if level == "village" else self.above.get(level)
        return up is not None and may(self.actor, permission, area_path=up.path)

    @property
    def keeps(self) -> bool:
        """Whether the actor keeps the team's papers: who leads it, or an office with the permission."""
        return self.leads or self.holds(KEEP_TEAM)


def seat(actor: Actor, place: AreaVersion, day: date) -> Seat:
    """Three statements."""
    own = own_official(actor)
    held: set[str] = set()
    if own is not None:
        held = {row.role for row in team(place.area_id, day, day) if row.official_id == own} & set(rules.LEADERS)
    return Seat(
        actor, place, own, bool(held), "first_secretary" in held, {each.level: each for each in ancestors(place)}
    )


def require_keeper(seat: Seat) -> None:
    """Raise Refused unless the actor keeps the team's papers."""
    if not seat.keeps:
        raise Refused("refused", "由队长、第一书记或乡村登记。", "The leader, the village or the township does this.")
