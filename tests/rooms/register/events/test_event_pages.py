"""Pages of events and of the balance: forms with a preview, undoing, lists, periods, bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from people import account, signed_in
from rooms.register.events.steps import COUNTY, EAST_2, happen, house, members, one
from tuopin.platform.problems import Problem
from tuopin.register.models import Household, RegisterEvent, StatusPeriod

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]
DAY = "2019-03-01"
PAGE = "/register/events/household/9901/"


@pytest.fixture
def clerk() -> Client:
    return signed_in(account("clerk", "county", COUNTY))


def _form(**cells: object) -> dict[str, object]:
    return {"day": DAY, "reason": "村里报告", "then": "preview", **cells}


def test_preview_then_record(clerk: Client) -> None:
    form = _form(person=[one("990103")], head=one("990103"))
    seen = clerk.post(PAGE + "split/", form)
    text = seen.content.decode()
    assert seen.status_code == 200
    assert "张小" in text
    assert "9901-F1" in text
    assert "与原户相同" in text
    assert not RegisterEvent.objects.exists()
    done = clerk.post(PAGE + "split/", form | {"then": "record", "seen": seen.context["seen"]})
    assert done.status_code == 302
    assert members("9901-F1") == {"990103"}
    back = clerk.get(PAGE).content.decode()
    assert "分户" in back
    assert "9901-F1" in back
    clerk.post("/register/events/household/9901-F1/code/", {"code": "990177"})
    assert Household.objects.filter(code="990177").exists()
    number = RegisterEvent.objects.get().pk
    assert clerk.post(f"/register/events/{number}/undo/").status_code == 302
    assert members("9901") == {"990101", "990102", "990103"}
    assert "已撤销" in clerk.get(PAGE).content.decode()


@pytest.mark.parametrize(("kind", "cells"), [("merge", {}), ("marriage_out", {"person": True})])
def test_nobody_exits_by_joining_without_a_tick(clerk: Client, kind: str, cells: dict[str, object]) -> None:
    """Who is still poor was counted as exited from the day of the move on, and nobody was told."""
    StatusPeriod.objects.filter(household__code="9901", axis="registration").update(value="registered")
    form = _form(target="9902", **{name: [one("990103")] for name in cells})
    StatusPeriod.objects.filter(household__code="9902", axis="registration").update(value="registered")
    assert 'name="agreed"' not in clerk.post(f"{PAGE}{kind}/", form).content.decode()
    StatusPeriod.objects.filter(household__code="9902", axis="registration").update(value="exited")
    seen = clerk.post(f"{PAGE}{kind}/", form)
    assert seen.status_code == 200
    assert 'name="agreed"' in seen.content.decode()
    record = form | {"then": "record", "seen": seen.context["seen"]}
    refused = clerk.post(f"{PAGE}{kind}/", record)
    assert (refused.status_code, refused.context["problem"].code) == (400, "would_count_as_exited")
    assert not RegisterEvent.objects.exists()
    assert clerk.post(f"{PAGE}{kind}/", record | {"agreed": "1"}).status_code == 302
    assert "990103" in members("9902")


def test_back_to_the_form_keeps_what_was_filled_in(clerk: Client) -> None:
    form = _form(person=[one("990103")], head=one("990103"), then="edit", group="三组")
    text = clerk.post(PAGE + "split/", form).content.decode()
    assert 'value="三组"' in text
    assert f'value="{one("990103")}" checked' in text


def test_two_people_with_the_form_open(clerk: Client) -> None:
    other = signed_in(account("other", "township", "990101100000"))
    first = clerk.get(PAGE + "split/").context["seen"]
    second = other.get(PAGE + "move/").context["seen"]
    split = _form(person=[one("990103")], head=one("990103"), then="record", seen=first)
    assert clerk.post(PAGE + "split/", split).status_code == 302
    late = other.post(PAGE + "move/", _form(village="乙村委会", then="record", seen=second))
    assert late.status_code == 409
    assert RegisterEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("death", {}),
        ("death", {"person": ["x", "-1", "9" * 30, "99999999"]}),
        ("death", {"day": "昨天"}),
        ("death", {"day": "9999-99-99"}),
        ("birth", {"name": "x" * 5000, "birth": DAY}),
        ("birth", {"name": "新", "birth": "<script>"}),
        ("move", {"village": "' or 1=1 --"}),
        ("move", {"village": "乙村委会" * 1000}),
        ("merge", {"target": "../../etc"}),
        ("split", {"person": [str(each) for each in range(900)]}),
        ("other_out", {"reason": "", "person": ["1"]}),
    ],
)
def test_bad_input_is_refused_in_words(clerk: Client, kind: str, cells: dict[str, object]) -> None:
    answer = clerk.post(f"{PAGE}{kind}/", _form(**cells))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not RegisterEvent.objects.exists()


def test_hostile_text_is_text(clerk: Client) -> None:
    answer = clerk.post(PAGE + "moved_away/", _form(reason='<script>alert("1")</script>', then="record"))
    assert answer.status_code == 302
    for address in (PAGE, f"/register/events/?area={COUNTY}", "/households/9901/"):
        text = clerk.get(address, follow=True).content.decode()
        assert '<script>alert("1")' not in text
    export = clerk.post(f"/register/events/?area={COUNTY}", {"export": "csv", "query": ""})
    assert export.status_code in {200, 302}


def test_who_sees_what(clerk: Client) -> None:
    outside = signed_in(account("west", "township", "990101101000"))
    for path in (PAGE, PAGE + "death/"):
        assert outside.get(path).status_code == 404
        assert clerk.get(path).status_code == 200
    viewer = signed_in(account("viewer", "village", "990101100201"))
    assert viewer.get(PAGE).status_code == 403
    assert clerk.get(PAGE + "nothing/").status_code == 404
    assert clerk.get(f"{PAGE}merge/").status_code == 200
    hidden = outside.post("/register/events/household/9903/merge/", _form(target="9901"))
    missing = outside.post("/register/events/household/9903/merge/", _form(target="nobody"))
    assert hidden.status_code == missing.status_code == 400
    assert "没有找到接收的户" in hidden.content.decode()
    assert "没有找到接收的户" in missing.content.decode()


def test_the_list_of_an_area(clerk: Client) -> None:
    happen("death", DAY, "9901", "990102")
    happen("marriage_out", DAY, "9903", "990302", target=house("9902"))
    text = clerk.get(f"/register/events/?area={COUNTY}").content.decode()
    assert "死亡" in text
    assert "待录入国网" in text
    east = signed_in(account("east", "township", "990101100000"))
    text = east.get("/register/events/?area=990101100000").content.decode()
    assert "嫁出" in text
    assert "9903" not in text, "of a household that comes from elsewhere no code is told"
    assert clerk.get(f"/register/events/?area={COUNTY}&waiting=1").status_code == 200


def test_the_household_page_tells_of_it(clerk: Client) -> None:
    happen("death", DAY, "9901", "990102")
    text = clerk.get("/households/9901/", follow=True).content.decode()
    assert "登记变化：死亡" in text
    assert "/register/events/household/9901/" in text


def test_the_page_of_the_balance(clerk: Client) -> None:
    happen("death", DAY, "9901", "990102")
    page = f"/register/balance/?area={COUNTY}&from=2019-01-01&to=2019-12-31"
    answer = clerk.get(page)
    sheet = answer.context["sheet"]
    assert answer.status_code == 200
    assert "死亡" in answer.content.decode()
    assert sheet.whole["persons"].outs == {"death": 1}
    assert list(sheet.names.values()) == [("990101100000", "东乡"), ("990101101000", "西乡")]
    listed = clerk.get(f"/register/events/?area={COUNTY}&day_from=2019-01-01&day_to=2019-02-28").content.decode()
    assert "day_from=2019-01-01&amp;day_to=2019-12-31" in answer.content.decode()
    assert "/households/9901/" not in listed, "the address narrows the list to the days"
    table = clerk.get(page + "&csv=1")
    assert table["Content-Type"].startswith("text/csv")
    assert "减：死亡,0,1,0,1" in table.content.decode()


@pytest.mark.parametrize("period", ["from=2020-01-01&to=2019-01-01", "from=x", "to=0001-01-01", "from=" + "9" * 5000])
def test_a_period_that_is_none(clerk: Client, period: str) -> None:
    answer = clerk.get(f"/register/balance/?area={COUNTY}&{period}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_few_statements(clerk: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    happen("split", DAY, "9901", "990103", head=one("990103"))
    for page in (PAGE, PAGE + "split/", f"/register/balance/?area={COUNTY}", f"/register/events/?area={COUNTY}"):
        clerk.get(page)
        with django_assert_max_num_queries(20):
            assert clerk.get(page).status_code == 200
    with django_assert_max_num_queries(20):
        clerk.post(PAGE + "move/", _form(village=EAST_2))


def test_figures_alone_are_no_way_to_the_balance() -> None:
    figures = signed_in(account("figures", "assessor", COUNTY))
    assert figures.get(f"/register/balance/?area={COUNTY}").status_code == 403
    with pytest.raises(Problem):
        happen("death", DAY, "9901")
