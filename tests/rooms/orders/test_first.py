"""What is read by walks along indexes is what a plain question gives: inbox, heat table, what one sees of some."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rooms.orders import petitioners
from rooms.orders.office import MONDAY, Offices, at
from tuopin.duties.models import Official
from tuopin.orders import reach, services
from tuopin.orders.board import counts, due, inbox
from tuopin.orders.board.first import Sought, first
from tuopin.orders.models import Matter, MatterUnit
from tuopin.platform.access import Actor, actor_for, local_admin, one_page
from tuopin.platform.lists import recent
from tuopin.platform.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
STATES = ("draft", "issued", "received", "working", "reported", "verified", "closed", "final")


@pytest.fixture
def city() -> Iterator[Offices]:
    recent.forget()
    yield Offices()
    recent.forget()


@pytest.fixture
def actors(city: Offices) -> list[Actor]:
    """Readers over areas, over units, as a person, as the petition office, with several grants, over everything."""
    both = city.account("both", "department", "organisation", city.education)
    services_of = city.account("clerk", "county", "area", city.county.area_id)
    city.official("李局长", city.education, user=both)
    return [
        local_admin(), city.city_office(), city.department(), city.inspector(), actor_for(both), actor_for(services_of),
        city.actor("town", "township", "area", city.village.parent_id or 0), petitioners.office(city),
        city.actor("other", "county", "area", city.other.area_id),
        city.actor("watcher", "department", "organisation", city.discipline),
    ]  # fmt: skip


@pytest.fixture
def many(city: Offices, actors: list[Actor]) -> list[Matter]:
    """A hundred and sixty in all states, with few limits, so that many are equal; some are petitions."""
    draw = random.Random(20180611)
    boss = Official.objects.get(name="李局长").pk
    drafts = [city.draft(title=f"第 {at} 件", area_id=draw.choice([city.county.area_id, city.village.parent_id]))
              for at in range(160)]  # fmt: skip
    rows = services.draft(city.city_office(), drafts, NOW)
    offices = [city.education, city.government, city.township, city.elsewhere, city.issuer, None]
    for at_, row in enumerate(rows):
        row.state = draw.choice(STATES)
        row.kind = draw.choice(["directive", "problem", "problem"])
        row.holder_id = draw.choice(offices) if row.state == "draft" else draw.choice(offices[:-1])
        row.issuer_id = draw.choice([city.issuer, city.government, None])
        row.official_id = boss if at_ % 5 == 0 else None
        row.verifier_id = boss if at_ % 7 == 0 else None
        row.limit_at = NOW + timedelta(days=draw.randint(-25, 6)) if row.state != "draft" else None
        row.asked_until = NOW if row.state == "working" and at_ % 3 == 0 else None
        row.look_back_on = MONDAY + timedelta(days=at_ % 9) if row.state == "closed" else None
    fields = ["state", "kind", "holder_id", "issuer_id", "official_id", "verifier_id", "limit_at", "asked_until"]
    Matter.objects.bulk_update(rows, [*fields, "look_back_on"])
    MatterUnit.objects.bulk_create(
        [MatterUnit(matter=row, organisation_id=city.discipline, role="copy", added_at=NOW) for row in rows[::11]]
    )
    petitions = [petitioners.accepted(city) for _each in range(3)]
    Matter.objects.filter(pk__in=[row.pk for row in petitions]).update(limit_at=NOW - timedelta(days=3))
    return list(Matter.objects.all())


def test_what_one_holds_comes_in_the_order_of_its_limits(actors: list[Actor], many: list[Matter]) -> None:
    seen = 0
    for actor in actors:
        for late, most in ((True, 21), (False, 41), (True, 500)):
            with one_page():
                limit = {"limit_at__lte" if late else "limit_at__gt": NOW}
                plain = Matter.objects.filter(inbox.held(actor), state__in=due.RUNNING, **limit)
                wanted = list(plain.order_by("limit_at", "pk")[:most])
                found = first(list(inbox._held_first(actor, "mine", NOW, late=late, most=most))).get("mine", [])
            assert found == wanted, actor
            seen += len(found)
    assert seen > 200


def test_every_part_holds_what_its_alternatives_find_once(actors: list[Actor], many: list[Matter]) -> None:
    for actor in actors:
        with one_page():
            for conditions, state in ((inbox._verifies(actor), "reported"), (inbox._issues(actor), "verified")):
                rows = reach.in_order(Matter.objects.filter(state=state))
                wanted = {row.pk for each in conditions for row in rows.filter(each.where)}
                for few in (False, True):
                    sought = [Sought("part", rows.filter(each.where), 500, few=few) for each in conditions]
                    found = [row.pk for row in first(sought).get("part", [])]
                    order = Matter.objects.filter(pk__in=wanted).order_by("limit_at", "pk").values_list("pk", flat=True)
                    assert found == list(order)


def test_the_newest_drafts_come_first_and_blank_limits_last(many: list[Matter]) -> None:
    rows = Matter.objects.filter(state__in=["draft", "issued"])
    newest = first([Sought("draft", rows, 5, "-pk"), Sought("draft", rows.filter(holder=None), 5, "-pk")])["draft"]
    assert newest == list(rows.order_by("-pk")[:5])
    whole = first([Sought("all", rows, 500, few=True)])["all"]
    blank = [row.limit_at is None for row in whole]
    assert blank == sorted(blank)
    assert any(blank)
    assert not all(blank)
    assert first([Sought("none", Matter.objects.none(), 5)]) == {}


def test_of_some_one_sees_what_one_sees_of_all(actors: list[Actor], many: list[Matter]) -> None:
    keys = [row.pk for row in many]
    sizes = set()
    for actor in actors:
        whole = set(Matter.objects.filter(reach.visible(actor)).values_list("pk", flat=True))
        assert set(Matter.objects.filter(reach.visible(actor, keys=keys)).values_list("pk", flat=True)) == whole
        some = keys[::3]
        found = set(Matter.objects.filter(reach.visible(actor, keys=some)).values_list("pk", flat=True))
        assert found == whole & set(some)
        sizes.add(len(whole))
    assert len(sizes) > 4, "the readers differ"


def test_heat_counts_each_matter_in_the_window_of_its_limit(city: Offices, many: list[Matter]) -> None:
    """The limits of windows belong to them, a moment later is the next window."""
    edges = [end for key in due.HEAT for end in [due.window(key, NOW)[1]] if end is not None]
    rows = [row for row in many if row.state in due.RUNNING and row.kind != "petition"]
    for at_, row in enumerate(rows):
        row.limit_at = edges[at_ % len(edges)] + timedelta(microseconds=at_ % 3 - 1)
    Matter.objects.bulk_update(rows, ["limit_at"])
    boss = actor_for(User.objects.get(username="city"))
    units, whole = counts.units(boss, city.city, NOW)
    work = Matter.objects.exclude(kind="petition").filter(area__isnull=False)
    for unit in units:
        by_hand = [work.filter(due.within(key, NOW), holder_id=unit.id).count() for key in due.HEAT]
        assert list(unit.counts) == by_hand
    assert whole.total == len(rows) == sum(unit.total for unit in units)
    assert sum(1 for count in whole.counts if count) == len(due.HEAT)
    late = {person.name: person for person in counts.people(boss, city.county, NOW)}
    assert late["李局长"].post == "县教育局 局长", "of namesakes one sees who"
    assert late["李局长"].late == sum(row.official_id == late["李局长"].id and row.limit_at <= NOW for row in rows)
