"""Rules of assigning: bounds of caseloads (raced), ranks of watchers, ties, the poor and the dead; who lacks a watcher;
what rules of data quality read of helpers."""

from __future__ import annotations

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import QuerySet

from officials import assigned
from rooms.duties.place import ALWAYS, Place
from tuopin.duties import kinds
from tuopin.duties.assigning import caseload, following
from tuopin.duties.assigning import services as assigning
from tuopin.duties.models import Assignment, HelperStatus, Official
from tuopin.duties.officials import services as officials
from tuopin.duties.officials import ties
from tuopin.duties.organisations import services as organisations
from tuopin.duties.watching import watchers as watching
from tuopin.platform.access import local_admin
from tuopin.platform.database import is_postgresql
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards
from tuopin.register.models import (
    EventSubject,
    Membership,
    Person,
    PersonIdentity,
    RegisterEvent,
    StatusPeriod,
)
from tuopin.standards.models import Evaluation, Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def place() -> Place:
    return Place()


def official(place: Place, name: str = "张伟", level: str | None = None, office: int | None = None) -> int:
    """Somebody of the county; with a level (empty = unknown) in a post of that level."""
    who = officials.add_officials(local_admin(), [(name, "县委", name)], area_id=place.county.area_id, day=DAY)[0]
    if level is not None:
        made = office or organisations.found_organisation(
            local_admin(), f"县委{name}", "party_committee", area_id=place.county.area_id, day=ALWAYS
        )
        post = organisations.add_post(local_admin(), made, f"职务{name}", day=DAY, level=level)
        officials.appoint(local_admin(), who, post, day=ALWAYS)
    return who


def begin(place: Place, who: int, role: str = "helper", *at: int, **more: object) -> list[int]:
    wanted = {place.here[each].pk: who for each in at or (0,)}
    return assigning.begin(local_admin(), wanted, role=role, **{"day": DAY, **more})  # type: ignore[arg-type]


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as raised:
        call()
    return raised.value.code


def status(place: Place, at: int, value: str, axis: str = "registration", until: datetime.date | None = None) -> None:
    StatusPeriod.objects.create(household=place.here[at], axis=axis, value=value, valid_from=ALWAYS, valid_to=until)


def member(place: Place, at: int, name: str = "张伟") -> Person:
    person = Person.objects.create()
    Membership.objects.create(person=person, household=place.here[at], valid_from=ALWAYS, confirmed_on=DAY)
    PersonIdentity.objects.create(person=person, name=name, as_of=DAY, year=2019, recorded_at="2019-05-01T00:00:00Z")
    return person


# -- how much one may answer for ----------------------------------------------------------------------------------


def test_nobody_answers_for_more_than_the_bound(place: Place) -> None:
    who = official(place)
    caseload.set_bound(local_admin(), place.county.area_id, "helper", 3, day=ALWAYS)
    begin(place, who, "helper", 0, 1)
    assert code(lambda: begin(place, who, "helper", 2, 3)) == "caseload_full"
    assert Assignment.objects.count() == 2, "all or none"
    begin(place, who, "helper", 2)
    assert code(lambda: begin(place, who, "helper", 3)) == "caseload_full"
    begin(place, who, "assistant", 3)
    other = official(place, "李娜")
    assigning.hand_over(local_admin(), {Assignment.objects.earliest("pk").pk: other}, day=DAY + WEEK)
    begin(place, who, "helper", 3, day=DAY + WEEK)


def test_the_nearest_area_and_the_own_level_say_how_much(place: Place) -> None:
    set_bound = caseload.set_bound
    leader, clerk = official(place, "县长", "county"), official(place)
    usual = kinds.role("helper")

    def most(who: int) -> int:
        return caseload.bounds(usual, [who], {who: {place.village.path}}, DAY)[who]

    assert (most(leader), most(clerk)) == (usual.most_at["county"], usual.most)
    set_bound(local_admin(), place.city.area_id, "helper", 8, day=ALWAYS)
    set_bound(local_admin(), place.county.area_id, "helper", 6, day=ALWAYS)
    set_bound(local_admin(), place.county.area_id, "helper", 2, day=ALWAYS, level="county")
    assert (most(leader), most(clerk)) == (2, 6)
    set_bound(local_admin(), place.county.area_id, "helper", None, day=DAY)
    assert most(clerk) == 8, "what the city said counts again"
    assert code(lambda: set_bound(local_admin(), place.county.area_id, "helper", 0, day=DAY)) == "bad_bound"
    assert code(lambda: set_bound(local_admin(), place.county.area_id, "helper", 10**9, day=DAY)) == "bad_bound"
    clerks = place.clerk()
    set_bound(clerks, place.county.area_id, "helper", 5, day=DAY)
    for area in (place.city, place.other):
        with pytest.raises(Missing):
            set_bound(clerks, area.area_id, "helper", 5, day=DAY)
    with pytest.raises(Refused):
        set_bound(place.clerk("township"), place.county.area_id, "helper", 5, day=DAY)


def race(place: Place, who: int) -> list[str]:
    """Two assign the same official to two households at once; what each was told."""
    start = threading.Barrier(2)

    def press(at: int) -> str:
        try:
            start.wait()
            begin(place, who, "helper", at)
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "begun"

    with ThreadPoolExecutor(2) as pool:
        return sorted(each.result() for each in [pool.submit(press, at) for at in range(2)])


@pytest.mark.django_db(transaction=True)
def test_two_who_fill_the_last_place_at_once(place: Place) -> None:
    who = official(place)
    caseload.set_bound(local_admin(), place.county.area_id, "helper", 1, day=ALWAYS)
    assert race(place, who) == ["begun", "caseload_full"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_get_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is there: only the lock on the official stands in its way (on SQLite the one writer at a time does)."""
    who = official(place)
    caseload.set_bound(local_admin(), place.county.area_id, "helper", 1, day=ALWAYS)
    counted, looked = threading.Barrier(2), caseload.require_room

    def look_and_wait(*given: object) -> None:
        looked(*given)  # type: ignore[arg-type]
        if is_postgresql():
            counted.wait(timeout=20)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_given, **_more: rows)
    monkeypatch.setattr(caseload, "require_room", look_and_wait)
    assert race(place, who) == (["begun", "begun"] if is_postgresql() else ["begun", "caseload_full"])


# -- who may not --------------------------------------------------------------------------------------------------


def test_who_lives_in_a_household_to_be_helped_answers_for_nobody(place: Place) -> None:
    who, person = official(place), member(place, 3)
    status(place, 3, "unstable_exit", "monitoring", until=DAY + WEEK)
    ties.tie(local_admin(), who, place.here[3].code, "own", day=ALWAYS, document="本人申报")
    assert Official.objects.get(pk=who).person_id == person.pk, "the one member of that name"
    assert code(lambda: begin(place, who)) == "helper_is_poor"
    begin(place, who, day=DAY + WEEK)
    ties.untie(local_admin(), ties.ties_of(local_admin(), Official.objects.get(pk=who)).get().pk, day=DAY + WEEK)
    assert Official.objects.get(pk=who).person_id is None


def test_a_household_counts_though_no_member_is_linked(place: Place) -> None:
    who = official(place, "王强")
    status(place, 3, "registered")
    ties.tie(local_admin(), who, place.here[3].code, "own", day=ALWAYS, document="本人申报")
    assert Official.objects.get(pk=who).person_id is None
    assert code(lambda: begin(place, who)) == "helper_is_poor"


def event(place: Place, kind: str, person: Person, same_as: Person | None = None) -> RegisterEvent:
    made = RegisterEvent.objects.create(
        kind=kind, day=DAY, household=place.here[3], area=place.village.area, reason="x", origin="page",
        at="2019-05-01T00:00:00Z", actor="x",
    )  # fmt: skip
    EventSubject.objects.create(event=made, day=DAY, person=person, same_as=same_as)
    return made


def test_the_link_follows_a_merge_and_its_undoing(place: Place) -> None:
    who, double, kept = official(place), member(place, 4), member(place, 3)
    status(place, 3, "registered")
    Official.objects.filter(pk=who).update(person=double)
    begin(place, who, "assistant", 0)
    merge = event(place, "same_person", double, kept)
    assert code(lambda: begin(place, who, "assistant", 1)) == "helper_is_poor"
    RegisterEvent.objects.create(
        kind="undo", day=DAY, household=place.here[3], area=place.village.area, reason="x", origin="page",
        at="2019-05-02T00:00:00Z", actor="x", undoes=merge,
    )  # fmt: skip
    begin(place, who, "assistant", 1)


def test_the_dead_answer_for_nothing(place: Place) -> None:
    who, person = official(place), member(place, 3)
    Official.objects.filter(pk=who).update(person=person)
    event(place, "death", person)
    assert code(lambda: begin(place, who)) == "official_died"
    begin(place, who, day=DAY - WEEK, until=DAY)


# -- person watches person ----------------------------------------------------------------------------------------


def evaluation(place: Place, *at: int) -> None:
    """An evaluation of the five groups in which these households lie below the province's line."""
    now = "2019-05-01T00:00:00Z"
    run = Evaluation.objects.create(
        standard="target_groups", kind="categories", level="household", pack="p", pack_version="1", pack_digest="x",
        parameter_hash="x", data_version=0, digest=str(at), day=DAY, area=place.county.area, actor="x", started_at=now,
        finished_at=now, items=["unexited", "below_guide_line"], shown=[], draft=[], tally={},
    )  # fmt: skip
    for each in at:
        Finding.objects.create(
            evaluation=run, subject_id=place.here[each].pk, area_id=place.village.area_id, item="below_guide_line",
            verdict="met",
        )  # fmt: skip


def test_whoever_watches_is_of_the_rank_that_is_asked_for(place: Place) -> None:
    status(place, 0, "registered")
    evaluation(place, 1)
    county, township = official(place, "县长", "county"), official(place, "科长", "township")
    unknown, nobody = official(place, "某", ""), official(place, "无")
    for who, said in ((township, "watcher_too_low"), (unknown, "watcher_level_unknown"),
                      (nobody, "watcher_level_unknown")):  # fmt: skip
        assert code(lambda who=who: begin(place, who, "watcher", 0)) == said  # type: ignore[misc]
    begin(place, county, "watcher", 0)
    assert code(lambda: begin(place, unknown, "watcher", 1)) == "watcher_level_unknown"
    begin(place, township, "watcher", 1)
    begin(place, nobody, "watcher", 2)  # a household of no category


def test_a_cadre_of_a_township_will_do_below_the_line(place: Place) -> None:
    evaluation(place, 0)
    area = place.village.parent_id
    office = organisations.found_organisation(local_admin(), "乡政府", "government", area_id=area or 0, day=ALWAYS)
    begin(place, official(place, "乡干部", "", office), "watcher", 0)


def test_nobody_watches_the_own_household(place: Place) -> None:
    who, other = official(place, "县长", "county"), official(place, "书记", "county")
    ties.tie(local_admin(), who, place.here[0].code, "kin", day=ALWAYS, document="申报")
    assert code(lambda: begin(place, who, "watcher", 0)) == "own_household"
    begin(place, other, "watcher", 0)


def test_who_lacks_a_watcher_is_counted_and_listed(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for at in range(4):
        status(place, at, "registered")
    assigned("甲", household=place.here[0], role="watcher")
    leader = official(place, "县长", "county")
    begin(place, leader, "watcher", 1)
    low = official(place, "科长", "township")
    Assignment.objects.create(official_id=low, role="watcher", household=place.here[2], name="科长", valid_from=ALWAYS)
    with django_assert_max_num_queries(12):
        report = watching.report(local_admin(), place.city, DAY)
    sums = {row.area.code: row.of["unexited"] for row in report.rows}
    found = sums[place.county.code]
    assert (found.fit, found.unknown, found.low, found.missing) == (1, 1, 1, 1)
    assert sums[place.other.code].needed == 0
    assert report.waiting == {"below_guide_line"}, "no evaluation said who belongs: unknown, not none"
    evaluation(place, 5)
    again = watching.report(local_admin(), place.county, DAY)
    assert again.waiting == set()
    assert [row.of["below_guide_line"].missing for row in again.rows] == [1]
    with pytest.raises(Refused):
        watching.report(place.clerk(), place.other, DAY)


def test_the_list_of_households_finds_them(place: Place) -> None:
    from tuopin.platform.lists.engine import open_list
    from tuopin.platform.lists.registry import listing
    from tuopin.register.listings import reader_at

    for at in range(2):
        status(place, at, "registered")
    begin(place, official(place, "县长", "county"), "watcher", 0)
    cards.refresh_all()
    given = {"watch": ["unexited"], "watched": ["0"], "column": ["watcher"]}
    households = listing("register.households")
    reader = reader_at(local_admin(), "register.view_household", place.county, {})
    _page, lines = open_list(households, reader, given).page(50)
    assert [each.row["code"] for each in lines] == [place.here[1].code]


def test_whose_relatives_live_where_is_told_to_keepers_alone(place: Place) -> None:
    from tuopin.platform.lists.engine import open_list
    from tuopin.platform.lists.registry import listing
    from tuopin.platform.problems import Problem as Said
    from tuopin.register.listings import reader_at

    ties.tie(local_admin(), official(place), place.here[0].code, "kin", day=ALWAYS, document="申报")
    cards.refresh_all()
    keeper, reader = place.clerk(), place.clerk("village")
    [row] = [each for each in watching.report(keeper, place.county, DAY).rows if "leaders_own" in each.of]
    assert row.of["leaders_own"].missing == 1
    assert "leaders_own" not in watching.report(reader, place.county, DAY).rows[0].of

    def listed(actor: Actor) -> list[str]:
        read = reader_at(actor, "register.view_household", place.county, {})
        _page, lines = open_list(listing("register.households"), read, {"watch": ["leaders_own"]}).page(50)
        return [each.row["code"] for each in lines]

    assert listed(keeper) == [place.here[0].code]
    with pytest.raises(Said):
        listed(reader)


def test_every_category_stands_on_what_there_is() -> None:
    """Items, statuses and levels that a category names exist."""
    from tuopin.platform.catalogue import catalogue
    from tuopin.standards.packs import folders, get_pack

    standards = {
        f"{standard.key}.{item.key}"
        for key in folders()
        for standard in get_pack(key).standards.values()
        for item in standard.items
    }
    statuses = {code for code, _title in catalogue().facts("household")["registration"].codes}
    for each in watching.categories().values():
        assert set(each.levels) <= set(kinds.levels())
        assert set(each.registration) <= statuses
        assert not each.item or f"{each.standard}.{each.item}" in standards
        assert bool(each.registration) + bool(each.item) + each.tied == 1


# -- what rules read ----------------------------------------------------------------------------------------------


def test_whether_the_helper_is_registered_is_known_where_he_is_linked(place: Place) -> None:
    linked, other = official(place), official(place, "李娜")
    person = member(place, 3)
    Official.objects.filter(pk=linked).update(person=person)
    status(place, 3, "registered", until=DAY + WEEK)
    assigned("张伟", "县委", "张伟", household=place.here[0], valid_from=DAY - WEEK)
    assigned("张伟", "县委", "张伟", household=place.here[1], valid_from=DAY + 2 * WEEK, valid_to=DAY + 3 * WEEK)
    assigned("李娜", "县委", "李娜", household=place.here[2])
    assert other
    assert following.keep() == 3
    rows = HelperStatus.objects.order_by("household_id", "valid_from")
    assert list(rows.values_list("household_id", "registered", "valid_from", "valid_to")) == [
        (place.here[0].pk, True, DAY - WEEK, DAY + WEEK),
        (place.here[0].pk, False, DAY + WEEK, None),
        (place.here[1].pk, False, DAY + 2 * WEEK, DAY + 3 * WEEK),
    ]
    before = set(rows.values_list("pk", flat=True))
    assert following.keep() == 3
    assert set(rows.values_list("pk", flat=True)) == before, "what stands is left alone"
    Official.objects.filter(pk=linked).update(person=None)
    assert following.keep() == 0
