"""What the pages of results are made of: where a reader begins, and one card for each standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import visible_ids
from tuopin.platform.problems import Problem
from tuopin.register.models import AreaVersion, Household
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import LEVEL_TITLES
from tuopin.standards import results
from tuopin.standards.packs import get_prepared

if TYPE_CHECKING:
    from tuopin.core.standards import Draft, Prepared
    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import Counts, Incidence

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
    return Run(evaluation, prepared.standard.title, prepared.pack.title, (OVERALL, *items), prepared.draft, prepared)


# -- where a reader begins ----------------------------------------------------------------------------------------


def granted_households(actor: Actor) -> list[Household]:
    """Households granted one by one, as a helper's are."""
    return list(Household.objects.filter(pk__in=visible_ids(actor, VIEW_HOUSEHOLD, "household")).order_by("code"))


# -- results of an area -------------------------------------------------------------------------------------------


def cards(actor: Actor, area: AreaVersion) -> list[Card]:
    """The newest evaluations that cover the area, as far as the actor may see them: households first."""
    found = []
    for evaluation in results.newest(area):
        if results.may_view(actor, area, "area"):
            run = run_of(evaluation)
            counts = results.tally(evaluation, area)
            rows = tuple((item, counts[item.key]) for item in run.items)
            found.append(Card(run, rows, results.may_view(actor, area, evaluation.level)))
    order = ["household", "village", "county"]
    return sorted(
        found, key=lambda card: order.index(card.run.evaluation.level) if card.run.evaluation.level in order else 9
    )


def below(area: AreaVersion, shown: list[Card]) -> tuple[list[Below], dict[int, Incidence]]:
    """The areas one level down with their counts, by code, and the incidence of the area itself under 0."""
    tallies = [results.tally_below(card.run.evaluation, area) for card in shown]
    incidences: dict[int, Incidence] = {}
    for card in shown:
        incidences |= results.incidence(card.run.evaluation, area)
    children = AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code")
    rows = [
        Below(
            child,
            tuple(
                (card, tally.get(child.area_id, results.Counts())) for card, tally in zip(shown, tallies, strict=True)
            ),
            incidences.get(child.area_id),
        )
        for child in children
    ]
    return rows, incidences
