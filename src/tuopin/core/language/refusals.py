"""The messages of the type check, in both languages."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from tuopin.core.language.errors import RuleError
from tuopin.core.language.typed import DefinedFact, StoredFact
from tuopin.core.language.units import unit_text

if TYPE_CHECKING:
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.typed import Node
    from tuopin.core.language.types import Type

_EXPECTED = {
    "boolean": ("是否（条件）", "a condition (yes or no)"),
    "number": ("数", "a number"),
    "date": ("日期", "a date"),
}


def refuse_kind(node: Node, expected: str) -> RuleError:
    """A value of another kind than is needed here."""
    zh, en = _EXPECTED[expected]
    return RuleError(
        "wrong_type",
        node.at,
        f"此处须是{zh}，而这是{node.type.name_zh()}",
        f"expected {en}, found a {node.type.name()}",
        found=node.type.name(),
        expected=expected,
    )


def refuse_units(left: Node, right: Node, at: Origin) -> RuleError:
    """Two numbers in different units, added or compared."""
    one, other = unit_text(left.type.unit) or "no unit", unit_text(right.type.unit) or "no unit"
    zh = f"两边单位不同：{one.replace('no unit', '无单位')} 与 {other.replace('no unit', '无单位')}"
    return RuleError("unit_mismatch", at, zh, f"units do not match: {one} and {other}", found=other, expected=one)


def refuse_pair(left: Node, right: Node, at: Origin) -> RuleError:
    """Two values that are not of one type."""
    one, other = left.type, right.type
    both_codes = one.kind == other.kind == "code"
    return RuleError(
        "wrong_type",
        at,
        "两个代码的取值表不同" if both_codes else f"不能把{one.name_zh()}与{other.name_zh()}放在一起比较或选择",
        "two codes with different lists of values"
        if both_codes
        else f"a {one.name()} does not go with a {other.name()}",
        found=other.name(),
        expected=one.name(),
    )


def refuse_code(code: Node, text: Node) -> RuleError:
    """A code compared with a value that is not in its list."""
    values = dict(code.type.codes)
    wanted = str(text.value)
    titles = {title: value for value, title in values.items()}
    near = difflib.get_close_matches(wanted, [*values, *titles], n=1)
    best = titles.get(near[0], near[0]) if near else ""
    name = _name_of(code)
    listed = ", ".join(f"'{value}'" for value in values)
    return RuleError(
        "unknown_code",
        text.at,
        f"{name} 没有取值 '{wanted}'；有：{', '.join(f"'{value}' {title}" for value, title in values.items())}",
        f"'{wanted}' is not a value of {name}; its values are {listed}",
        found=wanted,
        expected=listed,
        hint_zh=f"是否要写 '{best}'？" if best else "",
        hint_en=f"did you mean '{best}'?" if best else "",
    )


def refuse_order(operator: str, type_: Type, at: Origin) -> RuleError:
    """Less and greater of something without an order."""
    return RuleError(
        "wrong_type",
        at,
        f"{operator} 只能比较数或日期，不能比较{type_.name_zh()}",
        f"{operator} compares numbers or dates, not a {type_.name()}",
        found=type_.name(),
        expected="number, date",
    )


def refuse_unknown_compared(node: Node) -> RuleError:
    """``x == unknown``: it would be unknown for every subject."""
    return RuleError(
        "unknown_compared",
        node.at,
        "与 unknown 比较的结果永远是未知",
        "a comparison with unknown is always unknown",
        found="unknown",
        hint_zh="判断是否已知请用 known(x)",
        hint_en="use known(x) to ask whether a value is known",
    )


def refuse_group_as_value(name: str, at: Origin) -> RuleError:
    """A group where a value belongs."""
    return RuleError(
        "group_as_value",
        at,
        f"{name} 是组，不是值",
        f"{name} is a group, not a value",
        found=name,
        hint_zh=f"请用 count({name})、some({name})、every({name}, 条件)",
        hint_en=f"use count({name}), some({name}), every({name}, condition)",
    )


def refuse_arguments(function: str, count: int, shape: str, at: Origin) -> RuleError:
    """A call with too few or too many arguments."""
    zh = f"{function} 的参数个数不对（{count} 个），应写作 {shape}"
    en = f"{function} takes other arguments ({count} given): {shape}"
    return RuleError("arguments", at, zh, en, found=str(count), expected=shape)


def refuse_no_level(function: str, level: str, at: Origin) -> RuleError:
    """An aggregation at the lowest level."""
    zh, en = f"{level} 层下面没有层级，不能用 {function}", f"there is no level below {level} for {function}"
    return RuleError("no_level_below", at, zh, en, found=function)


def refuse_value(function: str, at: Origin) -> RuleError:
    """An expression where the name of a group belongs."""
    zh, en = f"{function} 的第一个参数须是组的名称", f"the first argument of {function} is the name of a group"
    return RuleError("not_a_group", at, zh, en, expected="group")


def refuse_not_a_group(name: str, groups: list[str], at: Origin) -> RuleError:
    """A name that is not a group of the level below."""
    near = difflib.get_close_matches(name, groups, n=1)
    listed = ", ".join(groups)
    return RuleError(
        "not_a_group",
        at,
        f"{name} 不是下一层的组；可用：{listed}",
        f"{name} is not a group of the level below; there are: {listed}",
        found=name,
        expected=listed,
        hint_zh=f"是否要写 {near[0]}？" if near else "",
        hint_en=f"did you mean {near[0]}?" if near else "",
    )


def refuse_size(at: Origin) -> RuleError:
    """An expression whose exact value could leave 127 bits."""
    return RuleError(
        "too_large",
        at,
        "表达式的精确值可能超出 127 位整数",
        "the exact value of this expression could leave 127 bits",
        hint_zh="请少乘几个因子，或拆成几项",
        hint_en="multiply fewer factors, or divide into several items",
    )


def refuse_quotient(function: str, at: Origin) -> RuleError:
    """A sum, minimum or maximum of quotients whose divisors differ from member to member."""
    return RuleError(
        "quotient_in_group",
        at,
        f"{function} 不能作用于逐个成员除数不同的商",
        f"{function} does not take a quotient whose divisor differs from member to member",
        found=function,
        hint_zh="请分别求分子与分母的和，再相除",
        hint_en="sum numerator and denominator separately and divide the sums",
    )


def _name_of(node: Node) -> str:
    match node.value:
        case StoredFact() as stored:
            return stored.fact.name
        case DefinedFact() as defined:
            return defined.name
        case _:
            return "this code"
