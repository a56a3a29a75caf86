"""The verdict of a subject kept with everything it rests on, so that it can be shown, and judged again, years later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import Judge
from tuopin.core.standards.explaining import explain_judgement
from tuopin.platform.auditing.audit import canonical
from tuopin.standards.lifecycle.states import drafts_today
from tuopin.standards.statements import Choice
from tuopin.standards.subject import ID, Loaded, SubjectReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuopin.core.procedures import Doubts
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.explaining import Cell, ItemExplanation
    from tuopin.standards.subject import Subject

WITHHELD = Title("（不在您的授权内）", "(outside your grants)")


@dataclass(frozen=True, slots=True)
class Frozen:
    """``document`` holds pack, parameters, day, verdicts, values and the inputs; ``digest`` is its SHA-256."""

    overall: str
    document: dict[str, Any]
    digest: str


def freeze(
    prepared: Prepared, codes: Mapping[int, str], doubts: Mapping[int, list[dict[str, Any]]] | None = None
) -> dict[int, Frozen]:
    """Judge subjects of the standard's level (id → code) on its day; those not on the register that day are left out.
    ``doubts`` (of :func:`doubts_of`) are kept with the verdict. The number of statements does not grow with theirs."""
    level = prepared.standard.level
    known = Loaded({}, {level: codes}, {}, {}, {})
    reader = SubjectReader(prepared, Choice(level, tuple(sorted(codes))), known)
    draft = [_both(each.title) for each in drafts_today(prepared)]
    judge = Judge(prepared)
    found = {}
    for subject in reader.read():
        judgement = judge(subject)
        explained = explain_judgement(prepared, judgement, subject, judge.shown(judgement))
        document = _document(prepared, explained.overall, explained.items, subject) | {"draft": draft}
        if doubts is not None:
            document["doubts"] = doubts.get(int(str(subject[ID])), [])
        digest = hashlib.sha256(canonical(document)).hexdigest()
        found[int(str(subject[ID]))] = Frozen(explained.overall, document, digest)
    return found


def doubts_of(prepared: Prepared, codes: Mapping[int, str], rule: Doubts) -> dict[int, list[dict[str, Any]]]:
    """What the rules find in each subject if the procedure ended on the standard's day: title and what to do."""
    level = prepared.standard.level
    reader = SubjectReader(prepared, Choice(level, tuple(sorted(codes))), Loaded({}, {level: codes}, {}, {}, {}))
    as_if = {name: prepared.day if value == "day" else value for name, value in rule.as_if.items()}
    judge, titles = Judge(prepared), {item.key: item.item for item in prepared.items}
    found = {}
    for subject in reader.read():
        verdicts = judge(subject | as_if).items
        found[int(str(subject[ID]))] = [
            {"title": _both(titles[key].title), "do": _both(titles[key].advice)}
            for key in rule.items
            if verdicts.get(key) == prepared.kind.points_at
        ]
    return found


def limits_missing(documents: Iterable[Mapping[str, Any]]) -> dict[str, Title]:
    """The limits without a value that verdicts rest on: parameter → title."""
    return {
        limit["name"]: _title(limit["title"]) or Title(limit["name"], limit["name"])
        for document in documents
        for item in document["items"]
        if item["verdict"] == "unknown"
        for limit in item["limits"]
        if limit["value"] is None
    }


def _document(prepared: Prepared, overall: str, items: tuple[ItemExplanation, ...], subject: Subject) -> dict[str, Any]:
    return {
        "standard": prepared.standard.key,
        "title": _both(prepared.standard.title),
        "kind": prepared.kind.key,
        "pack": prepared.pack.key,
        "pack_version": prepared.pack.version,
        "pack_digest": prepared.pack.digest,
        "parameter_hash": prepared.parameter_hash,
        "on": prepared.day.isoformat(),
        "overall": overall,
        "items": [_item(each) for each in items],
        "inputs": _plain(subject),
    }


def _both(title: Title | None) -> dict[str, str] | None:
    return None if title is None else {"zh": title.zh, "en": title.en}


def _item(item: ItemExplanation) -> dict[str, Any]:
    return {
        "key": item.key,
        "title": _both(item.title),
        "verdict": item.verdict,
        "reason": _both(item.reason),
        "test": item.test,
        "source": item.source,
        "distances": [_both(each) for each in item.distances],
        "limits": [
            {"name": each.name, "title": _both(each.title), "value": _both(each.value), "source": each.source}
            for each in item.limits
        ],
        "cells": [_cell(each) for each in item.cells],
        "members": [
            {"index": each.index, "fails": each.fails, "cells": [_cell(cell) for cell in each.cells]}
            for each in item.members
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"name": cell.name, "title": _both(cell.title), "value": _both(cell.value), "class": cell.field_class,
            "blank": cell.blank}  # fmt: skip


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def is_whole(document: Mapping[str, Any], digest: str) -> bool:
    """Whether a stored document is still the one that was frozen."""
    return hashlib.sha256(canonical(document)).hexdigest() == digest


def shown(document: Mapping[str, Any], classes: frozenset[str] | None) -> list[dict[str, Any]]:
    """The items for a page: texts as titles, values of classes that are not open withheld, the inputs left out."""

    def cells(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "title": _title(each["title"]),
                "value": _title(each["value"]) if classes is None or each["class"] in classes else WITHHELD,
            }
            for each in listed
        ]

    return [
        {
            "key": item["key"],
            "title": _title(item["title"]),
            "verdict": item["verdict"],
            "limits": [{"value": _title(each["value"]), "source": each["source"]} for each in item["limits"]],
            "cells": cells(item["cells"]),
            "members": len(item["members"]),
        }
        for item in document["items"]
    ]


def _title(both: Mapping[str, str] | None) -> Title | None:
    return None if both is None else Title(both["zh"], both["en"])
