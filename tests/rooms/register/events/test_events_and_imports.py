"""Exports and events: none undoes the other, and an export that says the same confirms."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import household, households, person, take
from rooms.register.events.steps import EAST, WEST, happen, house, members, one, people, village
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register import cards
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import record as change_areas
from tuopin.register.events.balance import balances
from tuopin.register.events.planning import Newcomer
from tuopin.register.events.undo import undo
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import EventEcho, Household, Import, Membership, Person, RegisterEvent, Residence

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2019-03-01"


def _echoes() -> list[str]:
    return list(EventEcho.objects.order_by("pk").values_list("state", flat=True))


def _home(code: str) -> int | None:
    return Residence.objects.filter(household__code=code, valid_to=None).values_list("area_id", flat=True).first()


@pytest.mark.parametrize("day", ["2019-02-01", "2019-03-01", "2019-06-01"])
def test_an_export_that_has_not_followed_brings_nobody_back(register: Path, day: str) -> None:
    happen("death", DAY, "9901", "990102")
    happen("move", DAY, "9903", village=village(EAST))
    happen("merge", DAY, "9902", target=house("9901"))
    for _time in range(2):
        take(people(register, day=day))
        assert members("9901") == {"990101", "990103", "990201"}
        assert members("9902") == set()
        assert _home("9903") == village(EAST)
        assert _home("9902") is None
        assert cards.wrong() == 0
    assert _echoes() == ([] if day < DAY else ["behind"] * 3), "one that is older than the event says nothing of it"


def test_an_export_that_says_the_same_confirms(register: Path) -> None:
    happen("death", DAY, "9901", "990102")
    happen("birth", DAY, "9901", newcomer=Newcomer("张新", "male", date(2019, 2, 20)))
    moved = happen("move", DAY, "9903", village=village(EAST))
    rows = [
        household("9901", person("990101"), person("990103", 姓名="张小", 与户主关系="之子", 出生日期="1995-05-05"),
                  person("990104", 姓名="张新", 出生日期="2019-02-20", 与户主关系="之子")),
        household("9903", person("990301", 姓名="赵六"), person("990302", 姓名="钱七", 性别="女"), 户主姓名="赵六"),
    ]  # fmt: skip
    take(households(register, *rows, day="2019-06-01"))
    assert _echoes() == ["confirmed"] * 3
    assert members("9901") == {"990101", "990103", "990104"}, "the newborn has its code, and is one person"
    assert Person.objects.filter(memberships__household__code="9901").distinct().count() == 4
    with pytest.raises(Problem) as refused:
        undo(local_admin(), moved)
    assert "2019-06-01" in refused.value.zh
    undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert _echoes() == []
    undo(local_admin(), moved)
    assert cards.wrong() == 0


@pytest.mark.parametrize(("followed", "said"), [(False, "behind"), (True, "confirmed")])
def test_a_village_that_merged_since_is_no_third_thing(register: Path, followed: bool, said: str) -> None:
    """The village before, or after the move is called otherwise by now; an export that names it so says nothing new."""
    near = EAST.replace("201", "202")
    happen("move", DAY, *(("9902",) if followed else ("9903",)), village=village(WEST if followed else EAST))
    line = Line("merged", date(2019, 4, 1), WEST, code=near)
    change_areas(local_admin(), Given((line,), "批文一号"))
    listed = (
        household("9902", person("990201", 姓名="王五"), 户主姓名="王五", 村="乙村委会")
        if followed
        else household(
            "9903", person("990301", 姓名="赵六"), person("990302", 姓名="钱七"), 户主姓名="赵六", 村="乙村委会"
        )
    )
    take(households(register, listed, day="2019-06-01"))
    assert set(_echoes()) == {said}
    assert _home("9902" if followed else "9903") == village(near if followed else EAST)


def test_a_third_thing_is_news(register: Path) -> None:
    happen("move", DAY, "9901", village=village(EAST.replace("201", "202")))
    happen("marriage_out", DAY, "9903", "990302")
    take(
        households(
            register,
            household("9901", 镇="西乡", 村="丙村委会"),
            household("9902", person("990201", 姓名="王五"), person("990302", 姓名="钱七"), 户主姓名="王五"),
            day="2019-06-01",
        )
    )
    assert _home("9901") == village(WEST)
    assert "990302" in members("9902")
    assert set(_echoes()) == {"overtaken"}


def test_the_national_code_of_a_split_household(register: Path) -> None:
    """The export has the members in a household of another code: what was split off here ends, nobody is twice."""
    happen("split", DAY, "9901", "990103", head=one("990103"))
    take(
        households(
            register,
            household("9901", person("990101"), person("990102", 姓名="李四", 性别="女")),
            household("9909", person("990103", 姓名="张小"), 户主姓名="张小"),
            day="2019-06-01",
        )
    )
    assert members("9909") == {"990103"}
    assert members("9901-F1") == set()
    assert _home("9901-F1") is None
    area = village("990101000000")
    found = balances([area], date(2019, 1, 1), date(2019, 12, 31))[area]
    assert found["households"].ins == {"split": 1, "import_first": 1}
    assert found["households"].outs == {"import": 1}
    assert found["persons"].arrived == found["persons"].left == 0
    assert cards.wrong() == 0


def test_a_newborn_not_in_the_export_stays(register: Path) -> None:
    happen("birth", DAY, "9901", newcomer=Newcomer("张新", "male", date(2019, 2, 20)))
    take(people(register, day="2019-06-01"))
    assert members("9901") == {"990101", "990102", "990103", ""}
    assert _echoes() == ["behind"]


def test_an_import_is_not_undone_under_an_event(register: Path) -> None:
    happen("death", DAY, "9901", "990102")
    with pytest.raises(Problem) as refused:
        undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert refused.value.code == "cannot_undo"
    assert "登记变化" in refused.value.zh


def test_an_event_is_not_undone_under_an_import(register: Path) -> None:
    number = happen("marriage_out", DAY, "9901", "990103", target=house("9902"))
    rows = household("9903", person("990301", 姓名="赵六"), person("990103", 姓名="张小"), 户主姓名="赵六",
                     镇="西乡", 村="丙村委会")  # fmt: skip
    take(households(register, rows, day="2019-02-01"))  # before the event: the person lived there meanwhile
    assert Membership.objects.filter(person__code="990103").count() == 3
    with pytest.raises(Problem) as refused:
        undo(local_admin(), number)
    assert refused.value.code == "cannot_undo"


def test_two_rows_of_one_person_stay_one(register: Path) -> None:
    """After the decision the export still lists both: nobody moves, and taking it back makes them two again."""
    number = one("990103")
    rows = household("9902", person("990201", 姓名="王五"), person("990202", 姓名="张小", 证件号码=_number("990103")),
                     户主姓名="王五")  # fmt: skip
    take(households(register, rows, day="2019-02-01"))
    event = happen("same_person", DAY, "9902", "990202", keep=number)
    assert members("9902") == {"990201"}
    take(households(register, rows, day="2019-06-01"))
    assert members("9902") == {"990201"}
    assert "990103" in members("9901")
    assert RegisterEvent.objects.get(pk=event).kind == "same_person"
    assert Household.objects.count() == 3


def _number(code: str) -> str:
    from tuopin.register.models import PersonIdentity

    return PersonIdentity.objects.get(person__code=code, superseded_at=None).id_number
