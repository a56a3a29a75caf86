"""What refusals and lists of events must not tell, and days on which something was not yet, or is no more."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from people import account, signed_in
from rooms.register.events.steps import COUNTY, EAST, EAST_2, FIRST, WEST, happen, house, one, village, why
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import limits, tokens
from tuopin.platform.home import home
from tuopin.platform.problems import Problem
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import record as change_areas
from tuopin.register.events.balance import balance
from tuopin.register.events.planning import Newcomer, Wish
from tuopin.register.events.services import record
from tuopin.register.events.undo import undo
from tuopin.register.models import AreaVersion, PersonIdentity, Residence, StatusPeriod

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]
DAY = "2019-03-01"
TOWN = EAST[:9] + "000"


@pytest.fixture
def east() -> Client:
    return signed_in(account("east", "township", TOWN))


@pytest.mark.parametrize("more", [{}, {"day": "2999-01-01"}])
def test_a_receiving_household_outside_is_as_one_that_is_none(east: Client, more: dict[str, str]) -> None:
    """Whatever else is wrong with the form, the answer is the same: nobody finds out which codes there are."""
    said = []
    for code in ("9903", "9999"):
        form = {"day": DAY, "reason": "嫁出", "then": "record", "target": code} | more
        seen = east.post("/register/events/household/9901/marriage_out/", form)
        said.append((seen.status_code, seen.context["problem"].code))
    assert said[0] == said[1]


@pytest.mark.parametrize("more", [{}, {"day": "2999-01-01"}, {"events": [{"target": "9901"}]}])
def test_programs_do_not_find_out_either(client: Client, more: dict[str, Any]) -> None:
    limits.RATE.forget()
    actor = actor_for(account("east", "township", TOWN))
    offered = [each.name for each in tokens.offered(actor)]
    secret = tokens.make_token(actor, "t", grants=[each.pk for each in grants_of(actor)], permissions=offered, days=1)[
        1
    ]
    said = []
    for code in ("9903", "9999"):
        wish = {"household": code} | more.get("events", [{}])[0]
        body = {"kind": "merge", "day": more.get("day", DAY), "reason": "x", "events": [wish]}
        seen = client.post("/api/events", body, "application/json", headers={"Authorization": f"Bearer {secret}"})
        said.append((seen.status_code, seen.json()["code"]))
    assert said[0] == said[1]


def _refused(kind: str, day: str, of: str, /, *persons: str, **more: Any) -> str:
    with pytest.raises(Problem) as refused:
        happen(kind, day, of, *persons, **more)
    return refused.value.code


def test_a_split_of_before_a_change_of_status_does_not_take_the_later_one() -> None:
    """Recorded late, a split would give its household the status of today from the day of the split on."""
    standing = StatusPeriod.objects.get(household__code="9901", axis="registration", valid_to=None)
    StatusPeriod.objects.filter(pk=standing.pk).update(valid_to=date(2019, 6, 1))
    StatusPeriod.objects.create(
        household_id=house("9901"), axis="registration", value="returned", valid_from=date(2019, 6, 1)
    )
    assert _refused("split", DAY, "9901", "990103", head=one("990103")) == "later_event"
    happen("split", "2019-06-02", "9901", "990103", head=one("990103"))
    made = StatusPeriod.objects.get(household__code="9901-F1", axis="registration")
    assert (made.value, made.valid_from) == ("returned", date(2019, 6, 2))


def test_nobody_moves_into_a_village_that_was_not_yet() -> None:
    """Between the day of the move and the first day of the village the household would be nowhere in the tree."""
    line = Line("merged", date(2019, 6, 1), EAST_2, code="990101100299", name="新村")
    change_areas(local_admin(), Given((line,), "批文一号"))
    new = village("990101100299")
    assert _refused("move", DAY, "9903", village=new) == "village_not_yet"
    assert _refused("split", DAY, "9901", "990103", head=one("990103"), village=new) == "village_not_yet"
    happen("move", "2019-06-02", "9903", village=new)


def test_the_list_goes_on_when_villages_merge(east: Client) -> None:
    """What is to be entered in the national system stays on the list of whoever has the village now."""
    happen("death", DAY, "9901", "990102")
    change_areas(local_admin(), Given((Line("merged", date(2019, 6, 1), EAST, code=EAST_2),), "批文一号"))
    for area in (TOWN, EAST_2):
        assert "村里报告" in east.get("/register/events/", {"area": area}).content.decode()
    west = signed_in(account("west", "township", WEST[:9] + "000"))
    assert "村里报告" not in west.get("/register/events/", {"area": WEST}).content.decode()


def test_another_row_of_one_person_comes_from_within_the_grants_alone() -> None:
    """Who left the register elsewhere is taken over by whoever has both places."""
    number = PersonIdentity.objects.get(person__code="990302", superseded_at=None).id_number
    happen("other_out", DAY, "9903", "990302")
    happen("other_in", "2019-04-01", "9901", newcomer=Newcomer("钱七", id_number=number))
    made = PersonIdentity.objects.filter(id_number=number).exclude(person__code="990302").get().person_id
    wish = Wish(house("9901"), (made,), keep=one("990302"))
    with pytest.raises(Problem) as refused:
        record(actor_for(account("e", "township", TOWN)), "same_person", [wish], why("2019-05-01"))
    assert refused.value.code == "no_double"
    record(actor_for(account("c", "county", COUNTY)), "same_person", [wish], why("2019-05-01"))


def test_a_part_of_the_balance_is_called_as_it_was_at_last() -> None:
    line = Line("recoded", date(2019, 6, 1), EAST_2, code="990101100001", name="")
    change_areas(local_admin(), Given((line, Line("renamed", date(2019, 6, 1), EAST_2, name="=1+1")), "批文一号"))
    sheet = balance(local_admin(), TOWN, date.fromisoformat(FIRST), timezone.localdate())
    key = AreaVersion.objects.get(code="990101100001").area_id
    assert sheet.names[key] == ("990101100001", "=1+1")
    assert list(sheet.names.values()) == sorted(sheet.names.values()), "in the order of codes"
    clerk = signed_in(account("clerk", "county", COUNTY))
    table = clerk.get("/register/balance/", {"area": TOWN, "csv": "1"}).content.decode()
    assert "990101100001" in table
    assert ",=1+1" not in table


@pytest.mark.parametrize(
    ("held", "wanted", "code"),
    [("registered", "exited", "status_by_procedure"), ("registered", "exit_proposed", "status_by_procedure"),
     ("returned", "none", "status_by_procedure"), ("none", "registered", "status_by_procedure"),
     ("exited", "registered", ""), ("registered", "registered", "")],
)  # fmt: skip
def test_nobody_exits_by_a_split(held: str, wanted: str, code: str) -> None:
    """What takes a procedure with evidence and a notice was a choice on the form of a township."""
    StatusPeriod.objects.filter(household__code="9901", axis="registration").update(value=held)
    clerk = signed_in(account("clerk", "county", COUNTY))
    text = clerk.get("/register/events/household/9901/split/").content.decode()
    assert (f'<option value="{wanted}"' in text) == (not code and held != wanted)
    if code:
        assert _refused("split", DAY, "9901", "990103", head=one("990103"), registration=wanted) == code
        return
    happen("split", DAY, "9901", "990103", head=one("990103"), registration=wanted)
    assert StatusPeriod.objects.get(household__code="9901-F1", axis="registration").value == wanted


@pytest.mark.parametrize(("kind", "persons"), [("moved_away", ()), ("death", ("990201",)), ("move", ())])
def test_nobody_lives_again_in_a_village_that_is_no_more(kind: str, persons: tuple[str, ...]) -> None:
    """Undoing opened the home of before, in a village that had become part of another: nobody counted it any more."""
    more = {"village": village(WEST)} if kind == "move" else {}
    number = happen(kind, DAY, "9902", *persons, **more)
    change_areas(local_admin(), Given((Line("merged", date(2019, 6, 1), EAST, code=EAST_2),), "批文一号"))
    with pytest.raises(Problem) as refused:
        undo(local_admin(), number)
    assert refused.value.code == "cannot_undo"
    assert "村已不在" in refused.value.zh


def test_who_moved_away_comes_back_to_what_the_village_became(east: Client) -> None:
    happen("moved_away", DAY, "9902")
    change_areas(local_admin(), Given((Line("merged", date(2019, 6, 1), EAST, code=EAST_2),), "批文一号"))
    form = {"day": "2019-07-01", "reason": "回来", "then": "record"}
    assert east.post("/register/events/household/9902/household_back/", form).status_code == 302
    assert Residence.objects.get(household__code="9902", valid_to=None).area_id == village(EAST_2)


def test_whoever_is_named_beside_a_double_row_is_noted_as_read(east: Client) -> None:
    number = PersonIdentity.objects.get(person__code="990103", superseded_at=None).id_number
    happen("other_in", DAY, "9902", newcomer=Newcomer("张小", id_number=number))
    assert "9901" in east.get("/register/events/household/9902/same_person/").content.decode()
    said = (home() / "readlog" / "open.jsonl").read_text(encoding="utf-8")
    assert f'"household:{house("9901")}"' in said
