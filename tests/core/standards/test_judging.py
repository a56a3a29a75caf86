"""Verdicts of one subject: how items combine, open limits, the age of evidence, households without members."""

from __future__ import annotations

import datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest

from core.standards.registers import CATALOGUE, DAY, judge_in_engine, pack
from core.standards.test_packs import Folder
from tuopin.core.language import Exact
from tuopin.core.standards import Judge, item_verdict, overall_verdict, prepare, shown_text
from tuopin.core.standards.dates import months_before
from tuopin.core.standards.explaining import explain_judgement, missing

if TYPE_CHECKING:
    from pathlib import Path

PERSON = {"birth_date": datetime.date(1980, 1, 1), "study": None, "education": "primary", "resident_insurance": True}
HOUSEHOLD: dict[str, object] = {
    "registration": "exited",
    "wage": 4_000_000,
    "business": 0,
    "property": 0,
    "transfer": 0,
    "business_cost": 0,
    "food": True,
    "clothing": True,
    "water_safe": True,
    "dangerous_house": False,
    "person": [PERSON, PERSON],
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(prepare(pack("shangqiu-2018"), "household_exit", CATALOGUE, DAY))


@pytest.mark.parametrize(("applies", "test"), list(product([True, False, None], repeat=2)))
def test_an_item_is_settled_where_it_can_be(applies: bool | None, test: bool | None) -> None:
    expected = {
        (True, True): "met", (True, False): "not_met", (True, None): "unknown",
        (None, True): "met", (None, False): "unknown", (None, None): "unknown",
    }  # fmt: skip
    wanted = "not_applicable" if applies is False else expected[applies, test]
    assert item_verdict(applies, test) == wanted


def test_overall_is_the_worst_and_nothing_applicable_is_unknown() -> None:
    assert overall_verdict(True, ["met", "unknown", "not_met"]) == "not_met"
    assert overall_verdict(True, ["met", "unknown", "not_applicable"]) == "unknown"
    assert overall_verdict(True, ["met", "not_applicable"]) == "met"
    assert overall_verdict(True, ["not_applicable"]) == "unknown"
    assert overall_verdict(True, []) == "unknown"
    assert overall_verdict(False, ["not_met"]) == "not_applicable"
    assert overall_verdict(None, ["met"]) == "met"


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [(1, 8, "0.13"), (-1, 8, "-0.13"), (1, 3, "0.33"), (0, 5, "0.00"), (299499, 100, "2994.99"), (-1, 1000, "0.00")],
)
def test_numbers_are_shown_half_up_away_from_zero(numerator: int, denominator: int, text: str) -> None:
    assert shown_text(Exact(numerator, denominator), 2) == text


def test_the_engine_rounds_as_the_interpreter_does(judge: Judge) -> None:
    subjects = [
        HOUSEHOLD | {"wage": wage, "person": [PERSON] * size} for wage in range(-25, 25) for size in (1, 2, 3, 8)
    ]
    shown = [tuple(judge.shown(judge(subject)).values()) for subject in subjects]
    assert [texts for _, texts in judge_in_engine(judge.prepared, subjects)] == shown


def test_a_household_without_members_is_unknown_in_every_item(judge: Judge) -> None:
    judgement = judge(HOUSEHOLD | {"person": [], "dangerous_house": True})
    assert judgement.overall == "unknown"
    assert set(judgement.items.values()) == {"unknown", "not_applicable"}
    assert judgement.reasons["housing"] == "no_members"


def test_an_open_limit_makes_the_item_unknown_and_says_so() -> None:
    village = {"population": 100, "industries": 1, "collective_income": 10**9, "household": []}
    village |= {f"work_{number}": "yes" for number in range(1, 10)}
    judge = Judge(prepare(pack("national"), "village_exit", CATALOGUE, DAY))
    judgement = judge(village)
    assert (judgement.items["collective_income"], judgement.overall) == ("unknown", "unknown")
    assert judgement.reasons == {"collective_income": "limit_not_set"}


def test_a_named_limit_that_is_open_holds_the_item_back() -> None:
    county = {"services_near": True, "rural_population": 100, "township": []}
    judge = Judge(prepare(pack("national"), "county_exit", CATALOGUE, DAY))
    assert judge(county).reasons["services"] == "limit_not_set"


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2019-03-31", 1, "2019-02-28"),
        ("2020-03-31", 1, "2020-02-29"),
        ("2018-12-01", 12, "2017-12-01"),
        ("2018-01-15", 1, "2017-12-15"),
        ("0001-05-01", 60, "0001-01-01"),
    ],
)
def test_months_are_counted_back_by_calendar(day: str, months: int, before: str) -> None:
    assert months_before(datetime.date.fromisoformat(day), months).isoformat() == before


@pytest.mark.parametrize(("as_of", "verdict"), [("2017-12-01", "met"), ("2017-11-30", "unknown"), (None, "met")])
def test_old_evidence_makes_an_item_unknown(tmp_path: Path, as_of: str | None, verdict: str) -> None:
    folder = Folder(tmp_path)
    folder.replace("exit.toml", "confidence", 'evidence_max_age = "12 months"\nconfidence')
    prepared = folder.prepare()
    subject = {
        "stated_income_per_head": 400_000,
        "household_income__as_of": datetime.date.fromisoformat(as_of) if as_of else None,
        "person": [{}],
    }
    judgement = Judge(prepared)(subject)
    assert judgement.items["income"] == verdict
    assert judgement.reasons == ({"income": "evidence_too_old"} if verdict == "unknown" else {})
    assert judge_in_engine(prepared, [subject])[0][0] == {"met": "mm", "unknown": "uu"}[verdict]


def test_the_oldest_evidence_of_members_counts(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.replace("exit.toml", "stated_income_per_head > line", "every(person, resident_insurance)")
    folder.replace("exit.toml", "confidence", 'evidence_max_age = "1 year"\nconfidence')
    prepared = folder.prepare()
    fresh = {"resident_insurance": True, "person_condition__as_of": DAY}
    old = fresh | {"person_condition__as_of": datetime.date(2017, 1, 1)}
    subjects: list[dict[str, object]] = [{"person": [fresh, fresh]}, {"person": [fresh, old]}]
    assert [Judge(prepared)(subject).overall for subject in subjects] == ["met", "unknown"]
    assert [letters for letters, _ in judge_in_engine(prepared, subjects)] == ["mm", "uu"]


# ---- explanation --------------------------------------------------------------------------------------------------


def explained(judge: Judge, subject: dict[str, object], key: str):  # type: ignore[no-untyped-def]  # a test's helper
    judgement = judge(subject)
    found = explain_judgement(judge.prepared, judgement, subject, judge.shown(judgement))
    return next(item for item in found.items if item.key == key)


@pytest.mark.parametrize(
    ("wage", "zh", "en"),
    [
        (2 * (299_500 - 31_200), "还差 312.00 元", "312.00 yuan short"),
        (2 * 299_500, "恰在限值上", "exactly on the limit"),
        (2 * 299_500 - 1, "还差 0.01 元", "0.01 yuan short"),
        (2 * 299_500 + 10_000, "高出 50.00 元", "50.00 yuan above"),
    ],
)
def test_the_distance_to_the_line_is_said(judge: Judge, wage: int, zh: str, en: str) -> None:
    item = explained(judge, HOUSEHOLD | {"wage": wage}, "income")
    assert [(each.zh, each.en) for each in item.distances] == [(zh, en)]


def test_a_distance_below_the_last_digit_is_not_shown_as_nothing(judge: Judge) -> None:
    item = explained(judge, HOUSEHOLD | {"wage": 3 * 299_500 - 1, "person": [PERSON] * 3}, "income")
    assert item.distances[0].zh == "还差 不到 0.01 元"


def test_value_limit_and_source_of_the_day_stand_in_the_explanation(judge: Judge) -> None:
    item = explained(judge, HOUSEHOLD, "income")
    assert [each.value.zh for each in item.named] == ["20000.00 元", "2 人"]
    (limit,) = item.limits
    assert limit.value is not None
    assert (limit.value.zh, limit.valid_from, limit.confidence) == ("2995.00 元", "2018-01-01", "known")
    assert item.draft


def test_the_blank_cell_is_named(judge: Judge) -> None:
    item = explained(judge, HOUSEHOLD | {"property": None}, "income")
    blank = missing(item.cells)
    assert (item.verdict, blank and blank.zh, blank and blank.en) == (
        "unknown",
        "空白：财产性收入",
        "blank: property income",
    )


def test_only_members_who_decide_are_listed(judge: Judge) -> None:
    child = PERSON | {"birth_date": datetime.date(2008, 1, 1), "education": None}
    out = child | {"study": "not_in_school"}
    doubtful = child | {"study": None}
    item = explained(judge, HOUSEHOLD | {"person": [PERSON, child | {"study": "primary"}, out, doubtful]}, "education")
    assert [(member.index, member.fails) for member in item.members] == [(2, True), (3, False)]
    assert [cell.name for cell in item.members[0].cells] == ["birth_date", "education", "study"]
    unread = child | {"education": "primary", "study": None, "study_unclear": True}
    item = explained(judge, HOUSEHOLD | {"person": [PERSON, unread]}, "education")
    assert [(cell.name, cell.blank) for cell in item.members[0].cells][-1] == ("study_unclear", False)


def test_a_missing_column_is_told_from_a_blank_cell(judge: Judge) -> None:
    without = PERSON | {"resident_insurance": False}
    absent = explained(judge, HOUSEHOLD | {"person": [without]}, "medical")
    blank = explained(judge, HOUSEHOLD | {"person": [without | {"employee_insurance": None}]}, "medical")
    assert (absent.verdict, blank.verdict) == ("not_met", "unknown")
    assert absent.members[0].cells[1].value.zh == "表中无此列，按“否”计"
    assert blank.members[0].cells[1].blank
