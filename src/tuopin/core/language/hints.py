"""What the reader says when a text is not of the grammar: what was found, what was expected, what to write instead."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

from tuopin.core.language.errors import Origin, RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lark import Token

# Characters of Chinese keyboards that NFKC does not turn into the ASCII one that was meant.
_ASCII = {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "「": "'",
    "」": "'",
    "、": ",",
    "。": ".",
    "×": "*",
    "÷": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "≧": ">=",
    "≦": "<=",
    "【": "(",
    "】": ")",
    "《": "<",
    "》": ">",
    "\u3000": " ",
    "\u00a0": " ",
}

_WORDS = {
    "COMPARISON": "== != < <= > >=",
    "SUM_SIGN": "+ -",
    "PRODUCT_SIGN": "* /",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "NAME": "a name",
    "_AND": "and",
    "_OR": "or",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "$END": "the end",
}

_WORDS_ZH = {"NUMBER": "数", "STRING": "引号中的文字", "NAME": "名称", "$END": "结束"}

_TOKEN_HINTS = {
    "is": ("没有空值判断，请用 known(x) 或 not known(x)", "there are no null tests; use known(x) or not known(x)"),
    "null": ("没有空值，请用 known(x) 判断是否已知", "there is no null; use known(x)"),
    "none": ("没有空值，请用 known(x) 判断是否已知", "there is no null; use known(x)"),
    "then": ("条件写作 if(条件, 甲, 乙)", "write if(condition, a, b)"),
    "else": ("条件写作 if(条件, 甲, 乙)", "write if(condition, a, b)"),
    "case": ("条件写作 if(条件, 甲, 乙)", "write if(condition, a, b)"),
    "as": ("没有类型转换", "there are no casts"),
}

_CALL_HINTS = {
    **dict.fromkeys(
        ("coalesce", "ifnull", "nvl", "default"),
        (
            "没有 coalesce：未知不能当作别的值；缺少的列可在事实定义里写 absent",
            "there is no coalesce: unknown is no value; what a missing column means is declared with absent",
        ),
    ),
    **dict.fromkeys(
        ("isnull", "is_null", "notnull", "isna", "exists"),
        ("没有空值判断，请用 known(x)", "there are no null tests; use known(x)"),
    ),
    **dict.fromkeys(
        ("cast", "int", "float", "str", "number", "text", "decimal", "bool", "to_date"),
        ("没有类型转换", "there are no casts"),
    ),
    **dict.fromkeys(("all", "forall"), ("请用 every(组, 条件)", "use every(group, condition)")),
    **dict.fromkeys(("any", "forany"), ("请用 some(组, 条件)", "use some(group, condition)")),
    **dict.fromkeys(
        ("months", "days", "datediff", "date_diff"),
        (
            "请用 months_between(起, 止) 或 days_between(起, 止)",
            "use months_between(start, end) or days_between(start, end)",
        ),
    ),
    "age": ("请用 years(出生日期, day)", "use years(birth_date, day)"),
    "avg": ("请用 sum(组, x) / count(组)", "use sum(group, x) / count(group)"),
    "round": ("判定用精确值，不取整", "verdicts use exact values; nothing is rounded"),
}


def ascii_form(character: str) -> str:
    """The ASCII form that a full-width or typographic character stands for, or nothing."""
    if character in _ASCII:
        return _ASCII[character]
    folded = unicodedata.normalize("NFKC", character)
    return folded if folded != character and folded.isascii() else ""


def refuse_character(text: str, start: Origin, line: int, column: int) -> RuleError:
    """The error for a character that begins no word of the language; ``line`` and ``column`` count from 1."""
    rest = text.split("\n")[line - 1][column - 1 :]
    character = rest[:1]
    at = start.at(line, column)
    plain = ascii_form(character)
    if plain:
        return _wide(at, character, plain)
    hint_zh, hint_en = "", ""
    if character == "=":
        hint_zh, hint_en = "等于写作 ==", "equality is written =="
    elif character == "!":
        hint_zh, hint_en = "“不等于”写作 !=，“非”写作 not", "write != for not equal and not for negation"
    elif character == "%":
        hint_zh, hint_en = "百分数写作小数：2% 写作 0.02", "write percentages as decimals: 2% is 0.02"
    elif character in "&|":
        hint_zh, hint_en = "请用 and、or", "use and, or"
    elif character in "'\"":
        hint_zh, hint_en = "引号没有配对", "the quote is not closed"
    point = f"U+{ord(character):04X}"
    return RuleError(
        "unexpected_character",
        at,
        f"不认识的字符 {character!r}（{point}）",
        f"unexpected character {character!r} ({point})",
        found=character,
        hint_zh=hint_zh,
        hint_en=hint_en,
    )


def _wide(at: Origin, character: str, plain: str) -> RuleError:
    name = unicodedata.name(character, "?")
    point = f"U+{ord(character):04X}"
    shown = repr(plain) if plain == " " else plain
    return RuleError(
        "full_width",
        at,
        f"此处是全角或特殊字符 {character}（{point} {name}）",
        f"full-width or typographic character {character} ({point} {name})",
        found=f"{character} {point}",
        expected=plain,
        hint_zh=f"请改用半角字符 {shown}",
        hint_en=f"write the ASCII character {shown}",
    )


def refuse_wide_name(at: Origin, name: str) -> None:
    """Refuse a name with full-width letters or digits in it: they look like the right ones."""
    for offset, character in enumerate(name):
        plain = ascii_form(character)
        if plain:
            raise _wide(Origin(at.file, at.line, at.column + offset, at.what), character, plain)


def refuse_token(text: str, start: Origin, token: Token, expected: Iterable[str]) -> RuleError:
    """The error for a word in the wrong place."""
    end = token.type == "$END"
    lines = text.split("\n")
    at = start.at(len(lines), len(lines[-1]) + 1) if end else start.at(token.line or 1, token.column or 1)
    found = "the end" if end else str(token)
    words = {word: _WORDS.get(word, word.lower()) for word in sorted(expected)}
    wanted = "  ".join(words.values())
    wanted_zh = "  ".join(_WORDS_ZH.get(word, shown) for word, shown in words.items())
    hint_zh, hint_en = _TOKEN_HINTS.get(found.lower(), ("", ""))
    if not hint_en and found.lower() != found and found.lower() in {"and", "or", "not", "in", "between"}:
        hint_zh, hint_en = f"请用小写 {found.lower()}", f"write {found.lower()} in lower case"
    if found == "+":
        hint_zh, hint_en = "不写正号", "there is no plus sign"
    shown_zh, shown_en = (
        ("表达式在此结束", "the expression ends here") if end else (f"此处是 {found}", f"found {found}")
    )
    return RuleError(
        "syntax",
        at,
        f"{shown_zh}，应为：{wanted_zh or '一个值'}",
        f"{shown_en}, expected: {wanted or 'a value'}",
        found=found,
        expected=wanted,
        hint_zh=hint_zh,
        hint_en=hint_en,
    )


def refuse_call(at: Origin, function: str, functions: list[str]) -> RuleError:
    """The error for a function that does not exist."""
    hint_zh, hint_en = _CALL_HINTS.get(function.lower(), ("", ""))
    near = difflib.get_close_matches(function.lower(), functions, n=3)
    if not hint_en and near:
        hint_zh, hint_en = f"是否要写 {near[0]}？", f"did you mean {near[0]}?"
    return RuleError(
        "unknown_function",
        at,
        f"没有函数 {function}；有：{', '.join(functions)}",
        f"there is no function {function}; there are: {', '.join(functions)}",
        found=function,
        expected=", ".join(near or functions),
        hint_zh=hint_zh,
        hint_en=hint_en,
    )
