"""Two lists: data issues, and corrections that are not yet in the national system (待录入国网)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, visible_paths
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing, TextFilter

from ..importing.report import NOT_OF_HOUSEHOLDS
from ..issue_codes import issue_codes
from ..listings import named_issues, reader_of
from ..models import AreaVersion, CorrectedValue, IssueWaiver, Person, PersonIdentity, Residence
from ..permissions import CORRECT, EXPORT, VIEW_HOUSEHOLD
from ..record import masked
from ..selectors import subtree, within
from . import naming, waivers
from .fields import all_fields, decode
from .forms import SOURCES, safe
from .subjects import AREAS
from .versions import standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

_SEVERITIES = {
    "reject": Title("未导入", "not taken"),
    "error": Title("按未知处理", "counts as unknown"),
    "doubt": Title("待核实", "to be checked"),
    "info": Title("提示", "for information"),
}
ALL_CLASSES = ("identity", "health", "disability", "bank", "child")


def _persons(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Names of the persons of lines; nothing for households and villages."""
    people = {row["subject"] for row in rows if row["level"] == "person"}
    found = standing(PersonIdentity, people) if people else {}
    names = {key: getattr(versions[-1], "name", "") for key, versions in found.items()}
    return {row["pk"]: names.get(row["subject"], "") if row["level"] == "person" else "" for row in rows}


def _or_none(name: str) -> str | Title:
    """The name of a person; a line about a whole household or village has none, which is not unknown."""
    return name or Title("—", "—")


# -- to be entered ------------------------------------------------------------------------------------------------


def _waiting(who: Reader) -> QuerySet[CorrectedValue]:
    villages = AreaVersion.objects.filter(within(visible_paths(who.actor, CORRECT)), level__in=AREAS, valid_to=None)
    if who.place is not None:
        low, high = subtree(who.place)
        villages = villages.filter(path__gte=low, path__lt=high)
    opened = [item.name for item in all_fields().values() if who.opens((item.field_class,))]
    here = villages.values("area_id")  # a household that moved is corrected where it lives now
    living = Residence.objects.filter(valid_to=None, area_id__in=here).values("household_id")
    where = Q(household=None, village_id__in=here) | Q(household_id__in=living)
    return CorrectedValue.objects.filter(where, state="open", field__in=opened)


def _codes(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    areas = {row["village_id"] for row in rows}
    named = {
        area: (code, name)
        for area, code, name in AreaVersion.objects.filter(area_id__in=areas, valid_to=None).values_list(
            "area_id", "code", "name"
        )
    }
    return {row["pk"]: named.get(row["village_id"], ("", "")) for row in rows}


def _value(column: str) -> Any:
    def load(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
        found = {}
        for row in rows:
            item, text = all_fields()[row["field"]], row[column]
            found[row["pk"]] = safe(item, decode(item, text)) if text is not None else None
        return found

    return load


def _field_title(name: str) -> Title:
    return all_fields()[name].title


def _contradicts(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    """Corrections that a later export answered with a third value."""
    said = Q(export_as_of__gt=F("correction__as_of")) & ~Q(export_value=F("new"))
    return rows.filter(said) if value else rows.exclude(said)


def _correct_address(row: Row) -> str:
    if row["household__code"]:
        return reverse("register:correct_household", args=[row["household__code"]])
    return reverse(f"register:correct_{row['level']}", args=[row["village_code"]])


CORRECTIONS = Listing(
    key="register.corrections",
    title=Title("待录入国网的更正", "Corrections to be entered in the national system"),
    noun=Title("项", "values"),
    rows=lambda who: _waiting(who).annotate(village_code=_village_code()),
    reader=reader_of(CORRECT),
    export=CORRECT,
    may_open=lambda who: require(who.actor, CORRECT, area_path=who.place.path if who.place is not None else None),
    address=lambda _reader: reverse("register:corrections"),
    order=("pk",),
    descending=True,
    order_title=Title("更正时间", "when corrected"),
    empty=Title(
        "没有待录入的更正：更正过的都已由国网导出确认。",
        "Nothing is to be entered: exports confirm all that was corrected.",
    ),
    columns=(
        Column("code", Title("户编号/村", "Household/village"), "code", "household__code",
               pick=lambda code: code or Title("村", "village"), href=_correct_address,
               needs=("village_code", "level")),
        Column("person", Title("姓名", "Person"), load=_persons, pick=_or_none, needs=("level", "subject")),
        Column("village", Title("村", "Village"), load=_codes, pick=lambda found: found[1], needs=("village_id",)),
        Column("field", Title("项", "Field"), field="field", pick=_field_title, sort=("field",)),
        Column("old", Title("原值", "Old value"), load=_value("old"), needs=("field", "old")),
        Column("new", Title("更正为", "Corrected to"), load=_value("new"), needs=("field", "new")),
        Column("said", Title("最近导出写作", "Last export says"), load=_value("export_value"),
               needs=("field", "export_value")),
        Column("said_on", Title("导出日期", "Export of"), "date", "export_as_of"),
        Column("source", Title("依据", "Source"), "choice", "correction__source", choices=dict(SOURCES)),
        Column("by", Title("更正人", "By"), field="correction__actor", sort=("correction__actor",)),
        Column("at", Title("更正时间", "At"), "date", "correction__at", sort=("pk",)),
        Column("as_of", Title("情况日期", "As of"), "date", "correction__as_of", optional=True),
        Column("reason", Title("理由", "Reason"), field="correction__reason", optional=True),
    ),
    filters=(
        ChoiceFilter("field", Title("项", "Field"), "field",
                     choices_of=lambda who: [(item.name, item.title) for item in all_fields().values()
                                             if who.opens((item.field_class,))]),
        ChoiceFilter("source", Title("依据", "Source"), "correction__source",
                     choices=tuple((key, SOURCES[key]) for key in ("by_hand", "visit", "department_list"))),
        DateFilter("day", Title("情况日期", "As of"), "correction__as_of"),
        FlagFilter("contradicted", Title("后来的导出另有说法", "A later export says otherwise"), narrow=_contradicts),
        TextFilter("code", Title("户编号开头", "Code begins with"), "household__code", more=True),
    ),
)  # fmt: skip


def _village_code() -> Any:
    from django.db.models import OuterRef, Subquery

    return Subquery(AreaVersion.objects.filter(area_id=OuterRef("village_id"), valid_to=None).values("code")[:1])


# -- data issues --------------------------------------------------------------------------------------------------


def _subject_address(row: Row) -> str:
    view = "console:area" if row["kind"] in NOT_OF_HOUSEHOLDS else "console:household"
    return reverse(view, args=[row["subject"]]) if row["subject"] else ""


def _of_persons(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    codes = {row["person"] for row in rows if row["person"]}
    ids = dict(Person.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    found = standing(PersonIdentity, ids.values()) if ids else {}
    names = {key: getattr(versions[-1], "name", "") for key, versions in found.items()}
    return {row["pk"]: names.get(ids.get(row["person"], 0), "") for row in rows}


def _until(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    keys = [row["pk"] for row in rows]
    found = IssueWaiver.objects.filter(issue_id__in=keys, ended_at=None, until__gte=timezone.localdate())
    return dict(found.values_list("issue_id", "until"))


def _code_titles(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: naming.issue_title(row["code"], reader.classes) for row in rows}


def _columns(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    named = naming.Columns(reader.classes)
    return {row["pk"]: named(row["code"], row["kind"], row["column"]) for row in rows}


def _severity(rows: QuerySet[Any], _reader: Reader, values: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(code__in=[code for code, each in issue_codes().items() if each.severity in values])


ISSUES = Listing(
    key="register.issues",
    title=Title("数据疑点", "Data issues"),
    noun=Title("条", "issues"),
    rows=lambda who: waivers.issues(who.actor, who.place),
    reader=reader_of(VIEW_HOUSEHOLD),
    export=EXPORT,
    may_open=lambda who: require(
        who.actor, VIEW_HOUSEHOLD, area_path=who.place.path if who.place is not None else None
    ),
    address=lambda _reader: reverse("register:issue_list"),
    order=("pk",),
    order_title=Title("发现先后", "as found"),
    empty=Title("没有数据疑点。", "There are no data issues."),
    columns=(
        Column("subject", Title("户编号/村", "Household/village"), "code", "subject", href=_subject_address,
               needs=("kind",), sort=("subject",)),
        Column("person", Title("姓名", "Person"), load=_of_persons, pick=_or_none, needs=("person",)),
        Column("code", Title("疑点", "Issue"), load=_code_titles, needs=("code",)),
        Column("column", Title("列", "Column"), load=_columns, needs=("code", "kind", "column")),
        Column("value", Title("原表写作", "Written as"), field="value", pick=masked, classes=ALL_CLASSES),
        Column("file", Title("文件", "File"), field="sheet__file"),
        Column("row", Title("行", "Row"), "amount", "row"),
        Column("until", Title("已核实至", "Vouched for until"), "date", load=_until, blank=Title("—", "—")),
        Column("recorded", Title("发现时间", "Found"), "date", "recorded_at", sort=("recorded_at",), optional=True),
    ),
    filters=(
        ChoiceFilter("code", Title("疑点", "Issue"), "code", choices_of=named_issues),
        ChoiceFilter("severity", Title("性质", "Severity"), narrow=_severity, choices=tuple(_SEVERITIES.items())),
        FlagFilter("waived", Title("已核实无误", "Vouched for"), "waived"),
        TextFilter("subject", Title("户编号开头", "Code begins with"), "subject", more=True),
    ),
)  # fmt: skip

SEVERITIES = _SEVERITIES
LISTINGS = (ISSUES, CORRECTIONS)
