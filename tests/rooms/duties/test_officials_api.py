"""Officials, organisations and duties by programs: what the pages can do, within the token's grants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from officials import assigned
from rooms.duties.place import Place
from tuopin.duties.models import Assignment, Term
from tuopin.platform.access import grants_of
from tuopin.platform.api import limits, tokens
from tuopin.register import cards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

DAY = "2019-05-01"


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limits.RATE.forget()
    yield
    limits.RATE.forget()


@pytest.fixture
def place() -> Place:
    made = Place()
    cards.refresh_all()
    return made


class Caller:
    """A program with all that its owner may do."""

    def __init__(self, actor: Actor) -> None:
        grants, may = [each.pk for each in grants_of(actor)], [each.name for each in tokens.offered(actor)]
        secret = tokens.make_token(actor, "test", grants=grants, permissions=may, days=1)[1]
        self._headers = {"host": "localhost", "Authorization": f"Bearer {secret}"}
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, status: int = 200, **query: str) -> Any:
        return self._said(self._client.get(f"/api/{path}", query, headers=self._headers), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        answer = self._client.post(f"/api/{path}", json.dumps(body), "application/json", headers=self._headers)
        return self._said(answer, status)

    def _said(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.content
        return answer.json()


def test_from_an_organisation_to_a_duty_handed_over(place: Place) -> None:
    clerk = Caller(place.clerk())
    area = place.county.code
    office = clerk.post("organisations", {"name": "县财政局", "kind": "department", "area": area, "day": DAY})["id"]
    post = clerk.post("posts", {"organisation": office, "title": "局长", "level": "township", "day": DAY})["id"]
    people = [{"name": "张伟", "phone": "1"}, {"name": "李娜", "phone": "2"}]
    first, second = clerk.post("officials", {"area": area, "day": DAY, "officials": people})["ids"]
    clerk.post("terms", {"official": first, "post": post, "day": DAY})
    wanted = [{"target": each.code, "official": first} for each in place.here[:2]]
    begun = {"on": "household", "role": "helper", "day": DAY, "assignments": wanted}
    ids = clerk.post("duties", begun)["ids"]
    assert clerk.post("duties", begun, 400)["code"] == "already_held"
    one = clerk.get(f"officials/{first}", on=DAY)
    assert [each["post"] for each in one["terms"]] == ["局长"]
    assert sorted(each["household"] for each in one["duties"]) == [each.code for each in place.here[:2]]
    listed = clerk.get("officials", area=area)
    assert {row["name"] for row in listed["rows"]} == {"张伟", "李娜"}
    assert [row["name"] for row in clerk.get("organisations", area=area)["rows"]] == ["县财政局"]
    missing = clerk.get("duties/gaps", area=area, on=DAY)
    assert missing[0]["roles"]["helper"] == {"needed": 6, "missing": 4}
    assert clerk.get("duties/watching", area=area, on=DAY)[0]["categories"]["below_guide_line"] is None
    later = {"day": "2019-06-01", "leaving": first}
    assert clerk.post("duties/handover", {"to": {str(ids[0]): second}} | later, 400)["code"] == "open_duties"
    clerk.post("duties/handover", {"to": {str(key): second for key in ids}} | later)
    assert Term.objects.get().valid_to is not None
    open_now = list(Assignment.objects.filter(valid_to=None).values_list("pk", flat=True))
    assert clerk.post("duties/end", {"ids": open_now, "day": "2019-07-01"}, 200) == {"ended": 2}


def test_beyond_the_grants_there_is_nothing(place: Place) -> None:
    clerk = Caller(place.clerk())
    theirs = assigned("赵敏", household=place.there[0])
    clerk.get(f"officials/{theirs.official_id}", 404, on=DAY)
    clerk.get("duties/gaps", 404, area=place.other.code, on=DAY)
    clerk.get("duties/watching", 404, area=place.other.code, on=DAY)
    clerk.post("duties/end", {"ids": [theirs.pk], "day": DAY}, 404)
    clerk.post("organisations", {"name": "x", "kind": "department", "area": place.other.code, "day": DAY}, 404)
    wanted = [{"target": place.there[1].code, "official": theirs.official_id}]
    clerk.post("duties", {"on": "household", "role": "helper", "day": DAY, "assignments": wanted}, 404)
    assert clerk.get("officials", area=place.county.code)["rows"] == []
    assert Assignment.objects.count() == 1


def test_a_target_that_stands_twice_is_refused(place: Place) -> None:
    clerk = Caller(place.clerk())
    people = {"area": place.county.code, "day": DAY, "officials": [{"name": "张伟"}, {"name": "李娜"}]}
    wanted = [{"target": place.here[0].code, "official": who} for who in clerk.post("officials", people)["ids"]]
    body = {"on": "household", "role": "assistant", "day": DAY, "assignments": wanted}
    assert clerk.post("duties", body, 400)["code"] == "twice_in_one"
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"on": "village", "role": "helper", "day": DAY, "assignments": [{"target": "x", "official": 1}]},
        {"on": "household", "role": "helper", "day": "0001-01-01", "assignments": [{"target": "x", "official": 1}]},
        {"on": "household", "role": "helper", "day": DAY, "assignments": []},
        {"on": "household", "role": "helper", "day": DAY, "assignments": [{"target": "x", "official": 10**20}]},
        {"on": "household", "role": "first_secretary", "day": DAY, "assignments": [{"target": "x", "official": 1}]},
        {"on": "household", "role": "\u0000", "day": DAY, "assignments": [{"target": "\u0000", "official": 1}]},
    ],
)
def test_wrong_bodies_are_refused(place: Place, body: dict[str, Any]) -> None:
    clerk = Caller(place.clerk())
    answer = clerk._client.post("/api/duties", json.dumps(body), "application/json", headers=clerk._headers)
    assert 400 <= answer.status_code < 500, answer.content
