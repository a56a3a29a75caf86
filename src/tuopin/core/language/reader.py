"""Parsing: text to syntax tree, by the grammar in ``grammar.lark``."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tuopin.core.language import syntax
from tuopin.core.language.errors import Origin, RuleError
from tuopin.core.language.hints import refuse_call, refuse_character, refuse_token, refuse_wide_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark import Lark, Token

LONGEST = 10_000  # characters of one expression
DEEPEST = 60  # levels of its tree: every later pass walks the tree recursively

FUNCTIONS = frozenset(
    {"if", "known", "years", "months_between", "days_between", "every", "some", "count", "share", "sum", "min", "max",
     "date"}
)  # fmt: skip
KEYWORDS = FUNCTIONS | {"and", "or", "not", "between", "in", "true", "false", "unknown", "day"}


def parse(text: str, origin: Origin | None = None) -> syntax.Expression:
    """Read one expression. ``origin`` is the place of its first character. Raises :class:`RuleError`."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    start = origin or Origin()
    if len(text) > LONGEST:
        raise RuleError(
            "too_long", start, f"表达式超过 {LONGEST} 个字符", f"expression longer than {LONGEST} characters"
        )
    try:
        tree = _parser().parse(text)
        root = _Builder(text, start).build(tree)
    except UnexpectedCharacters as error:
        raise refuse_character(text, start, error.line, error.column) from None
    except UnexpectedToken as error:
        raise refuse_token(text, start, cast("Token", error.token), error.accepts or error.expected) from None
    if _depth(root) > DEEPEST:
        raise RuleError("too_deep", start, f"表达式嵌套超过 {DEEPEST} 层", f"expression nested deeper than {DEEPEST}")
    return syntax.Expression(start, text, root)


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)


class _Builder:
    """Own syntax tree out of lark's, without recursion: a hostile text may nest thousands of signs or brackets."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.source, self.origin = text, origin

    def build(self, tree: Any) -> syntax.Node:
        built: dict[int, syntax.Node] = {}
        stack = [(tree, False)]
        while stack:
            node, ready = stack.pop()
            if not ready:
                stack.append((node, True))
                stack.extend((child, False) for child in node.children if hasattr(child, "children"))
                continue
            children = [built[id(child)] if hasattr(child, "children") else child for child in node.children]
            method: Callable[[list[Any]], syntax.Node] = getattr(self, str(node.data))
            built[id(node)] = method(children)
        return built[id(tree)]

    def at(self, token: Token) -> Origin:
        return self.origin.at(token.line or 1, token.column or 1)

    def any_of(self, children: list[syntax.Node]) -> syntax.Node:
        return syntax.Logic(children[0].at, "or", tuple(children))

    def all_of(self, children: list[syntax.Node]) -> syntax.Node:
        return syntax.Logic(children[0].at, "and", tuple(children))

    def negate(self, children: list[Any]) -> syntax.Node:
        return syntax.Not(self.at(children[0]), children[1])

    def compare(self, children: list[Any]) -> syntax.Node:
        if len(children) > 3:
            second = children[3]
            raise RuleError(
                "chained_comparison",
                self.at(second),
                f"比较不能连写（第二个 {second}）",
                f"comparisons cannot be chained (second {second})",
                found=str(second),
                expected="and, or, between",
                hint_zh="请用 between … and …，或把两个比较用 and 连接",
                hint_en="use between … and …, or join two comparisons with and",
            )
        left, operator, right = children
        return syntax.Compare(self.at(operator), cast("syntax.ComparisonOperator", str(operator)), left, right)

    def between(self, children: list[Any]) -> syntax.Node:
        operand, word, low, high = children
        return syntax.Between(self.at(word), operand, low, high)

    def contained(self, children: list[Any]) -> syntax.Node:
        operand, word, *choices = children
        return syntax.In(self.at(word), operand, tuple(choices))

    def arithmetic(self, children: list[Any]) -> syntax.Node:
        left = children[0]
        for operator, right in zip(children[1::2], children[2::2], strict=True):
            sign = cast("syntax.ArithmeticOperator", str(operator))
            left = syntax.Arithmetic(self.at(operator), sign, left, right)
        return cast("syntax.Node", left)

    def sign(self, children: list[Any]) -> syntax.Node:
        sign, operand = children
        if sign == "-":
            return syntax.Negative(self.at(sign), operand)
        raise refuse_token(self.source, self.origin, sign, ())

    def number(self, children: list[Token]) -> syntax.Node:
        whole, _, decimals = str(children[0]).partition(".")
        return syntax.Number(self.at(children[0]), int(whole + decimals), len(decimals))

    def text(self, children: list[Token]) -> syntax.Node:
        return syntax.Text(self.at(children[0]), str(children[0])[1:-1])

    def true(self, children: list[Token]) -> syntax.Node:
        return syntax.Truth(self.at(children[0]), True)

    def false(self, children: list[Token]) -> syntax.Node:
        return syntax.Truth(self.at(children[0]), False)

    def unknown(self, children: list[Token]) -> syntax.Node:
        return syntax.Unknown(self.at(children[0]))

    def day(self, children: list[Token]) -> syntax.Node:
        return syntax.Day(self.at(children[0]))

    def name(self, children: list[Token]) -> syntax.Node:
        at = self.at(children[0])
        refuse_wide_name(at, str(children[0]))
        return syntax.Name(at, str(children[0]))

    def call(self, children: list[Any]) -> syntax.Node:
        token, *arguments = children
        at, function = self.at(token), str(token)
        refuse_wide_name(at, function)
        if function not in FUNCTIONS:
            raise refuse_call(at, function, sorted(FUNCTIONS))
        if function == "date":
            return _date(at, arguments)
        return syntax.Call(at, function, tuple(arguments))


def _date(at: Origin, arguments: list[syntax.Node]) -> syntax.Date:
    text = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], syntax.Text) else None
    try:
        if text is None or len(text) != 10:
            raise ValueError
        return syntax.Date(at, datetime.date.fromisoformat(text))
    except ValueError:
        raise RuleError(
            "bad_date",
            at,
            "date(…) 里须是一个存在的日期，写作 date('2018-12-01')",
            "date(…) takes one existing date, written date('2018-12-01')",
            found=text or "date(…)",
            expected="date('YYYY-MM-DD')",
        ) from None


def _depth(root: syntax.Node) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in syntax.children(node))
    return deepest
