"""What the pages of results are made of: one card for each standard, and the areas below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS, KINDS
from tuopin.platform.problems import Problem
from tuopin.register.models import AreaVersion
from tuopin.register.place import LEVEL_TITLES
from tuopin.standards import results
from tuopin.standards.lifecycle.states import drafts_of
from tuopin.standards.packs import get_prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.standards import Draft, Kind, Prepared
    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import AreaResults, Counts, Incidence

SUBJECTS = {
    "household": Title("户", "households"),
    "village": Title("村", "villages"),
    "county": Title("县", "counties"),
}


@dataclass(frozen=True, slots=True)
class ItemName:
    """An item of an evaluation; ``short`` stands at the head of a column."""

    key: str
    group: str
    title: Title
    short: Title


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation with the names of its pack. ``prepared`` is None if the pack is gone or no longer loads."""

    evaluation: Evaluation
    title: Title
    pack: Title
    items: tuple[ItemName, ...]
    draft: tuple[Draft, ...]
    prepared: Prepared | None

    @property
    def kind(self) -> Kind:
        return KINDS[self.evaluation.kind]

    @property
    def subjects(self) -> Title:
        return SUBJECTS.get(self.evaluation.level, Title(self.evaluation.level, self.evaluation.level))

    @property
    def level(self) -> Title:
        return LEVEL_TITLES.get(self.evaluation.level, self.subjects)


@dataclass(frozen=True, slots=True)
class Card:
    """The results of a standard in an area: a row an item, ``overall`` first. ``linked``: the reader may see lists."""

    run: Run
    rows: tuple[tuple[ItemName, Counts], ...]
    linked: bool
    figures: AreaResults

    @property
    def overall(self) -> Counts:
        return self.rows[0][1]


@dataclass(frozen=True, slots=True)
class Below:
    """An area one level down with its overall counts by card."""

    area: AreaVersion
    pairs: tuple[tuple[Card, Counts], ...]
    incidence: Incidence | None


OVERALL = ItemName("overall", "", Title("综合判定", "Overall"), Title("综合", "overall"))


def run_of(evaluation: Evaluation) -> Run:
    """An evaluation with titles from its pack, or with bare keys where the pack cannot be read any more."""
    try:
        prepared = get_prepared(evaluation.pack, evaluation.standard, evaluation.day)
    except Problem:
        bare = [ItemName(key, "", Title(key, key), Title(key, key)) for key in evaluation.items]
        title = Title(evaluation.standard, evaluation.standard)
        return Run(evaluation, title, Title(evaluation.pack, evaluation.pack), (OVERALL, *bare), (), None)
    known = {item.key: item for item in prepared.standard.items}
    items = [
        ItemName(key, known[key].group, known[key].title, known[key].short)
        if key in known
        else ItemName(key, "", Title(key, key), Title(key, key))
        for key in evaluation.items
    ]
    draft = drafts_of(evaluation, prepared)
    return Run(evaluation, prepared.standard.title, prepared.pack.title, (OVERALL, *items), draft, prepared)


# -- results of an area -------------------------------------------------------------------------------------------

_ORDER = ("household", "village", "county")


def cards(
    actor: Actor,
    area: AreaVersion,
    below: Sequence[AreaVersion] = (),
    *,
    kinds: Sequence[str] = (CONDITIONS.key,),
) -> list[Card]:
    """The newest evaluations that cover the area, as far as the actor may see them: households first. ``kinds`` of
    standards: only conditions unless others are asked for.

    A few queries, whatever the size of the area and the number of evaluations; ``below`` asks for the areas one level
    down too.
    """
    if not results.may_view(actor, area, "area"):
        return []
    ids = [each.area_id for each in below]
    found = []
    runs = results.newest(area, *kinds)
    together = results.results_of_runs(runs, area, ids)
    for evaluation in runs:
        run, figures = run_of(evaluation), together[evaluation.pk]
        rows = tuple((item, figures.counts[item.key]) for item in run.items)
        found.append(Card(run, rows, results.may_view(actor, area, evaluation.level), figures))
    levels = [card.run.evaluation.level for card in found]
    order = {level: _ORDER.index(level) if level in _ORDER else len(_ORDER) for level in levels}
    first = {card.run.evaluation.pk: not results.is_exit(card.run.evaluation) for card in found}
    return sorted(found, key=lambda card: (order[card.run.evaluation.level], first[card.run.evaluation.pk]))


def children(area: AreaVersion) -> list[AreaVersion]:
    """The areas one level down, by code; behind them those that lay there once, of which an evaluation of then may
    still have figures."""
    found = list(AreaVersion.objects.filter(parent_id=area.area_id).order_by("code", "valid_from"))
    present = {each.area_id for each in found if each.valid_to is None}
    former = {each.area_id: each for each in found if each.area_id not in present}
    return [each for each in found if each.valid_to is None] + list(former.values())


def below(areas: Sequence[AreaVersion], shown: Sequence[Card]) -> list[Below]:
    """The areas one level down with their overall counts."""
    return [
        Below(
            child,
            tuple((card, card.figures.below.get(child.area_id, results.Counts())) for card in shown),
            next(
                (card.figures.incidence[child.area_id] for card in shown if child.area_id in card.figures.incidence),
                None,
            ),
        )
        for child in areas
        if child.valid_to is None or any(child.area_id in card.figures.below for card in shown)
    ]
