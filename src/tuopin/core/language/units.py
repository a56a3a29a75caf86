"""The unit algebra.

A unit is a product of powers of base units: ``CNY/person/year`` is CNY¹·person⁻¹·year⁻¹. Base units are words
(``CNY``, ``person``, ``household``, ``year``, ``mu``, ``km``, ``m2`` …) without meaning to the language: nothing is
converted, so ``CNY/month`` and ``CNY/year`` simply do not match. The empty text is the unit of a plain number.

``+``, ``-`` and comparisons need equal units; ``*`` and ``/`` multiply and divide them; ``count(g)`` has the level of
its members as unit, ``years`` has ``year``, ``share`` none. A number written out (``15``) takes the unit of what it
stands beside, money then being yuan.
"""

from __future__ import annotations

import re

type Unit = tuple[tuple[str, int], ...]  # (base, power ≠ 0), sorted by base

PLAIN: Unit = ()
_BASE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def parse_unit(text: str) -> Unit:
    """Read ``CNY/person/year``, ``CNY*year``, ``1/year`` or the empty text. Raises ValueError with the bad part."""
    powers: dict[str, int] = {}
    if not text.strip():
        return PLAIN
    for factor in re.findall(r"[*/]?[^*/]*", text):
        if not factor:
            continue
        sign, base = (-1, factor[1:]) if factor[0] == "/" else (1, factor.removeprefix("*"))
        base = base.strip()
        if base == "1":
            continue
        if not _BASE.fullmatch(base):
            raise ValueError(factor)
        powers[base] = powers.get(base, 0) + sign
    return _sorted(powers)


def unit_text(unit: Unit) -> str:
    """Canonical text; a plain number has the empty one."""
    above = [base for base, power in unit for _ in range(power)]
    below = [base for base, power in unit for _ in range(-power)]
    return "".join(["*".join(above) or ("1" if below else ""), *(f"/{base}" for base in below)])


def multiply(left: Unit, right: Unit, power: int = 1) -> Unit:
    """``left · right ** power``; power -1 divides."""
    powers = dict(left)
    for base, own in right:
        powers[base] = powers.get(base, 0) + own * power
    return _sorted(powers)


def _sorted(powers: dict[str, int]) -> Unit:
    return tuple(sorted((base, power) for base, power in powers.items() if power))
