"""Like for like on pages, through the API and as a job."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from people import PASSWORD
from rooms.orders.test_alike import BASE, ILL, WATER, now, query, without_water
from tuopin.orders.alike import services
from tuopin.orders.models import AlikeQuestion, AlikeSubject, Matter
from tuopin.platform import worker
from tuopin.platform.access import grants_of
from tuopin.platform.api import tokens
from tuopin.platform.problems import Problem
from tuopin.register.models import Household

if TYPE_CHECKING:
    from rooms.orders.office import Offices

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> Offices:
    return without_water()


def test_the_pages(city: Offices, django_assert_max_num_queries: Any) -> None:
    city.city_office()
    page, row = Client(), city.issued(now(), title="饮水不安全")
    assert page.login(username="city", password=PASSWORD)
    here = reverse("orders:alike", args=[row.pk])
    with django_assert_max_num_queries(20):
        text = page.get(here).content.decode()
    assert "water_safe" in text
    assert "按条件查找" in text
    form = {"do": "query", "base": "/".join(BASE), "text": WATER, "area": city.county.code, "as_part": "part"}
    bad = page.post(here, form | {"text": "watersafe"})
    assert bad.status_code == 400
    assert "water_safe" in bad.content.decode()
    assert page.post(here, form | {"text": ILL}).status_code == 403
    made = page.post(here, form)
    found = AlikeQuestion.objects.get()
    assert made["Location"] == reverse("orders:alike_one", args=[found.pk])
    one = reverse("orders:alike_one", args=[found.pk])
    with django_assert_max_num_queries(20):
        text = page.get(one).content.decode()
    assert city.here[0].code in text
    assert city.here[2].code not in text, "who is unknown stands in a group of its own"
    assert city.here[2].code in page.get(one, {"group": "unknown"}).content.decode()
    subject = found.subjects.order_by("pk")[0]
    for fields in ({"do": "exclude"}, {"do": "nothing"}, {"do": "confirm", "subject": "9" * 30}, {"do": "confirm"}):
        assert page.post(one, fields).status_code in {400, 404}
    assert page.post(one, {"do": "exclude", "subject": subject.pk, "note": "<b>不是</b>"}).status_code == 302
    text = page.get(one, {"group": "excluded"}).content.decode()
    assert "&lt;b&gt;不是" in text
    assert page.get(one, {"after": "10" * 20, "group": "x"}).status_code == 200
    assert page.get(reverse("orders:alike_mine")).status_code == 200
    other = Client()
    city.account("neighbour", "county", "area", city.other.area_id)
    assert other.login(username="neighbour", password=PASSWORD)
    assert other.get(here).status_code == 404
    assert other.get(one).status_code == 404
    assert other.post(one, {"do": "run"}).status_code == 404


def test_like_for_like_through_the_api(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(now())
    held = [each.pk for each in grants_of(boss)]
    allowed = [each.name for each in tokens.offered(boss)]
    _row, secret = tokens.make_token(boss, "t", grants=held, permissions=allowed, days=1)
    client, heads = Client(), {"Authorization": f"Bearer {secret}"}
    body = {"area": city.county.code, "pack": BASE[0], "standard": BASE[1], "text": WATER}
    here = reverse("api:alike_of_matter", args=[row.pk])
    made = client.post(here, body, content_type="application/json", headers=heads)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert client.post(here, body | {"text": ILL}, content_type="application/json", headers=heads).status_code == 403
    assert client.get(here, headers=heads).json()[0]["counts"]["left"] == 2
    found = client.get(reverse("api:alike_subjects", args=[number]), headers=heads).json()
    assert [each["unknown"] for each in found] == [False, False, True]
    said = {"subject": found[0]["id"], "answer": "confirmed"}
    address = reverse("api:answer_alike", args=[number])
    opened = client.post(address, said, content_type="application/json", headers=heads).json()["opened"]
    assert Matter.objects.get(pk=opened).parent_id == row.pk
    assert client.post(address, said, content_type="application/json", headers=heads).status_code == 400
    assert client.get(reverse("api:alike_subjects", args=[2**40]), headers=heads).status_code == 404


def test_many_are_looked_for_as_a_job(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 3)
    boss = city.city_office()
    row = services.ask_query(boss, city.issued(now()).pk, query(city), now())
    job = services.begin(boss, row.pk)
    assert job is not None
    assert services.begin(boss, row.pk) == job
    worker.work(threading.Event(), until_empty=True)
    assert AlikeSubject.objects.filter(question=row).count() == 3
    monkeypatch.setattr(services, "MOST", 2)
    with pytest.raises(Problem, match="too_many_alike"):
        services.search(boss, row.pk, now())
    assert Household.objects.exists()


def test_who_asks_sees_whom_the_question_does_not_reach(city: Offices, django_assert_max_num_queries: Any) -> None:
    """An area over which nobody has an account hears nothing and cannot answer: that is said, not waited for."""
    boss, row = city.city_office(), city.issued(now())
    city.department()
    city.official("局长", city.education, user=city.account("head", "department", "organisation", city.education))
    asked = services.Words("是否也有", (city.county.code, city.other.code), (city.education,))
    one = reverse("orders:alike_one", args=[services.ask_words(boss, row.pk, asked, now()).pk])
    page = Client()
    assert page.login(username="city", password=PASSWORD)
    with django_assert_max_num_queries(20):
        assert page.get(one).content.decode().count("没有账号，收不到") == 2
    city.account("clerk", "county", "area", city.county.area_id)
    assert page.get(one).content.decode().count("没有账号，收不到") == 1
    other = Client()
    assert other.login(username="head", password=PASSWORD)
    assert "没有账号" not in other.get(one).content.decode()
