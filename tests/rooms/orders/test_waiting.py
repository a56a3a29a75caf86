"""What waits for somebody else than the holder: who hears of it, and how often. Leads are proposed for who had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.orders.clocks import matter, saved, steps, told
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.orders.clock import proposals
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal, Matter
from tuopin.platform import working_days
from tuopin.platform.access import actor_for, system
from tuopin.platform.models import Message

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.django_db
NOW, LIMIT = at(MONDAY), at(DAY(2018, 6, 30), 0)


@pytest.fixture
def city() -> Offices:
    return Offices()


def reported(city: Offices, count: int = 1, **more: Any) -> list[Matter]:
    return saved(matter(city, NOW, LIMIT, state="reported", done_at=NOW, **more) for _ in range(count))


def test_who_may_verify_hears_once_a_day_of_all_that_waits(city: Offices) -> None:
    city.inspector()
    city.actor("near", "inspector", "area", city.county.area_id)
    city.department()
    reported(city, 3)
    tick(system(), at(DAY(2018, 6, 13), 23))
    assert told() == set()
    tick(system(), at(DAY(2018, 6, 14)))  # the second working day is over
    assert told() == {("near", "orders.waits")}  # who stands nearest; never the holder
    assert Message.objects.count() == 1
    assert steps() == ["verify_waits"] * 3
    tick(system(), at(DAY(2018, 7, 30)))
    assert Message.objects.count() == 1
    assert not Matter.objects.exclude(next_at=None).exists()


def test_a_verifier_who_is_named_hears_of_each_until_it_is_verified(city: Offices) -> None:
    checker = city.account("checker", "inspector", "area", city.city.area_id)
    verifier = city.official("核查员", city.issuer, user=checker)
    one, _other = reported(city, 2, verifier_id=verifier)
    tick(system(), at(DAY(2018, 6, 14)))
    assert Message.objects.filter(user=checker, kind="orders.waits").count() == 2
    row = city.act(actor_for(checker), "verify", one, at(DAY(2018, 6, 14)), note="属实")
    assert Message.objects.filter(done_at=None).count() == 1
    city.official("王主任", city.issuer, "主任", user=city.account("boss", "headquarters", "area", city.city.area_id))
    tick(system(), at(DAY(2018, 6, 20)))  # the 18th is a holiday
    assert ("boss", "orders.waits") in told()
    city.act(city.city_office(), "close", row, at(DAY(2018, 6, 20)), look_back_on=DAY(2018, 6, 25))
    tick(system(), at(DAY(2018, 6, 25)))
    assert ("checker", "orders.look_back") in told()
    tick(system(), at(DAY(2018, 7, 3)))
    assert steps(row) == ["verify_waits", "close_waits", "look_back", "look_back_waits"]
    assert ("boss", "orders.look_back") in told()


def test_a_look_back_that_nobody_is_named_for_is_said_to_who_may_take_it(city: Offices) -> None:
    city.actor("near", "inspector", "area", city.county.area_id)
    saved([matter(city, NOW, LIMIT, state="closed", closed_at=NOW, look_back_on=DAY(2018, 8, 1), issuer_id=None)])
    tick(system(), at(DAY(2018, 8, 1)))
    assert told() == {("near", "orders.look_back")}


def test_a_petition_that_waits_is_said_to_its_office_alone(city: Offices) -> None:
    city.inspector()
    city.department()
    city.city_office()
    city.account("office", "petition_office", "area", city.county.area_id)
    reported(city, kind="petition", urgency="petition")
    tick(system(), at(DAY(2018, 6, 14)))
    assert list(Message.objects.values_list("user__username", "view")) == [("office", "orders:petitions")]


def test_clerks_with_a_grant_over_the_area_hear_for_its_government(city: Offices) -> None:
    town = city.village.parent_id
    assert town is not None
    city.actor("clerk", "township", "area", town)
    saved([matter(city, NOW, LIMIT, holder_id=city.township)])
    tick(system(), at(DAY(2018, 6, 27)))
    assert ("clerk", "orders.remind") in told()


def test_who_was_given_it_late_is_not_proposed(city: Offices) -> None:
    before = city.official("前任", city.education)
    after = city.official("后任", city.township)
    row = city.issued(NOW, DAY(2018, 6, 29), official_id=before)
    tick(system(), at(DAY(2018, 7, 2)))
    city.act(city.city_office(), "reassign", row, at(DAY(2018, 7, 2)), note="换人", holder_id=city.township,
             official_id=after)  # fmt: skip
    tick(system(), at(DAY(2018, 8, 1)))
    proposal = LeadProposal.objects.get()
    assert (proposal.holder_id, proposal.official_id) == (city.education, before)


def test_who_was_given_it_in_time_is(city: Offices) -> None:
    after = city.official("后任", city.township)
    row = city.issued(NOW, DAY(2018, 6, 29), official_id=city.official("前任", city.education))
    city.act(city.city_office(), "reassign", row, at(DAY(2018, 6, 20)), note="换人", holder_id=city.township,
             official_id=after)  # fmt: skip
    tick(system(), at(DAY(2018, 8, 1)))
    assert LeadProposal.objects.get().official_id == after


def test_messages_of_a_proposal_end_when_it_is_decided_and_never_reach_who_it_names(city: Offices) -> None:
    concerned = city.account("concerned", "discipline", "area", city.county.area_id)
    number = city.official("责任人甲", city.education, user=concerned)
    officer = city.account("officer", "discipline", "area", city.county.area_id)
    saved([matter(city, NOW, LIMIT, official_id=number)])
    tick(system(), at(DAY(2018, 8, 1)))
    waiting = Message.objects.filter(kind="orders.proposal", done_at=None)
    assert set(waiting.values_list("user__username", flat=True)) == {"officer"}
    proposals.dismiss(actor_for(officer), LeadProposal.objects.get().key, "已另行处理")
    assert not waiting.exists()


def test_reminders_move_when_a_year_comes_out(city: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    (tmp_path / "2096.toml").write_text("off = [2096-01-02]\n", "utf-8")
    tick(system(), at(DAY(2096, 12, 3)), force=True)
    row = city.issued(at(DAY(2096, 12, 3)), DAY(2096, 12, 31))  # a Monday; sure, it lies in a year that is known
    assert not row.provisional
    tick(system(), at(DAY(2097, 1, 1)), force=True)
    row.refresh_from_db()
    assert row.next_at == at(DAY(2097, 1, 4), 0)  # told again after three days of work
    (tmp_path / "2097.toml").write_text("off = [2097-01-01, 2097-01-02, 2097-01-03]\n", "utf-8")
    tick(system(), at(DAY(2097, 1, 1), 10), force=True)
    row.refresh_from_db()
    assert row.next_at == at(DAY(2097, 1, 9), 0)
