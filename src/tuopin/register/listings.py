"""Lists of the register: households, persons, villages. They read the cards (``register/cards.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, require, visible_ids, visible_paths
from tuopin.platform.access import subtree as path_range
from tuopin.platform.database import data_state
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing, NumberFilter, Reader, TextFilter
from tuopin.platform.lists.filters import UNKNOWN
from tuopin.platform.panels import unit_title

from . import cards, counting, selectors
from .codes import CAUSE_GROUPS, cause_group, code_list
from .correcting.naming import issue_is_named
from .issue_codes import issue_codes
from .models import AreaVersion, DataIssue, HouseholdCard, PersonCard, Residence
from .permissions import EXPORT, VIEW_HOUSEHOLD, VIEW_PERSON
from .selectors import subtree, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Row
    from tuopin.platform.lists.state import State

PEOPLE = unit_title("person")
MOST_BELOW = 400  # areas that a choice lists


def reader_of(permission: str) -> Callable[[Actor, str, Mapping[str, str]], Reader]:
    """Makes readers of a list under a permission: the area by its code, '' = wherever the grants reach."""

    def make(actor: Actor, code: str, given: Mapping[str, str]) -> Reader:
        place = selectors.area(actor, code) if code else None
        return reader_at(actor, permission, place, given)

    return make


def reader_at(actor: Actor, permission: str, place: AreaVersion | None, given: Mapping[str, str]) -> Reader:
    """A reader of an area. Without an area only what every class of field opens: grants differ from place to place."""
    if place is not None:
        classes = field_classes_at(actor, permission, place.path)
    else:
        classes = None if actor.unrestricted else frozenset({"general"})
    return Reader(actor, counting.as_of(), place, classes, given)


def may_open(permission: str) -> Callable[[Reader], None]:
    """Refuses a reader without the permission at the place."""

    def check(reader: Reader) -> None:
        require(reader.actor, permission, area_path=reader.place.path if reader.place is not None else None)

    return check


def at_place(reader: Reader, permission: str, household: str) -> Q:
    """The cards inside the grants and the place. ``household`` is the field of the household's id, for grants over
    single households."""
    ranges = visible_paths(reader.actor, permission)
    condition = within(ranges)
    single = visible_ids(reader.actor, permission, "household")
    if single:
        condition |= Q(**{f"{household}__in": sorted(single)})
    if reader.place is None:
        return condition
    low, high = subtree(reader.place)
    here = Q(path__gte=low, path__lt=high)
    return here if covers(reader, permission) else here & condition


def covers(reader: Reader, permission: str) -> bool:
    """Whether the grants reach over the whole place: what was added up for the area is what this reader sees."""
    if reader.place is None:
        return False
    ranges = visible_paths(reader.actor, permission)
    low, high = subtree(reader.place)
    return ranges is None or any(first <= low and high <= last for first, last in ranges)


def _known(permission: str, all_: str, by_status: str) -> Callable[[Reader, State], int | None]:
    """Counts of a list as a whole, or by the households' status alone, from those kept of every area."""

    def count(reader: Reader, state: State) -> int | None:
        statuses = state.value("registration") or ()
        if len(state.chosen) > bool(statuses) or UNKNOWN in statuses or not covers(reader, permission):
            return None
        if all_ == "person" and not cards.is_current():
            return None
        counts = counting.current(reader.place.area_id)
        if counts is None or f"{all_}:all" not in counts:
            return None
        if not statuses:
            return counts[f"{all_}:all"]
        return sum(counts.get(f"{by_status}:{status}", 0) for status in statuses)

    return count


def _persons_state() -> str | None:
    """The cards of persons follow a large import in a job: until it is done, nothing is kept."""
    return data_state() if cards.is_current() else None


def _persons_notes(_reader: Reader) -> Sequence[Title]:
    if cards.is_current():
        return ()
    return (
        Title(
            "刚导入的人员资料正在整理，本名单和人数尚不完整，几分钟内补齐。",
            "Persons of the last import are being taken in: this list and its count are not complete yet.",
        ),
    )


# -- columns that several lists have ------------------------------------------------------------------------------


def village_names(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Township and village of each card, by the ids in its path."""
    paths = {row["pk"]: row["path"] for row in rows}
    ids = {int(part) for path in paths.values() for part in (path[-8:], path[-16:-8]) if part}
    names = dict(AreaVersion.objects.filter(area_id__in=ids, valid_to=None).values_list("area_id", "name"))

    def name(path: str) -> str:
        return " ".join(names.get(int(part), "") for part in (path[-16:-8], path[-8:]) if part)

    return {key: name(path) for key, path in paths.items()}


def _groups(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = Residence.objects.filter(household_id__in=[row["pk"] for row in rows], valid_to=None)
    return dict(found.values_list("household_id", "group_name"))


def _issue_counts(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    codes = {row["code"]: row["pk"] for row in rows}
    found = DataIssue.objects.filter(subject__in=codes, closed_at=None).values("subject").annotate(n=Count("pk"))
    counts = dict(found.values_list("subject", "n").order_by())
    return {key: counts.get(code, 0) for code, key in codes.items()}


def household_address(row: Row) -> str:
    return reverse("console:household", args=[row["code"]])


def coded(key: str, title: Title, codes: str, **more: Any) -> Column:
    """A column of a code with the names of its list."""
    return Column(key, title, "choice", key, choices=dict(code_list(codes)), **more)


# -- filters ------------------------------------------------------------------------------------------------------


def below(reader: Reader) -> tuple[tuple[str, Title], ...]:
    """The areas one level below the place, for a choice."""
    if reader.place is None:
        return ()
    found = AreaVersion.objects.filter(parent_id=reader.place.area_id, valid_to=None).order_by("code")[:MOST_BELOW]
    return tuple((each.code, Title(each.name, each.name)) for each in found)


def inside(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    """Rows in one of these areas."""
    condition = Q(pk__in=[])
    for path in AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("path", flat=True):
        low, high = path_range(path)
        condition |= Q(path__gte=low, path__lt=high)
    return rows.filter(condition)


def _cause_groups(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: cause_group(row["main_cause"]) for row in rows}


def _in_group(rows: QuerySet[Any], _reader: Reader, groups: tuple[str, ...]) -> QuerySet[Any]:
    chosen = [code for code, _title in code_list("cause") if cause_group(code) in groups]
    return rows.filter(main_cause__in=chosen)


def _with_issue(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    issues = DataIssue.objects.filter(closed_at=None, code__in=codes)
    return rows.filter(code__in=issues.values("subject"))


def _has_issue(rows: QuerySet[Any], _reader: Reader, wanted: bool) -> QuerySet[Any]:
    found = Exists(DataIssue.objects.filter(closed_at=None, subject=OuterRef("code")))
    return rows.filter(found if wanted else ~found)


def _age(rows: QuerySet[Any], reader: Reader, value: Any) -> QuerySet[Any]:
    """By completed years on the register's day: an age is reached on the birthday itself."""
    if value.blank:
        return rows.filter(birth_date=None)
    if value.low is not None:
        rows = rows.filter(birth_date__lte=years_before(reader.day, value.low))
    if value.high is not None:
        rows = rows.filter(birth_date__gt=years_before(reader.day, value.high + 1))
    return rows


def years_before(day: date, years: int) -> date:
    """The birthday of whoever completes ``years`` on the day (29 February: the day before). Beyond all ages: year 1."""
    year = max(1, day.year - max(0, years))
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _healths(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    """One of several codes in a text that joins them by commas."""
    condition = Q(pk__in=[])
    for code in codes:
        if code == "blank":
            condition |= Q(health=None) | Q(health="")
            continue
        condition |= Q(health=code) | Q(health__startswith=f"{code},")
        condition |= Q(health__endswith=f",{code}") | Q(health__contains=f",{code},")
    return rows.filter(condition)


def named_issues(reader: Reader) -> list[tuple[str, Title]]:
    """The issues that the reader may tell from others: to look for one is to learn who has it."""
    return [(code, each.title) for code, each in issue_codes().items() if issue_is_named(code, reader.classes)]


BELOW = ChoiceFilter("below", Title("下级区域", "Area below"), narrow=inside, choices_of=below)

# -- households ---------------------------------------------------------------------------------------------------

HOUSEHOLDS = Listing(
    key="register.households",
    title=Title("户名单", "Households"),
    noun=Title("户", "households"),
    rows=lambda reader: HouseholdCard.objects.filter(at_place(reader, VIEW_HOUSEHOLD, "pk")),
    may_open=may_open(VIEW_HOUSEHOLD),
    reader=reader_of(VIEW_HOUSEHOLD),
    export=EXPORT,
    address=lambda reader: reverse("console:households", args=[reader.place.code]),
    order=("path", "code"),
    order_title=Title("区划、户编号", "place and code"),
    version=data_state,
    count=_known(VIEW_HOUSEHOLD, "household", "listed"),
    empty=Title(
        "这里还没有户资料。请先导入户人信息工作簿。",
        "There are no households here yet: import the household workbook first.",
    ),
    columns=(
        Column("code", Title("户编号", "Code"), "code", "code", href=household_address, sort=("code",)),
        Column("head", Title("户主", "Head"), field="head_name", sort=("head_name", "path")),
        Column("village", Title("所在地", "Place"), load=village_names, needs=("path",), sort=("path", "code")),
        Column("group", Title("村民组", "Group"), load=_groups, optional=True),
        coded("registration", Title("脱贫属性", "Status"), "registration"),
        coded("monitoring", Title("监测状态", "Monitoring"), "monitoring", optional=True),
        coded("support", Title("政策享受", "Support"), "support", optional=True),
        coded("category", Title("贫困户属性", "Category"), "category", optional=True),
        Column("cause_group", Title("致贫原因类别", "Kind of cause"), "choice", load=_cause_groups,
               needs=("main_cause",), choices=dict(CAUSE_GROUPS)),
        coded("main_cause", Title("主要致贫原因", "Main cause"), "cause", classes=("health",)),
        Column("members", Title("人口", "Members"), "amount", "members", unit=PEOPLE),
        Column("income", Title("人均纯收入", "Income per head"), "amount", "income", scale=2, sort=("income",),
               unit=unit_title("CNY/person/year")),
        Column("issues", Title("数据疑点", "Data issues"), "amount", load=_issue_counts, needs=("code",),
               optional=True),
    ),
    filters=(
        ChoiceFilter("registration", Title("脱贫属性", "Status"), "registration", choices=code_list("registration"),
                     blank=True),
        BELOW,
        ChoiceFilter("category", Title("贫困户属性", "Category"), "category", choices=code_list("category"), blank=True,
                     more=True),
        ChoiceFilter("cause_group", Title("致贫原因类别", "Kind of cause"), narrow=_in_group, choices=CAUSE_GROUPS,
                     more=True),
        ChoiceFilter("main_cause", Title("主要致贫原因", "Main cause"), "main_cause", choices=code_list("cause"),
                     blank=True, classes=("health",), more=True),
        ChoiceFilter("monitoring", Title("监测状态", "Monitoring"), "monitoring", choices=code_list("monitoring"),
                     blank=True, more=True),
        NumberFilter("income", Title("人均纯收入", "Income per head"), "income", unit=Title("元", "yuan"), scale=2,
                     blank=True, more=True),
        NumberFilter("members", Title("人口", "Members"), "members", unit=PEOPLE, more=True),
        ChoiceFilter("issue", Title("数据疑点", "Data issue"), narrow=_with_issue, more=True,
                     choices_of=named_issues),
        FlagFilter("issues", Title("有无数据疑点", "Any data issue"), narrow=_has_issue, more=True,
                   yes=Title("有", "some"), no=Title("无", "none")),
        TextFilter("code", Title("户编号开头", "Code begins with"), "code", more=True),
    ),
)  # fmt: skip

# -- persons ------------------------------------------------------------------------------------------------------

_HEALTH = ("health", "disability")


def _ages(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    from .record import age_on

    return {row["pk"]: age_on(row["birth_date"], reader.day) if row["birth_date"] else None for row in rows}


PERSONS = Listing(
    key="register.persons",
    title=Title("人员名单", "Persons"),
    noun=Title("人", "persons"),
    rows=lambda reader: PersonCard.objects.filter(at_place(reader, VIEW_PERSON, "household_id")),
    may_open=may_open(VIEW_PERSON),
    reader=reader_of(VIEW_PERSON),
    export=EXPORT,
    address=lambda reader: reverse("console:persons", args=[reader.place.code]),
    order=("path", "household_id"),
    order_title=Title("区划、户", "place and household"),
    version=_persons_state,
    notes=_persons_notes,
    count=_known(VIEW_PERSON, "person", "member"),
    first="name",
    empty=Title(
        "这里还没有人员资料。请先导入户人信息工作簿。",
        "There are no persons here yet: import the household workbook first.",
    ),
    columns=(
        Column("name", Title("姓名", "Name"), field="name", sort=("name", "path"),
               href=lambda row: reverse("console:household", args=[row["household__code"]]),
               needs=("household__code",)),
        Column("household", Title("户编号", "Household"), "code", "household__code"),
        coded("relation", Title("与户主关系", "Relation"), "relation"),
        coded("sex", Title("性别", "Sex"), "sex"),
        Column("age", Title("年龄", "Age"), "amount", load=_ages, needs=("birth_date",), unit=unit_title("year")),
        Column("birth_date", Title("出生日期", "Born"), "date", "birth_date", classes=("identity",), optional=True,
               sort=("birth_date",)),
        coded("education", Title("文化程度", "Schooling"), "education"),
        coded("study", Title("在校生状况", "In school at"), "study", classes=("child",)),
        coded("health", Title("健康状况", "Health"), "health", classes=_HEALTH),
        coded("labour", Title("劳动技能", "Ability to work"), "labour", optional=True),
        Column("village", Title("所在地", "Place"), load=village_names, needs=("path",)),
    ),
    filters=(
        NumberFilter("age", Title("年龄", "Age"), narrow=_age, unit=unit_title("year"), blank=True),
        ChoiceFilter("sex", Title("性别", "Sex"), "sex", choices=code_list("sex"), blank=True),
        BELOW,
        ChoiceFilter("registration", Title("户的脱贫属性", "Household's status"), "household__card__registration",
                     choices=code_list("registration"), blank=True),
        ChoiceFilter("education", Title("文化程度", "Schooling"), "education", choices=code_list("education"),
                     blank=True, more=True),
        ChoiceFilter("study", Title("在校生状况", "In school at"), "study", choices=code_list("study"), blank=True,
                     classes=("child",), more=True),
        ChoiceFilter("health", Title("健康状况", "Health"), narrow=_healths, choices=code_list("health"), blank=True,
                     classes=_HEALTH, more=True),
        ChoiceFilter("labour", Title("劳动技能", "Ability to work"), "labour", choices=code_list("labour"), blank=True,
                     more=True),
        ChoiceFilter("relation", Title("与户主关系", "Relation"), "relation", choices=code_list("relation"), blank=True,
                     more=True),
    ),
)  # fmt: skip
