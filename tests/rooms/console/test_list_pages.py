"""The lists of an area: the count is the number that led there, nothing beyond the grants, within twenty statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tuopin.console.list_pages import list_address
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.lists import listing, open_list
from tuopin.platform.models import ReadEntry, User
from tuopin.register import cards
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion, HouseholdCard, PersonCard
from tuopin.register.permissions import VIEW_HOUSEHOLD, VIEW_PERSON
from tuopin.standards import results
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City

    type Login = Callable[[str], Client]

pytestmark = pytest.mark.django_db

ADDRESSES = (
    "", "?registration=registered", "?standard=household_exit&item=income&verdict=not_met", "?sort=-income",
    "?sort=head&registration=exited", "?income_from=3000&members_to=4", "?income_blank=1", "?issues=1", "?helped=0",
    "?registration=blank", "?issue=member_missing", "?column=code&column=helper&column=issues&column=group",
    "?code=99", "?main_cause=illness&main_cause=labour",
)  # fmt: skip


def _count(text: str) -> int:
    found = re.search(r'class="list-count"[^>]*><strong>([\d,]+)</strong>', text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_the_cards_say_what_the_dated_tables_say(city: City) -> None:
    """After imports of all kinds of workbook."""
    assert HouseholdCard.objects.count() == 400
    assert cards.wrong() == 0
    HouseholdCard.objects.filter(code=city.ours[0]).update(members=99)
    assert cards.wrong() == 2  # a row that should not be there, and one that is missing


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_list_is_a_handful_of_statements(
    city: City, login: Login, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Whatever is chosen, with as many rows as a page holds."""
    client = login("county")
    with django_assert_max_num_queries(20):
        answer = client.get(reverse("console:households", args=[city.top.code]) + address)
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["persons", "villages"])
def test_persons_and_villages_too(
    city: City, login: Login, kind: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """The same frame and engine."""
    client = login("county")
    with django_assert_max_num_queries(20):
        text = client.get(list_address(city.top, kind)).content.decode()
    expected = {"persons": PersonCard.objects.count(), "villages": 12}
    assert _count(text) == expected[kind]


def test_every_verdict_counts_as_many_as_its_tally(city: City) -> None:
    """For every item and verdict, of a township and of everything."""
    run = Evaluation.objects.get(standard="household_exit")
    for area in (city.top, city.township):
        tally = results.tally(run, area)
        for item, counts in tally.items():
            for verdict in results.VERDICTS:
                given = {"standard": [run.standard], "item": [item], "verdict": [verdict], "run": [str(run.pk)]}
                first = {name: values[0] for name, values in given.items()}
                reader = reader_at(local_admin(), VIEW_HOUSEHOLD, area, first)
                assert open_list(listing("register.households"), reader, given).count() == counts.of(verdict)


def test_an_address_from_before_leads_to_the_list(city: City, login: Login) -> None:
    """With the verdict that it asked for."""
    address = reverse("console:subjects", args=[city.top.code, "household_exit"])
    answer = login("county").get(address, {"item": "income", "verdict": "not_met"}, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("console:households", args=[city.top.code]))
    assert answer.status_code == 200


@pytest.mark.parametrize("user", ["clerk", "county", "leader"])
@pytest.mark.parametrize("sort", ["", "-income", "head"])
def test_nothing_beyond_the_grants_is_shown_or_counted(city: City, user: str, sort: str) -> None:
    """Without an area the grants alone bound the list."""
    actor = actor_for(User.objects.get(username=user))
    low = city.township.path if user == "clerk" else ""
    expected = set(HouseholdCard.objects.filter(path__startswith=low).values_list("pk", flat=True))
    opened = open_list(listing("register.households"), reader_at(actor, VIEW_HOUSEHOLD, None, {}), {"sort": [sort]})
    assert {line.pk for line in opened.stream()} == expected
    assert opened.count() == len(expected)


def test_a_helper_has_one_household_and_an_outsider_no_list(city: City, login: Login) -> None:
    """By the page without an area; the pages of areas do not exist for them."""
    text = login("helper").get(reverse("console:my_households")).content.decode()
    assert _count(text) == 1
    assert city.ours[0] in text
    assert login("helper").get(list_address(city.township)).status_code == 404
    assert login("outsider").get(list_address(city.township)).status_code == 404
    assert login("outsider").get(reverse("console:my_households")).status_code == 403
    assert login("counter").get(list_address(city.township)).status_code == 403
    assert login("clerk").get(list_address(city.other)).status_code == 404
    assert login("clerk").get(list_address(city.township, below=city.other.code)).status_code == 400


def test_private_columns_are_there_for_whom_they_are_open(city: City) -> None:
    """Health, school and birth dates of persons; a filter on them is refused like one that does not exist."""

    def columns(user: str) -> set[str]:
        actor = actor_for(User.objects.get(username=user))
        area = AreaVersion.objects.get(pk=city.township.pk)
        return set(open_list(listing("register.persons"), reader_at(actor, VIEW_PERSON, area, {})).columns)

    assert {"health", "study", "birth_date"} <= columns("county")
    assert columns("clerk") & {"health", "study", "birth_date"} == {"birth_date"}
    assert columns("leader") & {"health", "study", "birth_date"} == set()


def test_a_filter_that_is_not_open_is_refused(city: City, login: Login) -> None:
    """Guessing by counting is no way round."""
    for address in ("?health=chronic", "?sort=birth_date", "?study=primary", "?nonsense=1"):
        assert login("leader").get(list_address(city.top, "persons") + address).status_code == 400


def test_the_reading_is_noted_with_its_conditions(city: City, login: Login) -> None:
    """One entry a page, with what it was narrowed by and how many rows it showed."""
    readlog.drain()
    before = ReadEntry.objects.count()
    login("clerk").get(list_address(city.township, registration="registered"))
    readlog.drain()
    (entry,) = ReadEntry.objects.order_by("pk")[before:]
    assert entry.what == "register.households"
    assert city.township.code in entry.filter
    assert "registered" in entry.filter


def test_ten_thousand_conditions_are_refused_at_once(city: City, login: Login) -> None:
    """With a status of a bad request, not an error."""
    query = "&".join(f"f{at}=1" for at in range(900))
    assert login("county").get(f"{list_address(city.top)}?{query}").status_code == 400
    query = "&".join(f"f{at}=1" for at in range(10_000))
    assert login("county").get(f"{list_address(city.top)}?{query}").status_code == 400


def test_a_view_is_saved_opened_and_deleted(city: City, login: Login) -> None:
    """By forms that need no script; as the default it opens by itself, and can be left."""
    client = login("clerk")
    address = list_address(city.township)
    answer = client.post(address, {"name": "未脱贫", "query": "?registration=registered&sort=-income", "default": "1"})
    assert answer.status_code == 302
    opened = client.get(address, follow=True)
    assert "registration=registered" in opened.redirect_chain[0][0]
    assert "未脱贫" in opened.content.decode()
    assert client.get(f"{address}?view=0").status_code == 200
    number = re.search(r'name="delete" value="(\d+)"', opened.content.decode())
    assert number is not None
    assert login("county").post(address, {"delete": number[1]}).status_code == 404
    for no_number in ("9" * 30, "9" * 5_000, "²", "-1"):
        assert client.post(address, {"delete": no_number}).status_code == 404
    assert client.post(address, {"delete": number[1]}).status_code == 302
    assert client.get(address).status_code == 200
