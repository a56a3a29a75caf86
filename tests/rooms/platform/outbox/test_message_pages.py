"""The pages of messages: the inbox, what one wants where, and what did not get through; the same for programs."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from people import PASSWORD
from rooms.platform.outbox.steps import EVENT, LOCMEM, MONDAY, REMIND, letter, person, post, publish
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.models import Dispatch, Job, Message, MessageChoice, User
from tuopin.platform.outbox import choices, digests, jobs
from tuopin.platform.outbox.listings import VIEW
from tuopin.platform.permissions import PERMISSIONS

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch)


def made(name: str, role: str = "", kind: str = "all") -> User:
    user, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
    if role:
        accounts.grant(local_admin(), user, role, kind, None if kind == "all" else 1)
    return user


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


@pytest.fixture
def user() -> User:
    return made("liwei")


@pytest.fixture
def client(user: User) -> Client:
    return client_of(user)


def text(answer: HttpResponse, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def get(client: Client, path: str) -> str:
    return text(client.get(path))  # type: ignore[arg-type]  # the test client's own kind of answer


def test_the_inbox_shows_ones_own_and_marks_them(user: User, client: Client) -> None:
    post(
        letter(user, "k", title=Title("还剩 {left} 天", "{left} days left"), parameters={"left": 3}, word="指令第17号"),
        letter(user, "l", EVENT, word="某件急事"), letter(person("b"), "k", word="别人的"),
    )  # fmt: skip
    page = get(client, "/messages/")
    for shown in ("还剩 3 天", "指令第17号", "紧急事件", "！紧急", "● 未读", "2018-12-05"):
        assert shown in page
    assert "别人的" not in page
    assert '<b class="unread">2<' in page
    first, second = Message.objects.filter(user=user).order_by("pk")
    others = Message.objects.exclude(user=user).get()
    answer = client.post("/messages/mark/", {"do": "read", "id": [str(first.pk), str(others.pk), "x", "9" * 30]})
    assert answer["Location"] == "/messages/"
    page = get(client, "/messages/")
    assert '<b class="unread">1<' in page
    others.refresh_from_db()
    assert others.read_at is None
    assert "还剩 3 天" not in get(client, "/messages/?state=unread")
    assert "某件急事" not in get(client, "/messages/?state=read&urgent=0")
    client.post("/messages/mark/", {"do": "unread", "id": [str(first.pk)]})
    post(letter(user, "came meanwhile"))
    client.post("/messages/mark/", {"do": "all", "newest": str(second.pk)})
    assert list(Message.objects.filter(user=user, read_at=None).values_list("key", flat=True)) == ["came meanwhile"]


def test_one_message_leads_on_and_counts_as_read(user: User, client: Client) -> None:
    post(letter(user, "k", view="platform:jobs"), letter(user, "gone", view="no:view", args=[1], word="某事"),
         letter(user, "plain"), letter(person("b"), "k", view="platform:jobs"))  # fmt: skip
    found = {row.key: row for row in Message.objects.filter(user=user)}
    assert client.get(f"/messages/{found['k'].pk}/")["Location"] == "/jobs/"
    assert Message.objects.get(pk=found["k"].pk).read_at is not None
    page = get(client, f"/messages/{found['gone'].pk}/")
    assert "页面已不存在" in page
    assert "某事" in page
    assert "页面已不存在" not in get(client, f"/messages/{found['plain'].pk}/")
    others = Message.objects.exclude(user=user).get()
    absent = client.get("/messages/99999998/")
    assert (client.get(f"/messages/{others.pk}/").status_code, absent.status_code) == (404, 404)
    others.refresh_from_db()
    assert others.read_at is None


def test_script_in_any_field_stays_text(user: User, client: Client) -> None:
    bad = "<script>alert(1)</script>"
    post(letter(user, "k", word=bad, title=Title(bad, bad), parameters={"a": bad}))
    post(letter(user, "l", title=Title("{a}", "{a}"), parameters={"a": bad}))
    for page in (get(client, "/messages/"), get(client, f"/messages/{Message.objects.latest('pk').pk}/")):
        assert bad not in page
        assert "&lt;script&gt;" in page


def test_few_queries_however_many_messages(user: User, client: Client, django_assert_max_num_queries: Any) -> None:
    post(*(letter(user, f"k{at}") for at in range(3)))
    get(client, "/messages/")
    with django_assert_max_num_queries(8):
        get(client, "/messages/")
    post(*(letter(user, f"l{at}") for at in range(300)))
    with django_assert_max_num_queries(8):
        page = get(client, "/messages/")
    assert ">99+<" in page


def test_the_bell_costs_no_statement(user: User, client: Client, django_assert_num_queries: Any) -> None:
    get(client, "/security/")
    post(*(letter(user, f"k{at}") for at in range(5)))
    with django_assert_num_queries(5):  # session, account, second factor, sessions, grants
        assert '<b class="unread">5<' in get(client, "/security/")


def test_both_languages(user: User, client: Client) -> None:
    post(letter(user, "k", EVENT))
    client.cookies["tuopin_language"] = "en"
    page = get(client, "/messages/")
    for shown in ("Messages", "! urgent", "● unread", "Day or limit", ">event<"):
        assert shown in page


# -- choosing ---------------------------------------------------------------------------------------------------------


def test_where_nothing_is_set_up_the_page_says_so(client: Client, settings: Any) -> None:
    settings.MAILERS = {}
    page = get(client, "/messages/settings/")
    assert "没有配置邮件服务器" in page
    assert "没有配置企业微信" in page
    assert 'name="address"' not in page


def test_the_page_says_which_kinds_come_at_night(user: User, client: Client, settings: Any) -> None:
    """What is urgent alone does not."""
    settings.MAILERS = LOCMEM
    page = get(client, "/messages/settings/")
    assert "夜间和非工作日不发（舆情除外）" in page


def test_one_chooses_what_comes_by_mail_and_proves_the_address(user: User, client: Client, settings: Any) -> None:
    settings.MAILERS = LOCMEM
    page = get(client, "/messages/settings/")
    assert f'value="{REMIND}" checked' in page
    assert "只在系统内" in page, "a kind that never leaves"
    given = {"mail": "1", "address": "li@office.example", "mail_kind": [EVENT, "test.none"], "gateway_kind": ["x"]}
    assert client.post("/messages/settings/", given)["Location"] == "/messages/settings/"
    choice = choices.of(actor_for(user))
    assert (choice.mail, choice.address, choice.confirmed) == (True, "li@office.example", "")
    assert ("mail", REMIND) in choice.muted
    assert ("mail", EVENT) not in choice.muted
    assert ("gateway", REMIND) not in choice.muted, "what is not on the form stays as it is"
    assert "li@office.example" in get(client, "/messages/settings/")
    wrong = client.post("/messages/settings/", {"do": "confirm", "code": "x" * 10_000})
    assert "确认码不正确" in text(wrong, 400)  # type: ignore[arg-type]
    code = digests.code_of(user.pk, "li@office.example")
    client.post("/messages/settings/", {"do": "confirm", "code": code})
    assert MessageChoice.objects.get().confirmed == "li@office.example"
    assert "已确认" in get(client, "/messages/settings/")
    bad = client.post("/messages/settings/", {"mail": "1", "address": "<script>"})
    assert "邮箱地址不正确" in text(bad, 400)  # type: ignore[arg-type]


def test_the_worker_sends_the_code_without_being_told(user: User, client: Client, settings: Any) -> None:
    settings.MAILERS = LOCMEM
    client.post("/messages/settings/", {"mail": "1", "address": "li@office.example"})
    assert jobs.begin(timezone.now()) is True
    assert jobs.begin(timezone.now()) is False, "one job at a time"
    assert Job.objects.filter(kind=jobs.SEND, state="queued").count() == 1
    settings.MAILERS = {}
    Job.objects.all().delete()
    assert jobs.begin(timezone.now()) is False


# -- those who keep the outbox ----------------------------------------------------------------------------------------


def test_only_who_keeps_the_machine_sees_what_leaves(user: User, client: Client) -> None:
    keeper = client_of(made("keeper", "administrator"))
    Dispatch.objects.create(
        channel="mail", user=user, key="digest:2018-12-03", state="dead", error="recipient_refused", attempts=8,
        next_at=MONDAY, created_at=MONDAY,
    )  # fmt: skip
    page = get(keeper, "/outbox/")
    for shown in ("1 次发送没有送达", "收件地址被拒", "每日汇总", "liwei", "✗ 未送达"):
        assert shown in page
    assert 'href="/outbox/"' in page, "stands in the menu"
    assert 'href="/outbox/"' not in get(client, "/security/")
    assert client.get("/outbox/").status_code == 403
    assert client.post("/outbox/again/", {"do": "all"}).status_code == 403
    assert keeper.post("/outbox/again/", {"id": ["1", "x"] * 900}).status_code == 302
    keeper.post("/outbox/again/", {"do": "all"})
    row = Dispatch.objects.get()
    assert (row.state, row.attempts) == ("queued", 0)


# -- programs ---------------------------------------------------------------------------------------------------------


def test_a_token_reads_and_marks_its_owners_messages(caplog: pytest.LogCaptureFixture) -> None:
    owner = made("county", "county")
    post(*(letter(owner, f"k{at}", word="某件事", view="platform:jobs") for at in range(3)), letter(person("b"), "k"))
    grants = [grant.pk for grant in owner.grants.all()]
    actor = actor_for(owner)
    _row, secret = tokens.make_token(actor, "t", grants=grants, permissions=[VIEW], days=9)
    _row, blind = tokens.make_token(actor, "u", grants=grants, permissions=["register.view_area"], days=9)

    def ask(path: str, key: str = secret, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {key}", "host": "localhost"}
        if body:
            return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)
        return Client().get(path, headers=headers)

    with caplog.at_level(logging.DEBUG):
        first = ask("/api/messages?size=2").json()
        rest = ask(f"/api/messages?size=2&after={first['next']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    one = first["items"][0]
    assert (one["title"], one["word"], one["href"]) == ({"zh": "限时提醒", "en": "reminder"}, "某件事", "/jobs/")
    assert ask("/api/messages/mark", ids=[each.pk for each in Message.objects.all()]).json() == {"count": 3}
    assert ask("/api/messages?unread=true").json()["items"] == []
    assert ask("/api/lists/platform.messages/rows").status_code == 200
    for refused in ("/api/messages", "/api/lists/platform.messages/rows"):
        assert ask(refused, blind).status_code == 403
    assert ask("/api/messages/mark", ids=[]).status_code == 422
    assert ask("/api/messages/mark", ids=list(range(1, 1002))).status_code == 422
    assert ask("/api/messages/mark", ids=[10**30]).status_code == 422
    assert "某件事" not in caplog.text


def test_the_new_permissions_have_words() -> None:
    names = {each.name for each in PERMISSIONS}
    assert {VIEW, "platform.manage_outbox"} <= names
