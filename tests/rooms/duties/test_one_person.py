"""Two entries of officials that are one person: everything that names either follows, or is found by who was merged."""

from __future__ import annotations

import datetime

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from officials import assigned
from rooms.duties.lead_case import Case
from rooms.duties.place import ALWAYS, Place
from tuopin.duties.incidents import leads
from tuopin.duties.incidents import services as incidents
from tuopin.duties.models import Absence, Assignment, Official, PresenceSheet
from tuopin.duties.officials import naming
from tuopin.duties.officials import services as officials
from tuopin.duties.planning import services as plans
from tuopin.duties.planning.asking import asked
from tuopin.duties.planning.models import AssignmentPlan, PlanHelper, PlanLine
from tuopin.platform import database
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models.append_only import AppendOnly
from tuopin.platform.problems import Problem
from tuopin.register.models import StatusPeriod

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
SIGNED = {
    "duties.Commitment.superior": "commitments/selectors.py: mine() asks who was merged",
    "duties.Commitment.inferior": "commitments/selectors.py: mine() asks who was merged",
    "duties.PlanStep.official": "headquarters/selectors.py: holders() names who speaks for the entry now",
    "duties.IncidentReport.official": "incidents/leads.py, incidents/views.py: naming.current()",
}
"""What can never be changed, and where it is read with the merger in mind. A new table needs such a place first."""


def columns() -> dict[str, tuple[type, str]]:
    """Every column of every table that names an official, found without the product's own list."""
    return {
        f"{model._meta.label}.{field.name}": (model, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is Official and model is not Official
    }


def merge(lead: int, other: int) -> None:
    with database.write():
        naming.merge(lead, [other])


def test_what_can_never_be_changed_is_listed() -> None:
    assert {name for name, (model, _column) in columns().items() if issubclass(model, AppendOnly)} == set(SIGNED)


def test_all_else_follows() -> None:
    with database.write():
        lead, other = naming.named([("甲", "", "1"), ("甲", "", "2")]).values()
    with CaptureQueriesContext(connection) as captured:
        merge(lead, other)
    said = [each["sql"] for each in captured.captured_queries]
    forgotten = [
        name
        for name, (model, column) in columns().items()
        if name not in SIGNED
        and not any(each.startswith(f'UPDATE "{model._meta.db_table}" SET "{column}" = {lead} ') for each in said)
    ]
    assert forgotten == []


# -- plans of bulk assignment -------------------------------------------------------------------------------------


@pytest.fixture
def place() -> Place:
    made = Place()
    for each in (*made.here, *made.there):
        StatusPeriod.objects.create(household=each, axis="registration", value="registered", valid_from=ALWAYS)
    return made


def pool(place: Place, *phones: str) -> list[int]:
    rows = [("张伟", "县财政局", phone) for phone in phones]
    return officials.add_officials(local_admin(), rows, area_id=place.county.area_id, day=DAY)


def planned(place: Place) -> AssignmentPlan:
    given = {
        "area": place.county.code, "day": DAY.isoformat(), "only": "all", "statuses": "poor", "pool": "area",
        "bounds": {"": [0, 4]},
    }  # fmt: skip
    return plans.make(local_admin(), asked(given))


def test_a_draft_that_has_both_stands_in_the_way(place: Place) -> None:
    lead, other = pool(place, "1", "2")
    draft = planned(place)
    with pytest.raises(Problem) as raised:
        merge(lead, other)
    assert raised.value.code == "draft_names_both"
    plans.refuse(local_admin(), draft.pk, "重做")
    merge(lead, other)
    assert Official.objects.get(pk=other).merged_into_id == lead


def test_a_draft_that_has_one_names_who_stays(place: Place) -> None:
    (other,) = pool(place, "1")
    plan = planned(place)
    lead = assigned("张伟", "县财政局", "2", role="assistant", household=place.here[0]).official_id
    merge(lead, other)
    lines = PlanLine.objects.filter(plan=plan, after__isnull=False)
    assert set(lines.values_list("after_id", flat=True)) == {lead}
    assert PlanHelper.objects.get(plan=plan).official_id == lead


def test_an_applied_plan_is_put_in_step_and_handed_back(place: Place) -> None:
    lead, other = pool(place, "1", "2")
    plan = planned(place)
    plans.apply(local_admin(), plan.pk)
    before = sum(PlanHelper.objects.filter(plan=plan).values_list("after", flat=True))
    merge(lead, other)
    (row,) = PlanHelper.objects.filter(plan=plan)
    assert (row.official_id, row.after, row.most) == (lead, before, 8)
    assert set(PlanLine.objects.filter(plan=plan).values_list("after_id", flat=True)) == {lead}
    back = plans.hand_back(local_admin(), plan.pk, day=DAY + datetime.timedelta(days=7), reason="撤销")
    assert back == 6
    assert not Assignment.objects.filter(valid_to=None).exists()


def test_who_took_over_from_himself_keeps(place: Place) -> None:
    first = assigned("张伟", "县财政局", "1", household=place.here[0])
    (other,) = pool(place, "2")
    plan = planned(place)
    PlanLine.objects.filter(plan=plan, household=place.here[0]).update(
        kind="changed", before_id=first.official_id, after_id=other, standing=first.pk
    )
    AssignmentPlan.objects.filter(pk=plan.pk).update(state="applied", decided_at=timezone.now())
    merge(first.official_id, other)
    line = PlanLine.objects.get(plan=plan, household=place.here[0])
    assert (line.kind, line.before_id, line.after_id) == ("kept", first.official_id, first.official_id)


# -- incidents ----------------------------------------------------------------------------------------------------


def test_who_reported_in_time_is_protected_under_either_name(place: Place) -> None:
    case = Case(place)
    term = assigned("周某", "县水利局", "旧号码", household=place.here[1])
    today = timezone.localdate()
    (incident,) = incidents.open_incidents(
        local_admin(), [incidents.Opening(place.here[1].code, "fallback", today, "village")]
    )
    incidents.report(local_admin(), incident, "已上报", official_id=term.official_id, day=today, document="上报单")
    merge(case.official, term.official_id)
    with pytest.raises(Problem) as raised:
        case.open(source="incident", incident_id=incident.pk)
    assert raised.value.code == "reporter_protected"
    assert leads.open_lead(actor_for(case.officer), leads.Wanted(case.official, "inspection", "事由", "暗访3号"))


# -- sheets of presence, and what else both may have -----------------------------------------------------------------


def sheets(place: Place, first: str, second: str, *, confirmed: bool = False) -> tuple[int, int]:
    lead, other = pool(place, "1", "2")
    for official, marks in ((lead, first), (other, second)):
        PresenceSheet.objects.create(
            official_id=official, area_id=place.village.area_id, month=DAY, marks=marks, present=marks.count("P"),
            unknown=marks.count("?"), kept_at=timezone.now(), notes={"3": f"备注{official}"},
            confirmed_at=timezone.now() if confirmed else None, confirmed_by=1 if confirmed else None,
        )  # fmt: skip
    return lead, other


def test_two_sheets_of_one_month_become_one(place: Place) -> None:
    lead, other = sheets(place, "P" * 10 + "?" * 21, "P" * 5 + "?" * 15 + "A" * 11, confirmed=True)
    merge(lead, other)
    (row,) = PresenceSheet.objects.all()
    assert (row.official_id, row.marks, row.present, row.unknown) == (lead, "P" * 10 + "?" * 10 + "A" * 11, 10, 10)
    assert row.confirmed_at is None, "what was confirmed is another one now"
    assert row.notes == {"3": f"备注{lead}"}


def test_two_like_sheets_that_were_confirmed_stay_so(place: Place) -> None:
    merge(*sheets(place, "P" * 31, "P" * 31, confirmed=True))
    assert PresenceSheet.objects.get().confirmed_at is not None


def test_sheets_that_differ_are_named_by_their_month(place: Place) -> None:
    lead, other = sheets(place, "P" * 31, "A" + "P" * 30)
    with pytest.raises(Problem) as raised:
        merge(lead, other)
    assert raised.value.code == "sheets_differ"
    assert "2019-05" in raised.value.zh
    assert PresenceSheet.objects.count() == 2
    assert Official.objects.get(pk=other).merged_into_id is None


def test_what_both_hold_is_named(place: Place) -> None:
    lead, other = pool(place, "1", "2")
    for official in (lead, other):
        Absence.objects.create(official_id=official, kind="sick", valid_from=DAY)
    with pytest.raises(Problem) as raised:
        merge(lead, other)
    assert raised.value.code == "both_hold_it"
    assert "同一种请假" in raised.value.zh
    assert Official.objects.get(pk=other).merged_into_id is None
