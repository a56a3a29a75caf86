"""The workbook of visits: who went where, what is refused and why; taken in twice, taken back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, take, write
from tuopin.duties.models import Assignment, HouseholdVisits, Visit, VisitBy, VisitLast
from tuopin.duties.visits import services
from tuopin.duties.visits.drafts import Draft
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import Household, Import, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

TITLES = ("户编号", "走访人", "走访日期", "是否见到", "未见到原因", "走访情况")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    take(areas(tmp_path), households(tmp_path, *(household(f"99{at:02}", person(f"99{at:02}01")) for at in range(3))))
    cells = [
        {"户编号": "9900", "帮扶人姓名": "甲", "帮扶开始时间": "2018-01-01"},
        {"户编号": "9900", "帮扶人姓名": "丙", "帮扶开始时间": "2018-01-01"},
        {"户编号": "9901", "帮扶人姓名": "乙", "帮扶开始时间": "2018-01-01"},
    ]
    take(write(tmp_path / "帮.csv", cells, titles=["导出时间：2018-12-01"]))
    return tmp_path


def visits(folder: Path, *rows: tuple[str, ...], name: str = "走访记录.csv") -> Path:
    cells = [dict(zip(TITLES, (*row, *[""] * (6 - len(row))), strict=True)) for row in rows]
    return write(folder / name, cells, titles=["导出时间：2019-03-01"])


GOOD = (
    ("9900", "甲", "2019-01-05", "是", "", "=cmd|' /C calc'!A0"),
    ("9900", "丙", "2019-01-05", "是"),
    ("9900", "甲", "2019-01-20", "是"),
    ("9901", "乙", "2019-02-03", "否", "外出务工"),
)


def test_visits_are_taken_in_once(folder: Path) -> None:
    take(visits(folder, *GOOD))
    assert Visit.objects.count() == 3  # two who went together made one visit
    assert VisitBy.objects.filter(counts=True).count() == 3
    assert {each.day.day for each in VisitLast.objects.all()} == {5, 20}
    month = HouseholdVisits.objects.get(superseded_at=None)
    assert (month.as_of, month.visits_in_month) == (datetime.date(2019, 1, 20), 2)
    take(visits(folder, *GOOD, ("9900", "甲", "2019-01-28", "是"), name="再来.csv"))
    assert Visit.objects.count() == 4
    month = HouseholdVisits.objects.get(superseded_at=None)
    assert (month.as_of, month.visits_in_month) == (datetime.date(2019, 1, 28), 3)
    assert VisitLast.objects.get(household__code="9900", official__name="甲").day == datetime.date(2019, 1, 28)
    undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert Visit.objects.count() == 3
    month = HouseholdVisits.objects.get(superseded_at=None)
    assert (month.as_of, month.visits_in_month) == (datetime.date(2019, 1, 20), 2)


def test_what_is_wrong_goes_back_with_its_reason(folder: Path) -> None:
    take(
        visits(
            folder,
            ("9900", "路人", "2019-01-05"),
            ("9900", "", "2019-01-05"),
            ("9900", "甲", "2999-01-05"),
            ("9900", "甲", "1999-01-05"),
            ("9900", "甲", "昨天"),
            ("9901", "乙", "2019-01-05", "否"),
            ("9900", "甲", "2019-01-06"),
            ("9900", "甲", "2019-01-06"),
            ("9901", "甲", "2019-01-06"),
        )
    )
    assert Visit.objects.count() == 1
    reasons = sorted(RejectedRow.objects.values_list("reason", flat=True))
    assert reasons.count("visit_unknown_visitor") == 2
    for each in ("visit_no_visitor", "visit_bad_day", "visit_no_day", "visit_no_reason", "visit_twice"):
        assert each in reasons


def test_an_import_is_held_by_visits_since(folder: Path) -> None:
    term = Assignment.objects.get(name="甲")
    key = Household.objects.get(code="9900").pk
    services.record(local_admin(), [Draft(datetime.date(2019, 1, 2), (term.official_id,), key)])
    with pytest.raises(Problem) as found:
        undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert "走访" in found.value.zh


def test_what_is_written_out_comes_back(folder: Path, tmp_path: Path) -> None:
    take(visits(folder, *GOOD))
    target = tmp_path / "out.xlsx"
    assert export_workbook(local_admin(), target, kind="visit", on=datetime.date(2019, 3, 1)) == 4
    take(target)
    assert Visit.objects.count() == 3
