"""Attendance sheets as a workbook: taken in, unchanged the second time, refused row by row, undone."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from county import areas, household, households, person, take, write
from people import account
from tuopin.duties.assigning import services as assigning
from tuopin.duties.models import PresenceSheet
from tuopin.duties.officials import services as officials
from tuopin.duties.teams import presence
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Problem
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, Import, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 11, 30)


class Village:
    def __init__(self) -> None:
        self.version = AreaVersion.objects.filter(level="village", valid_to=None).order_by("code")[0]
        since = datetime.date(2017, 1, 1)
        [self.member, self.other] = officials.add_officials(
            local_admin(), [("甲", "", "1"), ("乙", "", "2")], area_id=self.version.area_id, day=since
        )
        assigning.begin(local_admin(), {self.version.area_id: self.member}, role="first_secretary", day=since)
        assigning.begin(local_admin(), {self.version.area_id: self.other}, role="team_member", day=since)


@pytest.fixture
def village(tmp_path: Path) -> Village:
    take(areas(tmp_path), households(tmp_path, household("9900", person("990001"))))
    return Village()


def sheet(tmp_path: Path, village: Village, *rows: dict[str, Any], name: str = "考勤.csv") -> Path:
    days = {f"{at}日": "√" for at in range(1, 21)} | {f"{at}日": "" for at in range(21, 32)}
    base = {"村代码": village.version.code, "姓名": "甲", "月份": "2018-11"} | days
    return write(tmp_path / name, [base | row for row in rows], titles=["导出时间：2018-11-30"])


def reasons() -> list[str]:
    rows = RejectedRow.objects.filter(sheet__run=Import.objects.latest("pk"))
    return list(rows.order_by("row").values_list("reason", flat=True))


def test_a_month_comes_in_once_and_blank_days_are_unknown(tmp_path: Path, village: Village) -> None:
    path = sheet(
        tmp_path, village, {}, {"姓名": "乙", "2日": "假", "3日": "公", "4日": "×", "5日": "看不清", "6日": "—"}
    )
    take(path)
    first, second = PresenceSheet.objects.order_by("official_id")
    assert (first.marks, first.present, first.unknown) == ("P" * 20 + "?" * 10, 20, 10)
    assert second.marks == "PLDA??" + "P" * 14 + "?" * 10
    assert second.unknown == 12, "what cannot be read is unknown"
    assert set(DataIssue.objects.values_list("code", "value")) >= {("bad_code", "看不清"), ("bad_code", "—")}
    take(path)
    assert PresenceSheet.objects.count() == 2
    take(sheet(tmp_path, village, {"21日": "√"}, name="再.csv"))
    first.refresh_from_db()
    assert first.present == 21


def test_rows_are_given_back_with_their_reason(tmp_path: Path, village: Village) -> None:
    take(
        sheet(
            tmp_path, village, {}, {}, {"姓名": "丙"}, {"村代码": "000"}, {"月份": "2016-11"}, {"月份": "2018-12"},
            {"月份": "2018-11", "31日": "√"}, {"月份": ""}, {"村代码": village.version.code[:9] + "000"},
        )
    )  # fmt: skip
    assert reasons() == [
        "presence_twice", "presence_no_member", "presence_no_village", "presence_no_member", "presence_day_to_come",
        "presence_day_to_come", "presence_blank", "presence_no_village",
    ]  # fmt: skip
    assert PresenceSheet.objects.count() == 1


def test_a_confirmed_month_is_not_changed(tmp_path: Path, village: Village) -> None:
    from django.utils import timezone

    take(sheet(tmp_path, village, {}))
    PresenceSheet.objects.update(confirmed_at=timezone.now())
    take(sheet(tmp_path, village, {"1日": "×"}, name="改.csv"))
    assert reasons() == ["presence_confirmed"]
    assert PresenceSheet.objects.get().marks.startswith("PP")


def test_who_took_it_in_does_not_confirm_it(tmp_path: Path, village: Village) -> None:
    take(sheet(tmp_path, village, {}))
    town = AreaVersion.objects.get(area_id=village.version.parent_id, valid_to=None)
    taker, other = account("taker", "township", town.code), account("other-clerk", "township", town.code)
    Import.objects.filter(pk=Import.objects.latest("pk").pk).update(user_id=taker.pk)
    key = PresenceSheet.objects.get().pk
    with pytest.raises(Problem) as raised:
        presence.confirm(actor_for(taker), [key])
    assert raised.value.code == "own_sheet"
    assert presence.confirm(actor_for(other), [key]) == 1


def test_it_can_be_undone(tmp_path: Path, village: Village) -> None:
    take(sheet(tmp_path, village, {}))
    run = Import.objects.latest("pk")
    undo_import(local_admin(), run.pk)
    assert not PresenceSheet.objects.exists()


def test_nobody_imports_beyond_his_area(tmp_path: Path, village: Village) -> None:
    elsewhere = AreaVersion.objects.filter(level="township", valid_to=None).exclude(area_id=village.version.parent_id)
    clerk = account("clerk", "township", elsewhere[0].code)
    import_paths(actor_for(clerk), [sheet(tmp_path, village, {})], as_of=DAY)
    assert reasons() == ["outside_grants"]
    assert not PresenceSheet.objects.exists()
