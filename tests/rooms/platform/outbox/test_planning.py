"""What leaves when: one digest a person and day, nothing at night but what may, no flood after a week away."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core import mail
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rooms.platform.outbox.steps import (
    ALARM,
    DAY,
    EVENT,
    INSIDE,
    LOCMEM,
    MONDAY,
    REMIND,
    at,
    gateway,
    letter,
    people,
    person,
    post,
    publish,
)
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, system
from tuopin.platform.models import Dispatch, Message, MessageChoice, MessageMute
from tuopin.platform.outbox import services
from tuopin.platform.outbox.planning import open_hours, plan
from tuopin.platform.outbox.sending import send

pytestmark = pytest.mark.django_db
NIGHT, SATURDAY, TUESDAY = at("2018-12-03T23:00"), at("2018-12-08T10:00"), at("2018-12-04T08:05")


@pytest.fixture(autouse=True)
def _set_up(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    publish(monkeypatch)
    settings.MAILERS = LOCMEM
    settings.TUOPIN_SITE_ADDRESS = "https://tuopin.example"


def run(now: datetime.datetime) -> list[tuple[str, str]]:
    """Sends; who got which subject."""
    mail.outbox.clear()
    send(system(), now)
    return [(each.to[0].partition("@")[0], str(each.subject)) for each in mail.outbox]


def test_one_digest_a_person_and_day() -> None:
    one, other = person("a"), person("b", language="en")
    post(letter(one, "k"), letter(one, "l", EVENT), letter(other, "k"))
    assert sorted(run(MONDAY)) == [("a", "【脱贫攻坚】2 条消息待办，其中 1 条紧急"), ("b", "[Tuopin] 1 message")]
    post(letter(one, "m"), now=MONDAY)
    assert run(MONDAY + datetime.timedelta(hours=2)) == []
    assert run(TUESDAY) == [("a", "【脱贫攻坚】1 条消息待办")]
    assert run(TUESDAY) == []


def test_a_digest_says_kinds_days_and_links_and_nothing_else() -> None:
    one = person("a")
    post(
        letter(one, "k", title=Title("张三家的房子", "the house of Zhang San"), word="张三",
               view="console:household", args=["411423201001"], parameters={"who": "李四"}),
        *(letter(one, f"l{n}", day=DAY + datetime.timedelta(days=n)) for n in range(30)),
        letter(one, "m", EVENT, day=DAY + datetime.timedelta(days=60)),
    )  # fmt: skip
    run(MONDAY)
    [sent] = mail.outbox
    text = f"{sent.subject}\n{sent.message().as_string()}\n{sent.body}"
    for private in ("张三", "李四", "Zhang", "411423201001", "household"):
        assert private not in text
    lines = sent.body.split("\n")
    assert lines[:2] == ["限时提醒：31 条", "紧急事件：1 条"]
    first = Message.objects.get(key="m")
    assert lines[3] == f"2019-02-03 【紧急】紧急事件 https://tuopin.example/messages/{first.pk}/"
    assert "……另有 12 条" in lines
    assert "全部消息：https://tuopin.example/messages/" in lines
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_nothing_leaves_at_night_or_on_a_day_off() -> None:
    one, urgent = person("a"), person("b")
    post(letter(one, "k", EVENT), letter(urgent, "k", ALARM), letter(urgent, "l"), now=NIGHT)
    assert run(NIGHT) == [("b", "【脱贫攻坚】2 条消息待办，其中 1 条紧急")]
    assert run(at("2018-12-04T07:59")) == []
    assert run(at("2018-12-04T08:00")) == [("a", "【脱贫攻坚】1 条消息待办，其中 1 条紧急")]
    post(letter(one, "later"), now=SATURDAY)
    assert run(SATURDAY) == []
    assert Message.objects.filter(user=one, key="later").exists(), "the inbox has it at once"


def test_who_gets_no_mail() -> None:
    shut, silent, unproven, muted, plain = (person(name) for name in "abcde")
    shut.is_active = False
    shut.save()
    MessageChoice.objects.filter(user=silent).update(mail=False)
    MessageChoice.objects.filter(user=unproven).update(confirmed="", address="c@office.example")
    MessageMute.objects.create(user=muted, channel="mail", kind=REMIND)
    post(*(letter(each, "k") for each in (silent, unproven, muted, plain)), letter(plain, "l", INSIDE))
    Message.objects.create(
        user=shut, key="k", kind=REMIND, urgent=False, day=DAY, created_at=MONDAY, not_before=MONDAY
    )  # fmt: skip
    assert run(MONDAY) == [("e", "【脱贫攻坚】1 条消息待办")]


def test_what_was_read_or_settled_or_is_for_later_does_not_leave() -> None:
    one = person("a")
    post(letter(one, "read"), letter(one, "done", about="matter:1"), letter(one, "later", not_before=TUESDAY))
    services.mark(actor_for(one), ids=list(Message.objects.filter(key="read").values_list("pk", flat=True)))
    services.settle(system(), ["matter:1"])
    assert run(MONDAY) == []
    assert run(TUESDAY) == [("a", "【脱贫攻坚】1 条消息待办")]


def test_one_read_between_planning_and_sending_leaves_no_mail_and_takes_no_day() -> None:
    one = person("a")
    post(letter(one, "k"))
    assert plan(("mail",), MONDAY) == 1
    services.mark(actor_for(one), up_to=10**9)
    assert run(MONDAY) == []
    assert Dispatch.objects.get().state == "dropped"
    post(letter(one, "l"), now=MONDAY)
    assert run(MONDAY) == [("a", "【脱贫攻坚】1 条消息待办")]


def test_after_a_week_away_there_is_one_digest() -> None:
    users = people(3)
    for day in range(5):
        moment = MONDAY + datetime.timedelta(days=day)
        post(*(letter(user, f"k{day}{n}") for user in users for n in range(4)), now=moment)
        plan(("mail",), moment)  # planned, and then the power went
    assert Dispatch.objects.filter(state="queued").count() == 3, "each gave its messages to the next"
    assert run(at("2018-12-10T09:00")) == [(user.username, "【脱贫攻坚】20 条消息待办") for user in users]
    assert run(at("2018-12-10T19:00")) == []
    assert set(Message.objects.values_list("mail_id", flat=True)) == set(
        Dispatch.objects.filter(state="sent").values_list("pk", flat=True)
    )


def test_a_clock_set_back_sends_nothing_twice() -> None:
    one = person("a")
    post(letter(one, "k"))
    assert len(run(TUESDAY)) == 1
    assert run(MONDAY) == []
    assert run(TUESDAY) == []


def test_by_gateway_urgent_ones_leave_together_and_the_rest_once_a_day(settings: Any) -> None:
    one = person("a", mail=False, gateway=True)
    with gateway(settings) as server:
        post(letter(one, "old", EVENT), now=MONDAY - datetime.timedelta(days=3))
        post(letter(one, "k", EVENT), letter(one, "l", ALARM), letter(one, "m"), now=MONDAY)
        send(system(), MONDAY)
        assert sorted((each["count"], each["urgent"]) for each in server.seen) == [(2, 1), (2, 2)]
        post(letter(one, "n", EVENT), letter(one, "o"), now=MONDAY)
        send(system(), MONDAY)
        assert [(each["count"], each["urgent"]) for each in server.seen[2:]] == [(1, 1)]
        post(letter(one, "p", EVENT), letter(one, "q", ALARM), letter(one, "r"), now=NIGHT)
        send(system(), NIGHT)
        assert [(each["count"], each["urgent"]) for each in server.seen[3:]] == [(1, 1)]
        send(system(), TUESDAY)
        assert sorted((each["count"], each["urgent"]) for each in server.seen[4:]) == [(1, 1), (2, 0)]


def test_many_people_take_few_statements(django_assert_max_num_queries: Any) -> None:
    users = people(50)
    post(*(letter(user, f"k{n}") for user in users for n in range(3)))
    with django_assert_max_num_queries(20):
        assert plan(("mail",), MONDAY) == 50
    with django_assert_max_num_queries(20):
        assert plan(("mail",), MONDAY) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 24 * 21), st.sampled_from([REMIND, EVENT, ALARM]), st.integers(0, 48)),
        min_size=1, max_size=12,
    ),
    st.lists(st.integers(0, 24 * 28), min_size=1, max_size=12, unique=True).map(sorted),  # known by its hour
)  # fmt: skip
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_when_it_leaves_once_and_not_in_the_night(
    posted: list[tuple[int, str, int]], runs: list[int]
) -> None:
    Message.objects.all().delete()
    Dispatch.objects.all().delete()
    MessageChoice.objects.all().delete()
    from tuopin.platform.models import User

    User.objects.filter(username="hyp").delete()
    one, start = person("hyp"), at("2018-09-20T00:00")  # with the national holiday
    hour = datetime.timedelta(hours=1)
    events = [(start + hour * when, "post", at_) for at_, (when, _kind, _later) in enumerate(posted)]
    events += [(start + hour * when, "run", 0) for when in runs]
    for now, what, number in sorted(events):
        if what == "post":
            _when, kind, later = posted[number]
            post(letter(one, f"k{number}", kind, not_before=now + hour * later), now=now)
            continue
        mail.outbox.clear()
        send(system(), now)
        sent = Dispatch.objects.filter(ended_at=now, state="sent")
        assert len(mail.outbox) == sent.count() <= 1
        if sent and not open_hours().are_open(now):
            assert Message.objects.filter(mail_id=sent[0].pk, kind=ALARM).exists()
        if (
            open_hours().are_open(now)
            and not Dispatch.objects.filter(key=f"digest:{now.date()}", state="sent").exclude(ended_at=now).exists()
        ):
            assert not Message.objects.filter(mail_id=None, not_before__lte=now).exists()
    days = list(Dispatch.objects.filter(state="sent").values_list("key", flat=True))
    assert len(days) == len(set(days)), "one a day"
