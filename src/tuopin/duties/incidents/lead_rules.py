"""Who may know of a lead: the one officer and the person concerned; after the time to reply, who may decide.

Nobody else, whatever the grants: no administrator of accounts, no headquarters, no auditor, not the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import Actor, actor_for, may, visible_paths
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Refused
from tuopin.register.selectors import area_ids_within

from ..models import Lead, Official, Term
from ..permissions import DECIDE_LEAD, HOLD_LEAD
from ..selectors import officials

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from .flow import Who

_OVER = ("proposed", "decided", "demanded", "closed")


def person(actor: Actor, permission: str) -> int:
    """The account of a person who acts in person. Raises Refused for everything else."""
    if actor.kind != "user" or actor.user_id is None or actor.limits is not None or not may(actor, permission):
        raise Refused("refused", "您没有这项操作的权限。", "You have no permission for this.")
    return actor.user_id


def held(actor: Actor) -> QuerySet[Lead]:
    """The leads that the actor keeps as their one officer, those dismissed left out. Somebody whose grant went to
    another place keeps them no more: leads lie where the official serves, or in the city that decides."""
    if not _in_person(actor) or not may(actor, HOLD_LEAD):
        return Lead.objects.none()
    found = _not_own(actor, Lead.objects.filter(officer_id=actor.user_id or 0)).exclude(state=Lead.State.DISMISSED)
    ranges = visible_paths(actor, HOLD_LEAD)
    if ranges is None:
        return found
    serving = officials(actor, HOLD_LEAD).values("pk")
    return found.filter(Q(city_id__in=area_ids_within(ranges)) | Q(official__in=serving))


def heard(actor: Actor, today: date) -> QuerySet[Lead]:
    """The leads whose time to reply is over and that lie where the actor may decide; who keeps one, or has kept it and
    handed it over, does not decide it."""
    if not _in_person(actor) or not may(actor, DECIDE_LEAD):
        return Lead.objects.none()
    over = Q(state__in=_OVER) | Q(state=Lead.State.HEARING, limit__lt=today)
    found = _not_own(actor, Lead.objects.filter(over)).exclude(officer_id=actor.user_id or 0)
    found = found.exclude(kept_before__contains=f",{actor.user_id},")
    ranges = visible_paths(actor, DECIDE_LEAD)
    return found if ranges is None else found.filter(city_id__in=area_ids_within(ranges))


def concerning(actor: Actor) -> QuerySet[Lead]:
    """The leads about the actor; a dismissed one that he was told of until he has taken note."""
    if not _in_person(actor):
        return Lead.objects.none()
    return Lead.objects.filter(_about(actor))


def orphaned(actor: Actor, key: str = "") -> QuerySet[Lead]:
    """Leads still in the time to reply (or the one of a key) whose officer keeps them no more (:func:`held`): the
    account is closed, may keep none there, or turned out to be the person concerned. Who may keep leads there can take
    one over, and sees nothing of it before. Some statements an officer: there are few."""
    if not _in_person(actor) or not may(actor, HOLD_LEAD):
        return Lead.objects.none()
    waiting = Lead.objects.filter(state__in=(Lead.State.OPENED, Lead.State.HEARING))
    if key:
        waiting = waiting.filter(key=key)
    ranges = visible_paths(actor, HOLD_LEAD)
    if ranges is not None:
        waiting = waiting.filter(city_id__in=area_ids_within(ranges))
    waiting = _not_own(actor, waiting)
    officers = User.objects.filter(pk__in=set(waiting.values_list("officer_id", flat=True)))
    kept = {number for user in officers for number in held(actor_for(user)).values_list("pk", flat=True)}
    return waiting.exclude(pk__in=kept)


def roles_towards(actor: Actor, lead: Lead, today: date) -> set[Who]:
    """What the actor is to one lead; empty: nobody, and the lead does not exist for him."""
    found: set[Who] = set()
    if concerning(actor).filter(pk=lead.pk).exists():
        found.add("concerned")
        return found
    if held(actor).filter(pk=lead.pk).exists():
        found.add("officer")
    elif heard(actor, today).filter(pk=lead.pk).exists():
        found.add("decider")
    elif orphaned(actor, lead.key).exists():
        found.add("successor")
    return found


def may_hold(user: User, lead: Lead) -> bool:
    """Whether an account may become the one officer of a lead: over the city that it belongs to, and not about it."""
    actor = actor_for(user)
    if not may(actor, HOLD_LEAD) or user.pk == lead.officer_id:
        return False
    ranges = visible_paths(actor, HOLD_LEAD)
    return ranges is None or area_ids_within(ranges).filter(area_id=lead.city_id).exists()


@dataclass(frozen=True, slots=True)
class Authority:
    """Who manages an official: a key of ``organisations.toml``, '' = unknown; ``since``: by the main post of today
    (``post``), the one held when it happened (``then``), the last one (``last``), or '' where there is none."""

    key: str
    since: str


def authority(lead: Lead, day: date) -> Authority:
    """Who manages the official of a lead on a day. Who holds no main post any more is not out of reach for that: the
    post held when it happened counts, else the last one. One statement."""
    terms = list(
        Term.objects.filter(official_id=lead.official_id or 0, concurrent=False, valid_from__lte=day)
        .order_by("valid_from", "pk")
        .values_list("valid_from", "valid_to", "post__authority")
    )
    for since, moment in (("post", day), ("then", _happened(lead))):
        for first, last, key in reversed(terms):
            if first <= moment and (last is None or last > moment):
                return Authority(key, since)
    return Authority(terms[-1][2], "last") if terms else Authority("", "")


def _happened(lead: Lead) -> date:
    """The day of what it is about, as far as it is known."""
    incident = lead.incident
    return lead.opened_on if incident is None else incident.happened_on or incident.found_on


def missing() -> Missing:
    """What is said to everybody who may not know of it, and where there is none."""
    return Missing("no_such_lead", "没有这条记录。", "There is no such record.")


def _in_person(actor: Actor) -> bool:
    return actor.kind == "user" and actor.user_id is not None and actor.limits is None


def _about(actor: Actor) -> Q:
    """Leads about the actor, under whichever of his entries among the officials."""
    own = Official.objects.filter(user_id=actor.user_id or 0)
    return (
        Q(official__in=own.values("pk"))
        | Q(official__in=own.exclude(merged_into=None).values("merged_into"))
        | Q(official__merged_into__in=own.values("pk"))
    )


def _not_own(actor: Actor, rows: QuerySet[Lead]) -> QuerySet[Lead]:
    return rows.exclude(pk__in=Lead.objects.filter(_about(actor)).values("pk"))
