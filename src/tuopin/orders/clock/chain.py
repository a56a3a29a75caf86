"""Who stands above whom on a day, and who answers there.

Above an organisation stands the superior on record; without one those that govern its area (``clock.toml``), then those
of the area above. Its head is who holds a post that bears the first responsibility; of those that govern an area, else
the first responsible person of the area; while the head is away, who stands in. Where a head was recorded and nobody
answers now, or where the organisation has ended, there is a vacancy: the next above takes what would have come here.
Where none was ever recorded, nobody can say so: whoever is in office there is told.

Read for many organisations at once, in a number of statements that does not grow with them; kept while a tick lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from tuopin.duties.assigning import living
from tuopin.duties.kinds import role
from tuopin.duties.models import Absence, Assignment, Official, OrganisationVersion, Post, Term
from tuopin.platform.access import PATH_DIGITS
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

from .settings import governing, headed_by_area

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

DEEPEST = 12
"""Steps up a chain, and rounds of reading superiors: more is a fault of the data."""


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation on the day. ``path``, ``level``: of its area; ``parent``: its superior on record; ``stands``: it
    has not ended."""

    id: int
    name: str
    kind: str
    area_id: int
    path: str
    level: str
    parent: int | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain. ``head`` is who answers (or stands in), None where nobody is recorded; ``vacant``: somebody
    was recorded, or the organisation has ended, and nobody answers now."""

    office: Office
    head: int | None
    vacant: bool


class Chains:
    """The chains on one day."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._offices: dict[int, Office] = {}
        self._asked: set[int] = set()
        self._governs: dict[tuple[int, str], int] = {}
        self._heads: dict[int, int] = {}
        self._recorded: set[int] = set()
        self._takers: dict[int, tuple[list[Link], list[Link]]] = {}

    def know(self, organisation_ids: Iterable[int], *, heads: bool = True) -> None:
        """Read what is needed for the chains above organisations; without ``heads`` nothing is known of who answers."""
        fresh: set[int] = set()
        wanted = set(organisation_ids) - self._offices.keys()
        for _round in range(DEEPEST):
            if not wanted:
                break
            found = self._read(OrganisationVersion.objects.filter(organisation_id__in=listed(wanted)))
            found |= self._read_governing({area for each in found for area in _areas(self._offices[each].path)})
            fresh |= found
            parents = {self._offices[each].parent for each in found} - {None}
            wanted = {each for each in parents if each is not None and each not in self._offices}
        if fresh and heads:
            self._read_heads(fresh)

    def offices(self) -> Iterable[Office]:
        """All that are known."""
        return self._offices.values()

    def office(self, organisation_id: int) -> Office | None:
        """One that is known, as it stood on the day, or last."""
        return self._offices.get(organisation_id)

    def link(self, organisation_id: int) -> Link | None:
        """An organisation with who answers there; None for one that is not known, or had not begun."""
        office = self._offices.get(organisation_id)
        if office is None:
            return None
        head = self._heads.get(organisation_id)
        return Link(office, head, head is None and (organisation_id in self._recorded or not office.stands))

    def above(self, organisation_id: int) -> list[Link]:
        """Those that stand above, the next one first. Each stands there once, whatever loops the data have."""
        seen, found = {organisation_id}, list[Link]()
        at = self._next(organisation_id, seen)
        while at is not None and len(found) < DEEPEST:
            seen.add(at)
            link = self.link(at)
            if link is not None:
                found.append(link)
            at = self._next(at, seen)
        return found

    def takers(self, organisation_id: int) -> tuple[list[Link], list[Link]]:
        """Those above who can take something, the next one first; and the vacancies below the first of them."""
        if organisation_id not in self._takers:
            chain = self.above(organisation_id)
            first = next((at for at, each in enumerate(chain) if not each.vacant), len(chain))
            self._takers[organisation_id] = [each for each in chain if not each.vacant], chain[:first]
        return self._takers[organisation_id]

    def _next(self, organisation_id: int, seen: set[int]) -> int | None:
        office = self._offices.get(organisation_id)
        if office is None:
            return None
        parent = self._offices.get(office.parent or 0)
        if parent is not None and parent.stands and parent.id not in seen:
            return parent.id
        kinds = list(governing())
        for area in reversed(_areas(office.path)):
            own = area == office.area_id and office.kind in kinds
            for kind in kinds[kinds.index(office.kind) + 1 :] if own else kinds:
                found = self._governs.get((area, kind))
                if found is not None and found not in seen:
                    return found
        return None

    def _read(self, versions: QuerySet[OrganisationVersion]) -> set[int]:
        """Take in versions as they stood on the day, or last before it."""
        area = AreaVersion.objects.filter(area_id=OuterRef("area_id"), valid_from__lte=self.day).order_by("-valid_from")
        begun = versions.filter(valid_from__lte=self.day).order_by("valid_from").annotate(
            at=Subquery(area.values("path")[:1]), lies=Subquery(area.values("level")[:1])
        )  # fmt: skip
        names = ("organisation_id", "name", "kind", "area_id", "at", "lies", "parent_id", "valid_to")
        found = set()
        for number, name, kind, place, path, level, parent, end in begun.values_list(*names):
            stands = end is None or end > self.day
            self._offices[number] = Office(number, name, kind, place, path or "", level or "", parent, stands)
            found.add(number)
        return found

    def _read_governing(self, area_ids: set[int]) -> set[int]:
        """Those that govern areas, the oldest first where an area has two of a kind."""
        fresh = area_ids - self._asked
        if not fresh:
            return set()
        self._asked |= fresh
        live = OrganisationVersion.objects.filter(
            on_day(self.day), area_id__in=listed(fresh), kind__in=list(governing())
        )
        found = self._read(live)
        for each in sorted(found):
            office = self._offices[each]
            if office.stands and office.level in governing()[office.kind]:
                self._governs.setdefault((office.area_id, office.kind), each)
        return found

    def _read_heads(self, organisation_ids: Collection[int]) -> None:
        posts = Post.objects.filter(organisation_id__in=listed(organisation_ids), first_responsible=True)
        self._recorded |= set(posts.values_list("organisation_id", flat=True))
        terms = Term.objects.filter(
            on_day(self.day), post__organisation_id__in=listed(organisation_ids), post__first_responsible=True
        )
        heads = dict(terms.order_by("-concurrent", "-pk").values_list("post__organisation_id", "official_id"))
        by_area: dict[int, list[int]] = {}
        for each in sorted(set(organisation_ids) - self._recorded):
            if self._offices[each].kind in headed_by_area():
                by_area.setdefault(self._offices[each].area_id, []).append(each)
        self._heads |= present(heads | self._of_areas(by_area), self.day)

    def _of_areas(self, by_area: dict[int, list[int]]) -> dict[int, int]:
        """The first responsible persons of areas, for the organisations that they head."""
        duty = role("first_responsible")
        every = Assignment.objects.filter(role=duty.key, area_id__in=listed(by_area), valid_from__lte=self.day)
        rows = list(every.order_by("valid_from").values_list("area_id", "official_id", "valid_to"))
        self._recorded |= {each for area, _official, _end in rows for each in by_area[area]}
        held = {area: official for area, official, end in rows if end is None or end > self.day}
        gone = living.out_of_office(duty, set(held.values()), self.day)
        return {each: official for area, official in held.items() if official not in gone for each in by_area[area]}


def present[K](heads: Mapping[K, int], day: date) -> dict[K, int]:
    """Heads (of whatever) as they can be reached on a day: themselves, or who stands in for one who is away, unless
    away too, or out of office. Who is away without anybody is left out; who is on leave without anybody is not."""
    duty = role("first_responsible")
    away = duty.absent
    absences = Absence.objects.filter(on_day(day), official_id__in=listed(set(heads.values())))
    stand_ins: dict[int, int | None] = {}
    for official, kind, stand_in in absences.order_by("pk").values_list("official_id", "kind", "stand_in_id"):
        if kind in away or stand_in is not None:
            stand_ins[official] = stand_in or stand_ins.get(official)
    deputies = {each for each in stand_ins.values() if each is not None}
    gone = Absence.objects.filter(on_day(day), official_id__in=listed(deputies), kind__in=away)
    deputies -= set(gone.values_list("official_id", flat=True))
    deputies -= living.out_of_office(duty, deputies, day) if deputies else set()
    found = {}
    for key, official in heads.items():
        taker = stand_ins.get(official, official)
        if taker is not None and (official not in stand_ins or taker in deputies):
            found[key] = taker
    return found


def live_people(official_ids: Collection[int], day: date) -> dict[int, int]:
    """Of officials those who can take something on a day: themselves, or who stands in. Who is away without anybody,
    and whose last post is over, is left out."""
    gone = living.out_of_office(role("first_responsible"), set(official_ids), day)
    return present({each: each for each in official_ids if each not in gone}, day)


def accounts(official_ids: Collection[int]) -> dict[int, int]:
    """The open accounts of officials."""
    rows = Official.objects.filter(pk__in=listed(official_ids), user__is_active=True)
    return dict(rows.values_list("pk", "user_id"))


def _areas(path: str) -> list[int]:
    """The areas of a path, the highest first."""
    return [int(path[at : at + PATH_DIGITS]) for at in range(0, len(path), PATH_DIGITS)]
