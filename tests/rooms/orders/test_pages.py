"""Pages of matters: inbox, list, board, heat table, one matter and its acts, drafting, acts in bulk."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.orders.office import Offices
from tuopin.core.calendar import published
from tuopin.orders import limits
from tuopin.orders.board import counts, inbox, names
from tuopin.orders.models import Matter, MatterEvent, MatterUnit
from tuopin.orders.services import SubjectRef
from tuopin.platform.lists import recent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def now() -> datetime.datetime:
    return timezone.now()


def client(city: Offices, who: str) -> Client:
    """Somebody signed in, made with the rights of the tests’ city where not there yet."""
    make = {"city": city.city_office, "teacher": city.department, "inspector": city.inspector}
    if who in make:
        make[who]()
    found = Client()
    assert found.login(username=who, password=PASSWORD)
    return found


def late(row: Matter, days: int) -> Matter:
    """Its limit as if it had been given long ago."""
    Matter.objects.filter(pk=row.pk).update(limit_at=now() - days * DAY)
    row.refresh_from_db()
    return row


def text(answer: Any) -> str:
    return answer.content.decode()


def test_the_inbox_by_what_is_due_and_signing_with_one_tap(city: Offices) -> None:
    old, new = late(city.issued(now(), title="逾期的事"), 3), city.issued(now(), title="新来的事")
    holder = client(city, "teacher")
    page = text(holder.get(reverse("orders:inbox")))
    assert page.index("已逾期") < page.index("逾期的事") < page.index("新来的事")
    assert "逾期 3 天" in page or "逾期 4 天" in page
    sign = reverse("orders:act", args=[new.pk, "receive"])
    answer = holder.post(sign, {"seen": new.version, "back": "inbox"})
    assert answer["Location"] == reverse("orders:inbox")
    new.refresh_from_db()
    assert new.state == "received"
    again = holder.post(sign, {"seen": new.version - 1, "back": "inbox"})  # the same form once more
    assert again.status_code == 400
    assert "刚处理过" in text(again)
    assert MatterEvent.objects.filter(matter=new, act="receive").count() == 1
    assert old.state == "issued"


def test_the_inbox_of_who_issues_and_who_verifies(city: Offices) -> None:
    row = city.issued(now(), title="在校核查")
    row = city.act(city.department(), "receive", row, now())
    day = published().after(timezone.localdate() + 60 * DAY, 1).day
    row = city.act(city.department(), "ask_extension", row, now(), note="人手不足", limit=day)
    asked = [part.key for part in inbox.parts(city.city_office(), now())]
    assert "asked" in asked
    row = city.act(city.department(), "done", row, now(), note="已办")
    assert [part.key for part in inbox.parts(city.inspector(), now())] == ["verify"]
    assert "verify" not in [part.key for part in inbox.parts(city.department(), now())]
    row = city.act(city.inspector(), "verify", row, now(), note="属实")
    assert "close" in [part.key for part in inbox.parts(city.city_office(), now())]
    row = city.act(city.city_office(), "close", row, now(), look_back_on=timezone.localdate() + 3 * DAY)
    assert [part.key for part in inbox.parts(city.inspector(), now())] == ["look_back"]


def test_another_county_sees_nothing(city: Offices) -> None:
    row = city.issued(now(), title="只在本县")
    city.account("neighbour", "county", "area", city.other.area_id)
    other = client(city, "neighbour")
    here = {"area": city.county.code}
    assert other.get(reverse("orders:matter", args=[row.pk])).status_code == 404
    assert other.get(reverse("orders:matter", args=[2**62])).status_code == 404
    assert other.post(reverse("orders:act", args=[row.pk, "receive"])).status_code == 404
    for name in ("matters", "board", "heat", "new_matter"):
        assert other.get(reverse(f"orders:{name}", query=here)).status_code in {403, 404}
        assert "只在本县" not in text(other.get(reverse(f"orders:{name}")))
    assert "只在本县" not in text(other.get(reverse("orders:inbox")))


def test_petitions_are_in_no_list_board_or_count(city: Offices) -> None:
    row = city.issued(now(), title="信访转述")
    Matter.objects.filter(pk=row.pk).update(kind="petition", urgency="petition")
    boss, holder = client(city, "city"), client(city, "teacher")
    here = {"area": city.county.code}
    for name in ("matters", "board", "heat"):
        page = text(boss.get(reverse(f"orders:{name}", query=here)))
        assert "信访转述" not in page
    assert all(not column.count for column in counts.board(city.city_office(), city.county, "", now()))
    checker = client(city, "inspector")
    assert checker.get(reverse("orders:matter", args=[row.pk])).status_code == 404
    assert "信访转述" in text(holder.get(reverse("orders:inbox")))  # who holds it sees the paraphrase


def test_board_and_heat_lead_to_the_lists_behind_their_numbers(city: Offices) -> None:
    who = city.official("李责任", city.education)
    rows = [city.issued(now(), title=f"第 {at} 件", official_id=who) for at in range(4)]
    for row, days in zip(rows, (2, 15, 30, -1), strict=True):
        late(row, days)
    recent.forget()
    columns = {each.key: each for each in counts.board(city.city_office(), city.county, "", now())}
    assert (columns["issued"].count, columns["issued"].late) == (4, 3)
    assert [card.matter.title for card in columns["issued"].cards] == ["第 2 件", "第 1 件", "第 0 件", "第 3 件"]
    units, whole = counts.units(city.city_office(), city.county, now())
    people = counts.people(city.city_office(), city.county, now())
    assert [list(each.counts) for each in units] == [[1, 1, 1, 1, 0]]
    assert whole.late == 3
    assert [(each.name, each.late) for each in people] == [("李责任", 3)]
    boss = client(city, "city")
    page = text(boss.get(reverse("orders:heat", query={"area": city.county.code})))
    assert "李责任" in page
    for key, title in (("late_20", "第 2 件"), ("late_10", "第 1 件"), ("late", "第 0 件"), ("soon", "第 3 件")):
        asked = {"area": city.county.code, "holder": city.education, "due": key}
        found = text(boss.get(reverse("orders:matters", query=asked)))
        assert [each for each in range(4) if f"第 {each} 件" in found] == [int(title[2])]
    by_person = {"area": city.county.code, "official": who, "due": "overdue"}
    assert text(boss.get(reverse("orders:matters", query=by_person))).count("第 ") >= 3


def test_the_buttons_are_those_of_the_table(city: Offices) -> None:
    row = city.issued(now())
    address = reverse("orders:matter", args=[row.pk])
    act = {name: reverse("orders:act", args=[row.pk, name]) for name in ("receive", "verify", "reassign", "split")}
    holder, boss = text(client(city, "teacher").get(address)), text(client(city, "city").get(address))
    assert act["receive"] in holder
    assert act["reassign"] not in holder
    assert act["reassign"] in boss
    assert act["split"] in boss
    assert act["verify"] not in boss
    withdraw = reverse("orders:act", args=[row.pk, "withdraw"])
    assert client(city, "teacher").post(withdraw, {"note": "不归我", "seen": row.version}).status_code == 403


def test_what_a_form_gets_wrong_is_said_above_it(city: Offices) -> None:
    row = city.issued(now())
    boss = client(city, "city")
    extend = reverse("orders:act", args=[row.pk, "extend"])
    for limit in ("2026-13-45", "0000-00-00", "9999-12-31", "\0", "明天"):
        answer = boss.post(extend, {"seen": row.version, "limit": limit})
        assert answer.status_code == 400, limit
        assert 'role="alert"' in text(answer)
    answer = boss.post(reverse("orders:act", args=[row.pk, "reassign"]), {"holder": "没有这个局", "note": "改派"})
    assert answer.status_code == 404
    assert boss.post(reverse("orders:act", args=[row.pk, "nonsense"]), {}).status_code == 400
    merge = reverse("orders:act", args=[row.pk, "merge"])
    assert boss.post(merge, {"note": "重复", "into": "9" * 17}).status_code == 404
    script = "<script>alert(1)</script>"
    boss.post(reverse("orders:act", args=[row.pk, "withdraw"]), {"note": script, "seen": row.version})
    assert script not in text(boss.get(reverse("orders:matter", args=[row.pk])))


def test_drafting_for_several_holders_makes_one_part_each(city: Offices) -> None:
    boss = client(city, "city")
    given = {
        "kind": "directive", "title": "开展排查", "urgency": "ordinary", "issuer": city.issuer, "do": "issue",
        "holder": ["县教育局", "镇政府", ""], "official": ["", "", ""],
    }  # fmt: skip
    answer = boss.post(reverse("orders:new_matter", query={"area": city.county.code}), given)
    assert answer.status_code == 302
    whole = Matter.objects.get(parent=None)
    assert (whole.holder_id, whole.state) == (city.issuer, "issued")
    parts = set(Matter.objects.filter(parent=whole).values_list("holder_id", "state"))
    assert parts == {(city.education, "issued"), (city.township, "issued")}
    copied = MatterUnit.objects.filter(role="copied", watched=city.education)
    assert list(copied.values_list("organisation_id", flat=True)) == [city.discipline]
    wrong = boss.post(reverse("orders:new_matter", query={"area": city.county.code}), given | {"title": ""})
    assert wrong.status_code == 400
    assert "县教育局" in text(wrong)  # what was typed stays
    twice = given | {"holder": ["县教育局", "县教育局"]}
    assert boss.post(reverse("orders:new_matter", query={"area": city.county.code}), twice).status_code == 400


def test_a_bulk_act_is_looked_at_first_and_done_to_exactly_that(city: Offices) -> None:
    rows = [city.issued(now(), title=f"第 {at} 件") for at in range(3)]
    done = city.act(city.department(), "done", city.act(city.department(), "receive", rows[2], now()), now(), note="完")
    boss = client(city, "city")
    query = {"area": city.county.code, "act": "withdraw", "which": "all", "kind": "problem"}
    address = reverse("orders:bulk", query=query)
    shown = boss.get(address)
    preview = shown.context["preview"]
    assert [row.pk for row in preview.matters] == [rows[0].pk, rows[1].pk]
    assert "已报结" in text(shown)
    form = {"digest": preview.digest, "note": "重复立项"}
    city.act(city.department(), "receive", rows[0], now())
    assert boss.post(address, form).status_code == 400  # somebody acted meanwhile
    form["digest"] = boss.get(address).context["preview"].digest
    assert boss.post(address, form).status_code == 302
    assert list(Matter.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "withdrawn", done.state]
    assert boss.get(reverse("orders:bulk", query=query | {"act": "close"})).status_code == 400


def test_the_preview_of_a_bulk_act_says_holder_and_last_day_as_the_matter_does(city: Offices) -> None:
    row = city.issued(now())
    boss = client(city, "city")
    query = {"area": city.county.code, "act": "withdraw", "which": "all", "kind": "problem"}
    day = limits.day_of(row.limit_at)
    assert f"{day:%Y-%m-%d}" in text(boss.get(reverse("orders:matter", args=[row.pk])))
    shown = text(boss.get(reverse("orders:bulk", query=query)))
    assert f"{day:%Y-%m-%d}" in shown
    assert names.offices([row.holder_id])[row.holder_id] in shown.split("<tbody>")[1].split("</tbody>")[0]


def test_a_bulk_act_upon_nothing_ticked_leads_back_to_the_list_with_its_conditions(city: Offices) -> None:
    boss = client(city, "city")
    query = {"area": city.county.code, "act": "withdraw", "which": "ticked", "kind": "problem"}
    back = boss.get(reverse("orders:bulk", query=query), follow=True)
    assert back.redirect_chain == [
        (reverse("orders:matters", query={"area": city.county.code, "kind": "problem"}), 302)
    ]
    assert "没有勾选事项" in text(back)


@pytest.mark.django_db(transaction=True)
def test_merging_many_as_a_job(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from tuopin.orders.board import bulk
    from tuopin.platform import worker

    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    rows = [city.issued(now(), title=f"同一件事 {at}") for at in range(4)]
    boss = client(city, "city")
    ids = [row.pk for row in rows[1:]]
    address = reverse("orders:bulk", query={"area": city.county.code, "act": "merge", "which": "ticked", "id": ids})
    form = {"digest": boss.get(address).context["preview"].digest, "note": "同一件事", "into": rows[0].pk}
    answer = boss.post(address, form)
    assert "/jobs/" in answer["Location"]
    worker.work(threading.Event(), until_empty=True)
    assert set(Matter.objects.filter(pk__in=ids).values_list("state", "into_id")) == {("merged", rows[0].pk)}


def test_queries_do_not_grow_with_the_rows(
    city: Offices, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for at in range(12):
        late(city.issued(now(), title=f"第 {at} 件"), at - 4)
    boss = client(city, "city")
    here = {"area": city.county.code}
    row = Matter.objects.latest("pk")
    addresses = [
        reverse("orders:inbox"), reverse("orders:board", query=here), reverse("orders:heat", query=here),
        reverse("orders:matters", query=here), reverse("orders:matter", args=[row.pk]),
        reverse("orders:new_matter", query=here),
        reverse("orders:bulk", query=here | {"act": "extend", "which": "all"}),
    ]  # fmt: skip
    for address in addresses:
        recent.forget()
        boss.get(address)
        recent.forget()
        with django_assert_max_num_queries(20, info=address):
            assert boss.get(address).status_code == 200


def test_who_has_a_copy_alone_reads_no_reports_and_no_households(city: Offices) -> None:
    city.actor("watcher", "department", "organisation", city.discipline)
    home = city.here[0]
    row = city.issued(
        now(), kind="directive", title="开展排查", area_id=city.village.area_id,
        subjects=(SubjectRef("household", home.pk),),
    )  # fmt: skip
    row = city.act(city.department(), "receive", row, now())
    city.act(city.department(), "progress", row, now(), note="某户情况")
    address = reverse("orders:matter", args=[row.pk])
    page = text(client(city, "watcher").get(address))
    assert "开展排查" in page
    assert "某户情况" not in page
    assert home.code not in page
    whole = text(client(city, "city").get(address))
    assert "某户情况" in whole
    assert home.code in whole
