"""The list of payments: what was received, and which payments are to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, subtree
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing, NumberFilter
from tuopin.register.listings import below, reader_of
from tuopin.register.models import AreaVersion, EventSubject, HouseholdCard, Membership, PersonIdentity
from tuopin.register.permissions import EXPORT, VIEW_HOUSEHOLD

from . import selectors
from .permissions import VIEW
from .policies import opened, policies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

DOUBTS: Mapping[str, Title] = {
    "dead": Title("领取人已去世", "after the receiver had died"),
    "left": Title("领取人当日不是该户成员", "to somebody who was no member that day"),
}
_WHOLE = Title("全户", "household")


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.payments(reader.actor, reader.place, reader.classes)


def may_open(reader: Reader) -> None:
    """Who may see help and households. Raises Refused."""
    path = reader.place.path if reader.place is not None else None
    require(reader.actor, VIEW, area_path=path)
    require(reader.actor, VIEW_HOUSEHOLD, area_path=path)


def _heads(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    heads = dict(
        HouseholdCard.objects.filter(pk__in={row["household_id"] for row in rows}).values_list("pk", "head_name")
    )
    return {row["pk"]: heads.get(row["household_id"], "") for row in rows}


def _receivers(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Names as the register has them last: who received may have died or left since."""
    wanted = {row["person_id"] for row in rows if row["person_id"] is not None}
    known = PersonIdentity.objects.filter(person__in=wanted, superseded_at=None).order_by("as_of")
    names = dict(known.values_list("person_id", "name"))
    return {row["pk"]: names.get(row["person_id"]) for row in rows}


def _doubts(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Of each payment to a person what is to be looked at: two statements a page."""
    wanted = {row["person_id"] for row in rows if row["person_id"] is not None}
    died = dict(
        EventSubject.objects.filter(person__in=wanted, event__kind="death", event__undone=None).values_list(
            "person_id", "day"
        )
    )
    held: dict[tuple[int, int], list[tuple[Any, Any]]] = {}
    for person, household, since, until in Membership.objects.filter(person__in=wanted).values_list(
        "person_id", "household_id", "valid_from", "valid_to"
    ):
        held.setdefault((person, household), []).append((since, until))
    return {row["pk"]: _doubt(row, died, held) for row in rows if row["person_id"] is not None}


def _doubt(row: Row, died: Mapping[int, Any], held: Mapping[tuple[int, int], Sequence[tuple[Any, Any]]]) -> str:
    person, day = row["person_id"], row["paid_on"]
    if person in died and died[person] <= day:
        return "dead"
    terms = held.get((person, row["household_id"]), ())
    return "" if any(since <= day and (until is None or until > day) for since, until in terms) else "left"


def _by_doubt(rows: QuerySet[Any], _reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    condition = Q()
    for each in chosen:
        to_person = Q(person__isnull=False)
        condition |= to_person & (
            Q(selectors.after_death()) if each == "dead" else ~Q(selectors.after_death()) & ~Q(selectors.member_then())
        )
    return rows.filter(condition)


def _below(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    paths = AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("path", flat=True)
    return rows.filter(selectors.lives([subtree(path) for path in paths]))


def _policies(reader: Reader) -> list[tuple[str, Title]]:
    return [(each.key, each.title) for each in opened(reader.classes)]


def _title_of(key: str) -> Title:
    policy = policies().get(key)
    return policy.title if policy else Title(key, key)


PAYMENTS = Listing(
    key="measures.payments",
    title=Title("补贴发放名单", "Payments"),
    noun=Title("笔", "payments"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open,
    address=lambda _reader: reverse("measures:payments"),
    order=("paid_on", "pk"),
    order_title=Title("发放日期", "day"),
    descending=True,
    export=EXPORT,
    empty=Title(
        "还没有发放记录。在“导入”中导入补贴发放名单。", "No payments yet: take in payment lists under “Import”."
    ),
    columns=(
        Column("code", Title("户编号", "Household"), "code", "household__code",
               href=lambda row: reverse("console:household", args=[row["household__code"]])),
        Column("head", Title("户主姓名", "Head"), load=_heads, needs=("household_id",), optional=True),
        Column("receiver", Title("领取人", "Receiver"), load=_receivers, needs=("person_id",), blank=_WHOLE),
        Column("policy", Title("补贴项目", "Policy"), field="policy", pick=_title_of),
        Column("amount", Title("发放金额", "Amount"), "amount", "amount", unit=Title("元", "yuan"), scale=2,
               sort=("amount", "pk")),
        Column("in_kind", Title("实物", "In kind"), field="in_kind", blank=Title("—", "—"), optional=True),
        Column("paid_on", Title("发放日期", "Paid on"), "date", "paid_on", sort=("paid_on", "pk")),
        Column("document", Title("文件依据", "Document"), field="document", blank=Title("—", "—")),
        Column("office", Title("发放单位", "Paid by"), field="office", blank=Title("—", "—"), optional=True),
        Column("doubt", Title("须核实", "To be looked at"), "choice", load=_doubts,
               needs=("person_id", "household_id", "paid_on"), choices=DOUBTS, blank=Title("—", "—")),
    ),
    filters=(
        ChoiceFilter("policy", Title("补贴项目", "Policy"), "policy", choices_of=_policies),
        ChoiceFilter("doubt", Title("须核实", "To be looked at"), narrow=_by_doubt, choices=tuple(DOUBTS.items())),
        DateFilter("paid", Title("发放日期", "Paid"), "paid_on"),
        NumberFilter("amount", Title("金额", "Amount"), "amount", unit=Title("元", "yuan"), scale=2, more=True,
                     blank=True),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=_below, choices_of=below, more=True),
    ),
)  # fmt: skip
