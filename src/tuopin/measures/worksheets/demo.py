"""Income worksheets of the demo's first township. They say what the register says: the demo's verdicts stay its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.database import write
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.demo.areas import FIRST_TOWNSHIP
from tuopin.register.demo.streams import DAY
from tuopin.register.models import HouseholdCard, HouseholdIncome

from ..plans.progress import HELPED
from .lines import lines
from .models import IncomeWorksheet
from .services import Draft, Reply, answer, keep
from .taking import take

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

MOST = 200
_FIRST_LINE = {"business": "crops", "business_cost": "crops_cost", "wage": "work_away", "property": "land_rent",
               "other_transfer": "subsidies"}  # fmt: skip
_OWN = ("family_planning_grant", "low_income_grant", "special_care_grant", "pension_income", "ecological_grant")


def fill(actor: Actor) -> None:
    """Worksheets by the services; nothing where there is one already."""
    with write():  # whole or not at all: what is half there would never be made up for
        _fill(actor)


def _fill(actor: Actor) -> None:
    if IncomeWorksheet.objects.exists() or register.area_id_of(FIRST_TOWNSHIP) is None:
        return
    low, high = register.subtree(register.area(actor, FIRST_TOWNSHIP))
    here = HouseholdCard.objects.filter(path__gte=low, path__lt=high, registration__in=HELPED, members__gt=0)
    cards = list(here.order_by("code")[:MOST])
    incomes = {
        row.household_id: row
        for row in HouseholdIncome.objects.filter(
            household__in=listed([card.pk for card in cards]), superseded_at=None
        ).order_by("as_of")
    }
    drafts = [
        Draft(card.pk, DAY.year, card.members, amounts)
        for card in cards
        if card.pk in incomes and (amounts := _amounts(incomes[card.pk]))
    ]
    if not drafts:
        return
    sheets = keep(actor, drafts)
    day = DAY
    signed = [each.pk for at, each in enumerate(sheets) if at % 10 < 7]
    reply = Reply("signed", day, "李帮扶", day, reference="村部档案柜")
    answer(actor, signed, reply)
    take(actor, signed[: len(signed) * 4 // 5])
    refusing = [each.pk for at, each in enumerate(sheets) if at % 50 == 9]
    if refusing:
        answer(actor, refusing, Reply("refused", day, note="外出务工收入没有这么多"))


def _amounts(row: HouseholdIncome) -> dict[str, int]:
    """The register's income on the lines of the card; nothing where one part is blank or below nought."""
    parts = {line: getattr(row, name) for name, line in _FIRST_LINE.items()}
    parts |= {name: getattr(row, name) for name in _OWN}
    if any(amount is None or amount < 0 for amount in parts.values()):
        return {}
    if sum(parts[name] for name in (*_OWN, "subsidies")) != row.transfer:
        return {}
    return dict.fromkeys(lines(), 0) | parts
