"""Matters from draft to look-back: who may do what, limits, stops, extensions; what is refused changes nothing."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError

from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.orders import limits, selectors, services
from tuopin.orders.changes import Given
from tuopin.orders.models import Matter, MatterEvent
from tuopin.orders.services import SubjectRef
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def refused(code: str, call: Any, *args: Any, **given: Any) -> None:
    before = list(Matter.objects.values().order_by("pk")), MatterEvent.objects.count()
    with pytest.raises(Problem) as found:
        call(*args, **given)
    assert found.value.code == code, found.value
    assert (list(Matter.objects.values().order_by("pk")), MatterEvent.objects.count()) == before


def test_the_whole_way(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 29), demand="在校证明")
    assert (row.state, limits.day_of(row.limit_at)) == ("issued", DAY(2018, 6, 29))  # type: ignore[arg-type]
    holder, checker = city.department(), city.inspector()
    row = city.act(holder, "receive", row, at(DAY(2018, 6, 12)))
    row = city.act(holder, "start", row, at(DAY(2018, 6, 12)))
    refused("incomplete", city.act, holder, "done", row, at(DAY(2018, 6, 20)), note="已全部返校")
    row = city.act(holder, "done", row, at(DAY(2018, 6, 20)), note="已全部返校", reference="教育局档案 12 号")
    refused("wrong_hands", city.act, holder, "verify", row, at(DAY(2018, 6, 21)), note="属实")
    row = city.act(checker, "verify", row, at(DAY(2018, 6, 21)), note="逐人核对，属实")
    row = city.act(city.city_office(), "close", row, at(DAY(2018, 6, 22)))
    assert (row.state, row.look_back_on) == ("closed", DAY(2018, 7, 22))
    row = city.act(checker, "look_back", row, at(DAY(2018, 7, 23)), note="仍在校")
    assert row.state == "final"
    assert row.next_at is None
    acts = list(MatterEvent.objects.filter(matter=row).order_by("pk").values_list("act", "went_to"))
    assert acts == [
        ("draft", "draft"), ("issue", "issued"), ("receive", "received"), ("start", "working"), ("done", "reported"),
        ("verify", "verified"), ("close", "closed"), ("look_back", "final"),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="orders.close", subject=f"matter:{row.pk}").count() == 1


def test_nobody_verifies_the_own_work(city: Offices) -> None:
    row = city.issued(NOW)
    boss = city.city_office()  # the headquarters may handle for every office of the city, and may verify
    row = city.act(boss, "receive", row, NOW)
    row = city.act(boss, "done", row, NOW, note="已办")
    refused("wrong_hands", city.act, boss, "verify", row, NOW, note="属实")
    assert city.act(city.city_office("another"), "verify", row, NOW, note="属实").state == "verified"


def test_two_verifiers_one_after_the_other(city: Offices) -> None:
    row = city.issued(NOW)
    row = city.act(city.department(), "receive", row, NOW)
    row = city.act(city.department(), "done", row, NOW, note="已办")
    city.act(city.inspector(), "verify", row, NOW, note="属实")
    refused("wrong_state", city.act, city.inspector("second"), "verify", row, NOW, note="属实")
    refused(
        "changed_meanwhile", services.act, city.inspector("second"), "return", [row.pk],
        Given(note="不属实"), NOW, {row.pk: row.version},
    )  # fmt: skip


def test_a_limit_lies_ahead_on_a_working_day(city: Offices) -> None:
    [row] = services.draft(city.city_office(), [city.draft()], NOW)
    for code, day in (
        ("limit_past", DAY(2018, 6, 8)),
        ("limit_day_off", DAY(2018, 6, 18)),
        ("limit_far", DAY(2022, 6, 10)),
    ):
        refused(code, city.act, city.city_office(), "issue", row, NOW, limit=day)
    unpublished = at(DAY(2098, 6, 10))
    row = city.act(city.city_office(), "issue", row, unpublished, limit=DAY(2098, 6, 13))
    assert row.provisional
    other = city.issued(NOW)
    assert not other.provisional
    assert limits.day_of(other.limit_at) == DAY(2018, 7, 3)


def test_more_time_is_asked_for_before_the_limit(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 15))
    row = city.act(city.department(), "receive", row, NOW)
    late = at(DAY(2018, 6, 16), 0)
    refused(
        "extension_late", city.act, city.department(), "ask_extension", row, late, note="忙", limit=DAY(2018, 6, 29)
    )
    refused("not_later", city.act, city.department(), "ask_extension", row, NOW, note="忙", limit=DAY(2018, 6, 15))
    last = at(DAY(2018, 6, 15), 23, 59)
    row = city.act(city.department(), "ask_extension", row, last, note="学生在外地", limit=DAY(2018, 6, 29))
    row = city.act(city.city_office(), "extend", row, late)  # asked for in time: granted the day after
    assert (row.extensions, limits.day_of(row.limit_at)) == (1, DAY(2018, 6, 29))  # type: ignore[arg-type]
    refused("extension_late", city.act, city.city_office(), "extend", row, at(DAY(2018, 6, 30)), limit=DAY(2018, 7, 6))


def test_a_stop_moves_the_limit_by_its_working_days(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 15))
    refused("incomplete", city.act, city.city_office(), "stop", row, NOW, note="生病")
    refused("bad_until", city.act, city.city_office(), "stop", row, NOW, note="生病", until=MONDAY)
    row = city.act(city.city_office(), "stop", row, NOW, note="责任人生病", until=DAY(2018, 6, 14))
    assert limits.day_of(row.limit_at) == DAY(2018, 6, 21)  # type: ignore[arg-type]  # three days; the 18th is off
    row = city.act(city.city_office(), "resume", row, at(DAY(2018, 6, 13)))
    assert limits.day_of(row.limit_at) == DAY(2018, 6, 20)  # type: ignore[arg-type]  # one of them was not used
    refused("not_stopped", city.act, city.city_office(), "resume", row, at(DAY(2018, 6, 13)))


def test_who_is_outside_sees_nothing(city: Offices) -> None:
    row = city.issued(NOW)
    stranger = city.actor("stranger", "county", "area", city.other.area_id)
    village = city.actor("village", "village", "area", city.village.area_id)
    for who in (stranger, village):
        assert not selectors.matters(who).exists()
        with pytest.raises(Missing):
            services.act(who, "receive", [row.pk], Given(), NOW)
    assert selectors.matter(city.department(), row.pk) == row
    with pytest.raises(Refused):
        services.act(city.department(), "withdraw", [row.pk], Given(note="不办了"), NOW)
    with pytest.raises(Missing):
        services.draft(stranger, [city.draft()], NOW)


def test_closing_is_one_by_one(city: Offices) -> None:
    rows = [city.issued(NOW) for _ in range(2)]
    refused("one_by_one", services.act, city.city_office(), "close", [row.pk for row in rows], Given(), NOW)
    services.act(city.department(), "receive", [row.pk for row in rows], Given(), NOW)
    assert set(Matter.objects.values_list("state", flat=True)) == {"received"}


def test_hours_end_at_their_moment(city: Offices) -> None:
    row = city.issued(at(MONDAY, 22, 30), urgency="opinion_report", source="media")
    assert row.by_hours
    assert row.limit_at == at(DAY(2018, 6, 12), 0, 30)
    refused("no_stop", city.act, city.city_office(), "stop", row, at(MONDAY, 22, 40), note="x", until=DAY(2018, 6, 20))


def test_a_finding_opens_one_matter(city: Offices) -> None:
    about = SubjectRef("household", city.here[0].pk, "verdict", "household_exit", "education")
    services.draft(city.city_office(), [city.draft(subjects=(about,))], NOW)
    with pytest.raises(IntegrityError):
        services.draft(city.city_office(), [city.draft(subjects=(about,))], NOW)


def test_bad_texts_and_keys(city: Offices) -> None:
    boss = city.city_office()
    for code, more in (
        ("no_title", {"title": "  "}), ("bad_text", {"title": "很" * 201}), ("bad_text", {"text": "a\0b"}),
        ("unknown_key", {"urgency": "soon"}), ("unknown_key", {"source": "rumour"}),
        ("unknown_key", {"urgency": "petition"}), ("bad_subject", {"subjects": (SubjectRef("village", 1),)}),
    ):  # fmt: skip
        refused(code, services.draft, boss, [city.draft(**more)], NOW)
    refused("bad_matters", services.draft, boss, [], NOW)
    refused("no_such_act", services.act, boss, "approve", [1], Given(), NOW)


def test_statements_do_not_grow(city: Offices, django_assert_max_num_queries: Any) -> None:
    boss = city.city_office()
    with django_assert_max_num_queries(25):
        rows = services.draft(boss, [city.draft() for _ in range(200)], NOW)
    with django_assert_max_num_queries(60):
        services.act(boss, "issue", [row.pk for row in rows], Given(), NOW)
    assert Matter.objects.filter(state="issued", next_at__gt=NOW - datetime.timedelta(days=1)).count() == 200
