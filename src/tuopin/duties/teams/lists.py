"""The list of members of resident teams in a month: days present against those needed, who has no sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, Listing
from tuopin.register.listings import may_open, reader_of
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_ids_within

from .. import kinds
from ..models import Assignment, PresenceSheet
from ..permissions import VIEW_TEAM
from ..selectors import ranges_at
from . import rules
from .members import during

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

STANDING = {
    "met": Title("达到", "kept"),
    "not_met": Title("不足", "below"),
    "unknown": Title("未知", "unknown"),
    "not_applicable": Title("不满整月", "part of a month"),
    "none": Title("没有考勤", "no sheet"),
}
MONTHS = 13


def month_of(reader: Reader) -> date:
    """The month that the list is of."""
    return rules.month_of(reader.given.get("month", ""), timezone.localdate())


def _rows(reader: Reader) -> QuerySet[Any]:
    month = month_of(reader)
    ranges = ranges_at(reader.actor, VIEW_TEAM, reader.place)
    found = Assignment.objects.filter(during(month, rules.last_day(month)), role__in=rules.ROLES, area__isnull=False)
    codes = AreaVersion.objects.filter(area_id=OuterRef("area_id"), valid_to=None).values("code")[:1]
    found = found.annotate(area_code=Subquery(codes))
    return found if ranges is None else found.filter(area_id__in=area_ids_within(ranges))


def _villages(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    areas = {row["area_id"] for row in rows}
    names = dict(AreaVersion.objects.filter(area_id__in=areas, valid_to=None).values_list("area_id", "name"))
    return {row["pk"]: names.get(row["area_id"], "") for row in rows}


def _sheets(reader: Reader, rows: Sequence[Row]) -> dict[Any, PresenceSheet]:
    found = PresenceSheet.objects.filter(
        month=month_of(reader), official_id__in={row["official_id"] for row in rows},
        area_id__in={row["area_id"] for row in rows},
    )  # fmt: skip
    held = {(each.official_id, each.area_id): each for each in found}
    return {
        row["pk"]: held[row["official_id"], row["area_id"]]
        for row in rows
        if (row["official_id"], row["area_id"]) in held
    }


def _present(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {key: sheet.present for key, sheet in _sheets(reader, rows).items()}


def _unknown(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {key: sheet.unknown for key, sheet in _sheets(reader, rows).items()}


def _confirmed(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    sheets = _sheets(reader, rows)
    return {row["pk"]: sheets[row["pk"]].confirmed_at is not None if row["pk"] in sheets else None for row in rows}


def _standing(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    month = month_of(reader)
    need, end = rules.needed(month), rules.last_day(month)
    sheets, found = _sheets(reader, rows), {}
    for row in rows:
        sheet = sheets.get(row["pk"])
        whole = row["valid_from"] <= month and (row["valid_to"] is None or row["valid_to"] > end)
        found[row["pk"]] = "none" if sheet is None else rules.verdict(sheet.present, sheet.unknown, need, whole)
    return found


def _conditions(month: date) -> dict[str, Q]:
    """What :func:`_standing` says, as conditions on members."""
    need, end = rules.needed(month), rules.last_day(month)
    sheet = PresenceSheet.objects.filter(official_id=OuterRef("official_id"), area_id=OuterRef("area_id"), month=month)
    whole = Q(valid_from__lte=month) & (Q(valid_to=None) | Q(valid_to__gt=end))
    below = Q(pk__in=[])
    for present in range(need):
        below |= Q(present=present, unknown__lt=need - present)
    kept = Q(Exists(sheet.filter(present__gte=need)))
    short = Q(Exists(sheet.filter(below)))
    return {
        "met": whole & kept,
        "not_met": whole & short,
        "unknown": whole & Q(Exists(sheet)) & ~kept & ~short,
        "not_applicable": ~whole & Q(Exists(sheet)),
        "none": ~Q(Exists(sheet)),
    }


def _by_standing(rows: QuerySet[Any], reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    conditions, wanted = _conditions(month_of(reader)), Q(pk__in=[])
    for each in value:
        wanted |= conditions[each]
    return rows.filter(wanted)


def counted(reader: Reader) -> QuerySet[Any, Any]:
    """How many members there are in the reader's place, below the days (``short``), and without a sheet (``bare``): one
    row, none without members."""
    conditions = _conditions(month_of(reader))
    rows: QuerySet[Any, Any] = (
        _rows(reader)
        .order_by()
        .values(_one=Value(1))
        .annotate(
            members=Count("pk"), short=Count("pk", filter=conditions["not_met"]),
            bare=Count("pk", filter=conditions["none"]),
        )
        .values("members", "short", "bare")
    )  # fmt: skip
    return rows


def _confirmed_or_not(rows: QuerySet[Any], reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    sheet = PresenceSheet.objects.filter(
        official_id=OuterRef("official_id"), area_id=OuterRef("area_id"), month=month_of(reader)
    )
    wanted = Q(pk__in=[])
    if "yes" in value:
        wanted |= Q(Exists(sheet.filter(confirmed_at__isnull=False)))
    if "no" in value:
        wanted |= Q(Exists(sheet.filter(confirmed_at=None)))
    return rows.filter(wanted)


def _months(_reader: Reader) -> list[tuple[str, Title]]:
    month, found = timezone.localdate().replace(day=1), []
    for _each in range(MONTHS):
        found.append((f"{month:%Y-%m}", Title(f"{month:%Y-%m}", f"{month:%Y-%m}")))
        month = rules.before(month)
    return found


def _stay(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    """The month decides what the columns say (``month_of``), of which rows are already there."""
    return rows if len(value) == 1 else rows.none()


def _notes(reader: Reader) -> list[Title]:
    month = month_of(reader)
    need = rules.needed(month)
    return [Title(f"{month:%Y-%m}，每月在村不少于 {need} 天。", f"{month:%Y-%m}; at least {need} days in the village.")]


ROLE_TITLES = {key: kinds.role(key).title for key in rules.ROLES}
TEAM_MEMBERS = Listing(
    key="duties.team_members",
    title=Title("驻村工作队", "Resident teams"),
    noun=Title("名队员", "members"),
    rows=_rows,
    reader=reader_of(VIEW_TEAM),
    may_open=may_open(VIEW_TEAM),
    address=lambda _reader: reverse("duties:teams"),
    order=("area_id", "pk"),
    order_title=Title("村", "village"),
    export=EXPORT,
    first="name",
    notes=_notes,
    empty=Title(
        "这里没有驻村工作队。在村的页面“指定责任人”里指定第一书记、队长、队员。",
        "No resident team here: assign first secretary, leader and members on the page of a village.",
    ),
    columns=(
        Column("name", Title("姓名", "Name"), field="name", needs=("area_code",),
               href=lambda row: reverse("duties:team", args=[row["area_code"]]) if row["area_code"] else ""),
        Column("role", Title("角色", "Role"), "choice", "role", choices=ROLE_TITLES),
        Column("village", Title("村", "Village"), load=_villages, needs=("area_id",)),
        Column("unit", Title("派出单位", "Dispatched by"), field="unit"),
        Column("present", Title("在村天数", "Days present"), "amount", load=_present,
               needs=("official_id", "area_id")),
        Column("unknown", Title("未登记天数", "Days unknown"), "amount", load=_unknown,
               needs=("official_id", "area_id")),
        Column("standing", Title("与规定天数比", "Against the rule"), "choice", load=_standing, choices=STANDING,
               needs=("official_id", "area_id", "valid_from", "valid_to")),
        Column("confirmed", Title("乡镇已确认", "Confirmed"), "flag", load=_confirmed, blank=Title("—", "—"),
               needs=("official_id", "area_id")),
    ),
    filters=(
        ChoiceFilter("month", Title("月份", "Month"), narrow=_stay, choices_of=_months),
        ChoiceFilter("standing", Title("与规定天数比", "Against the rule"), narrow=_by_standing,
                     choices=tuple(STANDING.items())),
        ChoiceFilter("confirmed", Title("乡镇确认", "Confirmed"), narrow=_confirmed_or_not,
                     choices=(("yes", Title("已确认", "yes")), ("no", Title("未确认", "no")))),
        ChoiceFilter("role", Title("角色", "Role"), "role", choices=tuple(ROLE_TITLES.items()), more=True),
    ),
)  # fmt: skip
