"""A grant over everything shows at least what the same role over the city shows: no condition is taken for none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from rooms.orders.office import Offices
from rooms.orders.petitioners import NOW, accepted, office, word_of
from rooms.orders.test_petition_erasing import paper
from tuopin.orders.hung import reach as hung
from tuopin.orders.models import HungSign
from tuopin.orders.papers import numbers, selectors
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    return Offices()


def everywhere(role: str) -> Actor:
    made = accounts.add_user(local_admin(), f"all-{role}", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), made, role, "all", None)
    return actor_for(made)


@pytest.mark.parametrize("source", ["audit", "petition"])
def test_signs_over_matters(city: Offices, source: str) -> None:
    made = city.issued(timezone.now(), source=source)
    sign = HungSign.objects.create(
        area_id=made.area_id, target="matter", matter=made, title="牌", reason="逾期", office_id=city.issuer,
        holder_id=city.education, supervisor_id=city.official("督战人", city.issuer, "副主任"),
        hung_on=timezone.localdate(), criteria=[], figures={}, key=f"matter:{made.pk}", state="hanging",
    )  # fmt: skip
    everywhere_reads = everywhere("auditor")
    for who in (city.city_office(), everywhere("headquarters")):
        assert list(HungSign.objects.filter(hung.visible(who))) == [sign]
        assert list(HungSign.objects.filter(hung.visible(who, city.city))) == [sign]
    for place in (None, city.city):  # who reads everything, but not what a petition said
        seen = HungSign.objects.filter(hung.visible(everywhere_reads, place))
        assert list(seen) == ([] if source == "petition" else [sign])


def test_papers_of_petitions_that_went_to_another_holder(city: Offices) -> None:
    row, keeper, holder = accepted(city), office(city), city.department()
    row = city.act(holder, "receive", row, NOW)
    order = paper(city, keeper, row, "reminder", word_of(city), to=[city.education])
    word = numbers.add_word(holder, city.education, "县教").pk
    reply = paper(city, holder, row, "reply", word, to=[city.issuer], answers=order.pk)
    city.act(keeper, "reassign", row, NOW, holder_id=city.city_education, note="由市局办理")
    for who in (keeper, everywhere("petition_office")):
        assert [each.pk for each in selectors.of_matter(who, row.pk)] == [order.pk, reply.pk]
