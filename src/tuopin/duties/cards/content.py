"""What a card says, for many households in the same number of statements. It holds nothing of a closed class and does
not depend on who prints it, so that paper, page and digest are one."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from tuopin.measures.plans.models import HelpPlan, MeasureDone, PlannedMeasure
from tuopin.measures.plans.selectors import may_be_told
from tuopin.measures.plans.states import MEASURE_STATES
from tuopin.measures.policies import CLASSES
from tuopin.platform.auditing.audit import canonical
from tuopin.platform.panels import decimal_text
from tuopin.register.areas import ids
from tuopin.register.codes import code_title
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, HouseholdCard, HouseholdIncome, Residence
from tuopin.register.record import newest
from tuopin.register.selectors import on_day

from .. import kinds
from ..models import Assignment
from .telling import public, tells_health

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from tuopin.core.language.catalogue import Title

REGISTERED = ("registered", "exit_proposed", "exited", "returned")
"""Whoever is or was on the register has a card, and whoever is monitored: exit takes no help away."""
MOST_MEASURES = 7
_PLACE = ("county", "township", "village")
_VILLAGE_ROLES = ("first_secretary", "team_leader", "first_responsible")
_LINES = (("wage", "工资性"), ("business", "生产经营性"), ("property", "财产性"), ("transfer", "转移性"),
          ("business_cost", "经营支出"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """Who may be called: the role in words, name, unit, post and telephone as they stand with the duty."""

    role: str
    name: str
    unit: str
    post: str
    phone: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the household may show it to anybody. ``done``: something of it was."""

    sort: str
    content: str
    by: str
    due: str
    done: bool

    def state(self, day: date) -> Title:
        """Done, late or planned, on a day."""
        return MEASURE_STATES["done" if self.done else "late" if self.due < day.isoformat() else "planned"]


@dataclass(frozen=True, slots=True)
class Content:
    """One household's card. ``helpers``: helper first, then assistants; ``village``: those who answer for the village.
    ``income``: (title, amount in yuan) of the ledger year ``income_year``; empty = unknown."""

    household_id: int
    code: str
    head: str
    place: str
    group: str
    members: int
    status: str
    helpers: tuple[Contact, ...]
    village: tuple[Contact, ...]
    year: int
    measures: tuple[Measure, ...]
    more: int
    income_year: int
    income: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: value for name, value in asdict(self).items() if name != "household_id"}

    @property
    def digest(self) -> str:
        """SHA-256 of what the card says: another one means that the card in the household's hands is out of date."""
        return hashlib.sha256(canonical(self.document())).hexdigest()


def with_cards() -> Q:
    """The households that get a card, of :class:`HouseholdCard`."""
    return Q(registration__in=REGISTERED) | Q(monitoring="monitored")


def of_village(village: AreaVersion, day: date, only: Collection[int] | None = None) -> list[Content]:
    """The cards of a village as of a day, by group and code; ``only`` of some households. The caller has checked that
    the village may be read."""
    return of_villages([village], day, only)


def of_villages(villages: Sequence[AreaVersion], day: date, only: Collection[int] | None = None) -> list[Content]:
    """The cards of some villages, village by village in the order given: the same statements however many there are."""
    rows = HouseholdCard.objects.filter(with_cards(), area_id__in=listed([each.area_id for each in villages]))
    if only is not None:
        rows = rows.filter(pk__in=listed(only))
    return _contents(list(rows), villages, day)


def of_household(household_id: int, day: date) -> Content | None:
    """The card of one household; None for one that lives nowhere any more or has no card (merged, split off, gone)."""
    row = HouseholdCard.objects.filter(with_cards(), pk=household_id, area__isnull=False).first()
    if row is None or row.area_id is None:
        return None
    village = AreaVersion.objects.filter(on_day(day), area_id=row.area_id).first()
    if village is None:
        return None
    return _contents([row], [village], day)[0]


def _contents(rows: list[HouseholdCard], villages: Sequence[AreaVersion], day: date) -> list[Content]:
    keys = [row.household_id for row in rows]
    groups = dict(
        Residence.objects.filter(household_id__in=listed(keys), valid_to=None).values_list("household_id", "group_name")
    )
    helpers, measures = _helpers(keys, day), _measures(keys, day)
    incomes = newest(HouseholdIncome, "household_id", listed(keys), day)  # type: ignore[arg-type]  # ids as one parameter
    places, answering = _places(villages, day), _answering([each.area_id for each in villages], day)
    order = {each.area_id: at for at, each in enumerate(villages)}
    found = []
    for row in rows:
        area = row.area_id or 0
        shown, more = measures.get(row.household_id, ((), 0))
        income = incomes.get(row.household_id)
        each = Content(
            household_id=row.household_id, code=row.code, head=name_of(row.head_name), place=places[area],
            group=public(groups.get(row.household_id, "")), members=row.members, status=status_of(row),
            helpers=helpers.get(row.household_id, ()), village=answering.get(area, ()), year=day.year,
            measures=shown, more=more, income_year=income.year if income is not None else 0,
            income=_income(income, row) if income is not None else (),
        )  # fmt: skip
        found.append((order[area], group_order(each.group), each.code, each))
    return [each for *_rank, each in sorted(found, key=lambda each: each[:3])]


def group_order(group: str) -> tuple[bool, int, str]:
    """Groups by their number (第10组 after 第9组), those without a number by name, households without a group last."""
    digits = "".join(each for each in group if each.isascii() and each.isdigit())
    return (not group, int(digits[:6]) if digits else 0, group)


def name_of(text: str) -> str:
    """A head's name without digits that were typed beside it."""
    return "".join(each for each in text if not each.isdigit()).strip()


def status_of(row: HouseholdCard) -> str:
    """Both axes in words: 未脱贫 · 监测对象."""
    words = [code_title("registration", row.registration).zh] if row.registration in REGISTERED else []
    if row.monitoring == "monitored":
        words.append(code_title("monitoring", row.monitoring).zh)
    return " · ".join(words)


def place_of(village: AreaVersion, day: date) -> str:
    """County, township and village."""
    return _places([village], day)[village.area_id]


def _places(villages: Sequence[AreaVersion], day: date) -> dict[int, str]:
    """County, township and village of each: one statement."""
    above = {key for each in villages for key in ids(each.path)}
    wanted = AreaVersion.objects.filter(on_day(day), area_id__in=listed(above), level__in=_PLACE)
    names = dict(wanted.values_list("area_id", "name"))
    return {each.area_id: " ".join(names[key] for key in ids(each.path) if key in names) for each in villages}


def contacts_of_village(village: AreaVersion, day: date) -> tuple[Contact, ...]:
    """Who answers for the village: first secretary, leader of the team, first responsible person."""
    return _answering([village.area_id], day).get(village.area_id, ())


def _answering(area_ids: Sequence[int], day: date) -> dict[int, tuple[Contact, ...]]:
    rows = Assignment.objects.filter(on_day(day), area_id__in=listed(area_ids), role__in=_VILLAGE_ROLES)
    found: dict[int, list[Assignment]] = {}
    for row in sorted(rows, key=lambda row: (_VILLAGE_ROLES.index(row.role), row.pk)):
        found.setdefault(row.area_id or 0, []).append(row)
    return {key: _contacts(held) for key, held in found.items()}


def _contacts(rows: Iterable[Assignment]) -> tuple[Contact, ...]:
    return tuple(
        Contact(kinds.role(row.role).title.zh, row.name, public(row.unit), public(row.post), row.phone) for row in rows
    )


def _helpers(keys: Sequence[int], day: date) -> Mapping[int, tuple[Contact, ...]]:
    rows = Assignment.objects.filter(
        on_day(day), household_id__in=listed(keys), role__in=[Assignment.Role.HELPER, Assignment.Role.ASSISTANT]
    )
    found: dict[int, list[Assignment]] = {}
    for row in rows:
        found.setdefault(row.household_id or 0, []).append(row)
    return {
        key: _contacts(sorted(held, key=lambda row: (row.role != Assignment.Role.HELPER, row.pk)))
        for key, held in found.items()
    }


def _measures(keys: Sequence[int], day: date) -> Mapping[int, tuple[tuple[Measure, ...], int]]:
    """Of the newest version of the year's plan that the household signed: the measures that tell nothing of a closed
    class, and how many of these are not shown for want of room."""
    plans = HelpPlan.objects.filter(household_id__in=listed(keys), year=day.year, answer__kind="signed")
    signed = {plan.household_id: plan.pk for plan in plans.order_by("version")}
    households = {plan: household for household, plan in signed.items()}
    rows = list(PlannedMeasure.objects.filter(plan_id__in=listed(households)).order_by("plan_id", "due", "number"))
    done = _done(keys, day)
    kinds_of = {(row.sort, row.policy) for row in rows}
    told = {each for each in kinds_of if may_be_told(*each, frozenset())}  # once a kind: it asks the pack's files
    shown: dict[int, list[Measure]] = {}
    for row in rows:
        household = households[row.plan_id]
        if (row.sort, row.policy) in told:
            shown.setdefault(household, []).append(_measure(row, is_done=(household, row.number) in done))
    return {key: (tuple(found[:MOST_MEASURES]), max(len(found) - MOST_MEASURES, 0)) for key, found in shown.items()}


def _done(keys: Sequence[int], day: date) -> set[tuple[int, int]]:
    """(household, number) of the measures of which something was done and not taken back."""
    rows = MeasureDone.objects.filter(
        measure__plan__household_id__in=listed(keys), measure__plan__year=day.year, takes_back=None, taken_back=None
    )
    return set(rows.values_list("measure__plan__household_id", "measure__number"))


def _measure(row: PlannedMeasure, *, is_done: bool) -> Measure:
    sort = CLASSES[row.sort].zh if row.sort in CLASSES else ""
    content, by = public(row.content), public(row.organisation)
    if tells_health(content + by):
        content, by = "（详情请问帮扶责任人）", ""
    return Measure(sort, content, by, row.due.isoformat(), is_done)


def _income(row: HouseholdIncome, card: HouseholdCard) -> tuple[tuple[str, str], ...]:
    """What is nothing is left out; what is not known is said, or the rest would look like all there is."""
    lines = [(title, getattr(row, name)) for name, title in _LINES]
    if all(amount is None for _title, amount in lines):
        return ()
    shown = [(title, "未知" if amount is None else decimal_text(amount, 2)) for title, amount in lines if amount != 0]
    if card.income is not None:
        shown.append(("人均纯收入", decimal_text(_whole(card.income), 0)))
    return tuple(shown)


def _whole(fen: int) -> int:
    return int((Decimal(fen) / 100).quantize(Decimal(1), ROUND_HALF_UP))
