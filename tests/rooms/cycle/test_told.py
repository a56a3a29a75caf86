"""Problems that visits found, and incidents, open matters once; what is closed to readers is in none of their words."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from people import PASSWORD
from rooms.cycle.judging import TODAY, judged
from rooms.orders.office import DAY, Offices, at
from tuopin.cycle import selectors, services, told
from tuopin.cycle.models import ClosingProposal, Opening
from tuopin.cycle.order import CLOSED_TEXT, CLOSED_TITLE
from tuopin.duties.models import Incident, IncidentClosing
from tuopin.duties.visits.models import VisitProblem
from tuopin.orders.models import Matter, MatterSubject
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.problems import Problem
from tuopin.register.models import Membership, Person

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NOW = at(TODAY)
LATER = DAY(2018, 7, 2)


@pytest.fixture
def city() -> Offices:
    return Offices()


def problem(city: Offices, sort: str = "housing", day: datetime.date = TODAY, **more: Any) -> VisitProblem:
    values: dict[str, Any] = {
        "household": city.here[0], "area_id": city.village.area_id, "sort": sort, "text": "户主说老人病重",
        "visit_number": 1, "first_day": day, "last_day": day,
    }  # fmt: skip
    return VisitProblem.objects.create(**values | more)


def incident(city: Offices, kind: str, day: datetime.date = TODAY) -> Incident:
    return Incident.objects.create(
        household=city.here[0], kind=kind, found_on=day, channel="village", account="住院", known=[], digest="0" * 64,
        at=NOW, actor="x",
    )  # fmt: skip


def choose(city: Offices, *wanted: tuple[str, str], actor: Actor | None = None) -> None:
    issuer = city.issuer if actor is None else city.government
    services.choose(actor or local_admin(), city.county, wanted, issuer, NOW)


def run(city: Offices, now: datetime.datetime = NOW, actor: Actor | None = None) -> services.Report:
    return services.run(actor or local_admin(), city.county, now)


def test_a_problem_of_a_visit_opens_one_matter(city: Offices) -> None:
    problem(city, item="housing")
    problem(city, household=None, sort="housing")  # of the village itself
    problem(city, "water", settled_at=NOW, settled_day=TODAY)  # somebody ended it before
    problem(city, "water", household=city.there[0], area_id=city.away.area_id)  # of the other county
    choose(city, ("housing", "visit"))
    Opening.objects.create(  # also of a sort of which nothing is open
        area=city.county.area, standard="water", origin="visit", issuer_id=city.issuer, chosen_at=NOW, chosen_by="x"
    )
    assert run(city).opened == 2
    assert run(city).document() == services.Report().document()
    home, village = MatterSubject.objects.order_by("pk")
    assert (home.household_id, home.origin, home.standard, home.item) == (
        city.here[0].pk, "visit", "housing", "housing",
    )  # fmt: skip
    assert (village.area_id, village.household_id, village.item) == (city.village.area_id, None, "")
    row = home.matter
    assert (row.title, row.source, row.category, row.state) == (
        "走访问题：住房问题，待处理",
        "visit",
        "housing",
        "issued",
    )
    assert row.holder_id == village.matter.holder_id == city.township
    assert "病" not in row.title + row.text.text


def test_what_is_of_a_closed_class_is_not_told_from_unknown_findings(city: Offices) -> None:
    """Neither title, text, source, category, urgency, holder nor a note says that it was told, or of what."""
    judged(city, {city.here[0].pk: "mmmmumm"})
    problem(city, "health")
    incident(city, "illness")
    choose(city, ("household_exit", "unknown"), ("health", "visit"), ("illness", "incident"))
    assert run(city).opened == 3
    names = ["title", "source", "category", "urgency", "holder_id", "official_id", "area_id", "limit_at", "label"]
    rows = [[getattr(each, name) for name in names] + [each.text.text] for each in Matter.objects.all()]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][0] == CLOSED_TITLE
    assert rows[0][-1] == CLOSED_TEXT


def test_incidents(city: Offices) -> None:
    row = incident(city, "disaster")
    incident(city, "disaster", TODAY - datetime.timedelta(days=40))
    incident(city, "market")
    choose(city, ("disaster", "incident"))
    assert run(city).opened == 2
    first = MatterSubject.objects.order_by("pk")[0]
    assert (first.standard, first.item) == ("disaster", "2018-06-11")
    assert (first.matter.title, first.matter.urgency) == ("返贫、受灾事件：自然灾害，待处置", "urgent")
    assert "住院" not in first.matter.text.text
    IncidentClosing.objects.create(incident=row, day=TODAY, outcome="helped", at=NOW, actor="x")
    assert run(city).document() == services.Report(proposed=1).document()
    assert ClosingProposal.objects.get().matter == first.matter


def test_ended_in_the_list_of_visits_it_is_proposed(city: Offices) -> None:
    one, other = problem(city), problem(city, household=city.here[1])
    village = problem(city, household=None)
    choose(city, ("housing", "visit"))
    run(city)
    for each in (one, village):
        VisitProblem.objects.filter(pk=each.pk).update(settled_at=NOW, settled_day=TODAY)
    assert run(city).proposed == 2
    assert not MatterSubject.objects.filter(household=other.household, matter__in=proposed()).exists()
    kept, merged = (each.matter for each in MatterSubject.objects.filter(household__isnull=False).order_by("pk")[::-1])
    MatterSubject.objects.filter(matter=merged).update(matter=kept)  # merged with one that stands
    Matter.objects.filter(pk=merged.pk).update(state="merged", into=kept)
    assert run(city).proposed == 0
    assert proposed() == {MatterSubject.objects.get(area=city.village.area_id).matter_id}
    problem(city, household=None)  # the village has it again: the proposal is taken back
    run(city)
    assert proposed() == set()


def proposed() -> set[int]:
    return set(ClosingProposal.objects.values_list("pk", flat=True))


def test_a_later_visit_that_finds_it_again_reopens(city: Offices) -> None:
    row = problem(city)
    choose(city, ("housing", "visit"))
    run(city)
    closed = at(DAY(2018, 6, 20), 0, 30)  # half past midnight, local time: still the day before in UTC
    Matter.objects.update(state="closed", closed_at=closed, look_back_on=DAY(2018, 7, 20))
    assert run(city, at(LATER)).reopened == 0  # nobody ended the problem, but no visit found it again
    VisitProblem.objects.filter(pk=row.pk).update(last_day=DAY(2018, 6, 20), times=2)
    assert run(city, at(LATER)).reopened == 0  # on the day of the closing: which came first nobody can tell
    VisitProblem.objects.filter(pk=row.pk).update(settled_at=NOW, settled_day=DAY(2018, 6, 21))
    problem(city, day=DAY(2018, 6, 25))
    report = run(city, at(LATER))
    assert (report.opened, report.reopened) == (0, 1)
    assert Matter.objects.get().state == "issued"
    assert run(city, at(LATER)).reopened == 0


def test_sorts_of_closed_classes_are_for_those_who_see_them(city: Offices) -> None:
    """Who is not told of a sort neither counts, chooses, ends nor opens it."""
    problem(city, "health")
    incident(city, "illness")
    plain = city.actor("clerk", "county", "area", city.county.area_id)
    user = accounts.add_user(local_admin(), "doctor", PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), user, "county", "area", city.county.area_id, field_classes=("health",))
    doctor = actor_for(user)
    assert {each.key for each in selectors.offers(plain, city.county)} == set()
    assert {each.key for each in selectors.offers(doctor, city.county)} == {"health:visit", "illness:incident"}
    choose(city, ("health", "visit"), actor=doctor)
    with pytest.raises(Problem):
        choose(city, ("health", "visit"), actor=plain)
    choose(city, actor=plain)
    assert [each.standard for each in selectors.chosen(city.county)] == ["health"]
    assert run(city, actor=plain).document() == services.Report().document()
    assert selectors.preview(plain, city.county) == []
    assert [each.fresh for each in selectors.preview(doctor, city.county)] == [1]
    assert run(city, actor=doctor).opened == 1
    # who sees no households (of assessors' like) is told of nothing
    assert told.open_to(city.actor("watch", "discipline", "area", city.county.area_id), city.county) == []


def test_findings_about_persons_stand_with_their_household(city: Offices) -> None:
    person = Person.objects.create(code="P1")
    Membership.objects.create(
        person=person, household=city.here[0], valid_from=DAY(2014, 1, 1), confirmed_on=DAY(2014, 1, 1)
    )
    away = Person.objects.create(code="P2")
    Membership.objects.create(
        person=away, household=city.there[0], valid_from=DAY(2014, 1, 1), confirmed_on=DAY(2014, 1, 1)
    )
    made = judged(city, {city.here[0].pk: "mmmmmmm"})
    from tuopin.standards.models import Evaluation, Finding, Verdict

    run_of = Evaluation.objects.get(pk=made.pk)
    Evaluation.objects.filter(pk=run_of.pk).update(level="person")
    Verdict.objects.all().delete()
    for each, area in ((person, city.village.area_id), (away, city.away.area_id)):
        Finding.objects.create(evaluation=run_of, subject_id=each.pk, area_id=area, item="income", verdict="not_met")
    choose(city, ("household_exit", "not_met"))
    assert run(city).opened == 1
    assert run(city).opened == 0
    subject = MatterSubject.objects.get()
    assert (subject.person_id, subject.household_id, subject.matter.area_id) == (
        person.pk, None, city.village.area_id,
    )  # fmt: skip
    assert subject.matter.holder_id == city.township


def test_statements_do_not_grow(city: Offices, django_assert_max_num_queries: Any) -> None:
    for each in city.here:
        problem(city, household=each)
        problem(city, "water", household=each)
    choose(city, ("housing", "visit"), ("water", "visit"))
    with django_assert_max_num_queries(75):
        assert run(city).opened == 2 * len(city.here)
    with django_assert_max_num_queries(20):
        selectors.preview(local_admin(), city.county)


def test_the_page_offers_them(client: Client, city: Offices) -> None:
    problem(city)
    problem(city, "health")
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    text = client.get(reverse("cycle:openings"), {"area": city.county.code}).content.decode()
    assert 'value="housing:visit"' in text
    assert "health:visit" not in text
