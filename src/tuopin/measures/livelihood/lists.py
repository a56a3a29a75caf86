"""Lists of livelihood: enterprises, links, dividends, work, loans, relocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing
from tuopin.platform.panels import UNITS
from tuopin.platform.problems import Refused
from tuopin.register.listings import below, inside, reader_of, village_names
from tuopin.register.models import HouseholdCard, PersonCard
from tuopin.register.permissions import EXPORT, VIEW_HOUSEHOLD

from ..merged import KEEPER
from ..permissions import VIEW
from . import selectors
from .words import ENTERPRISES, FORMS, OLD_HOUSE, PLACES, RISKS, USES, WORKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

YUAN = UNITS["CNY"]
PER_CENT = Title("%", "%")
OPEN_END = Title("未定", "open")
SPANS: Mapping[str, Title] = {
    "live": Title("在联", "standing"), "ended": Title("已结束", "ended"), "planned": Title("未开始", "to begin"),
}  # fmt: skip
DIVIDENDS_STATES: Mapping[str, Title] = {
    "overdue": Title("超期未兑现", "overdue"), "part": Title("部分兑现", "partly paid"), "open": Title("未到期",
        "not due"),
    "paid": Title("已兑现", "paid"), "unknown": Title("未知：没有应付日期", "unknown: no day"),
}  # fmt: skip
WORK_STATES: Mapping[str, Title] = {
    "live": Title("在岗", "at work"), "ended": Title("已结束", "ended"), "returned": Title("已返乡", "came back"),
    "planned": Title("未开始", "to begin"),
}  # fmt: skip
LOAN_STATES: Mapping[str, Title] = {
    "overdue": Title("已逾期", "overdue"), "due30": Title("30 天内到期", "due in 30 days"),
    "due60": Title("60 天内到期", "due in 60 days"), "running": Title("未到期", "running"),
    "repaid": Title("已还清", "repaid"), "unknown": Title("未知：没有到期日", "unknown: no day"),
}  # fmt: skip
LACKS: Mapping[str, Title] = {
    "job": Title("无人就业", "no work"), "clinic": Title("就医未落实", "no clinic"),
    "house": Title("旧房未拆", "old house stands"), "not_in": Title("未入住", "not moved in"),
    "unasked": Title("有未核实的项目", "something unanswered"),
}  # fmt: skip
LACKS_SCHOOL = {"school": Title("就学未落实", "no school")}


def _heads(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    heads = dict(HouseholdCard.objects.filter(pk__in={row["keeper"] for row in rows}).values_list("pk", "head_name"))
    return {row["pk"]: heads.get(row["keeper"], "") for row in rows}


def _persons(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    names = dict(PersonCard.objects.filter(pk__in={row["person_id"] for row in rows}).values_list("pk", "name"))
    return {row["pk"]: names.get(row["person_id"], "") for row in rows}


def _may_open(reader: Reader) -> None:
    path = reader.place.path if reader.place is not None else None
    require(reader.actor, VIEW, area_path=path)
    require(reader.actor, VIEW_HOUSEHOLD, area_path=path)


def _may_see_enterprises(reader: Reader) -> None:
    require(reader.actor, VIEW, area_path=reader.place.path if reader.place is not None else None)


def _may_see_loans(reader: Reader) -> None:
    _may_open(reader)
    if not reader.opens((selectors.BANK,)):
        raise Refused(
            "bank_closed",
            "贷款属于银行类字段，未向您开放。需要查看的，请由管理员授予银行类字段。",
            "Loans belong to the class of fields “bank”, which is not open to you. Ask an administrator for it.",
        )


def _rows(find: Callable[..., QuerySet[Any]]) -> Callable[[Reader], QuerySet[Any]]:
    def rows(reader: Reader) -> QuerySet[Any]:
        return find(reader.actor, reader.place, reader.day)

    return rows


def _address(name: str) -> Callable[[Reader], str]:
    return lambda _reader: reverse(name)


def _household_href(row: Row) -> str:
    return reverse("console:household", args=[row[_CODE]])


_CODE = "code"
CODE = Column("code", Title("户编号", "Household"), "code", _CODE, href=_household_href)
HEAD = Column("head", Title("户主", "Head"), load=_heads, needs=("keeper",))
VILLAGE = Column("village", Title("村", "Village"), load=village_names, needs=("path",))
BELOW = ChoiceFilter("below", Title("下级区域", "Area below"), narrow=inside, choices_of=below)


def _money(key: str, zh: str, en: str, *, optional: bool = False, sorts: bool = True) -> Column:
    return Column(
        key, Title(zh, en), "amount", key, unit=YUAN, scale=2, optional=optional, sort=(key, "pk") if sorts else ()
    )


def _choice(key: str, zh: str, en: str, choices: Mapping[str, Title], **more: Any) -> Column:
    return Column(key, Title(zh, en), "choice", key, choices=choices, **more)


def _state(states: Mapping[str, Title]) -> tuple[Column, ChoiceFilter]:
    title = Title("状态", "State")
    return (
        Column("state", title, "choice", "state", choices=states),
        ChoiceFilter("state", title, "state", choices=tuple(states.items())),
    )


UNKNOWN = Title("未知", "unknown")


def _day(key: str, zh: str, en: str, *, optional: bool = False, blank: Title = UNKNOWN) -> Column:
    return Column(key, Title(zh, en), "date", key, sort=(key, "pk"), optional=optional, blank=blank)


# -- enterprises --------------------------------------------------------------------------------------------------


def _linked(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """How many households that the reader may see hang on each."""
    wanted = {row["enterprise_id"] for row in rows}
    found = selectors.links(reader.actor, None, reader.day).filter(state="live", enterprise_id__in=wanted)
    counted = found.order_by().values("enterprise_id").annotate(n=Count(KEEPER, distinct=True))
    counts = {row["enterprise_id"]: row["n"] for row in counted}
    return {row["pk"]: counts.get(row["enterprise_id"], 0) for row in rows}


def _enterprise_href(row: Row) -> str:
    return reverse("measures:enterprise", args=[row["enterprise_id"]])


RISK = Column("risk", Title("风险", "Risk"), "choice", "risk", choices=RISKS)
ENTERPRISE_LIST = Listing(
    key="measures.enterprises",
    title=Title("带贫主体", "Enterprises"),
    noun=Title("个", "enterprises"),
    rows=_rows(selectors.enterprises),
    reader=reader_of(VIEW),
    may_open=_may_see_enterprises,
    address=_address("measures:enterprises"),
    order=("name", "pk"),
    order_title=Title("名称", "name"),
    first="name",
    log=False,
    empty=Title("还没有带贫主体：导入带贫主体名册，或在本页登记。",
        "No enterprise yet: take in their list, or enter one."),
    columns=(
        Column("name", Title("名称", "Name"), field="name", href=_enterprise_href, needs=("enterprise_id",),
            sort=("name", "pk")),
        _choice("kind", "类型", "Kind", ENTERPRISES),
        Column("industry", Title("主导产业", "Industry"), field="industry"),
        VILLAGE,
        Column("linked", Title("在联户数", "Households"), "amount", load=_linked, needs=("enterprise_id",)),
        RISK,
        Column("organisation", Title("联系单位", "Office in contact"), field="organisation", optional=True),
        Column("operator", Title("运营企业", "Run by"), field="operator", optional=True),
        Column("capacity", Title("可容纳人数", "Places"), "amount", "capacity", optional=True),
        Column("number", Title("主体编号", "Number"), "code", "enterprise__code", optional=True),
        Column("credit_code", Title("统一社会信用代码", "Credit code"), "code", "credit_code", optional=True),
    ),
    filters=(
        ChoiceFilter("kind", Title("类型", "Kind"), "kind", choices=tuple(ENTERPRISES.items())),
        ChoiceFilter("risk", Title("风险", "Risk"), "risk", choices=tuple(RISKS.items()), blank=True),
        BELOW,
    ),
)  # fmt: skip

# -- links, dividends ---------------------------------------------------------------------------------------------

_LINK_STATE, _LINK_BY_STATE = _state(SPANS)
NAME = Column("name", Title("带贫主体", "Enterprise"), field="name")
LINK_LIST = Listing(
    key="measures.links",
    title=Title("带贫联结", "Links"),
    noun=Title("条", "links"),
    rows=_rows(selectors.links),
    reader=reader_of(VIEW),
    may_open=_may_open,
    address=_address("measures:links"),
    order_title=Title("录入先后", "as recorded"),
    export=EXPORT,
    empty=Title("还没有带贫联结：先导入带贫主体名册，再导入联结台账。",
        "No link yet: take in enterprises, then their links."),
    columns=(
        CODE, HEAD, VILLAGE, NAME, _choice("form", "联结方式", "Form", FORMS), _day("valid_from", "开始", "From"),
        _day("valid_to", "结束（不含当日）", "Until", blank=OPEN_END), _money("agreed", "约定年收益", "Agreed a year"),
        Column("share", Title("股份", "Share"), "amount", "share", unit=PER_CENT, scale=2, optional=True),
        Column("contract", Title("合同", "Contract"), field="contract", optional=True), RISK, _LINK_STATE,
    ),
    filters=(
        _LINK_BY_STATE,
        ChoiceFilter("form", Title("联结方式", "Form"), "form", choices=tuple(FORMS.items())),
        ChoiceFilter("risk", Title("主体风险", "Risk"), "risk", choices=tuple(RISKS.items()), blank=True),
        DateFilter("until", Title("结束日", "Ends"), "valid_to", more=True),
        BELOW,
    ),
)  # fmt: skip

_DIVIDEND_STATE, _DIVIDEND_BY_STATE = _state(DIVIDENDS_STATES)
DIVIDEND_LIST = Listing(
    key="measures.dividends",
    title=Title("分红兑现", "Dividends"),
    noun=Title("笔", "dividends"),
    rows=_rows(selectors.dividends),
    reader=reader_of(VIEW),
    may_open=_may_open,
    address=_address("measures:dividends"),
    order_title=Title("录入先后", "as recorded"),
    export=EXPORT,
    empty=Title("还没有分红记录。", "No dividend yet."),
    columns=(
        CODE, HEAD, VILLAGE, NAME, _choice("form", "联结方式", "Form", FORMS),
        Column("period", Title("期次", "Period"), field="period"), _day("due_on", "应付日期", "Due on"),
        _money("due", "应付", "Due"), _day("paid_on", "兑现日期", "Paid on", blank=Title("—", "—")), _money("paid",
            "已付", "Paid"),
        Column("document", Title("凭证", "Document"), field="document", optional=True), _DIVIDEND_STATE,
    ),
    filters=(
        _DIVIDEND_BY_STATE,
        ChoiceFilter("form", Title("联结方式", "Form"), "form", choices=tuple(FORMS.items()), more=True),
        DateFilter("due_on", Title("应付日期", "Due on"), "due_on", more=True),
        BELOW,
    ),
)  # fmt: skip

# -- work ---------------------------------------------------------------------------------------------------------


_PERSON_CODE = "person__card__household__code"
_WORK_STATE, _WORK_BY_STATE = _state(WORK_STATES)
WORK_LIST = Listing(
    key="measures.work",
    title=Title("务工就业", "Work"),
    noun=Title("条", "terms of work"),
    rows=_rows(selectors.work),
    reader=reader_of(VIEW),
    may_open=_may_open,
    address=_address("measures:work"),
    order_title=Title("录入先后", "as recorded"),
    export=EXPORT,
    empty=Title("还没有务工记录：导入务工就业台账，或在户的页面登记。",
        "No work yet: take in a list, or enter it at a household."),
    columns=(
        Column("code", Title("户编号", "Household"), "code", _PERSON_CODE,
               href=lambda row: reverse("console:household", args=[row[_PERSON_CODE]])),
        Column("person", Title("姓名", "Name"), load=_persons, needs=("person_id",)),
        VILLAGE, _choice("kind", "类型", "Kind", WORKS), Column("employer", Title("单位", "Employer"),
            field="employer"),
        Column("post", Title("岗位", "Post"), field="post", optional=True), _choice("place", "地点", "Place", PLACES),
        _day("valid_from", "开始", "From"), _day("valid_to", "结束（不含当日）", "Until", blank=OPEN_END),
        _money("wage", "月工资", "Wage a month"),
        Column("contract", Title("签合同", "Contract"), "flag", "contract", optional=True),
        Column("end_reason", Title("结束或返乡原因", "Why it ended"), field="end_reason", optional=True), _WORK_STATE,
    ),
    filters=(
        _WORK_BY_STATE,
        ChoiceFilter("kind", Title("类型", "Kind"), "kind", choices=tuple(WORKS.items())),
        ChoiceFilter("place", Title("地点", "Place"), "place", choices=tuple(PLACES.items()), blank=True),
        DateFilter("since", Title("开始日", "From"), "valid_from", more=True),
        BELOW,
    ),
)  # fmt: skip

# -- loans --------------------------------------------------------------------------------------------------------

_LOAN_STATE, _LOAN_BY_STATE = _state(LOAN_STATES)
LOAN_LIST = Listing(
    key="measures.loans",
    title=Title("小额信贷", "Loans"),
    noun=Title("笔", "loans"),
    rows=_rows(selectors.loans),
    reader=reader_of(VIEW),
    may_open=_may_see_loans,
    address=_address("measures:loans"),
    order_title=Title("录入先后", "as recorded"),
    export=EXPORT,
    empty=Title("还没有贷款记录：导入小额信贷台账。", "No loan yet: take in a list."),
    columns=(
        CODE, HEAD, VILLAGE, Column("bank", Title("银行", "Bank"), field="bank"), _money("amount", "金额", "Amount"),
        Column("rate", Title("年利率", "Rate"), "amount", "rate", unit=PER_CENT, scale=2, optional=True),
        _day("granted", "放款", "Granted"), _day("due", "到期", "Due"),
        _choice("use", "使用方式", "Use", USES), Column("purpose", Title("用途", "Purpose"), field="purpose",
            optional=True),
        _money("interest_paid", "已贴息", "Interest paid by the fund", optional=True),
        _money("repaid", "已还", "Repaid", optional=True), _day("repaid_on", "还清", "Repaid on", optional=True),
        _LOAN_STATE,
    ),
    filters=(
        _LOAN_BY_STATE,
        ChoiceFilter("use", Title("使用方式", "Use"), "use", choices=tuple(USES.items()), blank=True),
        DateFilter("due", Title("到期日", "Due"), "due", more=True),
        BELOW,
    ),
)  # fmt: skip

# -- relocation ---------------------------------------------------------------------------------------------------


def _lacking(rows: QuerySet[Any], _reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    conditions = {
        "job": Q(has_job=False), "school": Q(has_school=False), "clinic": Q(has_clinic=False),
        "house": Q(old_house="standing"), "not_in": Q(moved_in_on=None),
        "unasked": Q(has_job=None) | Q(has_clinic=None),
    }  # fmt: skip
    found = Q(pk__in=[])
    for each in chosen:
        found |= conditions[each]
    return rows.filter(found)


def _lacks(reader: Reader) -> Sequence[tuple[str, Title]]:
    school = tuple(LACKS_SCHOOL.items()) if reader.opens((selectors.CHILD,)) else ()
    return (*LACKS.items(), *school)


def _flag(key: str, zh: str, en: str, **more: Any) -> Column:
    return Column(key, Title(zh, en), "flag", key, **more)


RELOCATION_LIST = Listing(
    key="measures.relocations",
    title=Title("易地搬迁", "Relocation"),
    noun=Title("户", "households"),
    rows=_rows(selectors.relocations),
    reader=reader_of(VIEW),
    may_open=_may_open,
    address=_address("measures:relocations"),
    order_title=Title("录入先后", "as recorded"),
    export=EXPORT,
    empty=Title("还没有搬迁记录：导入易地搬迁台账，或在户的页面登记。",
        "Nothing yet: take in a list, or enter it at a household."),
    columns=(
        CODE, HEAD, VILLAGE, Column("site", Title("安置点", "Site"), field="site"),
        _day("moved_in_on", "入住", "Moved in on"), _choice("old_house", "旧房", "Old house", OLD_HOUSE),
        _flag("has_job", "有人就业", "Work"), _flag("has_school", "就学落实", "School", classes=("general",
            selectors.CHILD)),
        _flag("has_clinic", "就医方便", "Clinic"), _flag("land_there", "原籍有承包地", "Land there", optional=True),
        _flag("registered_there", "户籍未迁", "Registered there", optional=True),
        Column("from_place", Title("迁出地", "From"), field="from_place", optional=True),
        _day("old_house_down_on", "拆旧日期", "Down on", optional=True), _day("as_of", "截至", "Known on",
            optional=True),
    ),
    filters=(
        ChoiceFilter("lacks", Title("未落实", "Lacking"), narrow=_lacking, choices_of=_lacks),
        ChoiceFilter("old_house", Title("旧房", "Old house"), "old_house", choices=tuple(OLD_HOUSE.items()),
            blank=True, more=True),
        BELOW,
    ),
)  # fmt: skip

LISTINGS = (ENTERPRISE_LIST, LINK_LIST, DIVIDEND_LIST, WORK_LIST, LOAN_LIST, RELOCATION_LIST)
