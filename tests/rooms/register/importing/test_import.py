"""The importer: what is taken, what is refused, what waits, and that nothing is ever left half done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, id_number, income, person, take, write
from tuopin.register.importing import rejects
from tuopin.register.models import (
    AreaVersion,
    DataIssue,
    Household,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    Import,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    RejectedRow,
    Residence,
    Sheet,
    StatusPeriod,
    VillageCondition,
    WaitingRow,
)

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.django_db(transaction=True)

DATA = (
    AreaVersion,
    DataIssue,
    Household,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    Residence,
    StatusPeriod,
    VillageCondition,
    WaitingRow,
)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in DATA}


def test_a_set_comes_in_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    areas(tmp_path)
    households(
        tmp_path, household("9901", person("990101"), person("990102", 与户主关系="配偶", 性别="女")), household("9902")
    )
    first = take(tmp_path)
    assert first.rows == {"created": 11, "updated": 0, "unchanged": 0, "rejected": 0, "waiting": 0}
    assert (first.households_imported, first.persons_imported) == (2, 3)
    before = counts()
    second = take(tmp_path)
    assert second.rows == {"created": 0, "updated": 0, "unchanged": 11, "rejected": 0, "waiting": 0}
    assert {**second.document(), "rows": 0} == {**first.document(), "rows": 0}
    assert counts() == before


def test_facts_carry_day_year_sheet_and_row(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path, household("9901")))
    found = income("9901")
    assert (found.as_of, found.year, found.wage, found.row) == (date(2018, 12, 1), 2018, 1_200_000, 3)
    assert found.sheet is not None
    assert "wage" in found.sheet.columns
    assert "employee_insurance" not in found.sheet.columns
    membership = Membership.objects.get()
    assert (membership.valid_from, membership.since_known) == (date(2018, 12, 1), False)


def test_dry_run_reports_the_same_and_writes_nothing(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901"), household("9902", 村="没有的村"))
    before = counts()
    preview = take(tmp_path, dry_run=True)
    assert counts() == before
    assert not Import.objects.exists()
    real = take(tmp_path)
    assert preview.document() == real.document()


def test_an_unknown_village_rejects_the_whole_household_and_its_other_rows_wait(tmp_path: Path) -> None:
    areas(tmp_path)
    rows = household(
        "9902", person("990201"), person("990202", 与户主关系="之子"), 村="丙村委会"
    )  # in the other township
    households(tmp_path, household("9901"), rows)
    write(
        tmp_path / "核查.csv",
        [{"户编号": "9902", "户主姓名": "张三", "不愁吃": "是", "不愁穿": "否", "核查日期": "2018-11-20"}],
    )
    report = take(tmp_path)
    assert report.rejected_households == ["9902"]
    assert report.issues["unknown_village"] == ["9902"]
    assert (report.rows["rejected"], report.rows["waiting"]) == (2, 1)
    assert RejectedRow.objects.count() == 2
    assert not Household.objects.filter(code="9902").exists()
    take(tmp_path)
    assert WaitingRow.objects.count() == 1, "the same row waits once, however often it comes"

    corrected = tmp_path / "corrected"
    households(corrected, [row | {"镇": "西乡"} for row in rows])
    again = take(corrected)
    assert again.rows == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0, "waiting": 0}
    check = HouseholdCheck.objects.get(household__code="9902")
    assert (check.food, check.clothing, check.as_of) == (True, False, date(2018, 11, 20))
    assert WaitingRow.objects.get().applied_at is not None
    assert not DataIssue.objects.filter(code="unknown_village", closed_at=None).exists()


def test_the_reject_workbook_can_be_corrected_and_imported(tmp_path: Path) -> None:
    import openpyxl

    areas(tmp_path)
    households(tmp_path, household("9901"), household("9902", 村="没有的村", 户主姓名='=HYPERLINK("http://x")'))
    (book,) = take(tmp_path).reject_workbooks
    opened = openpyxl.load_workbook(book)
    cells = [cell for row in opened.active.iter_rows() for cell in row]
    assert any(cell.value == '=HYPERLINK("http://x")' and cell.data_type == "s" for cell in cells), "formulas are text"
    (place,) = [cell for cell in cells if cell.value == "没有的村"]
    place.value = "乙村委会"
    corrected = tmp_path / "corrected.xlsx"
    opened.save(corrected)
    report = take(corrected)
    assert (report.rows["created"], report.rejected_households) == (1, [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"村": "乙村委会"}, "household_conflict"),
        ({"户主姓名": "李四"}, "household_conflict"),
        ({"户编号": ""}, "no_household_code"),
    ],
)
def test_rows_that_name_no_one_household_are_rejected(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    areas(tmp_path)
    rows = household("9902", person("990201"), person("990202", 与户主关系="之子"))
    rows[1] |= change
    report = take(areas(tmp_path), households(tmp_path, household("9901"), rows))
    assert set(RejectedRow.objects.values_list("reason", flat=True)) == {reason}
    if reason == "household_conflict":
        assert report.rejected_households == ["9902"]
        assert RejectedRow.objects.count() == 2


def test_bad_cells_are_kept_as_written_and_count_as_unknown(tmp_path: Path) -> None:
    rows = household("9901", 工资性收入="一万二", 饮水是否安全="不清楚")
    report = take(areas(tmp_path), households(tmp_path, rows))
    assert (income("9901").wage, income("9901").unreadable) == (None, {"wage": "一万二"})
    assert HouseholdLiving.objects.get().water_safe is None
    issue = DataIssue.objects.get(code="bad_number")
    assert (issue.row, issue.column, issue.value, issue.sheet and issue.sheet.file) == (
        3,
        "工资性收入",
        "一万二",
        "户人信息.csv",
    )
    assert report.issues == {"bad_boolean": ["9901"], "bad_number": ["9901"]}


def test_an_impossible_birth_date_is_unknown(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path, household("9901", person("990101", 出生日期="2018-02-30", 证件号码=""))))
    found = PersonIdentity.objects.get()
    assert (found.birth_date, found.unreadable) == (None, {"birth_date": "2018-02-30"})
    assert set(DataIssue.objects.values_list("code", flat=True)) == {"bad_date", "id_missing"}


def test_rows_that_disagree_make_the_value_unknown_but_blanks_do_not(tmp_path: Path) -> None:
    rows = household("9901", person("990101"), person("990102", 与户主关系="之子"), person("990103", 与户主关系="之子"))
    rows[1] |= {"工资性收入": "13000", "财产性收入": ""}
    report = take(areas(tmp_path), households(tmp_path, rows))
    assert (income("9901").wage, income("9901").property) == (None, 0)
    assert report.issues == {"rows_disagree": ["9901"]}


def test_one_identity_fault_a_person_in_the_order_of_the_rules(tmp_path: Path) -> None:
    shared = id_number("19700101", 1)
    groups = [
        household("9901", person("990101", 证件号码="4.11423E+17")),
        household("9902", person("990201", 证件号码="99010119700101")),
        household("9903", person("990301", 证件号码=shared[:-1] + ("0" if shared[-1] != "0" else "1"))),
        household("9904", person("990401", 证件号码=id_number("19700101", 3), 出生日期="1971-01-01", 性别="女")),
        household("9905", person("990501", 证件号码=id_number("19700101", 4))),
        household("9906", person("990601", 证件号码=shared)),
        household("9907", person("990701", 证件号码=shared)),
        household("9908", person("990801", 与户主关系="之子")),
        household("9909", person("990901"), person("990902")),
    ]
    report = take(areas(tmp_path), households(tmp_path, *groups))
    assert report.issues == {
        "birth_mismatch": ["9904"],
        "duplicate_person": ["9906", "9907"],
        "id_check_digit": ["9903"],
        "id_length": ["9902"],
        "id_precision_lost": ["9901"],
        "no_head": ["9908"],
        "sex_mismatch": ["9905"],
        "two_heads": ["9909"],
    }
    lost = PersonIdentity.objects.get(person__code="990101")
    assert (lost.id_number, lost.id_sound) == ("4.11423E+17", False), "kept as written, never matched"


def test_a_number_already_in_the_register_is_a_duplicate_too(tmp_path: Path) -> None:
    shared = id_number("19700101", 1)
    take(areas(tmp_path), households(tmp_path, household("9901", person("990101", 证件号码=shared))))
    report = take(households(tmp_path / "b", household("9902", person("990201", 证件号码=shared))))
    assert report.issues == {"duplicate_person": ["9901", "9902"]}


def test_a_person_code_twice_counts_once_in_a_household_and_is_blank_in_the_second(tmp_path: Path) -> None:
    groups = [household("9901", person("990101"), person("990101")), household("9902", person("990101"))]
    report = take(areas(tmp_path), households(tmp_path, *groups))
    assert report.persons_imported == 2
    assert report.issues["duplicate_row"] == ["9901"]
    assert report.issues["duplicate_person_code"] == ["9902"]


def test_nothing_is_left_when_the_import_breaks_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901"))
    before = counts()

    def broken(_run: object) -> None:
        raise RuntimeError("power off")

    monkeypatch.setattr(rejects, "store", broken)
    with pytest.raises(RuntimeError):
        take(tmp_path)
    monkeypatch.undo()
    assert counts() == before
    assert not Sheet.objects.exists()
    assert take(tmp_path).rows["created"] == 9


def test_without_the_column_of_relations_nothing_is_said_of_heads(tmp_path: Path) -> None:
    rows = household("9901")
    del rows[0]["与户主关系"]
    assert "no_head" not in take(areas(tmp_path), households(tmp_path, rows)).issues


def test_the_audit_log_has_one_entry_an_import_with_the_digest_of_its_change_set(tmp_path: Path) -> None:
    from tuopin.platform.models import AuditEntry

    take(areas(tmp_path), households(tmp_path, household("9901")))
    entry = AuditEntry.objects.get(action="register.import_workbooks")
    assert entry.digest == Import.objects.get().digest
    assert "张三" not in entry.detail


def test_a_mark_in_the_school_column_says_nothing_of_school(tmp_path: Path) -> None:
    child = {"与户主关系": "之子", "出生日期": "2008-01-01", "文化程度": "小学"}
    take(
        areas(tmp_path),
        households(
            tmp_path,
            household("9901", person("990101"), person("990102", 在校生状况="/", **child)),
            household("9902", person("990201"), person("990202", 在校生状况="小学", **(child | {"文化程度": ""}))),
            household("9903", person("990301"), person("990302", 在校生状况="", **child)),
        ),
    )
    found = {
        row.person.code: (row.study, row.study_unclear, row.unreadable)
        for row in PersonCondition.objects.filter(person__code__endswith="02").select_related("person")
    }
    assert found == {
        "990102": (None, True, {"study": "/"}),
        "990202": ("primary", None, {}),
        "990302": (None, None, {}),
    }
    again = take(tmp_path)
    assert again.rows["updated"] == 0


def test_an_unreadable_school_cell_is_unknown_for_the_standard(tmp_path: Path) -> None:
    from tuopin.platform.access import local_admin
    from tuopin.standards.services import evaluate

    child = {"与户主关系": "之子", "出生日期": "2008-01-01", "文化程度": "小学"}
    take(
        areas(tmp_path),
        households(
            tmp_path,
            *(
                household(code, person(f"{code}01"), person(f"{code}02", 在校生状况=written, **child))
                for code, written in (("9901", "/"), ("9902", "-"), ("9903", ""))
            ),
        ),
    )
    evaluate(local_admin(), "household_exit", day=date(2018, 12, 1))
    from tuopin.standards.models import Finding

    codes = dict(Household.objects.values_list("pk", "code"))
    found = {codes[row.subject_id]: row.verdict for row in Finding.objects.filter(item="education")}
    assert found == {"9901": "unknown", "9902": "unknown", "9903": "not_met"}
