"""The packs of the product: they load, their cases come out, no rule always or never holds, both evaluators agree."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.standards.registers import CATALOGUE, DAY, PACKS, judge_in_engine, pack
from tuopin.core.standards import (
    LETTERS,
    Judge,
    PackError,
    Prepared,
    as_published,
    find_packs,
    load_pack,
    prepare,
    probe,
    read_cases,
    run_cases,
    validate,
)
from tuopin.core.standards.probe import Generator

if TYPE_CHECKING:
    from pathlib import Path

DAYS = {"jincheng-2020": datetime.date(2020, 6, 30), "monitoring-2021": datetime.date(2021, 6, 30)}
OWN = [
    (name, path.stem)
    for name, folder in sorted(PACKS.items())
    for path in sorted(folder.glob("*.toml"))
    if path.name not in {"pack.toml", "parameters.toml", "nodes.toml"}
]
"""Every standard with the pack that defines it."""


def ready(name: str, key: str, day: datetime.date | None = None) -> Prepared:
    """A standard as if the rooms it waits for were there."""
    chosen = pack(name)
    return prepare(chosen, key, as_published(CATALOGUE, chosen.standard(key)), day or DAYS.get(name, DAY))


@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_standard_of_a_pack_is_sound_and_its_cases_come_out(name: str) -> None:
    chosen = pack(name)
    validate(chosen, CATALOGUE)
    outcomes = run_cases(chosen, CATALOGUE, read_cases(PACKS[name], chosen, CATALOGUE))
    assert [(each.case.name.zh, each.differences) for each in outcomes if not each.passed] == []
    assert {key for pack_name, key in OWN if pack_name == name} == {each.case.standard for each in outcomes}


@pytest.mark.parametrize(("name", "key"), OWN)
def test_every_rule_can_go_both_ways(name: str, key: str) -> None:
    assert probe(ready(name, key)) == []


@pytest.mark.parametrize(("name", "key"), [each for each in OWN if each[0] not in {"national", "data-quality"}])
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_both_evaluators_judge_a_generated_register_alike(name: str, key: str, seed: int) -> None:
    prepared = ready(name, key)
    generator, judge = Generator(prepared, seed), Judge(prepared)
    subjects = [generator.subject() for _ in range(4 if prepared.standard.level == "county" else 15)]
    aged = {block for item in prepared.items for _level, block in item.aged_blocks}  # all of the judged level here
    for at, subject in enumerate(subjects):
        subject |= {f"{block}__as_of": prepared.day - datetime.timedelta(days=100 * at) for block in aged}
    expected = []
    for subject in subjects:
        judgement = judge(subject)
        letters = "".join(LETTERS[verdict] for verdict in (judgement.overall, *judgement.items.values()))
        expected.append((letters, tuple(judge.shown(judgement).values())))
    assert judge_in_engine(prepared, subjects) == expected


def test_a_water_survey_a_year_old_says_nothing_any_more() -> None:
    prepared = ready("water", "water_safety")
    surveyed = {
        **dict.fromkeys(CATALOGUE.facts("household")),
        "registration": "exited",
        "water_zone": "short",
        "water_litres": 225,
        "water_piped": True,
        "water_short_days": 0,
        "person": [{}],
    }

    def quantity(on: datetime.date) -> tuple[str, str | None]:
        judgement = Judge(prepared)(surveyed | {"household_water__as_of": on, "water_surveyed_on": on})
        return judgement.items["water_quantity"], judgement.reasons.get("water_quantity")

    assert quantity(datetime.date(2017, 12, 1)) == ("met", None)
    assert quantity(datetime.date(2017, 11, 30)) == ("unknown", "evidence_too_old")


def test_items_that_wait_for_a_room_say_so() -> None:
    chosen = pack("industry")
    prepared = prepare(chosen, "industry_household", CATALOGUE, DAY)
    assert {each.key: each.kind for each in prepared.draft}["income_channels"] == "waiting"
    judgement = Judge(prepared)({"registration": "registered", "person": [{}]})
    assert judgement.reasons == {"income_channels": "waiting", "industry_help": "waiting"}


def own_pack(folder: Path, **files: str) -> dict[str, Path]:
    """The product's packs and one of a city's own."""
    (folder / "city").mkdir()
    for name, text in files.items():
        (folder / "city" / f"{name}.toml").write_text(text, encoding="utf-8")
    return {**PACKS, **find_packs([folder])}


CITY = """
key = "city"
version = "1"
base = "{base}"
title = {{ zh = "本市", en = "city" }}
"""
LINE = """
[{name}]
title = {{ zh = "线", en = "line" }}
type = "{type}"
unit = "{unit}"
{more}
[[{name}.value]]
from = 2020-01-01
value = "{value}"
source = "本市文件"
confidence = "found"
"""


def test_a_city_enters_its_guide_line(tmp_path: Path) -> None:
    line = LINE.format(name="provincial_guide_line", type="money", unit="CNY/person/year", value="5500", more="")
    chosen = load_pack("city", own_pack(tmp_path, pack=CITY.format(base="jincheng-2020"), parameters=line))
    day = datetime.date(2020, 9, 30)
    groups = Judge(prepare(chosen, "target_groups", CATALOGUE, day))
    exits = Judge(prepare(chosen, "household_exit", CATALOGUE, day))

    def judged(fen: int) -> tuple[str, str]:
        facts = dict.fromkeys(CATALOGUE.facts("household")) | {"registration": "registered", "wage": fen}
        facts |= dict.fromkeys(("business", "property", "transfer", "business_cost"), 0)
        subject = {**facts, "person": [dict.fromkeys(CATALOGUE.facts("person"))]}
        return exits(subject).items["guide_line"], groups(subject).items["below_guide_line"]

    assert judged(550_000) == ("not_met", "met"), "exactly on the line: not above it, and one of the second group"
    assert judged(550_001) == ("met", "not_met")
    assert {each.key for each in exits.prepared.draft} & {"guide_line"} == set()


def test_a_stricter_place_only_changes_a_number(tmp_path: Path) -> None:
    days = LINE.format(name="water_short_days_limit", type="integer", unit="day", value="15", more="")
    chosen = load_pack("city", own_pack(tmp_path, pack=CITY.format(base="water"), parameters=days))
    judge = Judge(prepare(chosen, "water_safety", CATALOGUE, datetime.date(2020, 6, 1)))
    facts = dict.fromkeys(CATALOGUE.facts("household")) | {"registration": "exited", "person": [{}]}
    facts["water_surveyed_on"] = datetime.date(2020, 5, 1)
    assert [judge(facts | {"water_short_days": days}).items["water_reliability"] for days in (15, 16)] == [
        "met", "not_met",
    ]  # fmt: skip


def test_a_work_without_a_name_is_not_judged(tmp_path: Path) -> None:
    named = LINE.format(name="village_works_named", type="integer", unit="", value="6", more="")
    chosen = load_pack("city", own_pack(tmp_path, pack=CITY.format(base="shangqiu-2018"), parameters=named))
    judge = Judge(prepare(chosen, "village_works", CATALOGUE, datetime.date(2020, 6, 1)))
    facts = dict.fromkeys(CATALOGUE.facts("village")) | {"poor_village": True, "household": [{"person": []}]}
    facts |= {f"village_work_{number}": "undone" for number in range(1, 10)}
    items = judge(facts).items
    assert {key[-1] for key, verdict in items.items() if verdict == "not_met"} == set("123456"), "six have a name"
    assert {key[-1] for key, verdict in items.items() if verdict == "unknown"} == set("789")


def test_nodes_are_data_with_their_days() -> None:
    nodes = pack("jincheng-2020").nodes
    assert [each.due.isoformat() for each in nodes] == ["2020-04-30", "2020-06-30", "2020-09-30", "2020-12-31"]
    assert [each.standard for each in nodes] == [None, None, "household_exit", None]
    assert {each.confidence for each in nodes} == {"seed"}
    assert pack("national").nodes == ()


NODE = """
[[node]]
key = "june"
due = 2020-06-30
title = { zh = "六月", en = "June" }
target = { zh = "清零", en = "none left" }
standard = "household_exit"
source = "本市文件"
confidence = "found"
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("", "", ""),
        ("due = 2020-06-30\n", "", "no_day"),
        ('"household_exit"', '"household_exist"', "unknown_standard"),
        ('standard = "household_exit"', 'room = "nowhere"', "bad_room"),
        ('"found"', '"sure"', "bad_confidence"),
        ('source = "本市文件"\n', "", "bad_value"),
        ('key = "june"', 'key = "june"\ncolour = "red"', "unknown_key"),
        ("[[node]]", NODE + "[[node]]", "duplicate_key"),
    ],
)
def test_a_faulty_node_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    files = own_pack(tmp_path, pack=CITY.format(base="national"), nodes=NODE.replace(old, new, 1) if old else NODE)
    if not code:
        assert [each.key for each in load_pack("city", files).nodes] == ["june"]
        return
    with pytest.raises(PackError) as caught:
        load_pack("city", files)
    assert caught.value.code == code
    assert "nodes.toml" in caught.value.en
