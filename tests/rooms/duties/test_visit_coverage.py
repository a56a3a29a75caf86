"""Duties to visit: done, due, overdue, excused, unknown; the statements against the rules worked out one by one."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from officials import assigned
from rooms.duties.place import ALWAYS, Place, area
from tuopin.duties.models import Absence, Assignment, Visit, VisitBy
from tuopin.duties.visits import counting, coverage, kinds, mine
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem, Refused
from tuopin.register.models import Designation, StatusPeriod
from tuopin.register.selectors import subtree

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tuopin.register.models import AreaVersion, Household

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 20)
NOW = datetime.datetime(2019, 6, 1, tzinfo=datetime.UTC)


@pytest.fixture
def place() -> Place:
    return Place()


def seen(official: int, day: datetime.date, household: Household | None = None, at: AreaVersion | None = None) -> None:
    """A visit that counts, to a household (of the first village unless ``at`` says so) or an area."""
    home = at.area_id if at is not None else household.residences.get().area_id  # type: ignore[union-attr]  # one of both
    row = Visit.objects.create(
        number=Visit.objects.count() + 1, household=household, area_id=home, day=day, sort="routine", outcome="met",
        origin="test", recorded_at=NOW, actor="test",
    )  # fmt: skip
    VisitBy.objects.create(visit=row, official_id=official, household=household, area_id=home, day=day, counts=True)
    if household is not None:
        counting.follow([household.pk], NOW)


def states(place: Place, day: datetime.date = DAY, key: str = "helper_month") -> dict[str, int]:
    total = coverage.report(local_admin(), place.city, day).total[key]
    return {state: number for state in coverage.STATES if (number := getattr(total, state))}


@pytest.mark.parametrize(
    ("every", "day", "start", "end", "before"),
    [
        ("month", (2020, 2, 29), (2020, 2, 1), (2020, 2, 29), (2020, 1, 1)),
        ("month", (2019, 1, 31), (2019, 1, 1), (2019, 1, 31), (2018, 12, 1)),
        ("quarter", (2019, 3, 31), (2019, 1, 1), (2019, 3, 31), (2018, 10, 1)),
        ("year", (2019, 12, 31), (2019, 1, 1), (2019, 12, 31), (2018, 1, 1)),
    ],
)
def test_periods_end_with_their_last_day(
    every: kinds.Every, day: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...], before: tuple[int, ...]
) -> None:
    found = kinds.period(every, datetime.date(*day))
    assert (found.start, found.end, found.before) == tuple(datetime.date(*each) for each in (start, end, before))
    assert found.before_end == found.start - datetime.timedelta(days=1)
    assert kinds.period("term", DAY).left(DAY) is None


def test_done_due_overdue_excused_unknown(place: Place) -> None:
    terms = [assigned(f"甲{at}", household=each) for at, each in enumerate(place.here)]
    there = assigned("乙", household=place.there[0])
    assert states(place) == {"unknown": 7}  # nothing was ever recorded: nobody has missed anything
    seen(terms[0].official_id, datetime.date(2019, 5, 1), place.here[0])
    seen(terms[1].official_id, datetime.date(2019, 4, 30), place.here[1])
    seen(terms[2].official_id, datetime.date(2019, 3, 31), place.here[2])
    Absence.objects.create(
        official_id=terms[3].official_id, kind="sick", document="病假条", valid_from=datetime.date(2019, 5, 19)
    )
    Absence.objects.create(  # on the last day of the month that was missed
        official_id=terms[4].official_id, kind="leave", document="假条", valid_from=datetime.date(2019, 4, 20),
        valid_to=datetime.date(2019, 5, 1),
    )  # fmt: skip
    Absence.objects.create(  # released from office: there is the time to visit
        official_id=terms[5].official_id, kind="released", document="文", valid_from=datetime.date(2019, 1, 1)
    )
    assert states(place) == {"done": 1, "due": 2, "overdue": 2, "excused": 1, "unknown": 1}
    rows = {each.area.code: each.duties for each in coverage.report(local_admin(), place.city, DAY).below}
    assert rows[place.county.code]["helper_month"].total == 6
    assert rows[place.other.code]["helper_month"].unknown == 1
    # another day is another answer, from the same rows
    assert states(place, datetime.date(2019, 4, 30)) == {"done": 1, "due": 1, "excused": 1, "overdue": 3, "unknown": 1}
    behind = mine.behind(place.county, kinds.duty("helper_month"), DAY, 10)
    assert [(number, counts.overdue, counts.due) for number, _name, _unit, counts in behind[:2]] == [
        (terms[2].official_id, 1, 0), (terms[5].official_id, 1, 0),
    ]  # fmt: skip
    assert there.official_id not in {each[0] for each in behind}


def test_a_visit_before_the_duty_began_counts_for_nothing(place: Place) -> None:
    term = assigned("甲", household=place.here[0], valid_from=datetime.date(2019, 5, 10))
    seen(term.official_id, datetime.date(2019, 5, 9), place.here[0])
    assert states(place) == {"due": 1}  # and the month before is not held against anybody
    seen(term.official_id, datetime.date(2019, 5, 10), place.here[0])
    assert states(place) == {"done": 1}


def test_one_visit_serves_every_duty(place: Place) -> None:
    for each in place.here[:2]:
        StatusPeriod.objects.create(household=each, axis="registration", value="registered", valid_from=ALWAYS)
    StatusPeriod.objects.create(household=place.here[2], axis="registration", value="exited", valid_from=ALWAYS)
    Designation.objects.create(area=place.village.area, kind="poor_village", valid_from=ALWAYS)
    secretary = assigned("书记", area=place.village.area, role="first_responsible")
    county = assigned("县书记", area=place.county.area, role="first_responsible")
    leader = assigned("领导", area=place.village.area, role="contact_point")
    seen(secretary.official_id, datetime.date(2019, 2, 3), place.here[0])
    assert states(place, key="village_secretary") == {"done": 1, "overdue": 1}
    assert states(place, key="township_secretary") == {"unknown": 2}  # nobody holds it
    assert states(place, key="county_secretary") == {"overdue": 1}
    seen(county.official_id, datetime.date(2019, 5, 2), place.here[2])
    assert states(place, key="county_secretary") == {"done": 1}
    assert states(place, key="contact_point") == {"overdue": 1}
    for day in (11, 12, 13, 13):  # a Saturday, a Sunday, a Monday, twice on it
        seen(leader.official_id, datetime.date(2019, 5, day), at=place.village)
    assert states(place, key="contact_point") == {"overdue": 1}
    seen(leader.official_id, datetime.date(2019, 5, 14), place.here[3])
    assert states(place, key="contact_point") == {"done": 1}
    (duty,) = mine.duties_of(local_admin(), secretary.official, DAY)
    assert [(each.code, each.state) for each in duty.targets] == [
        (place.here[1].code, "overdue"), (place.here[0].code, "done"),
    ]  # fmt: skip


def test_heavy_townships(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (*place.here, *place.there[:2]):
        StatusPeriod.objects.create(household=each, axis="registration", value="registered", valid_from=ALWAYS)
    leader = assigned("市委书记", area=place.city.area, role="first_responsible")
    seen(leader.official_id, datetime.date(2019, 1, 2), place.here[0])
    assert states(place, key="city_leader") == {}  # none has a hundred
    found = dict(kinds.duties())
    from dataclasses import replace

    found["city_leader"] = replace(found["city_leader"], at_least=3)
    monkeypatch.setattr(kinds, "duties", lambda: found)
    assert states(place, key="city_leader") == {"done": 1}


def by_the_rules(place: Place, day: datetime.date) -> dict[str, int]:
    """The same from the rules in words, pair by pair."""
    period = kinds.period("month", day)
    kept = {county: VisitBy.objects.filter(day__lte=day, area=village.area).exists()
            for county, village in ((place.county, place.village), (place.other, place.away))}  # fmt: skip
    found: dict[str, int] = {}
    for term in Assignment.objects.filter(role="helper"):
        if not (term.valid_from <= day and (term.valid_to is None or term.valid_to > day)):
            continue
        rows = VisitBy.objects.filter(official=term.official, household=term.household, counts=True, day__lte=day)
        days = sorted(rows.values_list("day", flat=True))
        away = [
            [each for each in Absence.objects.filter(official=term.official).exclude(kind="released")
             if each.valid_from <= at and (each.valid_to is None or each.valid_to > at)]
            for at in (day, period.before_end)
        ]  # fmt: skip
        here = any(term.household_id == each.pk for each in place.here)
        if days and days[-1] >= max(period.start, term.valid_from):
            state = "done"
        elif not kept[place.county if here else place.other]:
            state = "unknown"
        elif away[0]:
            state = "excused"
        elif not away[1] and term.valid_from <= period.before and not any(each >= period.before for each in days):
            state = "overdue"
        else:
            state = "due"
        found[state] = found.get(state, 0) + 1
    return found


def test_the_statements_and_the_rules_agree(place: Place) -> None:
    luck = random.Random(20181201)
    first = datetime.date(2019, 1, 1)

    def some(span: int) -> datetime.date:
        return first + datetime.timedelta(days=luck.randrange(span))

    for at, each in enumerate((*place.here, *place.there)):
        end = some(200) if luck.random() < 0.3 else None
        begin = some(90) - datetime.timedelta(days=60)
        term = assigned(f"甲{at}", household=each, valid_from=begin, valid_to=end if end and end > begin else None)
        for _time in range(luck.randrange(4)):
            seen(term.official_id, some(170), each)
        if luck.random() < 0.4:
            begin = some(150)
            Absence.objects.create(
                official_id=term.official_id, kind=luck.choice(["sick", "leave", "seconded", "released"]),
                document="x", valid_from=begin, valid_to=begin + datetime.timedelta(days=luck.randrange(1, 40)),
            )  # fmt: skip
    for at in range(0, 181, 9):
        day = first + datetime.timedelta(days=at)
        assert states(place, day) == by_the_rules(place, day), day
        assert listed(place, day) == states(place, day), day


def listed(place: Place, day: datetime.date) -> dict[str, int]:
    """The same by the statement that lists and “my duties” are made from."""
    kept = coverage.recorded(place.city, day)
    sql, given = coverage.pairs(kinds.duty("helper_month"), subtree(place.city), day, kept)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, count(*) FROM ({sql}) x GROUP BY 1", given)
        return {state: int(number) for state, number in cursor.fetchall()}


def test_no_question_reads_all_visits(place: Place) -> None:
    """SQLite uses an index with a condition on a flag for no statement of ours: there must be none."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "duties_visit_by")
        assert {"duties_visit_by_pair", "duties_visit_by_of_household", "duties_visit_by_in_area"} <= found.keys()
        if connection.vendor == "sqlite":
            for column in ("household_id", "area_id", "official_id"):
                cursor.execute(f"EXPLAIN QUERY PLAN SELECT max(day) FROM duties_visit_by WHERE counts AND {column} = 1")
                assert "SCAN" not in str(cursor.fetchall())


def test_a_report_takes_as_many_statements_however_much_there_is(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(15):
        coverage.report(local_admin(), place.city, DAY)
    village = area("village", "411423100202", place.county)
    assert coverage.report(local_admin(), village, DAY).below[0].area == village


def test_who_may_not_see_visits_gets_no_numbers(place: Place) -> None:
    with pytest.raises(Refused):
        coverage.report(place.clerk("inspector"), place.county, DAY)
    with pytest.raises(Refused):
        coverage.report(place.clerk("county"), place.city, DAY)
    with pytest.raises(Problem):
        coverage.report(local_admin(), place.city, datetime.date(9999, 12, 31))
