"""Messages are posted once, hold nothing of a person, and are nobody else's."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from django.db import connection

from rooms.platform.outbox.steps import DAY, INSIDE, MONDAY, REMIND, letter, person, post, publish
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.models import AuditEntry, Message
from tuopin.platform.outbox import kinds, selectors, services
from tuopin.platform.outbox.jobs import purge
from tuopin.platform.outbox.services import Letter, Posted
from tuopin.platform.problems import Missing, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch)


def test_a_letter_is_taken_in_once() -> None:
    one, other = person("a"), person("b")
    first = letter(
        one, "matter:17:remind:2018-12-01", parameters={"left": 3, "day": DAY}, word="指令第17号",
        title=Title("还剩 {left} 天", "{left} days left"), view="platform:jobs", about="matter:17",
    )  # fmt: skip
    assert post(first, first, letter(other, first.key)) == Posted(new=2, known=1)
    assert post(first) == Posted(known=1)
    row = Message.objects.get(user=one)
    assert (row.kind, row.urgent, row.word, row.parameters) == (
        REMIND, False, "指令第17号", {"left": 3, "day": "2018-12-05"}
    )  # fmt: skip
    fields = {name: getattr(row, name) for name in ("title_zh", "title_en", "parameters", "kind")}
    assert selectors.title(fields) == Title("还剩 3 天", "3 days left")
    assert selectors.target(row) == "/jobs/"
    assert row.created_at == row.not_before == MONDAY
    assert selectors.title({**fields, "title_zh": "", "title_en": ""}) == Title("限时提醒", "reminder")


def test_what_was_posted_stands_in_the_audit_log_without_its_text() -> None:
    one = person("a")
    post(letter(one, "k", title=Title("秘密题目", "secret"), word="秘密词"), letter(one, "l", INSIDE))
    post(letter(one, "k"))
    [entry] = AuditEntry.objects.filter(action="platform.post_messages")
    assert '"created":2' in entry.detail
    assert "秘密" not in entry.detail + entry.subject
    assert '"test.inside":1' in entry.detail


def test_shut_accounts_and_days_long_gone_get_nothing() -> None:
    shut = person("a")
    shut.is_active = False
    shut.save()
    found = post(letter(shut, "k"), letter(10**9, "k"), letter(person("b"), "k", day=datetime.date(2018, 1, 1)))
    assert found == Posted(old=1, closed=2)
    assert not Message.objects.exists()
    assert not AuditEntry.objects.filter(action="platform.post_messages").exists()


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "test.unknown"}, {"key": ""}, {"key": "k" * 121}, {"word": "w" * 61}, {"word": "a\0b"},
        {"word": "411423199001010011"}, {"word": "13800138000"}, {"parameters": {"who": "41142319900101001X"}},
        {"parameters": {"who": "x" * 61}}, {"title": Title("电话 13800138000", "x")}, {"title": Title("x" * 201, "x")},
        {"day": datetime.date(1, 1, 1)}, {"day": datetime.date(9999, 12, 31)}, {"view": "v" * 81},
        {"parameters": {str(at): at for at in range(13)}}, {"about": "a\nb"},
    ],
)  # fmt: skip
def test_what_no_room_may_write(more: dict[str, Any]) -> None:
    given: dict[str, Any] = {"user_id": person("a").pk, "key": "k", "kind": REMIND, "day": DAY, **more}
    with pytest.raises(ValueError, match=r"letter|too long|number of a person"):
        post(Letter(**given))
    assert not Message.objects.exists()


def test_many_letters_take_few_statements(django_assert_max_num_queries: Any) -> None:
    one = person("a")
    letters = [letter(one, f"k{at:06d}") for at in range(6_000)]
    with django_assert_max_num_queries(12):
        assert post(*letters) == Posted(new=6_000)
    assert post(*letters) == Posted(known=6_000)


def test_what_it_was_about_is_settled_for_everybody() -> None:
    one, other = person("a"), person("b")
    post(letter(one, "k", about="matter:1"), letter(other, "k", about="matter:1"), letter(one, "l", about="matter:2"))
    assert services.settle(system(), ["matter:1", "", "matter:9"], now=MONDAY) == 2
    assert services.settle(system(), ["matter:1"], now=MONDAY) == 0
    assert list(Message.objects.filter(done_at=None).values_list("about", flat=True)) == ["matter:2"]


def test_nobody_reads_or_marks_anothers() -> None:
    one, other = person("a"), person("b")
    post(letter(one, "k"), letter(one, "l"), letter(other, "k"))
    mine = Message.objects.filter(user=one).order_by("pk")
    ids = list(Message.objects.values_list("pk", flat=True))
    assert services.mark(actor_for(other), ids=ids, now=MONDAY) == 1
    assert mine.filter(read_at=None).count() == 2
    for reader in (actor_for(other), local_admin(), system()):
        with pytest.raises(Missing):
            selectors.one(reader, mine[0].pk)
    with pytest.raises(Refused):
        services.mark(local_admin(), ids=ids)
    assert services.mark(actor_for(one), up_to=mine[0].pk, now=MONDAY) == 1
    assert services.mark(actor_for(one), ids=ids, read=False) == 1
    assert services.mark(actor_for(one), up_to=max(ids), now=MONDAY) == 2


def test_the_account_comes_with_its_number_of_unread_messages(django_assert_num_queries: Any) -> None:
    one = person("a")
    post(*(letter(one, f"k{at}", about=f"m:{at}") for at in range(130)), letter(person("b"), "k"))
    with django_assert_num_queries(1):
        found = selectors.Backend().get_user(one.pk)
    assert found is not None
    assert found.unread == 100  # type: ignore[attr-defined]  # beside the account's own fields
    services.settle(system(), [f"m:{at}" for at in range(40)])
    services.mark(actor_for(one), ids=list(Message.objects.filter(about="m:50").values_list("pk", flat=True)))
    found = selectors.Backend().get_user(one.pk)
    assert found is not None
    assert found.unread == 89  # type: ignore[attr-defined]
    one.is_active = False
    one.save()
    assert selectors.Backend().get_user(one.pk) is None


def test_old_messages_go_and_do_not_come_again(settings: Any) -> None:
    settings.TUOPIN_MESSAGES_DAYS = 100
    one = person("a")
    post(letter(one, "old"), letter(one, "far", day=DAY + datetime.timedelta(days=200)))
    later = MONDAY + datetime.timedelta(days=99)
    post(letter(one, "young", day=later.date()), now=later)
    assert purge(MONDAY + datetime.timedelta(days=99)) == 0
    end = MONDAY + datetime.timedelta(days=103)
    assert purge(end) == 1
    assert sorted(Message.objects.values_list("key", flat=True)) == ["far", "young"], "its day is yet to come"
    assert post(letter(one, "old"), letter(one, "far", day=DAY + datetime.timedelta(days=200)), now=end) == Posted(
        old=1, known=1
    )


def test_kinds_are_those_of_their_room() -> None:
    [found] = kinds.read("orders", '["orders.remind"]\nzh = "提醒"\nen = "Reminder"\nurgent = true\n').values()
    assert (found.urgent, found.mail, found.gateway, found.at_any_hour) == (True, True, False, False)
    for text in ('["duties.x"]\nzh="a"\nen="b"', '["orders.x"]\nzh="a"', '["orders.x"]\nzh="a"\nen="b"\nloud=true'):
        with pytest.raises(ValueError, match="no kind"):
            kinds.read("orders", text)
    assert kinds.title_of("gone.kind").zh == "gone.kind"
    assert "platform.undelivered" in kinds.all_kinds()


@pytest.mark.django_db(transaction=True)
def test_two_who_post_the_same_letters_at_once_post_them_once() -> None:
    users = [person(f"u{at}", mail=False).pk for at in range(20)]
    letters = [letter(user, f"k{at}") for user in users for at in range(20)]
    start, found, faults = threading.Barrier(4), [], []

    def run(order: int) -> None:
        try:
            start.wait()
            found.append(post(*letters[:: order or 1]).new)
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(found) == len(letters) == Message.objects.count()
