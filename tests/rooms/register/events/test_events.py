"""Events of households and persons: what each opens and closes, what is refused, and how it is taken back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from people import account
from rooms.register.events.steps import EAST_2, WEST, happen, house, members, one, village, why
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards
from tuopin.register.events.balance import balances
from tuopin.register.events.planning import Newcomer, Wish
from tuopin.register.events.services import Why, give_code, preview, record
from tuopin.register.events.undo import undo
from tuopin.register.models import (
    Household,
    HouseholdCard,
    Membership,
    PersonCard,
    PersonIdentity,
    RegisterEvent,
    Residence,
    StatusPeriod,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]
DAY = "2019-03-01"


def _dated() -> list[Any]:
    """Everything dated, as it stands."""
    found: list[Any] = []
    for model in (Membership, Residence, StatusPeriod):
        found += sorted(model._default_manager.values_list())
    found += sorted(PersonIdentity.objects.filter(superseded_at=None).values_list("person_id", "as_of", "name"))
    return found


def test_a_death_ends_the_membership_and_only_that() -> None:
    happen("death", DAY, "9901", "990102")
    assert members("9901") == {"990101", "990103"}
    row = Membership.objects.get(person__code="990102")
    assert row.valid_to == date(2019, 3, 1)
    assert HouseholdCard.objects.get(code="9901").members == 2
    assert not PersonCard.objects.filter(person=row.person).exists()
    assert cards.wrong() == 0
    assert AuditEntry.objects.filter(action="register.record_events").count() == 1


def test_the_last_member_takes_the_household_along() -> None:
    happen("death", DAY, "9902", "990201")
    assert Residence.objects.get(household__code="9902").valid_to == date(2019, 3, 1)
    assert not StatusPeriod.objects.filter(household__code="9902", valid_to=None).exists()
    assert HouseholdCard.objects.get(code="9902").path == ""


def test_a_birth_makes_a_person_whom_the_next_export_may_name() -> None:
    number = happen("birth", DAY, "9901", newcomer=Newcomer("张新", "male", date(2019, 2, 20), relation="grandson"))
    event = RegisterEvent.objects.get(pk=number)
    made = event.changes["made"]["person"]
    identity = PersonIdentity.objects.get(person_id=made)
    assert (identity.name, identity.birth_date, identity.overrides) == ("张新", date(2019, 2, 20), {})
    assert PersonCard.objects.get(person_id=made).relation == "grandson"
    assert HouseholdCard.objects.get(code="9901").members == 4
    undo(local_admin(), number)
    assert not PersonCard.objects.filter(person_id=made).exists()
    assert cards.wrong() == 0


def test_a_split_makes_a_household_with_the_same_status() -> None:
    number = happen("split", DAY, "9901", "990103", head=one("990103"))
    new = Household.objects.get(code="9901-F1")
    assert members("9901-F1") == {"990103"}
    assert members("9901") == {"990101", "990102"}
    card = HouseholdCard.objects.get(household=new)
    assert (card.registration, card.head_name, card.members) == ("exited", "张小", 1)
    assert PersonCard.objects.get(person_id=one("990103")).relation == "head"
    assert cards.wrong() == 0
    give_code(local_admin(), new.pk, "990199")
    assert Household.objects.get(pk=new.pk).code == "990199"
    undo(local_admin(), number)
    assert members("9901") == {"990101", "990102", "990103"}
    assert PersonCard.objects.get(person_id=one("990103")).relation == "son"
    happen("split", DAY, "9901", "990102", head=one("990102"), code="990199")  # the code is free again


def test_a_merge_keeps_both_and_ends_one() -> None:
    happen("merge", DAY, "9902", target=house("9901"))
    assert members("9901") == {"990101", "990102", "990103", "990201"}
    assert Residence.objects.get(household__code="9902").valid_to == date(2019, 3, 1)
    assert Household.objects.filter(code="9902").exists()
    assert PersonCard.objects.get(person_id=one("990201")).relation is None, "no second head in the household"
    assert cards.wrong() == 0


def test_a_move_takes_all_along() -> None:
    happen("move", DAY, "9901", village=village(WEST), group="二组")
    rows = Residence.objects.filter(household__code="9901").order_by("valid_from")
    assert [(row.area_id, row.valid_to) for row in rows][1] == (village(WEST), None)
    assert HouseholdCard.objects.get(code="9901").area_id == village(WEST)
    assert cards.wrong() == 0


def test_who_moved_away_comes_back_without_the_dead() -> None:
    happen("moved_away", DAY, "9901")
    assert members("9901") == set()
    happen("household_back", "2019-06-01", "9901", village=village(EAST_2))
    assert members("9901") == {"990101", "990102", "990103"}
    assert HouseholdCard.objects.get(code="9901").registration == "exited"
    assert cards.wrong() == 0


def test_married_out_within_the_register_is_one_act() -> None:
    happen("marriage_out", DAY, "9901", "990103", target=house("9903"), relations={one("990103"): "son_in_law"})
    assert "990103" in members("9903")
    assert PersonCard.objects.get(person_id=one("990103")).relation == "son_in_law"
    assert RegisterEvent.objects.count() == 1


KINDS_THAT_GO_BACK: list[tuple[str, str, tuple[str, ...], dict[str, Any]]] = [
    ("death", "9902", ("990201",), {}),
    ("emigration", "9901", ("990102",), {}),
    ("marriage_out", "9901", ("990103",), {"target": "9903"}),
    ("split", "9901", ("990102", "990103"), {"head": "990102"}),
    ("merge", "9902", (), {"target": "9903"}),
    ("move", "9901", (), {"village": WEST}),
    ("moved_away", "9903", (), {}),
    ("birth", "9901", (), {"newcomer": Newcomer("新", None, date(2019, 1, 1))}),
]


@pytest.mark.parametrize(("kind", "code", "persons", "more"), KINDS_THAT_GO_BACK)
def test_undone_is_as_it_was(kind: str, code: str, persons: tuple[str, ...], more: dict[str, Any]) -> None:
    before, shown = _dated(), sorted(HouseholdCard.objects.filter(area__isnull=False).values_list())
    given = dict(more)
    given |= {"target": house(more["target"])} if "target" in more else {}
    given |= {"village": village(more["village"])} if "village" in more else {}
    given |= {"head": one(more["head"])} if "head" in more else {}
    number = happen(kind, DAY, code, *persons, **given)
    assert _dated() != before
    undo(local_admin(), number, "录错")
    assert _dated() == before
    assert sorted(HouseholdCard.objects.filter(area__isnull=False).values_list()) == shown
    assert cards.wrong() == 0
    with pytest.raises(Problem) as again:
        undo(local_admin(), number)
    assert again.value.code == "cannot_undo"


def test_what_rests_on_an_event_keeps_it() -> None:
    split = happen("split", DAY, "9901", "990103", head=one("990103"))
    happen("move", "2019-05-01", "9901-F1", village=village(WEST))
    with pytest.raises(Problem) as refused:
        undo(local_admin(), split)
    assert "迁移" in refused.value.zh
    assert "2019-05-01" in refused.value.zh


REFUSED: list[tuple[str, str, str, tuple[str, ...], dict[str, Any], str]] = [
    ("death", "2018-11-30", "9901", ("990102",), {}, "before_household"),
    ("death", "2018-12-01", "9901", ("990102",), {}, "before_household"),
    ("death", DAY, "9901", ("990201",), {}, "no_member"),
    ("death", DAY, "9901", (), {}, "nobody_chosen"),
    ("split", DAY, "9901", ("990101", "990102", "990103"), {"head": "990101"}, "nobody_left"),
    ("split", DAY, "9901", ("990103",), {"head": "990101"}, "no_head"),
    ("split", DAY, "9901", ("990103",), {"head": "990103", "code": "9902"}, "code_taken"),
    ("split", DAY, "9901", ("990103",), {"head": "990103", "code": "a b/../c"}, "code_taken"),
    ("split", DAY, "9901", ("990103",), {"head": "990103", "registration": "<script>"}, "no_such_status"),
    ("move", DAY, "9901", (), {"village": "990101100201"}, "same_village"),
    ("move", DAY, "9901", (), {"village": "990101100000"}, "no_such_village"),
    ("move", DAY, "9901", (), {}, "no_village"),
    ("merge", DAY, "9901", (), {"target": "9901"}, "same_household"),
    ("merge", DAY, "9901", (), {}, "no_target"),
    ("return", DAY, "9901", ("990102",), {}, "member_elsewhere"),
    ("household_back", DAY, "9901", (), {}, "not_gone"),
    ("birth", DAY, "9901", (), {"newcomer": Newcomer("新", None, date(2019, 3, 2))}, "bad_birth"),
    ("birth", DAY, "9901", (), {"newcomer": Newcomer("  ")}, "no_name"),
    ("other_in", DAY, "9901", (), {"newcomer": Newcomer("甲", "unknown")}, "bad_newcomer"),
    ("other_in", DAY, "9901", (), {"newcomer": Newcomer("甲", id_number="41012319900101123X")}, "bad_number"),
    ("other_in", DAY, "9901", (), {"newcomer": Newcomer("甲", relation="'; drop")}, "no_such_relation"),
    ("nothing", DAY, "9901", (), {}, "no_such_kind"),
]


@pytest.mark.parametrize(("kind", "day", "code", "persons", "more", "said"), REFUSED)
def test_refused(kind: str, day: str, code: str, persons: tuple[str, ...], more: dict[str, Any], said: str) -> None:
    before, given = _dated(), dict(more)
    given |= {"target": house(more["target"])} if "target" in more else {}
    given |= {"village": village(more["village"])} if "village" in more else {}
    given |= {"head": one(more["head"])} if "head" in more else {}
    with pytest.raises(Problem) as refused:
        happen(kind, day, code, *persons, **given)
    assert refused.value.code == said
    assert _dated() == before
    assert not RegisterEvent.objects.exists()


def test_nobody_dies_twice_nor_before_a_later_event() -> None:
    happen("death", DAY, "9901", "990102")
    for day in (DAY, "2019-04-01"):
        with pytest.raises(Problem) as refused:
            happen("death", day, "9901", "990102")
        assert refused.value.code == "left_already"
    with pytest.raises(Problem) as refused:
        happen("return", "2019-05-01", "9901", "990102")
    assert refused.value.code == "dead"
    with pytest.raises(Problem) as refused:
        happen("move", "2019-02-01", "9901", village=village(WEST))
    assert refused.value.code == "later_event"


@pytest.mark.parametrize("day", [timezone.localdate() + timedelta(days=1), date(1, 1, 1), date(9999, 12, 31)])
def test_not_ahead_nor_out_of_time(day: date) -> None:
    with pytest.raises(Problem) as refused:
        record(local_admin(), "moved_away", [Wish(house("9901"))], Why(day, "x"))
    assert refused.value.code == "bad_day"


def test_grants_over_both_sides() -> None:
    township = actor_for(account("east", "township", "990101100000"))
    wish = Wish(house("9901"), village=village(WEST))
    with pytest.raises(Problem) as refused:
        record(township, "move", [wish], why(DAY))
    assert refused.value.code == "no_such_village"
    with pytest.raises(Problem) as refused:
        record(township, "merge", [Wish(house("9901"), target=house("9903"))], why(DAY))
    assert refused.value.code == "no_such_target"
    for missing in (house("9903"), 10**12):
        with pytest.raises(Missing) as hidden:
            record(township, "moved_away", [Wish(missing)], why(DAY))
        assert hidden.value.code == "no_such_household"
    viewer = actor_for(account("viewer", "village", "990101100201"))
    with pytest.raises(Refused):
        record(viewer, "moved_away", [Wish(house("9901"))], why(DAY))
    number = record(township, "move", [Wish(house("9901"), village=village(EAST_2))], why(DAY))[0]
    west = actor_for(account("west", "township", "990101101000"))
    with pytest.raises(Missing):
        undo(west, number)
    undo(township, number)


def test_two_people_at_once_one_is_told() -> None:
    """Both looked at the household; the split comes first, the move is refused instead of moving what is left."""
    from tuopin.register.events.state import load

    seen = load(local_admin(), {house("9901")}, (), ()).houses[house("9901")].mark()
    split = Wish(house("9901"), (one("990103"),), head=one("990103"), seen=seen)
    record(local_admin(), "split", [split], why(DAY))
    with pytest.raises(Problem) as refused:
        record(local_admin(), "move", [Wish(house("9901"), village=village(WEST), seen=seen)], why(DAY))
    assert (refused.value.code, refused.value.status) == ("changed_meanwhile", 409)


def test_two_threads_at_once_one_wins() -> None:
    from tuopin.register.events.state import load

    seen = load(local_admin(), {house("9901")}, (), ()).houses[house("9901")].mark()
    split = Wish(house("9901"), (one("990103"),), head=one("990103"), seen=seen)
    move = Wish(house("9901"), village=village(WEST), seen=seen)
    start = threading.Barrier(2)

    def press(kind: str, wish: Wish) -> str:
        try:
            start.wait()
            record(local_admin(), kind, [wish], why(DAY))
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        said = [each.result() for each in (pool.submit(press, "split", split), pool.submit(press, "move", move))]
    assert sorted(said) == ["changed_meanwhile", "recorded"]
    assert RegisterEvent.objects.count() == 1


def test_statements_do_not_grow(register: Path, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    from county import household, households, person, take

    take(households(register, *(household(f"98{at:02}", person(f"98{at:02}01")) for at in range(40)), name="40.csv"))
    wishes = [Wish(house(f"98{at:02}"), village=village(EAST_2)) for at in range(40)]
    with django_assert_max_num_queries(60):
        record(local_admin(), "move", wishes[:1], why(DAY))
    with django_assert_max_num_queries(60):
        record(local_admin(), "move", wishes[1:], why(DAY))
    assert cards.wrong() == 0


def test_preview_writes_nothing() -> None:
    before = _dated()
    acts, _held = preview(local_admin(), "moved_away", [Wish(house("9901"))], why(DAY))
    assert acts[0].ends
    assert _dated() == before


def test_two_rows_of_one_person() -> None:
    """The number alone decides nothing; a person does, and takes it back."""
    double = happen("other_in", DAY, "9902", newcomer=Newcomer("张小", id_number=_number("990103")))
    made = RegisterEvent.objects.get(pk=double).changes["made"]["person"]
    with pytest.raises(Problem) as refused:
        record(
            local_admin(), "same_person", [Wish(house("9902"), (one("990201"),), keep=one("990103"))], why("2019-04-01")
        )
    assert refused.value.code == "no_double"
    number = record(
        local_admin(), "same_person", [Wish(house("9902"), (made,), keep=one("990103"))], why("2019-04-01")
    )[0]
    assert members("9902") == {"990201"}
    undo(local_admin(), number)
    assert members("9902") == {"990201", ""}


def _number(code: str) -> str:
    return PersonIdentity.objects.get(person__code=code, superseded_at=None).id_number


def test_the_balance_names_what_happened() -> None:
    happen("split", DAY, "9901", "990103", head=one("990103"))
    happen("death", DAY, "9902", "990201")
    happen("move", DAY, "9903", village=village(EAST_2))
    area = village("990101000000")
    found = balances([area], date(2019, 1, 1), date(2019, 12, 31))[area]
    houses, persons = found["households"], found["persons"]
    assert (houses.opening, houses.ins, houses.outs, houses.closing) == (3, {"split": 1}, {"dissolved": 1}, 3)
    assert (persons.opening, persons.ins, persons.outs, persons.closing) == (6, {}, {"death": 1}, 5)
    township = village("990101100000")
    east = balances([township], date(2019, 1, 1), date(2019, 12, 31))[township]["persons"]
    assert (east.opening, east.ins, east.outs, east.closing) == (4, {"move": 2}, {"death": 1}, 5)
    first = balances([area], date(2018, 1, 1), date(2018, 12, 31))[area]["registered_persons"]
    assert (first.opening, first.ins, first.closing) == (0, {"import_first": 6}, 6)


def test_a_helper_of_the_new_household_keeps_the_split() -> None:
    from officials import assigned

    split = happen("split", DAY, "9901", "990103", head=one("990103"))
    assigned("甲", household_id=house("9901-F1"), valid_from=date(2019, 4, 1))
    with pytest.raises(Problem) as refused:
        undo(local_admin(), split)
    assert "帮扶责任人" in refused.value.zh
