"""Marks of corrections that outlive imports; issues re-checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, id_number, person, take
from rooms.register.correcting.steps import DAY, WHY, newest, the, who
from tuopin.platform.access import local_admin
from tuopin.register.correcting.services import Change, Why, correct, undo
from tuopin.register.models import (
    CorrectedValue,
    Correction,
    DataIssue,
    Household,
    HouseholdIncome,
    Person,
    PersonCondition,
    PersonIdentity,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_corrected_stays_corrected_and_is_the_same_person(tmp_path: Path) -> None:
    rows = household(
        "9901", person("990101", 姓名="张三"), person("990102", 姓名="张小", 与户主关系="之子", 证件号码="")
    )
    rows = [{key: cell for key, cell in row.items() if key != "人编号"} for row in rows]
    take(areas(tmp_path), households(tmp_path / "a", rows))
    child = PersonIdentity.objects.get(name="张小").person_id
    right = id_number("20100505", 12)
    correct(
        local_admin(),
        [
            Change("person", child, "name", "张晓"),
            Change("person", child, "birth_date", date(2010, 5, 5)),
            Change("person", child, "id_number", right),
            Change("person", child, "education", "junior"),
        ],
        WHY,
    )
    report = take(households(tmp_path / "b", rows, day="2019-01-01"))
    assert report.rows["created"] == 0
    assert Person.objects.count() == 2
    found = PersonIdentity.objects.filter(person_id=child, superseded_at=None).order_by("as_of")[::1][-1]
    assert (found.name, found.birth_date, found.id_number, found.id_sound) == ("张晓", date(2010, 5, 5), right, True)
    assert found.as_of == date(2019, 1, 1)
    assert CorrectedValue.objects.filter(state="open").count() == 4
    assert not DataIssue.objects.filter(closed_at=None, code__startswith="id_").exists()
    again = take(households(tmp_path / "c", rows, day="2019-01-01"))
    assert again.rows["updated"] == 0, "a correction that stays is no change"
    rows[1] |= {"姓名": "张晓", "出生日期": "2010-05-05", "证件号码": right}
    take(households(tmp_path / "d", rows, day="2019-02-01"))
    left = CorrectedValue.objects.filter(state="open").values_list("field", "export_value")
    assert [field for field, _said in left] == ["education"]
    found = PersonIdentity.objects.filter(person_id=child, superseded_at=None).order_by("as_of")[::1][-1]
    assert found.overrides == {}


def test_an_export_that_confirms_settles_the_line_and_one_that_contradicts_is_noted(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], WHY)
    take(households(tmp_path / "b", household("9901", 工资性收入="12500"), day="2019-01-01"))
    line = CorrectedValue.objects.get()
    assert (line.state, line.export_value, line.export_as_of) == ("open", "1250000", date(2019, 1, 1))
    assert newest(HouseholdIncome).wage == 1_300_000
    take(households(tmp_path / "c", household("9901", 工资性收入="13000"), day="2019-02-01"))
    line.refresh_from_db()
    assert (line.state, line.export_value) == ("confirmed", "1300000")
    assert newest(HouseholdIncome).overrides == {}


def test_an_export_of_the_same_day_confirms_too(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], WHY)
    take(households(tmp_path / "b", household("9901", 工资性收入="13000")))
    assert newest(HouseholdIncome).overrides == {}
    take(households(tmp_path / "c", household("9901", 工资性收入="12000")))
    assert newest(HouseholdIncome).wage == 1_200_000


def test_a_correction_of_a_later_day_does_not_hide_what_an_export_says_of_the_rest(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901", 转移性收入="100")))
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(date(2018, 12, 20)))
    take(households(tmp_path / "b", household("9901", 转移性收入="200"), day="2018-12-10"))
    found = newest(HouseholdIncome)
    assert (found.as_of, found.wage, found.transfer) == (date(2018, 12, 20), 1_300_000, 20_000)
    assert list(found.overrides) == ["wage"]


def open_codes() -> list[str]:
    return sorted(DataIssue.objects.filter(closed_at=None).values_list("code", flat=True))


def test_issues_close_at_once_and_stay_closed_when_the_same_workbook_comes_again(tmp_path: Path) -> None:
    rows = household(
        "9901",
        person("990101", 出生日期="1970-01-01", 证件号码=id_number("19710101", 3)),
        person("990102", 姓名="张小", 与户主关系="户主", 证件号码="12345"),
        工资性收入="一万多",
        饮水是否安全="也许",
    )
    take(areas(tmp_path), households(tmp_path / "a", rows))
    assert open_codes() == ["bad_boolean", "bad_number", "birth_mismatch", "id_length", "two_heads"]
    assert set(DataIssue.objects.values_list("area__versions__code", flat=True)) == {"990101100201"}
    child = who("990102")
    outcome = correct(
        local_admin(),
        [
            Change("household", the(), "wage", 1_000_000),
            Change("household", the(), "water_safe", True),
            Change("person", who(), "birth_date", date(1971, 1, 1)),
            Change("person", child, "relation", "son"),
            Change("person", child, "id_number", id_number("19700101", 5)),
        ],
        WHY,
    )
    assert outcome.closed_issues == 5
    assert open_codes() == []
    take(households(tmp_path / "a", rows))
    assert open_codes() == []
    take(households(tmp_path / "b", rows, day="2019-01-01"))
    assert open_codes() == []


def test_a_correction_opens_the_issues_that_it_makes(tmp_path: Path) -> None:
    take(
        areas(tmp_path),
        households(
            tmp_path / "a", household("9901"), household("9902", person("990201", 姓名="李四"), 户主姓名="李四")
        ),
    )
    assert open_codes() == []
    number = PersonIdentity.objects.get(person_id=who("990201")).id_number
    correct(local_admin(), [Change("person", who(), "id_number", number)], WHY)
    assert open_codes() == ["duplicate_person", "duplicate_person"]
    assert correct(local_admin(), [Change("person", who(), "relation", "spouse")], WHY).opened_issues == 1
    act = Correction.objects.order_by("pk")[0]
    undo(local_admin(), act.pk)
    assert open_codes() == ["no_head"]


def test_the_recheck_sees_what_the_import_sees(tmp_path: Path) -> None:
    """The same faults, once by import and once by correcting sound persons into them."""
    faulty = {
        "9901": person("990101", 证件号码="123"),
        "9902": person("990201", 出生日期="1980-01-01", 证件号码=id_number("19700101", 3)),
        "9903": person("990301", 性别="女", 证件号码=id_number("19700101", 3)),
        "9904": person("990401", 与户主关系="之子"),
        "9905": person("990501", 证件号码=id_number("19700101", 77)),
        "9906": person("990601", 证件号码=id_number("19700101", 77)),
    }
    groups = [household(code, row, 户主姓名=f"户{code}") for code, row in faulty.items()]
    take(areas(tmp_path), households(tmp_path / "a", *groups))
    imported = set(DataIssue.objects.values_list("code", "subject"))
    sound = [
        household(code, person(f"{code}01", 证件号码=id_number("19700101", 2 * at + 101)), 户主姓名=f"户{code}")
        for at, code in enumerate(faulty)
    ]
    take(households(tmp_path / "b", *sound))
    assert open_codes() == []
    from tuopin.register.correcting import recheck

    # as the import saw them: written past the service, which refuses numbers that are not sound
    for code, row in faulty.items():
        PersonIdentity.objects.filter(person_id=who(f"{code}01"), superseded_at=None).update(
            id_number=row["证件号码"], id_sound=len(row["证件号码"]) == 18, birth_date=row["出生日期"],
            sex="female" if row["性别"] == "女" else "male",
        )  # fmt: skip
        PersonCondition.objects.filter(person_id=who(f"{code}01"), superseded_at=None).update(
            relation="son" if row["与户主关系"] == "之子" else "head"
        )
    found, _looked, _heads = recheck._faults(set(Household.objects.values_list("pk", flat=True)), set(), DAY)
    assert {(each.code, each.subject) for each in found} == imported
