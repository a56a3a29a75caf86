"""Exact arithmetic on :class:`Scaled` numbers, carried out on operations: nothing is ever divided.

Every function takes ``at``, the place to name when the exact value could leave 127 bits.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING

from tuopin.core.language.plan import (
    And,
    Choose,
    Compare,
    Constant,
    Known,
    Magnitude,
    NonZero,
    Not,
    Operation,
    Or,
    Product,
    Range,
    Scaled,
    Sign,
    Sum,
    bound,
    natural,
)
from tuopin.core.language.refusals import refuse_size
from tuopin.core.language.types import LARGEST

if TYPE_CHECKING:
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.syntax import ComparisonOperator

UNKNOWN_NUMBER = Scaled(Constant(None))


def total(terms: list[tuple[int, Operation]], at: Origin) -> Operation:
    """Sum of (factor, operand), sums and constants in it flattened."""
    flat: list[tuple[int, Operation]] = []
    constant = 0
    for factor, term in terms:
        if isinstance(term, Sum):
            flat.extend((factor * inner, operand) for inner, operand in term.terms)
        elif isinstance(term, Constant) and term.value is None:
            return term
        elif isinstance(term, Constant) and isinstance(term.value, int):
            constant += factor * term.value
        else:
            flat.append((factor, term))
    if constant or not flat:
        flat.append((1, Constant(constant)))
    size = sum(abs(factor) * bound(term) for factor, term in flat)
    if size > LARGEST or any(abs(factor) > LARGEST for factor, _ in flat):
        raise refuse_size(at)
    if len(flat) == 1 and flat[0][0] == 1:
        return flat[0][1]
    return Sum(tuple(flat), size)


def times(left: Operation, right: Operation | int, at: Origin) -> Operation:
    """Product; a constant factor becomes part of a sum."""
    if isinstance(right, int):
        return total([(right, left)], at)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Constant):
            return one if one.value is None else total([(int_of(one), other)], at)
    size = bound(left) * bound(right)
    if size > LARGEST:
        raise refuse_size(at)
    return Product(left, right, size, natural(left) and natural(right))


def int_of(constant: Constant) -> int:
    """The integer of a known constant."""
    if not isinstance(constant.value, int):
        raise TypeError(constant)
    return constant.value


def _both(left: Operation | None, right: Operation | None, at: Origin) -> Operation | None:
    """Product of two divisors, either of which may be missing (one)."""
    if left is None or right is None:
        return left or right
    return times(left, right, at)


def _over(operation: Operation, divisor: Operation | None, at: Origin) -> Operation:
    return operation if divisor is None else times(operation, divisor, at)


def add(left: Scaled, right: Scaled, sign: int, at: Origin) -> Scaled:
    """``left + sign * right``."""
    scale = lcm(left.scale, right.scale)
    one, other = times(left.number, scale // left.scale, at), times(right.number, scale // right.scale, at)
    if left.divisor == right.divisor:
        return Scaled(total([(1, one), (sign, other)], at), scale, left.divisor)
    number = total([(1, _over(one, right.divisor, at)), (sign, _over(other, left.divisor, at))], at)
    return Scaled(number, scale, _both(left.divisor, right.divisor, at))


def multiply(left: Scaled, right: Scaled, at: Origin) -> Scaled:
    """``left * right``."""
    number = times(left.number, right.number, at)
    return Scaled(number, left.scale * right.scale, _both(left.divisor, right.divisor, at))


def divide(left: Scaled, right: Scaled, at: Origin) -> Scaled:
    """``left / right``; unknown where ``right`` is zero. The divisor of the result is positive."""
    if isinstance(right.number, Constant):
        if not right.number.value:
            return UNKNOWN_NUMBER
        below = int_of(right.number)
        factor, scale = right.scale * (1 if below > 0 else -1), left.scale * abs(below)
        divisor = left.divisor
    else:
        factor, scale, below = right.scale, left.scale, 0
        sure = NonZero(right.number)
        divisor = _both(left.divisor, sure if natural(right.number) else Magnitude(sure), at)
    common = gcd(factor, scale)
    number = times(_over(left.number, right.divisor, at), factor // common, at)
    if not below and not natural(right.number):
        number = times(number, Sign(right.number), at)
    return Scaled(number, scale // common, divisor)


def compare(operator: ComparisonOperator, left: Scaled | Range, right: Scaled | Range, at: Origin) -> Operation:
    """Comparison of two exact numbers; intervals compare three-valued."""
    if isinstance(left, Scaled) and isinstance(right, Scaled):
        scale = lcm(left.scale, right.scale)
        one = times(_over(left.number, right.divisor, at), scale // left.scale, at)
        other = times(_over(right.number, left.divisor, at), scale // right.scale, at)
        return Compare(operator, one, other)
    a = left if isinstance(left, Range) else Range(left, left)
    b = right if isinstance(right, Range) else Range(right, right)
    match operator:
        case "<" | "<=":
            reverse: ComparisonOperator = ">=" if operator == "<" else ">"
            return _three(compare(operator, a.high, b.low, at), compare(reverse, a.low, b.high, at))
        case ">" | ">=":
            reverse = "<=" if operator == ">" else "<"
            return _three(compare(operator, a.low, b.high, at), compare(reverse, a.high, b.low, at))
        case "==":
            sure = And((compare("==", a.low, b.high, at), compare("==", a.high, b.low, at)))
            apart = Or((compare("<", a.high, b.low, at), compare("<", b.high, a.low, at)))
            return _three(sure, apart)
        case "!=":
            return Not(compare("==", left, right, at))


def _three(sure: Operation, impossible: Operation) -> Operation:
    """True if ``sure``, false if ``impossible``, else unknown."""
    return Or((sure, And((Not(impossible), Constant(None)))))


def point(value: Scaled | Range, at: Origin) -> Scaled:
    """The number of an interval if it is sure, else unknown."""
    if isinstance(value, Scaled):
        return value
    sure = compare("==", value.low, value.high, at)
    return Scaled(Choose(sure, value.low.number, Constant(None)), value.low.scale, value.low.divisor)


def known(value: Scaled | Range, at: Origin) -> Operation:
    """Whether a number is known; an interval is if its ends meet."""
    if isinstance(value, Range):
        return And((known(value.low, at), known(value.high, at), compare("==", value.low, value.high, at)))
    return Known((value.number,) if value.divisor is None else (value.number, value.divisor))


def choose(condition: Operation, yes: Scaled, no: Scaled, at: Origin) -> Scaled:
    """``yes`` or ``no`` by a condition."""
    scale = lcm(yes.scale, no.scale)
    number = Choose(condition, times(yes.number, scale // yes.scale, at), times(no.number, scale // no.scale, at))
    if yes.divisor is None and no.divisor is None:
        return Scaled(number, scale)
    one = Constant(1)
    return Scaled(number, scale, Choose(condition, yes.divisor or one, no.divisor or one))
