"""Reading projects and funds: every number is added up from the moves of money, states and findings follow from them.

A project is seen by whoever may see help where it lies; where its village or township was merged, where that lies now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from tuopin.platform.access import require, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.events.areas.mapping import became_part_of, followed
from tuopin.register.models import AreaVersion

from ..permissions import VIEW
from .models import Acceptance, Benefit, Fund, FundMove, ProjectVersion
from .rules import advance_share

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

_MOVES = FundMove.Kind


def there(actor: Actor, place: AreaVersion | None, permission: str = VIEW, field: str = "area_id") -> Q:
    """A condition on rows with an area: within the place and the actor's grants, merged areas where they lie now."""
    here = AreaVersion.objects.filter(register.within(visible_paths(actor, permission)), valid_to=None)
    if place is not None:
        low, high = register.subtree(place)
        here = here.filter(path__gte=low, path__lt=high)
    return Q(**{f"{field}__in": here.values("area_id")}) | Q(**{f"{field}__in": sorted(became_part_of(here))})


def projects(actor: Actor, place: AreaVersion | None) -> QuerySet[ProjectVersion]:
    """What is known now of the projects that the actor may see."""
    return ProjectVersion.objects.filter(there(actor, place), superseded_at=None)


def standing() -> QuerySet[Acceptance]:
    """Acceptances that were not taken back."""
    return Acceptance.objects.filter(takes_back=None, taken_back=None)


def _sum(kind: str, *more: Any) -> Coalesce:
    moves = FundMove.objects.filter(*more, project=OuterRef("project"), kind=kind, superseded_at=None)
    added = moves.values("project").annotate(added=Sum("amount")).values("added")
    return Coalesce(Subquery(added, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def worked_out(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Versions of projects with ``allocated``, ``paid`` and ``paid_before`` (fen), ``accepted_on``, ``benefiting``
    (households), ``state`` (``rules.STATES``) and a flag ``is_<finding>`` for each of ``rules.FINDINGS``."""
    passed = standing().filter(project=OuterRef("project"), passed=True).order_by("day")
    earlier = standing().filter(project=OuterRef("project"), passed=True, day__lte=OuterRef("day"))
    benefits = Benefit.objects.filter(project=OuterRef("project"), superseded_at=None)
    households = benefits.values("project").annotate(n=Count("household", distinct=True)).values("n")
    found: QuerySet[Any] = rows.annotate(
        allocated=_sum(_MOVES.ALLOCATED),
        paid=_sum(_MOVES.PAID),
        paid_before=_sum(_MOVES.PAID, ~Exists(earlier)),
        accepted_on=Subquery(passed.values("day")[:1], output_field=DateField()),
        benefiting=Coalesce(Subquery(households, output_field=IntegerField()), Value(0), output_field=IntegerField()),
    )
    whole: QuerySet[Any] = found.annotate(
        state=Case(
            When(cancelled=True, then=Value("cancelled")),
            When(accepted_on=None, allocated=0, then=Value("listed")),
            When(accepted_on=None, then=Value("funded")),
            When(allocated__gt=0, paid__gte=F("allocated"), then=Value("settled")),
            default=Value("accepted"),
            output_field=CharField(),
        ),
        **{f"is_{key}": _flag(condition) for key, condition in _findings(today).items()},
    )
    return whole


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _findings(today: date) -> dict[str, Q]:
    return {
        "paid_before_done": Q(allocated__gt=0, paid_before__gt=F("allocated") * advance_share() / 100),
        "paid_over_allocated": Q(paid__gt=F("allocated")),
        "no_benefit": Q(cancelled=False, benefiting=0) & (Q(paid__gt=0) | Q(accepted_on__isnull=False)),
        "overdue": Q(cancelled=False, accepted_on=None, due__lt=today),
        "paid_cancelled": Q(cancelled=True, paid__gt=0),
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a project or fund that somebody has to look at. (``subject``, ``kind``, ``item``) is its key: it
    stays the same as long as the finding does. ``area_id``: where the subject lies."""

    subject: str
    kind: str
    item: str
    area_id: int


def findings(actor: Actor, place: AreaVersion | None, today: date) -> list[Finding]:
    """All findings about projects and funds of an area, for what takes them up."""
    from .rules import FINDINGS

    rows = worked_out(projects(actor, place), today)
    found = [
        Finding(f"project:{row.project_id}", "project", key, row.area_id)
        for row in rows.filter(any_finding()).order_by("project_id")
        for key in FINDINGS
        if getattr(row, f"is_{key}")
    ]
    over = accounts(actor, place, None).filter(allocated__gt=F("came_in")).order_by("pk")
    return found + [Finding(f"fund:{row.pk}", "fund", "allocated_over_in", row.area_id) for row in over]


def any_finding() -> Q:
    """Rows of :func:`worked_out` with a finding."""
    from .rules import FINDINGS

    condition = Q(pk__in=[])
    for key in FINDINGS:
        condition |= Q(**{f"is_{key}": 1})
    return condition


def project(actor: Actor, number: int, today: date) -> Any:
    """One project as :func:`worked_out` gives it. Raises Missing for one that is not there or outside the grants."""
    require(actor, VIEW)
    row = worked_out(projects(actor, None).filter(project_id=number), today).select_related("project", "area").first()
    if row is None:
        raise Missing("no_such_project", "没有找到这个项目。", "There is no such project.")
    return row


def accounts(actor: Actor, place: AreaVersion | None, year: int | None) -> QuerySet[Any]:
    """Funds of the place and of what lies below it, with ``came_in``, ``allocated`` and ``paid`` (fen). An area's money
    is told of where the actor may see help over the whole of that area."""

    def added(kind: str) -> Coalesce:
        moves = FundMove.objects.filter(fund=OuterRef("pk"), kind=kind, superseded_at=None)
        sums = moves.values("fund").annotate(added=Sum("amount")).values("added")
        return Coalesce(Subquery(sums, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())

    found = Fund.objects.filter(there(actor, place))
    if year is not None:
        found = found.filter(year=year)
    return found.annotate(came_in=added(_MOVES.IN), allocated=added(_MOVES.ALLOCATED), paid=added(_MOVES.PAID))


@dataclass(slots=True)
class Figures:
    """Projects of an area, added up; money in fen. ``unpriced``: projects whose cost is not known. Of those taken out
    of the library the money that moved and what is to be looked at count, nothing else."""

    projects: int = 0
    accepted: int = 0
    flagged: int = 0
    benefiting: int = 0
    cost: int = 0
    unpriced: int = 0
    allocated: int = 0
    paid: int = 0

    def take(self, other: Figures) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def figures(
    actor: Actor, place: AreaVersion, year: int, today: date
) -> tuple[Figures, list[tuple[AreaVersion, Figures]]]:
    """Of an area and of the areas below it: a fixed number of statements. Raises Refused."""
    require(actor, VIEW, area_path=place.path)
    rows = worked_out(projects(actor, place).filter(project__year=year), today)
    sums: dict[int, Figures] = {}
    names = ("area_id", "state", "cancelled", "benefiting", "cost", "allocated", "paid")
    flagged = set(rows.filter(any_finding()).values_list("project_id", flat=True))
    for number, area_id, state, out, benefiting, cost, allocated, paid in rows.values_list("project_id", *names):
        done, looked = state in {"accepted", "settled"}, number in flagged
        one = Figures(flagged=looked, allocated=allocated, paid=paid)
        if not out:
            one = Figures(1, done, looked, benefiting, cost or 0, cost is None, allocated, paid)
        sums.setdefault(area_id, Figures()).take(one)
    now = {key: ends[0] for key, ends in followed(list(sums)).items() if ends}
    paths = register.paths_of(set(now.values()))
    whole = Figures()
    below = list(AreaVersion.objects.filter(parent_id=place.area_id, valid_to=None).order_by("code"))
    parts: dict[str, Figures] = {each.path: Figures() for each in below}
    span = len(below[0].path) if below else 0
    for area_id, each in sums.items():
        whole.take(each)
        part = parts.get(paths.get(now.get(area_id, area_id), "")[:span])
        if part is not None:
            part.take(each)
    return whole, [(each, parts[each.path]) for each in below]


def moves_of(project_id: int) -> list[FundMove]:
    """Money allocated to and paid for a project, taken back too, the newest last."""
    return list(FundMove.objects.filter(project_id=project_id).select_related("fund").order_by("day", "pk"))


def acceptances_of(project_id: int) -> list[Acceptance]:
    """What was said of a project at its door; ``taken_back`` says that it no longer counts."""
    found = Acceptance.objects.filter(project_id=project_id, takes_back=None)
    return list(found.select_related("taken_back").order_by("day", "pk"))
