"""Who is told, and who takes it, where the chain above a holder is odd: ended organisations, one person with two posts,
gaps, changes of office, batches and ticks that come late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.orders.clocks import matter, saved, told
from rooms.orders.office import BEGIN, DAY, MONDAY, Offices, at
from tuopin.duties.models import Absence, Official, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders.clock.chain import Chains, live_people
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal, MatterEvent
from tuopin.platform.access import local_admin, system
from tuopin.platform.models import Message
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    import datetime

pytestmark = pytest.mark.django_db
NOW, LIMIT = at(MONDAY), at(DAY(2018, 6, 30), 0)
LATE = at(DAY(2018, 6, 30))


@pytest.fixture
def city() -> Offices:
    return Offices()


def head(city: Offices, name: str, *organisation_ids: int) -> int:
    """The first responsible person of organisations, with an account that has no grant over them."""
    me, user = local_admin(), city.account(name, "county", "organisation", city.elsewhere)
    [number] = officials.add_officials(me, [(name, "", "")], area_id=city.county.area_id, day=BEGIN)
    Official.objects.filter(pk=number).update(user=user)
    for at_post, each in enumerate(organisation_ids):
        post = organisations.add_post(
            me, each, "主要负责人", day=BEGIN, level="county", authority="city", first_responsible=True
        )
        officials.appoint(me, number, post, day=BEGIN, concurrent=at_post > 0, reason="兼任" if at_post else "")
    return number


def leaves(number: int, day: datetime.date) -> None:
    Term.objects.filter(official_id=number).update(valid_to=day)


def hears(kind: str) -> set[str]:
    return {name for name, _key in told(kind)}


def test_two_vacancies_in_a_row_go_to_the_third_above(city: Offices) -> None:
    city.account("worker", "department", "organisation", city.education)
    for name, office in (("mayor", city.government), ("director", city.issuer)):
        leaves(head(city, name, office), DAY(2018, 6, 20))
    above = organisations.found_organisation(
        local_admin(), "市政府", "government", area_id=city.city.area_id, day=BEGIN
    )
    head(city, "governor", above)
    saved([matter(city, NOW, LIMIT)])
    tick(system(), LATE)
    assert hears("orders.overdue") == {"worker", "governor"}
    assert hears("orders.vacancy") == {"governor"}
    event = MatterEvent.objects.get(act="clock.vacancy")
    assert event.data["organisations"] == [city.government, city.issuer]


def test_an_organisation_that_ended_answers_for_nothing(city: Offices) -> None:
    """No head was ever recorded there: that it ended is known all the same."""
    city.account("mayor", "county", "organisation", city.government)
    [row] = saved([matter(city, NOW, LIMIT)])
    organisations.close_organisation(local_admin(), city.education, day=DAY(2018, 6, 20))
    tick(system(), at(DAY(2018, 6, 27)))
    assert hears("orders.remind") == {"mayor"}
    assert hears("orders.vacancy") == {"mayor"}
    assert MatterEvent.objects.get(act="clock.vacancy", matter=row).data["organisations"] == [city.education]


def test_whose_next_above_is_the_same_person_goes_further_up(city: Offices) -> None:
    """A county’s leader heads its department and its government: nobody is told twice of what he let lie, and nobody
    reports up to himself."""
    head(city, "both", city.education, city.government)
    director = head(city, "director", city.issuer)
    saved([matter(city, NOW, LIMIT)])
    tick(system(), LATE)
    assert hears("orders.overdue") == {"both", "director"}
    row = city.issued(LATE, DAY(2018, 7, 20))
    row = city.act(city.department(), "report_up", row, LATE, note="要市里协调", within_authority=False)
    assert (row.holder_id, row.official_id) == (city.issuer, director)


def test_nobody_reports_up_to_himself_at_the_top(city: Offices) -> None:
    person = head(city, "both", city.government, city.issuer)
    row = city.issued(NOW, DAY(2018, 6, 15), holder_id=city.government, official_id=person)
    clerk = city.actor("clerk", "county", "organisation", city.government)
    with pytest.raises(Problem) as found:
        city.act(clerk, "report_up", row, NOW, note="要市里协调", within_authority=False)
    assert found.value.code == "nobody_above"


def test_who_stands_in_but_left_office_does_not_answer(city: Offices) -> None:
    mayor, day = head(city, "mayor", city.government), DAY(2018, 6, 29)
    deputy = city.official("副县长", city.government, "副县长")
    Absence.objects.create(
        official_id=mayor, kind="leave", document="假条", stand_in_id=deputy, valid_from=DAY(2018, 6, 20)
    )
    assert live_people([mayor], day) == {mayor: deputy}
    leaves(deputy, DAY(2018, 6, 25))
    assert live_people([mayor], day) == {}
    chains = Chains(day)
    chains.know([city.government])
    link = chains.link(city.government)
    assert link is not None
    assert (link.head, link.vacant) == (None, True)


def test_whoever_watches_a_holder_hears_in_every_batch(city: Offices) -> None:
    """The government stood above the holder of the first batch, and holds what is in the second."""
    group = organisations.found_organisation(
        local_admin(), "驻县政府纪检监察组", "discipline_group", area_id=city.county.area_id, day=BEGIN
    )
    organisations.link_organisations(local_admin(), group, [city.government], relation="watches", day=BEGIN)
    city.account("group", "discipline", "organisation", group)
    saved([matter(city, NOW, LIMIT), matter(city, NOW, LIMIT, holder_id=city.government)])
    tick(system(), LATE, size=1)
    assert "group" in hears("orders.overdue")


def test_whoever_watches_hears_of_a_limit_that_passed_while_no_tick_came(city: Offices) -> None:
    """The last step missed is a later one: the one that the group is told of lies before it."""
    city.account("group", "discipline", "organisation", city.discipline)
    [row] = saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 7, 20)))
    assert told("orders.overdue") == {("group", f"matter:{row.pk}:copy:2018-06-30T00:00")}
    tick(system(), at(DAY(2018, 8, 1)))
    assert Message.objects.filter(user__username="group").count() == 1


def test_who_headed_the_holder_when_the_limit_passed_is_proposed(city: Offices) -> None:
    before = head(city, "before", city.education)
    leaves(before, DAY(2018, 7, 3))
    after = head(city, "after", city.township)
    Term.objects.filter(official_id=after).update(
        post_id=Term.objects.get(official_id=before).post_id, valid_from=DAY(2018, 7, 3)
    )
    saved([matter(city, NOW, LIMIT), matter(city, NOW, at(DAY(2018, 7, 5), 0))])
    tick(system(), at(DAY(2018, 8, 1)))
    named = LeadProposal.objects.order_by("due").values_list("official_id", flat=True)
    assert list(named) == [before, after]
