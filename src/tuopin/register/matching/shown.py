"""What the pages of a list show: counts, rows and pairs within the reader's reach, never more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import NO, YES

from .. import record
from ..codes import code_list
from ..issue_codes import issue_codes
from ..models import AreaVersion, Household, Membership, PersonIdentity
from . import store
from .words import REASONS, SPEAKS_FOR

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from ..issue_codes import IssueCode
    from ..models import MatchPair, MatchRun
    from .kinds import ListKind
    from .store import Ranges

PAGE = 100


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the register as these pages show one."""

    person_id: int
    name: str
    number: str
    birth: date | None
    household: str
    village: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A row found by its number: the list's name for the person, and what the list and the register say."""

    row: int
    sheet_row: int
    listed_name: str
    person: Person
    value: Title | None
    old: Title | None
    fate: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A row that led to nobody: ``why`` is blank, unsound or absent."""

    row: int
    sheet: str
    sheet_row: int
    name: str
    number: str
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Doubted:
    person: Person
    code: IssueCode


@dataclass(frozen=True, slots=True)
class Reason:
    title: Title
    speaks_for: bool
    says_nothing: bool


def persons(ids: Collection[int], day: date) -> dict[int, Person]:
    """Persons by id as of now: a fixed number of statements."""
    newest: dict[int, PersonIdentity] = {}
    for row in PersonIdentity.objects.filter(person_id__in=ids, superseded_at=None).order_by("as_of"):
        newest[row.person_id] = row
    homes: dict[int, int] = {}
    for member in Membership.objects.filter(person_id__in=ids).order_by("valid_from"):
        if member.valid_to is None or member.valid_to > day:
            homes.setdefault(member.person_id, member.household_id)
    codes = dict(Household.objects.filter(pk__in=homes.values()).values_list("pk", "code"))
    villages = _villages(homes.values())
    return {
        key: Person(
            key,
            newest[key].name if key in newest else "",
            newest[key].id_number if key in newest else "",
            newest[key].birth_date if key in newest else None,
            codes.get(homes.get(key, 0), ""),
            villages.get(homes.get(key, 0), ""),
        )
        for key in ids
    }


def _villages(households: Collection[int]) -> dict[int, str]:
    from ..models import Residence

    homes = dict(
        Residence.objects.filter(household_id__in=households, valid_to=None).values_list("household_id", "area_id")
    )
    versions = AreaVersion.objects.filter(area_id__in=homes.values(), valid_to=None)
    found = {area_id: (name, parent) for area_id, name, parent in versions.values_list("area_id", "name", "parent_id")}
    towns = dict(
        AreaVersion.objects.filter(area_id__in={parent for _name, parent in found.values()}, valid_to=None).values_list(
            "area_id", "name"
        )
    )
    return {
        household: f"{towns.get(found[area][1] or 0, '')}{found[area][0]}"
        for household, area in homes.items()
        if area in found
    }


def matched(run: MatchRun, kind: ListKind, ranges: Ranges, after: int) -> list[Matched]:
    """Rows found by number, in the list's order."""
    join = "f.person_id = m.person_id" if kind.level == "person" else "f.household_id = m.household_id"
    found = store.rows(
        f"""select m.n, l.row_no, coalesce(l.name, ''), m.person_id, coalesce(m.value, ''), coalesce(f.old, ''),
          coalesce(f.fate, '')
        from {store.table(run.pk, "matched")} m join {store.table(run.pk, "list_row")} l using (n)
        left join {store.table(run.pk, "fact_plan")} f on {join}
        where m.n > {int(after)} and {store.within(ranges, "m.path")} order by m.n limit {PAGE + 1}"""
    )
    known = persons({row[3] for row in found}, run.as_of)
    return [
        Matched(n, sheet_row, name, known[person], value_title(kind, value), value_title(kind, old), fate)
        for n, sheet_row, name, person, value, old, fate in found
    ]


def doubted(run: MatchRun, ranges: Ranges, code: str, after: int) -> list[Doubted]:
    """Contradictions, by person; of one code if one is named."""
    only = f"and code = '{code}'" if code in issue_codes() else ""
    found = store.rows(
        f"""select person_id, code from {store.table(run.pk, "doubt_plan")}
        where person_id > {int(after)} and {store.within(ranges)} {only} order by person_id, code limit {PAGE + 1}"""
    )
    known = persons({person for person, _code in found}, run.as_of)
    return [Doubted(known[person], issue_codes()[name]) for person, name in found]


def unmatched(run: MatchRun, after: int) -> list[Unmatched]:
    """Rows that led to nobody. For readers whose grants cover the whole area of the list."""
    found = store.rows(
        f"""select n, sheet, row_no, coalesce(name, ''), coalesce(number, written, ''), coalesce(place, ''),
          case when number is not null then 'absent' when written is not null then 'unsound' else 'blank' end
        from {store.table(run.pk, "list_row")} where fate = 'not_found' and n > {int(after)}
        order by n limit {PAGE + 1}"""
    )
    return [
        Unmatched(n, sheet, row, name, record.masked(number), place, why)
        for n, sheet, row, name, number, place, why in found
    ]


def value_title(kind: ListKind, value: str) -> Title | None:
    """A planned value as it is printed; None = unknown."""
    if value == "":
        return None
    if value in ("true", "false"):
        return YES if value == "true" else NO
    try:
        return dict(code_list(kind.fact)).get(value, Title(value, value))
    except KeyError:
        text = record.masked(value)
        return Title(text, text)


def reasons(pair: MatchPair) -> list[Reason]:
    """Why the pair was proposed, for and against."""
    last = [(key, key.rpartition("_")[2]) for key in pair.reasons if key in REASONS]
    return [Reason(REASONS[key], word in SPEAKS_FOR, word == "unknown") for key, word in last]


def numbers(listed: str, registered: str) -> tuple[str, str]:
    """Both numbers with everything starred but the last four characters and, of two nearly equal ones, where they
    differ: enough to see the slip, too little to copy the number."""
    if len(listed) == len(registered) and sum(a != b for a, b in zip(listed, registered, strict=True)) <= 2:
        shown = [
            at for at, (a, b) in enumerate(zip(listed, registered, strict=True)) if a != b or at >= len(listed) - 4
        ]
        return _starred(listed, shown), _starred(registered, shown)
    return record.masked(listed), record.masked(registered)


def _starred(number: str, shown: Collection[int]) -> str:
    return "".join(letter if at in shown else "*" for at, letter in enumerate(number))


def pair_context(pair: MatchPair) -> Mapping[str, Any]:
    """Both sides of a pair, side by side."""
    person = persons([pair.person_id], pair.run.as_of)[pair.person_id]
    cells: Mapping[str, Any] = pair.cells
    listed, registered = numbers(str(cells.get("number", "")), person.number)
    return {
        "pair": pair,
        "person": person,
        "reasons": reasons(pair),
        "sides": (
            (Title("姓名", "Name"), str(cells.get("name", "")), person.name),
            (Title("身份证号", "ID number"), listed, registered),
            (Title("出生日期", "Birth date"), str(cells.get("birth", "")), str(person.birth or "")),
            (Title("地址", "Address"), str(cells.get("place", "")), person.village),
        ),
        "sheet": cells.get("sheet", ""),
        "row": cells.get("row", ""),
    }
