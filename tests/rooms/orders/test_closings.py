"""Closings that are looked back at sooner: many by one person on one day, or evidence used before; drawn so that
anybody can draw again, looked at by somebody else, and nobody accused."""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from people import PASSWORD
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.orders import kinds, services
from tuopin.orders.changes import Given
from tuopin.orders.closings import draw
from tuopin.orders.models import EarlyLookBack, Matter, MatterEvent
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.evidence import Kept
from tuopin.platform.models import User
from tuopin.platform.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


@pytest.fixture(autouse=True)
def pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four on a day are many; half of them are drawn."""
    monkeypatch.setattr(kinds, "paper", lambda: kinds.Paper(4, 30, 5, 50))


def paper(name: str) -> Kept:
    return Kept(f"{name:0>64}", f"{name}.pdf", "pdf", 1)


def reported(city: Offices, now: datetime.datetime = NOW, papers: Sequence[Kept] = (), **more: Any) -> Matter:
    row = city.act(city.department(), "receive", city.issued(now, **more), now)
    return city.act(city.department(), "done", row, now, note="已办", papers=tuple(papers))


def verified(city: Offices, by: Actor, now: datetime.datetime = NOW, **more: Any) -> Matter:
    return city.act(by, "verify", reported(city, now, **more), now, note="属实")


def closed(city: Offices, now: datetime.datetime = NOW, by: Actor | None = None, **more: Any) -> Matter:
    row = verified(city, city.inspector("other-inspector"), now, **more)
    return city.act(by or city.city_office(), "close", row, now)


@pytest.mark.django_db
def test_few_on_a_day_are_nothing(city: Offices) -> None:
    for at_hour in (9, 10, 11):
        closed(city, at(MONDAY, at_hour))
    closed(city, at(DAY(2018, 6, 12)))
    assert not EarlyLookBack.objects.filter(reason="closed").exists()


@pytest.mark.django_db
def test_of_many_on_a_day_some_are_drawn_and_can_be_drawn_again(city: Offices) -> None:
    one, two = city.inspector("one"), city.inspector("two")
    boss = city.city_office()
    rows = [city.act(boss, "close", verified(city, (one, two)[at % 2]), NOW) for at in range(6)]
    found = list(EarlyLookBack.objects.filter(reason="closed").order_by("pk"))
    assert found
    assert {each.seed for each in found} == {found[0].seed}
    again = [number for number in (row.pk for row in rows) if draw.drawn(found[0].seed, number, 50)]
    assert set(again) <= {each.matter_id for each in found}
    for each in found:
        row = Matter.objects.get(pk=each.matter_id)
        assert row.look_back_on == each.look_back_on == DAY(2018, 6, 19), "five working days: the 18th is a holiday"
        event = MatterEvent.objects.get(pk=each.closing_id)
        assert (event.act, event.matter_id) == ("close", row.pk)
        word = MatterEvent.objects.filter(matter=row, act="verify").get()
        assert each.looker not in {None, word.user_id, boss.user_id}
        assert MatterEvent.objects.filter(matter=row, act="clock.early").count() == 1
    last = rows[-1]
    assert Matter.objects.get(pk=last.pk).version == last.version, "who closed it goes on from what stands"
    rest = Matter.objects.filter(state="closed").exclude(pk__in=[each.matter_id for each in found])
    assert {row.look_back_on for row in rest} <= {MONDAY + datetime.timedelta(days=30)}


@pytest.mark.django_db
def test_many_verified_on_one_day_are_drawn_when_they_are_closed(city: Offices) -> None:
    hasty, boss = city.inspector("hasty"), city.city_office()
    rows = [verified(city, hasty) for _ in range(5)]
    later = [at(MONDAY + datetime.timedelta(days=days)) for days in (1, 2, 3, 4, 8)]
    for row, now in zip(rows, later, strict=True):
        city.act(boss, "close", row, now)
    found = EarlyLookBack.objects.all()
    assert {each.reason for each in found} == {"verified"}
    assert len({each.seed for each in found}) == 1
    hasty_id = User.objects.get(username="hasty").pk
    assert hasty_id not in {each.looker for each in found}


@pytest.mark.django_db
def test_evidence_that_was_used_before(city: Offices) -> None:
    first = reported(city, papers=[paper("a"), paper("b")])
    row = closed(city, papers=[paper("b")])
    flag = EarlyLookBack.objects.get()
    assert (flag.matter_id, flag.reason, flag.same_id, flag.seed) == (row.pk, "evidence", first.pk, "")
    assert closed(city, papers=[paper("c")]).look_back_on == MONDAY + datetime.timedelta(days=30)
    assert EarlyLookBack.objects.count() == 1


@pytest.mark.django_db
def test_one_paper_for_a_whole_and_its_parts_or_what_was_merged_is_no_second_use(city: Offices) -> None:
    boss, holder = city.city_office(), city.department()
    whole = city.act(holder, "receive", city.issued(NOW), NOW)
    closed(city, parent_id=whole.pk, papers=[paper("a")])
    whole = city.act(holder, "done", whole, NOW, note="已办", papers=(paper("a"),))
    whole = city.act(city.inspector("other-inspector"), "verify", whole, NOW, note="属实")
    city.act(boss, "close", whole, NOW)
    goes = city.act(holder, "receive", city.issued(NOW), NOW)
    goes = city.act(holder, "progress", goes, NOW, note="进展", papers=(paper("d"),))
    stays = city.act(holder, "receive", city.issued(NOW), NOW)
    city.act(boss, "merge", goes, NOW, note="重复", into_id=stays.pk)
    stays = Matter.objects.get(pk=stays.pk)
    stays = city.act(holder, "done", stays, NOW, note="已办", papers=(paper("d"),))
    stays = city.act(city.inspector("other-inspector"), "verify", stays, NOW, note="属实")
    city.act(boss, "close", stays, NOW)
    withdrawn = city.act(holder, "receive", city.issued(NOW), NOW)
    withdrawn = city.act(holder, "progress", withdrawn, NOW, note="进展", papers=(paper("e"),))
    city.act(boss, "withdraw", withdrawn, NOW, note="错")
    closed(city, now=at(DAY(2018, 6, 12)), papers=[paper("e")])
    assert not EarlyLookBack.objects.filter(reason="evidence").exists()


@pytest.mark.django_db
def test_papers_of_petitions_are_compared_with_nothing(city: Offices) -> None:
    letter = reported(city, papers=[paper("a")])
    Matter.objects.filter(pk=letter.pk).update(kind="petition", urgency="petition")
    closed(city, papers=[paper("a")])
    assert not EarlyLookBack.objects.exists()


@pytest.mark.django_db
def test_somebody_else_looks_back(city: Offices) -> None:
    reported(city, papers=[paper("a")])
    row = closed(city, papers=[paper("a")])
    checker, fresh = city.inspector("other-inspector"), city.inspector("fresh")
    soon = at(DAY(2018, 6, 19))
    for actor in (checker, city.city_office()):
        with pytest.raises(Refused):
            services.act(actor, "look_back", [row.pk], Given("再查，属实"), soon)
    assert services.act(fresh, "look_back", [row.pk], Given("再查，属实"), soon)[0].state == "final"
    assert EarlyLookBack.objects.get().looked_at == soon
    plain = closed(city, now=at(DAY(2018, 6, 12)))
    assert services.act(checker, "look_back", [plain.pk], Given("属实"), soon)[0].state == "final"


@pytest.mark.django_db
def test_what_begins_again_is_looked_at_no_more(city: Offices) -> None:
    reported(city, papers=[paper("a")])
    row = closed(city, papers=[paper("a")])
    row = city.act(city.inspector("fresh"), "reopen", row, NOW, note="反弹")
    assert EarlyLookBack.objects.get().looked_at == NOW
    assert row.look_back_on is None


@pytest.mark.django_db
def test_statements_do_not_grow_with_what_was_closed(
    city: Offices, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw, "some", lambda *_given: [])  # one that is drawn takes statements of its own
    other = city.inspector("other-inspector")
    rows = [verified(city, other, papers=[paper(str(at))]) for at in range(9)]
    boss = city.city_office()
    for row in rows[:3]:
        city.act(boss, "close", row, NOW)
    with django_assert_max_num_queries(70) as few:
        city.act(boss, "close", Matter.objects.get(pk=rows[3].pk), NOW)
    for row in rows[4:8]:
        city.act(boss, "close", Matter.objects.get(pk=row.pk), NOW)
    with django_assert_max_num_queries(len(few)):
        city.act(boss, "close", Matter.objects.get(pk=rows[8].pk), NOW)


# -- the list -----------------------------------------------------------------------------------------------------


def signed_in(name: str) -> Client:
    found = Client()
    assert found.login(username=name, password=PASSWORD)
    return found


def page_of(name: str, client: Client | None = None) -> str:
    answer = (client or signed_in(name)).get(reverse("orders:early"))
    return answer.content.decode() if answer.status_code == 200 else f"{answer.status_code}"


@pytest.mark.django_db
def test_the_list_is_for_those_who_look_back_and_names_nobody(
    city: Offices, django_assert_max_num_queries: Any
) -> None:
    city.inspector("fresh")
    first = reported(city, papers=[paper("a")])
    row = closed(city, papers=[paper("a")], title="饮水管网未修")
    client = signed_in("fresh")
    with django_assert_max_num_queries(20):
        page = page_of("fresh", client)
    assert "饮水管网未修" in page
    assert "佐证材料与另一件相同" in page
    assert str(first.pk) in page
    assert "other-inspector" not in page
    assert ">city<" not in page
    assert "不表示有问题" in page
    assert "饮水管网未修" not in page_of("other-inspector"), "who verified it does not look at it"
    city.account("neighbour", "county", "area", city.other.area_id)
    assert "饮水管网未修" not in page_of("neighbour")
    city.department()
    assert "饮水管网未修" not in page_of("teacher")
    services.act(actor_for(User.objects.get(username="fresh")), "look_back", [row.pk], Given("属实"), NOW)
    assert "饮水管网未修" not in page_of("fresh")
    assert local_admin().unrestricted


# -- drawing ------------------------------------------------------------------------------------------------------


@given(st.text(max_size=20), st.sets(st.integers(1, 10**9), min_size=1, max_size=60), st.integers(0, 100))
def test_a_draw_is_the_same_again_whatever_the_order(seed: str, numbers: set[int], share: int) -> None:
    found = draw.some(seed, sorted(numbers), share)
    assert found == draw.some(seed, sorted(numbers, reverse=True), share)
    assert 1 <= len(found) <= len(numbers)
    assert set(found) <= numbers
    one_more = {*numbers, max(numbers) + 1}
    kept = {number for number in found if draw.drawn(seed, number, share)}
    assert kept <= set(draw.some(seed, one_more, share)), "one more closing takes nobody off the list"


def test_a_share_is_about_what_it_says() -> None:
    found = [draw.drawn("seed", number, 20) for number in range(10_000)]
    assert 1_800 < sum(found) < 2_200


@pytest.mark.django_db(transaction=True)
def test_many_closings_at_the_same_moment_are_each_told_of_once(city: Offices) -> None:
    """What the others drew is read after they are done: no second event, no closing that waits for another one."""
    boss, hasty = city.city_office(), city.inspector("hasty")
    rows = [verified(city, hasty) for _ in range(6)]
    for row in rows[:3]:
        city.act(boss, "close", row, NOW)
    ready, faults = threading.Barrier(3), list[Exception]()

    def close(row: Matter) -> None:
        try:
            ready.wait()
            services.act(boss, "close", [row.pk], Given(), NOW)
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=(row,)) for row in rows[3:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    flags = EarlyLookBack.objects.values_list("matter_id", "at").distinct().count()
    assert flags
    told = MatterEvent.objects.filter(act="clock.early")
    kept = EarlyLookBack.objects.count()
    assert told.count() <= kept, "one event a flag at most"
    for row in Matter.objects.filter(state="closed"):
        events = MatterEvent.objects.filter(matter=row).exclude(act="draft").count()
        assert row.version == 1 + events, "each change is told of, and each told of is a change"
