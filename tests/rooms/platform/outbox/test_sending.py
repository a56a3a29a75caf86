"""Sending: what fails comes again later and ends somewhere, bad gateways cost little, addresses are proven."""

from __future__ import annotations

import datetime
import logging
import smtplib
import time
from typing import Any

import pytest
from django.core import mail

from rooms.platform.outbox.steps import (
    DAY,
    LOCMEM,
    MONDAY,
    gateway,
    letter,
    people,
    person,
    post,
    publish,
)
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry, Dispatch, Grant, Message
from tuopin.platform.outbox import choices, digests, operators, sending
from tuopin.platform.outbox import gateway as adapter
from tuopin.platform.outbox.channels import channels
from tuopin.platform.outbox.planning import plan
from tuopin.platform.outbox.sending import ATTEMPTS, send
from tuopin.platform.problems import Problem, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    publish(monkeypatch)
    settings.MAILERS = {}


def test_nothing_leaves_where_nothing_is_set_up() -> None:
    post(letter(person("a", gateway=True), "k"))
    assert channels() == {}
    assert send(system(), MONDAY).document() == {"planned": 0, "channels": {}}
    assert not Dispatch.objects.exists()


# -- mail -------------------------------------------------------------------------------------------------------------


class Smtp:
    """In place of a server: refuses as it is told, else notes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        self.refuses: dict[str, Exception] = {}
        self.away = False
        self.fault: Exception | None = None
        self.sent: list[Any] = []
        settings.MAILERS = LOCMEM
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", self._send)
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", self._open)

    def _open(self) -> None:
        if self.away:
            raise ConnectionRefusedError
        if self.fault is not None:
            raise self.fault

    def _send(self, messages: list[Any]) -> None:
        for each in messages:
            if each.to[0] in self.refuses:
                raise self.refuses[each.to[0]]
            self.sent.append(each)


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Smtp:
    return Smtp(monkeypatch, settings)


def refused(address: str, code: int) -> Exception:
    return smtplib.SMTPRecipientsRefused({address: (code, b"who is zhang san")})


def test_a_refused_address_ends_and_holds_up_nobody(smtp: Smtp, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a", "b", "c"):
        post(letter(person(name), "k"))
    smtp.refuses = {"a@office.example": refused("a@office.example", 550)}
    with caplog.at_level(logging.DEBUG):
        report = send(system(), MONDAY)
    assert report.by_channel == {"mail": {"dead": 1, "sent": 2}}
    assert [each.to[0] for each in smtp.sent] == ["b@office.example", "c@office.example"]
    dead = Dispatch.objects.get(state="dead")
    assert (dead.user.username, dead.error) == ("a", "recipient_refused")
    assert "zhang" not in caplog.text


def test_a_server_that_is_away_is_asked_again_later_and_later(smtp: Smtp) -> None:
    post(letter(person("a"), "k"))
    smtp.away, waits, now = True, [], MONDAY
    for _attempt in range(ATTEMPTS):
        send(system(), now)
        row = Dispatch.objects.get()
        waits.append((row.next_at - now).total_seconds())
        now = row.next_at
    assert (row.state, row.error, row.attempts) == ("dead", "unreachable", ATTEMPTS)
    assert all(0.6 * 60 <= first < 1.4 * 60 for first in waits[:1])
    assert waits[3] > waits[1] > waits[0]
    assert Message.objects.get().mail_id == row.pk


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no tuopin:secret here"), "smtp_535"),
        (UnicodeEncodeError("ascii", "\0tuopin\0\u5bc6\u7801", 8, 9, "ordinal not in range(128)"), "bad_server"),
    ],
)
def test_a_server_that_takes_no_login_ends_no_run(
    smtp: Smtp, fault: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A password that no mail may have is as bad as a wrong one: tried again, said to be so, and never quoted."""
    post(letter(person("a"), "k"))
    smtp.fault = fault
    assert send(system(), MONDAY).by_channel == {"mail": {"later": 1}}
    row = Dispatch.objects.get()
    assert (row.state, row.error) == ("queued", code)
    assert "secret" not in caplog.text
    smtp.fault = None
    assert send(system(), MONDAY + datetime.timedelta(minutes=2)).by_channel == {"mail": {"sent": 1}}


def test_waits_are_spread_and_repeatable() -> None:
    rows = [Dispatch(pk=at, channel="mail", attempts=3) for at in range(1, 200)]
    waits = [sending.wait(row) for row in rows]
    assert waits == [sending.wait(row) for row in rows]
    assert len(set(waits)) > 80
    assert all(160 <= each <= 320 for each in waits)
    assert sending.wait(Dispatch(pk=1, channel="mail", attempts=30_000)) <= 1.34 * 4 * 3600


def test_a_repetition_bears_the_same_number(smtp: Smtp) -> None:
    post(letter(person("a"), "k"))
    send(system(), MONDAY)
    Dispatch.objects.update(state="sending", worker="outbox-dead")
    send(system(), MONDAY)
    first, second = smtp.sent
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.body == second.body


def test_what_is_given_back_by_a_newer_claim_is_not_written_over(smtp: Smtp) -> None:
    post(letter(person("a"), "k"))
    plan(("mail",), MONDAY)
    taken = sending.claim("mail", "one", 10, MONDAY)
    assert sending.reap(MONDAY) == 1
    again = sending.claim("mail", "two", 10, MONDAY)
    assert sending.note(taken, {taken[0].pk}, {}, MONDAY) == {}
    assert Dispatch.objects.get().worker == "two"
    assert sending.note(again, set(), {}, MONDAY) == {"dropped": 1}


def test_those_who_keep_the_outbox_are_told_once_a_day_and_try_again(smtp: Smtp) -> None:
    keeper, _password = accounts.add_user(local_admin(), "keeper", "a-long-password-1", must_change=False)
    accounts.grant_by_code(local_admin(), keeper, "administrator", "all", "")
    Grant.objects.update(valid_from=MONDAY.date())
    smtp.refuses = {f"{name}@office.example": refused("x", 550) for name in "ab"}
    for name in ("a", "b"):
        post(letter(person(name), "k"))
        send(system(), MONDAY)
    [told] = Message.objects.filter(user=keeper)
    assert (told.kind, told.view) == ("platform.undelivered", "platform:outbox")
    smtp.refuses = {}
    assert operators.again(actor_for(keeper), [Dispatch.objects.filter(state="dead")[0].pk, 10**9], now=MONDAY) == 1
    assert operators.again(local_admin(), None, now=MONDAY) == 1
    assert Message.objects.get(user=keeper).done_at is None, "tried again, and nobody knows yet how it ends"
    assert send(system(), MONDAY).by_channel == {"mail": {"sent": 2}}
    assert Message.objects.get(user=keeper).done_at == MONDAY
    with pytest.raises(Refused):
        operators.again(actor_for(person("c")), None)
    with pytest.raises(Refused):
        operators.dispatches(actor_for(person("d")))
    assert AuditEntry.objects.filter(action="platform.repeat_messages").count() == 2


def test_what_fails_after_the_last_was_settled_is_said_anew(smtp: Smtp) -> None:
    keeper, _password = accounts.add_user(local_admin(), "keeper", "a-long-password-1", must_change=False)
    accounts.grant_by_code(local_admin(), keeper, "administrator", "all", "")
    Grant.objects.update(valid_from=MONDAY.date())
    smtp.refuses = {"a@office.example": refused("x", 550), "b@office.example": refused("x", 550)}
    for name in ("a", "b"):
        post(letter(person(name), "k"))
    send(system(), MONDAY)
    smtp.refuses.pop("a@office.example")
    operators.again(local_admin(), None, now=MONDAY)
    send(system(), MONDAY)
    assert [each.done_at for each in Message.objects.filter(user=keeper)] == [None], "one is still not through"
    smtp.refuses = {}
    operators.again(local_admin(), None, now=MONDAY)
    send(system(), MONDAY)
    assert [each.done_at for each in Message.objects.filter(user=keeper)] == [MONDAY]
    smtp.refuses = {"c@office.example": refused("x", 550)}
    post(letter(person("c"), "k"))
    send(system(), MONDAY)
    send(system(), MONDAY)
    assert [each.done_at for each in Message.objects.filter(user=keeper).order_by("pk")] == [MONDAY, None]


@pytest.mark.parametrize(("state", "error", "settled"), [
    ("dead", "x", False), ("queued", "x", False), ("sending", "x", False), ("queued", "", True), ("sent", "", True),
])  # fmt: skip
def test_failures_are_settled_once_none_is_left(smtp: Smtp, state: str, error: str, settled: bool) -> None:
    """What failed and is tried again may fail again; what waits for the first time says nothing."""
    keeper, _password = accounts.add_user(local_admin(), "keeper", "a-long-password-1", must_change=False)
    accounts.grant_by_code(local_admin(), keeper, "administrator", "all", "")
    Grant.objects.update(valid_from=MONDAY.date())
    operators.tell(system(), {"mail": {"dead": 1}}, MONDAY)
    post(letter(person("a"), "k"))
    plan(("mail",), MONDAY)
    Dispatch.objects.update(state=state, error=error)
    operators.tell(system(), {"mail": {"sent": 1}}, MONDAY)
    assert (Message.objects.get(user=keeper).done_at is not None) is settled


# -- proving an address -----------------------------------------------------------------------------------------------


def test_mail_goes_to_a_proven_address_alone(smtp: Smtp, caplog: pytest.LogCaptureFixture) -> None:
    user = person("a", mail=False)
    actor = actor_for(user)
    post(letter(user, "k"))
    night = MONDAY.replace(hour=23)
    made = choices.choose(actor, mail=True, gateway=False, address=" new@office.example ", wanted=[], now=night)
    assert (made.address, made.confirmed) == ("new@office.example", "")
    choices.choose(actor, mail=True, gateway=False, address="new@office.example", wanted={("mail", "test.remind")})
    send(system(), night)
    [asked] = smtp.sent
    code = digests.code_of(user.pk, "new@office.example")
    assert asked.to == ["new@office.example"]
    assert code in asked.body
    for wrong in ("", "AAAAAAAA", digests.code_of(user.pk + 1, "new@office.example"), "码"):
        with pytest.raises(Problem, match="wrong_code"):
            choices.confirm(actor, wrong)
    send(system(), MONDAY)
    assert len(smtp.sent) == 1, "no digest before"
    assert choices.confirm(actor, f" {code.lower()} ").confirmed == "new@office.example"
    send(system(), MONDAY)
    assert [each.to for each in smtp.sent[1:]] == [["new@office.example"]]
    details = " ".join(AuditEntry.objects.filter(subject=f"user:{user.pk}").values_list("detail", flat=True))
    assert "office.example" not in details + caplog.text
    forgotten = choices.choose(actor, mail=False, gateway=False, address="", wanted=[])
    assert (forgotten.address, forgotten.confirmed) == ("", "")


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b", "a@office.example\nBcc: x@y.z", "张@office.example", f"{'a' * 250}@office.example", "", "a@x@y.z",
     "<a@office.example>", "a@office.example,b@office.example"],
)  # fmt: skip
def test_addresses_that_are_none(smtp: Smtp, address: str) -> None:
    with pytest.raises(Problem):
        choices.choose(actor_for(person("a", mail=False)), mail=True, gateway=False, address=address, wanted=[])
    assert not Dispatch.objects.exists()


def test_an_office_may_allow_its_own_domains_alone(smtp: Smtp, settings: Any) -> None:
    settings.TUOPIN_MAIL_DOMAINS = ("office.example",)
    actor = actor_for(person("a", mail=False))
    with pytest.raises(Problem, match="strange_address"):
        choices.choose(actor, mail=True, gateway=False, address="a@elsewhere.example", wanted=[])
    choices.choose(actor, mail=True, gateway=False, address="a@OFFICE.example", wanted=[])


def test_nobody_has_strangers_written_to_all_day(smtp: Smtp) -> None:
    actor = actor_for(person("a", mail=False))
    for at in range(choices.MOST_ADDRESSES):
        choices.choose(actor, mail=True, gateway=False, address=f"a{at}@office.example", wanted=[], now=MONDAY)
    with pytest.raises(Problem, match="too_many_addresses"):
        choices.choose(actor, mail=True, gateway=False, address="more@office.example", wanted=[], now=MONDAY)
    assert choices.of(actor).address == "a4@office.example", "nothing half done"
    send(system(), MONDAY)
    assert [each.to[0] for each in smtp.sent] == ["a4@office.example"], "only the one that still waits"


# -- the gateway ------------------------------------------------------------------------------------------------------


def test_a_parcel_is_signed_and_says_little(settings: Any) -> None:
    settings.TUOPIN_SITE_ADDRESS = "https://tuopin.example"
    post(letter(person("a", mail=False, gateway=True), "k", word="张三"))
    with gateway(settings) as server:
        assert send(system(), MONDAY).by_channel == {"gateway": {"sent": 1}}
    [seen], [headers], [body] = server.seen, server.headers, server.bodies
    assert set(seen) == {"key", "to", "language", "subject", "text", "count", "urgent", "href"}
    assert (seen["to"], seen["count"], seen["href"]) == ("a", 1, "https://tuopin.example/messages/")
    assert "张三".encode() not in body
    assert headers["idempotency-key"] == seen["key"]
    assert headers["x-tuopin-time"] == str(int(MONDAY.timestamp()))
    assert headers["x-tuopin-signature"] == adapter.signature(adapter.secret(), headers["x-tuopin-time"], body)
    assert adapter.signature(adapter.secret(), "1", body) != headers["x-tuopin-signature"]
    assert server.paths == ["/hook"]


@pytest.mark.parametrize(
    ("does", "state", "error"),
    [
        ("200", "sent", ""), ("twice", "sent", ""), ("409", "sent", ""), ("flood", "sent", ""),
        ("500", "queued", "http_500"), ("503", "queued", "http_503"), ("401", "queued", "http_401"),
        ("take_and_hang_up", "queued", "no_answer"), ("hang", "queued", "no_answer"), ("drip", "queued", "no_answer"),
        ("400", "dead", "http_400"), ("moved", "dead", "http_302"), ("410", "dead", "http_410"),
    ],
)  # fmt: skip
def test_what_gateways_do(settings: Any, monkeypatch: pytest.MonkeyPatch, does: str, state: str, error: str) -> None:
    monkeypatch.setattr(adapter, "SECONDS", 0.7)
    post(letter(person("a", mail=False, gateway=True), "k"))
    began = time.monotonic()
    with gateway(settings) as server:
        server.behaviour = [does]
        send(system(), MONDAY)
        row = Dispatch.objects.get()
        assert (row.state, row.error) == (state, error)
        assert server.paths == ["/hook"], "asked once, and nowhere else"
        if state == "queued":
            server.behaviour = ["200"]
            send(system(), row.next_at)
            assert Dispatch.objects.get().state == "sent"
            assert len({each["key"] for each in server.seen}) == 1, "the same key, so that it is known"
    assert time.monotonic() - began < 30, "a gateway that drips a byte at a time ends all the same"


def test_a_gateway_that_asks_for_time_gets_it(settings: Any) -> None:
    post(letter(person("a", mail=False, gateway=True), "k"))
    with gateway(settings) as server:
        server.behaviour = ["later"]
        send(system(), MONDAY)
    assert Dispatch.objects.get().next_at == MONDAY + datetime.timedelta(minutes=30)
    assert adapter._wait("9" * 8) == adapter.LONGEST_WAIT
    assert [adapter._wait(text) for text in ("", "-1", "Wed, 21 Oct", "1e9", "²", "9" * 500)] == [0] * 6


def test_what_would_come_back_at_night_waits_for_the_morning(settings: Any) -> None:
    evening = MONDAY.replace(hour=19, minute=59, second=30)  # waits are 40 s and more
    post(letter(person("a", mail=False, gateway=True), "k"), now=evening)
    with gateway(settings) as server:
        server.behaviour = ["500"]
        send(system(), evening)
    assert Dispatch.objects.get().next_at == MONDAY.replace(day=4, hour=8)


def test_where_nobody_answers_the_rest_is_not_tried(settings: Any) -> None:
    people_ = people(30, mail=False, gateway=True)
    post(*(letter(user, "k") for user in people_))
    with gateway(settings) as server:
        server.behaviour = ["200", "200", "take_and_hang_up"]
        assert send(system(), MONDAY).by_channel == {"gateway": {"later": 28, "sent": 2}}
        assert len(server.seen) == 3
        assert sorted(Dispatch.objects.values_list("attempts", flat=True)) == [0] * 27 + [1] * 3


def test_a_run_ends_when_its_time_is_over(settings: Any) -> None:
    users = people(120, mail=False, gateway=True)
    post(*(letter(user, "k") for user in users))
    with gateway(settings):
        assert send(system(), MONDAY, seconds=0.0).by_channel == {}
        assert send(system(), MONDAY).by_channel == {"gateway": {"sent": 120}}


def test_a_slow_gateway_holds_up_no_run_beyond_its_time(settings: Any) -> None:
    users = people(20, mail=False, gateway=True)
    post(*(letter(user, "k") for user in users))
    with gateway(settings) as server:
        server.behaviour = ["slow"]
        assert send(system(), MONDAY, seconds=1.0).by_channel["gateway"]["later"] >= 10
        assert len(server.seen) <= 10
        assert set(Dispatch.objects.filter(state="queued").values_list("attempts", flat=True)) == {0}


def test_a_sender_keeps_its_name(settings: Any) -> None:
    """The file of a lock stays: a name for each run would fill the folder."""
    with gateway(settings):
        names = set()
        for _run in range(3):
            send(system(), MONDAY)
            names.add(sending._own_name())
    assert len(names) == 1


@pytest.mark.parametrize(
    ("url", "hosts", "good"),
    [
        ("https://gate.example/hook", ("gate.example",), True),
        ("https://GATE.example:8443/hook?x=1", ("gate.example",), True),
        ("http://127.0.0.1:9/hook", ("127.0.0.1",), True),
        ("https://gate.example/hook", (), False),
        ("https://gate.example.evil/hook", ("gate.example",), False),
        ("https://gate.example@evil.example/", ("gate.example",), False),
        ("https://user:pass@gate.example/", ("gate.example",), False),
        ("http://gate.example/hook", ("gate.example",), False),
        ("ftp://127.0.0.1/hook", ("127.0.0.1",), False),
        ("https://gate.example:99999/", ("gate.example",), False),
        ("https://gate.example/a b", ("gate.example",), False),
        ("https://[::1/", ("::1",), False),
        ("gate.example", ("gate.example",), False),
        ("", (), False),
    ],
)
def test_which_gateways_there_may_be(settings: Any, url: str, hosts: tuple[str, ...], good: bool) -> None:
    settings.TUOPIN_GATEWAY_URL, settings.TUOPIN_GATEWAY_HOSTS = url, hosts
    assert (adapter.address() is not None) == good
    assert ("gateway" in channels()) == good


def test_no_proxy_of_the_environment_is_heeded(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    post(letter(person("a", mail=False, gateway=True), "k"))
    with gateway(settings):
        assert send(system(), MONDAY).by_channel == {"gateway": {"sent": 1}}


def test_the_inbox_goes_on_whatever_leaves(smtp: Smtp) -> None:
    one = person("a")
    smtp.away = True
    post(letter(one, "k"), letter(one, "l", day=DAY))
    send(system(), MONDAY)
    assert Message.objects.filter(user=one, read_at=None).count() == 2
    assert mail.outbox == []
