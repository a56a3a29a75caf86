"""Matters on the pages of areas and households, through the API, when areas or households change."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import Offices
from tuopin.orders import area_uses, intake
from tuopin.orders.board import panels
from tuopin.orders.models import AlikeQuestion, AlikeSubject, HungSign, Matter
from tuopin.orders.permissions import HANDLE, ISSUE, VIEW
from tuopin.orders.services import SubjectRef
from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import tokens
from tuopin.platform.lists import recent
from tuopin.platform.models import User
from tuopin.register import selectors as register
from tuopin.register.models import Area, Household, Person
from tuopin.register.permissions import VIEW_AREA

pytestmark = pytest.mark.django_db
SOMETHING = 987_654_321
NOT_ASKED_OF_AREAS = {
    "orders.LedgerEntry.keeper": "the county whose ledger a line stands in: the line is of a matter, which is asked",
}


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def test_the_page_of_an_area_says_what_is_late_and_who_holds_it(city: Offices) -> None:
    row = city.issued(timezone.now())
    Matter.objects.filter(pk=row.pk).update(limit_at=timezone.now() - timedelta(days=5))
    [panel] = panels.area_panels(city.city_office(), city.county, timezone.localdate())
    assert [count for _title, count, _href in panel.content["lines"]] == [1, 0, 1]  # type: ignore[attr-defined]
    assert [unit.name for unit, _href in panel.content["worst"]] == ["县教育局"]  # type: ignore[attr-defined]
    assert panels.area_panels(city.city_office(), city.other, timezone.localdate()) == []
    assert panels.area_panels(city.department(), city.county, timezone.localdate()) == []


def test_the_page_of_a_household_names_problems_and_never_petitions(
    city: Offices, django_assert_max_num_queries: Any
) -> None:
    about = (SubjectRef("household", city.here[0].pk),)
    row = city.issued(timezone.now(), title="屋顶漏水", area_id=city.village.area_id, subjects=about)
    petition = city.issued(timezone.now(), title="上访", area_id=city.village.area_id, subjects=about)
    Matter.objects.filter(pk=petition.pk).update(kind="petition")
    clerk = actor_for(city.user())
    placed = register.household(clerk, city.here[0].code)
    with django_assert_max_num_queries(5):  # grants and their areas twice, which a page reads once, besides the panel
        [panel] = panels.household_panels(clerk, placed)
    assert [each.pk for each, _state, _due in panel.content["rows"]] == [row.pk]  # type: ignore[attr-defined]


def _columns(target: Any) -> dict[str, tuple[str, str]]:
    return {
        f"{model._meta.label}.{field.name}": (model._meta.db_table, field.column)
        for model in apps.get_app_config("orders").get_models()
        for field in model._meta.local_fields
        if field.related_model is target
    }


def _unasked(question: Any, *targets: Any) -> set[str]:
    with CaptureQueriesContext(connection) as captured:
        assert list(question()) == []
    said = [each["sql"] for each in captured.captured_queries]
    every = {name: found for target in targets for name, found in _columns(target).items()}
    return {
        name
        for name, (table, column) in every.items()
        if not any(f'"{table}"."{column}"' in each and str(SOMETHING) in each for each in said)
    }


def test_who_changes_areas_or_undoes_events_is_told_of_matters() -> None:
    assert _unasked(lambda: area_uses.uses_of_areas([SOMETHING], []), Area) == set(NOT_ASKED_OF_AREAS)
    event: Any = SimpleNamespace(changes={"made": {"household": SOMETHING, "person": SOMETHING}})
    assert _unasked(lambda: intake.uses_of_event(event), Household, Person) == set()


@pytest.mark.parametrize(("source", "told"), [("audit", 3), ("petition", 0)])
def test_what_stands_over_a_matter_from_a_petition_is_not_counted_for_who_changes_areas(
    city: Offices, source: str, told: int
) -> None:
    now = timezone.now()
    made = city.issued(now, source=source)
    place = city.county.area_id
    HungSign.objects.create(
        area_id=place, target="matter", matter=made, title="牌", reason="逾期", office_id=city.issuer,
        holder_id=city.education, supervisor_id=city.official("督战人", city.issuer, "副主任"),
        hung_on=timezone.localdate(), criteria=[], figures={}, key=f"matter:{made.pk}", state="hanging",
    )  # fmt: skip
    for kind in ("query", "words"):
        asked = AlikeQuestion.objects.create(
            matter=made, kind=kind, area_id=place, text="类似问题", asked_at=now, actor="t", until=timezone.localdate()
        )
    AlikeSubject.objects.create(question=asked, area_id=place)
    words = ("块挂牌督战", "举一反三")
    found = [each for each in area_uses.uses_of_areas([place], []) if any(word in each.title.zh for word in words)]
    assert [each.count for each in found] == [1] * told


def test_one_matter_and_its_acts_through_the_api(city: Offices) -> None:
    row = city.issued(timezone.now(), title="接口")
    boss = actor_for(User.objects.get(username="city"))
    held = grants_of(boss)
    allowed = [VIEW, ISSUE, HANDLE, VIEW_AREA]
    _row, secret = tokens.make_token(boss, "t", grants=[each.pk for each in held], permissions=allowed, days=1)
    client, heads = Client(), {"Authorization": f"Bearer {secret}"}
    found = client.get(reverse("api:matter", args=[row.pk]), headers=heads).json()
    assert found["state"] == "issued"
    assert {"receive", "reassign", "withdraw"} <= set(found["acts"])
    body = {"act": "receive", "ids": [row.pk], "seen": [found["version"]]}

    def send(document: dict[str, Any], **more: str) -> Any:
        address = reverse("api:act_on_matters")
        return client.post(address, document, content_type="application/json", headers=heads | more)

    once = {"Idempotency-Key": "a" * 32}
    first, again = send(body, **once), send(body, **once)
    assert first.status_code == 200, first.content
    assert again.json() == first.json()
    assert send(body).status_code == 400  # made from an older version
    assert send(body | {"ids": [2**40], "seen": [1]}).status_code == 404
    assert client.get(reverse("api:matter", args=[2**40]), headers=heads).status_code == 404
    drafts = [{"kind": "problem", "title": "新问题", "area": city.county.code, "holder": city.education}]
    made = client.post(reverse("api:matter_list"), drafts, content_type="application/json", headers=heads)
    assert made.status_code == 201, made.content
    assert Matter.objects.get(pk=made.json()["ids"][0]).state == "draft"
    petition = [drafts[0] | {"kind": "petition", "urgency": "petition"}]
    refused = client.post(reverse("api:matter_list"), petition, content_type="application/json", headers=heads)
    assert refused.status_code == 400
    parts = client.get(reverse("api:matter_inbox"), headers=heads).json()
    assert {"draft"} <= {part["part"] for part in parts}
