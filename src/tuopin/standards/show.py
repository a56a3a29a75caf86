"""Packs as documents: a standard with its limits of a day, and the result of testing a pack."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuopin.core.language import Exact
from tuopin.core.standards import (
    KINDS,
    SEVERITIES,
    as_published,
    prepare,
    probe,
    read_cases,
    run_cases,
    validate,
)
from tuopin.core.standards.wording import number
from tuopin.platform.catalogue import catalogue
from tuopin.standards.lifecycle.states import drafts_today
from tuopin.standards.packs import folders, get_pack, get_prepared, last_day, problems, written_pack

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards import Outcome, Pack, Prepared


def _both(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}


def show(pack_key: str, standard_key: str, day: datetime.date | None) -> dict[str, Any]:
    """A standard in full; limits of ``day``, else of the last day on which all of them have a value."""
    pack = get_pack(pack_key)
    with problems():
        standard = pack.standard(standard_key)
        day = day or last_day(pack, standard_key)
    prepared = get_prepared(pack_key, standard_key, day)
    return {
        "standard": standard.key,
        "kind": standard.kind.key,
        "pack": pack.key,
        "version": pack.version,
        "digest": pack.digest,
        "on": day.isoformat(),
        "level": standard.level,
        "title": _both(standard.title),
        "applies": standard.applies.text if standard.applies else None,
        "items": [
            {
                "key": item.key, "group": item.item.group, "title": _both(item.item.title), "test": item.item.written,
                "applies": item.item.applies.text if item.item.applies else None, "source": item.item.source,
                "confidence": item.item.confidence, "parameters": list(item.parameters), "not_set": list(item.unset),
                "waiting": [
                    {"fact": name, "room": prepared.awaited[name].room, "reason": _both(prepared.awaited[name].waiting)}
                    for name in item.waiting
                ],
                "severity": item.item.severity, "do": _both(item.item.advice) if item.item.advice else None,
            }
            for item in prepared.items
        ],
        "parameters": [_parameter(prepared, name) for name in prepared.values],
        "draft": [
            {"key": draft.key, "kind": draft.kind, "title": _both(draft.title), "reason": _both(draft.reason)}
            for draft in drafts_today(prepared)
        ],
    }  # fmt: skip


def _parameter(prepared: Prepared, name: str) -> dict[str, Any]:
    parameter, value = prepared.pack.parameters[name], prepared.values[name]
    found: dict[str, Any] = {"name": name, "title": _both(parameter.title), "open": parameter.open, "value": None}
    if value is not None:
        found |= {
            "value": _both(number(Exact(value.value, 10**parameter.scale), parameter.unit)),
            "from": value.valid_from.isoformat(), "source": value.source, "confidence": value.confidence,
        }  # fmt: skip
    return found


def show_text(document: dict[str, Any], title: Callable[[Any], str]) -> str:
    """The document of :func:`show` for a terminal."""
    expression = KINDS[document["kind"]].expression
    lines = [f"{title(document['title'])}  [{document['pack']} {document['version']}]  {document['on']}"]
    if document["applies"]:
        lines.append(f"  applies: {document['applies']}")
    for item in document["items"]:
        lines += [
            "",
            f"{item['group']:>3}  {title(item['title'])} [{item['key']}]",
            f"     {expression}: {item['test']}",
        ]
        if item["applies"]:
            lines.append(f"     applies: {item['applies']}")
        if item["severity"]:
            lines.append(f"     {title(SEVERITIES[item['severity']])} · {title(item['do'])}")
        lines += [f"     {each['fact']}: {title(each['reason'])}" for each in item["waiting"]]
        lines.append(f"     {item['source']} ({item['confidence']})")
    lines.append("")
    for each in document["parameters"]:
        value = (
            f"{title(each['value'])} ({each['from']} →, {each['confidence']})  {each['source']}"
            if each["value"]
            else "– (open)"
        )
        lines.append(f"{title(each['title'])} [{each['name']}]: {value}")
    lines += [
        "",
        *(f"draft  {each['key']}: {title(each['title'])} — {title(each['reason'])}" for each in document["draft"]),
    ]
    return "\n".join(lines)


def outcomes_of(pack_key: str) -> tuple[Outcome, ...]:
    """The cases of a pack, judged; again only when one of its files has changed."""
    pack, folder = written_pack(pack_key), folders()[pack_key]
    stamps = tuple((path.name, path.stat().st_mtime_ns) for path in sorted((folder / "cases").glob("*.toml")))
    return _outcomes(pack_key, pack.digest, stamps)


@lru_cache(maxsize=8)
def _outcomes(pack_key: str, _digest: str, _stamps: tuple[tuple[str, int], ...]) -> tuple[Outcome, ...]:
    pack = written_pack(pack_key)
    with problems():
        return tuple(run_cases(pack, catalogue(), read_cases(folders()[pack_key], pack, catalogue())))


def _as_published(pack: Pack, standard: str) -> Prepared:
    """Rules that wait for data of another room are probed as if they were there."""
    whole = as_published(catalogue(), *pack.with_used(standard))
    return prepare(pack, standard, whole, last_day(pack, standard))


def check_pack(key: str, seed: int) -> dict[str, Any]:
    """Load a pack, run its cases and probe its standards on a register generated from ``seed``."""
    pack = written_pack(key)
    with problems():
        validate(pack, catalogue())
        outcomes = run_cases(pack, catalogue(), read_cases(folders()[key], pack, catalogue()))
        warnings = [
            (standard, warning)
            for standard in pack.standards
            for warning in probe(_as_published(pack, standard), seed=seed)
        ]
    return {
        "pack": key,
        "version": pack.version,
        "cases": len(outcomes),
        "failed": [
            {
                "file": outcome.case.file, "name": _both(outcome.case.name),
                "differences": [
                    {"key": what, "expected": expected, "found": found} for what, expected, found in outcome.differences
                ],
            }
            for outcome in outcomes
            if not outcome.passed
        ],
        "probe": [
            {
                "standard": standard, "item": warning.item, "kind": warning.kind,
                "message": {"zh": warning.zh, "en": warning.en},
            }
            for standard, warning in warnings
        ],
    }  # fmt: skip
