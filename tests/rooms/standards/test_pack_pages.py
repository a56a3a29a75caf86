"""The pages, the commands and the API of a pack's life cycle: what each reader may do, hostile input, fixed queries."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from county import areas, household, households, taken
from own_pack import COUNTY, ITEMS, PACK, TOWNSHIP, close_all, rewrite, written
from people import PASSWORD, account, signed_in
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.standards.cli import standards_group
from tuopin.standards.lifecycle import services
from tuopin.standards.lifecycle.states import state_of
from tuopin.standards.models import PackAct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
PAGE = f"/standards/packs/{PACK}/"


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    with written():
        yield


@pytest.fixture(autouse=True)
def _register(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901"))
    taken("one_poor_household", tmp_path, as_of=DAY)


def client(name: str, role: str) -> Client:
    return signed_in(account(name, role, COUNTY))


def item_page(key: str) -> str:
    return reverse("standards:pack_item", args=[PACK, key])


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def test_the_whole_way_by_forms() -> None:
    keeper, chief = client("keeper", "standards_keeper"), client("chief", "headquarters")
    page = keeper.get(PAGE).content.decode()
    assert "运行测试" in page
    assert 'aria-current="step"' in page
    assert keeper.post(PAGE, {"do": "test"}).status_code == 302
    for key in ITEMS:
        shown = keeper.get(item_page(key)).content.decode()
        answer = {"seen": field(shown, "seen"), "do": "confirm", "document": "市政发〔2018〕1号"}
        if key.startswith("limit:"):
            answer |= {"value": "4000", "from": "2018-01-01", "to": ""}
        if key.startswith("not_tested:"):
            assert 'value="confirm"' not in shown, "there is no document to confirm it by"
            answer |= {"do": "set_aside", "reason": "由村干部另行记录"}
        assert keeper.post(item_page(key), answer).status_code == 302
    assert 'value="approve"' not in keeper.get(PAGE).content.decode()
    shown = chief.get(PAGE).content.decode()
    assert "市政发〔2018〕1号" in shown
    assert chief.post(PAGE, {"do": "approve", "seen": field(shown, "seen"), "note": ""}).status_code == 302
    assert chief.post(PAGE, {"do": "schedule", "area": COUNTY, "from": "2018-01-01"}).status_code == 302
    assert state_of(PACK).state.stage == "in_force"
    assert "施行中" in chief.get("/packs/").content.decode()
    assert "草案，未确认" not in chief.get(f"/packs/{PACK}/own_exit/?on=2018-12-01").content.decode()


def test_a_reader_sees_and_does_not_act() -> None:
    reader = client("reader", "county")
    page = reader.get(PAGE).content.decode()
    assert "标准管理" in page, "who can close an item is said"
    for button in ("test", "approve", "schedule"):
        assert f'value="{button}"' not in page
        assert reader.post(PAGE, {"do": button, "seen": "0", "area": COUNTY, "from": "2018-01-01"}).status_code == 403
    assert "<form" not in reader.get(item_page(ITEMS[2])).content.decode().split("<main")[1].split("</main")[0]
    sent = reader.post(item_page(ITEMS[2]), {"do": "confirm", "document": "市政发1号"})
    assert sent.status_code == 403
    assert not PackAct.objects.exists()


def test_an_area_beyond_the_grants_is_not_named() -> None:
    close_all(actor_for(account("keeper", "standards_keeper", COUNTY)))
    services.approve(actor_for(account("chief", "headquarters", COUNTY)), PACK)
    services.schedule(local_admin(), PACK, TOWNSHIP, datetime.date(2018, 1, 1))
    elsewhere = signed_in(account("elsewhere", "township", "990101101000")).get(PAGE).content.decode()
    assert TOWNSHIP not in elsewhere
    assert "另一区划" in elsewhere
    assert TOWNSHIP in signed_in(account("here", "village", "990101100201")).get(PAGE).content.decode()


def test_who_sees_no_standards_sees_no_state() -> None:
    petitions = client("petitions", "petition_office")
    assert petitions.get(PAGE).status_code == 403
    assert petitions.get("/packs/").status_code == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"do": "confirm", "document": ""}, 400),
        ({"do": "confirm", "document": "x" * 5000}, 400),
        ({"do": "confirm", "document": "a\x00b"}, 400),
        ({"do": "confirm", "document": "市政发1号", "seen": "0" * 64}, 400),
        ({"do": "nothing"}, 400),
        ({}, 400),
        ({"do": "reopen", "reason": "没有确认过"}, 404),
    ],
)
def test_forms_sent_wrongly(data: dict[str, str], status: int) -> None:
    keeper = client("keeper", "standards_keeper")
    assert keeper.post(item_page(ITEMS[2]), data).status_code == status
    assert not PackAct.objects.exists()


def test_hostile_addresses_and_values() -> None:
    keeper = client("keeper", "standards_keeper")
    for address in ("/standards/packs/none/", item_page("condition:a.b"), item_page("<script>"), item_page("x" * 3000)):
        assert keeper.get(address).status_code == 404
    limit = item_page(ITEMS[0])
    for value in ("=1+1", "NaN", "1e9", "-", "９" * 30, "1" * 500):
        sent = {"do": "confirm", "document": "市政发1号", "value": value, "from": "2018-01-01"}
        assert keeper.post(limit, sent).status_code == 400
    for day in ("2018-02-30", "00", "<b>", "9999-99-99"):
        sent = {"do": "confirm", "document": "市政发1号", "value": "1", "from": day}
        assert keeper.post(limit, sent).status_code == 400
    services.confirm(local_admin(), PACK, ITEMS[2], "<script>alert(1)</script>")
    page = keeper.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    chief = client("chief", "headquarters")
    assert chief.post(PAGE, {"do": "approve", "seen": "9" * 40}).status_code == 400


def test_what_was_typed_stands_there_again() -> None:
    keeper = client("keeper", "standards_keeper")
    sent = {"do": "confirm", "document": "市政发〔2018〕77号", "value": "许多", "from": "2018-01-01"}
    page = keeper.post(item_page(ITEMS[0]), sent).content.decode()
    assert 'value="市政发〔2018〕77号"' in page
    assert 'role="alert"' in page


def test_english() -> None:
    reader = client("reader", "county")
    reader.post("/language/", {"language": "en"})
    page = reader.get(PAGE).content.decode()
    assert "Confirm item by item" in page
    assert "Limit not set" not in page
    assert "limit not set" in page


def test_queries_do_not_grow_with_acts(django_assert_max_num_queries: Any) -> None:
    reader = client("reader", "county")
    close_all(actor_for(account("keeper", "standards_keeper", COUNTY)))
    rewrite("own_exit.toml", 'source = "没有文件"\nconfidence = "guess"', 'source = "另一文件"\nconfidence = "guess"')
    reader.get(PAGE)
    with django_assert_max_num_queries(20):
        assert "旧文件" in reader.get(PAGE).content.decode()
    with django_assert_max_num_queries(20):
        reader.get("/packs/")


def test_the_api_says_where_a_pack_stands() -> None:
    office = actor_for(account("office", "county", COUNTY))
    grants = [each.pk for each in grants_of(office)]
    chosen = [each.name for each in tokens.offered(office)]
    secret = tokens.make_token(office, "test", grants=grants, permissions=chosen, days=1)[1]
    caller = Client(headers={"host": "localhost", "Authorization": f"Bearer {secret}"})
    answer = caller.get(f"/api/packs/{PACK}/state")
    document = answer.json()
    assert (document["stage"], document["approved"], document["areas"]) == ("draft", None, [])
    assert {item["key"] for item in document["items"]} == set(ITEMS)
    assert caller.get("/api/packs/none/state").status_code == 404


def test_commands() -> None:
    account("keeper", "standards_keeper", COUNTY)

    def run(*arguments: str) -> Any:
        named = ("--as", "keeper") if arguments[0] == "confirm" else ()
        return CliRunner().invoke(standards_group, [*arguments, *named], input=f"{PASSWORD}\n")

    assert run("record-test", PACK).exit_code == 0
    for key in ITEMS[1:3]:
        assert run("confirm", PACK, key, "--document", "市政发1号").exit_code == 0
    limit = run("confirm", PACK, ITEMS[0], "--document", "市政发1号", "--value", "4000", "--from", "2018-01-01")
    assert limit.exit_code == 0
    assert run("confirm", PACK, ITEMS[3], "--set-aside", "另行记录").exit_code == 0
    assert run("confirm", PACK, ITEMS[3], "--document", "a", "--reopen", "b").exit_code == 2
    services.approve(actor_for(account("chief", "headquarters", COUNTY)), PACK)
    assert run("schedule", COUNTY, PACK, "--from", "2018-01-01").exit_code == 0
    shown = run("state", PACK, "--json")
    assert '"stage":"in_force"' in shown.stdout
    assert "市政发1号" in run("state", PACK).stdout
