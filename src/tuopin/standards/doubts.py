"""What rules of data quality find in an area: by rule, open and waived; and what lists of subjects get from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import QUALITY, SEVERITIES
from tuopin.platform.lists import Column, FlagFilter
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import subtree

from . import results, waivers
from .area_figures import of_areas
from .models import Finding, Verdict
from .packs import get_prepared
from .telling import closed_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.standards import Item, Prepared
    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Reader, Row
    from tuopin.platform.lists.filters import Filter

    from .models import Evaluation

NOT_WAIVED = Title("—", "—")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in an area: of how many subjects it finds a doubt, how many of these are waived, of how many it cannot
    be told; ``waiting``: why it cannot be told of anybody yet. ``below``: found by area one level down. ``closed``: the
    reader is told its doubts alone (``telling``)."""

    run: Evaluation
    item: Item
    severity: Title
    found: int
    waived: int
    unknown: int
    waiting: Title | None
    below: tuple[tuple[AreaVersion, int], ...]
    closed: bool = False

    @property
    def open(self) -> int:
        return max(0, self.found - self.waived)


@dataclass(frozen=True, slots=True)
class Doubts:
    """One standard of data quality in an area. ``linked``: the reader may see the lists behind the numbers."""

    run: Evaluation
    prepared: Prepared
    rules: tuple[Rule, ...]
    linked: bool

    @property
    def open(self) -> int:
        return sum(rule.open for rule in self.rules)


def of_area(actor: Actor, area: AreaVersion, below: Sequence[AreaVersion] = ()) -> list[Doubts]:
    """The newest evaluations of data quality that cover the area, as far as the actor may see them; households first.

    Three queries an evaluation, whatever the size of the area. One whose pack no longer loads is left out.
    """
    if not results.may_view(actor, area, "area"):
        return []
    found = []
    for run in results.newest(area, QUALITY.key):
        try:
            prepared = get_prepared(run.pack, run.standard, run.day)
        except Problem:
            continue
        found.append(_doubts(actor, area, run, prepared, below))
    order = {level: at for at, level in enumerate(("household", "village"))}
    return sorted(found, key=lambda each: (order.get(each.run.level, 9), each.run.standard))


def _doubts(
    actor: Actor, area: AreaVersion, run: Evaluation, prepared: Prepared, below: Sequence[AreaVersion]
) -> Doubts:
    figures = of_areas(run, [area.area_id, *(each.area_id for each in below)])
    own = figures.get(area.area_id)
    waived = _waived(area, run)
    closed = closed_for(actor, run, area.path)
    rules = []
    for each in prepared.items:
        if each.key not in run.items:
            continue
        _met, found, unknown, _na = own.tally.get(each.key, (0, 0, 0, 0)) if own else (0, 0, 0, 0)
        parts = tuple(
            (area_below, figures[area_below.area_id].tally.get(each.key, (0, 0, 0, 0))[1])
            for area_below in below
            if area_below.area_id in figures
        )
        waiting = prepared.awaited[each.waiting[0]].waiting if each.waiting else None
        severity = SEVERITIES[each.item.severity or "doubt"]
        vouched = waived.get(each.key, 0)
        rules.append(Rule(run, each.item, severity, found, vouched, unknown, waiting, parts, each.key in closed))
    return Doubts(run, prepared, tuple(rules), results.may_view(actor, area, run.level))


def _waived(area: AreaVersion, run: Evaluation) -> dict[str, int]:
    """How many doubts of the evaluation in the area are waived today, by item: where the evaluation found them, which
    need not be where the household lived when somebody vouched for it."""
    low, high = subtree(results.as_of_day(area, run))
    villages = AreaVersion.objects.filter(path__gte=low, path__lt=high, level="village", valid_from__lte=run.day)
    there = Finding.objects.filter(
        evaluation=run, item=OuterRef("item"), verdict="not_met", subject_id=OuterRef("subject_id"),
        area_id__in=villages.values("area_id"),
    )  # fmt: skip
    standing = waivers.in_force(run.standard).filter(Exists(there), level=run.level)
    return dict(standing.values_list("item").annotate(Count("pk")))


# -- lists of households and villages ---------------------------------------------------------------------------------


def filters_and_columns(
    run: Evaluation, prepared: Prepared | None, reader: Reader, subject: str
) -> tuple[tuple[Filter[Any], ...], tuple[Column, ...]]:
    """For a list narrowed by a standard of data quality: which rules find something, until when it is waived, and the
    filter of what is still open."""
    item = reader.given.get("item", "")
    item = item if item in run.items else ""
    titles = {each.key: each.title for each in prepared.standard.items} if prepared else {}
    columns = (
        Column("doubts", Title("发现的疑点", "Doubts found"), load=partial(_found, run, titles, subject),
               needs=(subject,), blank=Title("无", "none")),
        Column("waived_until", Title("已核实至", "Vouched for until"), "date",
               load=partial(_until, run, item, subject), needs=(subject,), blank=NOT_WAIVED, optional=not item),
    )  # fmt: skip
    waived = FlagFilter(
        "waived", Title("核实", "Checked"), narrow=partial(_narrow, run, item, subject),
        yes=Title("已核实无误", "vouched for"), no=Title("待处理", "open"),
    )  # fmt: skip
    return (waived,), columns


def _found(
    run: Evaluation, titles: Mapping[str, Title], subject: str, _reader: Reader, rows: Sequence[Row]
) -> Mapping[Any, Any]:
    by_subject = {row[subject]: row["pk"] for row in rows}
    letters = Verdict.objects.filter(evaluation=run, subject_id__in=by_subject).values_list("subject_id", "letters")
    found = {}
    for key, word in letters:
        named = [titles.get(item, Title(item, item)) for item, letter in zip(run.items, word[1:], strict=True)
                 if letter == "n"]  # fmt: skip
        found[by_subject[key]] = (
            Title("；".join(t.zh for t in named), "; ".join(t.en for t in named)) if named else None
        )
    return found


def _until(run: Evaluation, item: str, subject: str, _reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    by_subject = {row[subject]: row["pk"] for row in rows}
    standing = waivers.in_force(run.standard, item).filter(level=run.level, subject_id__in=by_subject)
    return {by_subject[key]: until for key, until in standing.order_by("-until").values_list("subject_id", "until")}


def _narrow(
    run: Evaluation, item: str, subject: str, rows: QuerySet[Any], _reader: Reader, wanted: bool
) -> QuerySet[Any]:
    """Waived, or with a doubt still open. The subjects are named in the statement: a count that was kept of it before a
    waiver is not taken for one after it."""
    standing: dict[int, set[str]] = {}
    for key, code in waivers.in_force(run.standard, item).filter(level=run.level).values_list("subject_id", "item"):
        standing.setdefault(key, set()).add(code)
    if wanted:
        return rows.filter(**{f"{subject}__in": listed(standing)})
    closed = set(standing)
    if not item:
        words = Verdict.objects.filter(evaluation=run, subject_id__in=listed(standing))
        closed = {
            key for key, word in words.values_list("subject_id", "letters")
            if {code for code, letter in zip(run.items, word[1:], strict=True) if letter == "n"} <= standing[key]
        }  # fmt: skip
    doubtful = Finding.objects.filter(evaluation=run, item__in=[item] if item else run.items, verdict="not_met")
    return rows.filter(**{f"{subject}__in": doubtful.values("subject_id")}).exclude(
        **{f"{subject}__in": listed(closed)}
    )
