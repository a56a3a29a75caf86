"""Who somebody is to a matter: what is issued from above is not closed, extended or verified below."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from rooms.orders.office import MONDAY, Offices, at
from tuopin.duties.models import Official
from tuopin.orders import reach, services
from tuopin.orders.board import inbox
from tuopin.orders.changes import Given
from tuopin.platform.problems import Missing, Refused

if TYPE_CHECKING:
    from tuopin.orders.models import Matter
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def hands(actor: Actor, row: Matter) -> frozenset[str]:
    return frozenset(reach.hands(actor, [row])[row.pk])


def test_a_county_does_not_speak_for_the_city_that_issued_it(city: Offices) -> None:
    county = city.actor("county", "county", "area", city.county.area_id)
    row = city.issued(NOW)
    assert "issuer" not in hands(county, row)
    assert "issuer" in hands(city.city_office(), row)
    later = Given(limit=timezone.localdate(NOW) + timedelta(days=30))
    for name, given in (("extend", later), ("withdraw", Given(note="不办了"))):
        with pytest.raises(Refused):
            services.act(county, name, [row.pk], given, NOW)
    row = city.act(city.department(), "receive", row, NOW)
    row = city.act(city.department(), "done", row, NOW, note="已办")
    row = city.act(city.inspector(), "verify", row, NOW, note="属实")
    with pytest.raises(Refused):
        services.act(county, "close", [row.pk], Given(), NOW)
    assert "close" not in [part.key for part in inbox.parts(county, NOW)]
    assert "close" in [part.key for part in inbox.parts(city.city_office(), NOW)]


def test_a_county_issues_its_own(city: Offices) -> None:
    county = city.actor("county", "county", "area", city.county.area_id)
    [row] = services.draft(county, [city.draft(issuer_id=city.government)], NOW)
    assert "issuer" in hands(county, row)
    assert "draft" in [part.key for part in inbox.parts(county, NOW)]
    [named] = services.draft(county, [city.draft(issuer_id=None)], NOW)  # nobody is named: who issues over the area
    assert "issuer" in hands(county, named)


def test_the_office_that_holds_it_does_not_verify_it(city: Offices) -> None:
    """Also where its clerks have a grant over the area and none over the office."""
    town = city.village.parent_id
    assert town is not None
    one, other = (city.actor(name, "township", "area", town) for name in ("one", "other"))
    row = city.issued(NOW, area_id=town, holder_id=city.township)
    row = city.act(one, "receive", row, NOW)
    row = city.act(one, "done", row, NOW, note="已办")
    assert "holder" in hands(other, row)
    assert "verifier" not in hands(other, row)
    assert "verify" not in [part.key for part in inbox.parts(other, NOW)]
    assert "verifier" in hands(city.inspector(), row)


def test_nobody_from_elsewhere_is_named(city: Offices) -> None:
    """An official outside the grants is as one that is not there: the page of the matter would tell the name."""
    far = city.official("远方", city.elsewhere)
    Official.objects.filter(pk=far).update(area_id=city.other.area_id)
    county = city.actor("county", "county", "area", city.county.area_id)
    for part in ("official_id", "verifier_id"):
        with pytest.raises(Missing):
            services.draft(county, [city.draft(issuer_id=city.government, **{part: far})], NOW)
    [row] = services.draft(county, [city.draft(issuer_id=city.government)], NOW)
    with pytest.raises(Missing):
        services.act(county, "issue", [row.pk], Given(official_id=far), NOW)
    near = city.official("李近", city.education)
    [row] = services.act(county, "issue", [row.pk], Given(official_id=near), NOW)
    assert row.official_id == near
