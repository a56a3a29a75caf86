"""A problem of a household that somebody puts into its help plan: once a matter, as a new version of the plan, which
the household signs anew. What was done of it proposes to report the matter done; nobody reports by machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tuopin.measures.merged import kept_by
from tuopin.measures.permissions import KEEP_PLAN
from tuopin.measures.permissions import VIEW as VIEW_HELP
from tuopin.measures.plans import selectors as plans
from tuopin.measures.plans import services
from tuopin.measures.plans.models import MeasureDone, PlannedMeasure
from tuopin.measures.plans.services import Draft, Wanted
from tuopin.orders import reach, words
from tuopin.orders import selectors as orders
from tuopin.orders.models import Matter, MatterSubject
from tuopin.orders.permissions import VIEW
from tuopin.platform import database
from tuopin.platform.access import field_classes_at, may, require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Membership
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .models import PlanItem

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.measures.plans.states import PlanView
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

OPEN = frozenset({"issued", "received", "working"})
"""States in which a matter may still become a measure."""
REPORTED_FROM = ("received", "working")
MOST = 1_000
"""Subjects of one matter that are looked at."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A measure that a matter became. ``code``: of its household; ``content`` '' where the reader is not told of it, or
    it is in the plan no more (``kept`` False); ``done``: something of it was done."""

    item: PlanItem
    code: str
    content: str
    kept: bool
    done: bool


def about(actor: Actor, row: Matter) -> dict[str, int]:
    """The households that a matter is about, or whose members are meant, that the actor may open and whose plans he
    keeps: code → id."""
    subjects = list(MatterSubject.objects.filter(matter=row)[:MOST])
    homes = {each.household_id for each in subjects if each.household_id is not None}
    people = {each.person_id for each in subjects if each.person_id is not None}
    if people:
        lived = Membership.objects.filter(person_id__in=listed(people), valid_to=None)
        homes |= set(lived.values_list("household_id", flat=True))
    if not homes:
        return {}
    merged = kept_by(homes)
    opened = register.opened_households(actor, {merged.get(each, each) for each in homes})
    paths = register.household_paths(opened)
    kept = {key for key in opened if may(actor, KEEP_PLAN, area_path=paths.get(key, "-"), household_id=key)}
    return {code: key for key, code in register.household_codes(kept).items()}


def items_of(row: Matter) -> QuerySet[PlanItem]:
    """The measures that a matter, or one merged into it, became: what was one problem is one measure."""
    return PlanItem.objects.filter(Q(matter=row) | Q(matter__into=row))


def matter_of(actor: Actor, number: int) -> Matter:
    """A matter that may become a measure. Raises Missing for none that the actor sees, and for every petition."""
    row = orders.matter(actor, number)
    if row.kind == Matter.Kind.PETITION:
        raise Missing("no_such_matter", "没有找到这件事项。", "There is no such matter.")
    return row


def put(actor: Actor, number: int, household: str, wanted: Wanted, now: datetime) -> PlanItem:
    """Add a measure for a matter to the plan of this year of a household that the matter is about.

    Raises Missing, Refused, Problem: a matter that is done or ended, one that is in the plan already, a measure that
    cannot be kept, a plan of which the actor is not told all.
    """
    require(actor, KEEP_PLAN)
    row = matter_of(actor, number)
    if row.state not in OPEN:
        raise Problem(
            "matter_not_open", "这件事项还没有交办，或已报结，不能列入计划。",
            "The matter was not issued yet, or is done: it is not put into a plan.",
        )  # fmt: skip
    if household not in about(actor, row):
        raise Missing("no_such_household", "没有找到这一户。", "There is no such household.")
    placed = register.household(actor, household)
    today = timezone.localdate(now)
    year, key = today.year, placed.household.pk
    try:
        with database.write():
            if items_of(row).filter(household_id=key).exists():
                raise _there()
            held = next(iter(plans.plans_of(actor, placed, year, today)), None)
            before = [] if held is None else [_wanted(each.measure) for each in held.measures]
            causes = () if held is None or not held.plan.causes else tuple(held.plan.causes.split(","))
            reason = f"由事项 {row.pk} 增加措施" if held is not None else ""
            seen = held.plan.version if held is not None else 0
            [plan] = services.keep(actor, [Draft(key, year, causes, (*before, wanted), seen, reason)])
            kept = {each.number for each in before if each.number is not None}
            added = PlannedMeasure.objects.filter(plan=plan).exclude(number__in=kept).get()
            made = PlanItem.objects.create(
                matter=row, household_id=key, year=year, number=added.number, at=now,
                actor=reach.signature(actor)[:150], user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, "cycle.plan_matter", f"matter:{row.pk}", {"year": year, "measure": added.number})
    except IntegrityError:  # somebody else put it there at the same moment
        raise _there() from None
    return made


def _there() -> Problem:
    return Problem(
        "planned_already", "这件事项已列入该户的帮扶计划。", "The matter is in the household’s plan already."
    )


def _wanted(row: PlannedMeasure) -> Wanted:
    """A measure as it stands, for the next version."""
    return Wanted(
        row.sort, row.content, row.organisation, row.due, row.number, row.policy, row.person_id, row.cost, row.fund,
        row.wage, row.business, row.property, row.transfer,
        tuple(each for each in row.mends.split(",") if each),
    )  # fmt: skip


def whole(held: PlanView | None) -> bool:
    """Whether a reader is told of all measures of a version: who is not cannot write the next one."""
    return held is None or bool(held.sums)


# -- reading ----------------------------------------------------------------------------------------------------------


def _done() -> Exists:
    """That something of a measure was done, in any version of the plan."""
    wrong = MeasureDone.objects.filter(takes_back=OuterRef("pk"))
    return Exists(
        MeasureDone.objects.filter(
            ~Exists(wrong), takes_back=None, measure__number=OuterRef("number"),
            measure__plan__year=OuterRef("year"), measure__plan__household=OuterRef("household_id"),
        )
    )  # fmt: skip


def _items() -> QuerySet[PlanItem]:
    """With what was done, where the household lives, and the measure as the newest version that has it says."""
    versions = PlannedMeasure.objects.filter(
        plan__household=OuterRef("household_id"), plan__year=OuterRef("year")
    ).order_by("-plan__version")
    own = versions.filter(number=OuterRef("number"))
    return PlanItem.objects.select_related("household").annotate(
        done=_done(), path=F("household__card__path"), newest=Subquery(versions.values("plan__version")[:1]),
        version=Subquery(own.values("plan__version")[:1]),
        **{name: Subquery(own.values(name)[:1]) for name in ("sort", "policy", "content")},
    )  # fmt: skip


def of_matter(actor: Actor, row: Matter) -> list[Linked]:
    """The measures that a matter, or one merged into it, became, of households that the actor may open with their help:
    one statement."""
    items = _items().filter(Q(matter=row) | Q(matter__into=row)).order_by("pk")[:MOST]
    return [each for item in items if (each := _told(actor, item)) is not None]


def of_household(actor: Actor, household_id: int, year: int) -> list[tuple[Linked, Matter]]:
    """The measures of a household's plan that came from matters which the actor sees: one statement. The caller has
    checked the household."""
    seen = Matter.objects.filter(reach.work(actor, VIEW)).values("pk")
    items = _items().filter(household_id=household_id, year=year, matter__in=seen).select_related("matter")
    items = items.filter(words.told(actor, "matter__"))  # a household’s page tells nobody else of a petition
    told = [_told(actor, item) for item in items.order_by("pk")[:MOST]]
    return [(each, each.item.matter) for each in told if each is not None]


def _told(actor: Actor, item: Any) -> Linked | None:
    """What a reader may know of an item; None where the household, or help, is not open."""
    path, home = item.path or "", item.household_id
    if not all(may(actor, each, area_path=path, household_id=home) for each in (VIEW_HOUSEHOLD, VIEW_HELP)):
        return None
    kept = item.version is not None and item.version == item.newest
    classes = field_classes_at(actor, VIEW_HELP, path, home)
    shown = item.content if kept and plans.may_be_told(item.sort, item.policy, classes) else ""
    return Linked(item, item.household.code, shown, kept, item.done)


def done(actor: Actor, area: AreaVersion) -> QuerySet[Matter]:
    """Matters of an area whose measures were all done, within the grants: proposed to be reported done by who holds
    them. None for who may not see help there."""
    if not may(actor, VIEW_HELP, area_path=area.path):
        return Matter.objects.none()
    # measures of what was merged count with the one that goes on; there are few of them beside matters
    own = PlanItem.objects.annotate(stands=Coalesce("matter__into_id", "matter_id"))
    rows = Matter.objects.filter(reach.work(actor, VIEW, area), pk__in=own.values("stands"))
    rows = rows.exclude(pk__in=own.exclude(_done()).values("stands"))
    return rows.filter(state__in=REPORTED_FROM).order_by("limit_at", "pk")
