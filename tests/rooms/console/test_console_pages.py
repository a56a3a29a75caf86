"""What the pages say, in both languages, and with how many questions to the database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tuopin.platform.access import local_admin
from tuopin.platform.home import home
from tuopin.register.models import AreaVersion, Household, HouseholdIncome
from tuopin.register.record import masked
from tuopin.standards import results
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    text = answer.content.decode()
    assert not re.search(r"<script(?! src=\"/static/[^\"]+\" defer></script>)", text)
    assert " style=" not in text
    return text


def of_verdict(city: City, item: str, verdict: str) -> str:
    run = Evaluation.objects.get(standard="household_exit")
    return results.subjects(local_admin(), run, city.top, item, verdict).rows[0].code


def addresses(city: City) -> list[str]:
    village = AreaVersion.objects.filter(level="village").order_by("code").first()
    assert village is not None
    return [
        "/",
        reverse("console:area", args=[city.township.code]),
        reverse("console:area", args=[village.code]),
        reverse("console:households", args=[city.top.code]) + "?standard=household_exit",
        reverse("console:villages", args=[city.top.code]) + "?standard=village_exit",
        reverse("console:household", args=[city.ours[0]]),
        reverse("console:packs"),
        reverse("console:standard", args=["shangqiu-2018", "household_exit"]) + "?on=2018-12-01",
        reverse("console:standard", args=["shangqiu-2018", "county_exit"]) + "?on=2018-12-01",
    ]


def test_every_page_opens_in_both_languages(login: Login, city: City) -> None:
    client = login("county")
    for address in addresses(city):
        chinese = page(client, address)
        assert '<html lang="zh-Hans">' in chinese
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        english = page(client, address)
        del client.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert '<html lang="en">' in english
        assert english != chinese


def test_the_draft_is_named_wherever_a_verdict_stands(login: Login, city: City) -> None:
    client = login("county")
    for address in addresses(city)[:6]:
        text = page(client, address)
        assert "草案，未确认" in text, address
        assert "年人均纯收入稳定超过国家扶贫标准" in text or "有集体经济收入" in text, address


def test_a_household_below_the_line_shows_value_limit_distance_and_evidence(login: Login, city: City) -> None:
    code = of_verdict(city, "income", "not_met")
    text = page(login("county"), reverse("console:household", args=[code]))
    income = HouseholdIncome.objects.select_related("sheet").get(household__code=code)
    assert income.sheet is not None
    assert "2,995.00" in text
    assert "还差" in text
    assert f"{income.sheet.file} · {income.sheet.name}" in text
    assert "自 2018-01-01" in text


def test_a_blank_cell_is_named(login: Login, city: City) -> None:
    code = city.summary.faults["blank_water"][0]
    text = page(login("county"), reverse("console:household", args=[code]))
    assert "空白：饮水是否安全" in text
    assert '<span class="blank">空白</span>' in text


def test_members_who_fail_are_named(login: Login, city: City) -> None:
    code = of_verdict(city, "medical", "not_met")
    text = page(login("county"), reverse("console:household", args=[code]))
    assert 'href="#person-' in text
    assert "参加城乡居民基本医疗保险 否" in " ".join(text.split())


def test_who_answers_is_shown_and_that_nobody_does(login: Login, city: City) -> None:
    client = login("county")
    without = city.summary.faults["without_live_helper"]
    assert "没有在任的帮扶责任人" in page(client, reverse("console:household", args=[without[0]]))
    held = next(code for code in city.ours if code not in without)
    assert "没有在任的帮扶责任人" not in page(client, reverse("console:household", args=[held]))


def test_data_issues_stand_with_what_to_do(login: Login, city: City) -> None:
    code = city.summary.faults["id_check_digit"][0]
    text = page(login("county"), reverse("console:household", args=[code]))
    assert "证件号码校验位不符" in text
    assert "核对证件后更正" in text
    assert "户人信息" in text


def test_a_household_that_nobody_judged_says_so(login: Login, city: City) -> None:
    run = Evaluation.objects.get(standard="household_exit")
    run.delete()
    text = page(login("county"), reverse("console:household", args=[city.ours[0]]))
    assert "本户尚未核查" in text


def test_an_area_that_nobody_judged_says_so(login: Login, city: City) -> None:
    Evaluation.objects.all().delete()
    assert "尚未核查" in page(login("county"), reverse("console:area", args=[city.township.code]))


def test_a_pack_that_is_gone_leaves_numbers_with_bare_names(login: Login, city: City) -> None:
    Evaluation.objects.update(pack="lost")
    text = page(login("county"), reverse("console:area", args=[city.top.code]))
    assert "collective_income" in text


@pytest.fixture
def demo() -> Iterator[None]:
    marker = home() / "DEMO"
    marker.touch()
    yield
    marker.unlink()


def test_invented_data_are_marked_on_every_page(login: Login, city: City, demo: None) -> None:
    client = login("county")
    for address in addresses(city):
        assert "演示数据" in page(client, address)


def test_a_code_leads_to_its_page(login: Login, city: City) -> None:
    client = login("county")
    find = reverse("console:find")
    assert client.get(find, {"code": f" {city.ours[0]} "}).headers["Location"].endswith(f"/households/{city.ours[0]}/")
    assert client.get(find, {"code": city.top.code}).headers["Location"].endswith(f"/areas/{city.top.code}/")
    assert client.get(find, {"code": "x" * 500}).status_code == 404
    assert client.get(find).status_code == 200  # the page to look for something


def test_a_standard_on_a_day_shows_the_limit_of_that_day(login: Login, city: City) -> None:
    client = login("county")
    address = reverse("console:standard", args=["shangqiu-2018", "household_exit"])
    assert "2,855.00" in page(client, address + "?on=2015-06-01")
    assert "2,995.00" in page(client, address + "?on=2018-12-31")
    assert client.get(address, {"on": "2018-02-30"}).status_code == 400
    assert client.get(reverse("console:standard", args=["shangqiu-2018", "nothing"])).status_code == 404
    assert client.get(reverse("console:standard", args=["nothing", "household_exit"])).status_code == 404


def test_text_from_a_workbook_is_text(login: Login, city: City) -> None:
    household = Household.objects.get(code=city.ours[0])
    household.code = "<b>&"
    household.save()
    text = page(login("county"), reverse("console:household", args=["<b>&"]))
    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("411423199507315963", "****5963"),
        ("41142319950731596X", "****596X"),
        ("４１１４２３１９９５０７３１５９６３", "****５９６３"),
        ("4114 2319 9507 3159", "****3159"),
        ("4.11423E+17", "4.11423E+17"),
        ("2018-02-30", "2018-02-30"),
        ("一千元", "一千元"),
        ("", ""),
    ],
)
def test_long_numbers_are_cut(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(("name", "number"), [("home", 18), ("list", 20), ("household", 19)])
def test_number_of_queries(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries, name: str, number: int
) -> None:
    """Fixed, however many households and members there are: a loop of queries would show here."""
    client = login("clerk")
    address = {
        "home": "/",
        "list": reverse("console:households", args=[city.township.code]) + "?standard=household_exit",
        "household": reverse("console:household", args=[city.ours[0]]),
    }[name]
    page(client, address)
    with django_assert_max_num_queries(number):
        page(client, address)


def test_a_standard_without_a_limit_today_is_shown_as_of_its_last_day(login: Login) -> None:
    """The national line ends with 2020: the page that the list of packs leads to must not be an error."""
    page = login("county").get("/packs/national/household_exit/")
    assert page.status_code == 200
    assert page.context["day"].year < timezone.localdate().year
