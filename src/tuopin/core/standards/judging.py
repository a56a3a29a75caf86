"""Judging one subject with the interpreter: verdicts, the reason of each unknown, and the shown facts."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from tuopin.core.language import Exact, Interval, compile_python
from tuopin.core.standards.dates import months_before
from tuopin.core.standards.verdicts import item_verdict, overall_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuopin.core.language import Interpreter, Result
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.core.standards.verdicts import Verdict

type Reason = Literal["limit_not_set", "waiting", "no_members", "evidence_too_old", "unknown_values"]


_TRUTHS = (True, False, None)
_VERDICTS = {(applies, test): item_verdict(applies, test) for applies in _TRUTHS for test in _TRUTHS}


class Judgement(NamedTuple):
    """The verdicts of one subject. ``reasons`` holds an entry for every unknown item."""

    overall: Verdict
    applies: bool | None
    items: Mapping[str, Verdict]
    reasons: Mapping[str, Reason]
    result: Result


class Judge:
    """A prepared standard with its interpreter; made once, called for each subject."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self._interpreter: Interpreter = compile_python(prepared.program, prepared.day)
        self._oldest = {
            item.key: months_before(prepared.day, item.item.evidence_max_age)
            for item in prepared.items
            if item.item.evidence_max_age is not None
        }
        keys = ["applies"] if prepared.standard.applies is not None else []
        keys += ["members"] if prepared.members is not None else []
        plan = []
        for item in prepared.items:
            own = f"{item.key}:applies" if item.applies is not None else ""
            known: Reason | None = "limit_not_set" if item.unset else "waiting" if item.waiting else None
            plan.append((item, item.key, known, item.key in self._oldest, len(keys), len(keys) + 1 if own else 0))
            keys += [f"{item.key}:test", *([own] if own else [])]
        self._plan = plan
        self._has_applies, self._has_members = prepared.standard.applies is not None, prepared.members is not None
        self._truths = self._interpreter.truths(keys)
        self._decisive = tuple(item.key for item in prepared.decisive)

    def __call__(self, subject: Mapping[str, object]) -> Judgement:
        """Judge a subject: a mapping in the catalogue's encoding, with the subjects below it in lists."""
        result = self._interpreter(subject)
        truths = self._truths(result.row)
        standard_applies = truths[0] if self._has_applies else True
        alone = self._has_members and truths[self._has_applies] is not True
        items: dict[str, Verdict] = {}
        reasons: dict[str, Reason] = {}
        for item, key, known, ages, test_at, applies_at in self._plan:
            applies = standard_applies
            if applies_at and applies is not False:
                own = truths[applies_at]
                applies = False if own is False else applies if own else None
            reason = known
            if reason is None:
                if alone:
                    reason = "no_members"
                elif ages and self._too_old(item, subject):
                    reason = "evidence_too_old"
            verdict = _VERDICTS[applies, None if reason else truths[test_at]]
            items[key] = verdict
            if verdict == "unknown":
                reasons[key] = reason or "unknown_values"
        overall = overall_verdict(standard_applies, [items[key] for key in self._decisive])
        return Judgement(overall, standard_applies, items, reasons, result)

    def _too_old(self, item: PreparedItem, subject: Mapping[str, object]) -> bool:
        oldest, levels = self._oldest[item.key], self.prepared.program.levels
        for level, block in item.aged_blocks:
            for each in _below(subject, levels, level):
                as_of = each.get(f"{block}__as_of")
                if isinstance(as_of, datetime.date) and as_of < oldest:
                    return True
        return False

    def shown(self, judgement: Judgement) -> dict[str, str | None]:
        """The shown facts as text with their decimals, half up; ``None`` if unknown."""
        value = judgement.result.value
        return {shown.name: shown_text(value(f"show:{shown.name}"), shown.places) for shown in self.prepared.shown}


def _below(subject: Mapping[str, object], levels: tuple[str, ...], level: str) -> Iterator[Mapping[str, object]]:
    """The subjects of ``level`` under (or equal to) a subject of ``levels[0]``."""
    if not levels or levels[0] == level:
        yield subject
        return
    members = subject.get(levels[1], ()) if len(levels) > 1 else ()
    if isinstance(members, list | tuple):
        for member in members:
            yield from _below(member, levels[1:], level)


def shown_text(value: object, places: int) -> str | None:
    """A number as text with ``places`` decimals, half up, from the exact quotient; ``None`` if it is not one number."""
    match value:
        case None:
            return None
        case Exact():
            return value.text(places)
        case Interval(low=low, high=high):
            return low.text(places) if low == high else None
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
