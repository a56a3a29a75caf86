"""An area explained by what its evaluation stored says what judging everything below it would say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.standards.registers import CATALOGUE, DAY, pack
from tuopin.core.standards import Judge, prepare
from tuopin.core.standards.abridging import BELOW, CHANGED, Abridged, abridge, explain_stored
from tuopin.core.standards.explaining import STRADDLES
from tuopin.core.standards.probe import Generator

if TYPE_CHECKING:
    from tuopin.core.standards.explaining import SubjectExplanation


def stored(abridged: Abridged, subject: dict[str, object]) -> SubjectExplanation:
    """As the evaluation of the subject would be explained, without its areas below."""
    judge = Judge(abridged.whole)
    judgement = judge(subject)
    verdicts = {"overall": judgement.overall, **judgement.items}
    found = explain_stored(abridged, verdicts, judge.shown(judgement), {name: subject[name] for name in abridged.needs})
    assert found.overall == judgement.overall
    assert {item.key: item.verdict for item in found.items} == dict(judgement.items)
    return found


STANDARDS = [
    ("shangqiu-2018", "county_exit"),
    ("national", "county_exit"),
    ("shangqiu-2018", "industry_county"),
    ("national", "village_exit"),
]


@pytest.mark.parametrize(("name", "key"), STANDARDS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_judged_from_stored_numbers_is_what_was_stored(name: str, key: str, seed: int) -> None:
    abridged = abridge(prepare(pack(name), key, CATALOGUE, DAY))
    for subject in [generated(abridged, seed + at) for at in range(4)]:
        for item in stored(abridged, subject).items:
            assert item.reason is not CHANGED, item.key
            assert item.verdict == "unknown" or item.reason is None


def generated(abridged: Abridged, seed: int) -> dict[str, object]:
    return Generator(abridged.whole, seed).subject()


def test_a_county_needs_no_row_below_it() -> None:
    abridged = abridge(prepare(pack("shangqiu-2018"), "county_exit", CATALOGUE, DAY))
    assert abridged.own is not None
    assert abridged.own.program.levels == ("county",)
    assert abridged.given == ("unexited_persons",)
    verdicts = {"overall": "not_met"} | dict.fromkeys(
        ("incidence", "missed_rate", "wrong_exit_rate", "satisfaction", "income_growth", "services"), "unknown"
    )
    own: dict[str, object] = {"rural_population": 10_000}
    found = explain_stored(
        abridged, verdicts | {"incidence": "not_met"}, {"unexited_persons": "235"}, own  # type: ignore[arg-type]
    )  # fmt: skip
    incidence = found.items[0]
    assert [(each.name, each.value.zh) for each in incidence.named] == [
        ("incidence", "2.35%"), ("unexited_persons", "235 人"),
    ]  # fmt: skip
    assert [each.zh for each in incidence.distances] == ["超出 0.35 个百分点"]
    assert [each.zh for each in incidence.turns] == ["未脱贫人口再减少 36 人即达标"]
    changed = explain_stored(abridged, verdicts | {"incidence": "met"}, {"unexited_persons": "235"}, own).items[0]  # type: ignore[arg-type]
    assert (changed.verdict, changed.reason, changed.distances, changed.turns) == ("met", CHANGED, (), ())


def test_a_county_without_villages_or_population_is_unknown_and_says_why() -> None:
    abridged = abridge(prepare(pack("shangqiu-2018"), "county_exit", CATALOGUE, DAY))
    for population in (0, None, 500):
        found = stored(abridged, {"township": []} | dict.fromkeys(abridged.needs) | {"rural_population": population})
        incidence = found.items[0]
        if population == 500:
            assert (incidence.verdict, incidence.named[0].value.zh) == ("met", "0.00%")
        else:
            assert (incidence.verdict, incidence.distances, incidence.turns) == ("unknown", (), ())
            assert incidence.reason is not None
    unknown_below = {"township": [{"village": [{"household": [{"registration": None, "person": [{}]}]}]}]}
    found = stored(abridged, unknown_below | dict.fromkeys(abridged.needs) | {"rural_population": 500})
    assert found.items[0].verdict == "unknown"
    assert [each.value.zh for each in found.items[0].named] == ["未知", "未知"]


def test_an_item_that_waits_says_for_which_room() -> None:
    abridged = abridge(prepare(pack("shangqiu-2018"), "industry_county", CATALOGUE, DAY))
    reasons = [item.reason for item in stored(abridged, generated(abridged, 5)).items]
    assert {each.zh for each in reasons if each} == {"等待“帮扶措施”数据接入"}
    assert BELOW not in reasons


def test_an_interval_of_a_survey_that_holds_the_limit_is_the_reason() -> None:
    abridged = abridge(prepare(pack("national"), "county_exit", CATALOGUE, DAY))
    given = dict.fromkeys(abridged.needs) | {
        "rural_population": 10_000, "missed_rate": 15_000, "missed_rate_low": 5_000, "missed_rate_high": 25_000,
        "wrong_exit_rate": 10_000, "wrong_exit_rate_low": 5_000, "wrong_exit_rate_high": 15_000,
    }  # fmt: skip
    out = {"registration": "exited", "person": [{}] * 500}
    left = {"registration": "registered", "person": [{}] * 20}
    county = given | {"township": [{"village": [{"household": [out, left]}]}]}
    composite = {item.key: item for item in stored(abridged, county).items}["composite_incidence"]
    assert (composite.verdict, composite.reason) == ("unknown", STRADDLES)
    assert [each.value.zh for each in composite.named][:3] == ["0.699%", "2.645%", "1.672%"]
    worse = {item.key: item for item in stored(abridged, county | {"missed_rate_low": 30_000}).items}
    assert worse["composite_incidence"].verdict == "met"
    assert all("：" in each.zh for each in worse["composite_incidence"].distances), "each says what it is about"
