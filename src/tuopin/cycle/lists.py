"""What the cycle adds to lists of rooms below: the matter of each problem that visits found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import STATES
from tuopin.measures.merged import came_from
from tuopin.orders import reach
from tuopin.orders.models import Matter, MatterSubject
from tuopin.orders.permissions import VIEW
from tuopin.platform.access import may
from tuopin.platform.lists import Column, Extension

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.platform.lists import Reader, Row


def _key(row: Row) -> tuple[Any, ...]:
    """A problem as the subject of its matter names it: household, else area; sort; item."""
    home = row["household_id"]
    return home, None if home is not None else row["area_id"], row["sort"], row["item"]


def _states(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """The state of the matter of each problem; one that came again is another row with the same matter; of
    households, also one of those merged into it. Two statements."""
    keys = {row["pk"]: _key(row) for row in rows}
    homes, areas = ({key[at] for key in keys.values()} - {None} for at in (0, 1))
    merged = came_from(homes) if homes else {}
    seen = Matter.objects.filter(reach.work(reader.actor, VIEW)).values("pk")
    subjects = MatterSubject.objects.filter(
        Q(household_id__in=homes | merged.keys()) | Q(area_id__in=areas), origin="visit", matter__in=seen
    ).values_list("household_id", "area_id", "standard", "item", "matter__state")
    states: dict[tuple[Any, ...], str] = {}
    for home, *rest, state in subjects:
        states.setdefault((merged.get(home, home), *rest), state)
    states |= {tuple(key): state for *key, state in subjects}
    return {pk: states[key] for pk, key in keys.items() if key in states}


def _of_problems(reader: Reader) -> Extension:
    """For who may see matters there."""
    if not may(reader.actor, VIEW, area_path=reader.place.path if reader.place is not None else None):
        return Extension()
    column = Column(
        "matter", Title("事项", "Matter"), "choice", load=_states, choices=STATES,
        needs=("household_id", "area_id", "sort", "item"), blank=Title("未立案", "none"),
    )  # fmt: skip
    return Extension((column,))


EXTENSIONS = {"duties.visit_problems": _of_problems}
