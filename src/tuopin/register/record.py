"""One household or village as it stands in the register on a day, for pages. Callers have checked the grants.

Classes of fields that are not open to the reader are left out here, not in the templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .models import (
    FactBlock,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdProfile,
    Membership,
    PersonCondition,
    PersonIdentity,
    StatusPeriod,
)
from .selectors import on_day

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import Model

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


def members(household_id: int, day: date, classes: Classes) -> list[Member]:
    """The members on a day, the head first, then as they were recorded."""
    listed = list(Membership.objects.filter(on_day(day), household_id=household_id).select_related("person"))
    ids = [each.person_id for each in listed]
    identities = newest(PersonIdentity, "person_id", ids, day)
    conditions = newest(PersonCondition, "person_id", ids, day)
    identity_open = is_open(classes, "identity")
    found = []
    for each in sorted(listed, key=lambda each: each.person_id):
        identity, condition = identities.get(each.person_id), conditions.get(each.person_id)
        born = identity.birth_date if identity else None
        number = identity.id_number if identity and identity_open else ""
        found.append(
            Member(
                person_id=each.person_id,
                code=each.person.code,
                since=each.valid_from if each.since_known else None,
                identity=identity,
                condition=condition,
                age=None if born is None else age_on(born, day),
                masked_id=masked(number),
                birth_date=born if identity_open else None,
            )
        )
    found.sort(key=lambda member: member.condition is None or member.condition.relation != "head")
    return found


def household_blocks(household_id: int, day: date) -> tuple[HouseholdIncome | None, HouseholdLiving | None]:
    """Income and living conditions that count on the day, with the sheets they came from."""
    income = newest(HouseholdIncome, "household_id", [household_id], day, with_sheet=True)
    living = newest(HouseholdLiving, "household_id", [household_id], day, with_sheet=True)
    return income.get(household_id), living.get(household_id)


def profile(household_id: int, day: date) -> HouseholdProfile | None:
    """Who the household is, on the day."""
    return newest(HouseholdProfile, "household_id", [household_id], day).get(household_id)


def statuses(household_id: int, day: date) -> dict[str, str]:
    """The household's place on each axis on the day."""
    found = StatusPeriod.objects.filter(on_day(day), household_id=household_id)
    return dict(found.values_list("axis", "value"))


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
