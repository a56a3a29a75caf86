"""What is blank, and who can fill it: the column of the workbook, the list of a department, the form to correct it.

Everything comes from what the register publishes: the kinds of workbook with their headers, the kinds of department
lists with the fact that each yields, who fills which table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform import roles
from tuopin.platform.access import may
from tuopin.platform.catalogue import rooms_modules, workbook_kinds
from tuopin.register.correcting.fields import all_fields
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.permissions import CORRECT, IMPORT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tuopin.core.standards.explaining import Cell, ItemExplanation
    from tuopin.platform.access import Actor

_FORMS = {
    "household": "register:correct_household",
    "person": "register:correct_household",
    "village": "register:correct_village",
    "county": "register:correct_county",
}
_STATUS = {"registration": "household_person"}
"""The status that a workbook says, with its kind; the others change by procedures."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A blank value. ``number``: of how many members it is blank (0 = of the subject itself). ``kind`` and ``header``
    say which column of which workbook holds it, ``lists`` the departments' lists that may say it, ``roles`` who may
    enter it; ``form`` and ``workbook`` lead there where the reader may. A limit that is not set has the page of its
    ``pack``. ``helper``: whoever answers for the household helps with it."""

    name: str
    title: Title
    number: int
    kind: Title | None
    header: str
    who: Title | None
    lists: tuple[Title, ...]
    roles: tuple[Title, ...]
    form: str
    workbook: str
    pack: str = ""
    helper: bool = False


LIMIT = Title("由市指挥部确认后写入标准包", "the headquarters decides it; it is written into the pack")


def limits(item: ItemExplanation, pack: str) -> list[Gap]:
    """The limits of an item that nobody has set: the headquarters does, whatever the register says."""
    unset = [each for each in item.limits if each.value is None]
    address = reverse("standards:pack", args=[pack])
    return [Gap(each.name, each.title, 0, None, "", LIMIT, (), (), "", "", address) for each in unset]


def gaps(
    actor: Actor, item: ItemExplanation, pack: str, code: str, level: str, path: str, household: int | None
) -> list[Gap]:
    """What an unknown item lacks: the limits that nobody has set, else the blank cells in their order; nothing for what
    is settled. No query."""
    if item.verdict != "unknown":
        return []
    if unset := limits(item, pack):
        return unset
    own = [(cell, 0) for cell in item.cells if cell.blank]
    lacking: dict[str, tuple[Cell, int, str]] = {}
    for member in (*item.members, *(each for counted in item.counted for each in counted.members if not each.fails)):
        for cell in member.cells:
            if cell.blank:
                lacking[cell.name] = (cell, lacking.get(cell.name, (cell, 0, ""))[1] + 1, member.level)
    found = [_gap(actor, cell, number, level, (code, level), path, household) for cell, number in own]
    return found + [
        _gap(actor, cell, number, at, (code, level), path, household) for cell, number, at in lacking.values()
    ]


def _gap(
    actor: Actor, cell: Cell, number: int, level: str, page: tuple[str, str], path: str, household: int | None
) -> Gap:
    corrects = may(actor, CORRECT, area_path=path, household_id=household)
    imports = may(actor, IMPORT, area_path=path)
    kind_name, header = _column(cell.name)
    kind = workbook_kinds().get(kind_name)
    form = _FORMS.get(page[1]) if _is_of_page(level, page[1]) and cell.name in all_fields() else None
    return Gap(
        name=cell.name,
        title=cell.title,
        number=number,
        kind=Title(kind.title_zh, kind.title_en) if kind else None,
        header=header,
        who=_filled_by().get(cell.block),
        lists=tuple(_lists(cell.name)),
        roles=_may_enter(),
        form=reverse(form, args=[page[0]]) if form and corrects else "",
        workbook=reverse("register:new_import") if kind and imports else "",
        helper=household is not None,
    )


def _is_of_page(level: str, page: str) -> bool:
    """Whether the form of the page's subject holds values of the level: a household's holds its members'."""
    return level == page or (level, page) == ("person", "household")


def _column(name: str) -> tuple[str, str]:
    """The kind of workbook and the header, as exported first, that hold a value."""
    known = all_fields().get(name)
    if known is not None:
        return known.kind, known.field.titles[0]
    kind = workbook_kinds().get(_STATUS.get(name, ""))
    if kind is None:
        return "", ""
    return kind.name, next((field.titles[0] for field in kind.fields if field.name == name), "")


def _lists(name: str) -> Iterable[Title]:
    for kind in list_kinds().values():
        if kind.fact == name:
            zh, en = f"{kind.department.zh}《{kind.title.zh}》", f"{kind.department.en}: {kind.title.en}"
            yield Title(zh, en)


def _may_enter() -> tuple[Title, ...]:
    """The roles that may correct or import, as the file of roles names them."""
    return tuple(
        role.title
        for role in roles.all_roles().values()
        if any(roles.allows(role.key, each) for each in (CORRECT, IMPORT))
    )


def _filled_by() -> dict[str, Title]:
    return {
        name: title
        for _room, module in rooms_modules("facts")
        for name, title in getattr(module, "FILLED_BY", {}).items()
    }


def helpers(actor: Actor, path: str, household: int, day: date) -> tuple[str, ...]:
    """Who answers for a household, as far as the rooms above show it: their ``answering.py`` may have ``named(actor,
    path, household, day)``."""
    makers = [getattr(module, "named", None) for _room, module in rooms_modules("answering")]
    return tuple(name for make in makers if make is not None for name in make(actor, path, household, day))
