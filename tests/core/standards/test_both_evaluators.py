"""The interpreter and the set engine never differ: verdicts and shown facts on generated registers."""

from __future__ import annotations

import datetime
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.standards.registers import CATALOGUE, DAY, judge_in_engine, pack
from tuopin.core.standards import LETTERS, Judge, Prepared, prepare
from tuopin.core.standards.probe import Generator

STANDARDS = ["household_exit", "village_exit", "county_exit"]


def compare(prepared: Prepared, subjects: list[dict[str, object]]) -> None:
    judge = Judge(prepared)
    expected = []
    for subject in subjects:
        judgement = judge(subject)
        letters = "".join(LETTERS[verdict] for verdict in (judgement.overall, *judgement.items.values()))
        expected.append((letters, tuple(judge.shown(judgement).values())))
    assert judge_in_engine(prepared, subjects) == expected


@pytest.mark.parametrize("key", STANDARDS)
@pytest.mark.parametrize("name", ["national", "shangqiu-2018"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_generated_register_is_judged_alike(name: str, key: str, seed: int) -> None:
    prepared = prepare(pack(name), key, CATALOGUE, DAY)
    generator = Generator(prepared, seed)
    compare(prepared, [generator.subject() for _ in range(25)])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 7)), min_size=1, max_size=20))
def test_amounts_within_three_fen_of_the_line_are_judged_alike(amounts: list[tuple[int, int]]) -> None:
    prepared = prepare(pack("national"), "household_exit", CATALOGUE, DAY)
    person = {
        "birth_date": datetime.date(1980, 1, 1),
        "study": None,
        "education": "primary",
        "resident_insurance": True,
    }
    compare(
        prepared,
        [
            {
                "registration": "registered",
                "wage": 299500 * size + fen,
                "business": 0,
                "property": 0,
                "transfer": 0,
                "business_cost": 0,
                "food": True,
                "clothing": True,
                "water_safe": True,
                "dangerous_house": False,
                "person": [person] * size,
            }
            for fen, size in amounts
        ],
    )


def test_absent_columns_are_judged_alike() -> None:
    prepared = prepare(pack("national"), "household_exit", CATALOGUE, DAY)
    generator = Generator(prepared, 7)
    chosen = random.Random(7)
    subjects = [generator.subject() for _ in range(60)]
    for subject in subjects:
        for person in subject["person"]:  # type: ignore[attr-defined]  # a list by construction
            if chosen.random() < 0.5:
                del person["employee_insurance"]
    compare(prepared, subjects)
