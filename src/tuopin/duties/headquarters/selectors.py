"""Reading headquarters, plans and opinions: always with the actor, inside the grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Max, OuterRef, Q

from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import area_ids_within, on_day, subtree

from ..lasting import lasting_area_ids
from ..models import Assignment, Official, OrganisationVersion, Term
from ..permissions import VIEW_HEADQUARTERS
from ..selectors import organisation_names, ranges_at
from .fields import fields
from .models import HeadquartersDetail, HeadquartersPlan, Opinion, PlanStep, StepReport
from .states import DONE, StepView, views

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from .fields import Field

KIND = "headquarters"
LEADERS = ("commander", "acting_deputy")


@dataclass(frozen=True, slots=True)
class Headquarters:
    """A headquarters on a day: ``path`` is its area's. ``field`` None: of its own; ``lead``: '' = not said."""

    id: int
    name: str
    area_id: int
    path: str
    field: Field | None
    lead_id: int | None
    lead: str
    people: tuple[Assignment, ...]

    @property
    def commander(self) -> Assignment | None:
        return next((each for each in self.people if each.role == "commander"), None)

    @property
    def deputy(self) -> Assignment | None:
        return next((each for each in self.people if each.role == "acting_deputy"), None)

    @property
    def members(self) -> tuple[Assignment, ...]:
        return tuple(each for each in self.people if each.role not in LEADERS)


def headquarters(actor: Actor, day: date, place: AreaVersion | None = None) -> list[Headquarters]:
    """The headquarters within the grants (in ``place``) on a day, by area and field: five statements."""
    return _described(_versions(actor, day, place), day)


def one(actor: Actor, number: int, day: date) -> Headquarters:
    """One headquarters. Raises Missing outside the grants and where there is none: the two look alike."""
    found = _described(_versions(actor, day).filter(organisation_id=number), day) if number < 2**63 else []
    if not found:
        raise missing()
    return found[0]


def missing() -> Missing:
    """What is said of a headquarters that is not there, or not for this reader."""
    return Missing(
        "no_such_headquarters",
        "没有找到这个指挥部，或不在您的管辖范围内。",
        "There is no such headquarters, or none within your grants.",
    )


def _versions(actor: Actor, day: date, place: AreaVersion | None = None) -> QuerySet[OrganisationVersion]:
    found = OrganisationVersion.objects.filter(on_day(day), kind=KIND)
    ranges = ranges_at(actor, VIEW_HEADQUARTERS, place)
    return found if ranges is None else found.filter(area_id__in=area_ids_within(ranges))


def _described(rows: QuerySet[OrganisationVersion], day: date) -> list[Headquarters]:
    versions = list(rows)
    ids = [each.organisation_id for each in versions]
    details = {
        each.organisation_id: each for each in HeadquartersDetail.objects.filter(on_day(day), organisation_id__in=ids)
    }
    paths = dict(
        AreaVersion.objects.filter(on_day(day), area_id__in={each.area_id for each in versions}).values_list(
            "area_id", "path"
        )
    )
    people: dict[int, list[Assignment]] = {}
    for row in Assignment.objects.filter(on_day(day), organisation_id__in=ids).order_by("valid_from", "pk"):
        people.setdefault(row.organisation_id or 0, []).append(row)
    leads = organisation_names({each.lead_id for each in details.values() if each.lead_id is not None}, day)
    found = [_one(each, details.get(each.organisation_id), paths, leads, people) for each in versions]
    order = list(fields())
    return sorted(
        found, key=lambda each: (each.path, order.index(each.field.key) if each.field else len(order), each.name)
    )


def _one(
    row: OrganisationVersion, detail: HeadquartersDetail | None, paths: Mapping[int, str], leads: Mapping[int, str],
    people: Mapping[int, list[Assignment]],
) -> Headquarters:  # fmt: skip
    lead = detail.lead_id if detail is not None else None
    return Headquarters(
        row.organisation_id, row.name, row.area_id, paths.get(row.area_id, ""),
        fields().get(detail.field) if detail is not None else None, lead, leads.get(lead or 0, ""),
        tuple(people.get(row.organisation_id, ())),
    )  # fmt: skip


LEVELS = ("province", "city", "county")
"""Of areas that have headquarters."""


def led_in(actor: Actor, day: date, place: AreaVersion) -> QuerySet[Any, Any]:
    """The headquarters in a place by ``organisation_id``, and whether each has a commander (``led``)."""
    commander = Assignment.objects.filter(on_day(day), organisation_id=OuterRef("organisation_id"), role="commander")
    return _versions(actor, day, place).annotate(led=Exists(commander)).order_by().values("organisation_id", "led")


def count_late(organisation_ids: Collection[int], day: date) -> int:
    """How many steps of the newest plans are late: one statement. The caller has fetched the headquarters."""
    family = {f"step__plan__{each}": OuterRef(f"plan__{each}") for each in ("organisation_id", "kind", "year")}
    newer = HeadquartersPlan.objects.filter(
        organisation_id=OuterRef("plan__organisation_id"), kind=OuterRef("plan__kind"), year=OuterRef("plan__year"),
        version__gt=OuterRef("plan__version"),
    )  # fmt: skip
    done = standing_reports().filter(share=DONE, step__number=OuterRef("number"), **family)
    rows = PlanStep.objects.filter(plan__organisation_id__in=listed(organisation_ids), ends__lt=day)
    return rows.filter(~Exists(newer), ~Exists(done)).count()


# -- plans --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanView:
    """A version of a plan on a day, compared with the first one. ``versions``: all of them, the first first."""

    plan: HeadquartersPlan
    versions: tuple[HeadquartersPlan, ...]
    steps: tuple[StepView, ...]
    dropped: tuple[PlanStep, ...]

    @property
    def newest(self) -> bool:
        return self.plan.pk == self.versions[-1].pk


def plan(actor: Actor, number: int, today: date) -> tuple[Headquarters, PlanView]:
    """One version of a plan with its headquarters. Raises Missing."""
    row = HeadquartersPlan.objects.filter(pk=number).first() if number < 2**63 else None
    if row is None:
        raise no_plan()
    try:
        where = one(actor, row.organisation_id, today)
    except Missing:
        raise no_plan() from None
    family = HeadquartersPlan.objects.filter(organisation_id=row.organisation_id, kind=row.kind, year=row.year)
    versions = tuple(family.order_by("version"))
    return where, _views_of({row.pk: versions}, today)[row.pk]


def no_plan() -> Missing:
    """What is said of a plan that is not there, or not for this reader."""
    return Missing(
        "no_such_plan", "没有找到这份方案，或不在您的管辖范围内。", "There is no such plan, or none within your grants."
    )


def newest_plans(organisation_ids: Collection[int], today: date) -> dict[int, list[PlanView]]:
    """The newest version of every plan of headquarters that the caller has fetched, by headquarters: three
    statements."""
    families: dict[tuple[int, str, int], list[HeadquartersPlan]] = {}
    rows = HeadquartersPlan.objects.filter(organisation_id__in=listed(organisation_ids)).order_by("version")
    for each in rows:
        families.setdefault((each.organisation_id, each.kind, each.year), []).append(each)
    made = _views_of({family[-1].pk: tuple(family) for family in families.values()}, today)
    found: dict[int, list[PlanView]] = {}
    for shown in sorted(made.values(), key=lambda each: (-each.plan.year, each.plan.kind)):
        found.setdefault(shown.plan.organisation_id, []).append(shown)
    return found


def _views_of(wanted: Mapping[int, tuple[HeadquartersPlan, ...]], today: date) -> dict[int, PlanView]:
    """Versions (by id) among all of their plan's: two statements."""
    asked = set(wanted) | {family[0].pk for family in wanted.values()}
    steps: dict[int, list[PlanStep]] = {}
    rows = PlanStep.objects.filter(plan_id__in=listed(asked)).select_related("official").order_by("number")
    for step in rows:
        steps.setdefault(step.plan_id, []).append(step)
    reports = newest_reports([each.pk for family in wanted.values() for each in family])
    found = {}
    for key, family in wanted.items():
        own, first = steps.get(key, []), steps.get(family[0].pk, [])
        said: dict[int, StepReport] = {}
        for each in family:  # a report about a version holds for the step in all of them
            for number, report in reports.get(each.pk, {}).items():
                known = said.get(number)
                if known is None or (known.day, known.pk) < (report.day, report.pk):
                    said[number] = report
        chosen = next(each for each in family if each.pk == key)
        kept = {each.number for each in own}
        dropped = tuple(each for each in first if each.number not in kept)
        found[key] = PlanView(chosen, family, tuple(views(own, first, said, today)), dropped)
    return found


def newest_reports(plan_ids: Collection[int]) -> dict[int, dict[int, StepReport]]:
    """The newest report that counts, by version and number of the step: one statement."""
    rows = standing_reports().filter(step__plan_id__in=listed(plan_ids)).select_related("step").order_by("day", "pk")
    found: dict[int, dict[int, StepReport]] = {}
    for row in rows:
        found.setdefault(row.step.plan_id, {})[row.step.number] = row
    return found


def standing_reports() -> QuerySet[StepReport]:
    """Reports that nobody took back, without those that take back."""
    return StepReport.objects.filter(takes_back=None, taken_back=None)


def reports_of(shown: PlanView) -> list[StepReport]:
    """All reports about a plan, the newest first; the caller has fetched the plan."""
    rows = StepReport.objects.filter(step__plan_id__in=[each.pk for each in shown.versions], takes_back=None)
    return list(rows.select_related("step", "taken_back").order_by("-day", "-pk")[:200])


# -- who holds it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers for a step or opinion: ``live`` is whether he holds a post or a duty on the day."""

    official: Official
    live: bool


def holders(official_ids: Collection[int], day: date) -> dict[int, Holder]:
    """Officials as they are now (who was found to be another is that one), and whether they hold any post or duty on
    the day: two statements."""
    rows = Official.objects.filter(pk__in=listed(official_ids)).select_related("merged_into")
    found = {row.pk: row.merged_into or row for row in rows}
    live = Official.objects.filter(
        Exists(Term.objects.filter(on_day(day), official=OuterRef("pk")))
        | Exists(Assignment.objects.filter(on_day(day), official=OuterRef("pk"))),
        pk__in=[each.pk for each in found.values()],
    )
    alive = set(live.values_list("pk", flat=True))
    return {key: Holder(each, each.pk in alive) for key, each in found.items()}


# -- opinions -----------------------------------------------------------------------------------------------------


def opinions(actor: Actor, place: AreaVersion | None = None) -> QuerySet[Opinion]:
    """The opinions that count now, of areas within the grants (in ``place``)."""
    return _within(actor, place).filter(superseded_at=None)


def _within(actor: Actor, place: AreaVersion | None = None) -> QuerySet[Opinion]:
    ranges = ranges_at(actor, VIEW_HEADQUARTERS, place)
    rows = Opinion.objects.all()
    return rows if ranges is None else rows.filter(area_id__in=lasting_area_ids(ranges))


def opinion(actor: Actor, number: int) -> Opinion:
    """One opinion as it counts now, by the number of any of its versions. Raises Missing."""
    found = _within(actor).filter(pk=number).first() if number < 2**63 else None
    if found is not None:
        found = versions_of(found).filter(superseded_at=None).first()
    if found is None:
        raise Missing(
            "no_such_opinion",
            "没有找到这份贯彻落实意见，或不在您的管辖范围内。",
            "There is no such opinion, or none within your grants.",
        )
    return found


def versions_of(row: Opinion) -> QuerySet[Opinion]:
    """All that was ever said of one opinion; the caller has fetched it."""
    return Opinion.objects.filter(organisation_id=row.organisation_id, area_id=row.area_id, department=row.department)


MISSING = Q(required=True, document="")


def first_responsible(area_ids: Collection[int], day: date) -> dict[int, Assignment]:
    """The first responsible person of areas on a day: one statement."""
    rows = Assignment.objects.filter(on_day(day), role="first_responsible", area_id__in=listed(area_ids))
    return {row.area_id: row for row in rows if row.area_id is not None}


def deadlines(place: AreaVersion) -> list[tuple[date, int, int]]:
    """Last days on which opinions of a place are due, with how many are required and how many of them missing. Counts
    of offices' papers; the caller has checked the place."""
    inside = area_ids_within([subtree(place)])
    rows = Opinion.objects.filter(superseded_at=None, required=True, due__isnull=False, area_id__in=inside)
    found: dict[date, list[int]] = {}
    for due, document in rows.values_list("due", "document"):
        if due is not None:
            counts = found.setdefault(due, [0, 0])
            counts[0] += 1
            counts[1] += document == ""
    return [(due, counts[0], counts[1]) for due, counts in sorted(found.items())]


def newest_version(organisation_id: int, kind: str, year: int) -> int:
    """The number of the newest version of a plan; 0 = there is none."""
    rows = HeadquartersPlan.objects.filter(organisation_id=organisation_id, kind=kind, year=year)
    return rows.aggregate(n=Max("version"))["n"] or 0


def in_order(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    """By due day (unknown last), area and department."""
    return rows.order_by(F("due").asc(nulls_last=True), "area_id", "organisation_id", "department")
