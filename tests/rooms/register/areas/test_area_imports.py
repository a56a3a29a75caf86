"""Imports after changes of areas: workbooks with old names, lists of an earlier year, days before a merger."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, take, write
from rooms.register.areas.tree import happen, line
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register import cards
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, Import, Residence, VillageCondition

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE = "990101100201", "990101100202", "990101101201"
TOWNSHIP = "990101100000"
MERGED = datetime.date(2019, 6, 1)
LATER = "2019-12-01"


@pytest.fixture
def county(transactional_db: None, tmp_path: Path) -> Path:
    take(areas(tmp_path), households(tmp_path, household("9901")))
    return tmp_path


def home(code: str) -> list[tuple[str, datetime.date, datetime.date | None]]:
    names = dict(AreaVersion.objects.order_by("valid_from").values_list("area_id", "code"))
    rows = Residence.objects.filter(household__code=code).order_by("valid_from")
    return [(names[each.area_id], each.valid_from, each.valid_to) for each in rows]


def test_a_workbook_with_the_old_name_finds_the_new_village_and_says_so(county: Path) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    report = take(households(county, household("9901"), household("9902"), day=LATER))
    assert report.rejected_households == []
    assert [code for code, _from, _to in home("9902")] == [TWO]
    assert len(home("9901")) == 2  # the merger alone moved it
    issue = DataIssue.objects.get(code="former_area")
    assert (issue.subject, issue.value, issue.area_id) == (
        TWO, "甲村委会", AreaVersion.objects.get(code=TWO, valid_to=None).area_id,
    )  # fmt: skip
    take(households(county, household("9902", 村="乙村委会"), day="2020-06-01"))
    issue.refresh_from_db()
    assert issue.closed_at is not None


def test_a_renamed_village_of_a_renamed_township_is_found_by_the_old_names(county: Path) -> None:
    happen(line("renamed", ONE, name="新甲村", day=MERGED), line("upgraded", TOWNSHIP, name="东镇", day=MERGED))
    report = take(
        households(county, household("9903"), household("9904", 镇="东镇"), household("9905", 村="新甲村"), day=LATER)
    )
    assert report.rejected_households == []
    assert {home(code)[0][0] for code in ("9903", "9904", "9905")} == {ONE}


def test_facts_of_a_merged_village_are_not_taken_for_the_new_one(county: Path) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    rows = [
        {"县": "示范县", "镇": "东乡", "村": name, "总人口数": number}
        for name, number in (("甲村委会", "10"), ("乙村委会", "99"))
    ]
    take(write(county / "村信息.csv", rows, titles=[f"导出时间：{LATER}"]))
    assert list(VillageCondition.objects.filter(superseded_at=None).values_list("population", flat=True)) == [99]
    run = Import.objects.latest("pk")
    assert run.report["rows"]["rejected"] == 1


def test_a_list_of_an_earlier_year_begins_nothing_again(county: Path) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    take(areas(county), as_of=datetime.date(2020, 1, 1))
    assert not AreaVersion.objects.filter(code=ONE, valid_to=None).exists()
    happen(line("renamed", TWO, name="大乙村", day=MERGED + datetime.timedelta(days=30)))
    listed = write(county / "again.csv", [{"code": TWO, "name": "小乙村", "level": "village", "parent": TOWNSHIP}])
    with pytest.raises(Problem, match="area_changed_later"):
        take(listed, as_of=datetime.date(2019, 1, 1))


def test_a_workbook_of_a_day_before_the_merger_is_carried_on(county: Path) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    take(households(county, household("9906"), day="2019-01-01"))
    assert home("9906") == [(ONE, datetime.date(2019, 1, 1), MERGED), (TWO, MERGED, None)]
    assert cards.wrong() == 0
    undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert home("9906") == []
    assert cards.wrong() == 0
