"""Imports one after the other: versions, periods, corrections, areas that change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, income, person, take, write
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.models import (
    AreaVersion,
    DataIssue,
    HouseholdIncome,
    HouseholdLiving,
    Membership,
    Person,
    Residence,
    StatusPeriod,
)
from tuopin.register.services import Correction, correct_households

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.django_db(transaction=True)


def test_changes_of_the_same_day_supersede_and_of_a_later_day_stand_beside(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    same_day = take(households(tmp_path / "b", household("9901", 工资性收入="13000")))
    assert same_day.rows["updated"] == 1
    assert income("9901").wage == 1_300_000
    assert HouseholdIncome.objects.filter(superseded_at__isnull=False).get().wage == 1_200_000
    take(households(tmp_path / "c", household("9901", 工资性收入="14000"), day="2019-12-01"))
    known = HouseholdIncome.objects.filter(superseded_at=None).order_by("as_of").values_list("as_of", "wage")
    assert list(known) == [(date(2018, 12, 1), 1_300_000), (date(2019, 12, 1), 1_400_000)]


def test_status_and_residence_change_from_the_day_of_the_export_that_shows_it(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901", 脱贫属性="未脱贫")))
    take(households(tmp_path / "b", household("9901", 脱贫属性="已脱贫", 村="乙村委会"), day="2019-12-01"))
    periods = StatusPeriod.objects.order_by("valid_from").values_list("value", "valid_from", "valid_to")
    assert list(periods) == [("registered", date(2018, 12, 1), date(2019, 12, 1)), ("exited", date(2019, 12, 1), None)]
    assert Residence.objects.count() == 2
    take(households(tmp_path / "c", household("9901", 脱贫属性="未脱贫"), day="2017-12-01"))
    assert StatusPeriod.objects.order_by("valid_from").first().valid_from == date(2017, 12, 1)
    assert StatusPeriod.objects.count() == 2, "an older export lengthens the period it confirms"


def test_who_left_the_household_ends_with_the_newer_export_only(tmp_path: Path) -> None:
    both = household("9901", person("990101"), person("990102", 与户主关系="之子"))
    take(areas(tmp_path), households(tmp_path / "a", both))
    same_day = take(households(tmp_path / "b", both[:1]))
    assert same_day.issues == {"member_missing": ["9901"]}
    assert Membership.objects.filter(valid_to=None).count() == 2
    take(households(tmp_path / "c", both[:1], day="2019-12-01"))
    assert Membership.objects.get(valid_to__isnull=False).valid_to == date(2019, 12, 1)
    assert not DataIssue.objects.filter(closed_at=None).exists()


def test_persons_without_a_code_are_known_again_by_number_then_by_name(tmp_path: Path) -> None:
    people = (person("990101"), person("990102", 姓名="张小", 与户主关系="之子", 出生日期="2010-05-05", 证件号码=""))
    rows = [{key: cell for key, cell in row.items() if key != "人编号"} for row in household("9901", *people)]
    take(areas(tmp_path), households(tmp_path / "a", rows))
    again = take(households(tmp_path / "b", [row | {"文化程度": "初中"} for row in reversed(rows)]))
    assert again.rows == {"created": 0, "updated": 2, "unchanged": 0, "rejected": 0, "waiting": 0}
    assert Person.objects.count() == 2


def test_a_correction_stays_until_an_export_confirms_it(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901", 饮水是否安全="否")))
    correct_households(local_admin(), [Correction("9901", "water_safe", True)], as_of=date(2018, 12, 5))
    take(households(tmp_path / "b", household("9901", 饮水是否安全="否", 住房面积="80"), day="2019-01-01"))
    newest = HouseholdLiving.objects.filter(superseded_at=None).order_by("as_of").last()
    assert newest is not None
    assert (newest.water_safe, newest.house_area, list(newest.overrides)) == (True, 8000, ["water_safe"])
    take(households(tmp_path / "c", household("9901", 饮水是否安全="是"), day="2019-02-01"))
    newest = HouseholdLiving.objects.filter(superseded_at=None).order_by("as_of").last()
    assert newest is not None
    assert (newest.water_safe, newest.overrides) == (True, {})


def test_a_correction_of_the_wrong_type_or_an_unknown_fact_is_refused(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path, household("9901")))
    for correction, code in (
        (Correction("9901", "water_safe", 1), "wrong_type"),
        (Correction("9901", "wage", True), "wrong_type"),
        (Correction("9901", "水", True), "no_such_fact"),
        (Correction("none", "wage", 1), "no_such_household"),
    ):
        with pytest.raises(Problem) as caught:
            correct_households(local_admin(), [correction], as_of=date(2018, 12, 5))
        assert caught.value.code == code


def test_areas_renamed_or_moved_keep_their_past(tmp_path: Path) -> None:
    take(areas(tmp_path))
    text = (tmp_path / "divisions.csv").read_text(encoding="utf-8")
    newer = tmp_path / "newer.csv"
    newer.write_text(
        text.replace("990101100202,乙村委会,village,990101100000", "990101100202,丁村委会,village,990101101000")
    )
    report = take(newer, as_of=date(2019, 1, 1))
    assert report.rows == {"created": 0, "updated": 1, "unchanged": 7, "rejected": 0, "waiting": 0}
    old, new = AreaVersion.objects.filter(code="990101100202").order_by("valid_from")
    assert (old.name, old.valid_to) == ("乙村委会", date(2019, 1, 1))
    assert (new.name, new.valid_to) == ("丁村委会", None)
    assert new.path.startswith(AreaVersion.objects.get(code="990101101000").path)


def test_areas_without_their_parent_are_refused(tmp_path: Path) -> None:
    rows = [{"code": "1", "name": "村", "level": "village", "parent": "nowhere"}]
    with pytest.raises(Problem) as caught:
        take(write(tmp_path / "divisions.csv", rows))
    assert caught.value.code == "area_without_parent"
