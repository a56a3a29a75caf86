"""Changes of the register that are no imports. Each takes a set, checks the grants and writes one audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from tuopin.platform import audit, database
from tuopin.platform.access import require
from tuopin.platform.problems import Missing, Problem

from .importing.blocks import block_fields
from .models import (
    AreaVersion,
    Household,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdProfile,
    Residence,
)
from .models.blocks import HouseholdBlock, Source
from .permissions import CORRECT
from .selectors import on_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor

HOUSEHOLD_BLOCKS: tuple[type[HouseholdBlock], ...] = (
    HouseholdProfile,
    HouseholdLiving,
    HouseholdIncome,
    HouseholdCheck,
)
CORRECTING = (Source.DEPARTMENT_LIST, Source.VISIT, Source.BY_HAND)


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that replaces what the newest version of a household's fact says. ``value`` is in the encoding of the
    catalogue (fen, scaled integers, codes); None says that the value is not known after all."""

    household: str
    fact: str
    value: object


def correct_households(
    actor: Actor, corrections: Sequence[Correction], *, as_of: date, source: Source = Source.BY_HAND
) -> int:
    """Record corrections of households' facts as new versions dated ``as_of``; returns the number of versions.

    A corrected field is marked with its source and stays as corrected when the national export is imported again,
    until an export says the same. Raises Missing for a household outside the grants, Problem for an unknown fact or a
    value of the wrong type. All corrections are recorded or none.
    """
    if source not in CORRECTING:
        raise ValueError("a national export comes in through the importer")
    by_block: dict[type[HouseholdBlock], dict[str, dict[str, object]]] = {}
    for item in corrections:
        block, fields = _block_of(item)
        by_block.setdefault(block, {}).setdefault(item.household, {})[item.fact] = fields
    now = timezone.now()
    with database.write():
        households = _granted(actor, {item.household for item in corrections}, as_of)
        written = sum(
            _new_versions(block, values, households, as_of=as_of, source=source, now=now)
            for block, values in by_block.items()
        )
        database.bump_data_version()
        audit.record(
            actor,
            CORRECT,
            f"households:{len(households)}",
            {"facts": sorted({item.fact for item in corrections}), "as_of": as_of.isoformat(), "source": source.value},
        )
    return written


def _block_of(item: Correction) -> tuple[type[HouseholdBlock], object]:
    for block in HOUSEHOLD_BLOCKS:
        field = block_fields(block).get(item.fact)
        if field is not None:
            return block, _checked(item, field)
    raise Problem("no_such_fact", f"没有“{item.fact}”这一项。", f"There is no fact “{item.fact}”.", fact=item.fact)


def _checked(item: Correction, field: models.Field[Any, Any]) -> object:
    kinds: tuple[type, ...] = (str,)
    if isinstance(field, models.BooleanField):
        kinds = (bool,)
    elif isinstance(field, models.BigIntegerField):
        kinds = (int,)
    if item.value is None or (isinstance(item.value, kinds) and (bool in kinds or not isinstance(item.value, bool))):
        return item.value
    raise Problem(
        "wrong_type",
        f"户 {item.household} 的“{item.fact}”填写的值类型不对。",
        f"The value given for “{item.fact}” of household {item.household} is of the wrong type.",
        household=item.household,
        fact=item.fact,
    )


def _granted(actor: Actor, codes: set[str], day: date) -> dict[str, int]:
    """Ids by code; every household must lie where the actor may correct."""
    ids = dict(Household.objects.filter(code__in=codes).values_list("code", "id"))
    homes = dict(
        Residence.objects.filter(on_day(day), household_id__in=ids.values()).values_list("household_id", "area_id")
    )
    paths = dict(AreaVersion.objects.filter(on_day(day), area_id__in=homes.values()).values_list("area_id", "path"))
    for code in sorted(codes):
        path = paths.get(homes.get(ids.get(code, 0), 0))
        if path is None:
            raise Missing(
                "no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.", household=code
            )
        require(actor, CORRECT, area_path=path)
    return ids


def _new_versions(
    block: type[HouseholdBlock],
    values: dict[str, dict[str, object]],
    households: dict[str, int],
    *,
    as_of: date,
    source: Source,
    now: datetime,
) -> int:
    newest: dict[int, Any] = {}
    ids = [households[code] for code in values]
    for row in block._default_manager.filter(household_id__in=ids, superseded_at=None, as_of__lte=as_of).order_by(
        "as_of"
    ):
        newest[row.household_id] = row
    fresh = []
    for code, changes in values.items():
        row = newest.get(households[code]) or block(household_id=households[code], year=as_of.year)
        marks = {fact: {"source": source.value, "recorded_at": now.isoformat()} for fact in changes}
        copied = {name: getattr(row, name) for name in block_fields(block)} | changes
        unreadable = {name: cell for name, cell in row.unreadable.items() if name not in changes}
        fresh.append(
            block(
                household_id=row.household_id,
                year=row.year,
                as_of=as_of,
                source=row.source if row.pk else source,
                sheet_id=row.sheet_id,
                row=row.row,
                recorded_at=now,
                unreadable=unreadable,
                overrides=row.overrides | marks,
                **copied,
            )
        )
    replaced = [row.pk for row in newest.values() if row.as_of == as_of]
    block._default_manager.filter(pk__in=replaced).update(superseded_at=now)
    return len(block._default_manager.bulk_create(fresh))
