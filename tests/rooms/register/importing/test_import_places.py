"""Which day, which year, which village, which file: what an import settles before it takes a row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from django.utils import timezone

from county import areas, household, households, income, person, take, write
from tuopin.platform.problems import Problem
from tuopin.register.cli import import_command
from tuopin.register.importing.maps import keep_map, titles_in_force
from tuopin.register.models import (
    AreaVersion,
    Residence,
    VillageCondition,
)

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_date_anywhere_the_command_refuses(tmp_path: Path) -> None:
    areas(tmp_path)
    write(tmp_path / "户.csv", household("9901"))
    with pytest.raises(Problem) as caught:
        take(tmp_path)
    assert caught.value.code == "no_as_of"
    for wrong in (timezone.localdate() + timedelta(days=1), date(9999, 12, 31), date(1, 1, 1)):
        with pytest.raises(Problem) as caught:
            take(tmp_path, as_of=wrong)
        assert caught.value.code == "bad_as_of", "no later import could follow it"
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


@pytest.mark.parametrize(
    "text", [None, "[[[", '[household_person]\n"打工钱" = "nonsense"', '[nonsense]\n"打工钱" = "wage"']
)
def test_a_wrong_or_missing_map_is_refused_by_its_own_name(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=r"map\.toml") as caught:
        titles_in_force(tmp_path / "map.toml")
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
    assert titles_in_force() == {}
    assert CliRunner().invoke(import_command, [*files, "--map", str(tmp_path / "right.toml")]).exit_code == 0
    assert titles_in_force() == {"household_person": {"打工钱": "wage"}}


def test_a_new_map_adds_to_the_kept_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuopin.register.importing.maps.make_home", lambda: tmp_path)
    for text in ('"打工钱" = "wage"\n"利息" = "property"', '"打 工 钱" = "business"\n"怪\\"名\\u007f" = ""'):
        (tmp_path / "map.toml").write_text(f"[household_person]\n{text}", encoding="utf-8")
        keep_map(tmp_path / "map.toml")
    assert titles_in_force() == {"household_person": {"打 工 钱": "business", "利息": "property", '怪"名\x7f': ""}}


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
