"""The kinds of workbook that the register takes in, each with the function that plans it; what rests on an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from .importing.intake_areas import plan_areas
from .importing.intake_counties import plan_county_figures
from .importing.intake_households import plan_households
from .importing.intake_villages import plan_village_works, plan_villages
from .importing.ledgers import plan_checks, plan_water, plan_works
from .models import RegisterEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .models import Import

INTAKES = {
    "areas": plan_areas,
    "village": plan_villages,
    "village_works": plan_village_works,
    "county_figures": plan_county_figures,
    "household_person": plan_households,
    "household_check": plan_checks,
    "household_water": plan_water,
    "household_works": plan_works,
}


def uses_of_import(record: Import) -> Iterator[Title]:
    """Events of households and persons recorded since an import rest on what it brought."""
    count = RegisterEvent.objects.filter(at__gt=record.finished_at, undoes=None, undone=None).count()
    if count:
        yield Title(
            f"之后有 {count} 次户和人的登记变化", f"{count} event(s) of households and persons were recorded since"
        )
