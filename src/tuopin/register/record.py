"""One household or village as it stands in the register on a day, for pages. Callers have checked the grants.

Classes of fields that are not open to the reader are left out here, not in the templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from .models import FactBlock, HouseholdProfile, PersonCondition, PersonIdentity, StatusPeriod
from .selectors import on_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from django.db.models import Model

    from .household_file import HouseholdFile

type Classes = frozenset[str] | None
"""Classes of fields that are open; None = all."""


def is_open(classes: Classes, *needed: str) -> bool:
    """Whether all the classes are open."""
    return classes is None or classes.issuperset(needed)


@dataclass(frozen=True, slots=True)
class Member:
    """A member on a day. ``identity`` and ``condition`` are the rows that count; None where there is none."""

    person_id: int
    code: str
    since: date | None
    identity: PersonIdentity | None
    condition: PersonCondition | None
    age: int | None
    masked_id: str
    birth_date: date | None


def age_on(birth_date: date, day: date) -> int:
    """Completed years on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


_LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){9,}[\s-]?[XxＸｘ]?")


def masked(text: str) -> str:
    """A text with its long numbers (ID, bank, telephone) cut down to the last four characters.

    The rest of an ID number repeats area and birthday, which stand beside it: to show more would show all of it.
    """
    return _LONG_NUMBER.sub(lambda found: f"****{found[0][-4:]}", text)


def newest[Block: FactBlock](
    block: type[Block], subject: str, ids: Collection[int], day: date, *, with_sheet: bool = False
) -> dict[int, Block]:
    """The row of a block that counts on the day, by id of the subject: the newest of those not superseded."""
    found = block._default_manager.filter(**{f"{subject}__in": ids}, superseded_at=None, as_of__lte=day)
    rows = found.select_related("sheet") if with_sheet else found
    return {int(getattr(row, subject)): row for row in rows.order_by("as_of")}


def members(file: HouseholdFile, classes: Classes) -> list[Member]:
    """The members on the file's day, the head first, then as they were recorded."""
    identity_open = is_open(classes, "identity")
    found = []
    for each in file.members():
        identity = file.identity(each.person_id)
        condition = cast("PersonCondition | None", file.newest("person_condition", each.person_id))
        born = identity.birth_date if identity else None
        number = identity.id_number if identity and identity_open else ""
        found.append(
            Member(
                person_id=each.person_id,
                code=each.person.code,
                since=each.valid_from if each.since_known else None,
                identity=identity,
                condition=condition,
                age=None if born is None else age_on(born, file.day),
                masked_id=masked(number),
                birth_date=born if identity_open else None,
            )
        )
    found.sort(key=lambda member: member.condition is None or member.condition.relation != "head")
    return found


def head_names(household_ids: Collection[int], day: date) -> dict[int, str]:
    """The heads' names as the workbook gives them, for a page of a list."""
    return {key: row.head_name for key, row in newest(HouseholdProfile, "household_id", household_ids, day).items()}


def registrations(household_ids: Collection[int], day: date) -> dict[int, str]:
    """The registration status of each household on the day."""
    found = StatusPeriod.objects.filter(on_day(day), household_id__in=household_ids, axis="registration")
    return dict(found.values_list("household_id", "value"))


def place(row: FactBlock | Model | None) -> str:
    """Where a value stands: file, sheet and row."""
    sheet = getattr(row, "sheet", None)
    number = getattr(row, "row", None)
    return f"{sheet.file} · {sheet.name} · {number}" if sheet and number else ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values of a panel come from: a sheet with its rows and the day it describes; no file = by hand."""

    file: str
    sheet: str
    rows: str
    as_of: date


def origins(rows: Iterable[FactBlock | None]) -> list[Origin]:
    """The places of some rows, one entry a sheet and day, the rows of several members together."""
    found: dict[tuple[str, str, date], list[int]] = {}
    for row in rows:
        if row is not None:
            key = (row.sheet.file, row.sheet.name, row.as_of) if row.sheet else ("", "", row.as_of)
            numbers = found.setdefault(key, [])
            if row.row is not None and row.row not in numbers:
                numbers.append(row.row)
    return [Origin(file, sheet, joined(sorted(numbers)), as_of) for (file, sheet, as_of), numbers in found.items()]


def joined(rows: list[int]) -> str:
    """Row numbers with neighbours drawn together: 4, 5, 6, 9 → ``4–6, 9``."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in spans)
