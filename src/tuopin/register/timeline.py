"""The time line of a household as the register knows it: what changed when, and where that is written."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import Event

from .codes import code_title
from .correcting.naming import field_title
from .events.kinds import TITLES, told
from .facts import PERIODS
from .household_file import OF_PERSON, file_of
from .models import AreaMap, AreaVersion, RegisterEvent
from .models.area_events import STANDING
from .record import is_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .household_file import HouseholdFile
    from .models import FactBlock
    from .record import Classes
    from .selectors import Placed

SOURCES = {
    "national_export": Title("国家系统导出", "national export"),
    "department_list": Title("部门比对", "department list"),
    "visit": Title("入户走访", "visit"),
    "by_hand": Title("手工更正", "corrected by hand"),
}
_AXES = {period.name: period.fact.title for period in PERIODS}


def events(placed: Placed, classes: Classes) -> list[Event]:
    """Statuses, members coming and going, moves, imports and corrections, unsorted. ``classes`` are those open to the
    reader for the household: a corrected field of another is not named."""
    file = file_of(placed)
    recorded = _recorded(file, classes)
    return [
        *recorded, *_statuses(file), *_members(file), *_moves(file), *_imports(file), *_corrections(file, classes),
    ]  # fmt: skip


def _recorded(file: HouseholdFile, classes: Classes) -> list[Event]:
    """Events as somebody recorded them; those taken back are left out. What they rest on is free text about persons."""
    found = RegisterEvent.objects.filter(Q(household_id=file.household_id) | Q(other_id=file.household_id))
    rows = found.filter(undone=None, undoes=None).order_by("day", "pk").values_list("day", "kind", "document")
    named = ((day, TITLES[told(kind, classes)], document) for day, kind, document in rows)
    words = is_open(classes, "identity")
    return [
        Event(day, "event", Title(f"登记变化：{title.zh}", f"recorded: {title.en}"), source=document if words else "")
        for day, title, document in named
    ]


def _statuses(file: HouseholdFile) -> Iterator[Event]:
    for each in file.statuses:
        axis, value = _AXES.get(each.axis), code_title(each.axis, each.value)
        if axis is not None:
            yield Event(each.valid_from, "status", Title(f"{axis.zh}：{value.zh}", f"{axis.en}: {value.en}"))


def _members(file: HouseholdFile) -> Iterator[Event]:
    """Only comings and goings whose day is known: the first import finds people there."""
    for each in file.memberships:
        identity = file.identity(each.person_id)
        name = identity.name if identity and identity.name else each.person.code
        if each.since_known:
            yield Event(each.valid_from, "membership", Title(f"家庭成员增加：{name}", f"joined the household: {name}"))
        if each.valid_to is not None:
            yield Event(each.valid_to, "membership", Title(f"家庭成员减少：{name}", f"left the household: {name}"))


def _moves(file: HouseholdFile) -> Iterator[Event]:
    lived = file.residences
    if len(lived) < 2:
        return
    listed = AreaVersion.objects.filter(area_id__in={each.area_id for each in lived}).order_by("valid_from")
    names = dict(listed.values_list("area_id", "name"))
    merged = set(
        AreaMap.objects.filter(STANDING, area_id__in=set(names), kind__in=("merged", "split"))
        .exclude(successor_id=None)
        .values_list("area_id", "successor_id", "day")
    )
    for before, after in pairwise(lived):
        old, new = (names.get(each.area_id, "") + each.group_name for each in (before, after))
        if (before.area_id, after.area_id, after.valid_from) in merged:  # nobody moved house: the village did
            yield Event(after.valid_from, "move", Title(f"区划变更：{old} → {new}", f"change of areas: {old} → {new}"))
            continue
        yield Event(after.valid_from, "move", Title(f"迁居：{old} → {new}", f"moved: {old} → {new}"))


def _imports(file: HouseholdFile) -> Iterator[Event]:
    """One event a sheet and as-of date in which rows of the household stand."""
    found: dict[tuple[date, str, str], set[str]] = {}
    for table, row in _rows(file):
        if row.sheet is not None:
            found.setdefault((row.as_of, row.sheet.file, row.sheet.name), set()).add(table)
    for (as_of, name, sheet), tables in found.items():
        people = (
            Title("户、人资料", "household and members") if tables & set(OF_PERSON) else Title("户资料", "household")
        )
        yield Event(as_of, "import", Title(f"导入{people.zh}", f"taken in: {people.en}"), source=f"{name} · {sheet}")


def _corrections(file: HouseholdFile, classes: Classes) -> Iterator[Event]:
    """Values whose source is another than the row's."""
    for _table, row in _rows(file):
        for field, entry in sorted((row.overrides or {}).items()):
            if isinstance(entry, dict):
                what = field_title(field, classes)
                source = SOURCES.get(str(entry.get("source")), SOURCES["by_hand"])
                yield Event(
                    _day(str(entry.get("recorded_at", ""))),
                    "correction",
                    Title(f"{source.zh}：{what.zh}", f"{source.en}: {what.en}"),
                )


def _rows(file: HouseholdFile) -> Iterator[tuple[str, FactBlock]]:
    for table, subjects in file.blocks.items():
        for rows in subjects.values():
            for row in rows:
                yield table, row


def _day(text: str) -> date | None:
    try:
        return timezone.localtime(datetime.fromisoformat(text)).date()
    except ValueError:
        return None
