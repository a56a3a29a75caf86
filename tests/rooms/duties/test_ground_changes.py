"""When a household, a person or an area ends or was never: each table of measures and duties that names one is asked,
or it is said here why not. Found by introspection, so that a new table cannot be forgotten."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tuopin.duties import area_uses as duties_areas
from tuopin.duties import intake as duties_intake
from tuopin.measures import area_uses as measures_areas
from tuopin.measures import intake as measures_intake
from tuopin.register.models import Area, Household, Person

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import Model

pytestmark = pytest.mark.django_db

SOMETHING = 987_654_321
ROOMS = ("duties", "measures")

NOT_ASKED_AT_UNDO = {
    "duties.HelperStatus.household": "worked out from assignments, which are asked",
    "duties.HouseholdVisits.household": "counted from visits, which are asked",
    "duties.VisitBy.household": "of a visit, which is asked",
    "duties.VisitLast.household": "counted from visits, which are asked",
    "duties.VisitProblem.household": "found on a visit, which is asked",
    "duties.PlanLine.household": "a draft is found stale; what was applied is an assignment, which is asked",
    "measures.Gap.household": "of a comparison, made anew",
    "measures.HouseholdHelp.household": "counted from plans, which are asked",
    "measures.Gap.person": "of a comparison, made anew",
}
NOT_ASKED_OF_AREAS = {
    "duties.CardPrint.area": "what was printed stays as it was printed",
    "duties.LedgerPrint.area": "what was printed stays as it was printed",
    "duties.CardCode.area": "the code on a village's wall says what is public of the village that was",
    "duties.KnowledgeCheck.area": "a paper of the team, on the page of the village that was, as its sheets",
    "duties.TeamLeave.area": "a paper of the team, on the page of the village that was, as its sheets",
    "duties.TeamProposal.area": "a paper of the team, on the page of the village that was, as its sheets",
    "duties.Lead.city": "of a city; and leads are told to nobody who records changes of areas",
    "duties.Official.area": "officials are looked for where the area lay last",
    "duties.VisitBy.area": "of a visit, which is asked",
    "duties.VisitProblem.area": "found on a visit, which is asked",
    "duties.WordTemplate.area": "of the county whose letters it shapes; another is handed in",
    "measures.Fund.area": "of the office that holds the money: an account of its year",
    "measures.Project.county": "of the county that numbers it; where it lies is the version's, which is asked",
    "measures.GapRun.area": "what was compared when; made anew",
}


def columns(target: type[Model]) -> dict[str, tuple[str, str]]:
    """Every column of the two rooms that names one of these: its name → table, column."""
    return {
        f"{model._meta.label}.{field.name}": (model._meta.db_table, field.column)
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if model._meta.managed  # views hold no rows of their own
        for field in model._meta.local_fields
        if field.related_model is target
    }


def unasked(statements: Collection[str], *targets: type[Model]) -> set[str]:
    """The columns that none of the statements looks for the number in. Each question is put whole: none answers yes."""
    every = {name: found for target in targets for name, found in columns(target).items()}
    return {
        name
        for name, (table, column) in every.items()
        if not any(f'"{table}"."{column}"' in each and str(SOMETHING) in each for each in statements)
    }


def asked(question: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert list(question()) == []
    return [each["sql"] for each in captured.captured_queries]


def test_an_event_is_not_undone_under_what_names_its_household_or_person() -> None:
    event: Any = SimpleNamespace(changes={"made": {"household": SOMETHING, "person": SOMETHING}})
    said = [*asked(lambda: duties_intake.uses_of_event(event)), *asked(lambda: measures_intake.uses_of_event(event))]
    assert unasked(said, Household, Person) == set(NOT_ASKED_AT_UNDO)


def test_who_changes_areas_is_told_of_all_that_hangs_on_them() -> None:
    said = [
        *asked(lambda: duties_areas.uses_of_areas([SOMETHING], [])),
        *asked(lambda: measures_areas.uses_of_areas([SOMETHING], [])),
    ]
    assert unasked(said, Area) == set(NOT_ASKED_OF_AREAS)
