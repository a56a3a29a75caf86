"""The roster of officials: taken in, written out as it came, taken in again unchanged, refused, undone."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, take, write
from people import account
from tuopin.duties.models import Official, OfficialName, Organisation, OrganisationVersion, Post, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, Import, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

COUNTY = "990101000000"
DAY = datetime.date(2018, 12, 1)
ROW = {
    "组织名称": "县财政局", "所在区划代码": COUNTY, "组织类型": "部门", "职务名称": "局长", "职级": "乡科级",
    "管理权限": "县管", "是否第一责任人职务": "否", "干部姓名": "张伟", "性别": "男", "政治面貌": "中共党员",
    "联系电话": "13800000001", "任职时间": "2017-05-01", "免职时间": "", "是否兼任": "否", "兼任原因": "",
    "任职文件": "县组〔2017〕5号",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    take(areas(tmp_path), households(tmp_path, household("9900", person("990001"))))
    return tmp_path


def roster(folder: Path, *rows: dict[str, str], day: str = "2018-12-01", name: str = "名册.csv") -> Path:
    return write(folder / name, [ROW | row for row in rows], titles=[f"导出时间：{day}"])


def refused() -> list[str]:
    return list(RejectedRow.objects.filter(sheet__run=Import.objects.latest("pk")).values_list("reason", flat=True))


def test_organisation_post_official_and_term_come_with_one_row(folder: Path) -> None:
    take(roster(folder, {}, {"干部姓名": "李娜", "职务名称": "副局长", "联系电话": "2", "职级": "", "管理权限": ""}))
    version = OrganisationVersion.objects.get()
    assert (version.name, version.kind, version.area.versions.get(valid_to=None).code) == (
        "县财政局",
        "department",
        COUNTY,
    )
    assert list(Post.objects.order_by("pk").values_list("title", "level", "authority")) == [
        ("副局长", "", ""), ("局长", "township", "county"),
    ]  # fmt: skip
    term = Term.objects.get(official__name="张伟")
    assert (term.valid_from, term.valid_to, term.document) == (datetime.date(2017, 5, 1), None, "县组〔2017〕5号")
    assert (term.official.unit, term.official.phone, term.official.sex) == ("县财政局", "13800000001", "male")


def test_what_goes_out_comes_in_unchanged(folder: Path) -> None:
    take(
        roster(
            folder, {}, {"职务名称": "书记", "是否兼任": "是", "兼任原因": "班子缺员"},
            {"干部姓名": "李娜", "职务名称": "副局长", "联系电话": "2", "免职时间": "2019-03-01", "任职时间": ""},
        )
    )  # fmt: skip
    out = folder / "out" / "名册.xlsx"
    out.parent.mkdir()
    assert export_workbook(local_admin(), out, kind="roster", on=DAY) == 3
    before = (Official.objects.count(), OfficialName.objects.count(), Term.objects.count(), Post.objects.count())
    report = take(out)
    assert {key: n for key, n in report.rows.items() if n} == {"unchanged": 3}
    assert before == (
        Official.objects.count(),
        OfficialName.objects.count(),
        Term.objects.count(),
        Post.objects.count(),
    )
    from openpyxl import load_workbook

    cells = [list(row) for row in load_workbook(out).active.iter_rows(values_only=True)]
    head = next(row for row in cells if "组织名称" in row)
    written = [dict(zip(head, row, strict=True)) for row in cells[cells.index(head) + 1 :]]
    first = next(row for row in written if row["职务名称"] == "局长")
    assert {key: first[key] or "" for key in ROW} == ROW


def test_a_later_roster_ends_and_corrects(folder: Path) -> None:
    take(roster(folder, {}))
    take(
        roster(folder, {"联系电话": "139", "职级": "县处级", "免职时间": "2019-06-01"}, day="2019-05-01", name="b.csv")
    )
    assert Official.objects.count() == 1
    assert Post.objects.get().level == "county"
    assert Term.objects.get().valid_to == datetime.date(2019, 6, 1)
    assert set(OfficialName.objects.values_list("phone", flat=True)) == {"13800000001", "139"}


def test_two_posts_in_one_term_are_refused(folder: Path) -> None:
    take(roster(folder, {}, {"职务名称": "书记"}))
    assert refused() == ["roster_two_posts"]
    take(roster(folder, {"组织名称": "县水利局", "职务名称": "副局长", "任职时间": "2018-01-01"}, name="b.csv"))
    assert Term.objects.count() == 2, "another unit and telephone: the same telephone alone proves nobody one"
    take(roster(folder, {"职务名称": "书记", "任职时间": "2018-01-01"}, name="c.csv"))
    assert refused() == ["roster_two_posts"]
    moved = [{"免职时间": "2018-01-01"}, {"职务名称": "书记", "任职时间": "2018-01-01"}]
    take(roster(folder, *moved, name="d.csv"))
    assert refused() == []
    take(roster(folder, {"职务名称": "主任", "任职时间": "2018-03-01", "是否兼任": "是"}, name="e.csv"))
    assert refused() == ["roster_no_reason"]


def test_rows_that_say_too_little_go_back(folder: Path) -> None:
    rows = [
        {"干部姓名": ""}, {"所在区划代码": "", "组织名称": "无人知局"}, {"免职时间": "2016-01-01"},
        {"职务名称": "副局长", "干部姓名": "甲"}, {"职务名称": "副局长", "干部姓名": "甲"},
    ]  # fmt: skip
    take(roster(folder, *rows))
    assert sorted(refused()) == ["duplicate_row", "end_before_start", "roster_blank", "roster_no_area"]
    assert Term.objects.get().official.name == "甲"
    take(roster(folder, {"所在区划代码": "", "干部姓名": "乙", "职务名称": "副局长"}, name="b.csv"))
    assert Organisation.objects.count() == 1, "a known organisation is found by its name"


def test_a_county_takes_in_its_own(folder: Path) -> None:
    clerk = actor_for(account("clerk", "county", COUNTY))
    above = AreaVersion.objects.get(level="city").code
    path = roster(folder, {}, {"组织名称": "市财政局", "所在区划代码": above, "干部姓名": "秦"})
    import_paths(clerk, [path])
    assert list(OrganisationVersion.objects.values_list("name", flat=True)) == ["县财政局"]
    row = RejectedRow.objects.get()
    assert row.reason == "outside_grants"
    assert "秦" not in str(row.cells)
    out = folder / "out.xlsx"
    organisations.found_organisation(
        local_admin(), "市财政局", "department", area_id=AreaVersion.objects.get(level="city").area_id, day=DAY
    )
    assert export_workbook(clerk, out, kind="roster", on=DAY) == 1


def test_undoing_leaves_nothing_unless_it_is_used(folder: Path) -> None:
    take(roster(folder, {}))
    undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert not Official.objects.exists()
    assert not Organisation.objects.exists()
    take(roster(folder, {}, name="b.csv"))
    office = Organisation.objects.get().pk
    post = organisations.add_post(local_admin(), office, "书记", day=DAY)
    officials.appoint(local_admin(), Official.objects.get().pk, post, day=DAY, concurrent=True, reason="班子缺员")
    with pytest.raises(Problem) as raised:
        undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert raised.value.code == "cannot_undo"
    assert Term.objects.count() == 2


def test_a_formula_in_a_name_goes_out_as_text(folder: Path) -> None:
    from openpyxl import load_workbook

    take(roster(folder, {"干部姓名": "=cmd|'/c calc'!A1", "组织名称": "=1+1"}))
    out = folder / "out.xlsx"
    export_workbook(local_admin(), out, kind="roster", on=DAY)
    kinds = {cell.data_type for row in load_workbook(out).active.iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}
