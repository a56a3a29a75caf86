"""Standards of several levels in one run give what each gives alone, and read the lowest level once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.standards.registers import ARROW, CATALOGUE, DAY, PACKS, flatten, judge_in_engine, pack
from tuopin.core.engine import Engine
from tuopin.core.standards import LETTERS, Judge, PackError, find_packs, load_pack, prepare
from tuopin.core.standards.chain import plan, run
from tuopin.core.standards.probe import Generator

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.standards import Pack, Prepared

CHAIN = ("county_exit", "household_exit", "village_exit")

BY_VERDICT = """
key = "by_verdict"
title = { zh = "按判定", en = "by verdict" }
level = "village"
uses = ["household_exit"]
[[item]]
key = "few_fail"
title = { zh = "未达标户不超过五分之一", en = "a fifth fails at most" }
test = "share(household, not household_exit) <= 0.2"
source = "s"
confidence = "found"
[[item]]
key = "all_met"
title = { zh = "户户达标", en = "all are met" }
test = "every(household, household_exit)"
source = "s"
confidence = "found"
"""


@pytest.fixture
def city(tmp_path: Path) -> Pack:
    """The city's pack with a standard that counts households by their verdicts."""
    for key in PACKS:
        shutil.copytree(PACKS[key], tmp_path / key)
    (tmp_path / "shangqiu-2018" / "by_verdict.toml").write_text(BY_VERDICT, encoding="utf-8")
    return load_pack("shangqiu-2018", find_packs([tmp_path]))


def run_chain(
    chosen: Pack, keys: tuple[str, ...], whole: Prepared, subjects: list[dict[str, object]]
) -> dict[str, list[str]]:
    """Letters of every subject by standard. ``whole`` is a program over all levels and facts, for the relations."""
    with Engine(threads=1) as engine:
        relations = {}
        for level, rows in flatten(whole, subjects).items():
            kinds = {name: fact.type for name, fact in CATALOGUE.facts(level).items()}
            fields = [("id", pa.int64()), ("parent_id", pa.int64())]
            fields += [(name, ARROW.get(kinds[name], pa.int64())) for name in whole.program.needs[level]]
            fields += [(f"{name}__absent", pa.bool_()) for name in whole.program.absent_needs[level]]
            engine.load(level, pa.Table.from_pylist(rows, schema=pa.schema(fields)).to_reader())
            relations[level] = level
        found = run(plan(chosen, keys, CATALOGUE, DAY), engine, relations)
        return {
            key: [row[0] for row in engine.rows(f"SELECT {verdicts.letters()} FROM {verdicts.table} ORDER BY id")]
            for key, verdicts in found.items()
        }


def letters(prepared: Prepared, subjects: list[dict[str, object]]) -> list[str]:
    judge = Judge(prepared)
    judged = map(judge, subjects)
    return ["".join(LETTERS[verdict] for verdict in (each.overall, *each.items.values())) for each in judged]


def everything(chosen: Pack, top: str, keys: tuple[str, ...]) -> Prepared:
    """The top standard with the facts that all standards of the chain read, so that one register serves them all."""
    prepared = prepare(chosen, top, CATALOGUE, DAY)
    needs: dict[str, dict[str, None]] = {level: {} for level in prepared.program.levels}
    for key in keys:
        for level, names in prepare(chosen, key, CATALOGUE, DAY).program.needs.items():
            needs[level] |= dict.fromkeys(names)
    return _Whole(prepared, {level: tuple(names) for level, names in needs.items()})  # type: ignore[return-value]  # stands in for it


class _Program:
    def __init__(self, needs: dict[str, tuple[str, ...]]) -> None:
        self.needs, self.levels = needs, tuple(needs)
        self.absent_needs = {
            level: tuple(name for name in names if name == "employee_insurance") for level, names in needs.items()
        }


class _Whole:
    def __init__(self, prepared: Prepared, needs: dict[str, tuple[str, ...]]) -> None:
        self.catalogue, self.day, self.pack, self.values = (
            prepared.catalogue,
            prepared.day,
            prepared.pack,
            prepared.values,
        )
        self.program = _Program(needs)


def below(subjects: list[dict[str, object]], *levels: str) -> list[dict[str, object]]:
    found = subjects
    for level in levels:
        found = [member for subject in found for member in subject[level]]  # type: ignore[attr-defined]  # a list
    return found


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_chain_of_three_gives_what_each_standard_gives_alone(seed: int) -> None:
    chosen = pack("shangqiu-2018")
    whole = everything(chosen, "county_exit", CHAIN)
    generator = Generator(whole, seed)
    counties = [generator.subject() for _ in range(4)]
    villages = below(counties, "township", "village")
    found = run_chain(chosen, CHAIN, whole, counties)
    assert found == {
        "household_exit": letters(prepare(chosen, "household_exit", CATALOGUE, DAY), below(villages, "household")),
        "village_exit": letters(prepare(chosen, "village_exit", CATALOGUE, DAY), villages),
        "county_exit": letters(prepare(chosen, "county_exit", CATALOGUE, DAY), counties),
    }


def test_each_level_is_read_once() -> None:
    passes = plan(pack("shangqiu-2018"), CHAIN, CATALOGUE, DAY)
    assert [(each.prepared.standard.key, each.prepared.program.levels) for each in passes] == [
        ("household_exit", ("household", "person")),
        ("village_exit", ("village", "household")),
        ("county_exit", ("county", "township", "village")),
    ]
    assert [fact.name for fact in passes[0].carried] == ["member_count", "registration"]


@pytest.mark.parametrize("seed", range(3))
def test_a_standard_may_count_the_verdicts_of_another(city: Pack, seed: int) -> None:
    prepared = prepare(city, "by_verdict", CATALOGUE, DAY)
    households = Judge(prepare(city, "household_exit", CATALOGUE, DAY))
    generator = Generator(prepared, seed)
    villages = [generator.subject() for _ in range(120)]
    judge = Judge(prepared)
    for village in villages:
        overall = [households(each).overall for each in village["household"]]  # type: ignore[attr-defined]  # a list
        failing = overall.count("not_met")
        unsure = len(overall) - failing - overall.count("met")
        expected = "not_met" if failing else "unknown" if unsure else "met"
        assert judge(village).items["all_met"] == expected
        low, high = failing * 5, (failing + unsure) * 5
        share = (
            "unknown"
            if not overall
            else "not_met"
            if low > len(overall)
            else "met"
            if high <= len(overall)
            else "unknown"
        )
        assert judge(village).items["few_fail"] == share
    assert [found for found, _ in judge_in_engine(prepared, villages)] == letters(prepared, villages)
    keys = ("household_exit", "by_verdict")
    assert run_chain(city, keys, everything(city, "by_verdict", keys), villages)["by_verdict"] == letters(
        prepared, villages
    )


def test_one_level_has_one_standard_in_a_chain(city: Pack) -> None:
    with pytest.raises(ValueError, match="one standard a level"):
        plan(city, ("village_exit", "by_verdict"), CATALOGUE, DAY)


@pytest.mark.parametrize("used", ["by_verdict", "village_exit", "nothing"])
def test_only_standards_of_levels_below_can_be_used(city: Pack, tmp_path: Path, used: str) -> None:
    path = tmp_path / "shangqiu-2018" / "by_verdict.toml"
    path.write_text(BY_VERDICT.replace('["household_exit"]', f'["{used}"]'), encoding="utf-8")
    with pytest.raises(PackError):
        prepare(load_pack("shangqiu-2018", find_packs([tmp_path])), "by_verdict", CATALOGUE, DAY)
