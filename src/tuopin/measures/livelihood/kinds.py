"""The kinds of workbook of this part, each with the function that plans it; what rests on events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from .intake import plan_enterprises
from .intake_links import plan_dividends, plan_links
from .intake_people import plan_loans, plan_relocations, plan_work
from .models import Dividend, EnterpriseLink, Loan, Relocation, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.register.models import RegisterEvent

INTAKES = {
    "enterprise": plan_enterprises,
    "enterprise_link": plan_links,
    "dividend": plan_dividends,
    "work": plan_work,
    "loan": plan_loans,
    "relocation": plan_relocations,
}


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """Links and the like rest on the household that an event made, work on the person. Loans are not named: whoever
    undoes an event may not be allowed to know of them."""
    made = event.changes.get("made", {})
    household, person = made.get("household"), made.get("person")
    rests = household is not None and any(
        model.objects.filter(household_id=household).exists() for model in (EnterpriseLink, Dividend, Loan, Relocation)
    )
    if rests:
        yield Title("新户已有产业、搬迁等记录", "livelihood is recorded for the new household")
    if person is not None and Work.objects.filter(person_id=person).exists():
        yield Title("新增的人已有务工记录", "work is recorded for the new person")
