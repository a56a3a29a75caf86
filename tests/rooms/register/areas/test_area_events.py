"""Events of areas: what each kind makes of the tree, of households, grants and facts; refusals; taking back."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from people import account
from rooms.register.areas.tree import DAY, EARLY, happen, line, lived, now, on, plant, rows, settle
from tuopin.platform.access import actor_for, grants_of, visible_paths
from tuopin.platform.models import AuditEntry, Grant
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards, selectors
from tuopin.register.events.areas.given import Faulty
from tuopin.register.events.areas.undo import undo
from tuopin.register.events.balance import balances
from tuopin.register.models import (
    AreaEvent,
    AreaMap,
    AreaVersion,
    Designation,
    HouseholdCard,
    Residence,
    VillageCondition,
)
from tuopin.register.permissions import VIEW_AREA

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = DAY - datetime.timedelta(days=1)


@pytest.fixture
def city(transactional_db: None) -> dict[str, AreaVersion]:
    return plant()


def code_of(*lines: Any, **more: Any) -> str:
    with pytest.raises(Problem) as refused:
        happen(*lines, **more)
    return refused.value.code


def test_a_village_is_renamed_and_its_history_stays(city: dict[str, AreaVersion]) -> None:
    happen(line("renamed", "A1-1", name="新名村"))
    assert (on("A1-1", BEFORE).name, now("A1-1").name) == ("A1第1村", "新名村")
    assert now("A1-1").area_id == city["A1-1"].area_id
    assert AreaVersion.objects.filter(area_id=city["A1-1"].area_id).count() == 2


def test_a_merger_moves_households_from_the_day_on(city: dict[str, AreaVersion]) -> None:
    before = lived(BEFORE)
    done = happen(line("merged", "A1-1", "A1-3"), line("merged", "A1-2", "A1-3"))
    assert (done.households, done.ended, done.begun) == (8, 2, 0)
    assert lived(BEFORE) == before
    assert lived(DAY) == {"A1-3": 12, "A2-1": 4, "A2-2": 4, "A2-3": 4, "B1-1": 4, "B1-2": 4, "B1-3": 4}
    assert not AreaVersion.objects.filter(code__in=["A1-1", "A1-2"], valid_to=None).exists()
    assert HouseholdCard.objects.filter(area_id=city["A1-3"].area_id, path=city["A1-3"].path).count() == 12
    assert cards.wrong() == 0
    rows_ = AreaMap.objects.order_by("number").values_list("code", "new_code", "households", "ended", "began")
    assert list(rows_) == [("A1-1", "A1-3", 4, True, False), ("A1-2", "A1-3", 4, True, False)]


def test_several_end_and_a_new_village_begins(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-9", name="和睦村"), line("merged", "A1-2", "A1-9"))
    assert now("A1-9").name == "和睦村"
    assert now("A1-9").parent_id == city["A1"].area_id
    assert now("A1-9").path.startswith(city["A1"].path)
    assert lived(DAY)["A1-9"] == 8


def test_who_came_after_the_day_of_a_late_recording_is_put_right(city: dict[str, AreaVersion]) -> None:
    settle(city["A1-1"], 2, since=DAY + datetime.timedelta(days=30))
    happen(line("merged", "A1-1", "A1-3"))
    assert not Residence.objects.filter(area_id=city["A1-1"].area_id, valid_to=None).exists()
    assert lived(DAY + datetime.timedelta(days=30))["A1-3"] == 10


def test_a_township_moves_with_all_below_it_and_other_codes_on_the_same_day(city: dict[str, AreaVersion]) -> None:
    happen(
        line("moved", "A1", "B2", parent="B"),
        *(line("recoded", f"A1-{at}", f"B2-{at}") for at in (1, 2, 3)),
    )
    moved = now("B2")
    assert moved.path == city["B"].path + f"{city['A1'].area_id:08d}"
    assert [now(f"B2-{at}").path for at in (1, 2, 3)] == [
        moved.path + f"{city[f'A1-{at}'].area_id:08d}" for at in (1, 2, 3)
    ]
    assert on("A1-1", BEFORE).path == city["A1-1"].path
    assert cards.wrong() == 0
    found = balances({city["A"].area_id, city["B"].area_id}, DAY, DAY)
    assert found[city["A"].area_id]["households"].outs == {"area": 12}
    assert found[city["B"].area_id]["households"].ins == {"area": 12}


def test_two_villages_swap_their_codes(city: dict[str, AreaVersion]) -> None:
    before = rows()
    done = happen(line("recoded", "A1-1", "A1-2"), line("recoded", "A1-2", "A1-1"))
    assert now("A1-2").area_id == city["A1-1"].area_id
    happen(line("recoded", "A1-1", "A1-2"), line("recoded", "A1-2", "A1-1"))  # again on that day: put right in place
    assert now("A1-1").area_id == city["A1-1"].area_id
    undo_all()
    assert rows() == before
    assert done.event is not None


def undo_all() -> None:
    from tuopin.platform.access import local_admin

    for number in AreaEvent.objects.filter(undone=None).order_by("-pk").values_list("pk", flat=True):
        undo(local_admin(), number, reason="登记有误")


def test_a_village_is_split_by_groups_and_single_households(city: dict[str, AreaVersion]) -> None:
    happen(
        line("split", "A1-1", "A1-1"),
        line("split", "A1-1", "A1-8", name="东村", groups=("一组",)),
        line("split", "A1-1", "A1-9", name="西村", households=("A1-1-1-1501",)),
    )
    assert {code: count for code, count in lived(DAY).items() if code.startswith("A1")} == {
        "A1-1": 1, "A1-2": 4, "A1-3": 4, "A1-8": 2, "A1-9": 1,
    }  # fmt: skip
    assert code_of(line("split", "A1-2", "A1-7", name="北村", groups=("一组",))) == "households_left"
    assert code_of(line("split", "A1-2", "A1-2"), line("split", "A1-2", "A1-7", name="北村", groups=("九组",))) == (
        "no_such_households"
    )


def test_a_county_becomes_a_district_and_a_township_a_town(city: dict[str, AreaVersion]) -> None:
    happen(line("upgraded", "A", "A0", name="甲区"), line("upgraded", "A1", name="A1镇"))
    assert (now("A0").level, now("A0").name, now("A1").name) == ("county", "甲区", "A1镇")
    assert now("A1-1").path == city["A1-1"].path


def test_merged_townships_keep_their_villages(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A2", "A1"))
    assert now("A2-1").parent_id == city["A1"].area_id
    assert now("A2-1").path.startswith(city["A1"].path)
    assert lived(DAY)["A2-1"] == 4
    assert cards.wrong() == 0


def test_a_township_named_beside_its_merged_county_takes_its_villages_along(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "B", "A"), line("renamed", "B1", name="B1镇"))
    assert now("B1").path == city["A"].path + f"{city['B1'].area_id:08d}"
    assert now("B1-1").path == now("B1").path + f"{city['B1-1'].area_id:08d}"
    assert cards.wrong() == 0


def test_an_area_is_abolished_only_when_empty(city: dict[str, AreaVersion]) -> None:
    assert code_of(line("abolished", "A1-1")) == "households_stay"
    assert code_of(line("abolished", "A1")) == "not_empty"
    Residence.objects.filter(area_id=city["A1-1"].area_id).update(valid_to=DAY)
    happen(line("abolished", "A1-1"))
    assert not AreaVersion.objects.filter(code="A1-1", valid_to=None).exists()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((line("merged", "A1-1", "A1-1"),), "into_itself"),
        ((line("merged", "A1-1", "A1"),), "levels_differ"),
        ((line("merged", "A1-1", "A1-2"), line("merged", "A1-2", "A1-3")), "successor_ends"),
        ((line("merged", "A1-1", "A1-2"), line("split", "A1-1", "X", name="某村")), "ends_twice"),
        ((line("merged", "nowhere", "A1-1"),), "no_such_area"),
        ((line("moved", "A", parent="A1"),), "wrong_parent"),
        ((line("moved", "A1", parent="A2"),), "wrong_parent"),
        ((line("recoded", "A1-1", "B1-1"),), "code_taken"),
        ((line("recoded", "A1-1", "x/../y"),), "bad_code"),
        ((line("renamed", "A1-1", name="长" * 101),), "bad_name"),
        ((line("renamed", "A1-1", name="新", day=datetime.date(2999, 1, 1)),), "day_to_come"),
        ((line("eaten", "A1-1"),), "bad_kind"),
        ((), "no_lines"),
        ((line("merged", "A1-1", "Z"), line("merged", "B1-1", "Z", name="新村")), "parent_needed"),
        ((line("merged", "A1-1", "Z"),), "no_name"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    city: dict[str, AreaVersion], lines: tuple[Any, ...], code: str
) -> None:
    before = rows()
    assert code_of(*lines) == code
    assert rows() == before
    assert not AreaEvent.objects.exists()


def test_every_faulty_line_is_named(city: dict[str, AreaVersion]) -> None:
    with pytest.raises(Faulty) as refused:
        happen(line("renamed", "gone", name="x"), line("renamed", "A1-1", name="y"), line("recoded", "lost", "z"))
    assert [(each.row, each.code) for each in refused.value.faults] == [(1, "no_such_area"), (3, "no_such_area")]
    assert "第 1 行" in refused.value.zh


def test_a_code_may_hold_letters_and_comes_in_half_width(city: dict[str, AreaVersion]) -> None:
    happen(line("recoded", "Ａ1-1", "ＸＹ－1 "))
    assert now("XY-1").area_id == city["A1-1"].area_id


def test_nothing_is_dated_before_a_later_event(city: dict[str, AreaVersion]) -> None:
    happen(line("renamed", "A1-1", name="新名村"))
    assert code_of(line("renamed", "A1-1", name="早名村", day=BEFORE)) == "later_change"
    assert code_of(line("moved", "A1", parent="B", day=BEFORE)) == "later_change"  # a village below changed since
    happen(line("moved", "A1", parent="B", day=DAY + datetime.timedelta(days=1)))


def test_a_set_holds_several_days(city: dict[str, AreaVersion]) -> None:
    later = DAY + datetime.timedelta(days=100)
    done = happen(line("merged", "A1-1", "A1-2"), line("merged", "A1-2", "A1-3", day=later))
    assert done.households == 8
    assert lived(DAY)["A1-2"] == 8
    assert lived(later)["A1-3"] == 12
    undo_all()
    assert lived(later)["A1-1"] == 4


def test_taking_back_gives_the_same_rows(city: dict[str, AreaVersion]) -> None:
    user = account("village-cadre", "village", "A1-1")
    Designation.objects.create(area_id=city["A1-1"].area_id, kind="poor_village", valid_from=EARLY)
    VillageCondition.objects.create(
        area_id=city["A1-3"].area_id, year=2018, as_of=EARLY, population=100, recorded_at="2018-01-01T00:00:00Z"
    )
    before = rows()
    done = happen(line("merged", "A1-1", "A1-3"), line("merged", "A1-2", "A1-3"), move_grants=True)
    assert (done.grants_moved, done.grants_left) == (1, 0)
    assert rows() != before
    assert visible_paths(actor_for(user), VIEW_AREA) == [selectors.subtree(city["A1-3"])]
    assert [each.kind for each in Designation.objects.filter(area_id=city["A1-3"].area_id)] == ["poor_village"]
    undo_all()
    assert rows() == before
    assert done.event is not None
    with pytest.raises(Problem, match="cannot_undo"):
        undo(_local(), done.event.pk)
    assert AuditEntry.objects.filter(action="register.undo_area_event").count() == 1


def _local() -> Any:
    from tuopin.platform.access import local_admin

    return local_admin()


def test_nothing_is_taken_back_once_something_rests_on_it(city: dict[str, AreaVersion]) -> None:
    done = happen(line("merged", "A1-1", "A1-9", name="和睦村"), line("merged", "A1-2", "A1-9"))
    assert done.event is not None
    newcomer = settle(now("A1-9"), 1, since=DAY)[0]
    with pytest.raises(Problem) as refused:
        undo(_local(), done.event.pk)
    assert refused.value.code == "cannot_undo"
    Residence.objects.filter(household=newcomer).delete()
    home = Residence.objects.filter(area_id=now("A1-9").area_id).first()
    assert home is not None
    Residence.objects.filter(pk=home.pk).update(valid_to=datetime.date(2021, 1, 1))  # it moved away since
    with pytest.raises(Problem, match="cannot_undo"):
        undo(_local(), done.event.pk)
    Residence.objects.filter(pk=home.pk).update(valid_to=None)
    undo(_local(), done.event.pk)


def test_a_later_change_is_taken_back_first(city: dict[str, AreaVersion]) -> None:
    first = happen(line("merged", "A1-1", "A1-3")).event
    happen(line("renamed", "A1-3", name="新名村", day=DAY + datetime.timedelta(days=9)))
    assert first is not None
    with pytest.raises(Problem, match="cannot_undo"):
        undo(_local(), first.pk)
    undo_all()


def test_facts_of_a_village_that_took_in_another_are_unknown_from_then_on(city: dict[str, AreaVersion]) -> None:
    for code in ("A1-1", "A1-3"):
        VillageCondition.objects.create(
            area_id=city[code].area_id, year=2018, as_of=EARLY, population=100, poor_village=True,
            recorded_at="2018-01-01T00:00:00Z",
        )  # fmt: skip
    happen(line("merged", "A1-1", "A1-3"))
    facts = VillageCondition.objects.filter(area_id=city["A1-3"].area_id).order_by("as_of")
    assert [(each.as_of, each.population) for each in facts] == [(EARLY, 100), (DAY, None)]
    assert VillageCondition.objects.get(area_id=city["A1-1"].area_id).population == 100


def test_only_who_may_and_only_within_the_grants(city: dict[str, AreaVersion]) -> None:
    township = actor_for(account("township-clerk", "township", "A1"))
    with pytest.raises(Refused):
        happen(line("renamed", "A1-1", name="新名村"), actor=township)
    county = actor_for(account("county-clerk", "county", "A"))
    assert code_of(line("merged", "A1-1", "B1-1", name="x"), actor=county) == "code_taken"
    assert code_of(line("merged", "B1-1", "A1-1"), actor=county) == "no_such_area"
    assert code_of(line("moved", "A1", parent="B"), actor=county) == "no_such_parent"
    done = happen(line("merged", "A1-1", "A1-2"), actor=county)
    other = actor_for(account("other-county", "county", "B"))
    assert done.event is not None
    with pytest.raises(Missing):
        undo(other, done.event.pk)


def test_grants_over_an_ended_village_open_nothing_unless_they_go_over(city: dict[str, AreaVersion]) -> None:
    cadre = account("village-cadre", "village", "A1-1")
    both = account("both-villages", "village", "A1-1")
    from tuopin.platform.accounts import services as accounts

    accounts.grant_by_code(_local(), both, "village", "area", "A1-3")
    done = happen(line("merged", "A1-1", "A1-3"))
    assert (done.grants_moved, done.grants_left) == (0, 2)
    assert visible_paths(actor_for(cadre), VIEW_AREA) == []
    undo_all()
    done = happen(line("merged", "A1-1", "A1-3"), move_grants=True)
    assert (done.grants_moved, done.grants_left) == (2, 0)
    assert len(grants_of(actor_for(both), VIEW_AREA)) == 1  # the same over the successor was held already
    assert Grant.objects.filter(user=cadre).count() == 2


def test_a_grant_that_would_not_go_together_with_another_stays(city: dict[str, AreaVersion]) -> None:
    inspector = account("inspector", "inspector", "A1-1")
    household = Residence.objects.filter(area_id=city["A1-3"].area_id).values_list("household_id", flat=True)[0]
    Grant.objects.create(
        user=inspector, role="helper", scope_kind="household", scope_id=household, valid_from=EARLY, field_classes=[]
    )
    done = happen(line("merged", "A1-1", "A1-3"), move_grants=True)
    assert (done.grants_moved, done.grants_left) == (0, 1)
    assert visible_paths(actor_for(inspector), VIEW_AREA) == []


def test_a_preview_tells_the_same_and_writes_nothing(city: dict[str, AreaVersion]) -> None:
    before = rows()
    found = happen(line("merged", "A1-1", "A1-3"), dry_run=True)
    assert rows() == before
    assert not AreaEvent.objects.exists()
    done = happen(line("merged", "A1-1", "A1-3"))
    assert (found.households, found.areas, found.ended) == (done.households, done.areas, done.ended) == (4, 1, 1)


def test_the_number_of_statements_does_not_grow_with_the_villages(
    transactional_db: None, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    plant(villages=30, households=2)
    happen(line("renamed", "B1-1", name="新名村"))  # from here on a count of areas waits
    counts = []
    for township, pairs in (("A1", 1), ("A2", 14)):
        lines = [line("merged", f"{township}-{at}", f"{township}-{at + 1}") for at in range(1, 2 * pairs, 2)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            happen(*lines)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 90


def test_two_people_at_once_record_one_after_the_other(city: dict[str, AreaVersion]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def merge(target: str) -> str:
        try:
            happen(line("merged", "A1-1", target))
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(merge, ["A1-2", "A1-3"]))
    assert found == ["no_such_area", "recorded"]
    assert sum(lived(DAY).values()) == 36
    assert AreaEvent.objects.count() == 1


def test_a_draft_is_recorded_once_by_two_presses(city: dict[str, AreaVersion]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from tuopin.register.events.areas import drafts as areas_drafts
    from tuopin.register.events.areas.given import Given

    draft = areas_drafts.keep(_local(), Given((line("merged", "A1-1", "A1-3"),), "文件"))

    def press(_press: int) -> int:
        try:
            return areas_drafts.record_draft(_local(), draft.pk, move_grants=False)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(press, [1, 2]))) == 1
    assert AreaEvent.objects.count() == 1
