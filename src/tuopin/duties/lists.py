"""What duties adds to the list of households: the helper on duty, and who has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.lists import Column, Extension, FlagFilter
from tuopin.register.selectors import on_day

from .models import Helper
from .permissions import VIEW_HELPER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _helpers(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    live = Helper.objects.filter(
        on_day(reader.day), household_id__in=[row["pk"] for row in rows], role=Helper.Role.HELPER
    )
    return dict(live.values_list("household_id", "name"))


def _helped(rows: QuerySet[Any], reader: Reader, wanted: bool) -> QuerySet[Any]:
    live = Exists(Helper.objects.filter(on_day(reader.day), household=OuterRef("pk"), role=Helper.Role.HELPER))
    return rows.filter(live if wanted else ~live)


def _extension(reader: Reader) -> Extension:
    path = reader.place.path if reader.place is not None else None
    if not may(reader.actor, VIEW_HELPER, area_path=path):
        return Extension()
    return Extension(
        (Column("helper", Title("帮扶责任人", "Helper"), load=_helpers, optional=True, blank=Title("无", "none")),),
        (FlagFilter("helped", Title("帮扶责任人", "Helper"), narrow=_helped, more=True,
                    yes=Title("有", "has one"), no=Title("无", "has none")),),
    )  # fmt: skip


EXTENSIONS = {"register.households": _extension}
