"""The importer: what is taken, what is refused, what waits, and that nothing is ever left half done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from county import areas, household, households, id_number, person, write
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.cli import import_command
from tuopin.register.importing import rejects
from tuopin.register.importing.maps import map_in_force
from tuopin.register.importing.services import import_paths
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
from tuopin.register.services import Correction, correct_households

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.register.importing.report import Report

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


def take(*paths: Path, **options: Any) -> Report:
    return import_paths(local_admin(), paths, **options)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in DATA}


def income(code: str) -> HouseholdIncome:
    return HouseholdIncome.objects.get(household__code=code, superseded_at=None)


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


def test_without_a_date_anywhere_the_command_refuses(tmp_path: Path) -> None:
    areas(tmp_path)
    write(tmp_path / "户.csv", household("9901"))
    with pytest.raises(Problem) as caught:
        take(tmp_path)
    assert caught.value.code == "no_as_of"
    assert take(tmp_path, as_of=date(2018, 12, 1)).rows["created"] == 9


def test_the_newest_checking_date_stands_in_for_the_export_date(tmp_path: Path) -> None:
    areas(tmp_path)
    write(tmp_path / "户.csv", household("9901"))
    rows = [{"户编号": "9901", "不愁吃": "是", "不愁穿": "是", "核查日期": day} for day in ("2018-11-20", "2018-11-23")]
    write(tmp_path / "核查.csv", rows)
    take(tmp_path)
    assert income("9901").as_of == date(2018, 11, 23)


def test_the_year_of_a_title_counts_before_the_day(tmp_path: Path) -> None:
    areas(tmp_path)
    write(tmp_path / "户.csv", household("9901"), titles=["示范县2018年度贫困户信息", "导出时间：2019-02-01"])
    take(tmp_path)
    assert (income("9901").as_of, income("9901").year) == (date(2019, 2, 1), 2018)


def test_a_file_of_another_county_is_refused_and_nothing_of_the_set_is_taken(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901", 县="别的县"))
    with pytest.raises(Problem) as caught:
        take(tmp_path)
    assert caught.value.code == "no_village_found"
    assert caught.value.details["file"] == "户人信息.csv"
    assert not AreaVersion.objects.exists()


def test_villages_are_found_by_their_short_name_if_only_one_answers_to_it(tmp_path: Path) -> None:
    report = take(areas(tmp_path), households(tmp_path, household("9901", 村="甲村"), household("9902", 村="甲")))
    assert report.rejected_households == []


@pytest.mark.parametrize("official", ["甲村村民委员会", "甲村民委员会", "甲村委会", "甲村"])
@pytest.mark.parametrize("written", ["甲村村民委员会", "甲村民委员会", "甲村委会", "甲村"])
def test_the_word_for_the_committee_does_not_matter(tmp_path: Path, official: str, written: str) -> None:
    divisions = areas(tmp_path)
    divisions.write_text(divisions.read_text(encoding="utf-8").replace("甲村委会", official), encoding="utf-8")
    report = take(divisions, households(tmp_path, household("9901", 村=written), household("9902", 村="乙村委会")))
    assert report.rejected_households == []


def test_a_village_and_a_community_of_one_name_stay_apart(tmp_path: Path) -> None:
    divisions = areas(tmp_path)
    text = divisions.read_text(encoding="utf-8").replace("甲村委会", "李庄村民委员会")
    divisions.write_text(text.replace("乙村委会", "李庄社区居委会"), encoding="utf-8")
    names = {"9901": "李庄村", "9902": "李庄社区", "9903": "李庄"}
    report = take(divisions, households(tmp_path, *(household(code, 村=name) for code, name in names.items())))
    assert report.rejected_households == ["9903"]
    found = Residence.objects.values_list("household__code", "area__versions__name").order_by("household__code")
    assert list(found) == [("9901", "李庄村民委员会"), ("9902", "李庄社区居委会")]


@pytest.mark.parametrize("change", [{"村": ""}, {"镇": ""}, {"村": "甲村"}])
def test_a_blank_or_another_spelling_of_the_village_is_no_second_village(
    tmp_path: Path, change: dict[str, str]
) -> None:
    rows = household("9902", person("990201"), person("990202", 与户主关系="之子"))
    rows[1] |= change
    report = take(areas(tmp_path), households(tmp_path, household("9901"), rows))
    assert report.rejected_households == []
    assert report.persons_imported == 3


def test_without_the_column_of_relations_nothing_is_said_of_heads(tmp_path: Path) -> None:
    rows = household("9901")
    del rows[0]["与户主关系"]
    assert "no_head" not in take(areas(tmp_path), households(tmp_path, rows)).issues


@pytest.mark.parametrize(
    "text", [None, "[[[", '[household_person]\n"打工钱" = "nonsense"', '[nonsense]\n"打工钱" = "wage"']
)
def test_a_wrong_or_missing_map_is_refused_by_its_own_name(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=r"map\.toml") as caught:
        map_in_force(tmp_path / "map.toml")
    assert caught.value.code == "bad_map"


def test_a_map_is_kept_only_by_an_import_that_went_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setattr("tuopin.register.importing.maps.make_home", lambda: home)
    home.mkdir()
    (tmp_path / "wrong.toml").write_text('[household_person]\n"姓名" = "head_name"', encoding="utf-8")
    (tmp_path / "right.toml").write_text('[household_person]\n"打工钱" = "wage"', encoding="utf-8")
    files = [str(areas(tmp_path)), str(households(tmp_path, household("9901")))]
    two = CliRunner().invoke(import_command, [*files, "--map", str(tmp_path / "wrong.toml")])
    assert isinstance(two.exception, Problem), two.output
    assert map_in_force(None) is None
    assert CliRunner().invoke(import_command, [*files, "--map", str(tmp_path / "right.toml")]).exit_code == 0
    assert map_in_force(None) == home / "maps" / "headers.toml"


def test_files_of_no_known_kind_in_a_folder_are_listed_and_left_out(tmp_path: Path) -> None:
    areas(tmp_path)
    (tmp_path / "说明.txt").write_text("请先看我", encoding="utf-8")
    (tmp_path / "~$divisions.csv").write_text("lock", encoding="utf-8")
    report = take(tmp_path)
    assert [(item["name"], item["kind"]) for item in report.files] == [("divisions.csv", "areas"), ("说明.txt", None)]
    with pytest.raises(Problem):
        take(tmp_path / "说明.txt")


def test_village_rows_update_and_twice_is_rejected(tmp_path: Path) -> None:
    row = {"县": "示范县", "镇": "东乡", "村": "甲村委会", "是否贫困村": "是", "总人口数": "1000", "特色产业个数": "1"}
    row |= {"村级集体经济收入（万元）": "1.5", "是否通客运班车": "不具备条件"}
    report = take(areas(tmp_path), write(tmp_path / "村.csv", [row, row], titles=["导出时间：2018-12-01"]))
    assert report.rows == {"created": 9, "updated": 0, "unchanged": 0, "rejected": 1, "waiting": 0}
    found = VillageCondition.objects.get()
    assert (found.population, found.collective_income, found.work_2) == (1000, 1_500_000, "not_applicable")


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


def test_the_audit_log_has_one_entry_an_import_with_the_digest_of_its_change_set(tmp_path: Path) -> None:
    from tuopin.platform.models import AuditEntry

    take(areas(tmp_path), households(tmp_path, household("9901")))
    entry = AuditEntry.objects.get(action="register.import_workbooks")
    assert entry.digest == Import.objects.get().digest
    assert "张三" not in entry.detail
