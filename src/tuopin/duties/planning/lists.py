"""The list of a plan's lines: each household, who helps it, who should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.duties.models import Official
from tuopin.duties.permissions import PLAN_DUTIES
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing
from tuopin.register.correcting.subjects import listed
from tuopin.register.listings import below, inside, may_open, reader_of, village_names
from tuopin.register.permissions import EXPORT

from . import selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.platform.lists import Reader, Row

_NOBODY = Title("无", "none")
CHOICES = 200
"""Plans to choose from."""


def _plans(reader: Reader) -> list[tuple[str, Title]]:
    rows = selectors.plans(reader.actor, reader.place)[:CHOICES]
    return [(str(each.pk), Title(f"第 {each.pk} 号（{each.day}）", f"no. {each.pk} ({each.day})")) for each in rows]


def _named(side: str) -> Any:
    def load(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
        people = {row[f"{side}_id"] for row in rows}
        found = Official.objects.filter(pk__in=listed(key for key in people if key is not None))
        names = {
            key: " ".join(filter(None, (name, unit))) for key, name, unit in found.values_list("pk", "name", "unit")
        }
        return {row["pk"]: names.get(row[f"{side}_id"]) for row in rows}

    return load


LINES = Listing(
    key="duties.plan_lines",
    title=Title("指派方案逐户", "Lines of plans"),
    noun=Title("户", "households"),
    rows=lambda reader: selectors.lines(reader.actor, reader.place),
    reader=reader_of(PLAN_DUTIES),
    may_open=may_open(PLAN_DUTIES),
    address=lambda _reader: reverse("duties:plan_lines"),
    order=("plan", "path", "household", "pk"),
    order_title=Title("村", "village"),
    export=EXPORT,
    empty=Title("还没有指派方案。", "There is no plan yet."),
    columns=(
        Column("code", Title("户编号", "Household"), "code", "household__code",
               href=lambda row: reverse("duties:plan_line", args=[row["plan_id"], row["household__code"]]),
               needs=("plan_id",)),
        Column("village", Title("村", "Village"), load=village_names, needs=("path",)),
        Column("before", Title("现任帮扶人", "Helper now"), load=_named("before"), needs=("before_id",), blank=_NOBODY),
        Column("after", Title("方案", "Planned"), load=_named("after"), needs=("after_id",), blank=_NOBODY),
        Column("kind", Title("变动", "Change"), "choice", "kind", choices=selectors.KINDS),
        Column("edited", Title("人工改动", "Chosen by hand"), "flag", "edited"),
        Column("plan", Title("方案", "Plan"), "amount", "plan_id", optional=True),
    ),
    filters=(
        ChoiceFilter("plan", Title("方案", "Plan"), "plan", choices_of=_plans),
        ChoiceFilter("kind", Title("变动", "Change"), "kind", choices=tuple(selectors.KINDS.items())),
        FlagFilter("edited", Title("人工改动", "Chosen by hand"), "edited", more=True),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=inside, choices_of=below),
    ),
)  # fmt: skip
