"""Comparisons and moved lines through the API: by token, within the grants, withheld where few."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from console_city import City, restored
from people import account
from tuopin.platform import worker
from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import limits, tokens
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.models import ReadEntry, User
from tuopin.register.models import AreaVersion, Residence
from tuopin.standards.comparing import files

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

SIDE = {"pack": "shangqiu-2018", "standard": "household_exit", "on": "2018-12-01"}
OTHER = SIDE | {"parameters": {"poverty_line": "4200"}}


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    limits.RATE.forget()
    for each in files.folder().iterdir():
        each.unlink()
    yield restored(tmp_path_factory, households=150)
    limits.RATE.forget()


class Caller:
    """A program with a token that carries all that its owner may hand on."""

    def __init__(self, name: str) -> None:
        actor = actor_for(User.objects.get(username=name))
        chosen = [each.name for each in tokens.offered(actor)]
        grants = [each.pk for each in grants_of(actor)]
        self.secret = tokens.make_token(actor, "test", grants=grants, permissions=chosen, days=1)[1]
        self.client = Client(headers={"host": "localhost", "authorization": f"Bearer {self.secret}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/{path}", query)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api/{path}", body, content_type="application/json")


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def test_a_comparison_by_a_program(city: City) -> None:
    clerk = Caller("clerk")
    body = {"area": city.township.code, "a": SIDE, "b": OTHER}
    job = clerk.post("comparisons", body)
    assert job.status_code == 202, job.content
    number = job.json()["id"]
    assert clerk.get(f"comparisons/{number}").status_code == 404, "not done yet"
    work()
    assert set(clerk.get(f"jobs/{number}").json()["result"]) == {"href", "title_zh", "title_en"}, "no exact number"
    found = clerk.get(f"comparisons/{number}").json()
    assert found["what"] == "what-if"
    moved = {(each["before"], each["after"]): each["number"] for each in found["changes"]["income"]}
    assert sum(moved.values()) == len(city.ours)
    names = clerk.get(f"comparisons/{number}/changed", area=city.township.code, item="income").json()
    assert names["total"] == sum(number for (was, becomes), number in moved.items() if was != becomes) > 0
    assert set(names["codes"]) <= set(city.ours)
    readlog.drain()
    assert ReadEntry.objects.filter(what="standards.compared").count() == 1
    gone = names["codes"][0]
    elsewhere = AreaVersion.objects.filter(path__startswith=city.other.path, level="village")[0]
    with write():
        Residence.objects.filter(household__code=gone, valid_to=None).update(area_id=elsewhere.area_id)
    later = clerk.get(f"comparisons/{number}/changed", area=city.township.code, item="income").json()
    assert set(names["codes"]) - set(later["codes"]) == {gone}, "who has moved out of the grants is not named"
    assert later["total"] == names["total"]
    assert Caller("county").get(f"comparisons/{number}").status_code == 404
    assert Caller("clerk").get(f"comparisons/{number}").status_code == 404, "another token of the same person"
    assert clerk.get(f"comparisons/{number}", area=city.other.code).status_code == 404
    assert clerk.post("comparisons", body | {"area": city.other.code}).status_code == 404
    for wrong in (SIDE, SIDE | {"standard": "village_exit"}, SIDE | {"parameters": {"no_such": "1"}},
                  SIDE | {"parameters": {"poverty_line": "9" * 25}}, SIDE | {"on": "2999-01-01"}):  # fmt: skip
        assert clerk.post("comparisons", body | {"b": wrong}).status_code == 400, wrong
    many = {f"p{at}": "1" for at in range(10_000)}
    assert clerk.post("comparisons", body | {"b": SIDE | {"parameters": many}}).status_code in {400, 422}


def test_a_line_by_a_program(city: City) -> None:
    account("assessor", "assessor", city.township.code)
    clerk, assessor = Caller("clerk"), Caller("assessor")
    asked = {"area": city.township.code, "line": "3500"}
    assert clerk.get("line", **asked).status_code == 404
    assert clerk.post("line", {"area": city.township.code}).status_code == 202
    work()
    found = clerk.get("line", **asked).json()
    assert (found["what"], found["line"], found["in_force"]) == ("what-if", "3500", "2995")
    assert found["under"] >= found["under_in_force"]
    assert found["households"] == len(city.ours)
    told = assessor.get("line", **asked).json()
    assert all(
        value is None or value % 5 == 0 for key in ("households", "under", "become_not_met") for value in [told[key]]
    )
    assert assessor.get("line", area=city.township.code, line="3501").status_code == 400
    for wrong in ("x", "-1", "1e5", "0"):
        assert clerk.get("line", area=city.township.code, line=wrong).status_code == 400
    assert clerk.get("line", area=city.other.code, line="3500").status_code == 404
    assert clerk.get("line", area=city.township.code, pack="nowhere").status_code == 404
