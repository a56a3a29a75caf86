"""The project library and payments for projects as workbooks: taken in, given back, undone, written out."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from county import take, write
from people import account
from tuopin.measures.models import FundMove, Project, ProjectVersion
from tuopin.measures.projects import services
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Problem
from tuopin.register.events.areas import services as areas
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
DAY = datetime.date(2018, 12, 1)


def line(code: str = "P1", **cells: str) -> dict[str, str]:
    row = {
        "项目编号": code, "项目名称": f"项目{code}", "年度": "2018", "项目类别": "产业发展", "乡镇": "东乡",
        "行政村": "甲村", "建设内容": "大棚 5 座", "实施单位": "东乡政府", "资金来源": "中央专项",
        "计划投资（万元）": "10.5", "计划完工时间": "2018-10-31", "受益户数": "12", "是否出库": "",
    }  # fmt: skip
    return row | cells


def library(folder: Path, *rows: dict[str, str]) -> Path:
    return write(folder / "项目库.csv", rows, titles=["项目库", "截至日期：2018-12-01"])


def payment(code: str = "P1", **cells: str) -> dict[str, str]:
    row = {"项目编号": code, "项目名称": "", "资金来源": "", "拨付金额（元）": "50000", "拨付日期": "2018-08-01",
           "拨付文号": "凭证1", "收款单位": "建设公司"}  # fmt: skip
    return row | cells


def payments(folder: Path, *rows: dict[str, str]) -> Path:
    return write(folder / "资金拨付.csv", rows, titles=["项目资金拨付", "截至日期：2018-12-01"])


def refused() -> list[str]:
    return sorted(RejectedRow.objects.values_list("reason", flat=True))


def versions() -> dict[str, ProjectVersion]:
    return {each.project.code: each for each in ProjectVersion.objects.filter(superseded_at=None)}


def test_projects_are_taken_in_where_they_lie(tmp_path: Path) -> None:
    take(
        library(
            tmp_path, line(), line("P2", 行政村=""), line("P3", 乡镇="", 行政村="", 项目类别="", 受益户数=""),
            line("", 项目名称="无编号路", 行政村="乙村委会"), line("P1", 项目名称="又一个"), line("P5", 行政村="外村"),
            line("P6", 项目名称=""), line("P7", 项目类别="登月", **{"计划投资（万元）": "-3"}),
        )
    )  # fmt: skip
    found = versions()
    assert set(found) == {"P1", "P2", "P3", "无编号路@990101100202", "P7"}
    first = found["P1"]
    assert (first.name, first.sort, first.cost, first.households) == ("项目P1", "industry", 10_500_000, 12)
    assert first.due == datetime.date(2018, 10, 31)
    levels = dict(AreaVersion.objects.filter(valid_to=None).values_list("area_id", "level"))
    assert [levels[found[code].area_id] for code in ("P1", "P2", "P3")] == ["village", "township", "county"]
    assert (found["P3"].sort, found["P3"].households, found["P7"].cost) == ("other", None, None)
    assert refused() == ["project_no_name", "project_place_unknown", "project_twice"]


def test_a_later_list_is_a_new_version_and_a_blank_leaves_what_is_known(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line()))
    take(library(tmp_path / "b", line(项目名称="改名", 建设内容="", 是否出库="是")))
    assert Project.objects.count() == 1
    now = versions()["P1"]
    assert (now.name, now.content, now.cancelled) == ("改名", "大棚 5 座", True)
    assert ProjectVersion.objects.count() == 2
    report = take(library(tmp_path / "c", line(项目名称="改名", 是否出库="是")))
    assert ProjectVersion.objects.count() == 2
    assert report


def test_payments_find_their_project_and_go_back_with_a_reason(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line(), line("P2", 项目名称="同名"), line("P3", 项目名称="同名")))
    area = AreaVersion.objects.get(code=COUNTY, valid_to=None).area_id
    services.open_fund(local_admin(), area_id=area, year=2018, tier="central", name="中央专项")
    take(
        payments(
            tmp_path / "b", payment(资金来源="中央专项"), payment("", 项目名称="项目P1", 拨付文号="凭证2"),
            payment("", 项目名称="同名"), payment("P9"), payment(**{"拨付金额（元）": "0"}),
            payment(拨付日期=""), payment(拨付日期="2019-03-01"), payment(资金来源="没有的"),
            payment(资金来源="中央专项"),
        )
    )  # fmt: skip
    moves = FundMove.objects.order_by("document").values_list("project__code", "fund__name", "amount", "document")
    assert list(moves) == [("P1", "中央专项", 5_000_000, "凭证1"), ("P1", None, 5_000_000, "凭证2")]
    assert refused() == sorted(
        ["disbursement_two_projects", "disbursement_no_project", "disbursement_no_amount", "disbursement_no_day",
         "payment_in_future", "disbursement_no_fund", "disbursement_twice"]
    )  # fmt: skip
    take(payments(tmp_path / "c", payment(资金来源="中央专项")))
    assert FundMove.objects.count() == 2


def test_an_import_is_undone_unless_something_rests_on_it(tmp_path: Path) -> None:
    first = take(library(tmp_path / "a", line()))
    second = take(payments(tmp_path / "b", payment()))
    with pytest.raises(Problem):
        undo_import(local_admin(), first.import_id)
    undo_import(local_admin(), second.import_id)
    assert FundMove.objects.count() == 0
    undo_import(local_admin(), first.import_id)
    assert (Project.objects.count(), ProjectVersion.objects.count()) == (0, 0)


def test_library_and_payments_come_in_one_set(tmp_path: Path) -> None:
    take(library(tmp_path, line()), payments(tmp_path, payment()))
    assert FundMove.objects.get().project.code == "P1"


def test_a_township_takes_in_its_own_alone(tmp_path: Path) -> None:
    west = actor_for(account("west", "township", WEST))
    import_paths(west, [library(tmp_path, line(), line("P2", 乡镇="西乡", 行政村="丙村"))])
    assert set(versions()) == {"P2"}
    assert refused() == ["project_place_unknown"]
    take(library(tmp_path / "all", line()))
    import_paths(west, [payments(tmp_path, payment("P1"), payment("P2"))])
    assert [each.project.code for each in FundMove.objects.all()] == ["P2"]


def test_what_is_written_out_comes_in_unchanged(tmp_path: Path) -> None:
    take(
        library(tmp_path, line(), line("P2", 行政村=""), line("P3", 乡镇="", 行政村="", 项目名称="=1+1")),
        payments(tmp_path, payment()),
    )
    for kind, rows in (("project", 3), ("disbursement", 1)):
        path = tmp_path / f"{kind}.xlsx"
        assert export_workbook(local_admin(), path, kind=kind, on=DAY) == rows
    before = (ProjectVersion.objects.count(), FundMove.objects.count())
    take(tmp_path / "project.xlsx", tmp_path / "disbursement.xlsx")
    assert (ProjectVersion.objects.count(), FundMove.objects.count()) == before
    west = actor_for(account("west2", "township", WEST))
    assert export_workbook(west, tmp_path / "west.xlsx", kind="project", on=DAY) == 0


def test_what_a_clerk_wrote_in_stays_and_a_list_that_says_otherwise_is_reported(tmp_path: Path) -> None:
    take(library(tmp_path, line()))
    known = versions()["P1"]
    said: dict[str, Any] = {"name": "改了名", "sort": "industry", "number": known.project_id, "seen": known.pk}
    services.keep(local_admin(), [services.Draft("P1", 2018, area_id=known.area_id, **said)])
    take(library(tmp_path / "again", line()))
    assert versions()["P1"].name == "改了名"
    issue = DataIssue.objects.get(code="kept_by_hand")
    assert (issue.kind, issue.subject) == ("project", "990101100201")


def happened(line: Line) -> None:
    areas.record(local_admin(), Given((line,), "合村并组文件"))


def test_a_project_of_a_village_that_ended_is_written_out_and_comes_in_unchanged(tmp_path: Path) -> None:
    take(library(tmp_path, line(), line("P2", 行政村="乙村")), payments(tmp_path, payment()))
    happened(Line("merged", datetime.date(2018, 12, 15), "990101100201", "990101100202"))
    before = {code: row.pk for code, row in versions().items()}
    day = datetime.date(2018, 12, 20)
    for kind, rows in (("project", 2), ("disbursement", 1)):
        assert export_workbook(local_admin(), tmp_path / f"{kind}.xlsx", kind=kind, on=day) == rows
    east = actor_for(account("east", "township", EAST))
    assert export_workbook(east, tmp_path / "east.xlsx", kind="project", on=day) == 2
    take(tmp_path / "project.xlsx", tmp_path / "disbursement.xlsx")
    assert {code: row.pk for code, row in versions().items()} == before
    assert (FundMove.objects.count(), refused()) == (1, [])
    west = actor_for(account("west9", "township", WEST))
    assert export_workbook(west, tmp_path / "none.xlsx", kind="project", on=day) == 0


def test_a_project_of_a_village_that_was_abolished_is_written_with_its_county(tmp_path: Path) -> None:
    head = ["code", "name", "level", "parent"]
    take(write(tmp_path / "d.csv", [dict(zip(head, ("990101101209", "空村", "village", WEST), strict=True))]))
    take(library(tmp_path, line(乡镇="西乡", 行政村="空村")))
    number = versions()["P1"].area_id
    day = datetime.date(2018, 12, 20)
    happened(Line("abolished", datetime.date(2018, 12, 15), "990101101209"))
    assert export_workbook(local_admin(), tmp_path / "project.xlsx", kind="project", on=day) == 1
    take(tmp_path / "project.xlsx")
    assert (versions()["P1"].area_id, refused()) == (number, [])
    west = actor_for(account("west8", "township", WEST))
    assert export_workbook(west, tmp_path / "west.xlsx", kind="project", on=day) == 0  # a county's projects are its own


def test_payments_from_funds_of_every_level_come_in_again(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line()))
    number = versions()["P1"].project_id
    money = {"day": datetime.date(2018, 8, 1), "document": "凭证8", "project_id": number}
    for code, name in (("990100000000", "市级专项"), (EAST, "东乡自筹")):
        area = AreaVersion.objects.get(code=code, valid_to=None).area_id
        fund = services.open_fund(local_admin(), area_id=area, year=2018, tier="other", name=name).pk
        services.move(local_admin(), [services.Move("allocated", 900, fund_id=fund, **money)])
        services.move(local_admin(), [services.Move("paid", 900, fund_id=fund, payee="公司", **money)])
    path = tmp_path / "资金.xlsx"
    assert export_workbook(local_admin(), path, kind="disbursement", on=DAY) == 2
    before = FundMove.objects.count()
    east = actor_for(account("east", "township", EAST))
    import_paths(east, [path])  # what a project was allocated is known to whoever sees the project
    take(path)
    assert (FundMove.objects.count(), refused()) == (before, [])


def test_a_fund_of_an_area_above_is_named_by_who_sees_that_area(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line()))
    area = AreaVersion.objects.get(code="990100000000", valid_to=None).area_id
    services.open_fund(local_admin(), area_id=area, year=2018, tier="city", name="市级专项")
    east = actor_for(account("east", "township", EAST))
    import_paths(east, [payments(tmp_path / "b", payment(资金来源="市级专项"))])
    assert (FundMove.objects.count(), refused()) == (0, ["disbursement_no_fund"])
    take(payments(tmp_path / "c", payment(资金来源="市级专项")))
    assert FundMove.objects.get().fund is not None


def test_a_number_alone_draws_no_project_out_of_another_township(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line(建设内容="东乡的内容")))
    before = versions()["P1"]
    west = actor_for(account("west3", "township", WEST))
    import_paths(west, [library(tmp_path / "b", line(项目名称="拿来", 乡镇="西乡", 行政村="丙村", 建设内容=""))])
    assert (versions()["P1"].pk, refused()) == (before.pk, ["outside_grants"])
    east = actor_for(account("east3", "township", EAST))
    import_paths(east, [library(tmp_path / "c", line(项目名称="改名"))])
    assert versions()["P1"].name == "改名"


def test_payments_from_two_funds_with_one_voucher_are_two(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line()))
    area = AreaVersion.objects.get(code=COUNTY, valid_to=None).area_id
    for name in ("中央专项", "省级专项"):
        services.open_fund(local_admin(), area_id=area, year=2018, tier="other", name=name)
    rows = [payment(资金来源="中央专项"), payment(资金来源="省级专项")]
    take(payments(tmp_path / "b", *rows))
    assert (FundMove.objects.count(), refused()) == (2, [])
    take(payments(tmp_path / "c", *rows))
    assert (FundMove.objects.count(), refused()) == (2, [])


def test_a_payment_taken_back_does_not_come_back_with_the_same_list(tmp_path: Path) -> None:
    take(library(tmp_path / "a", line()))
    take(payments(tmp_path / "b", payment()))
    services.take_back(local_admin(), [FundMove.objects.get().pk])
    take(payments(tmp_path / "c", payment()))
    assert FundMove.objects.filter(superseded_at=None).count() == 0
    assert refused() == ["disbursement_taken_back"]
