"""Who somebody is to a matter: who issued it, who holds it, who may verify it, the petition office; and which matters
one sees at all. Directives and problems are seen over the areas of one's grants; besides, whatever one's own
organisation, or oneself, issued, holds, joins or has a copy of. A petition is seen by the petition office and by who
holds it, and by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import Official, OrganisationVersion, Term
from tuopin.duties.selectors import own_official, ranges_at
from tuopin.platform.access import grants_of, may, one_page, page_memo, visible_ids, visible_paths
from tuopin.platform.access import subtree as path_range
from tuopin.platform.models import Grant
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

from .clock.settings import governing
from .models import Matter, MatterEvent, MatterUnit, Petition
from .permissions import HANDLE, ISSUE, PETITIONS, VERIFY, VIEW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.db.models import QuerySet

    from tuopin.core.matters import Who
    from tuopin.platform.access import Actor

ANY_ORDER = "place"
"""The area as :func:`in_order` annotates it."""
HANDLED = ("receive", "start", "progress", "done", "report_up", "ask_extension")
"""Acts by which somebody has handled a matter, and may not verify it."""


def own_organisations(actor: Actor, permission: str) -> frozenset[int]:
    """Organisations granted by themselves under a permission."""
    return visible_ids(actor, permission, "organisation")


def own_offices(actor: Actor) -> frozenset[int]:
    """The organisations in which somebody handles matters: those granted by themselves, and those that govern the very
    areas granted, whose clerks have no other grant. Not what stands below."""
    own = own_organisations(actor, HANDLE)
    areas = {each.scope_id for each in grants_of(actor, HANDLE) if each.scope_kind == "area" and each.scope_id}
    if not areas:
        return own
    memo, key = page_memo(), f"orders.governed.{sorted(areas)}"
    if key not in memo:
        governed = OrganisationVersion.objects.filter(
            area_id__in=listed(areas), kind__in=[*governing(), "village_committees"], valid_to=None
        )
        memo[key] = frozenset(governed.values_list("organisation_id", flat=True))
    governs: frozenset[int] = memo[key]
    return own | governs


def paths_of(area_ids: Collection[int]) -> Mapping[int, str]:
    """Where areas lie, or lay last. Asked once a page."""
    known: dict[int, str] = page_memo().setdefault("orders.paths", {})
    wanted = [each for each in area_ids if each not in known]
    if wanted:
        rows = AreaVersion.objects.filter(area_id__in=listed(wanted)).order_by("valid_from")
        known.update(rows.values_list("area_id", "path"))
    return {each: known[each] for each in area_ids if each in known}


def organisation_paths(organisation_ids: Collection[int]) -> Mapping[int, str]:
    """Where organisations belong, or belonged last. Asked once a page, in one statement."""
    known: dict[int, str] = page_memo().setdefault("orders.office_paths", {})
    wanted = [each for each in organisation_ids if each not in known]
    if wanted:
        area = AreaVersion.objects.filter(area_id=OuterRef("area_id")).order_by("-valid_from")
        rows = OrganisationVersion.objects.filter(organisation_id__in=listed(wanted)).order_by("valid_from")
        found = rows.annotate(at=Subquery(area.values("path")[:1])).values_list("organisation_id", "at")
        known.update((number, path) for number, path in found if path is not None)
    return {each: known[each] for each in organisation_ids if each in known}


def visible(actor: Actor, permission: str = VIEW, *, keys: Collection[int] | None = None) -> Q:
    """The matters that an actor sees (or may act upon with another permission), of some if their ``keys`` are named:
    then each of these is asked whose it is, instead of collecting all that is the actor’s."""
    if actor.unrestricted:
        return Q() if keys is None else Q(pk__in=listed(keys))
    if keys is None:
        return work(actor, permission) | _petitions(actor)
    ranges = visible_paths(actor, permission)
    found = ~Q(kind=Matter.Kind.PETITION)
    if ranges is not None:
        inside = Q(area_id__in=lasting_area_ids(ranges)) if ranges else Q(pk__in=[])
        found &= inside | _of_own(actor, permission)
    return (found | _petitions(actor)) & Q(pk__in=listed(keys))


def in_order(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Rows of which the first few are read in the order of an index, out of very many: a database would rather collect
    all of an area and sort them, unless it cannot see the area’s index."""
    return rows.annotate(**{ANY_ORDER: F("area_id") + 0})


def work(actor: Actor, permission: str = VIEW, place: AreaVersion | None = None, *, area: str = "area_id") -> Q:
    """The directives and problems that an actor sees, of a place if one is named: never a petition. What one sees as a
    unit or a person comes as one list of keys, each by its own index: alternatives side by side would use none.
    ``area`` names what the area is read from (:data:`ANY_ORDER`)."""
    ranges = ranges_at(actor, permission, place)
    if ranges is None:
        return ~Q(kind=Matter.Kind.PETITION)
    found = Q(**{f"{area}__in": lasting_area_ids(ranges)}) if ranges else Q(pk__in=[])
    own = None if actor.unrestricted else _own(actor, permission)
    if own is not None:
        here = Q(**{f"{area}__in": lasting_area_ids([path_range(place.path)])}) if place is not None else Q()
        found |= Q(pk__in=own) & here
    return found & ~Q(kind=Matter.Kind.PETITION)


def _sides(actor: Actor, permission: str) -> tuple[list[Q], QuerySet[MatterUnit] | None]:
    """By what a matter is one’s own, each by an index: that one’s organisations, or oneself, issued, hold or are to
    verify it; and the rows of those that one’s organisations join or have a copy of (None: one has no organisation)."""
    offices, mine = own_organisations(actor, permission), own_official(actor)
    found = [Q(holder_id__in=offices), Q(issuer_id__in=offices)] if offices else []
    if mine is not None:
        found += [Q(official_id=mine), Q(verifier_id=mine)]
    return found, MatterUnit.objects.filter(organisation_id__in=offices) if offices else None


def _own(actor: Actor, permission: str) -> QuerySet[Any, Any] | None:
    """The keys of what is one’s own; None where one has no such part."""
    sides, joined = _sides(actor, permission)
    parts: list[QuerySet[Any, Any]] = [Matter.objects.filter(each).values_list("pk") for each in sides]
    if joined is not None:
        parts.append(joined.values_list("matter_id"))
    return parts[0].union(*parts[1:]) if parts else None


def _of_own(actor: Actor, permission: str) -> Q:
    """What is one’s own as a condition, for a few matters that are found already."""
    sides, joined = _sides(actor, permission)
    found = Q(pk__in=[]) if joined is None else Q(Exists(joined.filter(matter_id=OuterRef("pk"))))
    for each in sides:
        found |= each
    return found


def _petitions(actor: Actor) -> Q:
    """What is reached by the keys of a petition’s office, or of its holder; never by whom it is about, and by no
    program: neither it nor its papers are read by a token, whosever it is."""
    if actor.limits is not None:
        return Q(pk__in=[])
    kept = visible_paths(actor, PETITIONS)
    found = Q() if kept is None else Q(area_id__in=lasting_area_ids(kept)) if kept else Q(pk__in=[])
    if kept is not None:
        found |= held_petitions(actor)
    return found & Q(kind=Matter.Kind.PETITION) & ~Q(pk__in=_about(actor))


def held_petitions(actor: Actor) -> Q:
    """The petitions that an actor holds: by organisations granted themselves; by those that govern the very areas
    granted, whose clerks have no other grant; as the person responsible. Not what stands below: who commands a county
    does not read what its departments hold. Nobody, of one that its office is to give to somebody else."""
    if actor.limits is not None:
        return Q(pk__in=[])
    offices, mine = own_offices(actor), own_official(actor)
    found = Q(pk__in=[])
    if offices:
        found |= Q(holder_id__in=sorted(offices))
    if mine is not None:
        found |= Q(official_id=mine)
    taken = Petition.objects.filter(reassign_at__isnull=False, withheld=True).values_list("pk", flat=True)
    return found & ~Q(pk__in=_about(actor)) & ~Q(pk__in=taken)


def _about(actor: Actor) -> QuerySet[Petition, int]:
    """The petitions that complain about the reader, or about where the reader works: by a post, also one whose end is
    known already, or by a grant."""
    mine = own_official(actor)
    own = {each.scope_id for each in grants_of(actor) if each.scope_kind == "organisation" and each.scope_id}
    about = Q(about_organisation_id__in=sorted(own))
    if mine is not None:
        in_office = Term.objects.filter(on_day(timezone.localdate()), official_id=mine)
        posts = in_office.values("post__organisation_id")
        about |= Q(about_official_id=mine) | Q(about_organisation_id__in=posts)
    return Petition.objects.filter(about).values_list("pk", flat=True)


def untold(petition_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """The accounts that must not hear of petitions: of whom each is about, and of those who work there, by a post or by
    a grant. Petition → ids of users; a number of statements that does not grow."""
    rows = Petition.objects.filter(pk__in=listed(petition_ids)).exclude(about_organisation=None, about_official=None)
    about = list(rows.values_list("pk", "about_organisation_id", "about_official_id"))
    offices = {office for _row, office, _person in about if office}
    people = {person for _row, _office, person in about if person}
    if not about:
        return {}
    today = on_day(timezone.localdate())
    of_office: dict[int, set[int]] = {}
    granted = Grant.objects.filter(today, scope_kind="organisation", scope_id__in=listed(offices))
    posts = Term.objects.filter(today, post__organisation_id__in=listed(offices)).exclude(official__user=None)
    for office, user in [*granted.values_list("scope_id", "user_id"),
                         *posts.values_list("post__organisation_id", "official__user_id")]:  # fmt: skip
        of_office.setdefault(office or 0, set()).add(user or 0)
    own = dict(Official.objects.filter(pk__in=listed(people)).exclude(user=None).values_list("pk", "user_id"))
    return {
        row: frozenset(of_office.get(office or 0, set()) | ({own[person]} if person in own else set()))
        for row, office, person in about
    }


def withheld(petition_ids: Collection[int]) -> set[int]:
    """Of petitions those that their holder is to read no more."""
    return set(Petition.objects.filter(pk__in=listed(petition_ids), withheld=True).values_list("pk", flat=True))


def hands(actor: Actor, matters: Iterable[Matter]) -> Mapping[int, frozenset[Who]]:
    """Who the actor is to each of some matters. A constant number of statements."""
    rows = list(matters)
    with one_page():  # grants, and what they lead to, are read once, not once a matter
        areas = paths_of({row.area_id for row in rows})
        sides = {side for row in rows for side in (row.holder_id, row.issuer_id) if side is not None}
        offices = organisation_paths(sides)
        handled = _handled_by(actor, rows)
        return {row.pk: _hands(actor, row, areas.get(row.area_id, ""), offices, row.pk in handled) for row in rows}


def _hands(actor: Actor, row: Matter, path: str, offices: Mapping[int, str], handled: bool) -> frozenset[Who]:
    mine = own_official(actor)
    petition = row.kind == Matter.Kind.PETITION
    who: set[Who] = set()
    if petition and may(actor, PETITIONS, area_path=path):
        who.add("office")
    # who issues over a township does not speak for the county that issued something to it
    issued = path if row.issuer_id is None else offices.get(row.issuer_id, "-")
    if not petition and (may(actor, ISSUE, area_path=issued) or row.issuer_id in own_organisations(actor, ISSUE)):
        who.add("issuer")
    own = row.holder_id in own_offices(actor) or (mine is not None and row.official_id == mine)
    if row.holder_id is not None and (own or may(actor, HANDLE, area_path=offices.get(row.holder_id, "-"))):
        who.add("holder")
    if petition:
        verifies = "office" in who
    else:
        verifies = (mine is not None and row.verifier_id == mine) or may(actor, VERIFY, area_path=path)
    if not own and not handled and verifies:
        who.add("verifier")
    return frozenset(who)


def _handled_by(actor: Actor, rows: Collection[Matter]) -> frozenset[int]:
    """The matters that this person has handled: an account by its number, the command line by the system's user."""
    known: dict[int, bool] = page_memo().get(_handled_key(actor), {})
    if all(row.pk in known for row in rows):
        return frozenset(row.pk for row in rows if known[row.pk])
    events = MatterEvent.objects.filter(matter_id__in=listed([row.pk for row in rows]), act__in=HANDLED)
    return frozenset(events.filter(by(actor)).values_list("matter_id", flat=True))


def know_handled(actor: Actor, row: Matter, events: Iterable[MatterEvent]) -> None:
    """Keep for the page whether the actor handled a matter, of which all events are read already."""
    own = (
        event.user_id == actor.user_id
        if actor.user_id is not None
        else event.user_id is None and event.actor == signature(actor)
        for event in events
        if event.act in HANDLED
    )
    page_memo().setdefault(_handled_key(actor), {})[row.pk] = any(own)


def _handled_key(actor: Actor) -> str:
    return f"orders.handled.{actor.user_id}.{signature(actor)}"


def by(actor: Actor) -> Q:
    """The events of an actor."""
    return Q(user_id=actor.user_id) if actor.user_id is not None else Q(user_id=None, actor=signature(actor))


def signature(actor: Actor) -> str:
    """How an actor is named in events: an account by its name, the command line by the system's user too."""
    return actor.name if actor.user_id is not None else f"{actor.name} ({actor.os_user})".removesuffix(" ()")


def accounts_of(organisation_ids: Collection[int]) -> Mapping[int, list[int]]:
    """The accounts of the officials in office in organisations, for messages: organisation → ids of users."""
    live = Term.objects.filter(
        valid_to=None, post__organisation_id__in=listed(organisation_ids), official__user__is_active=True
    )
    found: dict[int, list[int]] = {}
    for organisation, user in live.values_list("post__organisation_id", "official__user_id").distinct():
        found.setdefault(organisation, []).append(user)
    return found
