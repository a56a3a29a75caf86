"""What standards shows on pages of other rooms: each item's verdict and everything behind it, and how to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import FROM_LETTER, KINDS, SEVERITIES
from tuopin.core.standards.explaining import missing
from tuopin.core.standards.kinds import QUALITY
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Link, Panel, Tab
from tuopin.platform.problems import Problem
from tuopin.register.record import joined
from tuopin.standards import waivers
from tuopin.standards.evaluating import area_to_evaluate, default_day, unfinished
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import EVALUATE, VIEW
from tuopin.standards.procedures import panels as procedures
from tuopin.standards.procedures.panels import household_panels

if TYPE_CHECKING:
    from tuopin.core.standards.explaining import Cell, ItemExplanation, Member
    from tuopin.core.standards.programs import PreparedItem
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion, Import
    from tuopin.register.selectors import Placed
    from tuopin.standards.explain import Explained, Judged
    from tuopin.standards.models import Evaluation


__all__ = [
    "JUDGED",
    "after_import",
    "area_tabs",
    "evaluate_panel",
    "household_events",
    "household_panels",
    "verdict_panel",
]

JUDGED = "standards.judged"
"""In the memo of a placed household: the evaluations in which it was judged, the newest first."""


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """The evaluations of the household, each with its overall verdict, and what was done in procedures."""
    done = procedures.household_events(actor, placed)
    judged: list[Judged] = placed.memo.get(JUDGED, [])
    if not may(actor, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        return done
    found = done
    for each in judged:
        run = each.evaluation
        kind = KINDS[run.kind]
        if kind.overall is None:
            continue
        verdict = kind.said(FROM_LETTER[each.letters[0]], overall=True).title
        title = _title(run)
        found.append(
            Event(
                run.day,
                "evaluation",
                Title(f"{title.zh}：{verdict.zh}", f"{title.en}: {verdict.en}"),
                source=f"{run.pack} {run.pack_version}",
            )
        )
    return found


def _title(run: Evaluation) -> Title:
    try:
        return get_prepared(run.pack, run.standard, run.day).standard.title
    except Problem:  # the pack is gone, or no longer loads
        return Title(run.standard, run.standard)


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody below who fails the item, or of whom it is unknown. ``anchor`` is the row in the list of members."""

    code: str
    name: str
    anchor: int
    fails: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where values stand: a sheet with its rows, the day it describes, and how old that was on the day judged."""

    file: str
    sheet: str
    rows: str
    as_of: str
    days: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as the page prints it."""

    item: ItemExplanation
    missing: Title | None
    members: tuple[MemberView, ...]
    evidence: tuple[EvidenceView, ...]
    all_members: bool  # met, and that rests on each of the members below
    severity: Title | None = None
    waiver: waivers.Vouched | None = None


def verdict_panel(explained: Explained) -> Panel:
    """The items of one standard for one subject, first on its page."""
    prepared, kind, target = explained.prepared, explained.prepared.kind, explained.target
    vouched = explained.vouched or {}
    if explained.vouched is None and kind is QUALITY:
        vouched = waivers.of_subject(prepared.standard.key, target.level, target.subject_id)
    items = [
        _item(explained, item, source, vouched.get(item.key))
        for item, source in zip(explained.explanation.items, prepared.items, strict=True)
    ]
    content: dict[str, object] = {
        "explained": explained,
        "prepared": prepared,
        "overall": explained.explanation.overall if kind.overall is not None else "",
        "words": f"{kind.key}:overall",
        "kind": kind,
        "items": items,
        "draft": explained.drafts,
        "day": prepared.day,
    }
    if kind.true_points:  # few of many are found: the others are counted
        content |= {
            "found": sorted((view for view in items if view.item.verdict == kind.points_at), key=_rank),
            "unknown": [view for view in items if view.item.verdict == "unknown"],
            "others": sum(view.item.verdict not in {kind.points_at, "unknown"} for view in items),
        }
    template = "standards/panel_found.html" if kind.true_points else "standards/panel_verdict.html"
    return Panel(f"verdict-{prepared.standard.key}", prepared.standard.title, template, 0, content)


def _rank(view: ItemView) -> tuple[bool, int]:
    """What is open first, the gravest of it on top."""
    severity = view.item.severity
    return view.waiver is not None, list(SEVERITIES).index(severity) if severity else 0


def _item(
    explained: Explained, item: ItemExplanation, source: PreparedItem, waiver: waivers.Vouched | None
) -> ItemView:
    members = tuple(_member(explained, member) for member in item.members)
    all_members = item.verdict == "met" and not item.cells and not item.named
    severity = SEVERITIES[item.severity] if item.severity else None
    evidence = _evidence(explained, source)
    return ItemView(item, missing(item.cells), members, evidence, all_members, severity, waiver)


def _member(explained: Explained, member: Member) -> MemberView:
    number, code, name = explained.members[member.index]
    return MemberView(code, name, number, member.fails, member.cells)


def _evidence(explained: Explained, item: PreparedItem) -> tuple[EvidenceView, ...]:
    """One entry for each sheet and day; rows of several members together."""
    rows: dict[tuple[str, str, str, int], list[int]] = {}
    blocks = set(item.blocks)
    for (level, _subject, block), each in explained.evidence.items():
        if (level, block) not in blocks:
            continue
        days = (explained.prepared.day - each.as_of).days
        held = rows.setdefault((each.file, each.sheet, each.as_of.isoformat(), days), [])
        if each.row is not None and each.row not in held:
            held.append(each.row)
    return tuple(
        EvidenceView(file, sheet, joined(sorted(numbers)), as_of, days)
        for (file, sheet, as_of, days), numbers in rows.items()
    )


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """What the rules of data quality find in an area, and its procedures."""
    if not may(actor, VIEW, area_path=area.path):
        return procedures.area_tab(actor, area)
    own = [Tab("quality", Title("数据质量", "Data quality"), f"{reverse('standards:quality')}?area={area.code}", 32)]
    return [*own, *procedures.area_tab(actor, area)]


def evaluate_panel(actor: Actor, area: AreaVersion, *, again: bool) -> Panel | None:
    """The small form that has an area evaluated; None for those who may not. ``again``: it has been before."""
    if not may(actor, EVALUATE, area_path=area.path):
        return None
    waiting = unfinished(actor, area.code)
    content: dict[str, object] = {
        "area": area,
        "again": again,
        "job": waiting[0] if waiting else None,
        "day": default_day(area).isoformat(),
        "today": timezone.localdate(),
    }
    title = Title("重新核查", "Evaluate again") if again else Title("核查", "Evaluate")
    return Panel("evaluate", title, "standards/panel_evaluate.html", 0, content)


def after_import(actor: Actor, record: Import) -> list[Link]:
    """After an import the verdicts are those of before it, until the area is evaluated again."""
    if record.undone_at is not None:
        return []
    area = area_to_evaluate(actor, record.path)
    if area is None:
        note = Title(
            "判定还是导入之前的：请县级扶贫办或指挥部重新核查。",
            "The verdicts are those of before: the county office or the headquarters evaluates again.",
        )
        return [Link(Title("重新核查", "Evaluate again"), "", 10, note)]
    return [
        Link(
            Title(f"重新核查：{area.name}", f"Evaluate {area.name}"),
            f"{reverse('standards:evaluate')}?area={area.code}",
            10,
            Title(
                "判定还是导入之前的；核查之后这次导入不能再撤销。",
                "The verdicts are those of before. Once it is evaluated this import can no longer be undone.",
            ),
        )
    ]
