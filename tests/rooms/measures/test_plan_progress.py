"""The year's plans against what was done: figures by class and area, the list of measures, who is told what."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from people import account, signed_in
from tuopin.measures.plans.models import PlannedMeasure
from tuopin.measures.plans.progress import Progress, Sums, progress
from tuopin.measures.plans.services import Done, Draft, Wanted, answer, keep, record_done
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Refused
from tuopin.register.models import AreaVersion, Household

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
TODAY = datetime.date(2018, 12, 1)
PIGS = Wanted("industry", "养猪两头", "县畜牧局", datetime.date(2018, 10, 31), cost=300_000, business=400_000)
ROAD = Wanted("work", "护路员", "乡政府", datetime.date(2018, 12, 31), wage=500_000)
DOCTOR = Wanted("health", "签约家庭医生", "乡卫生院", datetime.date(2018, 6, 30), policy="family_doctor", cost=10_000)


def planned(code: str, *measures: Wanted, year: int = 2018, signed: bool = True, seen: int = 0, **more: Any) -> int:
    household = Household.objects.get(code=code).pk
    (plan,) = keep(local_admin(), [Draft(household, year, (), measures, seen, **more)])
    if signed:
        answer(local_admin(), [plan.pk], "signed", TODAY, reference="村部")
    return plan.pk


def done(plan: int, number: int, cost: int | None, effect: str = "") -> None:
    measure = PlannedMeasure.objects.get(plan=plan, number=number)
    record_done(local_admin(), [Done(measure.pk, datetime.date(2018, 11, 1), cost, "发票", effect)])


def figures(area: str = COUNTY, actor: Any = None) -> Progress:
    version = AreaVersion.objects.get(code=area, valid_to=None)
    return progress(actor or local_admin(), version, 2018, TODAY)


def test_planned_done_late_and_paid_by_class_and_area(django_assert_max_num_queries: Any) -> None:
    first = planned("9901", PIGS, ROAD)
    done(first, 1, 280_000, "已出栏")
    second = planned("9902", PIGS, DOCTOR, signed=False)
    with django_assert_max_num_queries(5):
        found = figures()
    assert (found.households, found.with_plan, found.signed, found.refused) == (3, 2, 1, 0)
    assert found.total == Sums(
        planned=4, done=1, late=2, seen=1, cost=610_000, unpriced=1, paid=280_000, effect=1_300_000
    )
    assert found.by_class["industry"] == Sums(
        planned=2, done=1, late=1, seen=1, cost=600_000, paid=280_000, effect=800_000
    )
    assert {version.code: sums.planned for version, sums in found.by_area} == {EAST: 2, WEST: 2}
    assert figures(WEST).total.late == 2
    assert second


def test_a_new_version_takes_the_place_of_the_old_and_what_was_done_goes_with_it() -> None:
    first = planned("9901", PIGS)
    done(first, 1, None)
    planned("9901", replace(PIGS, number=1, cost=350_000), ROAD, seen=1, reason="加一项")
    total = figures().total
    assert (total.planned, total.done, total.cost, total.paid, total.unpaid) == (2, 1, 350_000, 0, 1)


def test_measures_of_closed_classes_are_in_no_number() -> None:
    planned("9902", PIGS, DOCTOR)
    clerk = actor_for(account("clerk", "county", COUNTY))
    found = figures(actor=clerk)
    assert (found.whole, found.total.planned, "health" in found.by_class) == (False, 1, False)
    nurse = actor_for(account("nurse", "county", COUNTY, "health"))
    assert figures(actor=nurse).total.planned == 2
    assert figures(actor=nurse).whole is False  # other classes stay closed
    with pytest.raises(Refused):
        figures(actor=actor_for(account("west", "township", WEST)))


def test_pages(django_assert_max_num_queries: Any) -> None:
    year = timezone.localdate().year
    late = replace(PIGS, due=datetime.date(year, 1, 1), content="=cmd|' /C calc'!A0<script>")
    planned("9901", late, replace(ROAD, due=datetime.date(year + 1, 12, 31)), year=year)
    planned("9902", replace(DOCTOR, due=datetime.date(year, 1, 1)), year=year)
    clerk: Client = signed_in(account("clerk", "county", COUNTY))
    with django_assert_max_num_queries(20):
        text = clerk.get(f"/measures/progress/?area={COUNTY}&year={year}").content.decode()
    assert "涉及未向您开放的字段" in text
    assert "state=late" in text
    with django_assert_max_num_queries(20):
        text = clerk.get(f"/measures/progress/list/?area={COUNTY}&year={year}&state=late").content.decode()
    assert "&lt;script&gt;" in text
    assert "护路员" not in text
    assert "签约家庭医生" not in text
    assert clerk.get(f"/measures/progress/?area={COUNTY}&year=99999999999").status_code == 200
    east: Client = signed_in(account("east", "township", EAST, "health"))
    assert "9902" not in east.get(f"/measures/progress/list/?year={year}").content.decode()
    assert east.get(f"/measures/progress/?area={COUNTY}").status_code == 404
    assert "计划措施 2 项" in east.get(f"/areas/{EAST}/").content.decode()


def test_the_command() -> None:
    from tuopin.measures.cli import progress_command

    planned("9901", PIGS)
    answered = CliRunner().invoke(progress_command, ["--area", COUNTY, "--year", "2018", "--json"])
    assert answered.exit_code == 0, answered.output
    assert '"planned": 1' in answered.output.replace(":1", ": 1")
