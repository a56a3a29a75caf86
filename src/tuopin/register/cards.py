"""The rows that lists and the search read, written from the dated tables in the transaction of every change.

A list of a city narrows, sorts and counts a million households: over the dated tables each row would cost a dozen
look-ups. What a card says is what the register says now: open periods, the newest facts, today's tree.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import batched
from typing import TYPE_CHECKING

from django.db import connection, transaction

from tuopin.platform import database, jobs
from tuopin.platform.models import Job

from . import id_keys
from .importing.changes import unpacked
from .models import AreaVersion, Household, HouseholdCard, ImportChange, Membership

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tuopin.platform.access import Actor

    from .models import Import

    type Change = tuple[str, Sequence[str], Sequence[Sequence[int]]]

JOB = "register.refresh_persons"
AT_ONCE = 5_000
"""Households whose members' cards are written in one go."""

_TABLES = ("register_household_card", "register_person_card", "register_person_key")
_NOTED = "register_noted"
_FEW = 200
_ASKED = 5_000

_SUBJECTS = {
    "register_household": "id",
    "register_residence": "household_id",
    "register_status_period": "household_id",
    "register_household_profile": "household_id",
    "register_household_income": "household_id",
    "register_membership": "household_id",
    "register_person_identity": "person_id",
    "register_person_condition": "person_id",
}
"""The tables that cards are made of, with the column that says whose row it is."""

_PATHS = {
    "register_household_card": "SELECT v.path FROM register_area_version v WHERE v.valid_to IS NULL"
    " AND v.area_id = register_household_card.area_id",
    "register_person_card": "SELECT c.path FROM register_household_card c"
    " WHERE c.household_id = register_person_card.household_id",
}

_MONEY = ("wage", "business", "property", "transfer", "business_cost")
_LARGE = 10**15  # fen; beyond it a sum could leave the range of the column, and is nobody's income


def _newest(alias: str, table: str, subject: str, key: str) -> str:
    return (
        f"LEFT JOIN {table} {alias} ON {alias}.id = (SELECT n.id FROM {table} n WHERE n.{subject} = {key}"
        " AND n.superseded_at IS NULL ORDER BY n.as_of DESC LIMIT 1)"
    )


def _status(alias: str, axis: str) -> str:
    return (
        f"LEFT JOIN register_status_period {alias} ON {alias}.household_id = h.id AND {alias}.axis = '{axis}'"
        f" AND {alias}.valid_to IS NULL"
    )


def _income() -> str:
    """Per member, half up away from zero, from the exact quotient, as the evaluation shows it."""
    known = " AND ".join(f"abs(i.{name}) < {_LARGE}" for name in _MONEY)
    net = "(i.wage + i.business + i.property + i.transfer - i.business_cost)"
    return (
        f"CASE WHEN m.members > 0 AND {known} THEN CASE WHEN {net} < 0 THEN -1 ELSE 1 END"
        f" * ((2 * abs({net}) + m.members) / (2 * m.members)) END"
    )


_HOUSEHOLD_COLUMNS = (
    "household_id", "area_id", "path", "code", "head_name", "registration", "monitoring", "support", "category",
    "main_cause", "members", "income",
)  # fmt: skip
_HOUSEHOLDS = f"""
SELECT h.id, r.area_id, coalesce(v.path, ''), h.code, coalesce(p.head_name, ''), sr.value, sm.value, ss.value,
  p.category, p.main_cause, coalesce(m.members, 0), {_income()}
FROM {{source}}
LEFT JOIN register_residence r ON r.household_id = h.id AND r.valid_to IS NULL
LEFT JOIN register_area_version v ON v.area_id = r.area_id AND v.valid_to IS NULL
{_status("sr", "registration")} {_status("sm", "monitoring")} {_status("ss", "support")}
{_newest("p", "register_household_profile", "household_id", "h.id")}
{_newest("i", "register_household_income", "household_id", "h.id")}
LEFT JOIN ({{members}}) m ON m.household_id = h.id
WHERE {{where}}"""

_PERSON_COLUMNS = (
    "person_id", "household_id", "path", "name", "relation", "sex", "birth_date", "education", "study", "health",
    "labour",
)  # fmt: skip
_PERSONS = f"""
SELECT m.person_id, m.household_id, coalesce(v.path, ''), coalesce(i.name, ''), c.relation, i.sex, i.birth_date,
  c.education, c.study, c.health, c.labour
FROM {{source}}
LEFT JOIN register_residence r ON r.household_id = m.household_id AND r.valid_to IS NULL
LEFT JOIN register_area_version v ON v.area_id = r.area_id AND v.valid_to IS NULL
{_newest("i", "register_person_identity", "person_id", "m.person_id")}
{_newest("c", "register_person_condition", "person_id", "m.person_id")}
WHERE m.valid_to IS NULL AND {{where}}"""


def refresh(household_ids: Iterable[int]) -> int:
    """Write the cards of these households and their members anew, inside the transaction that changed them; returns
    how many households. The number of statements does not grow with theirs."""
    with _noted() as table:
        database.bulk_insert(table, ("id",), ((each,) for each in sorted(set(household_ids))))
        count = _count(table)
        if count:
            _write_households(table)
            _write_persons(table)
        return count


def refresh_persons(person_ids: Iterable[int]) -> int:
    """The same for the households in which these persons are."""
    return refresh(households_of(person_ids))


def households_of(person_ids: Iterable[int]) -> set[int]:
    """The households in which these persons are now."""
    found: set[int] = set()
    for part in batched(sorted(set(person_ids)), _ASKED, strict=False):
        held = Membership.objects.filter(person_id__in=part, valid_to=None)
        found |= set(held.values_list("household_id", flat=True))
    return found


# -- after an import ----------------------------------------------------------------------------------------------


def follow(actor: Actor, run: Import, changes: Iterable[Change]) -> int:
    """Write the cards that an import touched, inside its transaction; returns how many households.

    The households' own cards follow at once. Those of the members, some for each household, follow at once where they
    are few, else in a job: an import of a county must not take longer for the sake of its lists.
    """
    noted = list(changes)
    _follow_areas(noted)
    with _noted() as table:
        _note(table, noted)
        count = _count(table)
        if count:
            _write_households(table)
        if 0 < count <= AT_ONCE:
            _write_persons(table)
        elif count:
            jobs.enqueue(actor, JOB, {"run": run.pk}, upkeep=True)
    return count


def follow_persons(run_id: int, progress: Callable[[int, int], None] | None = None) -> int:
    """The rest of :func:`follow`: the cards of the members of the households that an import touched, in pieces that
    hold the write lock for a moment each. May run again; returns how many households."""
    changes = [
        (row.table, row.columns, unpacked(row.content))
        for row in ImportChange.objects.filter(run_id=run_id).order_by("pk")
    ]
    with transaction.atomic(), _noted() as table, connection.cursor() as cursor:
        _note(table, changes)
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        ids = [int(row[0]) for row in cursor.fetchall()]
    for at in range(0, len(ids), AT_ONCE):
        with database.write(), _noted() as table:
            database.bulk_insert(table, ("id",), ((each,) for each in ids[at : at + AT_ONCE]))
            _write_persons(table)
        if progress is not None:
            progress(min(at + AT_ONCE, len(ids)), len(ids))
    if ids:
        _analyze()
    return len(ids)


def is_current() -> bool:
    """Whether the cards of persons hold everything imported so far."""
    return not Job.objects.filter(kind=JOB, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists()


@contextmanager
def following(changes: Iterable[Change]) -> Iterator[None]:
    """Around the undoing of an import, inside its transaction: the households are noted before their rows go, and
    written anew afterwards."""
    noted = list(changes)
    with _noted() as table:
        _note(table, noted)
        yield
        _follow_areas(noted)
        if _count(table):
            with connection.cursor() as cursor:
                for name in _TABLES[1:]:
                    cursor.execute(
                        f"DELETE FROM {name} WHERE NOT EXISTS (SELECT 1 FROM register_membership m"
                        f" WHERE m.person_id = {name}.person_id AND m.valid_to IS NULL)"
                    )
            _write_households(table)
            _write_persons(table)


def _note(table: str, changes: Sequence[Change]) -> None:
    """Note the households of changed rows: without columns the rows are blocks of new ids, else they begin with the
    id of a changed row (as in ``ImportChange``)."""
    new = {name: rows for name, columns, rows in changes if not columns}
    for name, columns, rows in changes:
        if name in _SUBJECTS:
            for condition in _conditions(columns, rows):
                _note_rows(table, name, condition, new)
            _note_former(table, columns, rows)


def _note_former(table: str, columns: Sequence[str], rows: Sequence[Sequence[int | None]]) -> None:
    """The household that a changed row was of before: a second export of the same day moves a person by writing the
    membership over, and nothing else says that the former household has lost a member."""
    if "household_id" not in columns:
        return
    at = 1 + columns.index("household_id")
    former = sorted({int(each) for row in rows if (each := row[at]) is not None})
    for part in batched(former, _ASKED, strict=False):
        listed = ", ".join(f"({each})" for each in part)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} (id) VALUES {listed} ON CONFLICT DO NOTHING")


def _conditions(columns: Sequence[str], rows: Sequence[Sequence[int]]) -> Iterator[str]:
    """Rows of a change, as conditions on their ids."""
    if not columns:
        for part in batched(rows, _FEW, strict=False):
            yield " OR ".join(f"x.id BETWEEN {int(first)} AND {int(last)}" for first, last in part)
        return
    for rest in batched(rows, _ASKED, strict=False):
        yield f"x.id IN ({', '.join(str(int(row[0])) for row in rest)})"


def _note_rows(table: str, name: str, condition: str, new: Mapping[str, Sequence[Sequence[int]]]) -> None:
    """Those of new households and new persons are noted already, by the household's own row and by the membership: a
    first import does not ask for each row again."""
    subject = _SUBJECTS[name]
    known = {"household_id": "register_household", "person_id": "register_person"}.get(subject, "")
    fresh = "".join(
        f" AND NOT x.{subject} BETWEEN {int(low)} AND {int(high)}" for low, high in list(new.get(known, ()))[:_FEW]
    )
    select = f"SELECT x.{subject} FROM {name} x WHERE ({condition}){fresh}"
    if subject == "person_id":
        select = (
            f"SELECT m.household_id FROM register_membership m WHERE m.valid_to IS NULL AND m.person_id IN ({select})"
        )
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (id) SELECT * FROM ({select}) found WHERE 1 = 1 ON CONFLICT DO NOTHING")


def _follow_areas(changes: Sequence[Change]) -> None:
    """Paths of cards after areas moved: two statements, whatever the number."""
    moved = [columns for table, columns, _rows in changes if table == AreaVersion._meta.db_table]
    if not moved or not HouseholdCard.objects.exists():
        return
    with connection.cursor() as cursor:
        for table, own in _PATHS.items():
            cursor.execute(f"UPDATE {table} SET path = coalesce(({own}), '') WHERE path <> coalesce(({own}), '')")


def rehome(household_ids: Iterable[int]) -> None:
    """After areas merged, split or moved: where the cards say that their households are. Three statements over the
    cards, whatever the number: nothing else of them changes."""
    with _noted() as table, connection.cursor() as cursor:
        database.bulk_insert(table, ("id",), ((each,) for each in sorted(set(household_ids))))
        if _count(table):
            cursor.execute(
                "UPDATE register_household_card SET area_id = (SELECT r.area_id FROM register_residence r"
                " WHERE r.household_id = register_household_card.household_id AND r.valid_to IS NULL)"
                f" WHERE household_id IN (SELECT id FROM {table})"
            )
        _follow_areas([(AreaVersion._meta.db_table, (), ())])


# -- everything ---------------------------------------------------------------------------------------------------


def refresh_all() -> int:
    """Write every card anew: where there were none yet, or after the cards were found wrong."""
    with database.write(), connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")
        _write_households("")
        _write_persons("")
    _analyze()
    return HouseholdCard.objects.count()


def ensure() -> None:
    """Write all cards where there are households and no cards: after an upgrade."""
    if Household.objects.exists() and not HouseholdCard.objects.exists():
        refresh_all()


def wrong() -> int:
    """How many cards differ from what the dated tables say; 0 unless something wrote past the services."""
    count = 0
    for table, columns, select in (
        ("register_household_card", _HOUSEHOLD_COLUMNS, _households_select("")),
        ("register_person_card", _PERSON_COLUMNS, _persons_select("")),
    ):
        own = f"SELECT {', '.join(columns)} FROM {table}"
        with connection.cursor() as cursor:
            for one, other in ((own, select), (select, own)):
                cursor.execute(f"SELECT count(*) FROM (SELECT * FROM ({one}) a EXCEPT SELECT * FROM ({other}) b) d")
                count += int(cursor.fetchone()[0])
    return count


# -- writing ------------------------------------------------------------------------------------------------------


@contextmanager
def _noted() -> Iterator[str]:
    """A temporary table for the ids of households."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {_NOTED} (id bigint PRIMARY KEY)")
        yield _NOTED
        cursor.execute(f"DROP TABLE {_NOTED}")  # after a failure the transaction takes it along


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        if database.is_postgresql():
            cursor.execute(f"ANALYZE {table}")
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _households_select(table: str) -> str:
    """The cards of the noted households (empty: of all). CROSS JOIN keeps SQLite from beginning at the large table."""
    inside = f"household_id IN (SELECT id FROM {table}) AND " if table else ""
    members = (
        f"SELECT household_id, count(*) AS members FROM register_membership WHERE {inside}valid_to IS NULL"
        " GROUP BY household_id"
    )
    if not table:
        return _HOUSEHOLDS.format(source="register_household h", members=members, where="1 = 1")
    return _HOUSEHOLDS.format(source=f"{table} t CROSS JOIN register_household h", members=members, where="h.id = t.id")


def _persons_select(table: str) -> str:
    if not table:
        return _PERSONS.format(source="register_membership m", where="1 = 1")
    return _PERSONS.format(source=f"{table} t CROSS JOIN register_membership m", where="m.household_id = t.id")


def _write_households(table: str) -> None:
    with connection.cursor() as cursor:
        if table:
            cursor.execute(
                f"DELETE FROM register_household_card WHERE household_id IN (SELECT id FROM {table})"
                " AND household_id NOT IN (SELECT id FROM register_household)"
            )
        cursor.execute(_upsert("register_household_card", _HOUSEHOLD_COLUMNS, _households_select(table)))


def _write_persons(table: str) -> None:
    with connection.cursor() as cursor:
        if table:
            # who left; whoever has come to another of these households gets a card there
            cursor.execute(
                "DELETE FROM register_person_card WHERE person_id IN (SELECT m.person_id FROM register_membership m"
                f" WHERE m.household_id IN (SELECT id FROM {table}) AND m.valid_to IS NOT NULL) AND NOT EXISTS ("
                "SELECT 1 FROM register_membership o WHERE o.person_id = register_person_card.person_id"
                " AND o.valid_to IS NULL)"
            )
        cursor.execute(_upsert("register_person_card", _PERSON_COLUMNS, _persons_select(table)))
    id_keys.refresh(table)


def _upsert(table: str, columns: tuple[str, ...], select: str) -> str:
    assigned = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return f"INSERT INTO {table} ({', '.join(columns)}) {select} ON CONFLICT ({columns[0]}) DO UPDATE SET {assigned}"


def _analyze() -> None:
    if database.is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
