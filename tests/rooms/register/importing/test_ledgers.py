"""Ledgers: water at the house, improvements of the house, works of a village, monitored households, willingness."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from county import areas, household, households, person, write
from tuopin.platform.access import local_admin
from tuopin.register.exporting import export_workbook
from tuopin.register.household_file import LEDGERS, OF_HOUSEHOLD, file_of
from tuopin.register.importing.services import import_paths
from tuopin.register.models import (
    DataIssue,
    Household,
    HouseholdIncome,
    HouseholdMonitoring,
    HouseholdWater,
    HouseholdWorks,
    PersonCondition,
    StatusPeriod,
    VillageCondition,
    VillageWorks,
    WaitingRow,
)
from tuopin.register.selectors import household as household_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2018, 12, 1)
WATER = {
    "户编号": "9901",
    "户主姓名": "张三",
    "水资源条件": "缺水地区",
    "供水方式": "分散供水",
    "人均日用水量（升）": "22.5",
    "水质检测结果": "合格",
    "水质检测机构": "县疾控",
    "水质检测日期": "2018-06-30",
    "望闻问尝": "正常",
    "自来水是否入户": "否",
    "取水时间": "25",
    "取水水平距离": "0.7公里",
    "取水垂直距离": "60",
    "年缺水天数": "20",
    "年缺水月数": "1",
    "核查日期": "2018-11-20",
    "核查人": "李四",
}
WORKS = {
    "户编号": "9901",
    "改水": "已完成",
    "改电": "原已达标",
    "改厕": "未改",
    "改厨": "",
    "改院": "不涉及",
    "改习": "差不多",
}
VILLAGE = {
    "县": "示范县",
    "镇": "东乡",
    "村": "甲村委会",
    "文化广场": "建成",
    "文化活动中心": "在建",
    "九大工程第五项": "是",
}
MONITORED = {
    "户类型": "脱贫户",
    "监测对象类别": "脱贫不稳定户",
    "风险发现渠道": "部门筛查预警",
    "致贫返贫风险1": "因病",
    "致贫返贫风险2": "因残,因学",
    "识别监测时间": "2021-04-12",
    "风险是否已消除": "否",
    "合规自付支出": "12000",
}


def county(folder: Path, **cells: str) -> Path:
    areas(folder)
    households(
        folder, household("9901", person("990101"), person("990102", 与户主关系="之子"), **cells), household("9902")
    )
    return folder


def take_in(*paths: Path, as_of: date = DAY) -> dict[str, int]:
    return dict(import_paths(local_admin(), list(paths), as_of=as_of).rows)


def test_a_water_survey_is_dated_by_itself_and_keeps_its_units(tmp_path: Path) -> None:
    folder = county(tmp_path)
    write(folder / "饮水.csv", [WATER])
    take_in(folder)
    row = HouseholdWater.objects.get()
    assert (row.household.code, row.as_of, row.water_surveyor) == ("9901", date(2018, 11, 20), "李四")
    assert (row.water_zone, row.water_supply, row.water_litres) == ("short", "scattered", 225)
    assert (row.water_test_passed, row.water_tested_on, row.water_tester) == (True, date(2018, 6, 30), "other")
    assert (row.water_senses_good, row.water_piped) == (True, False)
    assert (row.water_minutes, row.water_metres, row.water_climb) == (25, 700, 60)
    assert (row.water_short_days, row.water_short_months) == (20, 1)


def test_a_cell_that_cannot_be_read_is_unknown_and_an_issue(tmp_path: Path) -> None:
    folder = county(tmp_path)
    write(folder / "饮水.csv", [WATER | {"人均日用水量（升）": "够用", "水质检测日期": "去年"}])
    take_in(folder)
    row = HouseholdWater.objects.get()
    assert (row.water_litres, row.water_tested_on) == (None, None)
    assert row.unreadable == {"water_litres": "够用", "water_tested_on": "去年"}
    assert {(each.code, each.kind, each.subject) for each in DataIssue.objects.all()} == {
        ("bad_number", "household_water", "9901"),
        ("bad_date", "household_water", "9901"),
    }


def test_a_ledger_before_its_household_waits(tmp_path: Path) -> None:
    areas(tmp_path / "a")
    write(tmp_path / "a" / "六改.csv", [WORKS])
    assert take_in(tmp_path / "a")["waiting"] == 1
    assert WaitingRow.objects.filter(applied_at=None).count() == 1
    take_in(county(tmp_path / "b"))
    assert HouseholdWorks.objects.get().household.code == "9901"


def test_works_are_done_sound_undone_or_do_not_apply(tmp_path: Path) -> None:
    folder = county(tmp_path)
    write(folder / "六改.csv", [WORKS])
    write(folder / "九大.csv", [VILLAGE])
    take_in(folder)
    row = HouseholdWorks.objects.get()
    assert (row.improve_water, row.improve_power, row.improve_toilet) == ("done", "sound", "undone")
    assert (row.improve_kitchen, row.improve_yard, row.improve_habits) == (None, "not_applicable", None)
    assert row.unreadable == {"improve_habits": "差不多"}
    village = VillageWorks.objects.get()
    assert (village.village_work_1, village.village_work_2, village.village_work_5) == ("done", "undone", "done")
    assert village.village_work_3 is None
    assert not VillageCondition.objects.exists()


def test_monitored_households_come_with_their_persons_and_their_status(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    areas(folder)
    plain = dict.fromkeys(MONITORED, "")
    rows = [household("9901", person("990101"), person("990102", 与户主关系="之子"), **MONITORED)]
    households(folder, *rows, household("9902", **plain))
    take_in(folder, as_of=date(2021, 5, 1))
    row = HouseholdMonitoring.objects.get()
    assert (row.household.code, row.household_type, row.monitored_kind) == ("9901", "exited", "unstable_exit")
    assert (row.discovery, row.main_risk, row.other_risks) == ("department", "illness", "disability,schooling")
    assert (row.identified_on, row.risk_removed, row.self_paid_medical) == (date(2021, 4, 12), False, 1_200_000)
    status = StatusPeriod.objects.get(axis="monitoring")
    assert (status.value, status.valid_from, status.valid_to) == ("unstable_exit", date(2021, 5, 1), None)

    removed = MONITORED | {"风险是否已消除": "是", "风险消除方式": "帮扶消除", "消除监测时间": "2021-12-20"}
    households(tmp_path / "b", household("9901", person("990101"), person("990102", 与户主关系="之子"), **removed))
    take_in(tmp_path / "b", as_of=date(2022, 1, 5))
    values = StatusPeriod.objects.filter(axis="monitoring").order_by("valid_from").values_list("value", "valid_to")
    assert list(values) == [("unstable_exit", date(2022, 1, 5)), ("risk_removed", None)]


def test_rows_that_disagree_about_the_kind_leave_it_unknown(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    areas(folder)
    rows = household("9901", person("990101"), person("990102", 与户主关系="之子"), **MONITORED)
    rows[1]["监测对象类别"] = "边缘易致贫户"
    households(folder, rows)
    take_in(folder)
    assert HouseholdMonitoring.objects.get().monitored_kind is None
    assert not StatusPeriod.objects.filter(axis="monitoring").exists()
    assert [each.column for each in DataIssue.objects.filter(code="rows_disagree")] == ["监测对象类别"]


def test_a_wish_is_the_persons_own(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    areas(folder)
    wish = {"是否有发展意愿": "是", "是否本人签字": "是", "意愿签字日期": "2018-10-08"}
    households(folder, household("9901", person("990101", **wish), person("990102", 与户主关系="之子")))
    write(
        folder / "村.csv",
        [{"县": "示范县", "镇": "东乡", "村": "甲村委会", "总人口数": "10", "是否具备产业发展条件": "否"}],
    )
    take_in(folder)
    rows = PersonCondition.objects.order_by("person__code").values_list("develop_wish", "wish_signed", "wish_signed_on")
    assert list(rows) == [(True, True, date(2018, 10, 8)), (None, None, None)]
    assert VillageCondition.objects.get().industry_eligible is False


def test_exports_of_ledgers_come_back_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    areas(folder)
    households(
        folder, household("9901", person("990101"), **MONITORED), household("9902", **dict.fromkeys(MONITORED, ""))
    )
    write(folder / "饮水.csv", [WATER | {"取水时间": "很久"}])
    write(folder / "六改.csv", [WORKS])
    write(folder / "九大.csv", [VILLAGE])
    take_in(folder)
    paths = [
        tmp_path / f"{kind}.xlsx"
        for kind in ("household_person", "household_water", "household_works", "village_works")
    ]
    counts = [export_workbook(local_admin(), path, kind=path.stem, on=DAY) for path in paths]
    assert counts == [2, 1, 1, 1]
    assert take_in(*paths) == {"created": 0, "updated": 0, "unchanged": 5, "rejected": 0, "waiting": 0}
    call_command("flush", interactive=False, verbosity=0)
    assert not Household.objects.exists()
    take_in(areas(tmp_path / "again"), *paths)
    assert HouseholdWater.objects.get().unreadable == {"water_minutes": "很久"}
    assert HouseholdMonitoring.objects.get().main_risk == "illness"
    assert VillageWorks.objects.get().village_work_2 == "undone"


def test_a_number_below_nought_is_an_issue_and_unknown(tmp_path: Path) -> None:
    areas(tmp_path)
    made = household("9901", person("990101", 务工时间="-1"), 工资性收入="-3000", 生产经营性收入="-500")
    households(tmp_path, made)
    write(tmp_path / "饮水.csv", [WATER | {"取水时间": "-5"}])
    take_in(tmp_path)
    assert HouseholdWater.objects.get().water_minutes is None
    income = HouseholdIncome.objects.get()
    assert (income.wage, income.business) == (None, -50_000), "a business may lose money; wages are never below nought"
    issues = DataIssue.objects.filter(code="out_of_range").values_list("column", "value")
    assert {value for _column, value in issues} == {"-5", "-3000", "-1"}


def test_the_ledgers_of_a_household_are_read_together_as_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    areas(folder)
    households(folder, household("9901", person("990101"), **MONITORED), household("9902"))
    write(folder / "核查.csv", [{"户编号": "9901", "不愁吃": "是", "不愁穿": "愁什么", "核查日期": "2018-11-01"}])
    write(folder / "饮水.csv", [WATER, WATER | {"核查日期": "2018-05-20", "取水时间": "很久"}])
    write(folder / "六改.csv", [WORKS])
    take_in(folder)
    for code, numbers in (("9901", [1, 2, 1, 1]), ("9902", [0, 0, 0, 0])):
        placed = household_of(local_admin(), code)
        file, key = file_of(placed, DAY), placed.household.pk
        assert [len(file.blocks[name].get(key, [])) for name in LEDGERS] == numbers
        for name in LEDGERS:
            stored = OF_HOUSEHOLD[name]._default_manager.filter(household_id=key, superseded_at=None).order_by("as_of")
            together = file.blocks[name].get(key, [])
            fields = [field.attname for field in OF_HOUSEHOLD[name]._meta.concrete_fields]
            assert [[getattr(row, each) for each in fields] for row in together] == [
                [getattr(row, each) for each in fields] for row in stored
            ]
