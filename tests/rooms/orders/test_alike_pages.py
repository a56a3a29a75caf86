"""Like for like on pages, through the API and as a job."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people import PASSWORD, signed_in
from rooms.orders.test_alike import BASE, ILL, WATER, now, query, with_health, without_water
from tuopin.orders.alike import answering, services
from tuopin.orders.models import AlikeQuestion, AlikeSubject, Matter
from tuopin.platform import evidence, worker
from tuopin.platform.access import grants_of
from tuopin.platform.api import tokens
from tuopin.platform.models import User
from tuopin.platform.problems import Problem
from tuopin.register.models import Household

if TYPE_CHECKING:
    from rooms.orders.office import Offices
    from tuopin.platform.access import Actor

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


def bearer(actor: Actor) -> dict[str, str]:
    """The header of a program that may do all that its person may give it."""
    held, allowed = [each.pk for each in grants_of(actor)], [each.name for each in tokens.offered(actor)]
    _row, secret = tokens.make_token(actor, "t", grants=held, permissions=allowed, days=1)
    return {"Authorization": f"Bearer {secret}"}


def test_like_for_like_through_the_api(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(now())
    client, heads = Client(), bearer(boss)
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


def test_programs_are_told_no_more_than_their_people(city: Offices) -> None:
    boss, row = with_health(city), city.issued(now(), area_id=city.city.area_id)
    services.search(boss, services.ask_query(boss, row.pk, query(city, ILL), now()).pk, now())
    client = Client()
    [told] = client.get(
        reverse("api:alike_of_matter", args=[row.pk]), headers=bearer(city.city_office("second"))
    ).json()
    assert (told["closed"], told["text"], told["counts"]) == (True, "", {})
    found = services.ask_words(boss, row.pk, services.Words("是否也有", (city.county.code,)), now())
    clerk, [one] = city.actor("clerk", "county", "area", city.county.area_id), found.subjects.all()
    answering.answer(clerk, found.pk, one.pk, answering.Answer(1, "", "档案室"), now())
    opened = answering.confirm(boss, found.pk, one.pk, None, now()).opened_id
    address = reverse("api:alike_subjects", args=[found.pk])
    [[mine], [asked]] = (client.get(address, headers=bearer(each)).json() for each in (clerk, boss))
    assert (mine["count"], mine["opened"]) == (1, None), "who was asked does not see the matter, nor what it opened"
    assert asked["opened"] == opened


def test_a_paper_is_for_who_reads_the_answer(city: Offices) -> None:
    """The county was asked too: what its township handed in went to the city."""
    boss, row = city.city_office(), city.issued(now(), area_id=city.city.area_id)
    asked = services.Words("是否也有", (city.county.code,), (city.township,))
    found = services.ask_words(boss, row.pk, asked, now())
    one = found.subjects.get(unit_id=city.township)
    town = signed_in(city.account("town", "department", "organisation", city.township))
    county = signed_in(city.account("clerk", "county", "area", city.county.area_id))
    form = {"do": "answer", "subject": one.pk, "count": "1", "paper": SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")}
    page = reverse("orders:alike_one", args=[found.pk])
    assert town.post(page, form).status_code == 302
    [paper] = evidence.of(answering.PAPER, [one.pk])
    address = reverse("orders:alike_paper", args=[found.pk, paper.pk])
    assert county.get(page).status_code == 200
    for reader in (town, signed_in(User.objects.get(username="city"))):
        answer = reader.get(address)
        assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
        answer.close()
    assert county.get(address).status_code == 404


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
    page, gone = Client(), city.account("gone", "county", "area", city.county.area_id)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert page.login(username="city", password=PASSWORD)
    with django_assert_max_num_queries(20):
        assert page.get(one).content.decode().count("没有账号，收不到") == 2
    city.account("clerk", "county", "area", city.county.area_id)
    assert page.get(one).content.decode().count("没有账号，收不到") == 1
    other = Client()
    assert other.login(username="head", password=PASSWORD)
    assert "没有账号" not in other.get(one).content.decode()
