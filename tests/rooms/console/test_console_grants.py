"""Nobody sees, counts or guesses what lies outside the grants, and every reading is noted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from tuopin.platform.auditing import readlog
from tuopin.platform.models import ReadEntry
from tuopin.register.models import AreaVersion, Household, PersonIdentity
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db


def household(code: str) -> str:
    return reverse("console:household", args=[code])


def area(code: str) -> str:
    return reverse("console:area", args=[code])


def listed(area_code: str, standard: str = "household_exit") -> str:
    return reverse("console:subjects", args=[area_code, standard])


def test_nothing_is_shown_to_who_is_not_signed_in(city: City, db: None) -> None:
    client = Client(headers={"host": "localhost"})
    pages = ["/", area(city.top.code), listed(city.top.code), household(city.ours[0]), "/packs/", "/find/?code=1"]
    for address in pages:
        assert client.get(address).status_code == 302


def test_who_has_no_grant_finds_nothing(login: Login, city: City) -> None:
    client = login("outsider")
    home = client.get("/")
    assert home.status_code == 200
    assert "您还没有可以查看的区域或户" in home.content.decode()
    assert city.top.name not in home.content.decode()
    for address in (area(city.top.code), area(city.township.code), listed(city.top.code), household(city.ours[0])):
        assert client.get(address).status_code == 404


def test_a_township_sees_itself_alone(login: Login, city: City) -> None:
    client = login("clerk")
    assert city.township.name in client.get("/").content.decode()
    assert client.get(area(city.township.code)).status_code == 200
    assert client.get(listed(city.township.code), follow=True).status_code == 200
    assert client.get(household(city.ours[0])).status_code == 200
    for address in (area(city.top.code), area(city.other.code), listed(city.top.code), listed(city.other.code)):
        assert client.get(address).status_code == 404, address
    assert client.get(household(city.theirs[0])).status_code == 404


def test_outside_and_not_existing_look_alike(login: Login, city: City) -> None:
    client = login("clerk")
    for hidden, absent in (
        (household(city.theirs[0]), household("no-such-household")),
        (area(city.other.code), area("no-such-area")),
        (reverse("console:find") + f"?code={city.theirs[0]}", reverse("console:find") + "?code=no-such"),
    ):
        answers = [client.get(address, follow=True) for address in (hidden, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
        varying = r"csrfmiddlewaretoken\S+ value=\S+|value=\"/[^\"]*\"|[\w-]*no-such[\w-]*"
        texts = [re.sub(varying, "", answer.content.decode()) for answer in answers]
        code = city.theirs[0] if city.theirs[0] in hidden else city.other.code
        assert texts[0].replace(code, "") == texts[1]


def test_a_list_of_ones_own_area_cannot_be_moved_outside_by_its_edge(login: Login, city: City) -> None:
    client = login("clerk")
    for edge in ("after", "before"):
        address = reverse("console:households", args=[city.township.code])
        assert client.get(address, {edge: city.theirs[0]}).status_code == 400


def test_the_numbers_of_a_township_hold_nobody_else(login: Login, city: City) -> None:
    text = login("clerk").get(listed(city.township.code), follow=True).content.decode()
    assert f"<strong>{len(city.ours)}</strong>" in text
    assert not [code for code in city.theirs if code in text]


def test_an_evaluation_of_another_area_opens_nothing(login: Login, city: City) -> None:
    run = Evaluation.objects.get(standard="household_exit")
    client = login("clerk")
    assert client.get(listed(city.township.code), {"run": run.pk}, follow=True).status_code == 200
    assert client.get(listed(city.township.code, "village_exit"), {"run": run.pk}, follow=True).status_code == 404
    run.area_id = city.other.area_id
    run.save(update_fields=["area_id"])
    assert client.get(listed(city.township.code), {"run": run.pk}, follow=True).status_code == 404


def test_figures_alone_link_to_no_household(login: Login, city: City) -> None:
    client = login("counter")
    text = client.get(area(city.township.code)).content.decode()
    assert "/households/?standard" not in text
    assert "/villages/?standard=village_exit" in text
    assert client.get(listed(city.township.code), follow=True).status_code == 404
    assert client.get(household(city.ours[0])).status_code == 404


def test_a_helper_sees_the_one_household(login: Login, city: City) -> None:
    client = login("helper")
    assert city.ours[0] in client.get("/").content.decode()
    assert client.get(household(city.ours[0])).status_code == 200
    assert client.get(household(city.ours[1])).status_code == 404
    assert client.get(area(city.township.code)).status_code == 404


def with_children(city: City) -> str:
    """A household of the city in which a child of school age lives."""
    born = PersonIdentity.objects.filter(birth_date__range=("2003-01-01", "2011-01-01")).first()
    assert born is not None
    return Household.objects.get(memberships__person_id=born.person_id).code


def test_private_fields_need_their_class(login: Login, city: City) -> None:
    code = with_children(city)
    full, bare = (login(name).get(household(code)).content.decode() for name in ("county", "leader"))
    for heading in ("在校或文化程度", "健康", "证件号码", "出生日期"):
        assert f'<th scope="col">{heading}</th>' in full
        assert f'<th scope="col">{heading}</th>' not in bare
    assert "部分字段" in bare


def test_nobody_is_shown_a_whole_id_number(login: Login, city: City) -> None:
    client = login("county")
    for code in [*city.summary.faults["birth_mismatch"], *city.summary.faults["id_check_digit"], *city.ours[:5]]:
        answer = client.get(household(code)).content.decode()
        assert not re.search(r"\d{17}[\dXx]", answer), code
        assert not re.search(r"\d{15}", answer.replace(code, "")), code


def test_reading_is_noted(login: Login, city: City) -> None:
    client = login("clerk")
    readlog.drain()
    before = ReadEntry.objects.count()
    client.get(household(city.ours[0]))
    client.get(listed(city.township.code), {"item": "income", "verdict": "met"}, follow=True)
    client.get(household(city.theirs[0]))
    readlog.drain()
    found = list(ReadEntry.objects.order_by("pk").values_list("what", "actor_name"))[before:]
    assert any(what.startswith("household:") for what, _name in found)
    assert ("register.households", "clerk") in found
    assert len([what for what, _name in found if what.startswith("household:")]) == 1


def test_addresses_of_pages_hold_codes_and_no_names(login: Login, city: City) -> None:
    client = login("county")
    names = set(PersonIdentity.objects.values_list("name", flat=True))
    text = client.get(listed(city.top.code), follow=True).content.decode()
    text += client.get(household(city.ours[0])).content.decode()
    for address in re.findall(r'(?:href|action)="([^"]+)"', text):
        assert not [name for name in names if name in address]


def test_village_of_a_grant_is_open_and_its_neighbour_is_not(login: Login, city: City) -> None:
    client = login("clerk")
    inside = AreaVersion.objects.filter(level="village", parent_id=city.township.area_id).first()
    outside = AreaVersion.objects.filter(level="village", parent_id=city.other.area_id).first()
    assert inside is not None
    assert outside is not None
    assert client.get(area(inside.code)).status_code == 200
    assert client.get(area(outside.code)).status_code == 404
