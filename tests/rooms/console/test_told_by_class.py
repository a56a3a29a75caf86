"""What is said of fields whose class is closed: that there is something, never what it is about."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import User
from tuopin.platform.panels import gather
from tuopin.register import selectors
from tuopin.register.correcting import waivers
from tuopin.register.correcting.naming import A_FIELD, AN_ISSUE
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.models import DataIssue, Household, Membership, PersonCondition, Residence
from tuopin.register.models.blocks import Source
from tuopin.register.timeline import events

if TYPE_CHECKING:
    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

DAY = datetime.date(2018, 12, 1)
HEALTH = "健康状况"


def opened(city: City, **more: Any) -> DataIssue:
    """A data issue of the first household."""
    home = Residence.objects.get(household__code=city.ours[0], valid_to=None)
    given: dict[str, Any] = {
        "code": "bad_code", "kind": "household_person", "subject": city.ours[0], "area_id": home.area_id,
        "column": HEALTH, "value": "瞎写", "recorded_at": timezone.now(),
    }  # fmt: skip
    return DataIssue.objects.create(**given | more)


def corrected(city: City) -> None:
    """The health of somebody in the first household, and the household's telephone and wages."""
    key = Household.objects.get(code=city.ours[0]).pk
    person = Membership.objects.filter(household_id=key, valid_to=None).order_by("person_id")[0].person_id
    now = PersonCondition.objects.filter(person_id=person, superseded_at=None).order_by("-as_of")[0].health
    changes = [
        Change("person", person, "health", "chronic" if now != "chronic" else "healthy"),
        Change("household", key, "phone", "13800001111"),
        Change("household", key, "wage", 123_400),
    ]
    correct(local_admin(), changes, Why(as_of=DAY, source=Source.VISIT, reason="入户核实", origin="form"))


def test_the_time_line_names_only_fields_of_open_classes(city: City, login: Login) -> None:
    corrected(city)
    said: dict[str, list[str]] = {}
    for name in ("county", "leader", "helper"):
        answer = login(name).get(f"/households/{city.ours[0]}/")
        said[name] = [each.title.zh for each in answer.context["events"] if each.kind == "correction"]
    assert sorted(said["county"]) == sorted([f"入户走访：{HEALTH}", "入户走访：联系电话", "入户走访：工资性收入"])
    assert sorted(said["leader"]) == sorted([f"入户走访：{A_FIELD.zh}"] * 2 + ["入户走访：工资性收入"])
    assert sorted(said["helper"]) == sorted([f"入户走访：{HEALTH}", f"入户走访：{A_FIELD.zh}", "入户走访：工资性收入"])
    placed = selectors.household(local_admin(), city.ours[0])
    assert any(each.title.en.endswith(A_FIELD.en) for each in events(placed, frozenset()))


def test_issues_are_named_by_class_on_the_list_the_panel_and_the_overview(city: City, login: Login) -> None:
    opened(city)
    opened(city, code="disability_not_in_register", kind="list_disability", column="持证残疾人名单", value="")
    opened(city, column="自编表头一百", code="bad_number")
    opened(city, column="家庭人均纯收入", code="bad_number", kind="household_person")
    names = {HEALTH, "持证残疾人名单", "自编表头一百", "持残疾证，登记健康状况无残疾"}
    shown: dict[str, dict[str, str]] = {}
    for name in ("county", "leader"):
        client = login(name)
        query = f"?area={city.township.code}"
        shown[name] = {
            "list": client.get(f"/register/issues/list/{query}&subject={city.ours[0]}").content.decode(),
            "overview": client.get(f"/register/issues/{query}").content.decode(),
            "page": client.get(f"/households/{city.ours[0]}/").content.decode(),
        }
    for where, page in shown["leader"].items():
        found = {each for each in names if f"<td>{each}" in page or f"· {each}" in page or f"<strong>{each}" in page}
        assert not found, where
    assert A_FIELD.zh in shown["leader"]["list"]
    assert AN_ISSUE.zh in shown["leader"]["list"]
    assert AN_ISSUE.zh in shown["leader"]["page"]
    assert "不分类列出" in shown["leader"]["overview"]
    assert "持残疾证" not in shown["leader"]["overview"]
    # one class more, and it is named: the test sees where names would stand
    county = actor_for(User.objects.get(username="county"))
    assert "持残疾证，登记健康状况无残疾" in shown["county"]["list"]
    assert "持残疾证，登记健康状况无残疾" in shown["county"]["page"]
    assert HEALTH in shown["county"]["list"]
    assert "自编表头一百" not in shown["county"]["list"], "it may be of any class"
    assert waivers.issues(county, None).count() >= 4


def test_what_is_not_named_cannot_be_looked_for_either(city: City, login: Login) -> None:
    opened(city, code="disability_not_in_register", kind="list_disability", column="持证残疾人名单", value="")
    area, code = city.township.code, "disability_not_in_register"
    paths = [
        f"/register/issues/list/?area={area}&code={code}",
        f"/areas/{area}/households/?issue={code}",
    ]
    for path in paths:
        assert login("leader").get(path).status_code == 400, path
        assert login("county").get(path).status_code == 200, path
    for sort in ("code", "column"):
        assert login("leader").get(f"/register/issues/list/?area={area}&sort={sort}").status_code == 400
    assert login("clerk").get(f"/register/issues/{code}/correct/?area={area}").status_code == 404
    assert login("county").get(f"/register/issues/{code}/correct/?area={area}").status_code == 200


def test_waived_issues_stand_as_waived_on_the_household(city: City, login: Login) -> None:
    DataIssue.objects.filter(subject=city.ours[0]).update(closed_at=timezone.now())
    waived, other = opened(city, column="", value=""), opened(city, code="no_head", column="", value="")
    until = timezone.localdate() + datetime.timedelta(days=30)
    waivers.waive(local_admin(), [waived.pk], "已当面核实", until)
    page = login("county").get(f"/households/{city.ours[0]}/").content.decode()
    assert f"已核实无误，至 {until.isoformat()}" in page
    assert page.count("已核实无误，至") == 1
    placed = selectors.household(local_admin(), city.ours[0])
    panel = next(each for each in gather("household", local_admin(), placed, DAY) if each.key == "issues")
    rows = panel.content["rows"]
    assert [(row.issue.pk, row.waived) for row in rows] == [(other.pk, None), (waived.pk, until)]
    waivers.end(local_admin(), [waived.pk])
    assert "已核实无误，至" not in login("county").get(f"/households/{city.ours[0]}/").content.decode()
    assert isinstance(rows[0].title, Title)
