"""Every text outside the grammar is refused with its place, what was found, what was expected, and what to write."""

from __future__ import annotations

import pytest

from tuopin.core.language import Origin, RuleError, parse
from tuopin.core.language.reader import DEEPEST, LONGEST
from tuopin.core.language.syntax import Arithmetic, Compare, Logic, Not, Number, Text

FILE = Origin("household_exit.toml", 12, 9, "item income, test")


def refused(text: str, origin: Origin | None = None) -> RuleError:
    with pytest.raises(RuleError) as caught:
        parse(text, origin)
    return caught.value


def test_the_message_names_file_line_column_and_what_it_is_the_text_of() -> None:
    error = refused("wage >", FILE)
    assert (error.file, error.line, error.column) == ("household_exit.toml", 12, 15)
    assert error.en.startswith("household_exit.toml, line 12, column 15 (item income, test): ")
    assert error.zh.startswith("household_exit.toml 第 12 行第 15 列 (item income, test)：")
    assert "a name" in error.expected
    assert "名称" in error.zh


def test_later_lines_of_an_expression_count_their_columns_from_one() -> None:
    error = refused("wage > 1\n  and\n  , food", FILE)
    assert (error.line, error.column) == (14, 3)


def test_the_end_of_a_text_is_the_place_after_its_last_character() -> None:
    error = refused("every(school_age, in_class")
    assert (error.line, error.column, error.found) == (1, 27, "the end")
    assert ")" in error.expected


def test_a_single_equals_sign_is_refused_with_the_right_one() -> None:
    error = refused("sex = 'male'")
    assert (error.column, error.found) == (5, "=")
    assert "==" in error.hint_en
    assert "==" in error.hint_zh


@pytest.mark.parametrize(
    ("text", "column", "character", "plain"),
    [
        ("（wage + cost)", 1, "（ U+FF08", "("),
        ("(wage + cost）", 13, "） U+FF09", ")"),
        ("wage ＞ cost", 6, "＞ U+FF1E", ">"),
        ("wage ≥ cost", 6, "≥ U+2265", ">="),
        ("sum(person， pay)", 11, "， U+FF0C", ","),
        ("sex == “male”", 8, "“ U+201C", '"'),
        ("sex == ‘male’", 8, "‘ U+2018", "'"),
        ("wage × 2", 6, "× U+00D7", "*"),
        ("wage > ２９９５", 8, "２ U+FF12", "2"),
        ("ｗage > 1", 1, "ｗ U+FF57", "w"),
        ("waｇe > 1", 3, "ｇ U+FF47", "g"),
        ("wage\u3000> 1", 5, "\u3000 U+3000", " "),
        ("wage\u00a0> 1", 5, "\u00a0 U+00A0", " "),
    ],
)
def test_full_width_characters_are_named_with_code_point_and_ascii_form(
    text: str, column: int, character: str, plain: str
) -> None:
    error = refused(text)
    assert (error.code, error.column, error.found, error.expected) == ("full_width", column, character, plain)
    assert character.split()[-1] in error.zh


def test_chinese_inside_quotes_is_text() -> None:
    root = parse("remark == '（２）“好”'").root
    assert isinstance(root, Compare)
    assert isinstance(root.right, Text)
    assert root.right.value == "（２）“好”"


def test_comparisons_are_not_chained() -> None:
    error = refused("6 <= age <= 15")
    assert (error.code, error.column) == ("chained_comparison", 10)
    assert "between" in error.hint_en
    assert "and" in error.hint_en


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("coalesce(wage, 0) > 1", "no coalesce"),
        ("ifnull(wage, 0) > 1", "no coalesce"),
        ("wage is null", "known(x)"),
        ("isnull(wage)", "known(x)"),
        ("cast(wage)", "no casts"),
        ("int(wage)", "no casts"),
        ("float(wage)", "no casts"),
        ("all(person, insured)", "every(group, condition)"),
        ("any(person, insured)", "some(group, condition)"),
        ("evry(person, insured)", "did you mean every?"),
        ("avg(person, pay)", "sum(group, x) / count(group)"),
        ("wage AND cost", "lower case"),
        ("wage > 2%", "0.02"),
        ("!food", "not for negation"),
        ("food && clothing", "and, or"),
        ("sex == 'male", "not closed"),
        ("+wage > 1", "no plus sign"),
    ],
)
def test_what_other_languages_have_is_refused_with_what_to_write(text: str, hint: str) -> None:
    assert hint in refused(text).hint_en
    assert refused(text).hint_zh


@pytest.mark.parametrize("date", ["2018-02-30", "2018-2-3", "20181201", "2018年12月1日", "", "2018-12-01T00"])
def test_dates_must_exist_and_be_written_in_full(date: str) -> None:
    assert refused(f"day > date('{date}')").code == "bad_date"


def test_a_date_takes_one_text() -> None:
    assert refused("day > date(wage)").code == "bad_date"
    assert refused("day > date('2018-12-01', '2018-12-02')").code == "bad_date"


@pytest.mark.parametrize(
    "text", ["", " \n ", "()", "a b", "1 2", "1,2", "a.b", "1.", ".5", "1e5", "1,000", "a in ()", ";", "#", "a[0]"]
)
def test_other_texts_are_refused(text: str) -> None:
    assert refused(text).code in {"syntax", "unexpected_character"}


@pytest.mark.parametrize(
    "text", ["not " * 5000 + "a", "-" * 9000 + "a", "(" * 4999 + "a", "if(" * 3000, "a+" * 4999 + "a"]
)
def test_hostile_nesting_is_refused_and_never_a_crash(text: str) -> None:
    refused(text)


def test_length_is_limited() -> None:
    assert refused("a" * (LONGEST + 1)).code == "too_long"


def test_parentheses_do_not_count_as_depth() -> None:
    assert parse("(" * (DEEPEST * 2) + "a" + ")" * (DEEPEST * 2)).root.at.column == DEEPEST * 2 + 1


def test_strength_of_operators() -> None:
    root = parse("a or b and not c > d + e * -f").root
    assert isinstance(root, Logic)
    assert root.operator == "or"
    conjunction = root.operands[1]
    assert isinstance(conjunction, Logic)
    negation = conjunction.operands[1]
    assert isinstance(negation, Not)
    comparison = negation.operand
    assert isinstance(comparison, Compare)
    assert isinstance(comparison.right, Arithmetic)
    assert comparison.right.operator == "+"


def test_subtraction_and_division_go_from_left_to_right() -> None:
    root = parse("a - b - c").root
    assert isinstance(root, Arithmetic)
    assert isinstance(root.left, Arithmetic)
    assert root.at.column == 7


def test_decimals_are_exact() -> None:
    root = parse("0.10").root
    assert isinstance(root, Number)
    assert (root.value, root.scale) == (10, 2)


def test_words_are_whole_words() -> None:
    names = parse("inside == android").root
    assert isinstance(names, Compare)


def test_every_node_is_frozen() -> None:
    root = parse("a").root
    with pytest.raises(AttributeError):
        root.name = "b"  # type: ignore[misc,union-attr]
