"""Visits: recorded, corrected, taken back; what is refused; what follows from them in the register."""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from officials import assigned
from rooms.duties.place import Place
from rooms.duties.visiting import DAY, draft, helper, on_a_day
from tuopin.duties.models import HouseholdVisits, Visit, VisitBy, VisitLast, VisitPlace, VisitProblem
from tuopin.duties.officials import naming
from tuopin.duties.visits import services, troubles
from tuopin.duties.visits.drafts import Found, Trouble
from tuopin.platform import database
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import CorrectedValue, HouseholdLiving, Membership, Person

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_day(monkeypatch)


@pytest.fixture
def place() -> Place:
    return Place()


def code_of(found: pytest.ExceptionInfo[Problem]) -> str:
    return found.value.code


def test_a_visit_is_recorded_and_counted(place: Place) -> None:
    actor, term = helper(place.here[0])
    person = Person.objects.create()
    began = datetime.date(2014, 1, 1)
    Membership.objects.create(household=place.here[0], person=person, valid_from=began, confirmed_on=began)
    (made,) = services.record(actor, [draft(term, met=(person.pk,), said="屋顶漏雨", clock=datetime.time(9, 30))])
    assert made.notes == ()
    assert (made.visit.number, made.visit.version, made.visit.area_id) == (made.visit.pk, 1, place.village.area_id)
    assert VisitLast.objects.get().day == DAY
    assert [(each.as_of, each.visits_in_month) for each in HouseholdVisits.objects.all()] == [(DAY, 1)]
    assert VisitPlace.objects.get().clock == datetime.time(9, 30)
    entry = AuditEntry.objects.get(action="duties.record_visit")
    assert entry.subject == f"visit:{made.visit.number}"
    assert "屋顶" not in str(entry.detail)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"day": datetime.date(2019, 5, 21)}, "bad_day"),
        ({"day": datetime.date(1999, 12, 31)}, "bad_day"),
        ({"day": datetime.date(2013, 5, 1)}, "not_here"),
        ({"sort": "=cmd"}, "bad_visit"),
        ({"outcome": "not_reachable"}, "bad_visit"),
        ({"outcome": "not_reachable", "why_not": "other"}, "bad_visit"),
        ({"outcome": "not_reachable", "why_not": "moved", "said": "什么"}, "bad_visit"),
        ({"outcome": "met", "why_not": "moved"}, "bad_visit"),
        ({"said": "字" * 1001}, "bad_visit"),
        ({"note": "a\0b"}, "bad_visit"),
        ({"problems": (Trouble("none", "x"),)}, "bad_visit"),
        ({"problems": (Trouble("water", "x"), Trouble("water", "y"))}, "bad_visit"),
        ({"findings": (Found("income", "perhaps"),)}, "bad_visit"),
        ({"findings": (Found("no_such", "met"),)}, "no_such_item"),
        ({"met": (10**9,)}, "not_a_member"),
        ({"latitude": 3400000, "longitude": 11500000}, "bad_visit"),
        ({"latitude": 10**9, "longitude": 0, "day": datetime.date(2019, 5, 20)}, "bad_visit"),
        ({"officials": ()}, "bad_visit"),
        ({"area_id": 1}, "bad_target"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_stands(place: Place, more: dict[str, Any], code: str) -> None:
    actor, term = helper(place.here[0])
    with pytest.raises(Problem) as found:
        services.record(actor, [draft(term), draft(term, **more)])
    assert code_of(found) == code
    assert not Visit.objects.exists()
    assert not VisitBy.objects.exists()


def test_before_the_assignment_is_told_and_counts_for_nothing(place: Place) -> None:
    actor, term = helper(place.here[0], valid_from=datetime.date(2019, 5, 15))
    (made,) = services.record(actor, [draft(term)])
    assert "2019-05-15" in made.notes[0].zh
    stranger = assigned("路人", household=place.here[1])
    (other,) = services.record(local_admin(), [draft(term, officials=(stranger.official_id,))])
    assert "没有责任" in other.notes[0].zh


def test_another_household_or_official_is_not_there(place: Place) -> None:
    actor, term = helper(place.here[0])
    stranger = assigned("别县", household=place.there[0])
    for more in (
        {"household_id": place.here[1].pk},
        {"household_id": place.there[0].pk},
        {"household_id": None, "area_id": place.village.area_id},
        {"officials": (stranger.official_id,)},
        {"officials": (10**9,)},
    ):
        with pytest.raises(Missing):
            services.record(actor, [draft(term, **more)])
    with pytest.raises(Refused):
        services.record(place.clerk("inspector"), [draft(term)])
    assert not Visit.objects.exists()


def test_one_form_sent_twice_is_one_visit(place: Place) -> None:
    actor, term = helper(place.here[0])
    (first,) = services.record(actor, [draft(term, key="k1")])
    (second,) = services.record(actor, [draft(term, key="k1")])
    assert second.again
    assert second.visit.pk == first.visit.pk
    assert Visit.objects.count() == 1


def test_a_correction_keeps_the_version_before(place: Place) -> None:
    actor, term = helper(place.here[0])
    (made,) = services.record(actor, [draft(term, said="一", problems=(Trouble("water", "断水"),))])
    number = made.visit.number
    services.correct(actor, number, draft(term, day=datetime.date(2019, 4, 2), said="二"), seen=1, reason="日期写错")
    rows = Visit.objects.filter(number=number).order_by("version")
    told = [(each.version, each.said, each.superseded_at is None) for each in rows]
    assert told == [(1, "一", False), (2, "二", True)]
    assert VisitLast.objects.get().day == datetime.date(2019, 4, 2)
    assert [each.as_of for each in HouseholdVisits.objects.filter(superseded_at=None)] == [datetime.date(2019, 4, 2)]
    assert VisitProblem.objects.get().settled_note == "走访已更正或撤回"
    for seen, reason in ((1, "再改"), (2, " ")):
        with pytest.raises(Problem):
            services.correct(actor, number, draft(term), seen=seen, reason=reason)
    with pytest.raises(Problem) as found:
        services.correct(local_admin(), number, draft(term, household_id=place.here[1].pk), seen=2, reason="换一户")
    assert code_of(found) == "other_target"


def test_only_who_recorded_it_or_the_office_corrects(place: Place) -> None:
    actor, term = helper(place.here[0])
    other, _term = helper(place.here[0], "乙", role="assistant")
    (made,) = services.record(actor, [draft(term)])
    with pytest.raises(Refused):
        services.take_back(other, made.visit.number, seen=1, reason="不是我")
    with pytest.raises(Refused):  # the clerk is not shown what was said, and would lose it
        services.correct(place.clerk("county"), made.visit.number, draft(term), seen=1, reason="更正")
    with pytest.raises(Missing):
        services.take_back(helper(place.there[0], "丙")[0], made.visit.number, seen=1, reason="x")
    services.take_back(place.clerk("township"), made.visit.number, seen=1, reason="记错户")
    assert not VisitLast.objects.exists()
    assert not HouseholdVisits.objects.filter(superseded_at=None).exists()
    with pytest.raises(Problem) as found:
        services.take_back(actor, made.visit.number, seen=1, reason="再撤")
    assert code_of(found) == "taken_back"


def living(place: Place) -> HouseholdLiving:
    return HouseholdLiving.objects.create(
        household=place.here[0], year=2018, as_of=datetime.date(2018, 12, 1), source="national_export",
        recorded_at=datetime.datetime(2018, 12, 2, tzinfo=datetime.UTC), dangerous_house=True, water_safe=None,
    )  # fmt: skip


def test_what_was_seen_becomes_a_fact_and_goes_with_the_visit(place: Place) -> None:
    living(place)
    actor, term = helper(place.here[0])
    seen = (Found("housing", "met", "已改造"), Found("water", "not_met"), Found("food", "unknown"))
    (made,) = services.record(actor, [draft(term, findings=seen)])
    assert made.written == 2
    now = HouseholdLiving.objects.get(household=place.here[0], superseded_at=None, as_of=DAY)
    assert (now.dangerous_house, now.water_safe) == (False, False)
    rows = CorrectedValue.objects.filter(correction__source="visit").values_list("field", "new")
    assert sorted(rows) == [("dangerous_house", "false"), ("water_safe", "false")]
    assert services.take_back(actor, made.visit.number, seen=1, reason="记错户")
    now = HouseholdLiving.objects.filter(household=place.here[0], superseded_at=None).latest("as_of")
    assert (now.dangerous_house, now.water_safe) == (True, None)


def test_who_lacks_the_class_reports_nothing_of_it(place: Place) -> None:
    living(place)
    _actor, term = helper(place.here[0])
    clerk = place.clerk("county")
    for more in ({"problems": (Trouble("health", "大病"),)}, {"findings": (Found("education", "not_met"),)}):
        with pytest.raises(Problem):
            services.record(clerk, [draft(term, **more)])
    assert services.record(clerk, [draft(term, findings=(Found("water", "met"),))])[0].written == 1


def test_problems_are_one_however_often_found(place: Place) -> None:
    actor, term = helper(place.here[0])
    for day, text in ((2, "断水"), (9, "仍断水"), (4, "中间记的")):
        services.record(actor, [draft(term, day=datetime.date(2019, 5, day), problems=(Trouble("water", text),))])
    (row,) = VisitProblem.objects.all()
    assert (row.times, row.text, row.first_day.day, row.last_day.day) == (3, "仍断水", 2, 9)
    with pytest.raises(Refused):
        troubles.settle(actor, [row.pk], day=DAY, note="已修好")
    with pytest.raises(Missing):
        troubles.settle(place.clerk("county"), [row.pk, 10**9], day=DAY, note="已修好")
    with pytest.raises(Problem):
        troubles.settle(local_admin(), [row.pk], day=datetime.date(2019, 5, 1), note="早于发现")
    assert troubles.settle(local_admin(), [row.pk], day=DAY, note="已修好") == 1
    services.record(actor, [draft(term, problems=(Trouble("water", "又断"),))])
    assert VisitProblem.objects.filter(settled_at=None).count() == 1


def test_two_officials_who_are_one_person(place: Place) -> None:
    one, two = assigned("甲", phone="1", household=place.here[0]), assigned("甲", phone="2", household=place.here[1])
    services.record(local_admin(), [
        draft(one, officials=(one.official_id, two.official_id)),
        draft(two, day=datetime.date(2019, 5, 2), household_id=place.here[0].pk),
    ])  # fmt: skip
    with database.write():
        naming.merge(one.official_id, [two.official_id])
    assert set(VisitBy.objects.values_list("official_id", flat=True)) == {one.official_id}
    assert VisitBy.objects.count() == 2
    assert [(row.official_id, row.day) for row in VisitLast.objects.all()] == [(one.official_id, DAY)]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_find_one_problem(place: Place) -> None:
    term = assigned("甲", household=place.here[0])
    barrier = threading.Barrier(2)
    failed: list[Problem] = []

    def attempt(day: int) -> None:
        try:
            barrier.wait()
            told = (Trouble("water", f"断水 {day}"),)
            services.record(local_admin(), [draft(term, day=datetime.date(2019, 5, day), problems=told)])
        except Problem as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(day,)) for day in (3, 4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert failed == []
    assert [(row.times, row.last_day.day) for row in VisitProblem.objects.all()] == [(2, 4)]
    assert [row.day.day for row in VisitLast.objects.all()] == [4]
    assert HouseholdVisits.objects.get(superseded_at=None).visits_in_month == 2


def test_a_set_is_written_in_as_many_statements_as_one(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    terms = [assigned(f"甲{at}", household=each) for at, each in enumerate(place.here)]
    with django_assert_max_num_queries(40) as one:
        services.record(local_admin(), [draft(terms[0])])
    with django_assert_max_num_queries(len(one.captured_queries)):
        services.record(local_admin(), [draft(each, day=datetime.date(2019, 5, 3)) for each in terms[1:]])
