"""Which accounts are told of what: for many matters at once, read in a fixed number of statements and kept while a tick
lasts. Of a petition nobody hears but who holds it and the petition office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.duties.models import OrganisationLink
from tuopin.platform.models import Grant
from tuopin.platform.roles import all_roles, allows
from tuopin.platform.scopes import area_paths
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .. import reach
from ..permissions import HANDLE, VIEW
from .chain import accounts, live_people
from .settings import governing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from .chain import Chains, Link

type Users = tuple[int, ...]


class People:
    """The accounts behind organisations and officials on one day."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self._offices: set[int] = set()
        self._officials: set[int] = set()
        self._reached: dict[int, int] = {}
        self._accounts: dict[int, int] = {}
        self._granted: dict[int, list[int]] = {}
        self._in_office: dict[int, list[int]] = {}
        self._clerks: dict[int, list[int]] = {}
        self._watching: dict[int, list[int]] = {}
        self._watched: set[int] = set()
        self._over: dict[str, list[tuple[int, str]]] = {}

    def know(self, holders: Iterable[int], others: Iterable[int], officials: Iterable[int]) -> None:
        """Read what is needed of holders with those above and who watches them, of other organisations, of officials.
        ``chains`` knows the holders."""
        holders = set(holders)
        above = {link.office.id for each in holders for link in self.chains.takers(each)[0][:3]}
        watched = holders - self._watched  # one that stood above another before may hold something now
        if watched:
            self._read_watching(watched)
            self._watched |= watched
        groups = {one for each in watched for one in self._watching.get(each, ())}
        fresh = (holders | above | groups | set(others)) - self._offices
        if fresh:
            self._read_offices(fresh)
            self._offices |= fresh
        heads = {link.head for each in self._offices if (link := self.chains.link(each)) is not None}
        new = (set(officials) | {each for each in heads if each is not None}) - self._officials
        if new:
            reached = live_people(new, self.chains.day)
            self._reached |= reached
            self._accounts |= accounts(set(reached.values()) | {each for each in heads if each is not None})
            self._officials |= new

    def official(self, number: int | None) -> Users:
        """The account of an official, or of who stands in."""
        user = self._accounts.get(self._reached.get(number or 0, 0))
        return () if user is None else (user,)

    def reached(self, number: int | None) -> bool:
        """Whether an official, or who stands in, answers on the day, with an account or without."""
        return number is not None and number in self._reached

    def granted(self, organisation_id: int) -> Users:
        """Accounts that see or handle what the organisation holds, by a grant over it."""
        return tuple(self._granted.get(organisation_id, ()))

    def office(self, organisation_id: int) -> Users:
        """Who is told at an organisation: its head and who has a grant over it, else whoever is in office there, else
        its clerks."""
        link = self.chains.link(organisation_id)
        head = self._accounts.get(link.head) if link is not None and link.head is not None else None
        found = tuple(dict.fromkeys([*([head] if head is not None else []), *self.granted(organisation_id)]))
        return found or tuple(self._in_office.get(organisation_id, ())) or self.clerks(organisation_id)

    def clerks(self, organisation_id: int) -> Users:
        """Who handles for an organisation that governs an area by a grant over that area (``reach.own_offices``)."""
        return tuple(self._clerks.get(organisation_id, ()))

    def everybody(self, organisation_id: int) -> Users:
        """All who handle for an organisation: none of them verifies what it holds."""
        return (*self.office(organisation_id), *self._in_office.get(organisation_id, ()), *self.clerks(organisation_id))

    def superiors(self, organisation_id: int, levels: int) -> Users:
        """Those that stand above and can be reached, so many of them. Who heads the organisation, too, is none."""
        own = self.chains.link(organisation_id)
        head = self._accounts.get(own.head) if own is not None and own.head is not None else None
        found: list[int] = []
        taken = 0
        for link in self.chains.takers(organisation_id)[0]:
            users = [each for each in self._of(link) if each != head]
            if users and taken < levels:
                found += users
                taken += 1
        return tuple(dict.fromkeys(found))

    def watchers(self, organisation_id: int) -> Users:
        """The discipline inspection groups that watch an organisation."""
        return tuple(
            dict.fromkeys(user for each in self._watching.get(organisation_id, ()) for user in self.office(each))
        )

    def over(self, permission: str, path: str) -> Users:
        """Accounts that hold a permission over a place."""
        return tuple(dict.fromkeys(user for user, _above in self._grants_over(permission, path)))

    def nearest(self, permission: str, path: str, but: Collection[int] = ()) -> Users:
        """Those of :meth:`over` whose grant is the narrowest around a place, some accounts left out."""
        found = [(user, above) for user, above in self._grants_over(permission, path) if user not in but]
        closest = max((len(above) for _user, above in found), default=0)
        return tuple(dict.fromkeys(user for user, above in found if len(above) == closest))

    def _grants_over(self, permission: str, path: str) -> list[tuple[int, str]]:
        if permission not in self._over:
            self._over[permission] = self._read_over(permission)
        return [(user, above) for user, above in self._over[permission] if path.startswith(above)]

    def _of(self, link: Link) -> Users:
        if link.office.id not in self._offices:  # further up than was read: few chains have so many gaps
            self.know([], [link.office.id], [])
        return self.office(link.office.id)

    def _read_watching(self, holders: Collection[int]) -> None:
        links = OrganisationLink.objects.filter(
            on_day(self.chains.day), other_id__in=listed(holders), relation=OrganisationLink.Relation.WATCHES
        )
        for watched, group in links.order_by("organisation_id").values_list("other_id", "organisation_id"):
            self._watching.setdefault(watched, []).append(group)

    def _read_offices(self, organisation_ids: Collection[int]) -> None:
        self.chains.know(organisation_ids)
        roles = [key for key in all_roles() if allows(key, HANDLE) or allows(key, VIEW)]
        grants = _in_force().filter(scope_kind="organisation", scope_id__in=listed(organisation_ids), role__in=roles)
        for organisation, user in grants.values_list("scope_id", "user_id").order_by("user_id").distinct():
            if organisation is not None:
                self._granted.setdefault(organisation, []).append(user)
        self._in_office |= reach.accounts_of(organisation_ids)
        kinds = {*governing(), "village_committees"}
        seats: dict[int, list[int]] = {}
        for each in organisation_ids:
            office = self.chains.office(each)
            if office is not None and office.kind in kinds:
                seats.setdefault(office.area_id, []).append(each)
        if not seats:
            return
        handle = [key for key in all_roles() if allows(key, HANDLE)]
        clerks = _in_force().filter(scope_kind="area", scope_id__in=listed(seats), role__in=handle)
        for area, user in clerks.values_list("scope_id", "user_id").order_by("user_id").distinct():
            for each in seats[area or 0]:
                self._clerks.setdefault(each, []).append(user)

    def _read_over(self, permission: str) -> list[tuple[int, str]]:
        roles = [key for key in all_roles() if allows(key, permission)]
        grants = list(
            _in_force()
            .filter(Q(scope_kind="all") | Q(scope_kind="area"), role__in=roles)
            .order_by("user_id")
            .values_list("user_id", "scope_kind", "scope_id")
        )
        paths = area_paths({place for _user, _kind, place in grants if place is not None})
        found = [(user, "") for user, kind, _place in grants if kind == "all"]
        return found + [(user, paths[place]) for user, _kind, place in grants if place is not None and place in paths]


def _in_force() -> QuerySet[Grant]:
    """Grants as they open pages: today, whatever the time of the tick."""
    return Grant.objects.filter(on_day(timezone.localdate()), user__is_active=True)
