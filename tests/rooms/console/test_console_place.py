"""The area of a page: asked for, remembered, or the reader's own; the switch to another; navigation and tabs."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from console_city import account, grant
from tuopin.platform import place
from tuopin.platform.access import local_admin
from tuopin.register.models import AreaVersion
from tuopin.register.place import AREAS, top_areas
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

PLACES = "/place/"
CRUMB = re.compile(r'<nav class="crumbs" aria-label="所在区域"><ol>(.*?)</ol>', re.DOTALL)


def crumbs(text: str) -> str:
    found = CRUMB.search(text)
    assert found is not None
    return found[1]


def village_of(area: AreaVersion) -> AreaVersion:
    found = AreaVersion.objects.filter(parent_id=area.area_id, level="village").order_by("code").first()
    assert found is not None
    return found


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# -- the switch ---------------------------------------------------------------------------------------------------


def test_the_switch_keeps_the_page(login: Login, city: City) -> None:
    client = login("county")
    text = body(client, reverse("console:results", args=[city.township.code]))
    assert reverse("console:results", args=[city.top.code]) in crumbs(text)
    back = unescape(re.findall(r'name="back" value="([^"]+)"', text)[0])
    found = client.get(PLACES, {"q": city.other.name, "back": back}).content.decode()
    assert f'href="{reverse("console:results", args=[city.other.code])}"' in found


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/areas/1/results/", "/areas/9/results/"),
        ("/areas/1/figures/?map=x&run=4&after=33", "/areas/9/figures/?map=x"),
        ("/register/issues/?area=1&code=id_missing&after=7", "/register/issues/?area=9&code=id_missing"),
        ("/no/such/page/", "/?area=9"),
        ("/", "/?area=9"),
    ],
)
def test_the_same_page_of_another_area(address: str, expected: str) -> None:
    assert place.switched(address, "9") == expected


def test_areas_are_found_by_the_beginning_of_name_or_code(login: Login, city: City) -> None:
    client, village = login("county"), village_of(city.township)
    for query in (village.name[:2], village.code[:10], f" {village.name} "):
        assert f">{village.name}<" in client.get(PLACES, {"q": query, "back": "/"}).content.decode(), query
    part = client.get(PLACES, {"q": village.name, "back": "/"}, headers={"HX-Request": "true"}).content.decode()
    assert village.name in part
    assert "<html" not in part
    assert "没有以“无此地”开头的区域" in client.get(PLACES, {"q": "无此地"}).content.decode()


def test_the_search_goes_on_behind_the_last_code(city: City) -> None:
    everything = AreaVersion.objects.filter(valid_to=None).order_by("code")
    beginning = everything[0].code[:2]
    seen: list[str] = []
    while found := AREAS.search(local_admin(), beginning, seen[-1] if seen else "", 5):
        assert len(found) <= 5
        seen += [each.code for each in found]
    assert seen == [each.code for each in everything if each.code.startswith(beginning)]


def test_nothing_outside_the_grants_is_found(login: Login, city: City) -> None:
    client = login("clerk")
    for query in (city.other.name, city.other.code, city.top.code):
        answer = client.get(PLACES, {"q": query, "back": "/"}).content.decode()
        assert f">{city.other.name}<" not in answer
        assert f'href="/?area={city.other.code}"' not in answer
    assert city.township.name in client.get(PLACES, {"q": city.township.name}).content.decode()
    assert login("outsider").get(PLACES, {"q": city.top.name}).content.decode().count('class="found"') == 0


@pytest.mark.parametrize(
    "query",
    [
        {"q": "%", "back": "https://evil.example/"},
        {"q": "_", "back": "//evil.example/x"},
        {"q": "x\0y", "back": "javascript:alert(1)"},
        {"q": "示" * 5000, "back": "/areas/" + "9" * 4000 + "/"},
        {"q": "9", "back": "/areas/<script>/", "after": "\0'; DROP TABLE"},
        {},
    ],
)
def test_hostile_searches_lead_nowhere(login: Login, city: City, query: dict[str, str]) -> None:
    answer = login("county").get(PLACES, query)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<script>" not in text
    for href in re.findall(r'<li><a href="([^"]+)"><b>', text):
        assert urlsplit(unescape(href)).netloc == ""
        assert unescape(href).startswith("/")


# -- which area ---------------------------------------------------------------------------------------------------


def test_an_area_outside_the_grants_is_not_there(login: Login, city: City) -> None:
    client = login("clerk")
    for code in (city.other.code, city.top.code, "no-such", "x" * 5000, "<b>"):
        assert client.get(reverse("console:results", args=[code])).status_code == 404


def test_the_area_chosen_last_is_kept_and_asked_of_the_grants_again(login: Login, city: City) -> None:
    client, village = login("county"), village_of(city.township)
    body(client, reverse("console:results", args=[village.code]))
    assert client.cookies[place.COOKIE].value == village.code
    assert client.cookies[place.COOKIE]["httponly"]
    stranger = login("clerk")
    stranger.cookies[place.COOKIE] = city.other.code
    answer = stranger.get("/villages/")
    assert answer.status_code in {200, 302}
    assert city.other.code not in answer.content.decode() + answer.headers.get("Location", "")


def test_everything_begins_at_the_smallest_area_that_holds_all_villages(city: City) -> None:
    assert [area.code for area in top_areas(local_admin())] == [city.top.code]


# -- navigation, tabs, overview -----------------------------------------------------------------------------------


def test_the_navigation_shows_what_the_reader_may_use(login: Login, city: City) -> None:
    def entries(name: str) -> list[str]:
        text = body(login(name), "/")
        bar = text.partition('<nav class="rooms"')[2].partition("</nav>")[0]
        return [title.strip() for title in re.findall(r"<a [^>]+>([^<]+)</a>", bar)]

    assert entries("county")[0] == "首页"
    assert "标准" in entries("outsider")
    assert set(entries("outsider")) < set(entries("county"))
    home = body(login("county"), "/")
    assert re.search(r'<a href="/" aria-current="true">首页</a>', home)
    standards = body(login("county"), "/packs/shangqiu-2018/household_exit/?on=2018-12-01")
    assert re.search(r'<a href="/packs/" aria-current="true">标准</a>', standards)


def test_every_level_has_the_same_tabs(login: Login, city: City) -> None:
    client = login("county")

    def titles(code: str) -> list[str]:
        text = body(client, reverse("console:area", args=[code]))
        row = text.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        return re.findall(r">([^<>]+)</a>", row)

    levels = [city.top.code, city.township.code, village_of(city.township).code]
    rows = [titles(code) for code in levels]
    assert rows[0][:2] == ["概况", "按标准"]
    assert rows[0] == rows[1]
    assert [title for title in rows[0] if title != "村"] == rows[2], "a village has no villages"
    for code in levels:
        text = body(client, reverse("console:area", args=[code]))
        for href in re.findall(r'<li><a href="([^"]+)"', text.partition('<nav class="tabs"')[2].partition("</nav>")[0]):
            assert client.get(unescape(href)).status_code == 200, href


def test_the_tabs_of_a_room_unfold_on_its_own_pages(login: Login, city: City) -> None:
    client = login("county")
    overview = body(client, reverse("console:area", args=[city.top.code]))
    assert '<nav class="tabs below"' not in overview
    row = overview.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    href, title = re.findall(r'<li><a href="([^"]+)">(责任)</a>', row)[0]
    text = body(client, unescape(href))
    assert f'aria-current="true">{title}</a>' in text.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    below = text.partition('<nav class="tabs below"')[2].partition("</nav>")[0]
    assert below.count('aria-current="page"') == 1
    assert below.count("<li>") > 1


def test_the_overview_says_what_is_unknown_and_who_fills_it(login: Login, city: City) -> None:
    text = body(login("county"), reverse("console:area", args=[city.top.code]))
    part = text.partition("未知：缺什么，谁来填")[2].partition("</table>")[0]
    assert "驻村工作队入户核查后，乡镇导入脱贫核查表" in part
    assert "标准包中的限额未定" in part
    assert "饮水是否安全" in part
    numbers = [int(each.replace(",", "")) for each in re.findall(r'verdict=unknown">([\d,]+)</a>', part)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0
    assert "最近导入" in text
    assert "最近核查" in text


def test_no_figures_of_older_evaluations_are_lost(login: Login, city: City) -> None:
    """An evaluation made before figures were kept for every area shows the same numbers, added up."""
    client = login("county")
    address = reverse("console:area", args=[city.township.code])

    def numbers() -> list[str]:
        return re.findall(r'verdict=\w+">([\d,]+)</a>', body(client, address))

    before = numbers()
    for run in Evaluation.objects.all():
        run.figures.all().delete()
    assert numbers() == before


def test_queries_of_an_area_do_not_grow_with_it(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("county")
    for code in (city.top.code, city.township.code, village_of(city.township).code):
        for view, most in (("area", 20), ("results", 20)):
            address = reverse(f"console:{view}", args=[code])
            body(client, address)
            with django_assert_max_num_queries(most):
                body(client, address)


# -- a helper's first page ----------------------------------------------------------------------------------------


def test_a_helper_begins_with_the_own_households(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    from tuopin.platform.accounts import services as accounts
    from tuopin.register.models import Household, HouseholdProfile

    faulty = [code for code in city.summary.faults["blank_water"] if code in city.ours]
    codes = sorted({*city.ours[:20], *faulty})
    user = account("many")
    for household in Household.objects.filter(code__in=codes):
        accounts.grant(local_admin(), user, "helper", "household", household.pk)
    client = login("many")
    body(client, "/")
    with django_assert_max_num_queries(15):
        text = body(client, "/")
    for href in re.findall(r'<a href="(/[^"]*)"', text.partition('<nav class="rooms"')[2].partition("</nav>")[0]):
        assert client.get(unescape(href)).status_code == 200, f"{href} leads a helper nowhere"
    shown = re.findall(r'<span class="code quiet">([^<]+)</span>', text.partition('class="mine"')[2])
    assert sorted(shown) == codes
    verdicts = re.findall(r'class="verdict verdict-([a-z-]+)"', text.partition('class="mine"')[2])
    assert len(verdicts) == len(codes)
    assert verdicts == sorted(verdicts, key=["not-met", "unknown", "met", "not-applicable"].index), "what is due first"
    for profile in HouseholdProfile.objects.filter(household__code__in=codes):
        assert profile.head_name in text
    assert "123" in text
    assert city.theirs[0] not in text
    if faulty:
        assert "未知，须补" in text


def test_who_has_an_area_and_households_sees_both(login: Login, city: City) -> None:
    from tuopin.platform.accounts import services as accounts
    from tuopin.register.models import Household

    user = account("both")
    grant(user, "village", village_of(city.township))
    accounts.grant(local_admin(), user, "helper", "household", Household.objects.get(code=city.ours[3]).pk)
    text = body(login("both"), "/")
    assert "我负责的户" in text
    assert "我的区域" in text


# -- standards ----------------------------------------------------------------------------------------------------


def test_cases_stand_beside_their_standard(login: Login, city: City) -> None:
    client = login("county")
    address = reverse("console:cases", args=["shangqiu-2018", "household_exit"])
    assert address in body(
        client, reverse("console:standard", args=["shangqiu-2018", "household_exit"]) + "?on=2018-12-01"
    )
    text = body(client, address)
    assert re.search(r"\d+ 例全部与应得结论相符", text)
    assert "人均纯收入恰为扶贫标准2995元：未超过，不达标" in text
    assert "4,485.00" in text
    assert client.get(reverse("console:cases", args=["shangqiu-2018", "nothing"])).status_code == 404
    assert client.get(reverse("console:cases", args=["nothing", "household_exit"])).status_code == 404
    for level in ("village_exit", "county_exit"):
        assert "相符" in body(client, reverse("console:cases", args=["national", level]))


def test_a_case_that_does_not_come_out_is_marked(login: Login, city: City) -> None:
    import shutil
    from pathlib import Path

    import tuopin.packs
    from tuopin.platform.home import home

    folder = home() / "packs" / "shangqiu-test"
    shutil.copytree(Path(tuopin.packs.__file__).parent / "shangqiu-2018", folder)
    try:
        pack, cases = folder / "pack.toml", folder / "cases" / "household_exit.toml"
        pack.write_text(pack.read_text("utf-8").replace('"shangqiu-2018"', '"shangqiu-test"', 1), "utf-8")
        wrong = cases.read_text("utf-8").replace('expect = { overall = "met"', 'expect = { overall = "not_met"', 1)
        cases.write_text(wrong, "utf-8")
        text = body(login("county"), reverse("console:cases", args=["shangqiu-test", "household_exit"]))
        assert "1 例与应得结论不符" in text
        assert "综合判定：" in text
    finally:
        shutil.rmtree(folder)
