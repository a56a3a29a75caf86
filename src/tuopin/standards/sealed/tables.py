"""Results from seals as pages and files show them."""

from __future__ import annotations

import csv
import datetime
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Problem
from tuopin.standards.packs import get_pack, get_prepared, problems
from tuopin.standards.sealed import selectors, services
from tuopin.standards.sealed.together import LATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation, SealedEvaluation
    from tuopin.standards.sealed.files import AreaCounts
    from tuopin.standards.sealed.selectors import Registered, Shown

VERDICTS = ("met", "not_met", "unknown", "not_applicable")
OVERALL = Title("综合判定", "Overall")
STATES = {
    "sound": Title("接续完好", "sound"),
    "rewritten": Title("历史被改写", "history rewritten"),
    "unreachable": Title("读不到", "unreachable"),
}


def title(pack: str, standard: str) -> Title:
    """The title of a standard; its key where the pack is gone."""
    try:
        with problems():
            return get_pack(pack).standard(standard).title
    except Problem:
        return Title(standard, standard)


def named(run: Evaluation) -> dict[str, Any]:
    """A stored evaluation, to choose from."""
    return {"number": run.pk, "day": run.day, "title": title(run.pack, run.standard), "at": run.finished_at}


def line(row: SealedEvaluation) -> dict[str, Any]:
    """A result in one line of a list."""
    return {
        "number": row.pk, "title": title(row.pack, row.standard), "day": row.day, "at": row.finished_at,
        "overall": counts(row.tally.get("overall", {})), "seals": [seal(each) for each in row.sources],
        "left_out": len(row.left_out), "against": services.said(row.against) if row.against else None,
        "differs": _differs(row.against),
    }  # fmt: skip


def _differs(against: dict[str, Any] | None) -> bool:
    return against is not None and bool(against["differ"] + against["only_stored"] + against["only_sealed"])


def counts(found: dict[str, int]) -> list[tuple[str, int]]:
    """Verdicts with how many have them, in the order of columns."""
    return [(verdict, found.get(verdict, 0)) for verdict in VERDICTS]


def seal(source: dict[str, Any]) -> dict[str, Any]:
    """A seal as a result names it, with its day here and the beginning of its hash."""
    at = datetime.datetime.fromisoformat(source["sealed_at"])
    return source | {"at": timezone.localtime(at), "short": source["digest"][:12]}


def instance(found: Registered) -> dict[str, Any]:
    """A registered instance with the age of its newest seal."""
    newest = found.newest
    age = (timezone.localdate() - timezone.localdate(newest.sealed_at)).days if newest else None
    return {
        "row": found.row, "area": found.area, "newest": newest, "seals": found.seals, "age": age,
        "late": age is not None and age > LATE, "state": STATES[found.row.state], "sound": found.row.state == "sound",
        "short": newest.digest[:12] if newest else "",
    }  # fmt: skip


def page(shown: Shown) -> dict[str, Any]:
    """What the page of a result shows."""
    row = shown.row
    keys = ["overall", *row.items]
    titles = _titles(row)
    total = shown.area.counts if shown.area else None
    lines = [
        {
            "title": titles.get(key, OVERALL),
            "counts": list(zip(VERDICTS, total[at], strict=True)) if total else counts(row.tally.get(key, {})),
        }
        for at, key in enumerate(keys)
    ]
    names = {each["order"]: each["name"] for each in row.sources}
    against = row.against
    return {
        "row": row, "title": title(row.pack, row.standard), "shown": shown, "items": lines,
        "pack": _pack(row), "sources": [seal(each) for each in row.sources], "facts": _facts(row),
        "packs_then": [
            seal(each)
            for each in row.sources
            if each.get("pack_then") and each["pack_then"]["digest"] != row.pack_digest
        ],
        "older": [seal(each) for each in row.sources if each["older"]],
        "late": [seal(each) for each in row.sources if each.get("late")],
        "below": [_below(row, each, names) for each in shown.below],
        "cities": [_below(row, each, names) for each in shown.cities],
        "counties": [_below(row, each, names) for each in shown.counties],
        "against": against, "said": services.said(against) if against else None,
        "differs": _differs(against),
        "differing": [(titles.get(key, OVERALL), n) for key, n in against["items"].items()] if against else [],
        "draft": _draft(row),
    }  # fmt: skip


def _draft(row: SealedEvaluation) -> list[dict[str, Title]]:
    """What was unconfirmed when it was judged, by its title."""
    try:
        prepared = get_prepared(row.pack, row.standard, row.day)
    except Problem:
        return [{"title": Title(each, each)} for each in row.draft]
    known = {each.key: each.title for each in prepared.draft}
    return [{"title": known.get(each, Title(each, each))} for each in row.draft]


def _pack(row: SealedEvaluation) -> Title:
    try:
        with problems():
            return get_pack(row.pack).title
    except Problem:
        return Title(row.pack, row.pack)


def _titles(row: SealedEvaluation) -> dict[str, Title]:
    try:
        with problems():
            return {item.key: item.short for item in get_pack(row.pack).standard(row.standard).items}
    except Problem:
        return {key: Title(key, key) for key in row.items}


def _facts(row: SealedEvaluation) -> tuple[str, str] | None:
    """The oldest and the newest date of anything that was read."""
    if not row.facts:
        return None
    return min(oldest for oldest, _newest in row.facts.values()), max(newest for _oldest, newest in row.facts.values())


def _below(row: SealedEvaluation, area: AreaCounts, names: dict[int, str]) -> dict[str, Any]:
    query = {"in": area.code} | ({"of": str(area.part)} if row.joint else {})
    return {
        "area": area, "overall": list(zip(VERDICTS, area.counts[0], strict=True)), "total": sum(area.counts[0]),
        "href": "" if area.level == "village" else f"?{urlencode(query)}", "instance": names.get(area.part, ""),
    }  # fmt: skip


_HEADS = ("household_code", "subject", "area_code")


def csv_rows(actor: Actor, row: SealedEvaluation) -> Iterator[str]:
    """A result's rows as CSV, piece by piece."""
    shown = [each["name"] for each in row.shown]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow((*_HEADS, "overall", *row.items, *shown))
    yield "\ufeff" + _taken(buffer)
    for chunk in selectors.rows(actor, row):
        for code, number, area, letters, facts in chunk:
            values = facts.split("|") if shown else []
            writer.writerow((_text(code), number, _text(area), *selectors.words(letters), *values))
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _text(value: str) -> str:
    """A code as text: another instance's may begin like a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
