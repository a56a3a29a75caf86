"""Facts that a standard may speak of before any room publishes them.

``[expect.<name>]`` announces a fact of a room that is still to come: its level, type, unit, title. As long as the
catalogue does not publish it, every item that rests on it is ``unknown: waiting`` and stands among the draft's open
items. Once it is published, it must be what was announced, or the standard is refused: a rule written for a number in
yuan must not silently judge a number in ten thousand yuan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuopin.core.language import AwaitedFact, RuleError
from tuopin.core.language.catalogue import FactTable, Title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.language import Origin
    from tuopin.core.language.catalogue import Catalogue, Fact
    from tuopin.core.standards.model import Standard

ROOMS: Mapping[str, Title] = {
    "register": Title("登记册", "the register"),
    "standards": Title("标准核查", "standards"),
    "measures": Title("帮扶措施", "measures"),
    "duties": Title("结对帮扶", "duties"),
    "orders": Title("督办", "orders"),
    "checks": Title("暗访核查", "checks"),
    "risk": Title("风险预警", "risk"),
}
"""The rooms whose facts a standard may wait for."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A fact that a standard announces, and where it says so."""

    level: str
    fact: Fact
    room: str
    origin: Origin

    @property
    def waiting(self) -> Title:
        """Why an item that rests on it is unknown."""
        room = ROOMS[self.room]
        return Title(f"等待“{room.zh}”数据接入", f"waiting for the data of {room.en}")


def still_awaited(standard: Standard, catalogue: Catalogue) -> dict[str, Expected]:
    """The facts expected by the standard that nobody publishes.

    Raises :class:`RuleError` with file and line for one that is published as something else.
    """
    found = {}
    for name, expected in standard.expects.items():
        published = catalogue.facts(expected.level).get(name)
        derived = next((one for one in catalogue.derived if (one.level, one.name) == (expected.level, name)), None)
        if published is not None:
            _compare(expected, published)
        elif derived is not None:
            _compare_unit(expected, derived.unit)
        else:
            elsewhere = [level.name for level in catalogue.levels if name in catalogue.facts(level.name)]
            if elsewhere:
                raise _differs(expected, "level", expected.level, elsewhere[0])
            found[name] = expected
    return found


def as_awaited(expected: Mapping[str, Expected]) -> dict[str, AwaitedFact]:
    """For the environment of the rule language."""
    return {name: AwaitedFact(each.level, each.fact, each.origin) for name, each in expected.items()}


def as_published(catalogue: Catalogue, *standards: Standard) -> Catalogue:
    """The catalogue with the facts that these standards still await as if a room published them: for cases and for
    probing rules, which read no database."""
    facts: dict[str, dict[str, Fact]] = {}
    for standard in standards:
        for name, each in still_awaited(standard, catalogue).items():
            facts.setdefault(each.level, {}).setdefault(name, each.fact)
    tables = [
        FactTable(f"expected_{level}", level, "", "", tuple(listed.values())) for level, listed in sorted(facts.items())
    ]
    return replace(catalogue, tables=(*catalogue.tables, *tables)) if tables else catalogue


def _compare(expected: Expected, published: Fact) -> None:
    fact = expected.fact
    if fact.type != published.type:
        raise _differs(expected, "type", fact.type, published.type)
    _compare_unit(expected, published.unit)
    if fact.scale != published.scale:
        raise _differs(expected, "scale", str(fact.scale), str(published.scale))
    known = {code for code, _ in published.codes}
    strange = [code for code, _ in fact.codes if code not in known]
    if strange:
        raise _differs(expected, "codes", ", ".join(strange), ", ".join(sorted(known)))


def _compare_unit(expected: Expected, unit: str) -> None:
    if expected.fact.unit != unit:
        raise _differs(expected, "unit", expected.fact.unit or "–", unit or "–")


def _differs(expected: Expected, what: str, announced: str, found: str) -> RuleError:
    name = expected.fact.name
    return RuleError(
        "expected_differs",
        expected.origin,
        f"预告的数据 {name} 的 {what} 是 {announced}，现已发布的是 {found}；请按已发布的改写",
        f"the expected fact {name} has {what} {announced}, but it is published with {found}; write what is published",
        found=announced,
        expected=found,
    )
