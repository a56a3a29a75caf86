"""Reading packs: what a pack may say, and every way in which one is refused with file, line and column."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from core.standards.registers import CATALOGUE, PACKS, pack
from tuopin.core.language import RuleError
from tuopin.core.standards import Judge, PackError, find_packs, load_pack, prepare, read_cases, run_cases, validate

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.standards import Pack, Prepared

PACK = """
key = "city"
version = "1"
title = { zh = "市", en = "city" }
"""
PARAMETERS = """
[line]
title = { zh = "线", en = "line" }
type = "money"
unit = "CNY/person/year"
[[line.value]]
from = 2018-01-01
to = 2019-01-01
value = "2995"
source = "文件"
confidence = "found"
"""
STANDARD = """
key = "exit"
title = { zh = "标准", en = "standard" }
level = "household"
[[item]]
key = "income"
title = { zh = "收入", en = "income" }
test = "stated_income_per_head > line"
source = "文件"
confidence = "found"
"""
DAY = datetime.date(2018, 12, 1)


class Folder:
    """A pack being written."""

    def __init__(self, path: Path) -> None:
        self.path = path / "city"
        self.path.mkdir(parents=True)
        self.write("pack.toml", PACK)
        self.write("parameters.toml", PARAMETERS)
        self.write("exit.toml", STANDARD)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.path / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def load(self) -> Pack:
        return load_pack("city", find_packs([self.path.parent]))

    def prepare(self, day: datetime.date = DAY) -> Prepared:
        return prepare(self.load(), "exit", CATALOGUE, day)

    def refusal(self) -> PackError | RuleError:
        with pytest.raises((PackError, RuleError)) as caught:
            self.prepare()
        error: PackError | RuleError = caught.value
        return error


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("key", ["national", "shangqiu-2018"])
def test_a_shipped_pack_loads_and_its_cases_pass(key: str) -> None:
    validate(pack(key), CATALOGUE)
    cases = read_cases(PACKS[key], pack(key), CATALOGUE)
    assert {case.standard for case in cases} >= {"household_exit", "village_exit", "county_exit"}
    assert [
        (each.case.name.zh, each.differences) for each in run_cases(pack(key), CATALOGUE, cases) if not each.passed
    ] == []


def test_both_shipped_household_standards_test_the_same() -> None:
    one, other = (pack(key).standard("household_exit") for key in ("national", "shangqiu-2018"))
    assert [item.key for item in one.items] == [
        "income",
        "food",
        "clothing",
        "water",
        "education",
        "medical",
        "housing",
    ]
    assert [(item.key, item.test.text, item.applies and item.applies.text) for item in one.items] == [
        (item.key, item.test.text, item.applies and item.applies.text) for item in other.items
    ]


@pytest.mark.parametrize(
    ("day", "line"),
    [("2010-01-01", 2300), ("2017-12-31", 2952), ("2018-12-01", 2995), ("2019-01-01", 3218), ("2020-12-31", 4000)],
)
def test_the_poverty_line_is_that_of_the_calendar_year(day: str, line: int) -> None:
    value = pack("national").parameters["poverty_line"].on(datetime.date.fromisoformat(day))
    assert value is not None
    assert value.value == line * 100


@pytest.mark.parametrize("day", ["2009-12-31", "2021-01-01"])
def test_outside_the_years_of_the_line_the_standard_is_refused(day: str) -> None:
    with pytest.raises(PackError, match="no value on") as caught:
        prepare(pack("national"), "household_exit", CATALOGUE, datetime.date.fromisoformat(day))
    assert caught.value.code == "no_value_on_day"


def test_a_value_that_has_ended_does_not_let_an_older_one_come_back(folder: Folder) -> None:
    folder.replace("parameters.toml", "[[line.value]]", '[[line.value]]\nfrom = 2017-01-01\nvalue = "2952"\n'
                   'source = "文件"\nconfidence = "found"\n[[line.value]]')  # fmt: skip
    line = folder.load().parameters["line"]
    assert [line.on(datetime.date(year, 6, 1)) is not None for year in (2016, 2017, 2018, 2019)] == [
        False,
        True,
        True,
        False,
    ]


def test_draft_names_open_unconfirmed_and_untested_conditions() -> None:
    prepared = prepare(pack("shangqiu-2018"), "village_exit", CATALOGUE, DAY)
    assert [(draft.key, draft.kind) for draft in prepared.draft] == [
        ("industry", "unconfirmed"),
        ("collective_income", "limit_not_set"),
        ("rural_denominator", "not_tested"),
        ("postal_service", "not_tested"),
        ("village_hall", "not_tested"),
    ]


def test_an_error_in_an_expression_names_file_line_and_column(folder: Folder) -> None:
    folder.replace("exit.toml", "> line", "= line")
    error = folder.refusal()
    assert isinstance(error, RuleError)
    assert (error.file, error.line, error.column) == ("city/exit.toml", 8, 32)


def test_an_unknown_name_is_refused_with_its_place(folder: Folder) -> None:
    folder.replace("exit.toml", "stated_income_per_head >", "income_of_head >")
    error = folder.refusal()
    assert isinstance(error, RuleError)
    assert (error.code, error.line, error.column) == ("unknown_name", 8, 9)


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("exit.toml", 'key = "income"', 'key = "overall"', "duplicate_key"),
        ("exit.toml", 'key = "income"', 'key = "Income"', "bad_key"),
        ("exit.toml", "level = ", "levle = ", "bad_value"),
        ("exit.toml", 'level = "household"', 'level = "hamlet"', "unknown_level"),
        ("exit.toml", "confidence", "confidense", "bad_value"),
        ("exit.toml", '"found"', '"rumour"', "bad_confidence"),
        ("exit.toml", "source", "sauce", "bad_value"),
        ("exit.toml", "[[item]]", "[[itme]]", "unknown_key"),
        ("exit.toml", 'key = "exit"', 'key = "entry"', "wrong_file"),
        ("exit.toml", "[[item]]", 'show = ["registration"]\n[[item]]', "not_a_number"),
        ("exit.toml", "[[item]]", '[fact.half]\nexpr = "1"\nabsent = true\n[[item]]', "bad_fact"),
        ("exit.toml", "confidence", 'evidence_max_age = "a year"\nconfidence', "bad_age"),
        ("exit.toml", "confidence", 'limit = "nothing"\nconfidence', "unknown_parameter"),
        ("exit.toml", "[[item]]", "[[item", "bad_toml"),
        ("parameters.toml", '"2995"', "2995.5", "bad_number"),
        ("parameters.toml", '"2995"', '"2995.005"', "bad_number"),
        ("parameters.toml", '"2995"', '"NaN"', "bad_number"),
        ("parameters.toml", '"money"', '"float"', "bad_type"),
        ("parameters.toml", 'type = "money"', 'type = "decimal"', "bad_scale"),
        ("parameters.toml", "to = 2019-01-01", "to = 2018-01-01", "bad_period"),
        ("parameters.toml", "from = 2018-01-01", "from = 2018-01-01T00:00:00", "bad_value"),
        ("pack.toml", 'key = "city"', 'key = "town"', "wrong_folder"),
        ("pack.toml", 'version = "1"', 'version = "1"\nbase = "city"', "base_cycle"),
        ("pack.toml", 'version = "1"', 'version = "1"\nbase = "moon"', "unknown_pack"),
    ],
)
def test_a_faulty_pack_is_refused(folder: Folder, name: str, old: str, new: str, code: str) -> None:
    folder.replace(name, old, new)
    error = folder.refusal()
    assert error.code == code
    assert error.zh
    assert error.en


def test_a_misspelt_key_is_refused_and_named(folder: Folder) -> None:
    folder.replace("exit.toml", "source", 'aplies = "food"\nsource')
    error = folder.refusal()
    assert "aplies" in error.en
    assert "city/exit.toml" in error.en


def test_two_items_with_one_key_are_refused(folder: Folder) -> None:
    text = (folder.path / "exit.toml").read_text(encoding="utf-8")
    folder.write("exit.toml", text + text[text.index("[[item]]") :])
    assert folder.refusal().code == "duplicate_key"


def test_a_parameter_without_value_and_not_open_is_refused(folder: Folder) -> None:
    text = (folder.path / "parameters.toml").read_text(encoding="utf-8")
    folder.write("parameters.toml", text[: text.index("[[line.value]]")])
    assert folder.refusal().code == "no_value"


def test_a_pack_takes_from_its_base_what_it_does_not_define() -> None:
    shangqiu, national = pack("shangqiu-2018"), pack("national")
    assert shangqiu.parameters["poverty_line"] == national.parameters["poverty_line"]
    assert shangqiu.parameters["missed_rate_limit"] != national.parameters["missed_rate_limit"]


def test_the_digest_changes_with_any_file_and_with_the_base(tmp_path: Path, folder: Folder) -> None:
    first = folder.load().digest
    assert folder.load().digest == first
    folder.replace("exit.toml", "文件", "别的文件")
    assert folder.load().digest != first


def test_a_file_that_is_no_utf8_is_named(folder: Folder) -> None:
    (folder.path / "exit.toml").write_bytes("标准".encode("gb18030"))
    assert folder.refusal().code == "not_utf8"


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("检测对象类别 == 'edge'", "unknown_name"),  # for 监测对象类别: a slip that went unnoticed elsewhere
        ("monitored_knd == 'edge'", "unknown_name"),
        ("4000 > stated_income_per_head > line", "chained_comparison"),
        ("stated_income_per_head = line", "unexpected_character"),
        ("（stated_income_per_head) > line", "full_width"),
        ("arable_land > line", "unit_mismatch"),
        ("own_a > line", "cycle"),
    ],
)
def test_a_rule_that_is_wrong_does_not_load_and_says_where(folder: Folder, test: str, code: str) -> None:
    folder.replace("exit.toml", "[[item]]", '[fact.own_a]\nexpr = "own_b"\n[fact.own_b]\nexpr = "own_a"\n[[item]]')
    folder.replace("exit.toml", "stated_income_per_head > line", test)
    error = folder.refusal()
    assert isinstance(error, RuleError)
    assert error.code == code
    assert error.file == "city/exit.toml"
    assert error.line


def test_the_slip_for_monitored_proposes_the_right_name(folder: Folder) -> None:
    folder.replace("exit.toml", "stated_income_per_head > line", "检测对象类别 == 'edge'")
    error = folder.refusal()
    assert isinstance(error, RuleError)
    assert error.expected.split(", ")[0] == "monitored_kind"


@pytest.mark.parametrize(("name", "source"), [("parameters.toml", "文件"), ("exit.toml", "文件")])
def test_a_limit_or_condition_without_a_source_does_not_load(folder: Folder, name: str, source: str) -> None:
    for text in ("", 'source = ""\n', 'source = "  "\n'):
        whole = (folder.path / name).read_text(encoding="utf-8")
        folder.replace(name, f'source = "{source}"\n', text)
        assert folder.refusal().code in {"bad_value", "no_source"}, text
        folder.write(name, whole)


def test_a_parameter_missing_for_the_year_is_refused_with_the_year(folder: Folder) -> None:
    with pytest.raises(PackError, match="2019-01-01") as caught:
        folder.prepare(datetime.date(2019, 1, 1))
    assert (caught.value.code, "line" in caught.value.en) == ("no_value_on_day", True)


def test_a_rate_of_a_population_of_nought_is_unknown_with_a_reason() -> None:
    judge = Judge(prepare(pack("national"), "village_exit", CATALOGUE, DAY))
    village = {"population": 0, "industries": 1, "collective_income": 10**9, "household": []}
    village |= {f"work_{number}": "yes" for number in range(1, 10)}
    judgement = judge(village)
    assert judgement.items["incidence"] == "unknown"
    assert judgement.reasons["incidence"] == "unknown_values"
    assert judgement.overall == "unknown"
