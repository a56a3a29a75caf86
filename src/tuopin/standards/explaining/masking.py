"""What of an explanation a reader may see: values by classes of fields, and whom it names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.models import PersonIdentity
from tuopin.standards.telling import FOUND

if TYPE_CHECKING:
    import datetime

    from tuopin.core.standards.explaining import Cell, ItemExplanation, Member, SubjectExplanation
    from tuopin.standards.subject import Loaded

HIDDEN = Title("（不在您的授权内）", "(outside your grants)")


def all_members(item: ItemExplanation) -> tuple[Member, ...]:
    """The members that an explanation spells out: those who decide, and those whom its values count."""
    return (*item.members, *(member for counted in item.counted for member in counted.members))


def unnamed(explanation: SubjectExplanation) -> SubjectExplanation:
    """Without the households below: they stay counted."""
    items = tuple(
        replace(item, members=(), counted=tuple(replace(each, members=()) for each in item.counted))
        for item in explanation.items
    )
    return replace(explanation, items=items)


def masked(
    explanation: SubjectExplanation, classes: frozenset[str], closed: frozenset[str] = frozenset(),
    worked_out: frozenset[str] = frozenset(),
) -> SubjectExplanation:  # fmt: skip
    """Values of classes that the actor may not see are left out; verdicts stay, but of the ``closed`` rules that find
    nothing: whether one applies would tell what the class keeps (``telling``). Of the items ``worked_out`` of such
    values no number stays either."""

    def cells(listed: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(
            cell if cell.field_class in classes else replace(cell, value=HIDDEN, blank=False) for cell in listed
        )

    def member(each: Member) -> Member:
        return replace(each, cells=cells(each.cells))

    def item(each: ItemExplanation) -> ItemExplanation:
        if each.key in closed and each.verdict != FOUND:
            return replace(
                each, verdict="met", reason=None, named=(), distances=(), cells=(), members=(), turns=(), failing=0,
                unsure=0, counted=(),
            )  # fmt: skip
        if each.key in worked_out:
            named = tuple(replace(value, value=HIDDEN) for value in each.named)
            each = replace(each, named=named, distances=(), turns=())
        counted = tuple(replace(group, members=tuple(member(one) for one in group.members)) for group in each.counted)
        return replace(each, cells=cells(each.cells), members=tuple(map(member, each.members)), counted=counted)

    return replace(explanation, items=tuple(item(each) for each in explanation.items))


def held_names(loaded: Loaded) -> dict[int, str]:
    """Names of members that the caller has read."""
    return {key: str(getattr(row, "name", "")) for key, row in loaded.blocks["person_identity"].items()}


def names_of(ids: list[int], day: datetime.date) -> dict[int, str]:
    """Names of persons as of a day."""
    rows = PersonIdentity.objects.filter(person_id__in=ids, superseded_at=None, as_of__lte=day)
    return dict(rows.order_by("as_of").values_list("person_id", "name"))
