"""County figures (县级指标) taken in: per cents and fractions told apart, intervals checked, partial rows."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, take, write
from people import account, signed_in
from rooms.register.correcting.steps import FORM, fields_of
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.models import AreaVersion, CorrectedValue, CountyCondition, CountySurvey, DataIssue

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
FIGURES = {
    "市": "示范市",
    "县": "示范县",
    "农业户籍人口": "10,000",
    "农村居民人均可支配收入增幅(%)": "9.5",
    "全省平均增幅(%)": "8.7",
    "是否": "",
    "漏评率(%)": "1.5",
    "漏评率下限(%)": "0.9",
    "漏评率上限(%)": "2.1",
    "漏评率样本量": "1200",
    "错退率": "0.5%",
    "群众认可度(小数)": "0.9312",
    "评估日期": "2018-11-20",
    "评估方法": "随机抽样",
    "评估来源": "第三方评估组",
}


def figures(folder: Path, *rows: dict[str, str], name: str = "县级指标.csv") -> Path:
    return write(folder / name, rows, titles=["导出时间：2018-12-01"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    take(areas(tmp_path))
    return tmp_path


def survey() -> CountySurvey:
    return CountySurvey.objects.get(superseded_at=None)


def issues() -> dict[str, str]:
    return dict(DataIssue.objects.filter(closed_at=None).values_list("column", "code"))


def test_rates_come_in_by_the_unit_of_header_or_cell(folder: Path) -> None:
    report = take(figures(folder, FIGURES))
    assert report.rows["created"] == 1
    found, condition = survey(), CountyCondition.objects.get(superseded_at=None)
    assert (found.missed_rate, found.missed_rate_low, found.missed_rate_high) == (15_000, 9_000, 21_000)
    assert (found.wrong_exit_rate, found.satisfaction, found.missed_sample) == (5_000, 931_200, 1_200)
    assert (found.as_of, found.survey_method, found.survey_source) == (
        datetime.date(2018, 11, 20), "随机抽样", "第三方评估组",
    )  # fmt: skip
    assert (condition.rural_population, condition.income_growth, condition.as_of) == (10_000, 95_000, DAY)
    assert issues() == {}


def test_a_bare_number_under_a_header_without_a_unit_is_refused_as_ambiguous(folder: Path) -> None:
    take(figures(folder, {"县": "示范县", "农业户籍人口": "10000", "漏评率": "1.5", "错退率": "0", "满意度": "93%"}))
    found = survey()
    assert found.missed_rate is None
    assert found.unreadable == {"missed_rate": "1.5"}
    assert (found.wrong_exit_rate, found.satisfaction) == (0, 930_000), "nothing is nothing in any unit"
    assert issues() == {"漏评率": "no_unit"}


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("漏评率(%)", "101", "out_of_range"),
        ("漏评率(%)", "-1", "out_of_range"),
        ("漏评率(小数)", "1.5", "out_of_range"),
        ("漏评率(%)", "=cmd|' /C calc'!A0", "bad_number"),
        ("漏评率(%)", "1.5户", "bad_number"),
        ("漏评率(%)", "NaN", "bad_number"),
        ("漏评率(%)", "1.23456789", "bad_number"),
        ("漏评率(%)", "9" * 40, "bad_number"),
    ],
)
def test_what_is_no_rate_is_unknown_and_named(folder: Path, header: str, cell: str, code: str) -> None:
    take(figures(folder, {"县": "示范县", "农业户籍人口": "10000", header: cell}))
    assert survey().missed_rate is None
    assert issues() == {header: code}


def test_an_interval_that_does_not_hold_its_estimate_is_unknown(folder: Path) -> None:
    take(figures(folder, FIGURES | {"漏评率下限(%)": "1.6"}))
    found = survey()
    assert (found.missed_rate, found.missed_rate_low, found.missed_rate_high) == (15_000, None, None)
    assert set(issues().values()) == {"interval_disorder"}
    assert found.unreadable == {"missed_rate_low": "1.6%", "missed_rate_high": "2.1%"}


def test_a_later_survey_leaves_the_statistics_as_they_are(folder: Path) -> None:
    take(figures(folder, FIGURES))
    later = {"县": "示范县", "错退率(%)": "0.7", "评估日期": "2018-11-30"}
    report = take(figures(folder, later, name="后来.csv"), as_of=DAY)
    assert report.rows["created"] == 1
    assert CountySurvey.objects.filter(superseded_at=None).count() == 2
    assert CountyCondition.objects.get(superseded_at=None).rural_population == 10_000
    assert take(figures(folder, later, name="再次.csv"), as_of=DAY).rows["unchanged"] == 1


def test_a_county_that_is_not_there_and_one_listed_twice(folder: Path) -> None:
    report = take(figures(folder, FIGURES, FIGURES | {"漏评率(%)": "1.9"}, FIGURES | {"县": "他县"}))
    assert report.rows == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 2, "waiting": 0}
    assert survey().missed_rate == 15_000
    assert set(DataIssue.objects.values_list("code", flat=True)) == {"county_twice"}
    with pytest.raises(Problem, match="not one row names a county"):
        take(figures(folder, FIGURES | {"县": "他县"}, name="外县.csv"), as_of=DAY)


def test_a_survey_without_a_day_is_of_the_day_of_the_set_and_listed_once(folder: Path) -> None:
    """It stood beside one of that very day and went without a word; now the second is refused and named."""
    dated = FIGURES | {"评估日期": "2018-12-01", "漏评率(%)": "1.9"}
    report = take(figures(folder, FIGURES | {"评估日期": ""}, dated))
    assert (report.rows["created"], report.rows["rejected"]) == (1, 1)
    assert (survey().as_of, survey().missed_rate) == (DAY, 15_000)
    assert "county_twice" in set(DataIssue.objects.values_list("code", flat=True))


def test_a_blank_end_of_an_interval_stays_blank(folder: Path) -> None:
    take(figures(folder, FIGURES | {"漏评率下限(%)": "", "漏评率上限(%)": ""}))
    found = survey()
    assert (found.missed_rate, found.missed_rate_low, found.missed_rate_high) == (15_000, None, None)
    assert issues() == {}


def test_an_export_is_taken_in_again_unchanged(folder: Path) -> None:
    take(figures(folder, FIGURES))
    path = folder / "out.xlsx"
    assert export_workbook(local_admin(), path, kind="county_figures", on=DAY) == 1
    again = take(path, as_of=DAY)
    assert again.rows == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0, "waiting": 0}


def test_who_may_import_a_township_alone_cannot_bring_in_county_figures(folder: Path) -> None:
    from tuopin.platform.access import actor_for
    from tuopin.register.importing.services import import_paths

    clerk = actor_for(account("east", "township", "990101100000"))
    report = import_paths(clerk, [figures(folder, FIGURES)])
    assert report.rows["rejected"] == 1
    assert not CountySurvey.objects.exists()


def test_a_figure_is_corrected_by_hand_and_stays_after_the_next_import(folder: Path) -> None:
    take(figures(folder, FIGURES))
    county = AreaVersion.objects.get(level="county")
    client, address = signed_in(account("clerk", "county", county.code)), f"/register/corrections/county/{county.code}/"
    assert "1.5%" in client.get(f"/areas/{county.code}/").content.decode()
    sent = fields_of(client.get(address).content.decode()) | FORM
    name = f"c{county.area_id}-missed_rate"
    assert sent[name] == "1.5%"
    answer = client.post(address, sent | {name: "1.2"})
    assert answer.status_code == 400
    assert "请写明单位" in answer.content.decode(), "1.2 is not guessed to be 1.2 %"
    answer = client.post(address, sent | {name: "1.2%", "as_of": "2018-11-20"})
    assert answer.status_code == 302
    assert survey().missed_rate == 12_000
    take(figures(folder, FIGURES, name="再次.csv"))
    assert survey().missed_rate == 12_000, "what was corrected is not overwritten by the same export"
    assert CorrectedValue.objects.get().state == "open"


def test_outside_the_grants_a_county_cannot_be_corrected(folder: Path) -> None:
    take(figures(folder, FIGURES))
    other = signed_in(account("east", "township", "990101100000"))
    assert other.get("/register/corrections/county/990101000000/").status_code == 404
    clerk = signed_in(account("clerk", "county", "990101000000"))
    assert clerk.get("/register/corrections/village/990101000000/").status_code == 404
