"""Why a subject has its verdicts: for each item its values, the limit and its source, the distance, who and what fails.

The structure comes first, texts in both languages with it; pages and the command line only arrange it. Evidence (file,
sheet, row and date of a cell) is the room's to add: every cell names its level, subject and block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language import Exact, explain
from tuopin.core.language.catalogue import Title
from tuopin.core.standards import wording
from tuopin.core.standards.model import UNCONFIRMED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.language import Explanation
    from tuopin.core.language.catalogue import Fact
    from tuopin.core.standards.judging import Judgement, Reason
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.core.standards.verdicts import Verdict

_REASONS: dict[Reason, Title] = {
    "limit_not_set": Title("限值未定，不作判定", "unknown: limit not set"),
    "no_members": Title("户内没有成员", "the household has no members"),
    "evidence_too_old": Title("依据过期", "the evidence is too old"),
    "unknown_values": Title("依据不全", "values are unknown"),
}


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


@dataclass(frozen=True, slots=True)
class Named:
    """A value that the test names: a fact of the standard or of the subject."""

    name: str
    title: Title
    value: Title


@dataclass(frozen=True, slots=True)
class Limit:
    """A parameter with the value of the day; ``value`` None = not set."""

    name: str
    title: Title
    value: Title | None
    valid_from: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the level below who decides the item, or of whom it is unknown. ``index`` as in the subject."""

    level: str
    index: int
    fails: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ItemExplanation:
    """One item: verdict and reason, what was compared with what, how far off, and the cells behind it."""

    key: str
    group: str
    title: Title
    verdict: Verdict
    reason: Title | None
    test: str
    applies: str
    source: str
    confidence: str
    draft: bool
    named: tuple[Named, ...]
    limits: tuple[Limit, ...]
    distances: tuple[Title, ...]
    cells: tuple[Cell, ...]
    members: tuple[Member, ...]

    @property
    def blank(self) -> tuple[Cell, ...]:
        """The blank cells of the subject itself that the item names."""
        return tuple(cell for cell in self.cells if cell.blank)


@dataclass(frozen=True, slots=True)
class SubjectExplanation:
    """All items of a subject, the overall verdict and what is draft."""

    overall: Verdict
    items: tuple[ItemExplanation, ...]
    shown: Mapping[str, str | None]


def explain_judgement(
    prepared: Prepared, judgement: Judgement, subject: Mapping[str, object], shown: Mapping[str, str | None]
) -> SubjectExplanation:
    """Explain every item of a judged subject; ``subject`` is the mapping that was judged."""
    reader = _CellReader(prepared)
    items = tuple(_item(prepared, item, judgement, subject, reader) for item in prepared.items)
    return SubjectExplanation(judgement.overall, items, shown)


def _item(
    prepared: Prepared,
    item: PreparedItem,
    judgement: Judgement,
    subject: Mapping[str, object],
    reader: _CellReader,
) -> ItemExplanation:
    verdict = judgement.items[item.key]
    explanation = explain(judgement.result, f"{item.key}:test")
    reason = judgement.reasons.get(item.key)
    facts = set(item.test.facts) | (set() if item.applies is None else set(item.applies.facts))
    limits = tuple(_limit(prepared, name) for name in item.parameters)
    distances: tuple[Title, ...] = ()
    if verdict in {"met", "not_met"}:
        found = (wording.distance(each, verdict == "met") for each in explanation.comparisons)
        distances = tuple(each for each in found if each is not None)
    return ItemExplanation(
        key=item.key,
        group=item.item.group,
        title=item.item.title,
        verdict=verdict,
        reason=_REASONS[reason] if reason else None,
        test=item.item.test.text,
        applies=item.item.applies.text if item.item.applies else "",
        source=item.item.source,
        confidence=item.item.confidence,
        draft=item.item.confidence in UNCONFIRMED
        or any(each.confidence in UNCONFIRMED for each in limits)
        or bool(item.unset),
        named=_named(prepared, explanation),
        limits=limits,
        distances=distances,
        cells=reader.cells(prepared.standard.level, subject, facts),
        members=_members(prepared, explanation, verdict, subject, facts, reader),
    )


def _named(prepared: Prepared, explanation: Explanation) -> tuple[Named, ...]:
    level = prepared.standard.level
    stored = prepared.catalogue.facts(level)
    found = []
    for name, value in explanation.facts.items():
        if name in stored:
            continue  # it stands among the cells
        spec = prepared.standard.facts.get(name)
        titles = [each.title for each in prepared.catalogue.derived if (each.level, each.name) == (level, name)]
        title = spec.title if spec else titles[0] if titles else Title(name, name)
        places = next((shown.places for shown in prepared.shown if shown.name == name), None)
        units = [each.unit for each in explanation.comparisons if name in (*each.left_names, *each.right_names)]
        found.append(Named(name, title, wording.worded(value, units[0] if units else "", places)))
    return tuple(found)


def _limit(prepared: Prepared, name: str) -> Limit:
    parameter, value = prepared.pack.parameters[name], prepared.values[name]
    if value is None:
        return Limit(name, parameter.title, None, "", parameter.note.zh, "")
    text = wording.number(Exact(value.value, 10**parameter.scale), parameter.unit)
    return Limit(name, parameter.title, text, value.valid_from.isoformat(), value.source, value.confidence)


def _members(
    prepared: Prepared,
    explanation: Explanation,
    verdict: Verdict,
    subject: Mapping[str, object],
    facts: set[tuple[str, str]],
    reader: _CellReader,
) -> tuple[Member, ...]:
    """Who decides: those who fail where it is not met, those of whom it is unknown where it is unknown."""
    below = prepared.catalogue.below(prepared.standard.level)
    if below is None or verdict not in {"not_met", "unknown"}:
        return ()
    members = subject.get(below.name)
    if not isinstance(members, list):
        return ()
    found: dict[int, Member] = {}
    for each in explanation.members:
        failing = each.deciding if each.operator == "every" else ()
        for index in (*failing, *each.unsure):
            if index not in found:
                cells = reader.cells(below.name, members[index], facts)
                found[index] = Member(below.name, index, index in failing, cells)
    return tuple(found[index] for index in sorted(found))


class _CellReader:
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
