"""An explanation as JSON can hold it: the same facts for programs, the command line and whoever keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.standards.explaining import missing
from tuopin.standards.explaining.subject import expiry

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.explaining import Cell, ItemExplanation, Member
    from tuopin.standards.explaining.areas import Below, Failing
    from tuopin.standards.explaining.filling import Gap
    from tuopin.standards.explaining.subject import Explained


def document(explained: Explained) -> dict[str, object]:
    """The explanation as JSON can hold it; titles and values in both languages."""
    prepared = explained.prepared
    return {
        "subject": explained.target.code,
        "level": explained.target.level,
        "standard": prepared.standard.key,
        "kind": prepared.kind.key,
        "pack": prepared.pack.key,
        "pack_version": prepared.pack.version,
        "on": prepared.day.isoformat(),
        "draft": [draft.key for draft in explained.drafts],
        "overall": explained.explanation.overall,
        "evaluation": explained.stored.pk if explained.stored else None,
        "differs_from_stored": explained.differs,
        "data_changed_since": explained.stale,
        "facts": dict(explained.explanation.shown),
        "items": [_item(explained, item) for item in explained.explanation.items],
        "below": [_below(each) for each in explained.below or ()],
        "helpers": list(explained.helpers),
        "papers": [
            {
                "name": each.name,
                "day": each.day.isoformat(),
                "days": each.days,
                "valid_until": each.valid_until.isoformat() if each.valid_until else None,
                "file": each.href or None,
                "procedure": each.procedure,
            }
            for each in explained.papers
        ],
    }


def _both(title: Title | None) -> dict[str, str] | None:
    return None if title is None else {"zh": title.zh, "en": title.en}


def _item(explained: Explained, item: ItemExplanation) -> dict[str, object]:
    return {
        "key": item.key,
        "group": item.group,
        "title": _both(item.title),
        "verdict": item.verdict,
        "severity": item.severity,
        "do": _both(item.advice),
        "reason": _both(item.reason),
        "missing": _both(missing(item.cells)),
        "distance": [_both(each) for each in item.distances],
        "turns": [_both(each) for each in item.turns],
        "unconfirmed": [_both(each) for each in item.unconfirmed] if item.draft else [],
        "fill": [_gap(each) for each in explained.gaps.get(item.key, ())],
        "failing": item.failing,
        "unsure": item.unsure,
        "test": item.test,
        "applies": item.applies or None,
        "source": item.source,
        "confidence": item.confidence,
        "draft": item.draft,
        "values": [{"name": each.name, "title": _both(each.title), "value": _both(each.value)} for each in item.named],
        "limits": [
            {
                "name": limit.name, "title": _both(limit.title), "value": _both(limit.value),
                "from": limit.valid_from or None, "source": limit.source, "confidence": limit.confidence or None,
            }
            for limit in item.limits
        ],
        "cells": [_cell(explained, cell, None) for cell in item.cells],
        "members": [_member(explained, member) | {"fails": member.fails} for member in item.members],
        "counted": [
            {
                "group": each.group, "title": _both(each.title), "level": each.level, "sure": each.sure,
                "unsure": each.unsure,
                "members": [_member(explained, member) | {"counts": member.fails} for member in each.members],
            }
            for each in item.counted
        ],
        "expires": _expires(explained, item),
    }  # fmt: skip


def _member(explained: Explained, member: Member) -> dict[str, object]:
    _key, code, name = explained.members[member.index]
    return {
        "level": member.level, "code": code, "name": name,
        "cells": [_cell(explained, cell, member.index) for cell in member.cells],
    }  # fmt: skip


def _expires(explained: Explained, item: ItemExplanation) -> str | None:
    """The last day on which all evidence of the item counts."""
    last = expiry(explained, item.key)
    return None if last is None else last.isoformat()


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "name": gap.name, "title": _both(gap.title), "blank_of": gap.number, "workbook": _both(gap.kind),
        "header": gap.header, "who": _both(gap.who), "lists": [_both(each) for each in gap.lists],
        "roles": [_both(each) for each in gap.roles], "form": gap.form or None,
        "import": gap.workbook or None, "pack": gap.pack or None,
    }  # fmt: skip


def _below(below: Below) -> dict[str, object]:
    return {
        "standard": below.run.standard, "level": below.run.level, "evaluation": below.run.pk,
        "on": below.run.day.isoformat(), "title": _both(below.title),
        "counts": {name: below.counts.of(name) for name in ("met", "not_met", "unknown", "not_applicable")},
        "not_met": [_failing(each) for each in below.failing], "unknown": [_failing(each) for each in below.unknown],
        "lists": dict(below.lists),
        "persons": [{"title": _both(name), "number": count} for name, count in below.persons],
    }  # fmt: skip


def _failing(each: Failing) -> dict[str, object]:
    return {"code": each.code, "name": each.name, "items": [_both(item) for item in each.items]}


def _cell(explained: Explained, cell: Cell, member: int | None) -> dict[str, object]:
    evidence = explained.source(cell, member)
    return {
        "name": cell.name,
        "title": _both(cell.title),
        "value": _both(cell.value),
        "blank": cell.blank,
        "absent": cell.absent,
        "evidence": None if evidence is None else {
            "file": evidence.file, "sheet": evidence.sheet, "row": evidence.row, "as_of": evidence.as_of.isoformat(),
            "days": (explained.prepared.day - evidence.as_of).days,
            "source": evidence.overrides[cell.name][0] if cell.name in evidence.overrides else evidence.kind,
            "corrected": evidence.recorded(cell.name) or None,
        },
    }  # fmt: skip
