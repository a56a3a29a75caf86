"""Leads that the clock proposes: who sees them, what a person makes of them, and what nobody can tell afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from people import signed_in
from rooms.orders.clocks import matter, saved
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.duties.models import Lead, Official
from tuopin.orders.clock import proposals
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db
NOW, LIMIT = at(MONDAY), at(DAY(2018, 6, 30), 0)


@pytest.fixture
def city() -> Offices:
    return Offices()


def proposed(city: Offices, count: int = 1) -> list[LeadProposal]:
    number = city.official("责任人甲", city.education)
    saved([matter(city, NOW, LIMIT, official_id=number) for _ in range(count)])
    tick(system(), at(DAY(2018, 8, 1)))
    return list(LeadProposal.objects.order_by("pk"))


def officer(city: Offices, name: str = "officer") -> User:
    return city.account(name, "discipline", "area", city.county.area_id)


def test_a_person_opens_the_lead(city: Offices) -> None:
    [row] = proposed(city)
    actor = actor_for(officer(city))
    with pytest.raises(Problem) as found:
        proposals.take_up(actor, row.key, grounds="", document="督办单")
    assert found.value.code == "no_grounds"
    key = proposals.take_up(actor, row.key, grounds="未办结也未上报", document="督办单 3 号")
    assert Lead.objects.get(key=key).officer_id == actor.user_id
    row.refresh_from_db()
    assert row.official_id is None
    assert proposals.outcome(actor, row).opened
    with pytest.raises(Missing):
        proposals.dismiss(actor, row.key, "又想了想")
    entry = AuditEntry.objects.get(action="orders.decide_lead_proposal")
    assert (entry.subject, entry.detail) == (f"lead_proposal:{row.key}", "{}")


def test_one_outcome_looks_like_the_other(city: Offices) -> None:
    opened, dismissed = proposed(city, 2)
    actor, other = actor_for(officer(city)), actor_for(officer(city, "second"))
    proposals.take_up(actor, opened.key, grounds="未办结也未上报", document="督办单")
    with pytest.raises(Problem):
        proposals.dismiss(actor, dismissed.key, "  ")
    proposals.dismiss(actor, dismissed.key, "已在别处处理" * 40)
    opened.refresh_from_db()
    dismissed.refresh_from_db()
    assert len(opened.outcome) == len(dismissed.outcome)
    assert proposals.outcome(actor, dismissed).reason.startswith("已在别处处理")
    with pytest.raises(Missing):
        proposals.outcome(other, dismissed)
    assert not proposals.decided(other).exists()


def test_who_may_not_know(city: Offices) -> None:
    [row] = proposed(city)
    elsewhere = city.account("elsewhere", "discipline", "area", city.other.area_id)
    assert not proposals.proposed(actor_for(elsewhere)).exists()
    with pytest.raises(Missing):
        proposals.dismiss(actor_for(elsewhere), row.key, "不立")
    for actor in (city.city_office(), local_admin(), system()):
        with pytest.raises(Refused):
            proposals.proposed(actor)
    concerned = officer(city, "concerned")
    Official.objects.filter(pk=row.official_id or 0).update(user=concerned)
    assert not proposals.proposed(actor_for(concerned)).exists()


def test_without_a_person_no_lead_is_opened(city: Offices) -> None:
    saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 8, 1)))
    row = LeadProposal.objects.get()
    assert row.official_id is None
    with pytest.raises(Problem) as found:
        proposals.take_up(actor_for(officer(city)), row.key, grounds="x", document="y")
    assert found.value.code == "nobody_named"


def test_the_page(city: Offices) -> None:
    opened, dismissed = proposed(city, 2)
    client = signed_in(officer(city))
    page = reverse("orders:lead_proposals")
    shown = client.get(page)
    assert shown.status_code == 200
    assert "责任人甲" in shown.content.decode()
    assert "三名学生" not in shown.content.decode()  # no title: it may be about a household
    assert client.post(page, {"do": "open", "key": opened.key, "grounds": "", "document": ""}).status_code == 400
    assert client.post(page, {"do": "x", "key": opened.key}).status_code == 400
    assert client.post(page, {"do": "dismiss", "key": "\0" * 50, "reason": "x"}).status_code == 404
    made = client.post(page, {"do": "open", "key": opened.key, "grounds": "未办结", "document": "督办单"})
    assert made.status_code == 302
    assert client.post(page, {"do": "dismiss", "key": dismissed.key, "reason": "已处理"}).status_code == 302
    assert "已处理" in client.get(page).content.decode()
    boss = city.account("boss", "headquarters", "area", city.city.area_id)
    assert signed_in(boss).get(page).status_code == 403
