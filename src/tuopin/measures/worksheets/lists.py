"""What worksheets add to the list of households: the state of the year's worksheet, and who has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.lists import ChoiceFilter, Column, Extension

from ..permissions import VIEW
from .selectors import stated
from .states import STATES
from .taking import newest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

NONE = "none"
CHOICES: Mapping[str, Title] = {
    NONE: Title("没有明白卡", "no worksheet"),
    **{key: title for key, title in STATES.items() if key != "superseded"},
}


def _load(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = stated(household_id__in=[row["pk"] for row in rows], year=reader.day.year)
    return {each.household_id: each.state for each in found}


def _narrow(rows: QuerySet[Any], reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    condition = Q()
    states = [each for each in chosen if each != NONE]
    if NONE in chosen:
        condition |= ~Q(Exists(newest().filter(year=reader.day.year, household=OuterRef("pk"))))
    if states:
        mine: QuerySet[Any] = stated(year=reader.day.year, household=OuterRef("pk"))
        condition |= Q(Exists(mine.filter(state__in=states)))
    return rows.filter(condition)


def extension(reader: Reader) -> Extension:
    """The column and filter, for who may see help."""
    if not may(reader.actor, VIEW, area_path=reader.place.path if reader.place is not None else None):
        return Extension()
    title = Title("收入明白卡", "Income worksheet")
    column = Column("worksheet", title, "choice", load=_load, optional=True, choices=CHOICES, blank=CHOICES[NONE])
    return Extension(
        (column,), (ChoiceFilter("worksheet", title, narrow=_narrow, choices=tuple(CHOICES.items()), more=True),)
    )
