"""Correcting facts: the one way in which forms, bulk edits, answers to issues and edited workbooks write.

All changes of a call are written or none; two people who correct one value are told, never overwritten; statements
do not grow with the number of changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem, Refused

from .. import cards
from ..models import CorrectedValue, Correction
from ..models.blocks import Source
from ..permissions import CORRECT
from . import marks, recheck, versions
from .fields import Correctable, Level, Value, decode, encode, field_named, is_of_type, value_of
from .subjects import Key, Subject, listed, once, outside

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor

    from ..models import FactBlock

CORRECTING = (Source.BY_HAND, Source.VISIT, Source.DEPARTMENT_LIST)
LIMIT = 200_000
"""Changes in one call."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one subject. ``value`` is in the encoding of the catalogue, None = unknown after all.

    ``seen`` is the version that was looked at (0 = there was none): if the value has changed since, the call is
    refused with a Conflict. None = write whatever stands there.
    """

    level: Level
    subject: int
    field: str
    value: Value
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A value that somebody else changed since it was looked at: ``base`` was seen, ``theirs`` stands now."""

    change: Change
    base: Value
    theirs: Value
    version: int
    by: str
    at: datetime | None
    source: str


class Conflict(Problem):
    """Others corrected the same values meanwhile; nothing was written."""

    status = 409

    def __init__(self, clashes: list[Clash]) -> None:
        count = len(clashes)
        super().__init__(
            "changed_by_others",
            f"其中 {count} 项在您查看之后已被他人更改，本次未写入任何内容。请逐项核对后决定。",
            f"{count} of the values were changed by somebody else since you looked; nothing was written. "
            "Compare them and decide.",
            count=count,
        )
        self.clashes = clashes


@dataclass(frozen=True, slots=True)
class Outcome:
    """``correction`` is None when everything said already what was asked for."""

    correction: Correction | None
    written: int
    closed_issues: int = 0
    opened_issues: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """What is the same for all changes of a call. ``year``: the ledger year that the values are of, where they say so;
    of a version of another year nothing is taken over, and what is not said is unknown."""

    as_of: date
    source: Source = Source.BY_HAND
    reason: str = ""
    origin: str = "service"
    year: int | None = None


def correct(actor: Actor, changes: Sequence[Change], why: Why, *, undoes: Correction | None = None) -> Outcome:
    """Write corrections as new versions dated ``why.as_of``; those that say what stands already are left out.

    A corrected field is marked with its source and stays as corrected when the national export is imported again,
    until an export says the same. Raises Missing for a subject outside the grants, Refused for a class of fields that
    is not open, Conflict for values changed by others meanwhile, Problem for a wrong field, type, day or source.
    """
    _check_why(why)
    fields = {change.field: field_named(change.field) for change in changes}
    _check(changes, fields)
    subjects = once(actor, {(change.level, change.subject) for change in changes}, why.as_of)
    _check_classes(changes, fields, subjects)
    with database.write():
        database.hold_data()
        now = timezone.now()
        stood = _standing(changes, fields)
        clashes = _clashes(changes, fields, stood, why.as_of)
        if clashes:
            raise Conflict(clashes)
        before = versions.years_back(stood, undoes) if undoes is not None else {}
        fresh, lines = _plan(changes, fields, stood, subjects, why, before)
        if not lines:
            return Outcome(None, 0)
        act = Correction.objects.create(
            at=now, actor=actor.name or actor.os_user, user_id=actor.user_id, origin=why.origin,
            source=why.source.value, as_of=why.as_of, reason=why.reason.strip(), undoes=undoes, size=len(lines),
        )  # fmt: skip
        unmarked = marks.record(act, lines, undoing=undoes is not None)
        for item in fresh:
            item.unmarked = unmarked.get((versions.level_of(item.model), item.subject), set()) & set(item.values)
        versions.write(fresh, as_of=why.as_of, source=why.source.value, now=now)
        _refresh_cards(fresh)
        closed, opened = recheck.recheck(lines, why.as_of, now)
        database.bump_data_version()
        _audit(actor, act, lines, closed)
    return Outcome(act, len(lines), closed, opened)


def _refresh_cards(fresh: Sequence[versions.Fresh]) -> None:
    """What lists and the search read follows in the same transaction."""
    by_level: dict[str, set[int]] = {}
    for item in fresh:
        by_level.setdefault(versions.level_of(item.model), set()).add(item.subject)
    cards.refresh(by_level.get("household", set()) | cards.households_of(by_level.get("person", ())))


def undo(actor: Actor, number: int) -> Outcome:
    """Correct everything of an earlier correction back, as a new correction. Raises Conflict where somebody has
    corrected one of the values since."""
    act = Correction.objects.filter(pk=number).first()
    if act is None:
        raise Missing("no_such_correction", "没有找到这次更正。", "There is no such correction.")
    if act.undone_by.exists():
        raise Problem(
            "already_undone", "这次更正已经撤销过。", "This correction has been undone already.", correction=number
        )
    rows = list(act.values.order_by("pk"))
    fields = {row.field: field_named(row.field) for row in rows}
    keys = {(row.level, row.subject) for row in rows}
    once(actor, keys, act.as_of)
    back = [Change(row.level, row.subject, row.field, decode(fields[row.field], row.old)) for row in rows]  # type: ignore[arg-type]  # a level, as correct wrote it
    stood = _standing(back, fields)
    changes, clashes = [], []
    for row, change in zip(rows, back, strict=True):
        item = fields[row.field]
        current = versions.on_day(stood[item.model].get(row.subject, []), act.as_of)
        theirs = value_of(current, row.field)
        if encode(theirs) != row.new and encode(theirs) != row.old:
            clashes.append(_clash(change, decode(item, row.new), theirs, current))
        changes.append(replace(change, seen=current.pk if current else 0))
    if clashes:
        raise Conflict(clashes)
    why = Why(act.as_of, Source(act.source), f"撤销更正 {number}", "undo")
    return correct(actor, changes, why, undoes=act)


# -- checks ---------------------------------------------------------------------------------------------------------


def _check_why(why: Why) -> None:
    if why.source not in CORRECTING:
        raise ValueError("a national export comes in through the importer")
    if len(why.reason) > LONGEST_REASON:
        raise Problem(
            "reason_too_long",
            f"更正理由不要超过 {LONGEST_REASON} 字。",
            f"Keep the reason within {LONGEST_REASON} characters.",
        )
    if not 1949 <= why.as_of.year <= 2200 or why.as_of > timezone.localdate():
        raise Problem(
            "bad_day", "情况日期不能晚于今天。", "The day that a correction describes cannot lie ahead.",
            as_of=why.as_of.isoformat(),
        )  # fmt: skip


def _check(changes: Sequence[Change], fields: Mapping[str, Correctable]) -> None:
    if len(changes) > LIMIT:
        raise Problem("too_many", f"一次最多更正 {LIMIT:,} 项。", f"Correct at most {LIMIT:,} values at a time.")
    said: dict[tuple[str, int, str], Value] = {}
    for change in changes:
        item = fields[change.field]
        if item.level != change.level or not is_of_type(item, change.value):
            raise Problem(
                "wrong_type",
                f"“{item.title.zh}”填写的值类型不对。",
                f"The value given for “{item.title.en}” is of the wrong type.",
                fact=change.field,
            )
        key = (change.level, change.subject, change.field)
        if said.setdefault(key, change.value) != change.value:
            raise Problem(
                "said_twice",
                f"同一项“{item.title.zh}”给出了两个不同的值。",
                f"Two different values are given for one “{item.title.en}”.",
                fact=change.field,
            )


def _check_classes(
    changes: Sequence[Change], fields: Mapping[str, Correctable], subjects: Mapping[Key, Subject]
) -> None:
    for change in changes:
        item = fields[change.field]
        if not subjects[change.level, change.subject].opens(item.field_class):
            raise Refused(
                "field_closed",
                f"您无权查看“{item.title.zh}”，因此不能更正。如需要，请联系管理员授权。",
                f"“{item.title.en}” is not open to you, so you cannot correct it. Ask an administrator for a grant.",
                fact=item.name,
            )


def _standing(changes: Sequence[Change], fields: Mapping[str, Correctable]) -> versions.Stood:
    asked: dict[type[FactBlock], set[int]] = {}
    for change in changes:
        asked.setdefault(fields[change.field].model, set()).add(change.subject)
    return {model: versions.standing(model, ids) for model, ids in asked.items()}


def _clashes(
    changes: Sequence[Change], fields: Mapping[str, Correctable], stood: versions.Stood, as_of: date
) -> list[Clash]:
    """Values that others changed since they were looked at, field by field: other fields of the block may change."""
    looked: dict[type[FactBlock], set[int]] = {}
    suspects = []
    for change in changes:
        item = fields[change.field]
        current = versions.on_day(stood[item.model].get(change.subject, []), as_of)
        if change.seen is None or change.seen == (current.pk if current else 0):
            continue
        looked.setdefault(item.model, set()).add(change.seen)
        suspects.append((change, item, current))
    seen = {model: versions.seen_versions(model, keys) for model, keys in looked.items()}
    found = []
    for change, item, current in suspects:
        looked_at = seen[item.model].get(change.seen or 0)
        if looked_at is not None and versions.subject_of(looked_at) != change.subject:
            raise outside()
        base = value_of(looked_at, change.field)
        theirs = value_of(current, change.field)
        if theirs not in (base, change.value):
            found.append(_clash(change, base, theirs, current))
    return _named(found)


def _clash(change: Change, base: Value, theirs: Value, current: FactBlock | None) -> Clash:
    mark: dict[str, Any] = (current.overrides if current else {}).get(change.field, {})
    at = current.recorded_at if current else None
    source = str(mark.get("source") or (current.source if current else ""))
    return Clash(change, base, theirs, current.pk if current else 0, "", at, source)


def _named(clashes: list[Clash]) -> list[Clash]:
    """Who corrected them, and when."""
    if not clashes:
        return []
    subjects = listed({clash.change.subject for clash in clashes})
    rows = CorrectedValue.objects.filter(subject__in=subjects).order_by("pk").select_related("correction")
    by = {(row.level, row.subject, row.field): row.correction for row in rows}
    named = []
    for clash in clashes:
        act = by.get((clash.change.level, clash.change.subject, clash.change.field))
        who, at = (act.actor, act.at) if act and clash.source != Source.NATIONAL_EXPORT else ("", clash.at)
        named.append(Clash(clash.change, clash.base, clash.theirs, clash.version, who, at, clash.source))
    return named


# -- writing --------------------------------------------------------------------------------------------------------


def _plan(
    changes: Sequence[Change],
    fields: Mapping[str, Correctable],
    stood: versions.Stood,
    subjects: Mapping[Key, Subject],
    why: Why,
    before: Mapping[tuple[type[FactBlock], int], FactBlock],
) -> tuple[list[versions.Fresh], list[marks.Line]]:
    """What is to be written. ``before``: the versions of an earlier year to which an undo goes back."""
    as_of = why.as_of
    fresh: dict[tuple[type[FactBlock], int], versions.Fresh] = {}
    lines: dict[tuple[str, int, str], marks.Line] = {}
    for change in changes:
        item = fields[change.field]
        rows = stood[item.model].get(change.subject, [])
        current = versions.on_day(rows, as_of)
        old = value_of(current, change.field)
        earlier = before.get((item.model, change.subject))
        apart = earlier is not None or bool(current and why.year and current.year != why.year)
        unreadable = bool(current and change.field in current.unreadable)
        if not apart and old == change.value and type(old) is type(change.value) and not unreadable:
            continue
        later = max((row.as_of for row in rows), default=as_of)
        if later > as_of:
            code = subjects[change.level, change.subject].code
            raise Problem(
                "newer_version",
                f"{code} 的“{item.title.zh}”已有 {later} 的记录。请把情况日期填为该日或之后。",
                f"For {code} there is a newer record of “{item.title.en}”, of {later}. Give that day or a later one.",
                subject=code, as_of=later.isoformat(),
            )  # fmt: skip
        base = earlier if apart else current
        place = fresh.setdefault(
            (item.model, change.subject),
            versions.Fresh(item.model, change.subject, base, stands=current, year=None if earlier else why.year),
        )
        new = value_of(earlier, change.field) if earlier else change.value
        if earlier is None:
            place.values[change.field] = new
        lines[change.level, change.subject, change.field] = marks.Line(
            subjects[change.level, change.subject], item, old if earlier or not apart else None, new, base, apart
        )
    return list(fresh.values()), list(lines.values())


def _audit(actor: Actor, act: Correction, lines: Collection[marks.Line], closed: int) -> None:
    ordered = sorted(
        [line.subject.level, line.subject.id, line.item.name, encode(line.old), encode(line.new)] for line in lines
    )
    detail: dict[str, object] = {
        "values": len(lines),
        "subjects": len({(line.subject.level, line.subject.id) for line in lines}),
        "facts": sorted({line.item.name for line in lines}),
        "as_of": act.as_of.isoformat(),
        "source": act.source,
        "origin": act.origin,
        "issues_closed": closed,
    }
    if act.undoes_id:
        detail["undoes"] = act.undoes_id
    audit.record(actor, CORRECT, f"correction:{act.pk}", detail, hashlib.sha256(orjson.dumps(ordered)).hexdigest())
