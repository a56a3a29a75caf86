"""Numbers and the lists behind them: each list holds as many as its number says, on every level, page after page."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tuopin.platform.access import local_admin
from tuopin.register.models import AreaVersion
from tuopin.standards import results
from tuopin.standards.models import Evaluation, Verdict

if TYPE_CHECKING:
    from django.test import Client

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a href="(/areas/[^"/]+/\w+/\?[^"]+)">([\d,]+)</a>')
COUNT = re.compile(r'<p class="(?:list-)?count" role="status"><strong>([\d,]+)</strong>')
HOUSEHOLD = re.compile(r'<th scope="row" class="code"><a href="/households/([^/]+)/">')


def links(client: Client, address: str) -> list[tuple[str, int]]:
    """The numbers of a page with the lists that they link to."""
    text = client.get(address).content.decode()
    return [(unescape(link), int(number.replace(",", ""))) for link, number in LINK.findall(text)]


def test_every_number_is_the_count_of_its_list(login: Login, city: City) -> None:
    client = login("county")
    pages = [city.top, city.township, AreaVersion.objects.filter(level="village").first()]
    for area in pages:
        assert area is not None
        found = links(client, reverse("console:area", args=[area.code]))
        assert len(found) > 5
        by_item = links(client, reverse("console:results", args=[area.code]))
        assert len(by_item) > 10
        found += by_item
        for link, number in found:
            text = client.get(link).content.decode()
            match = COUNT.search(text)
            assert match is not None, link
            assert int(match[1].replace(",", "")) == number, link


def test_tallies_of_children_add_up_to_the_area(city: City) -> None:
    for run in Evaluation.objects.all():
        whole = results.tally(run, city.top)
        for item, counts in whole.items():
            stored = run.tally[item]
            assert {verdict: counts.of(verdict) for verdict in stored} == stored
        children = AreaVersion.objects.filter(parent_id=city.top.area_id).values_list("area_id", flat=True)
        found = results.area_results(run, city.top, list(children))
        below = found.below
        assert found == replace(results.added_up(run, city.top, list(children)), incidence=found.incidence)
        assert sum(counts.total for counts in below.values()) == whole["overall"].total
        assert sum(counts.not_met for counts in below.values()) == whole["overall"].not_met


def test_pages_of_a_list_give_every_household_once_in_order(login: Login, city: City) -> None:
    client = login("county")
    address = reverse("console:households", args=[city.top.code])
    seen: list[str] = []
    query = "?standard=household_exit&item=overall"
    pages = 0
    while query:
        text = client.get(address + query).content.decode()
        seen += HOUSEHOLD.findall(text)
        match = re.search(r'rel="next" href="([^"]+)"', text)
        query = unescape(match[1]) if match else ""
        pages += 1
    assert pages == 8
    assert len(seen) == len(set(seen)) == 400
    run = Evaluation.objects.get(standard="household_exit")
    assert len(seen) == Verdict.objects.filter(evaluation=run).count()


def test_the_page_before_is_the_page_one_came_from(city: City) -> None:
    run = Evaluation.objects.get(standard="household_exit")

    def page(**edge: str) -> results.Page:
        return results.subjects(local_admin(), run, city.top, "income", "met", **edge)

    first = page()
    second = page(after=first.after)
    third = page(after=second.after)
    assert [first.first, second.first, third.first] == [1, 51, 101]
    assert page(before=third.before) == second
    assert page(before=second.before) == first
    assert first.before == ""


def test_a_list_holds_the_verdict_that_was_asked_for(city: City) -> None:
    for run in Evaluation.objects.all():
        for item in ("overall", run.items[0]):
            for verdict in results.VERDICTS:
                page = results.subjects(local_admin(), run, city.township, item, verdict)
                assert all(row.verdicts[item] == verdict for row in page.rows)
                assert page.total == results.tally(run, city.township)[item].of(verdict)


def test_an_empty_list_says_so(login: Login, city: City) -> None:
    run = Evaluation.objects.get(standard="village_exit")
    answer = login("county").get(
        reverse("console:subjects", args=[city.top.code, "village_exit"]),
        {"run": run.pk, "item": "collective_income", "verdict": "met"},
        follow=True,
    )
    assert "没有符合条件的记录" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"item": "no_such_item"}, 400),
        ({"verdict": "perhaps"}, 400),
        ({"run": "999999"}, 404),
        ({"standard": "no_such_standard"}, 404),
        ({"after": "no-such-household"}, 400),
        ({"before": "'; DROP TABLE register_household; --"}, 400),
    ],
)
def test_a_list_that_does_not_exist_is_refused(login: Login, city: City, query: dict[str, str], status: int) -> None:
    address = reverse("console:households", args=[city.top.code])
    assert login("county").get(address, {"standard": "household_exit"} | query).status_code == status


@pytest.mark.parametrize("run", ["", "-1", "1e3", "９", "99999999999999999999999"])
def test_a_run_that_is_no_number_means_the_newest(login: Login, city: City, run: str) -> None:
    address = reverse("console:subjects", args=[city.top.code, "household_exit"])
    answer = login("county").get(address, {"run": run}, follow=True)
    assert answer.status_code == 200


def test_register_incidence_is_the_exact_ratio(city: City) -> None:
    run = Evaluation.objects.get(standard="village_exit")
    found = results.area_results(run, city.top).incidence[0]
    rows = [row.shown.split("|") for row in Verdict.objects.filter(evaluation=run)]
    assert found.villages == len(rows) == 12
    assert found.population == sum(int(row[0]) for row in rows)
    assert found.low == found.high == sum(int(row[1]) for row in rows)
    assert found.text == f"{found.low * 100 / found.population:.4f}"


@pytest.mark.parametrize(
    ("persons", "population", "text"),
    [(2, 100, "2.0000"), (1, 3, "33.3333"), (2, 3, "66.6667"), (0, 7, "0.0000"), (1, 2_000_000, "0.0001")],
)
def test_percentages_are_rounded_half_up(persons: int, population: int, text: str) -> None:
    assert results.Incidence(persons, persons, population, 1, 0).text == text


def test_an_unsure_incidence_is_an_interval_and_no_population_is_no_figure() -> None:
    assert results.Incidence(1, 3, 100, 1, 0).text == "1.0000—3.0000"
    assert results.Incidence(0, 0, 0, 1, 1).text == ""


def test_villages_of_an_area_are_listed_with_their_incidence(login: Login, city: City) -> None:
    address = reverse("console:subjects", args=[city.top.code, "village_exit"])
    text = login("county").get(address, follow=True).content.decode()
    codes = re.findall(r'<a href="/areas/([^/]+)/">\1</a>', text)
    assert codes == sorted(AreaVersion.objects.filter(level="village").values_list("code", flat=True))
