"""The lists of the register: villages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, visible_paths
from tuopin.platform.database import data_state
from tuopin.platform.lists import Column, Listing

from . import record
from .correcting import listings as correcting
from .events.areas.listing import CHANGES
from .events.listing import EVENTS
from .importing.listing import IMPORTS
from .listings import BELOW, HOUSEHOLDS, PERSONS, reader_of
from .matching.listing import RUNS
from .models import AreaVersion, VillageCondition
from .permissions import VIEW_AREA
from .selectors import subtree, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _villages(reader: Reader) -> QuerySet[AreaVersion]:
    found = AreaVersion.objects.filter(within(visible_paths(reader.actor, VIEW_AREA)), level="village", valid_to=None)
    if reader.place is None:
        return found
    low, high = subtree(reader.place)
    return found.filter(path__gte=low, path__lt=high)


def _above(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    parents = {row["parent_id"] for row in rows}
    names = dict(AreaVersion.objects.filter(area_id__in=parents, valid_to=None).values_list("area_id", "name"))
    return {row["pk"]: names.get(row["parent_id"], "") for row in rows}


def _condition(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = record.newest(VillageCondition, "area_id", [row["area_id"] for row in rows], reader.day)
    return {row["pk"]: found.get(row["area_id"]) for row in rows}


def _fact(name: str) -> Any:
    return lambda condition: None if condition is None else getattr(condition, name)


def _may_see_areas(reader: Reader) -> None:
    require(reader.actor, VIEW_AREA, area_path=reader.place.path if reader.place is not None else None)


VILLAGES = Listing(
    key="register.villages",
    title=Title("村名单", "Villages"),
    noun=Title("村", "villages"),
    rows=_villages,
    may_open=_may_see_areas,
    address=lambda reader: reverse("console:villages", args=[reader.place.code]),
    order=("path",),
    order_title=Title("区划顺序", "place"),
    log=False,
    reader=reader_of(VIEW_AREA),
    version=data_state,
    empty=Title("这里没有村。请先导入区划表。", "There are no villages here: import the divisions first."),
    columns=(
        Column(
            "code", Title("代码", "Code"), "code", "code", href=lambda row: reverse("console:area", args=[row["code"]]),
            sort=("code",),
        ),
        Column("name", Title("村名", "Village"), field="name", sort=("name",)),
        Column("above", Title("乡镇", "Township"), load=_above, needs=("parent_id",)),
        Column("poor", Title("贫困村", "poor village"), "flag", load=_condition, pick=_fact("poor_village"),
               needs=("area_id",)),
        Column("population", Title("总人口", "population"), "amount", load=_condition, pick=_fact("population"),
               unit=Title("人", "persons"), needs=("area_id",)),
    ),
    filters=(BELOW,),
)  # fmt: skip

LISTINGS = (HOUSEHOLDS, PERSONS, VILLAGES, *correcting.LISTINGS, RUNS, IMPORTS, EVENTS, CHANGES)
