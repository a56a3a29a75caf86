"""Officials, organisations, posts, terms, absences: dated, refused with a reason, within the grants."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from officials import assigned
from rooms.duties.place import ALWAYS, Place
from tuopin.duties import selectors
from tuopin.duties.models import Absence, Official, OrganisationLink, OrganisationVersion, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import Actor, local_admin
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
YEAR = datetime.timedelta(days=365)


@pytest.fixture
def place() -> Place:
    return Place()


def office(place: Place, name: str = "县财政局", kind: str = "department", actor: Actor | None = None) -> int:
    return organisations.found_organisation(
        actor or local_admin(), name, kind, area_id=place.county.area_id, day=ALWAYS
    )


def official(place: Place, name: str = "张伟") -> int:
    return officials.add_officials(local_admin(), [(name, "", "")], area_id=place.county.area_id, day=DAY)[0]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as raised:
        call()
    return raised.value.code


def test_an_organisation_changes_its_name_and_keeps_the_old_one(place: Place) -> None:
    made = office(place, "扶贫办", "leading_group_office")
    organisations.change_organisation(
        local_admin(), made, day=DAY, name="乡村振兴局", kind="department", area_id=place.county.area_id
    )
    rows = OrganisationVersion.objects.order_by("valid_from").values_list("name", "valid_from", "valid_to")
    assert list(rows) == [("扶贫办", ALWAYS, DAY), ("乡村振兴局", DAY, None)]
    assert office(place, "扶贫办"), "the name is free again"
    assert refusal(lambda: office(place, "乡村振兴局")) == "organisation_exists"
    assert refusal(lambda: office(place, "x", "club")) == "unknown_key"
    assert refusal(lambda: office(place, " ")) == "no_name"


def test_nothing_stands_below_itself(place: Place) -> None:
    top = office(place, "县委")
    below = organisations.found_organisation(
        local_admin(), "组织部", "department", area_id=place.county.area_id, day=ALWAYS, parent_id=top
    )
    for parent in (below, top):
        assert refusal(
            lambda parent=parent: organisations.change_organisation(  # type: ignore[misc]
                local_admin(), top, day=DAY, name="县委", kind="party_committee", area_id=place.county.area_id,
                parent_id=parent,
            )
        ) == "own_superior"  # fmt: skip


def test_an_inspection_group_watches_organisations(place: Place) -> None:
    group, first, second = office(place, "派驻纪检监察组", "discipline_group"), office(place), office(place, "县水利局")
    link = organisations.link_organisations
    assert link(local_admin(), group, [first, second], relation="watches", day=DAY) == 2
    assert link(local_admin(), group, [first], relation="watches", day=DAY) == 0
    assert refusal(lambda: link(local_admin(), group, [group], relation="watches", day=DAY)) == "with_itself"
    assert refusal(lambda: link(local_admin(), group, [first], relation="likes", day=DAY)) == "unknown_key"
    organisations.close_organisation(local_admin(), first, day=DAY + YEAR)
    assert set(OrganisationLink.objects.values_list("other_id", "valid_to")) == {(first, DAY + YEAR), (second, None)}


def test_an_organisation_in_use_stays(place: Place) -> None:
    made = office(place)
    post = organisations.add_post(local_admin(), made, "局长", day=DAY)
    term = officials.appoint(local_admin(), official(place), post, day=DAY)
    assert refusal(lambda: organisations.close_organisation(local_admin(), made, day=DAY + YEAR)) == "still_in_use"
    officials.end_term(local_admin(), term, day=DAY + YEAR)
    organisations.close_organisation(local_admin(), made, day=DAY + YEAR)
    assert OrganisationVersion.objects.get().valid_to == DAY + YEAR


def test_a_term_that_ended_is_not_made_longer_by_a_form_of_before(place: Place) -> None:
    made, who = office(place), official(place)
    first, second = (organisations.add_post(local_admin(), made, title, day=DAY) for title in ("局长", "书记"))
    term = officials.appoint(local_admin(), who, first, day=DAY)
    officials.end_term(local_admin(), term, day=DAY + YEAR)
    officials.appoint(local_admin(), who, second, day=DAY + YEAR)
    assert refusal(lambda: officials.end_term(local_admin(), term, day=DAY + 2 * YEAR)) == "term_ended"
    assert Term.objects.get(pk=term).valid_to == DAY + YEAR


def test_two_posts_in_one_term_only_concurrently(place: Place) -> None:
    made, who = office(place), official(place)
    posts = [organisations.add_post(local_admin(), made, title, day=DAY) for title in ("局长", "书记", "副局长")]
    officials.appoint(local_admin(), who, posts[0], day=DAY)

    def second(**more: object) -> int:
        return officials.appoint(local_admin(), who, posts[1], **{"day": DAY + YEAR, **more})  # type: ignore[arg-type]

    assert refusal(second) == "two_posts"
    assert refusal(lambda: second(concurrent=True)) == "no_reason"
    assert refusal(lambda: second(day=DAY - YEAR, until=DAY + YEAR)) == "two_posts"
    second(concurrent=True, reason="班子缺员")
    assert refusal(lambda: second(concurrent=True, reason="x")) == "same_post"
    officials.appoint(local_admin(), who, posts[2], day=DAY - YEAR, until=DAY)  # the year before is free
    assert Term.objects.count() == 3
    assert selectors.titles_on([who], DAY) == {who: ("县财政局", "局长")}
    assert selectors.titles_on([who], DAY - YEAR) == {who: ("县财政局", "副局长")}


def test_posts_have_known_levels_and_authorities(place: Place) -> None:
    made = office(place)
    add = organisations.add_post
    assert refusal(lambda: add(local_admin(), made, "局长", day=DAY, level="emperor")) == "unknown_key"
    assert refusal(lambda: add(local_admin(), made, "局长", day=DAY, authority="nobody")) == "unknown_key"
    add(local_admin(), made, "局长", day=DAY, level="township", authority="county")
    assert refusal(lambda: add(local_admin(), made, "局长", day=DAY)) == "post_exists"


def test_absences_name_their_document(place: Place) -> None:
    who, other = official(place), office(place)
    note = officials.note_absence
    assert refusal(lambda: note(local_admin(), who, "leave", day=DAY, document=" ")) == "no_document"
    assert refusal(lambda: note(local_admin(), who, "gone", day=DAY, document="x")) == "unknown_key"
    wrong = {"day": DAY, "document": "x", "organisation_id": other}
    assert refusal(lambda: note(local_admin(), who, "sick", **wrong)) == "not_lent"  # type: ignore[arg-type]
    made = note(local_admin(), who, "seconded", day=DAY, document="县组〔2019〕3号", organisation_id=other)
    assert refusal(lambda: note(local_admin(), who, "seconded", day=DAY + YEAR, document="x")) == "absent_already"
    assert refusal(lambda: officials.end_absence(local_admin(), made, day=DAY)) == "ends_before_it_began"
    officials.end_absence(local_admin(), made, day=DAY + YEAR)
    assert Absence.objects.get().valid_to == DAY + YEAR
    note(local_admin(), who, "released", day=DAY, document="x")


def test_the_same_three_are_one_official(place: Place) -> None:
    names = [("张伟", "县财政局", "1"), ("张伟", "县财政局", "1"), ("张伟", "县财政局", "2")]
    found = officials.add_officials(local_admin(), names, area_id=place.county.area_id, day=DAY)
    assert found[0] == found[1] != found[2]
    assert Official.objects.count() == 2
    wrong = [("", "x", "1")]
    assert refusal(lambda: officials.add_officials(local_admin(), wrong, area_id=1, day=DAY)) == "no_name"


def test_a_county_keeps_its_own(place: Place) -> None:
    clerk = place.clerk()
    made = office(place, actor=clerk)
    post = organisations.add_post(clerk, made, "局长", day=DAY)
    theirs = assigned("赵敏", "市医院", household=place.there[0]).official_id
    ours = assigned("李娜", "县医院", household=place.here[0]).official_id
    assert set(selectors.officials(clerk).values_list("pk", flat=True)) == {ours}
    with pytest.raises(Missing):
        officials.appoint(clerk, theirs, post, day=DAY)
    officials.appoint(clerk, ours, post, day=DAY)
    with pytest.raises(Missing):
        officials.note_absence(clerk, theirs, "leave", day=DAY, document="x")
    for area in (place.city, place.other):
        with pytest.raises(Missing):
            organisations.found_organisation(clerk, "x", "department", area_id=area.area_id, day=DAY)
        with pytest.raises(Missing):
            officials.add_officials(clerk, [("钱", "", "")], area_id=area.area_id, day=DAY)
    with pytest.raises(Refused):
        organisations.add_post(place.clerk("village"), made, "x", day=DAY)
