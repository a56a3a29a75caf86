"""What duties adds to the list of households: the helper on duty, the leader who watches, and who has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.lists import ChoiceFilter, Column, Extension, FlagFilter
from tuopin.register.selectors import on_day

from . import kinds
from .assigning import living
from .commitments.lists import COMMITMENTS
from .incidents.lists import INCIDENTS
from .listings import OFFICIALS, ORGANISATIONS
from .models import Assignment
from .permissions import VIEW_HELPER
from .planning.lists import LINES as PLAN_LINES
from .teams.lists import TEAM_MEMBERS
from .visits import lists as visit_lists
from .watching import watchers as watching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


# Duties are kept from day to day, the register from import to import: who answers is said of today, as on the page of
# gaps and on the map, whatever day the register describes.
def _helpers(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    live = Assignment.objects.filter(
        on_day(timezone.localdate()), household_id__in=[row["pk"] for row in rows], role=Assignment.Role.HELPER
    )
    return dict(live.values_list("household_id", "name"))


def _helped(rows: QuerySet[Any], _reader: Reader, wanted: bool) -> QuerySet[Any]:
    helping = living.live(kinds.role(Assignment.Role.HELPER), timezone.localdate())
    live = Exists(helping.filter(household=OuterRef("pk")))
    return rows.filter(live if wanted else ~live)


def _watchers(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    live = Assignment.objects.filter(
        on_day(timezone.localdate()), household_id__in=[row["pk"] for row in rows], role=watching.ROLE
    )
    return dict(live.values_list("household_id", "name"))


def _watched(rows: QuerySet[Any], _reader: Reader, wanted: bool) -> QuerySet[Any]:
    today = timezone.localdate()
    live = Exists(Assignment.objects.filter(on_day(today), household=OuterRef("pk"), role=watching.ROLE))
    return rows.filter(live if wanted else ~live)


def _to_be_watched(rows: QuerySet[Any], reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    """Households of one of the categories of person watches person."""
    chosen = Q(pk__in=[])
    place = reader.place.path if reader.place is not None else None
    opened = watching.open_to(reader.actor, place)
    for category in (opened[key] for key in value if key in opened):
        path = reader.place.path if reader.place is not None else ""
        run = watching.run_of(category, path, reader.day) if category.item else None
        chosen |= Q(pk__in=watching.members(category, run, reader.day))
    return rows.filter(chosen)


def _extension(reader: Reader) -> Extension:
    path = reader.place.path if reader.place is not None else None
    if not may(reader.actor, VIEW_HELPER, area_path=path):
        return Extension()
    return Extension(
        (
            Column("helper", Title("帮扶责任人", "Helper"), load=_helpers, optional=True, blank=Title("无", "none")),
            Column("watcher", kinds.role(watching.ROLE).title, load=_watchers, optional=True,
                   blank=Title("无", "none")),
        ),
        (FlagFilter("helped", Title("帮扶责任人", "Helper"), narrow=_helped, more=True,
                    yes=Title("有", "has one"), no=Title("无", "has none")),
         ChoiceFilter("watch", Title("人盯人类别", "To be watched as"), narrow=_to_be_watched, more=True,
                      choices=tuple((key, each.title) for key, each in watching.open_to(reader.actor, path).items())),
         FlagFilter("watched", Title("盯办人", "Watcher"), narrow=_watched, more=True,
                    yes=Title("有", "has one"), no=Title("无", "has none"))),
    )  # fmt: skip


def _both(reader: Reader) -> Extension:
    own, visits = _extension(reader), visit_lists.extension(reader)
    return Extension((*own.columns, *visits.columns), (*own.filters, *visits.filters))


EXTENSIONS = {"register.households": _both}
LISTINGS = (
    PLAN_LINES,
    TEAM_MEMBERS,
    COMMITMENTS,
    INCIDENTS,
    OFFICIALS,
    ORGANISATIONS,
    visit_lists.PROBLEMS,
    visit_lists.VISITS,
)
