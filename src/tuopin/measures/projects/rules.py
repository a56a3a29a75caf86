"""The rules about projects and money as data (``rules.toml``), and the words for states."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))


def advance_share() -> int:
    """Hundredths of what was allocated that may be paid before acceptance."""
    return int(_written()["advance"]["share"])


def _titles(name: str) -> dict[str, Title]:
    return {key: Title(each["zh"], each["en"]) for key, each in _written()[name].items()}


FINDINGS: Mapping[str, Title] = _titles("findings")
FUND_FINDINGS: Mapping[str, Title] = _titles("fund_findings")

STATES: Mapping[str, Title] = {
    "listed": Title("已入库", "in the library"),
    "funded": Title("已下达资金", "money allocated"),
    "accepted": Title("已验收", "accepted"),
    "settled": Title("已验收并付清", "accepted and paid in full"),
    "cancelled": Title("已出库", "taken out"),
}

TIERS: Mapping[str, Title] = {
    "central": Title("中央专项", "central"),
    "province": Title("省级专项", "province"),
    "city": Title("市级专项", "city"),
    "county": Title("县级专项", "county"),
    "integrated": Title("整合资金", "pooled"),
    "social": Title("社会资金", "donations"),
    "other": Title("其他", "other"),
}
