"""The list of procedures with what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing
from tuopin.platform.problems import Problem
from tuopin.register.listings import reader_of
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.place import LEVEL_TITLES
from tuopin.standards.permissions import VIEW_PROCEDURE

from . import definitions, subjects
from .models import Procedure, ProcedureText
from .selectors import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

_NONE = Title("—", "—")


def _rows(reader: Reader) -> QuerySet[Procedure]:
    return subjects.rows(reader.actor, VIEW_PROCEDURE, reader.place)


def _subjects(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """(code, name, area) of the subjects of a page: at most three statements."""
    households = [row["subject_id"] for row in rows if row["level"] == "household"]
    cards = {
        key: (code, name, area)
        for key, code, name, area in HouseholdCard.objects.filter(pk__in=households).values_list(
            "pk", "code", "head_name", "area_id"
        )
    }
    wanted = {area for _code, _name, area in cards.values()} | {
        row["subject_id"] for row in rows if row["level"] != "household"
    }
    versions = {each.area_id: each for each in AreaVersion.objects.filter(area_id__in=wanted, valid_to=None)}
    found = {}
    for row in rows:
        if row["level"] == "household":
            code, name, area = cards.get(row["subject_id"], ("", "", None))
            place = versions.get(area or 0)
            found[row["pk"]] = (code, name, place.name if place else "")
        else:
            own = versions.get(row["subject_id"])
            found[row["pk"]] = (own.code, own.name, own.name) if own else ("", "", "")
    return found


def _titles(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """(procedure, step) in words."""
    texts = ProcedureText.objects.in_bulk({row["definition_id"] for row in rows})
    found = {}
    for row in rows:
        definition = definitions.read(texts[row["definition_id"]])
        step = definition.step(row["step"])
        found[row["pk"]] = (definition.title, step.title if step is not None else _NONE)
    return found


def _kinds(_reader: Reader) -> list[tuple[str, Title]]:
    """The procedures that were ever begun."""
    found: dict[str, Title] = {}
    for text in ProcedureText.objects.order_by("key"):
        try:
            found.setdefault(text.key, definitions.read(text).title)
        except Problem:
            continue
    return list(found.items())


def _late(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    late = Q(state="running", due__lt=timezone.localdate())
    return rows.filter(late) if value else rows.exclude(late)


def _ready(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    """Those whose next step may be recorded today."""
    ready = Q(state="running") & (Q(earliest=None) | Q(earliest__lte=timezone.localdate()))
    return rows.filter(ready) if value else rows.exclude(ready)


PROCEDURES = Listing(
    key="standards.procedures",
    title=Title("退出、监测程序", "Procedures"),
    noun=Title("个", "procedures"),
    rows=_rows,
    reader=reader_of(VIEW_PROCEDURE),
    may_open=lambda who: require(
        who.actor, VIEW_PROCEDURE, area_path=who.place.path if who.place is not None else None
    ),
    address=lambda _reader: reverse("standards:procedures"),
    order=("pk",),
    descending=True,
    order_title=Title("开始先后", "when begun"),
    empty=Title(
        "这里还没有办理任何程序。点“开始办理”。", "No procedure has been begun here: choose “Begin”."
    ),
    columns=(
        Column("code", Title("编号", "Code"), "code", load=_subjects, pick=lambda found: found[0],
               href=lambda row: reverse("standards:procedure", args=[row["pk"]]), needs=("subject_id", "level")),
        Column("name", Title("户主/名称", "Head or name"), load=_subjects, pick=lambda found: found[1],
               needs=("subject_id", "level")),
        Column("village", Title("村", "Village"), load=_subjects, pick=lambda found: found[2],
               needs=("subject_id", "level")),
        Column("kind", Title("程序", "Procedure"), load=_titles, pick=lambda found: found[0],
               needs=("definition_id", "step")),
        Column("step", Title("现在这一步", "Step that is due"), load=_titles, pick=lambda found: found[1],
               needs=("definition_id", "step")),
        Column("earliest", Title("最早日期", "Not before"), "date", "earliest", blank=_NONE, sort=("earliest",)),
        Column("due", Title("最晚日期", "Due by"), "date", "due", blank=_NONE, sort=("due",)),
        Column("provisional", Title("日期暂定", "Provisional"), "flag", "provisional", optional=True),
        Column("started", Title("开始", "Begun"), "date", "started", sort=("started",)),
        Column("last", Title("上一步", "Last step on"), "date", "last_day", sort=("last_day",), optional=True),
        Column("state", Title("状态", "State"), "choice", "state", choices=STATES),
        Column("overall", Title("开始时判定", "Verdict at the start"), "verdict", "overall", optional=True),
        Column("level", Title("级别", "Level"), "choice", "level", optional=True,
               choices=dict(LEVEL_TITLES) | {"household": Title("户", "household")}),
    ),
    filters=(
        ChoiceFilter("kind", Title("程序", "Procedure"), "key", choices_of=_kinds),
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(STATES.items())),
        FlagFilter("late", Title("已超期", "Late"), narrow=_late),
        FlagFilter("ready", Title("今天可以办", "Can be done today"), narrow=_ready),
        DateFilter("due", Title("最晚日期", "Due by"), "due", more=True),
        DateFilter("started", Title("开始", "Begun"), "started", more=True),
    ),
)  # fmt: skip
