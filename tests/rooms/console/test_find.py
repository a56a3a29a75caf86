"""The search: by name, code, area and the end of an ID number; within the grants; without a trace of the term."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tuopin.platform.access import actor_for
from tuopin.platform.auditing import readlog
from tuopin.platform.home import home
from tuopin.platform.models import ReadEntry, User
from tuopin.register import id_keys
from tuopin.register import search as searching
from tuopin.register.models import AreaVersion, HouseholdCard, PersonCard, PersonIdentity, PersonKey
from tuopin.register.search import search

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City

    type Login = Callable[[str], Client]

pytestmark = pytest.mark.django_db


def _inside(area: AreaVersion) -> PersonIdentity:
    """Somebody of the area with a sound number that is unusual enough."""
    cards = PersonCard.objects.filter(path__startswith=area.path).values("person_id")
    found = PersonIdentity.objects.filter(person_id__in=cards, superseded_at=None, id_sound=True).order_by("pk").first()
    assert found is not None
    return found


def _names(user: str, term: str) -> list[str]:
    return [each.name for each in search(actor_for(User.objects.get(username=user)), term).found]


def test_names_are_found_whole_and_by_their_beginning_alone(city: City) -> None:
    """Never by what stands in the middle."""
    person = _inside(city.township)
    assert person.name in _names("county", person.name)
    assert person.name in _names("county", f"  {person.name[:2]}　")
    everybody = set(PersonCard.objects.values_list("name", flat=True))
    for name in _names("county", person.name[:2]):
        assert name.startswith(person.name[:2])
    tail = person.name[1:]
    if len(tail) > 1 and not any(name.startswith(tail) for name in everybody):
        assert _names("county", tail) == []


@pytest.mark.parametrize("digits", [4, 5, 6, 18])
def test_numbers_are_found_by_their_end_and_shown_by_their_last_four(city: City, digits: int) -> None:
    """Lower-case x and full-width digits are the same number."""
    person = _inside(city.township)
    end = person.id_number[-digits:]
    wide = end.lower().translate({ord(str(at)): 0xFF10 + at for at in range(10)})
    for term in (end, wide):
        results = search(actor_for(User.objects.get(username="county")), term)
        assert person.name in [each.name for each in results.found if each.number]
        for each in results.found:
            assert person.id_number not in each.number
            assert len(each.number.strip("*")) <= 4


def test_another_number_with_the_same_four_digits_is_not_found(city: City) -> None:
    """The key finds candidates; the number itself decides."""
    person = _inside(city.township)
    other = ("1" if person.id_number[-5] != "1" else "2") + person.id_number[-4:]
    numbers = {key: number[-5:] for key, number in PersonIdentity.objects.values_list("person_id", "id_number")}
    expected = sum(1 for number in numbers.values() if number == other)
    assert len(_names("county", other)) == expected


def test_nothing_outside_the_grants_is_found(city: City) -> None:
    """By name, number, code or area; whoever may see no ID numbers finds nobody by them, and is told."""
    person = _inside(city.other)
    household = PersonCard.objects.get(person_id=person.person_id).household_id
    code = HouseholdCard.objects.get(pk=household).code
    assert person.name in _names("county", person.name)
    for term in (person.id_number, person.id_number[-6:], code, code[:12]):
        seen = {each.household for each in search(actor_for(User.objects.get(username="clerk")), term).found}
        assert seen <= set(city.ours)
    for term in (person.name, person.name[:2]):
        for user in ("clerk", "helper", "counter", "outsider"):
            seen = {each.household for each in search(actor_for(User.objects.get(username=user)), term).found}
            assert seen <= set(city.ours)
    leader = search(actor_for(User.objects.get(username="leader")), person.id_number)
    assert leader.found == []
    assert leader.hint is not None
    assert not search(actor_for(User.objects.get(username="clerk")), city.other.code).areas
    assert not search(actor_for(User.objects.get(username="outsider")), city.township.name).areas


def test_a_helper_finds_the_own_household_alone(city: City) -> None:
    """By the head's name and by the code."""
    card = HouseholdCard.objects.get(code=city.ours[0])
    helper = actor_for(User.objects.get(username="helper"))
    assert {each.household for each in search(helper, card.head_name).found} == {card.code}
    assert {each.household for each in search(helper, card.code[:8]).found} == {card.code}


@pytest.mark.parametrize("term", ["%", "__", "%%", "' OR 1=1 --", "\\", "<script>", "张%", "*", "_" * 20])
def test_signs_of_sql_find_nobody(city: City, term: str) -> None:
    """They are characters like any other."""
    results = search(actor_for(User.objects.get(username="county")), term)
    assert results.found == []
    assert results.areas == []


def test_too_short_and_too_long_is_said(city: City, login: Login) -> None:
    """One character would find a tenth of a city; ten thousand are no name."""
    client = login("county")
    for term in ("张", "x" * 10_000, "1"):
        answer = client.post(reverse("console:find"), {"q": term})
        assert answer.status_code == 200
        assert 'class="notice"' in answer.content.decode()


def test_more_than_fifty_are_not_shown(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that there are more."""
    monkeypatch.setattr(searching, "LIMIT", 3)
    prefix = HouseholdCard.objects.order_by("code").values_list("code", flat=True)[0][:6]
    results = search(actor_for(User.objects.get(username="county")), prefix)
    assert len(results.found) == 3
    assert results.more


def test_a_code_leads_to_its_page(city: City, login: Login) -> None:
    """Of a household and of an area; outside the grants it is as if there were none."""
    client = login("clerk")
    assert client.post(reverse("console:find"), {"q": city.ours[0]})["Location"] == f"/households/{city.ours[0]}/"
    assert (
        client.post(reverse("console:find"), {"q": city.township.code})["Location"] == f"/areas/{city.township.code}/"
    )
    other = client.post(reverse("console:find"), {"q": city.theirs[0]})
    assert other.status_code == 200
    assert city.theirs[0] not in other.content.decode()


def test_the_term_leaves_no_trace(
    city: City, login: Login, caplog: pytest.LogCaptureFixture, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Not in the read log, the log or an address; one entry a search; a handful of statements."""
    person = _inside(city.township)
    readlog.drain()
    before = ReadEntry.objects.count()
    client = login("county")
    with caplog.at_level(logging.DEBUG), django_assert_max_num_queries(20):
        answer = client.post(reverse("console:find"), {"q": person.name})
    assert answer.status_code == 200
    assert f"q={person.name}" not in answer.content.decode()
    readlog.drain()
    entries = list(ReadEntry.objects.order_by("pk")[before:])
    assert [entry.what for entry in entries] == ["register.search"]
    assert person.name not in entries[0].filter
    assert all(
        person.name not in record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def test_the_index_says_nothing_without_its_key(city: City) -> None:
    """It is no digest of the digits alone, and useless under another key until it is made anew."""
    person = _inside(city.township)
    stored = PersonKey.objects.get(pk=person.person_id).tail
    assert stored == id_keys.tail_key(person.id_number)
    assert stored != id_keys._keyed(b"another key", person.id_number[-4:])
    path = home() / "keys" / id_keys.KEY_FILE
    kept = path.read_bytes()
    try:
        path.write_bytes(b"a new key, since the old one was lost with the disk")
        id_keys._key.cache_clear()
        results = search(actor_for(User.objects.get(username="county")), person.id_number[-4:])
        assert results.hint is not None
        assert id_keys.reindex() == PersonKey.objects.count()
        assert person.name in _names("county", person.id_number[-4:])
    finally:
        path.write_bytes(kept)
        id_keys._key.cache_clear()
