"""The pages of signs, their panel, inbox, API and list: what is shown to whom, and by how many statements."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import MONDAY, at
from rooms.orders.test_hung_signs import Hung
from tuopin.core.supervision import last_working_day, monday_of
from tuopin.duties.permissions import VIEW_OFFICIAL
from tuopin.orders.hung import items, measuring, services
from tuopin.orders.hung.items import Asked
from tuopin.orders.hung.measuring import Criterion
from tuopin.orders.models import HungItem, HungSign
from tuopin.orders.permissions import HANDLE, HANG, VIEW
from tuopin.platform import working_days
from tuopin.platform.access import actor_for, grants_of, may
from tuopin.platform.api import tokens
from tuopin.platform.models import AuditEntry, User
from tuopin.register.permissions import VIEW_AREA

if TYPE_CHECKING:
    from django.http import HttpResponseBase

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>"


@pytest.fixture
def city() -> Hung:
    made = Hung()
    made.city_office()
    made.county_office()
    return made


def text(answer: HttpResponseBase, status: int = 200) -> str:
    found = answer.content.decode()  # type: ignore[attr-defined]  # none of these is streamed
    assert answer.status_code == status, found[-1500:]
    return str(found)


def client(name: str) -> Client:
    return signed_in(User.objects.get(username=name))


def program(name: str) -> Client:
    """A program that reads and writes for an account."""
    who = actor_for(User.objects.get(username=name))
    allowed = [each for each in (VIEW, HANDLE, HANG, VIEW_AREA, VIEW_OFFICIAL) if may(who, each)]
    _row, secret = tokens.make_token(who, "t", grants=[each.pk for each in grants_of(who)], permissions=allowed, days=1)
    return Client(headers={"authorization": f"Bearer {secret}"})


def due_day() -> datetime.date:
    """A working day ahead."""
    monday = monday_of(timezone.localdate()) + datetime.timedelta(weeks=1)
    days = (last_working_day(monday + datetime.timedelta(weeks=at_), working_days.calendar()) for at_ in range(9))
    return next(day for day in days if day is not None)


def form(city: Hung, **more: str) -> dict[str, str]:
    return {
        "target": "area", "office": str(city.issuer), "supervisor": "督战甲", "holder": "县政府", "title": "挂一块牌",
        "reason": "问题多", "criterion-late": "1", "bound-late": "0", "criterion-weeks": "1", "bound-weeks": "2",
    } | more  # fmt: skip


def test_from_hanging_to_coming_off(city: Hung) -> None:
    boss, here = client("city"), {"area": city.county.code}
    assert "挂牌" in text(boss.get(reverse("orders:hang", query=here)))
    wrong = text(boss.post(reverse("orders:hang", query=here), form(city, reason="", title=HOSTILE)), 400)
    assert "<script>alert(1)" not in wrong
    answer = boss.post(reverse("orders:hang", query=here), form(city, title=HOSTILE))
    assert answer.status_code == 302
    row = HungSign.objects.get()
    assert row.criteria == [{"kind": "late", "bound": 0}, {"kind": "weeks", "bound": 2}]
    twice = text(boss.post(reverse("orders:hang", query=here), form(city)), 400)
    assert "已有一块" in twice
    page = reverse("orders:hung_sign", args=[row.pk])
    assert "<script>alert(1)" not in text(boss.get(page))
    asked = boss.post(page, {"do": "ask", "words": ["报名单", "", HOSTILE], "due": due_day().isoformat(), "weeks": "1",
                             "seen": "1"})  # fmt: skip
    assert asked.status_code == 302
    first, _second = HungItem.objects.order_by("pk")
    clerk = client("answers")
    assert "报名单" in text(clerk.get(page))
    file = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 x")
    text(clerk.post(page, {"do": "answer", "item": str(first.pk), "note": "", "paper": file}), 400)
    file = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 x")
    done = clerk.post(page, {"do": "answer", "item": str(first.pk), "note": "已报", "paper": file})
    assert done.status_code == 302
    shown = text(clerk.get(page))
    assert "证明.pdf" in shown
    [number] = re.findall(r"/orders/hung/\d+/papers/(\d+)/", shown)
    saved = clerk.get(reverse("orders:hung_paper", args=[row.pk, number]))
    assert saved["Content-Disposition"].startswith("attachment")
    assert b"".join(saved.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]  # it is streamed
    saved.close()
    assert clerk.post(page, {"do": "accept", "item": str(first.pk)}).status_code == 403
    chief = client("chief")
    assert chief.post(page, {"do": "accept", "item": str(first.pk), "note": "属实"}).status_code == 302
    assert HungItem.objects.get(pk=first.pk).state == "accepted"
    unmet = text(boss.post(page, {"do": "off", "note": "", "seen": str(row.version)}), 400)
    assert "还有标准没有达到" in unmet
    assert boss.post(page, {"do": "off", "note": "省里同意", "seen": str(row.version)}).status_code == 302
    assert "省里同意" in text(boss.get(page))
    assert "报名单" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    "given",
    [
        {}, {"do": "nothing"}, {"do": "ask"}, {"do": "ask", "words": "x", "due": "0000-00-00"},
        {"do": "ask", "words": "x", "due": "9999-12-31"}, {"do": "ask", "words": "x", "due": "明天", "weeks": "x"},
        {"do": "ask", "words": "x" * 400, "due": "2030-01-02"}, {"do": "off", "seen": "9" * 30},
        {"do": "hand", "supervisor": "\0", "note": "x"}, {"do": "hand", "supervisor": "没有这人", "note": "x"},
        {"do": "withdraw", "note": "\0 "}, {"do": "withdraw", "note": "x" * 5000},
    ],
)  # fmt: skip
def test_forms_of_any_shape_are_refused(city: Hung, given: dict[str, str]) -> None:
    row = city.hang(timezone.now())
    text(client("city").post(reverse("orders:hung_sign", args=[row.pk]), given), 400)


@pytest.mark.parametrize("item", ["", "0", "9" * 17, "9" * 30, "x", "-1"])
def test_an_item_that_is_not_there(city: Hung, item: str) -> None:
    row = city.hang(timezone.now())
    for do in ("answer", "accept", "return", "drop"):
        answer = client("city").post(reverse("orders:hung_sign", args=[row.pk]), {"do": do, "item": item, "note": "x"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"office": "x"}, {"office": ""}, {"supervisor": ""}, {"holder": ""}, {"target": "matter", "matter": "x"},
        {"bound-late": "-1"}, {"bound-late": "9" * 30}, {"bound-late": "１"}, {"bound-weeks": ""},
        {"criterion-zero": "1", "bound-zero": "0000-01-01"}, {"criterion-zero": "1"}, {"target": "node", "node": "\0"},
        {"target": "group", "source": "x" * 100}, {"target": "x" * 100}, {"title": "x" * 500},
    ],
)  # fmt: skip
def test_what_cannot_be_hung_is_said(city: Hung, more: dict[str, str]) -> None:
    answer = client("city").post(reverse("orders:hang", query={"area": city.county.code}), form(city, **more))
    assert answer.status_code in {400, 404}
    assert not HungSign.objects.exists()


def test_outside_and_not_there_look_alike(city: Hung) -> None:
    row = city.hang(timezone.now())
    city.account("other", "county", "area", city.other.area_id)
    other = client("other")
    mine = other.get(reverse("orders:hung_sign", args=[row.pk]))
    nothing = other.get(reverse("orders:hung_sign", args=[99_999]))
    assert (mine.status_code, nothing.status_code) == (404, 404)
    assert row.title not in text(other.get(reverse("orders:hung", query={"area": city.other.code})))
    assert other.get(reverse("orders:hung", query={"area": city.county.code})).status_code == 404
    assert other.get("/orders/hung/99999999999999999999/").status_code == 404


def test_pages_read_a_fixed_number_of_statements(city: Hung, django_assert_max_num_queries: object) -> None:
    now = timezone.now()
    row = city.hang(now)
    lines = [Asked(f"第 {at_} 项", due_day(), 4) for at_ in range(15)]
    for item in items.ask(city.city_office(), row.pk, lines, now)[:20]:
        items.answer(city.county_office(), item.pk, "已报", now, reference="档案室")
    boss = client("city")
    boss.get(reverse("orders:inbox"))
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        text(boss.get(reverse("orders:hung_sign", args=[row.pk])))
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        text(boss.get(reverse("orders:hung", query={"area": city.county.code})))
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        text(boss.get(reverse("orders:hang", query={"area": city.county.code})))


def test_the_inbox_says_what_waits(city: Hung) -> None:
    now = timezone.now()
    row = city.hang(now)
    item = items.ask(city.city_office(), row.pk, [Asked("报名单", due_day())], now)[0]
    assert "报名单" not in text(client("answers").get(reverse("orders:inbox"))), "it is due in the week after"
    HungItem.objects.filter(pk=item.pk).update(by=timezone.localdate() - datetime.timedelta(days=3))
    assert "过期 3 天" in text(client("answers").get(reverse("orders:inbox")))
    assert "报名单" not in text(client("chief").get(reverse("orders:inbox")))
    items.answer(city.county_office(), item.pk, "已报", now, reference="档案室")
    assert "报名单" in text(client("chief").get(reverse("orders:inbox")))
    assert "报名单" not in text(client("answers").get(reverse("orders:inbox")))


def test_the_area_says_what_hangs_there(city: Hung) -> None:
    row = city.hang(timezone.now())
    address = reverse("console:area", args=[city.county.code])
    assert row.title in text(client("city").get(address))
    assert "下级" in text(client("city").get(reverse("console:area", args=[city.city.code])))
    assert row.title not in text(client("city").get(reverse("console:area", args=[city.other.code])))


def test_a_matter_says_what_hangs_over_it(city: Hung) -> None:
    one = city.issued(timezone.now())
    page = reverse("orders:matter", args=[one.pk])
    link = reverse("orders:hang", query={"area": city.county.code, "matter": one.pk})
    boss = client("city")
    assert link.replace("&", "&amp;") in text(boss.get(page))
    assert f"№ {one.pk}" in text(boss.get(link))
    given = form(city, target="matter", matter=str(one.pk), holder="")
    assert boss.post(link, given).status_code == 302
    shown = text(boss.get(page))
    assert "挂一块牌" in shown
    assert link.replace("&", "&amp;") not in shown


def test_by_programs(city: Hung) -> None:
    boss, json = program("city"), "application/json"
    body = {
        "area": city.county.code, "office": city.issuer, "holder": city.government, "supervisor": city.supervisor,
        "title": "挂牌", "reason": "问题多", "criteria": [{"kind": "zero", "bound": "2030-06-30"}],
    }  # fmt: skip
    made = boss.post("/api/hung", body, content_type=json)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    found = boss.get(f"/api/hung/{number}").json()
    assert (found["state"], found["criteria"][0]["verdict"]) == ("hanging", "met")
    assert boss.post("/api/hung", body, content_type=json).status_code == 400
    wrong = body | {"criteria": [{"kind": "late", "bound": "2030-06-30"}]}
    assert boss.post("/api/hung", wrong, content_type=json).status_code == 400
    item = items.ask(city.city_office(), number, [Asked("报名单", due_day())], timezone.now())[0]
    said = {"text": "已报", "reference": "档案室"}
    assert boss.post(f"/api/hung/items/{item.pk}/answer", said, content_type=json).status_code == 403
    assert program("answers").post(f"/api/hung/items/{item.pk}/answer", said, content_type=json).status_code == 200
    assert boss.get("/api/hung/99999").status_code == 404
    listed = boss.get("/api/hung", {"area": city.county.code})
    assert listed.status_code == 200
    assert listed.json()["rows"][0]["waiting"] == 1


def test_households_are_told_to_those_who_see_verdicts(city: Hung, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clerk of the unit that answers sees the sign by that unit, and no verdict of the county."""
    monkeypatch.setattr(measuring.Measure, "unmet", lambda _self: (7913, 2, MONDAY))
    row = city.hang(at(MONDAY), criteria=(Criterion("late"), Criterion("unmet", 7914)))
    assert row.figures["unmet"] == [7913, 2, "2018-06-11"]
    address = reverse("orders:hung_sign", args=[row.pk])
    seen = text(client("city").get(address))
    assert "7913 (+2 ?)" in seen
    assert "7913–7915 户" in seen
    clerk = client("answers")
    for off in (False, True):
        if off:
            services.take_off(city.city_office(), row.pk, "够了", at(MONDAY))
        told = text(clerk.get(address))
        assert "7913" not in told
        assert "7914" in told, "what must be reached is told to who must reach it"
        document = program("answers").get(f"/api/hung/{row.pk}")
        assert document.status_code == 200
        assert "7913" not in document.content.decode()
