"""Why a subject has its verdicts: for each item its values, the limit and its source, the distance, who and what fails.

The structure comes first, texts in both languages with it; pages and the command line only arrange it. Evidence (file,
sheet, row and date of a cell) is the room's to add: every cell names its level, subject and block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language import Exact, explain
from tuopin.core.language.catalogue import Title
from tuopin.core.language.typed import DefinedFact
from tuopin.core.standards import turning, wording
from tuopin.core.standards.cells import Cell, CellReader, missing
from tuopin.core.standards.model import UNCONFIRMED
from tuopin.core.standards.reaching import groups_of, kept, nodes, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.language import Comparison, Explanation, Result
    from tuopin.core.standards.judging import Judgement, Reason
    from tuopin.core.standards.kinds import Severity
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.core.standards.verdicts import Verdict

__all__ = [
    "Cell",
    "ItemExplanation",
    "Limit",
    "Member",
    "SubjectExplanation",
    "explain_judgement",
    "missing",
]

COUNTED_BELOW = frozenset({"household", "village", "township", "county"})
"""Levels whose counted members are listed: the members of a household stand on its page anyway."""

_REASONS: dict[Reason, Title] = {
    "limit_not_set": Title("限值未定，不作判定", "unknown: limit not set"),
    "waiting": Title("等待数据接入", "waiting for data"),
    "no_members": Title("户内没有成员", "the household has no members"),
    "evidence_too_old": Title("依据过期", "the evidence is too old"),
    "unknown_values": Title("依据不全", "values are unknown"),
}


STRADDLES = Title("估计区间跨越限值，不能判定", "the interval of the estimate holds the limit: it cannot be told")


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
class Counted:
    """The subjects of the level below that a value of the item counts (未脱贫户 of the incidence): those who belong to
    the group, those who may, and how many of each; the lists may be cut short."""

    group: str
    title: Title
    level: str
    sure: int
    unsure: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ItemExplanation:
    """One item: verdict and reason, what was compared with what, how far off, what would turn it, and the cells behind
    it. ``failing`` and ``unsure`` count the members below; ``members`` may be cut short."""

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
    unconfirmed: tuple[Title, ...] = ()
    turns: tuple[Title, ...] = ()
    failing: int = 0
    unsure: int = 0
    counted: tuple[Counted, ...] = ()

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
    prepared: Prepared,
    judgement: Judgement,
    subject: Mapping[str, object],
    shown: Mapping[str, str | None],
    *,
    most: int | None = None,
) -> SubjectExplanation:
    """Explain every item of a judged subject; ``subject`` is the mapping that was judged. ``most``: so many members of
    each sort are spelled out, the others are only counted."""
    reader = CellReader(prepared)
    items = tuple(_item(prepared, item, judgement, subject, reader, most) for item in prepared.items)
    return SubjectExplanation(judgement.overall, items, shown)


def _item(
    prepared: Prepared,
    item: PreparedItem,
    judgement: Judgement,
    subject: Mapping[str, object],
    reader: CellReader,
    most: int | None,
) -> ItemExplanation:
    verdict = judgement.items[item.key]
    explanation = explain(judgement.result, f"{item.key}:test")
    reason = judgement.reasons.get(item.key)
    facts = set(item.test.facts) | (set() if item.applies is None else set(item.applies.facts))
    distances: tuple[Title, ...] = ()
    turned: tuple[Title, ...] = ()
    if verdict in {"met", "not_met"}:
        distances = _distances(prepared, explanation, verdict)
    if verdict in {"met", "not_met"} or reason == "unknown_values":
        turned = _turns(prepared, item, explanation, verdict)
    decided = _decided(prepared, item, explanation, judgement)
    return ItemExplanation(
        key=item.key,
        group=item.item.group,
        title=item.item.title,
        verdict=verdict,
        reason=_reason(prepared, item, reason, explanation) if reason else None,
        test=item.item.written,
        applies=item.item.applies.text if item.item.applies else "",
        source=item.item.source,
        confidence=item.item.confidence,
        draft=bool(unconfirmed(prepared, item)),
        named=_named(prepared, item, explanation, judgement.result),
        limits=limits_of(prepared, item),
        distances=distances,
        cells=reader.cells(prepared.standard.level, subject, facts),
        members=_members(prepared, decided, facts, subject, reader, most),
        severity=item.item.severity,
        advice=item.item.advice,
        unconfirmed=unconfirmed(prepared, item),
        turns=turned,
        failing=sum(decided.values()),
        unsure=sum(not fails for fails in decided.values()),
        counted=_counted(prepared, item, verdict, judgement.result, facts, subject, reader, most),
    )


def limits_of(prepared: Prepared, item: PreparedItem) -> tuple[Limit, ...]:
    """The parameters that the item names, with their values of the day."""
    return tuple(_limit(prepared, name) for name in item.parameters)


def unconfirmed(prepared: Prepared, item: PreparedItem) -> tuple[Title, ...]:
    """What of the item no text confirms: its wording, a limit's value of the day, a limit without one, data that no
    room publishes yet."""
    found: list[Title] = []
    if item.item.confidence in UNCONFIRMED:
        found.append(Title("条款文字未经确认", "the wording of the condition is not confirmed"))
    for name in item.parameters:
        title, value = prepared.pack.parameters[name].title, prepared.values.get(name)
        if name in item.unset:
            found.append(Title(f"限值未定：{title.zh}", f"limit not set: {title.en}"))
        elif value is not None and value.confidence in UNCONFIRMED:
            day = value.valid_from.isoformat()
            found.append(
                Title(f"{title.zh}自 {day} 的取值未经确认", f"{title.en}: its value from {day} is not confirmed")
            )
    found += [prepared.awaited[name].waiting for name in item.waiting[:1]]
    return tuple(found)


def reason_of(prepared: Prepared, item: PreparedItem, reason: Reason) -> Title:
    """Why an item is unknown; one that waits for data says of which room."""
    if reason == "waiting":
        return prepared.awaited[item.waiting[0]].waiting
    return _REASONS[reason]


def _reason(prepared: Prepared, item: PreparedItem, reason: Reason, explanation: Explanation) -> Title:
    """As :func:`reason_of`; where nothing is missing, an interval that holds its limit is what leaves it open."""
    compared = explanation.comparisons
    if reason == "unknown_values" and compared and all(each.distance is not None for each in compared):
        return STRADDLES
    return reason_of(prepared, item, reason)


def _distances(prepared: Prepared, explanation: Explanation, verdict: Verdict) -> tuple[Title, ...]:
    """How far comparisons are from their limits; where the expression says what is looked for, only if it was found:
    how much land is lacking for a doubt is nothing that anybody asks."""
    kind = prepared.kind
    if kind.true_points and verdict != kind.points_at:
        return ()
    holds = verdict == kind.points_at if kind.true_points else verdict == "met"
    told = [(each, wording.distance(each, holds)) for each in explanation.comparisons]
    found = [(each, distance) for each, distance in told if distance is not None]
    if len(found) < 2:
        return tuple(distance for _each, distance in found)
    titles = _titles(prepared)  # of several comparisons each says what it is about
    return tuple(_about(titles, each, distance) for each, distance in found)


def _about(titles: Mapping[str, Title], comparison: Comparison, distance: Title) -> Title:
    named = next((titles[name] for name in comparison.left_names if name in titles), None)
    return distance if named is None else Title(f"{named.zh}：{distance.zh}", f"{named.en}: {distance.en}")


def _turns(prepared: Prepared, item: PreparedItem, explanation: Explanation, verdict: Verdict) -> tuple[Title, ...]:
    """What would turn the comparisons: where one decides the item by itself, in the words of its verdicts. Said where
    the distance does not say it yet: of ratios, on the limit itself, of intervals."""
    kind = prepared.kind
    if kind.true_points or (verdict == "unknown" and len(explanation.comparisons) != 1):
        return ()
    root = item.test.root
    while isinstance(root.value, DefinedFact):
        root = root.value.typed.root
    is_alone = root.operator in {"<", "<=", ">", ">="} and item.applies is None
    found = []
    for each in explanation.comparisons:
        left = turning.unsettled(each)
        if left and (ways := [way for way in turning.turns(each) if way.kind == "settle"]):
            unit = each.unit if each.ratio is None else each.ratio.unit
            amount = wording.number(Exact(left, 1), unit)
            found.append(Title(f"尚有 {amount.zh}未知", f"{amount.en} unknown"))
            found += [turning.words(way, _result(prepared, way.holds, is_alone), None) for way in ways]
            continue
        for way in turning.turns(each):
            on_it = each.distance is not None and not each.distance.numerator
            if way.of_ratio or on_it:
                title = _titles(prepared).get(way.name)
                found.append(turning.words(way, _result(prepared, way.holds, is_alone), title))
    return tuple(found)


def _result(prepared: Prepared, holds: bool, is_alone: bool) -> Title:
    if is_alone:
        return prepared.kind.said("met" if holds else "not_met").title
    return Title("合乎此限值", "within this limit") if holds else Title("越过此限值", "past this limit")


def _titles(prepared: Prepared) -> dict[str, Title]:
    """Titles of what a standard names at its own level, and of its groups."""
    return kept("titles", prepared, lambda: _made_titles(prepared))


def _made_titles(prepared: Prepared) -> dict[str, Title]:
    level = prepared.standard.level
    found = {each.name: each.title for each in prepared.catalogue.derived if each.level == level}
    found |= {fact.name: fact.title for fact in prepared.catalogue.facts(level).values()}
    found |= {group.name: group.title for group in prepared.standard.groups.values()}
    return found | {name: spec.title for name, spec in prepared.standard.facts.items() if spec.level == level}


def _named(prepared: Prepared, item: PreparedItem, explanation: Explanation, result: Result) -> tuple[Named, ...]:
    """The values that the test names, and below a value that is worked out those it is worked out of (numerator and
    denominator of a rate); stored ones stand among the cells."""
    level = prepared.standard.level
    stored = kept("stored", prepared, lambda: prepared.catalogue.facts(level))
    titles = _titles(prepared)
    program = result.interpreter.program.facts
    values = {name: value for name, value in explanation.facts.items() if name not in stored}
    for name in within(item.test.root, prepared.standard.level):
        if name not in values and name not in stored and name in program:
            values[name] = result.read(program[name])
    found = []
    for name, value in values.items():
        places = next((shown.places for shown in prepared.shown if shown.name == name), None)
        compared = [each for each in explanation.comparisons if name in (*each.left_names, *each.right_names)]
        unit, rate = _unit(prepared, item, name, compared), any(wording.is_rate(each) for each in compared)
        found.append(Named(name, titles.get(name, Title(name, name)), wording.worded(value, unit, places, rate=rate)))
    return tuple(found)


def _unit(prepared: Prepared, item: PreparedItem, name: str, compared: Sequence[Comparison]) -> str:
    if compared:
        return compared[0].unit
    return next(
        (node.value.typed.unit for node in nodes(item.test.root, prepared.standard.level)
         if isinstance(node.value, DefinedFact) and node.value.name == name), "",
    )  # fmt: skip


def _limit(prepared: Prepared, name: str) -> Limit:
    parameter, value = prepared.pack.parameters[name], prepared.values[name]
    if value is None:
        return Limit(name, parameter.title, None, "", parameter.note.zh, "")
    amount = Exact(value.value, 10**parameter.scale)
    is_rate = parameter.type == "decimal" and not parameter.unit
    text = wording.percent(amount) if is_rate else wording.number(amount, parameter.unit)
    return Limit(name, parameter.title, text, value.valid_from.isoformat(), value.source, value.confidence)


def _decided(prepared: Prepared, item: PreparedItem, explanation: Explanation, judgement: Judgement) -> dict[int, bool]:
    """Who decides: those who fail (of a doubt or category: who fulfil) where it is so, those of whom it is unknown
    where it is unknown. Where a rule only counts a group, its members. Index → fails."""
    kind, verdict = prepared.kind, judgement.items[item.key]
    if prepared.catalogue.below(prepared.standard.level) is None or verdict not in {kind.points_at, "unknown"}:
        return {}
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
    return decided


def _members(
    prepared: Prepared, decided: Mapping[int, bool], facts: set[tuple[str, str]], subject: Mapping[str, object],
    reader: CellReader, most: int | None,
) -> tuple[Member, ...]:  # fmt: skip
    below = prepared.catalogue.below(prepared.standard.level)
    listed = subject.get(below.name) if below is not None else None
    if below is None or not isinstance(listed, list):
        return ()
    failing, unsure = (sorted(index for index, fails in decided.items() if fails is way) for way in (True, False))
    chosen = sorted([*failing[:most], *unsure[:most]])
    return tuple(
        Member(below.name, index, decided[index], reader.cells(below.name, listed[index], facts)) for index in chosen
    )


def _counted(
    prepared: Prepared, item: PreparedItem, verdict: Verdict, result: Result, facts: set[tuple[str, str]],
    subject: Mapping[str, object], reader: CellReader, most: int | None,
) -> tuple[Counted, ...]:  # fmt: skip
    """The groups that the values of the item count, with those who belong; of what is no list, nothing."""
    level = prepared.standard.level
    below = prepared.catalogue.below(level)
    listed = subject.get(below.name) if below is not None else None
    if below is None or below.name not in COUNTED_BELOW or verdict == "not_applicable" or not isinstance(listed, list):
        return ()
    groups = groups_of(prepared, item)
    members, found = result.groups(), []
    for name in groups:
        sure, unsure = members.get(name, ((), ()))
        chosen = [(index, True) for index in sure[:most]] + [(index, False) for index in unsure[:most]]
        spelled = tuple(
            Member(below.name, index, belongs, reader.cells(below.name, listed[index], facts))
            for index, belongs in chosen
        )
        found.append(Counted(name, prepared.standard.groups[name].title, below.name, len(sure), len(unsure), spelled))
    return tuple(found)
