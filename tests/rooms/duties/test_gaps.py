"""Where nobody answers: by role, by area, on a day; the same count by another way."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from rooms.duties.place import ALWAYS, Place
from tuopin.duties import kinds
from tuopin.duties.assigning import gaps
from tuopin.duties.models import Absence, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.duties.selectors import without_live_helper
from tuopin.measures.plans.models import HelpPlan
from tuopin.platform.access import local_admin
from tuopin.platform.models import Node
from tuopin.platform.problems import Refused
from tuopin.register.models import Designation, Residence
from tuopin.register.models.blocks import VillageCondition

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tuopin.register.models import AreaVersion

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def place() -> Place:
    return Place()


def missing(area: AreaVersion, day: datetime.date = DAY) -> dict[str, dict[str, tuple[int, int]]]:
    """By code and role: how many lack somebody, of how many."""
    return {
        row.area.code: {key: (held.missing, held.needed) for key, held in row.roles.items()}
        for row in gaps.report(local_admin(), area, day)
    }


def test_nobody_answers_for_anything(place: Place) -> None:
    expected = {"helper": (6, 6), "first_responsible": (3, 3), "first_secretary": (0, 0)}
    own = {"helper": (0, 0), "first_responsible": (1, 1), "first_secretary": (0, 0)}
    assert missing(place.city) == {place.county.code: expected, place.other.code: expected, place.city.code: own}
    role = kinds.role("first_responsible")
    assert gaps.areas_without(local_admin(), place.city, role, DAY).count() == sum(
        row["first_responsible"][0] for row in missing(place.city).values()
    )
    assert missing(place.village) == {
        place.village.code: {"helper": (6, 6), "first_responsible": (1, 1), "first_secretary": (0, 0)}
    }


def test_live_means_begun_and_not_ended(place: Place) -> None:
    for at, more in enumerate(
        [
            {},
            {"valid_from": DAY},
            {"valid_from": DAY + WEEK},
            {"valid_to": DAY},
            {"valid_to": DAY + WEEK},
            {"role": "assistant"},
        ]
    ):
        assigned("甲", household=place.here[at], **more)
    assert missing(place.city)[place.county.code]["helper"] == (3, 6)
    assert missing(place.city, DAY + WEEK)[place.county.code]["helper"] == (3, 6)
    left = [each.code for each in without_live_helper(local_admin(), DAY)]
    assert left == [each.code for each in (*(place.here[at] for at in (2, 3, 5)), *place.there)]


def test_two_who_overlap_are_one_holder(place: Place) -> None:
    assigned("甲", household=place.here[0], valid_to=DAY + WEEK)
    assigned("乙", household=place.here[0], valid_from=DAY)
    assert missing(place.city)[place.county.code]["helper"] == (5, 6)


def test_households_that_left_need_nobody(place: Place) -> None:
    Residence.objects.filter(household=place.here[0]).update(valid_to=DAY)
    assert missing(place.city)[place.county.code]["helper"] == (5, 5)
    assert missing(place.city, DAY - WEEK)[place.county.code]["helper"] == (6, 6)


def test_a_poor_village_of_the_village_workbook_needs_its_first_secretary(place: Place) -> None:
    for area, said in ((place.village.area, True), (place.away.area, False)):
        VillageCondition.objects.create(
            area=area, year=2017, as_of=DAY - WEEK, recorded_at=timezone.now(), poor_village=said
        )
    assert missing(place.city)[place.county.code]["first_secretary"] == (1, 1)
    assert missing(place.city)[place.other.code]["first_secretary"] == (0, 0)
    assert missing(place.city, DAY - 2 * WEEK)[place.county.code]["first_secretary"] == (0, 0)
    role = kinds.role("first_secretary")
    assert [each.code for each in gaps.areas_without(local_admin(), place.city, role, DAY)] == [place.village.code]
    VillageCondition.objects.update(superseded_at=timezone.now())
    assert not gaps.areas_without(local_admin(), place.city, role, DAY).exists(), "it was corrected"
    assert missing(place.city)[place.county.code]["first_secretary"] == (0, 0)


def test_areas_need_their_own(place: Place) -> None:
    Designation.objects.create(area=place.village.area, kind="poor_village", valid_from=ALWAYS, valid_to=DAY + WEEK)
    assigned("书记", role="first_responsible", area=place.county.area)
    assert missing(place.city)[place.county.code] == {
        "helper": (6, 6), "first_responsible": (2, 3), "first_secretary": (1, 1),
    }  # fmt: skip
    role = kinds.role("first_secretary")
    assert [each.code for each in gaps.areas_without(local_admin(), place.city, role, DAY)] == [place.village.code]
    after = gaps.areas_without(local_admin(), place.city, role, DAY + WEEK)
    assert [each.code for each in after] == [place.village.code], "exit takes nobody away"
    assert missing(place.city, DAY + WEEK)[place.county.code]["first_secretary"] == (1, 1)
    assert missing(place.city, datetime.date(1899, 1, 1)) == {}
    assigned("第一书记", role="first_secretary", area=place.village.area)
    assert not gaps.areas_without(local_admin(), place.city, role, DAY).exists()
    assert missing(place.county)["411423100000"]["first_secretary"] == (0, 1)
    role = kinds.role("first_responsible")
    assert place.county.code not in {each.code for each in gaps.areas_without(local_admin(), place.city, role, DAY)}


def test_only_the_own_areas(place: Place) -> None:
    clerk = place.clerk()
    assert len(gaps.report(clerk, place.county, DAY)) == 2  # the township, and the county itself
    for area in (place.city, place.other):
        with pytest.raises(Refused):
            gaps.report(clerk, area, DAY)


def test_statements_are_few(place: Place, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for area in (place.city, place.village):
        with django_assert_num_queries(1 + len(gaps.needed_roles()) + len(gaps.THINGS)):
            gaps.report(local_admin(), area, DAY)


def test_who_is_away_or_out_of_office_is_no_live_holder(place: Place) -> None:
    """As the role says: lent out or sick is away, released to help is not; a post that ended without successor counts,
    no post on record does not. The list and the statement of both databases agree."""
    names = ("甲", "乙", "丙", "丁", "戊")
    rows = [assigned(name, household=place.here[at]) for at, name in enumerate(names)]
    for row, kind in zip(rows, ("seconded", "sick", "released"), strict=False):
        Absence.objects.create(official_id=row.official_id, kind=kind, document="文", valid_from=DAY)
    office = organisations.found_organisation(
        local_admin(), "县财政局", "department", area_id=place.county.area_id, day=ALWAYS
    )
    post = organisations.add_post(local_admin(), office, "副局长", day=DAY)
    term = officials.appoint(local_admin(), rows[3].official_id, post, day=ALWAYS)
    assert missing(place.village)[place.village.code]["helper"] == (3, 6)
    Term.objects.filter(pk=term).update(valid_to=DAY)
    assert missing(place.village)[place.village.code]["helper"] == (4, 6)
    assert missing(place.village, DAY - WEEK)[place.village.code]["helper"] == (1, 6)
    without = set(without_live_helper(local_admin(), DAY).values_list("code", flat=True))
    assert without & {each.code for each in place.here} == {place.here[at].code for at in (0, 1, 3, 5)}


def test_plans_projects_nodes_and_headquarters_that_nobody_holds(place: Place) -> None:
    for at, each in enumerate(place.here[:3]):
        HelpPlan.objects.create(household=each, year=DAY.year, version=1, digest="", at=timezone.now(), actor="x")
        if at == 0:
            assigned("甲", household=each)
    Node.objects.create(
        area_id=place.county.area_id, key="k", moves=False, due=DAY + WEEK, source="文", at=timezone.now(), actor="x"
    )
    organisations.found_organisation(local_admin(), "指挥部", "headquarters", area_id=place.county.area_id, day=ALWAYS)
    held = {
        row.area.code: {key: (each.missing, each.needed) for key, each in row.things.items() if each.needed}
        for row in gaps.report(local_admin(), place.county, DAY)
    }
    township = place.village.code[:9] + "000"
    assert held == {township: {"help_plan": (2, 3)}, place.county.code: {"node": (1, 1), "headquarters": (1, 1)}}
    assigned("乙", role="first_responsible", area=place.county.area)
    rows = gaps.report(local_admin(), place.city, DAY)
    assert {row.area.code: row.things["node"].missing for row in rows if row.area != place.city} == {
        place.county.code: 0, place.other.code: 0,
    }  # fmt: skip
