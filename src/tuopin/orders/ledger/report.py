"""“件件有落实”: what caused each problem, what was to be done and was, what proves it, who verified it, when
it was closed, and what somebody found who looked back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import STATES
from tuopin.platform import evidence
from tuopin.platform.documents import pdf
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import kinds, words
from ..board import names
from ..limits import day_of
from ..models import Matter, MatterEvent
from ..services import PAPER
from . import colours, current, selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

SIZE = 50
MOST = 300
"""Problems in one print."""
TEMPLATE = "orders/ledger/typst/report.typ"
_ACTS = ("progress", "done", "verify", "look_back")


@dataclass(frozen=True, slots=True)
class Settled:
    """One problem. Texts are '' where nothing is said. ``evidence``: in words, and the papers kept here."""

    row: Matter
    number: str
    colour: str
    state: Title
    source: Title
    area: str
    unit: str
    person: str
    text: str
    root_cause: str
    measure: str
    done: str
    evidence: str
    verifier: str
    verified: str
    limit: date | None
    closed: date | None
    looked_back: str

    @property
    def sign(self) -> str:
        return colours.SIGNS[self.colour]


def chosen(actor: Actor, place: AreaVersion, source: str, colour: str, now: datetime) -> Any:
    """The problems of a report, in the order of the ledger; keys that are none choose nothing away."""
    rows = selectors.problems(actor, place)
    if source in kinds.sources():
        rows = rows.filter(source=source)
    if colour in colours.COLOURS:
        rows = rows.filter(colours.within(colour, now))
    return rows.order_by("source", "pk")


def settled(actor: Actor, rows: Sequence[Matter], now: datetime) -> list[Settled]:
    """What is to be told of some problems that the reader sees; six statements, one more where any came from a
    petition."""
    hidden = words.cover(actor, rows)
    keys = [row.pk for row in rows]
    texts, entries = selectors.beside(keys)
    texts = {key: text for key, text in texts.items() if key not in hidden}
    offices = names.offices(row.holder_id for row in rows)
    people = names.people([*(row.official_id for row in rows), *(row.verifier_id for row in rows)])
    areas = names.areas(rows)
    said: dict[int, dict[str, MatterEvent]] = {}
    for event in MatterEvent.objects.filter(matter_id__in=listed(keys), act__in=_ACTS).order_by("pk"):
        event.note = "" if event.matter_id in hidden else event.note
        said.setdefault(event.matter_id, {})[event.act] = event
    papers: dict[int, list[str]] = {}
    for each in evidence.of(PAPER, keys):
        if each.about_id not in hidden:
            papers.setdefault(each.about_id, []).append(each.name or each.reference)
    for key in hidden & entries.keys():
        entries[key].evidence = entries[key].looked_back = ""
    return [
        _settled(row, now, texts.get(row.pk), entries.get(row.pk), said.get(row.pk, {}), papers.get(row.pk, []),
                 (areas.get(row.area_id, ""), offices, people))
        for row in rows
    ]  # fmt: skip


def _settled(
    row: Matter, now: datetime, text: Any, entry: Any, said: Mapping[str, MatterEvent], papers: Sequence[str],
    named: tuple[str, Mapping[int, str], Mapping[int, str]],
) -> Settled:  # fmt: skip
    area, offices, people = named
    done = said.get("done") or said.get("progress")
    verified, looked = said.get("verify"), said.get("look_back")
    written = [entry.evidence] if entry is not None and entry.evidence else []
    return Settled(
        row, entry.label if entry is not None else f"{current.OWN}{row.pk}",
        colours.of(row.state, row.limit_at, now), STATES[row.state],
        kinds.sources().get(row.source, Title("未注明", "not said")), area,
        offices.get(row.holder_id or 0, "") or (entry.unit if entry is not None else ""),
        people.get(row.official_id or 0, "") or (entry.person if entry is not None else ""),
        (text.text if text is not None else "") or row.title,
        text.root_cause if text is not None else "", text.measure if text is not None else "",
        done.note if done is not None else text.progress if text is not None else "",
        "；".join([*written, *papers]),
        (verified.actor if verified is not None else "") or people.get(row.verifier_id or 0, "")
        or (entry.verifier if entry is not None else ""),
        verified.note if verified is not None else "",
        day_of(row.limit_at) if row.limit_at is not None else None,
        timezone.localdate(row.closed_at) if row.closed_at is not None else None,
        looked.note if looked is not None else entry.looked_back if entry is not None else "",
    )  # fmt: skip


def printed(actor: Actor, place: AreaVersion, source: str, colour: str, now: datetime) -> tuple[bytes, int]:
    """The report as PDF, and how many problems it holds. Must not run inside a transaction. Raises Problem where there
    are too many for one print, or none."""
    rows = chosen(actor, place, source, colour, now)
    count = rows.count()
    if not 1 <= count <= MOST:
        raise Problem(
            "report_size",
            f"一次打印 1 至 {MOST} 件，现在是 {count} 件。请按来源、状态或下级区域缩小范围。",
            f"1 to {MOST} problems in one print, these are {count}: choose a source, a state or an area below.",
        )
    found = settled(actor, list(rows), now)
    today = timezone.localdate(now)
    whole = [sum(each.colour == key for each in found) for key in colours.COLOURS]
    data = {
        "title": f"{place.name} 整改台账“件件有落实”", "office": place.name, "day": today.isoformat(),
        "counts": [[colours.SHORT[key].zh, str(n)] for key, n in zip(colours.COLOURS, whole, strict=True)],
        "rows": [_paper(each) for each in found],
    }  # fmt: skip
    return pdf.pdf_bytes(TEMPLATE, data, today), count


def _paper(each: Settled) -> dict[str, str]:
    return {
        "number": each.number, "source": each.source.zh, "area": each.area, "unit": each.unit, "person": each.person,
        "text": each.text, "root_cause": each.root_cause, "measure": each.measure, "done": each.done,
        "evidence": each.evidence, "verifier": "：".join(one for one in (each.verifier, each.verified) if one),
        "limit": each.limit.isoformat() if each.limit else "", "looked_back": each.looked_back,
        "closed": each.closed.isoformat() if each.closed else "",
        "state": f"{each.sign} {colours.COLOURS[each.colour].zh}",
    }  # fmt: skip
