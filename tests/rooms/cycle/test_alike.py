"""What is of a closed class looks alike by its holder and where it is proposed to be closed; what was merged is one
matter; forms mean the area that they show."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.cycle.judging import TODAY, judged
from rooms.cycle.test_told import NOW, choose, incident, problem, run
from rooms.cycle.test_way import put, sign
from rooms.orders.office import BEGIN, Offices, at
from tuopin.cycle import planning
from tuopin.cycle.models import Opening, PlanItem
from tuopin.cycle.order import CLOSED_TITLE
from tuopin.duties.models import IncidentClosing
from tuopin.duties.organisations import services as organisations
from tuopin.measures.plans import services as plans
from tuopin.orders import services as orders
from tuopin.orders.changes import Given
from tuopin.orders.models import Matter
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    return Offices()


def test_who_holds_a_village_s_matter_does_not_tell_that_a_visit_found_it(city: Offices) -> None:
    """A village's open problems go to the township; of a closed sort to whoever holds what is unknown there."""
    committee = organisations.found_organisation(
        local_admin(), "村委会", "village_committees", area_id=city.village.area_id, day=BEGIN
    )
    problem(city, "health", household=None)
    problem(city, "roads", household=None)
    choose(city, ("health", "visit"), ("roads", "visit"))
    assert run(city).opened == 2
    closed, told = Matter.objects.get(title=CLOSED_TITLE), Matter.objects.exclude(title=CLOSED_TITLE).get()
    assert (closed.holder_id, told.holder_id) == (committee, city.township)


def test_the_day_of_a_proposal_does_not_tell_who_found_it(client: Client, city: Offices) -> None:
    """An evaluation is of a day, what people told is of the day of the run: of closed classes no day is shown."""
    judged(city, {city.here[0].pk: "mmmmumm"})
    ill = incident(city, "illness")
    problem(city)
    choose(city, ("household_exit", "unknown"), ("illness", "incident"), ("housing", "visit"))
    assert run(city).opened == 3
    IncidentClosing.objects.create(incident=ill, day=TODAY, outcome="helped", at=NOW, actor="x")
    problem_day = datetime.date(2018, 6, 25)
    from tuopin.duties.visits.models import VisitProblem

    VisitProblem.objects.update(settled_at=NOW, settled_day=problem_day)
    judged(city, {city.here[0].pk: "mmmmmmm"}, datetime.date(2018, 6, 20))
    assert Evaluation.objects.count() == 2
    assert run(city, at(problem_day)).proposed == 3
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    text = client.get(reverse("cycle:follow_up"), {"area": city.county.code}).content.decode()
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", text)
    days = [re.findall(r">([^<]*)</td></tr>", row)[0] for row in rows if CLOSED_TITLE in row]
    assert days == ["—", "—"]
    assert next(row for row in rows if CLOSED_TITLE not in row).endswith(">2018-06-25</td></tr>")


def test_merged_matters_are_one_measure(city: Offices, client: Client) -> None:
    about = (orders.SubjectRef("household", city.here[0].pk),)
    first, kept = (
        city.issued(timezone.now(), subjects=about, area_id=city.village.area_id, title=f"问题{at}") for at in range(2)
    )
    put(city, first)
    orders.act(city.city_office(), "merge", [first.pk], Given("重复", into_id=kept.pk), timezone.now())
    kept.refresh_from_db()
    with pytest.raises(Problem, match="planned_already"):
        put(city, kept)
    assert PlanItem.objects.count() == 1
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    form = reverse("cycle:plan_item", args=[kept.pk])
    assert city.here[0].code not in client.get(form).content.decode()
    Matter.objects.filter(pk=kept.pk).update(state="working")
    measure = sign(city)
    assert not planning.done(local_admin(), city.county).exists()
    plans.record_done(local_admin(), [plans.Done(measure.pk, timezone.localdate())])
    assert list(planning.done(local_admin(), city.county)) == [kept]


def test_the_form_offers_only_what_may_be_put(city: Offices, client: Client) -> None:
    """Nothing for a matter that is done; no household whose plan the reader does not keep."""
    about = (orders.SubjectRef("household", city.here[0].pk),)
    row = city.issued(timezone.now(), subjects=about, area_id=city.village.area_id)
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    form = reverse("cycle:plan_item", args=[row.pk])
    assert city.here[0].code in client.get(form).content.decode()
    Matter.objects.update(state="reported")
    assert city.here[0].code not in client.get(form).content.decode()
    watch = city.actor("watch", "inspector", "area", city.county.area_id)
    assert planning.about(watch, row) == {}


def test_forms_mean_the_area_that_they_show(city: Offices, client: Client) -> None:
    """Opened without a name of an area, while another tab chose another one."""
    problem(city)
    user = city.account("hq", "headquarters", "area", city.city.area_id)
    client.login(username=user.username, password=PASSWORD)
    for page, area in (("cycle:openings", city.county), ("cycle:chain", city.county)):
        address = reverse(page)
        client.get(address, {"area": area.code})
        text = client.get(address).content.decode()  # the one chosen last
        actions = re.findall(r'<form method="post"([^>]*)>', text.partition("<h1")[2])
        assert actions
        assert all(f'action="?area={area.code}"' in each for each in actions)
    given = {"do": "keep", "opens": "housing:visit", "issuer": str(city.government)}
    client.get(reverse("cycle:openings"), {"area": city.other.code})
    client.post(f"{reverse('cycle:openings')}?area={city.county.code}", given)
    assert Opening.objects.get().area_id == city.county.area_id
