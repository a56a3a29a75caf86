"""What people told and nobody has ended: problems that visits found, incidents. Which have no matter, which were told
again after theirs was closed, which somebody has ended since. One statement a question, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, TruncDate

from tuopin.duties.assigning import living
from tuopin.duties.incidents import rules
from tuopin.duties.kinds import role
from tuopin.duties.models import Incident
from tuopin.duties.permissions import VIEW_INCIDENT, VIEW_VISIT
from tuopin.duties.visits import kinds, troubles
from tuopin.duties.visits.models import VisitProblem
from tuopin.orders.models import MatterSubject
from tuopin.platform.access import field_classes_at, may
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import area_ids_within, on_day, subtree

from . import holders
from .findings import RUNNING, Row
from .order import CLOSED_AS, CLOSED_SOURCE, CLOSED_TEXT, CLOSED_TITLE, ORIGINS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion as Place

    from .order import Origin

LEVELS: Mapping[str, tuple[str, ...]] = {"visit": ("household", "area"), "incident": ("household",)}
"""Whom each origin speaks of."""


@dataclass(frozen=True, slots=True)
class Word:
    """A sort of problem, or a kind of incident. ``closed``: it tells of a class that an area does not open."""

    title: Title
    closed: bool


def words(origin: str) -> Mapping[str, Word]:
    """The sorts of an origin, by key."""
    if origin == "visit":
        sorts = kinds.problem_sorts().values()
        return {each.key: Word(each.title, each.field_class != "general") for each in sorts}
    titles = rules.titles("incidents", "kind")
    return {key: Word(title, bool(rules.classes_of(key))) for key, title in titles.items()}


def open_to(actor: Actor, area: Place) -> list[tuple[str, str]]:
    """(origin, sort) of what an actor may be told over an area."""
    if not may(actor, VIEW_HOUSEHOLD, area_path=area.path):
        return []
    found: list[tuple[str, str]] = []
    if may(actor, VIEW_VISIT, area_path=area.path):
        shut = troubles.closed_sorts(field_classes_at(actor, VIEW_VISIT, area.path))
        found += [("visit", key) for key in kinds.problem_sorts() if key not in shut]
    if may(actor, VIEW_INCIDENT, area_path=area.path):
        classes = field_classes_at(actor, VIEW_INCIDENT, area.path)
        found += [("incident", key) for key in rules.told_kinds(classes)]
    return found


def _standing(origin: str, level: str) -> QuerySet[Any]:
    """What is open, with ``sort_key`` and ``finding``: the standard and item of its matter."""
    if origin == "visit":
        problems = VisitProblem.objects.filter(settled_at=None, household__isnull=level == "area")
        found: QuerySet[Any] = problems.annotate(sort_key=F("sort"), finding=F("item"))
    else:
        day = Cast("found_on", CharField(max_length=10))
        found = Incident.objects.filter(closing=None).annotate(sort_key=F("kind"), finding=day)
    return found


def _placed(rows: QuerySet[Any], level: str, place: Place, day: date) -> QuerySet[Any]:
    """Those in a place on a day, with ``home``: the area where the subject lies."""
    low, high = subtree(place)
    inside = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high).values("area_id")
    found: QuerySet[Any]
    if level == "area":
        found = rows.filter(area_id__in=inside).annotate(home=F("area_id"))
    else:
        living_there = Residence.objects.filter(on_day(day), area_id__in=inside)
        home = living_there.filter(household_id=OuterRef("household_id")).values("area_id")[:1]
        found = rows.filter(household_id__in=living_there.values("household_id")).annotate(home=Subquery(home))
    return found


def _with_matter(origin: str, level: str) -> Exists:
    """That a matter was opened for it."""
    return Exists(
        MatterSubject.objects.filter(
            origin=origin, standard=OuterRef("sort_key"), item=OuterRef("finding"),
            **{f"{level}_id": OuterRef(f"{level}_id")},
        )
    )  # fmt: skip


def _of_merged() -> Mapping[str, set[tuple[int, str, str]]]:
    """What has a matter because a household had it that was merged since, by origin: (the one that goes on, standard,
    item). What somebody withdrew for the one, the other may still have. One statement; such households are few."""
    rows = MatterSubject.objects.filter(origin__in=list(LEVELS), household__went_to__now__isnull=False)
    rows = rows.exclude(matter__state="withdrawn")
    found: dict[str, set[tuple[int, str, str]]] = {origin: set() for origin in LEVELS}
    for origin, home, standard, item in rows.values_list("origin", "household__went_to__now_id", "standard", "item"):
        found[origin].add((home, standard, item))
    return found


def _inherited(origin: str, place: Place, day: date, sort: str = "") -> list[tuple[str, Row]]:
    """What is open of households that were merged and had no matter for it: the ones that go on, where they live in a
    place, are to have it. By sort, each once, but for what these have themselves: a matter, or the same still open. A
    fixed number of statements, one where there is none; such households are few."""
    rows = _standing(origin, "household").filter(household__went_to__now__isnull=False)
    rows = rows.filter(~_with_matter(origin, "household"), **({"sort_key": sort} if sort else {}))
    names = ("household__went_to__now_id", "sort_key", "finding", "pk")
    found = {(now, key, item): number for now, key, item, number in rows.order_by("-pk").values_list(*names)}
    if not found:
        return []
    homes = listed({now for now, _key, _item in found})
    low, high = subtree(place)
    inside = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high).values("area_id")
    lives = Residence.objects.filter(on_day(day), area_id__in=inside, household_id__in=homes)
    home = dict(lives.values_list("household_id", "area_id"))
    helper = living.live(role("helper"), day).filter(household_id__in=homes)
    helpers = dict(helper.order_by("-pk").values_list("household_id", "official_id"))
    own = MatterSubject.objects.filter(origin=origin, household_id__in=homes)
    same = _standing(origin, "household").filter(household_id__in=homes)
    had = {*_of_merged()[origin], *own.values_list("household_id", "standard", "item"),
           *same.values_list("household_id", "sort_key", "finding")}  # fmt: skip
    return [
        (key, Row(number, now, home[now], helpers.get(now), item))
        for (now, key, item), number in sorted(found.items(), key=lambda each: each[1])
        if now in home and (now, key, item) not in had
    ]


def counts(place: Place, day: date) -> dict[tuple[str, str], tuple[int, int]]:
    """By origin and sort: how many are open, and how many of them have no matter. Some statements an origin and level,
    whatever their number."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    of_merged = _of_merged()
    for origin, levels in LEVELS.items():
        merged = of_merged[origin]
        for level in levels:
            rows = _placed(_standing(origin, level), level, place, day).annotate(there=_with_matter(origin, level))
            sums = rows.order_by().values_list("sort_key").annotate(
                every=Count("pk"), fresh=Count("pk", filter=Q(there=False))
            )  # fmt: skip
            for key, every, fresh in sums:
                before = found.get((origin, key), (0, 0))
                found[origin, key] = before[0] + every, before[1] + fresh
            if level == "household" and merged:
                same = rows.filter(there=False, household_id__in=listed({home for home, *_rest in merged}))
                for each in same.values_list("household_id", "sort_key", "finding"):
                    every, fresh = found.get((origin, each[1]), (0, 0))
                    if each in merged and fresh:  # one told since the sums were read is not in them
                        found[origin, each[1]] = every, fresh - 1
        for key, _row in _inherited(origin, place, day) if "household" in levels else ():
            every, fresh = found.get((origin, key), (0, 0))
            found[origin, key] = every + 1, fresh + 1
    return found


class Told:
    """What of one origin and sort is open in a place, of households or of areas: a source (``services.Source``)."""

    def __init__(self, origin: Origin, key: str, level: str, place: Place, day: date) -> None:
        self.origin, self.standard, self.level, self.day = origin, key, level, day
        self._place, self._word = place, words(origin.key)[key]
        # who holds one of a closed class tells nothing either
        self.way = CLOSED_AS if self._word.closed else origin.key

    def waiting(self, most: int) -> Iterator[tuple[dict[str, str], list[Row]]]:
        """Those without a matter, some at a time, with what their matters have in common."""
        pattern, after = self._pattern(), 0
        merged = _of_merged()[self.origin.key] if self.level == "household" else frozenset()
        helper: Any = Value(None)
        if self.level == "household":
            live = living.live(role("helper"), self.day).filter(household_id=OuterRef("household_id"))
            helper = Subquery(live.values("official_id")[:1])
        rows = _placed(_standing(self.origin.key, self.level).filter(sort_key=self.standard), self.level, self._place,
                       self.day).filter(~_with_matter(self.origin.key, self.level))  # fmt: skip
        names = ["pk", f"{self.level}_id", "home", "finding"]
        if self.level == "household":
            rows, names = rows.annotate(helper=helper), [*names, "helper"]
        while some := list(rows.filter(pk__gt=after).order_by("pk").values_list(*names)[:most]):
            after = some[-1][0]
            rows_of = [
                Row(pk, subject, home, rest[0] if rest else None, item)
                for pk, subject, home, item, *rest in some
                if (subject, self.standard, item) not in merged
            ]
            if rows_of:
                yield pattern, rows_of
        if self.level == "household":
            inherited = [row for _key, row in _inherited(self.origin.key, self._place, self.day, self.standard)]
            for at in range(0, len(inherited), most):
                yield pattern, inherited[at : at + most]

    def came_back(self) -> list[int]:
        """Matters that were closed, and of which a visit on a later day has told again. Incidents happen once."""
        if self.origin.key != "visit":
            return []
        again = self._open_of().filter(last_day__gt=OuterRef("closed_day"))
        rows = self._subjects().filter(matter__state__in=["closed", "final"], matter__closed_at__isnull=False)
        rows = rows.annotate(closed_day=TruncDate("matter__closed_at")).filter(Exists(again))
        return sorted({*rows.values_list("matter_id", flat=True), *self._back_with_another()})

    def _back_with_another(self) -> set[int]:
        """The newest closed matter of households that were merged into one where a later visit has told it again: none
        of theirs still runs, and that one has none of its own. Few."""
        if self.level != "household":
            return set()
        rows = self._subjects().filter(household__went_to__now__isnull=False).exclude(matter__state="withdrawn")
        names = ("household__went_to__now_id", "item", "matter_id", "matter__state")
        closed = list(
            rows.annotate(closed_day=TruncDate("matter__closed_at")).order_by("matter_id").values_list(
                *names, "closed_day"
            )
        )  # fmt: skip
        if not closed:
            return set()
        homes = listed({home for home, *_rest in closed})
        standing = _standing("visit", "household").filter(sort_key=self.standard, household_id__in=homes)
        told = {
            (home, item): day
            for home, item, day in standing.filter(~_with_matter("visit", "household")).values_list(
                "household_id", "finding", "last_day"
            )
        }
        found: dict[tuple[int, str], int | None] = {}
        for home, item, number, state, day in closed:
            last = told.get((home, item))
            if last is None or found.get((home, item), 0) is None:
                continue
            over = state in {"closed", "final"} and day is not None and last > day
            found[home, item] = number if over else None
        return {number for number in found.values() if number is not None}

    def gone(self) -> set[int]:
        """Matters of what somebody has ended, and with nothing else of the origin that is open."""
        rows = self._subjects().filter(matter__state__in=RUNNING)
        over = set(rows.filter(~Exists(self._open_of())).values_list("matter_id", flat=True))
        if not over:
            return over
        for level in LEVELS[self.origin.key]:
            beside = MatterSubject.objects.filter(origin=self.origin.key, matter_id__in=listed(over))
            beside = beside.filter(Exists(self._open_of(level)), **{f"{level}__isnull": False})
            over -= set(beside.values_list("matter_id", flat=True))
        return over - self._with_another(over)

    def _with_another(self, over: set[int]) -> set[int]:
        """Matters whose household was merged into one that has the same still open, or went on in the place of one that
        has."""
        rows = MatterSubject.objects.filter(origin=self.origin.key, matter_id__in=listed(over))
        kept = list(rows.exclude(household=None).values_list("matter_id", "household_id", "standard", "item"))
        left = _standing(self.origin.key, "household").filter(
            household__went_to__now_id__in=listed({home for _matter, home, *_rest in kept})
        )
        behind = set(left.values_list("household__went_to__now_id", "sort_key", "finding")) if kept else set()
        still = {number for number, *key in kept if tuple(key) in behind}
        rows = rows.filter(household__went_to__now__isnull=False)
        merged = list(rows.values_list("matter_id", "household__went_to__now_id", "standard", "item"))
        if not merged:
            return still
        standing = _standing(self.origin.key, "household").filter(
            household_id__in=listed({home for _matter, home, *_rest in merged})
        )
        there = set(standing.values_list("household_id", "sort_key", "finding"))
        return still | {number for number, *key in merged if tuple(key) in there}

    def areas(self) -> QuerySet[AreaVersion, int]:
        """The areas of the place."""
        return area_ids_within([subtree(self._place)])

    def _subjects(self) -> QuerySet[MatterSubject]:
        return MatterSubject.objects.filter(
            origin=self.origin.key, standard=self.standard, matter__area_id__in=self.areas(),
            **{f"{self.level}__isnull": False},
        )  # fmt: skip

    def _open_of(self, level: str = "") -> QuerySet[Any]:
        """What is open of a subject of a matter."""
        subject = level or self.level
        return _standing(self.origin.key, subject).filter(
            sort_key=OuterRef("standard"), finding=OuterRef("item"), **{f"{subject}_id": OuterRef(f"{subject}_id")}
        )

    def _pattern(self) -> dict[str, str]:
        """What all matters of one sort have in common; nothing of what anybody said or wrote. One of a closed class is
        like those that an evaluation found unknown: even that it was told at a visit is not said."""
        origin, word = self.origin, self._word
        text = f"{origin.title.zh}：{word.title.zh}。详见该户（村）的走访问题或事件记录。"
        return {
            "level": self.level, "origin": origin.key, "standard": self.standard,
            "title": CLOSED_TITLE if word.closed else f"{origin.title.zh}：{word.title.zh}{origin.ending}",
            "text": CLOSED_TEXT if word.closed else text,
            "urgency": holders.urgency(self.way),
            "source": CLOSED_SOURCE if word.closed else origin.source,
            "category": "" if word.closed else holders.category(origin.key, self.standard),
        }  # fmt: skip


def sources(origin: str, key: str, place: Place, day: date) -> list[Told]:
    """The sources of one sort: of households, and of areas."""
    return [Told(ORIGINS[origin], key, level, place, day) for level in LEVELS[origin]]
