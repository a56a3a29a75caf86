"""The pack of data quality: every rule has a case that it finds, both evaluators agree, and the page lists them all."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from core.standards.registers import CATALOGUE, PACKS, judge_in_engine, pack
from tuopin.core.standards import LETTERS, Judge, as_published, prepare, read_cases, run_cases
from tuopin.core.standards.probe import Generator

QUALITY = pack("data-quality")
DAY = datetime.date(2021, 12, 1)
PAGE = Path(__file__).parents[3] / "docs/methods/data-quality.md"
BEGIN, END = "<!-- rules -->\n", "<!-- end of rules -->\n"
STANDARDS = sorted(QUALITY.standards)


def rules_table() -> str:
    """Every rule of the pack as docs/methods/data-quality.md shows it."""
    lines = ["| rule | finds | severity | confidence | waits for |", "|---|---|---|---|---|"]
    for key in STANDARDS:
        prepared = prepare(QUALITY, key, CATALOGUE, DAY)
        for each in prepared.items:
            item = each.item
            rooms = sorted({prepared.awaited[name].room for name in each.waiting})
            lines.append(
                f"| {item.group} {item.title.zh} {item.title.en} (`{key}.{item.key}`)"
                f" | `{item.written}` | {item.severity} | {item.confidence} | {', '.join(rooms)} |"
            )
    return "\n".join(lines) + "\n"


def test_the_page_lists_the_rules_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert found == rules_table(), f"write this between {BEGIN.strip()} and {END.strip()}:\n{rules_table()}"


def test_every_rule_has_a_case_that_it_finds_and_one_that_it_does_not() -> None:
    cases = read_cases(PACKS["data-quality"], QUALITY, CATALOGUE)
    assert [
        (each.case.name.zh, each.differences) for each in run_cases(QUALITY, CATALOGUE, cases) if not each.passed
    ] == []
    keys = {item.key for standard in QUALITY.standards.values() for item in standard.items}
    assert {key for case in cases for key in case.only or ()} == keys
    assert all(case.only is not None for case in cases), "each says exactly what is found, so what is not is tested too"


@pytest.mark.parametrize("key", STANDARDS)
@pytest.mark.parametrize("published", [False, True])
def test_both_evaluators_agree_before_and_after_what_is_awaited_comes(key: str, published: bool) -> None:
    catalogue = as_published(CATALOGUE, QUALITY.standard(key)) if published else CATALOGUE
    prepared = prepare(QUALITY, key, catalogue, DAY)
    generator, judge = Generator(prepared, 7), Judge(prepared)
    subjects = [generator.subject() for _ in range(60)]
    expected = []
    for subject in subjects:
        judgement = judge(subject)
        expected.append("".join(LETTERS[each] for each in (judgement.overall, *judgement.items.values())))
    assert [word for word, _shown in judge_in_engine(prepared, subjects)] == expected


def test_no_rule_finds_anything_in_what_is_merely_blank_but_those_about_blanks() -> None:
    """A blank cell is unknown: only rules that ask whether a cell is filled in may find it."""
    catalogue = as_published(CATALOGUE, QUALITY.standard("household_quality"))
    prepared = prepare(QUALITY, "household_quality", catalogue, DAY)
    blank = dict.fromkeys(catalogue.facts("household")) | {"person": [dict.fromkeys(catalogue.facts("person"))]}
    found = {key for key, verdict in Judge(prepared)(blank).items.items() if verdict == "not_met"}
    assert found
    assert all(key.startswith("blank_") for key in found)


def test_every_rule_says_where_it_comes_from_and_what_to_do() -> None:
    for standard in QUALITY.standards.values():
        for item in standard.items:
            assert item.severity in {"error", "doubt", "hint"}
            assert item.advice is not None
            assert re.search(r"[\u4e00-\u9fff]", item.advice.zh)
            assert not re.search(r"[\u4e00-\u9fff]", item.advice.en + item.title.en)
