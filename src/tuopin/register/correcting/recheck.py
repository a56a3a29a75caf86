"""Data issues of what was corrected: closed when their cause is gone, opened when the correction makes a new one.

The rules are those of ``importing/checks.py``, applied to the few households concerned as they stand now; a test
compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core import identity
from tuopin.core.workbook.headers import Titles
from tuopin.platform import database
from tuopin.platform.catalogue import workbook_kinds

from ..models import DataIssue, Household, Membership, Person, PersonCondition, PersonIdentity, Residence
from .subjects import listed, listed_texts
from .versions import on_day, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from ..models import FactBlock
    from .marks import Line

KIND = "household_person"
CELLS = frozenset(
    {
        "bad_number",
        "bad_date",
        "bad_boolean",
        "bad_code",
        "too_long",
        "no_unit",
        "out_of_range",
        "interval_disorder",
        "precision_lost",
        "rows_disagree",
    }
)
"""Issues of one cell: gone when its field was corrected."""
NUMBERS = frozenset({"id_missing", "id_length", "id_check_digit", "id_precision_lost"})
COMPUTED = frozenset({"birth_mismatch", "sex_mismatch", "duplicate_person", "no_head", "two_heads"})


@dataclass(frozen=True, slots=True)
class Found:
    """An issue as the rules see it now."""

    code: str
    subject: str
    person: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class _Member:
    person: int
    household: int
    code: str  # of the person
    subject: str  # code of the household
    identity: PersonIdentity | None
    condition: PersonCondition | None


def recheck(lines: Sequence[Line], day: date, now: datetime) -> tuple[int, int]:
    """Close and open the issues of the corrected subjects; returns how many of each. Runs inside the transaction of
    the correction; a fixed number of statements."""
    codes = {line.subject.code for line in lines}
    open_now = list(DataIssue.objects.filter(subject__in=listed_texts(codes), closed_at=None))
    gone = _cells_gone(open_now, lines)
    fresh: list[Found] = []
    if any(line.item.block in {"person_identity", "person_condition"} for line in lines):
        numbers = {
            str(value) for line in lines if line.item.name == "id_number" for value in (line.old, line.new) if value
        }
        households = {line.subject.household_id for line in lines if line.subject.level == "person"}
        found, looked, heads = _faults({each for each in households if each is not None}, numbers, day)
        about = numbers | {each.value for each in found if each.code == "duplicate_person"}
        more = list(DataIssue.objects.filter(code="duplicate_person", value__in=listed_texts(about), closed_at=None))
        everyone = {issue.pk: issue for issue in (*open_now, *more)}
        gone |= _computed_gone(everyone.values(), found, looked, heads, numbers)
        fresh = _news(everyone.values(), found)
    if gone:
        DataIssue.objects.filter(pk__in=listed(gone)).update(closed_at=now)
    if fresh:
        _open(fresh, now)
    return len(gone), len(fresh)


# -- cells ------------------------------------------------------------------------------------------------------


def _cells_gone(issues: Iterable[DataIssue], lines: Sequence[Line]) -> set[int]:
    corrected = {(line.subject.code, line.item.name) for line in lines if line.subject.level != "person"}
    people = {line.subject.id for line in lines if line.subject.level == "person"}
    persons = dict(Person.objects.filter(pk__in=listed(people)).values_list("pk", "code")) if people else {}
    of_people = {
        (line.subject.code, persons.get(line.subject.id, ""), line.item.name)
        for line in lines
        if line.subject.level == "person"
    }
    field_of = FieldsOfColumns()
    gone = set()
    for issue in issues:
        if issue.code not in CELLS:
            continue
        name = field_of(issue.kind, issue.column)
        if (issue.subject, name) in corrected or (issue.subject, issue.person, name) in of_people:
            gone.add(issue.pk)
    return gone


class FieldsOfColumns:
    """From the header as a workbook writes it to the field; '' where the kind has no such field."""

    def __init__(self) -> None:
        self._titles: dict[str, Titles] = {}

    def __call__(self, kind: str, column: str) -> str:
        known = workbook_kinds().get(kind)
        if known is None:
            return ""
        if any(item.name == column for item in known.fields):
            return column
        if kind not in self._titles:
            self._titles[kind] = Titles(known, {})
        return self._titles[kind].find(column)[0]


def field_of_issue(issue: DataIssue) -> str:
    """The field that an issue is about; '' where it is about no single field."""
    by_code = {"birth_mismatch": "birth_date", "sex_mismatch": "sex", "duplicate_person": "id_number"}
    if issue.code in NUMBERS:
        return "id_number"
    return by_code.get(issue.code, "") or (FieldsOfColumns()(issue.kind, issue.column) if issue.code in CELLS else "")


# -- identity, duplicates, heads ----------------------------------------------------------------------------------


def _faults(households: set[int], numbers: set[str], day: date) -> tuple[set[Found], set[tuple[str, str]], set[str]]:
    """What is wrong with the members of these households now; the persons and the households that were looked at."""
    members = _members(households, day)
    found: set[Found] = set()
    for member in members:
        found |= _identity(member)
    faulty = {(each.subject, each.person) for each in found}  # one fault a person
    own = {str(m.identity.id_number) for m in members if m.identity is not None and m.identity.id_sound}
    twins = _owners(numbers | own, day) if numbers | own else {}
    for number, holders in twins.items():
        owners = holders - faulty
        if len({subject for subject, _person in owners}) > 1:
            found |= {Found("duplicate_person", subject, person, "id_number", number) for subject, person in owners}
    heads: dict[str, int] = {}
    for member in members:
        is_head = member.condition is not None and member.condition.relation == "head"
        heads[member.subject] = heads.get(member.subject, 0) + is_head
    for subject, count in heads.items():
        if count != 1:
            found.add(Found("no_head" if count == 0 else "two_heads", subject, "", "relation", ""))
    return found, {(member.subject, member.code) for member in members}, set(heads)


def _identity(member: _Member) -> set[Found]:
    """One fault a person, on sound numbers only."""
    row = member.identity
    if row is None:
        return set()
    number = row.id_number
    if not number:
        return {Found("id_missing", member.subject, member.code, "id_number", "")}
    fault = identity.fault(number)
    if fault:
        return {Found(fault, member.subject, member.code, "id_number", number)}
    if row.birth_date is not None and row.birth_date.strftime("%Y%m%d") != number[6:14]:
        return {Found("birth_mismatch", member.subject, member.code, "birth_date", number)}
    if row.sex is not None and row.sex != identity.sex(number):
        return {Found("sex_mismatch", member.subject, member.code, "sex", number)}
    return set()


def _members(households: set[int], day: date) -> list[_Member]:
    rows = list(
        Membership.objects.filter(household_id__in=listed(households), valid_to=None).values_list(
            "person_id", "household_id", "person__code", "household__code"
        )
    )
    people = [row[0] for row in rows]
    identities = _counting(PersonIdentity, people, day)
    conditions = _counting(PersonCondition, people, day)
    return [
        _Member(person, household, code, subject, identities.get(person), conditions.get(person))
        for person, household, code, subject in rows
    ]


def _counting(model: type[FactBlock], ids: list[int], day: date) -> Mapping[int, Any]:
    """The newest version that stands, whatever its day: issues are about the register as it is now."""
    rows = standing(model, ids)
    return {key: max(versions, key=lambda row: row.as_of) for key, versions in rows.items() if on_day(versions, day)}


def _owners(numbers: set[str], day: date) -> dict[str, set[tuple[str, str]]]:
    """Households (and person codes) in which each sound number stands."""
    rows = PersonIdentity.objects.filter(superseded_at=None, id_sound=True, id_number__in=listed_texts(numbers))
    people = {row.person_id for row in rows}
    newest = _counting(PersonIdentity, list(people), day)
    homes = {
        person: (household, code)
        for person, household, code in Membership.objects.filter(
            person_id__in=listed(people), valid_to=None
        ).values_list("person_id", "household__code", "person__code")
    }
    found: dict[str, set[tuple[str, str]]] = {number: set() for number in numbers}
    for person, row in newest.items():
        if person in homes and row.id_sound and row.id_number in found:
            found[row.id_number].add(homes[person])
    return found


def _computed_gone(
    issues: Iterable[DataIssue],
    found: set[Found],
    looked: set[tuple[str, str]],
    heads: set[str],
    numbers: set[str],
) -> set[int]:
    still = {(each.code, each.subject, each.person) for each in found}
    values = {(each.code, each.subject, each.value) for each in found}
    gone = set()
    for issue in issues:
        if issue.kind != KIND:
            continue
        if issue.code in {"no_head", "two_heads"}:
            if issue.subject in heads and (issue.code, issue.subject, "") not in still:
                gone.add(issue.pk)
        elif issue.code == "duplicate_person":
            known = issue.value in numbers or (issue.subject, issue.person) in looked
            if known and (issue.code, issue.subject, issue.value) not in values:
                gone.add(issue.pk)
        elif (
            issue.code in NUMBERS | COMPUTED
            and (issue.subject, issue.person) in looked
            and (issue.code, issue.subject, issue.person) not in still
        ):
            gone.add(issue.pk)
    return gone


def _news(issues: Iterable[DataIssue], found: set[Found]) -> list[Found]:
    known = {(issue.code, issue.subject, issue.person) for issue in issues if issue.closed_at is None}
    fresh = [each for each in found if (each.code, each.subject, each.person) not in known]
    return sorted(fresh, key=lambda each: (each.subject, each.code, each.person))


def _open(fresh: Sequence[Found], now: datetime) -> None:
    headers = {item.name: item.titles[0] for item in workbook_kinds()[KIND].fields}
    places = dict(
        Residence.objects.filter(
            household__in=Household.objects.filter(code__in=listed_texts({each.subject for each in fresh})),
            valid_to=None,
        ).values_list("household__code", "area_id")
    )
    columns = ["code", "kind", "subject", "person", "column", "value", "recorded_at", "area_id"]
    rows = [
        (
            each.code, KIND, each.subject, each.person, headers.get(each.column, each.column), each.value[:255], now,
            places.get(each.subject),
        )
        for each in fresh
    ]  # fmt: skip
    database.bulk_insert(DataIssue._meta.db_table, columns, rows)
