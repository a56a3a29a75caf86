"""Cases say what differs; a rule that always or never holds on a generated register is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.standards.registers import CATALOGUE
from core.standards.test_packs import Folder
from tuopin.core.standards import PackError, probe, read_cases, run_cases

if TYPE_CHECKING:
    from pathlib import Path

CASES = """
standard = "exit"
[base]
stated_income_per_head = "2995.01"
[[base.person]]
[[case]]
name = { zh = "高于线", en = "above" }
on = 2018-12-01
expect = { overall = "met", income = "met" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    (made.path / "cases").mkdir()
    made.write("cases/exit.toml", CASES)
    return made


def outcomes(folder: Folder) -> list[tuple[tuple[str, str, str], ...]]:
    loaded = folder.load()
    return [each.differences for each in run_cases(loaded, CATALOGUE, read_cases(folder.path, loaded, CATALOGUE))]


def test_a_case_that_holds_passes(folder: Folder) -> None:
    assert outcomes(folder) == [()]


def test_a_case_that_does_not_hold_tells_expected_and_found(folder: Folder) -> None:
    folder.replace("cases/exit.toml", 'overall = "met", income = "met"', 'overall = "met", income = "not_met"')
    assert outcomes(folder) == [(("income", "not_met", "met"),)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("stated_income_per_head", "stated_income", "stated_income"),
        ('"2995.01"', "2995.01", "2995.01"),
        ("[[base.person]]", '[[base.person]]\nsex = "woman"', "woman"),
        ("[[base.person]]", '[[base.person]]\nabsent = ["horse"]', "horse"),
        ("[[base.person]]", "[[base.person]]\nrepeat = 0", "repeat"),
        ("[[base.person]]", "[[base.village]]", "village"),
        ("on = 2018-12-01", 'on = 2018-12-01\nblank = ["wage"]', "wage"),
        ('overall = "met"', 'overall = "yes"', "overall"),
        ('overall = "met", ', "", "overall"),
        ('income = "met"', 'outcome = "met"', "outcome"),
        ("on = 2018-12-01\n", "", "on"),
        ('standard = "exit"', 'standard = "entry"', "entry"),
    ],
)
def test_a_faulty_case_is_refused_by_name(folder: Folder, old: str, new: str, found: str) -> None:
    folder.replace("cases/exit.toml", old, new)
    with pytest.raises(PackError) as caught:
        outcomes(folder)
    assert found in caught.value.en


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        ("count(person) >= 0", "always"),
        ("count(person) > 100", "never"),
        ("food or not food or true", "always"),
        ("registration == 'none' and registration == 'exited'", "never"),
    ],
)
def test_a_rule_that_never_varies_is_reported(folder: Folder, test: str, kind: str) -> None:
    folder.replace("exit.toml", "stated_income_per_head > line", test)
    assert [(warning.item, warning.kind) for warning in probe(folder.prepare())] == [("income", kind)]


def test_a_condition_of_applying_that_never_varies_is_reported(folder: Folder) -> None:
    folder.replace("exit.toml", "source", 'applies = "count(person) >= 0"\nsource')
    assert [(warning.item, warning.kind) for warning in probe(folder.prepare())] == [("income:applies", "always")]


def test_the_same_seed_gives_the_same_register(folder: Folder) -> None:
    from tuopin.core.standards.probe import Generator

    prepared = folder.prepare()
    one, other = Generator(prepared, 5), Generator(prepared, 5)
    assert [one.subject() for _ in range(20)] == [other.subject() for _ in range(20)]
