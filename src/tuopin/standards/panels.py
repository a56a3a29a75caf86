"""What standards shows on pages of other rooms: each item's verdict and everything behind it, and how to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import FROM_LETTER, KINDS, SEVERITIES
from tuopin.core.standards.explaining import missing
from tuopin.core.standards.kinds import QUALITY
from tuopin.core.standards.reaching import statuses_of
from tuopin.core.standards.wording import CONFIDENCE
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Link, Panel, Tab
from tuopin.platform.problems import Problem
from tuopin.register.record import joined
from tuopin.standards import waivers
from tuopin.standards.evaluating import area_to_evaluate, default_day, unfinished
from tuopin.standards.explaining import grounds
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import EVALUATE, VIEW
from tuopin.standards.procedures import panels as procedures
from tuopin.standards.procedures.panels import household_panels

if TYPE_CHECKING:
    from tuopin.core.standards.explaining import Cell, Counted, ItemExplanation, Member
    from tuopin.core.standards.programs import PreparedItem
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion, Import
    from tuopin.register.selectors import Placed
    from tuopin.standards.explaining.areas import Below, Failing
    from tuopin.standards.explaining.filling import Gap
    from tuopin.standards.explaining.grounds import Evidence
    from tuopin.standards.explaining.judged import Judged
    from tuopin.standards.explaining.subject import Explained
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import Counts


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
    level: str = "person"


@dataclass(frozen=True, slots=True)
class CountedView:
    """Those below whom a value of the item counts. ``href``: the whole list, where the reader may see one."""

    counted: Counted
    members: tuple[MemberView, ...]
    href: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where values stand: a sheet with its rows, the sort of source, the day it describes, how old that was on the day
    judged; ``expires``: the last day on which it counts, where the item sets an age; ``is_old``: that has passed."""

    file: str
    sheet: str
    rows: str
    as_of: str
    days: int
    source: Title
    corrected: tuple[tuple[Title, Title, str], ...]
    expires: str = ""
    is_old: bool = False


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
    counted: tuple[CountedView, ...] = ()
    gaps: tuple[Gap, ...] = ()
    limit_sources: tuple[tuple[str, Title | None], ...] = ()  # each once, with the word for how sure it is
    confidence: Title | None = None

    @property
    def unset(self) -> bool:
        """Whether a limit of it is not set: what is blank is beside the point then."""
        return any(limit.value is None for limit in self.item.limits)


@dataclass(frozen=True, slots=True)
class BelowView:
    """How a standard of a level below stands: counts and their lists ('' = not for this reader), and the first of those
    that are not met and unknown as (verdict, how many in all, who, the whole list)."""

    run: Evaluation
    title: Title
    unit: Title
    counts: Counts
    all: str
    not_met: str
    unknown: str
    groups: tuple[tuple[str, int, tuple[Failing, ...], str], ...]
    persons: tuple[tuple[Title, int], ...]


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
        "papers": explained.papers,
        "below": [_below(each) for each in explained.below or ()],
        "is_area": target.level != "household",
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
    evidence = _evidence(explained, item, source)
    counted = tuple(_counted(explained, each) for each in item.counted if each.sure or each.unsure)
    gaps = explained.gaps.get(item.key, ())
    limits = dict.fromkeys((limit.source, CONFIDENCE.get(limit.confidence)) for limit in item.limits if limit.source)
    return ItemView(
        item, missing(item.cells), members, evidence, all_members, severity, waiver, counted, gaps, tuple(limits),
        CONFIDENCE.get(item.confidence),
    )  # fmt: skip


def _below(below: Below) -> BelowView:
    listed = (("not_met", below.failing), ("unknown", below.unknown))
    groups = tuple(
        (verdict, below.counts.of(verdict), who, below.lists.get(verdict, "")) for verdict, who in listed if who
    )
    lists = below.lists
    return BelowView(
        below.run, below.title, below.unit, below.counts, lists.get("", ""), lists.get("not_met", ""),
        lists.get("unknown", ""), groups, below.persons,
    )  # fmt: skip


def _member(explained: Explained, member: Member) -> MemberView:
    number, code, name = explained.members[member.index]
    return MemberView(code, name, number, member.fails, member.cells, member.level)


def _counted(explained: Explained, counted: Counted) -> CountedView:
    """The households whom a value counts, with the list of the register that holds the same ones: by status, where the
    group is one of statuses."""
    members = tuple(_member(explained, member) for member in counted.members)
    chosen = statuses_of(explained.prepared.standard.groups[counted.group].where.root)
    if not chosen or counted.level != "household" or explained.hidden or explained.stale:  # the list is of today
        return CountedView(counted, members, "")
    query = urlencode([("registration", each) for each in chosen])
    return CountedView(counted, members, f"{reverse('console:households', args=[explained.target.code])}?{query}")


def _evidence(explained: Explained, item: ItemExplanation, source: PreparedItem) -> tuple[EvidenceView, ...]:
    """One entry for each sheet, sort of source and day; rows of several members together. What was corrected since
    names the fields that the item shows."""
    rows: dict[tuple[str, str, str, str], list[int]] = {}
    corrected: dict[tuple[str, str, str, str], dict[str, tuple[Title, Title, str]]] = {}
    kept: dict[tuple[str, str, str, str], Evidence] = {}
    blocks, aged = set(source.blocks), set(source.aged_blocks)
    titles = {cell.name: cell.title for cell in (*item.cells, *(one for each in item.members for one in each.cells))}
    old: dict[tuple[str, str, str, str], bool] = {}
    for (level, _subject, block), each in explained.evidence.items():
        if (level, block) not in blocks:
            continue
        key = (each.file, each.sheet, each.as_of.isoformat(), "" if each.file else each.kind)
        old[key] = old.get(key, False) or (level, block) in aged
        if each.kind or key not in kept:  # of those below only the ones that are spelled out say theirs
            kept[key] = each
        held = rows.setdefault(key, [])
        if each.row is not None and each.row not in held:
            held.append(each.row)
        for name in each.overrides.keys() & titles.keys():
            corrected.setdefault(key, {})[name] = (titles[name], each.source_of(name), each.recorded(name))
    day, months = explained.prepared.day, source.item.evidence_max_age
    found = []
    for key, numbers in rows.items():
        each = kept[key]
        last = grounds.expires(each.as_of, months) if old[key] else None
        found.append(
            EvidenceView(
                each.file, each.sheet, joined(sorted(numbers)), key[2], (day - each.as_of).days, each.source_of(""),
                tuple(corrected.get(key, {}).values()), "" if last is None else last.isoformat(),
                last is not None and last < day,
            )
        )  # fmt: skip
    return tuple(found)


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
