"""Alkire and Foster's measures: the paper's example, exact cut-offs, unknowns, subgroups, and the set engine."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuopin.core.engine import Engine
from tuopin.core.poverty import Indicator, Profile, alkire_foster, equal_weights, from_tallies, statements

FOUR = tuple(Indicator(key, Fraction(1, 4)) for key in ("income", "schooling", "health", "services"))


def profiles(*rows: str, persons: int = 1) -> list[Profile]:
    """One letter an indicator: 1 lacks it, 0 has it, ? unknown."""
    words = {"1": True, "0": False, "?": None}
    return [Profile(tuple(words[letter] for letter in row), persons) for row in rows]


def test_the_papers_example_of_four_persons() -> None:
    """Alkire and Foster (2011): deprivation counts 0, 2, 4, 1 of four; poor from two of four on."""
    found = alkire_foster(profiles("0000", "0101", "1111", "0100"), FOUR, Fraction(1, 2))
    assert found.least == found.most
    assert found.least is not None
    assert found.least.headcount == Fraction(1, 2)
    assert found.least.intensity == Fraction(3, 4)
    assert found.least.adjusted == Fraction(3, 8)
    assert found.least.lacking == {
        "income": Fraction(1, 4), "schooling": Fraction(1, 2), "health": Fraction(1, 4), "services": Fraction(1, 2),
    }  # fmt: skip
    assert found.least.contribution == {
        "income": Fraction(1, 6), "schooling": Fraction(1, 3), "health": Fraction(1, 6), "services": Fraction(1, 3),
    }  # fmt: skip


def test_a_score_on_the_cut_off_reaches_it() -> None:
    """Three indicators of a third each: 1/3 is no decimal, and a float sum of nine ninths need not be one."""
    nine = tuple(Indicator(f"i{at}", Fraction(1, 9)) for at in range(9))
    third = alkire_foster(profiles("111000000"), nine, Fraction(1, 3))
    assert third.least is not None
    assert third.least.headcount == 1
    assert alkire_foster(profiles("110000000"), nine, Fraction(1, 3)).least.headcount == 0  # type: ignore[union-attr]


def test_weights_by_dimension() -> None:
    made = equal_weights([("income", "1"), ("food", "2"), ("clothing", "2"), ("water", "2"), ("school", "3")])
    assert [each.weight for each in made] == [Fraction(1, 3), *[Fraction(1, 9)] * 3, Fraction(1, 3)]
    assert sum(each.weight for each in made) == 1


def test_unknown_makes_two_worlds() -> None:
    found = alkire_foster(profiles("1?00", "0000"), FOUR, Fraction(1, 2))
    assert found.least is not None
    assert found.most is not None
    assert (found.least.headcount, found.most.headcount) == (0, Fraction(1, 2))
    assert found.least.intensity is None
    assert (found.least.adjusted, found.most.adjusted) == (0, Fraction(1, 4))
    assert found.least.contribution == {}
    assert found.tally.doubtful == 1


def test_households_without_a_number_of_persons_are_counted_apart() -> None:
    found = alkire_foster([Profile((True,) * 4, None), *profiles("0000", persons=3)], FOUR, Fraction(1, 2))
    assert (found.tally.households, found.tally.persons, found.tally.uncounted) == (1, 3, 1)
    assert alkire_foster([Profile((True,) * 4, None)], FOUR, Fraction(1)).least is None


@pytest.mark.parametrize(
    "indicators",
    [
        (),
        (Indicator("a", Fraction(1, 2)),),
        (Indicator("a", Fraction(1, 2)), Indicator("a", Fraction(1, 2))),
        (Indicator("a", Fraction(3, 2)), Indicator("b", Fraction(-1, 2))),
        (Indicator("a", Fraction(1)), Indicator("b", Fraction())),
    ],
)
def test_weights_must_sum_to_exactly_one(indicators: tuple[Indicator, ...]) -> None:
    with pytest.raises(ValueError, match=r"weights|key"):
        alkire_foster([], indicators, Fraction(1, 3))


@pytest.mark.parametrize("cutoff", [Fraction(), Fraction(-1, 3), Fraction(4, 3)])
def test_a_cut_off_lies_above_nothing_and_at_most_at_all(cutoff: Fraction) -> None:
    with pytest.raises(ValueError, match="cut-off"):
        alkire_foster([], FOUR, cutoff)


def test_a_profile_has_a_value_for_every_indicator() -> None:
    with pytest.raises(ValueError, match="every indicator"):
        alkire_foster(profiles("10"), FOUR, Fraction(1, 2))


# -- properties ---------------------------------------------------------------------------------------------------

UNEVEN = (Indicator("a", Fraction(1, 3)), Indicator("b", Fraction(1, 6)), Indicator("c", Fraction(1, 2)))
PROFILES = st.lists(
    st.builds(
        Profile,
        st.tuples(*[st.sampled_from([True, False, None])] * 3),
        st.none() | st.integers(0, 6),
        st.sampled_from(["east", "west", "north"]),
    ),
    max_size=40,
)
CUTOFFS = st.fractions(min_value=Fraction(1, 12), max_value=1, max_denominator=12)


@given(PROFILES, CUTOFFS)
def test_subgroups_make_up_the_whole(rows: list[Profile], cutoff: Fraction) -> None:
    found = alkire_foster(rows, UNEVEN, cutoff)
    if found.least is None or found.most is None:
        return
    persons = found.tally.persons
    for name in ("least", "most"):
        whole = getattr(found, name)
        parts = [(each.tally.persons, getattr(each, name)) for each in found.groups.values()]
        assert sum(size * world.adjusted for size, world in parts if world) == persons * whole.adjusted
        assert sum(size * world.headcount for size, world in parts if world) == persons * whole.headcount
        if whole.adjusted:
            at = 0 if name == "least" else 1
            assert sum(each.share[at] or 0 for each in found.groups.values()) == 1
            assert sum(whole.contribution.values()) == 1
            assert whole.adjusted == whole.headcount * whole.intensity
    assert found.least.headcount <= found.most.headcount
    assert found.least.adjusted <= found.most.adjusted


@given(PROFILES, CUTOFFS)
def test_every_world_between_lies_within_the_bounds(rows: list[Profile], cutoff: Fraction) -> None:
    bounds = alkire_foster(rows, UNEVEN, cutoff)
    settled = [
        Profile(tuple(bool(at % 2) if each is None else each for at, each in enumerate(row.deprived)), row.persons)
        for row in rows
    ]
    found = alkire_foster(settled, UNEVEN, cutoff).least
    if found is not None and bounds.least is not None and bounds.most is not None:
        assert bounds.least.headcount <= found.headcount <= bounds.most.headcount
        assert bounds.least.adjusted <= found.adjusted <= bounds.most.adjusted


@settings(max_examples=40, deadline=None)
@given(PROFILES, CUTOFFS)
def test_the_set_engine_gives_what_the_list_gives(rows: list[Profile], cutoff: Fraction) -> None:
    with Engine(threads=1) as engine:
        columns: dict[str, pa.Array] = {
            f"c{at}": pa.array([row.deprived[at] for row in rows], pa.bool_()) for at in range(3)
        }
        columns["w"] = pa.array([row.persons for row in rows], pa.int64())
        columns["g"] = pa.array([str(row.group) for row in rows], pa.string())
        engine.load("profiles", pa.table(columns).to_reader())
        found = statements.tallies(engine, "profiles", ["c0", "c1", "c2"], "w", UNEVEN, cutoff, group="g")
    assert from_tallies(found, UNEVEN) == alkire_foster(rows, UNEVEN, cutoff)
