"""The list of gaps between entitled and received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, Extension, Listing
from tuopin.register.listings import below, inside, reader_of, village_names
from tuopin.register.models import HouseholdCard, PersonCard
from tuopin.register.permissions import EXPORT

from . import selectors
from .livelihood import lists as livelihood
from .models import Gap
from .payments import PAYMENTS, may_open
from .permissions import VIEW
from .plans import lists as plans
from .plans.measures import MEASURES
from .policies import CLASSES, opened, policies
from .projects.lists import PROJECTS
from .worksheets import lists as worksheets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

KINDS: Mapping[str, Title] = {
    Gap.Kind.MISSING: Title("应享未享", "entitled, not received"),
    Gap.Kind.EXCESS: Title("已领，按登记不应享受（待核实）", "received, not entitled by the register"),
    Gap.Kind.UNCLEAR: Title("已领，应否享受未知", "received, entitlement unknown"),
    Gap.Kind.GONE: Title("已领，领取人已不在该户", "received, no member any more"),
}
_NONE = Title("—", "—")


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.gaps(reader.actor, reader.place, reader.classes)


def _heads(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    wanted = {row["household_id"] for row in rows}
    heads = dict(HouseholdCard.objects.filter(pk__in=wanted).values_list("pk", "head_name"))
    return {row["pk"]: heads.get(row["household_id"], "") for row in rows}


def _persons(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    wanted = {row["person_id"] for row in rows if row["person_id"] is not None}
    names = dict(PersonCard.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return {row["pk"]: names.get(row["person_id"], "") for row in rows}


def _title_of(key: str) -> Title:
    policy = policies().get(key)
    return policy.title if policy else Title(key, key)


def _sort_of(key: str) -> Title | None:
    policy = policies().get(key)
    return CLASSES[policy.sort] if policy else None


def _policies(reader: Reader) -> list[tuple[str, Title]]:
    return [(each.key, each.title) for each in opened(reader.classes)]


def _in_class(rows: QuerySet[Any], _reader: Reader, sorts: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(policy__in=[key for key, each in policies().items() if each.sort in sorts])


def _notes(reader: Reader) -> Sequence[Title]:
    run = selectors.run_of(reader.actor, reader.place)
    if run is None:
        return ()
    day = run.day.isoformat()
    return (
        Title(
            f"按 {day} 的登记和已导入的发放名单核对；政策条件为草案，未经本地确认。",
            f"Compared on {day} by the register and the payment lists taken in; the policies’ conditions are drafts.",
        ),
    )


GAPS = Listing(
    key="measures.gaps",
    title=Title("应享未享名单", "Entitled against received"),
    noun=Title("条", "gaps"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open,
    address=lambda _reader: reverse("measures:gap_list"),
    order=("pk",),
    order_title=Title("村", "village"),
    export=EXPORT,
    notes=_notes,
    empty=Title("没有发现差异，或还没有核对。", "No difference was found, or nobody has compared yet."),
    columns=(
        Column("code", Title("户编号", "Household"), "code", "household__code",
               href=lambda row: reverse("console:household", args=[row["household__code"]])),
        Column("head", Title("户主", "Head"), load=_heads, needs=("household_id",)),
        Column("person", Title("成员", "Member"), load=_persons, needs=("person_id",), blank=_NONE),
        Column("village", Title("村", "Village"), load=village_names, needs=("path",)),
        Column("policy", Title("政策", "Policy"), field="policy", pick=_title_of),
        Column("class", Title("类别", "Class"), field="policy", pick=_sort_of, optional=True),
        Column("kind", Title("差异", "Difference"), "choice", "kind", choices=KINDS),
    ),
    filters=(
        ChoiceFilter("policy", Title("政策", "Policy"), "policy", choices_of=_policies),
        ChoiceFilter("kind", Title("差异", "Difference"), "kind", choices=tuple(KINDS.items())),
        ChoiceFilter("class", Title("类别", "Class"), narrow=_in_class, choices=tuple(CLASSES.items()), more=True),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=inside, choices_of=below),
    ),
)  # fmt: skip


def _of_households(reader: Reader) -> Extension:
    """What the parts of measures add to the list of households."""
    parts = [extension(reader) for extension in (plans.extension, worksheets.extension)]
    return Extension(
        tuple(column for part in parts for column in part.columns),
        tuple(each for part in parts for each in part.filters),
    )


EXTENSIONS = {"register.households": _of_households}

LISTINGS = (*livelihood.LISTINGS, GAPS, PAYMENTS, MEASURES, PROJECTS)
