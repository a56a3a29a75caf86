"""What help plans add to the list of households: the state of the year's plan, and who has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.lists import ChoiceFilter, Column, Extension

from ..permissions import VIEW
from .models import HelpPlan, MeasureDone, PlanAnswer, PlannedMeasure
from .states import PLAN_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

NONE = "none"
LATE = "late"
STATES: Mapping[str, Title] = {
    NONE: Title("无计划", "no plan"),
    **{key: title for key, title in PLAN_STATES.items() if key != "superseded"},
    LATE: Title("有超期措施", "a measure is late"),
}


def newest(year: int) -> QuerySet[HelpPlan]:
    """The newest version of every household's plan of a year."""
    later = HelpPlan.objects.filter(household=OuterRef("household"), year=year, version__gt=OuterRef("version"))
    return HelpPlan.objects.filter(~Exists(later), year=year)


def _load(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """The state of the newest version, for a page of households: one statement."""
    found = newest(reader.day.year).filter(household_id__in=[row["pk"] for row in rows])
    answers = found.values_list("household_id", "answer__kind")
    return {household: kind or "drafted" for household, kind in answers}


def done() -> Exists:
    """That something of a measure was done, in any version of the plan."""
    wrong = MeasureDone.objects.filter(takes_back=OuterRef("pk"))
    found = MeasureDone.objects.filter(
        ~Exists(wrong), takes_back=None, measure__number=OuterRef("number"), measure__plan__year=OuterRef("plan__year"),
        measure__plan__household=OuterRef("plan__household"),
    )  # fmt: skip
    return Exists(found)


def _late(today: date) -> Q:
    """Plans with a measure that is past its day and of which nothing was done, in any version."""
    return Q(Exists(PlannedMeasure.objects.filter(~done(), plan=OuterRef("pk"), due__lt=today)))


def _narrow(rows: QuerySet[Any], reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    mine = newest(reader.day.year).filter(household=OuterRef("pk"))
    condition = Q()
    for each in chosen:
        if each == NONE:
            condition |= ~Q(Exists(mine))
        elif each == LATE:
            condition |= Q(Exists(mine.filter(_late(reader.day))))
        elif each == "drafted":
            condition |= Q(Exists(mine.filter(~Exists(PlanAnswer.objects.filter(plan=OuterRef("pk"))))))
        else:
            condition |= Q(Exists(mine.filter(answer__kind=each)))
    return rows.filter(condition)


def extension(reader: Reader) -> Extension:
    """The column and filter, for who may see help."""
    if not may(reader.actor, VIEW, area_path=reader.place.path if reader.place is not None else None):
        return Extension()
    title = Title("帮扶计划", "Help plan")
    column = Column("plan", title, "choice", load=_load, choices=PLAN_STATES, optional=True, blank=STATES[NONE])
    return Extension(
        (column,), (ChoiceFilter("plan", title, narrow=_narrow, choices=tuple(STATES.items()), more=True),)
    )
