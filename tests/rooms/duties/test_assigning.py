"""Who answers for what: begun, ended, handed over, left; one at a time, also when two assign at once."""

from __future__ import annotations

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from officials import assigned
from people import signed_in
from rooms.duties.place import ALWAYS, Place
from tuopin.duties import kinds
from tuopin.duties.assigning import services as assigning
from tuopin.duties.models import Assignment, Official, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.duties.selectors import duties_of
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import Membership, Person, Residence, StatusPeriod

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def place() -> Place:
    return Place()


def official(place: Place, name: str = "张伟", unit: str = "县财政局") -> int:
    return officials.add_officials(local_admin(), [(name, unit, "1")], area_id=place.county.area_id, day=DAY)[0]


def code(call: object) -> str:
    with pytest.raises(Problem) as raised:
        call()  # type: ignore[operator]
    return raised.value.code


def begin(place: Place, who: int, role: str = "helper", at: int = 0, **more: object) -> int:
    target = {"household": place.here[at].pk, "area": place.village.area_id}[kinds.role(role).on]
    return assigning.begin(local_admin(), {target: who}, role=role, **{"day": DAY, **more})[0]  # type: ignore[arg-type]


def test_a_helper_begins_and_ends(place: Place) -> None:
    made = begin(place, official(place))
    row = Assignment.objects.get(pk=made)
    assert (row.role, row.name, row.unit, row.valid_from, row.valid_to) == ("helper", "张伟", "县财政局", DAY, None)
    assert assigning.end(local_admin(), [made], day=DAY + WEEK, reason="调离") == 1
    row.refresh_from_db()
    assert (row.valid_to, row.by_hand, row.reason) == (DAY + WEEK, True, "调离")
    assert AuditEntry.objects.filter(action__in=("duties.begin_duty", "duties.end_duty")).count() == 2
    assert "张伟" not in "".join(AuditEntry.objects.values_list("detail", flat=True))


def test_there_is_one_helper_and_several_assistants(place: Place) -> None:
    first, second, third = official(place), official(place, "李娜"), official(place, "王强")
    begin(place, first)
    assert code(lambda: begin(place, second)) == "already_held"
    assert code(lambda: begin(place, second, day=DAY - WEEK, until=DAY + WEEK)) == "already_held"
    begin(place, second, day=DAY - WEEK, until=DAY)  # the days before are free
    begin(place, second, "assistant")
    begin(place, third, "assistant")
    assert code(lambda: begin(place, third, "assistant")) == "already_assigned"


def test_all_or_none(place: Place) -> None:
    who = official(place)
    begin(place, who, at=3)
    wanted = {each.pk: who for each in place.here}
    with pytest.raises(Problem) as raised:
        assigning.begin(local_admin(), wanted, role="helper", day=DAY)
    assert raised.value.details["targets"] == [place.here[3].code]
    assert Assignment.objects.count() == 1


def test_handing_over_is_one_act(place: Place) -> None:
    first, second = official(place), official(place, "李娜")
    old = [begin(place, first, at=at) for at in range(3)] + [begin(place, first, "first_secretary")]
    new = assigning.hand_over(local_admin(), dict.fromkeys(old, second), day=DAY + WEEK)
    rows = Assignment.objects.in_bulk(new)
    assert [(rows[key].role, rows[key].official_id, rows[key].valid_from) for key in new] == [
        *[("helper", second, DAY + WEEK)] * 3, ("first_secretary", second, DAY + WEEK),
    ]  # fmt: skip
    assert set(Assignment.objects.filter(pk__in=old).values_list("valid_to", flat=True)) == {DAY + WEEK}
    assert code(lambda: assigning.hand_over(local_admin(), {new[0]: first}, day=DAY)) == "ends_before_it_began"
    assert Assignment.objects.get(pk=new[0]).valid_to is None


def test_who_leaves_hands_over_everything_first(place: Place) -> None:
    first, second = official(place), official(place, "李娜")
    office = organisations.found_organisation(
        local_admin(), "县财政局", "department", area_id=place.county.area_id, day=ALWAYS
    )
    post = organisations.add_post(local_admin(), office, "副局长", day=DAY, level="township", authority="county")
    officials.appoint(local_admin(), first, post, day=DAY)
    made = [begin(place, first, at=at) for at in range(2)]
    with pytest.raises(Problem) as raised:
        assigning.leave(local_admin(), first, {made[0]: second}, day=DAY + WEEK)
    assert (raised.value.code, raised.value.details["assignments"]) == ("open_duties", [made[1]])
    assert Term.objects.get().valid_to is None
    assigning.leave(local_admin(), first, dict.fromkeys(made, second), day=DAY + WEEK)
    assert Term.objects.get().valid_to == DAY + WEEK
    assert assigning.open_duties(first, DAY + WEEK) == []
    assert len(assigning.open_duties(second, DAY + WEEK)) == 2


def test_a_duty_for_a_household_that_is_no_more_keeps_nobody_in_office(place: Place) -> None:
    """After a merger nobody lives there: the duty is seen and ended where it was, and needs no successor."""
    first, second = official(place), official(place, "李娜")
    gone, stays, other = (begin(place, first, at=at) for at in range(3))
    for at in (0, 2):
        Residence.objects.filter(household=place.here[at]).update(valid_to=DAY + WEEK)
    clerk, later = place.clerk(), DAY + 2 * WEEK
    assert set(duties_of(clerk, Official.objects.get(pk=first)).values_list("pk", flat=True)) == {gone, stays, other}
    assert assigning.open_duties(first, later) == [stays]
    assigning.end(clerk, [other], day=later)
    shown = signed_in(User.objects.get(pk=clerk.user_id)).get(reverse("duties:leave", args=[first])).content.decode()
    assert "另有 1 项责任的户已不在册" in shown
    assert "不在您的管辖范围内" not in shown
    assigning.leave(clerk, first, {stays: second}, day=later)
    assert set(Assignment.objects.filter(official=first).values_list("valid_to", flat=True)) == {later}
    assert list(Assignment.objects.filter(official=second).values_list("household", flat=True)) == [place.here[1].pk]
    with pytest.raises(Missing):
        assigning.begin(clerk, {place.here[0].pk: second}, role="helper", day=later)
    away = assigned("赵敏", "市医院", household=place.there[0])
    Residence.objects.filter(household=place.there[0]).update(valid_to=DAY + WEEK)
    with pytest.raises(Missing):
        assigning.end(clerk, [away.pk], day=later)


def test_the_poor_help_nobody(place: Place) -> None:
    person = Person.objects.create()
    Membership.objects.create(person=person, household=place.there[0], valid_from=ALWAYS, confirmed_on=DAY)
    StatusPeriod.objects.create(
        household=place.there[0], axis="registration", value="registered", valid_from=ALWAYS, valid_to=DAY + WEEK
    )
    who = official(place)
    Official.objects.filter(pk=who).update(person=person)
    assert code(lambda: begin(place, who)) == "helper_is_poor"
    begin(place, who, day=DAY + WEEK)  # the household has exited


def test_unknown_roles_and_wrong_places_are_refused(place: Place) -> None:
    who = official(place)
    with pytest.raises(Problem) as raised:
        assigning.begin(local_admin(), {place.county.area_id: who}, role="first_secretary", day=DAY)
    assert raised.value.code == "wrong_level"
    for wanted in ({10**15: who}, {place.here[0].pk: 10**15}):
        with pytest.raises(Missing):
            assigning.begin(local_admin(), wanted, role="helper", day=DAY)
    with pytest.raises(Problem) as raised:
        assigning.begin(local_admin(), {}, role="no such role", day=DAY)
    assert raised.value.code == "unknown_key"


def test_beyond_the_own_county_nothing_is_there(place: Place) -> None:
    clerk = place.clerk()
    who = official(place)
    assigning.begin(clerk, {place.here[0].pk: who}, role="helper", day=DAY)
    with pytest.raises(Missing):
        assigning.begin(clerk, {place.here[1].pk: who, place.there[1].pk: who}, role="helper", day=DAY)
    there = assigned("赵敏", "市医院", household=place.there[0])
    with pytest.raises(Missing):
        assigning.end(clerk, [there.pk], day=DAY)
    with pytest.raises(Missing):
        assigning.begin(clerk, {place.here[2].pk: there.official_id}, role="helper", day=DAY)
    with pytest.raises(Missing):
        assigning.leave(clerk, there.official_id, {}, day=DAY)
    with pytest.raises(Refused):
        assigning.begin(place.clerk("village"), {place.here[3].pk: who}, role="helper", day=DAY)
    assert Assignment.objects.count() == 2


@pytest.mark.parametrize("count", [2, 6])
def test_statements_do_not_grow(
    place: Place, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    who, other = official(place), official(place, "李娜")
    with django_assert_max_num_queries(26):
        made = assigning.begin(local_admin(), {each.pk: who for each in place.here[:count]}, role="helper", day=DAY)
    with django_assert_max_num_queries(42):
        assigning.hand_over(local_admin(), dict.fromkeys(made, other), day=DAY + WEEK)


def test_every_sole_role_has_its_index(place: Place) -> None:
    """What ``roles.toml`` calls sole, the database refuses twice, whoever asks it."""
    office = organisations.found_organisation(
        local_admin(), "指挥部", "headquarters", area_id=place.city.area_id, day=ALWAYS
    )
    on = {"household": {"household": place.here[0]}, "area": {"area": place.village.area},
          "organisation": {"organisation_id": office}}  # fmt: skip
    for role in kinds.roles().values():
        assigned("甲", role=role.key, **on[role.on])
        try:
            with transaction.atomic():
                assigned("乙", role=role.key, **on[role.on])
            refused = False
        except IntegrityError:
            refused = True
        assert refused == role.sole, role.key


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_at_once(place: Place) -> None:
    people = [official(place), official(place, "李娜")]
    start = threading.Barrier(2)

    def press(who: int) -> str:
        try:
            start.wait()
            assigning.begin(local_admin(), {place.here[0].pk: who}, role="helper", day=DAY)
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "begun"

    with ThreadPoolExecutor(2) as pool:
        said = [each.result() for each in [pool.submit(press, who) for who in people]]
    assert sorted(said) == ["already_held", "begun"]
    assert Assignment.objects.count() == 1
