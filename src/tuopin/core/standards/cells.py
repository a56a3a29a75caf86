"""The stored values that an item rests on, as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.language.catalogue import Fact
    from tuopin.core.standards.programs import Prepared


@dataclass(frozen=True, slots=True)
class Cell:
    """A stored value that an item rests on. ``block`` is the fact table (or status axis) it stands in.

    ``absent``: the workbook had no such column, and ``treated_as`` says what that means here.
    """

    name: str
    title: Title
    value: Title
    block: str
    field_class: str
    blank: bool
    absent: bool = False
    treated_as: Title | None = None


class CellReader:
    """Turns stored values into cells."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._facts: dict[tuple[str, str], tuple[Fact, str]] = {}
        for table in prepared.catalogue.tables:
            for fact in table.facts:
                self._facts[table.level, fact.name] = (fact, table.name)
        for period in prepared.catalogue.periods:
            self._facts[period.level, period.fact.name] = (period.fact, period.name)

    def cells(self, level: str, subject: Mapping[str, object], used: set[tuple[str, str]]) -> tuple[Cell, ...]:
        """The stored facts among ``used`` that belong to the level, in the order of the catalogue."""
        found = []
        for (at, name), (fact, block) in self._facts.items():
            if at == level and (at, name) in used and not (fact.mark and subject.get(name) is None):
                found.append(self._cell(name, fact, block, subject))
        return tuple(found)

    def _cell(self, name: str, fact: Fact, block: str, subject: Mapping[str, object]) -> Cell:
        spec = self._prepared.standard.facts.get(name)
        if name not in subject and spec is not None and spec.absent is not None:
            meant = wording.cell(fact, spec.absent)
            note = Title(f"表中无此列，按“{meant.zh}”计", f"no such column; counted as {meant.en}")
            return Cell(name, fact.title, note, block, fact.field_class, blank=False, absent=True, treated_as=meant)
        value = subject.get(name)
        return Cell(name, fact.title, wording.cell(fact, value), block, fact.field_class, blank=value is None)


def missing(cells: Sequence[Cell]) -> Title | None:
    """``空白：财产性收入`` / ``blank: property income``; ``None`` if nothing is blank."""
    blank = [cell.title for cell in cells if cell.blank]
    if not blank:
        return None
    return Title("空白：" + "、".join(title.zh for title in blank), "blank: " + ", ".join(title.en for title in blank))
