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
    from tuopin.core.standards.kinds import Severity
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.core.standards.verdicts import Verdict

_REASONS: dict[Reason, Title] = {
    "limit_not_set": Title("限值未定，不作判定", "unknown: limit not set"),
    "waiting": Title("等待数据接入", "waiting for data"),
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
    severity: Severity | None = None
    advice: Title | None = None

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
        distances = _distances(prepared, explanation, verdict)
    return ItemExplanation(
        key=item.key,
        group=item.item.group,
        title=item.item.title,
        verdict=verdict,
        reason=_reason(prepared, item, reason) if reason else None,
        test=item.item.written,
        applies=item.item.applies.text if item.item.applies else "",
        source=item.item.source,
        confidence=item.item.confidence,
        draft=item.item.confidence in UNCONFIRMED
        or any(each.confidence in UNCONFIRMED for each in limits)
        or item.is_open,
        named=_named(prepared, explanation),
        limits=limits,
        distances=distances,
        cells=reader.cells(prepared.standard.level, subject, facts),
        members=_members(prepared, item, explanation, judgement, subject, reader),
        severity=item.item.severity,
        advice=item.item.advice,
    )


def _reason(prepared: Prepared, item: PreparedItem, reason: Reason) -> Title:
    if reason == "waiting":
        return prepared.awaited[item.waiting[0]].waiting
    return _REASONS[reason]


def _distances(prepared: Prepared, explanation: Explanation, verdict: Verdict) -> tuple[Title, ...]:
    """How far comparisons are from their limits; where the expression says what is looked for, only if it was found:
    how much land is lacking for a doubt is nothing that anybody asks."""
    kind = prepared.kind
    if kind.true_points and verdict != kind.points_at:
        return ()
    holds = verdict == kind.points_at if kind.true_points else verdict == "met"
    found = (wording.distance(each, holds) for each in explanation.comparisons)
    return tuple(each for each in found if each is not None)


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
    item: PreparedItem,
    explanation: Explanation,
    judgement: Judgement,
    subject: Mapping[str, object],
    reader: _CellReader,
) -> tuple[Member, ...]:
    """Who decides: those who fail (of a doubt or category: who fulfil) where it is so, those of whom it is unknown
    where it is unknown. Where a rule only counts a group, its members."""
    below = prepared.catalogue.below(prepared.standard.level)
    kind, verdict = prepared.kind, judgement.items[item.key]
    if below is None or verdict not in {kind.points_at, "unknown"}:
        return ()
    members = subject.get(below.name)
    if not isinstance(members, list):
        return ()
    operator = "some" if kind.true_points else "every"
    decided: dict[int, bool] = {}
    for each in explanation.members:
        failing = each.deciding if each.operator == operator else ()
        decided = dict.fromkeys(each.unsure, False) | decided | dict.fromkeys(failing, True)
    if not decided and kind.true_points:
        groups = judgement.result.groups()
        for name in item.test.names:
            sure, unsure = groups.get(name, ((), ()))
            decided = dict.fromkeys(unsure, False) | decided | dict.fromkeys(sure, True)
    facts = set(item.test.facts) | (set() if item.applies is None else set(item.applies.facts))
    return tuple(
        Member(below.name, index, decided[index], reader.cells(below.name, members[index], facts))
        for index in sorted(decided)
    )


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
