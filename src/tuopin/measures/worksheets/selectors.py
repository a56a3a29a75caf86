"""Reading income worksheets. The caller has fetched the household or the area through the register's selectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.db.models.functions import Substr

from tuopin.platform.access import require
from tuopin.register import selectors as register
from tuopin.register.areas import WIDTH
from tuopin.register.models import AreaVersion, HouseholdCard, HouseholdIncome

from ..permissions import VIEW
from ..plans.progress import HELPED
from .lines import per_head, sums_of
from .models import IncomeWorksheet, WorksheetLine
from .states import View, state_of
from .taking import newer, newest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed


def versions_of(actor: Actor, placed: Placed) -> dict[int, list[View]]:
    """All worksheets of a household: year → versions, the newest of each first. Two statements. Raises Refused."""
    household = placed.household.pk
    require(actor, VIEW, area_path=placed.village.path, household_id=household)
    found = IncomeWorksheet.objects.filter(household_id=household).annotate(is_newer=newer())
    rows = list(found.select_related("answer", "taken").order_by("-year", "-version"))
    lines: dict[int, list[WorksheetLine]] = {}
    for line in WorksheetLine.objects.filter(worksheet__household_id=household):
        lines.setdefault(line.worksheet_id, []).append(line)
    made: dict[int, list[View]] = {}
    for row in rows:
        held = made.setdefault(row.year, [])
        held.append(_view(row, lines.get(row.pk, []), newest=not held))
    return made


def _view(row: IncomeWorksheet, lines: list[WorksheetLine], *, newest: bool) -> View:
    answer, taken = getattr(row, "answer", None), getattr(row, "taken", None)
    amounts = {line.line: line.amount for line in lines}
    sums = sums_of(amounts)
    state = state_of(newest, answer, taken, bool(getattr(row, "is_newer", False)))
    notes = {line.line: line.note for line in lines if line.note}
    return View(row, state, answer, taken, amounts, notes, sums, per_head(sums["net"], row.members))


def registered_income(household_id: int) -> HouseholdIncome | None:
    """What the register says now, to be shown beside."""
    return HouseholdIncome.objects.filter(household_id=household_id, superseded_at=None).order_by("-as_of").first()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Households that should have a worksheet of the year, and how many stand in each state; ``none``: without one."""

    households: int
    by_state: Mapping[str, int]

    @property
    def none(self) -> int:
        return max(0, self.households - sum(self.by_state.values()))


def stated(*of: Q, **more: Any) -> QuerySet[Any]:
    """The newest versions that match, with their ``state`` (``states.STATES``), as the database tells it."""
    state = Case(
        When(answer=None, then=Value("drafted")),
        When(answer__kind="refused", then=Value("refused")),
        When(taken__isnull=False, then=Value("taken")),
        When(newer(), then=Value("held")),
        default=Value("signed"),
        output_field=CharField(),
    )
    return newest().filter(*of, **more).annotate(state=state)


def coverage(actor: Actor, version: AreaVersion, year: int) -> tuple[Coverage, list[tuple[AreaVersion, Coverage]]]:
    """Of an area and of the areas below it: three statements. Raises Refused."""
    require(actor, VIEW, area_path=version.path)
    low, high = register.subtree(version)
    span = len(version.path) + WIDTH
    expected = HouseholdCard.objects.filter(path__gte=low, path__lt=high, registration__in=HELPED)
    below = AreaVersion.objects.filter(parent_id=version.area_id, valid_to=None).order_by("code")
    by_path = expected.annotate(cut=Substr("path", 1, span)).values_list("cut")
    counts = dict(by_path.annotate(n=Count("pk")).order_by())
    states: dict[str, dict[str, int]] = {}
    mine = Q(household__card__path__gte=low, household__card__path__lt=high, household__card__registration__in=HELPED)
    rows = stated(mine, year=year).annotate(cut=Substr("household__card__path", 1, span))
    for path, state, number in rows.values_list("cut", "state").annotate(n=Count("pk")).order_by():
        states.setdefault(path, {})[state] = number
    whole: dict[str, int] = {}
    for held in states.values():
        for state, number in held.items():
            whole[state] = whole.get(state, 0) + number
    return Coverage(sum(counts.values()), whole), [
        (each, Coverage(counts.get(each.path, 0), states.get(each.path, {}))) for each in below
    ]
