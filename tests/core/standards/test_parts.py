"""A register in parts: each county by itself gives what all give together, and a changed one touches no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from core.standards.registers import ARROW, CATALOGUE, DAY, flatten, pack
from core.standards.test_chain import CHAIN, everything
from tuopin.core.engine import Engine
from tuopin.core.standards.chain import plan
from tuopin.core.standards.parts import add_up, judge_part, judged
from tuopin.core.standards.probe import Generator

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.standards import Prepared
    from tuopin.core.standards.parts import Sums

PASSES = plan(pack("shangqiu-2018"), CHAIN, CATALOGUE, DAY)
NAMES = ["411421", "411422", "411423"]


@pytest.fixture(scope="module")
def whole() -> Prepared:
    return everything(pack("shangqiu-2018"), "county_exit", CHAIN)


@pytest.fixture(scope="module")
def counties(whole: Prepared) -> list[dict[str, object]]:
    generator = Generator(whole, 11)
    return [generator.subject() for _ in range(4)]


def judge(whole: Prepared, subjects: list[dict[str, object]], folder: Path, part: str) -> Sums:
    with Engine(threads=1) as engine:
        relations = {}
        for level, rows in flatten(whole, subjects).items():
            kinds = {name: fact.type for name, fact in CATALOGUE.facts(level).items()}
            fields = [("id", pa.int64()), ("parent_id", pa.int64())]
            fields += [(name, ARROW.get(kinds[name], pa.int64())) for name in whole.program.needs[level]]
            fields += [(f"{name}__absent", pa.bool_()) for name in whole.program.absent_needs[level]]
            engine.load(level, pa.Table.from_pylist(rows, schema=pa.schema(fields)).to_reader())
            relations[level] = level
        return judge_part(PASSES, engine, relations, folder, part)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_counties_one_by_one_add_up_to_all_of_them(
    whole: Prepared, counties: list[dict[str, object]], tmp_path: Path
) -> None:
    together = judge(whole, counties[:3], tmp_path / "together", "all")
    for name, county in zip(NAMES, counties, strict=False):
        judge(whole, [county], tmp_path / "apart", name)
    assert judged(tmp_path / "apart") == NAMES
    assert add_up(tmp_path / "apart", NAMES) == together
    assert together["county_exit", "overall", 0] + together["county_exit", "overall", 1] == 3
    assert (
        sum(together["household_exit", "overall", code] for code in range(4))
        == sum(
            len(village["household"])  # type: ignore[arg-type]  # a list by construction
            for county in counties[:3]
            for township in county["township"]  # type: ignore[attr-defined]  # a list
            for village in township["village"]
        )
    )


def test_a_changed_county_is_judged_anew_and_no_other_is_touched(
    whole: Prepared, counties: list[dict[str, object]], tmp_path: Path
) -> None:
    for name, county in zip(NAMES, counties, strict=False):
        judge(whole, [county], tmp_path, name)
    before = contents(tmp_path)
    changed = judge(whole, [counties[3]], tmp_path, "411422")
    after = contents(tmp_path)
    assert {path for path in after if after[path] != before.get(path)} == {
        f"411422/{name}" for name in ("sums.json", *(f"verdict_{key}.parquet" for key in CHAIN))
    }
    assert after.keys() == before.keys(), "nothing is left beside"
    assert add_up(tmp_path, ["411422"]) == changed
    assert add_up(tmp_path, NAMES) == add_up(tmp_path, ["411421", "411423"]) + changed


def test_what_a_power_cut_left_is_no_part_and_goes_with_the_next_run(
    whole: Prepared, counties: list[dict[str, object]], tmp_path: Path
) -> None:
    for left in (".411421.new", ".411421.old"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "sums.json").write_text("[", encoding="utf-8")
    assert judged(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        add_up(tmp_path, ["411421"])
    judge(whole, [counties[0]], tmp_path, "411421")
    assert [path.name for path in tmp_path.iterdir()] == ["411421"]
