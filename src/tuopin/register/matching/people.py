"""The register's side of a match: who lives in an area, as engine tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.access import subtree

from .. import state
from ..models import AreaVersion, Membership, PersonIdentity, Residence, StatusPeriod

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine

    from .kinds import ListKind


def plain_name(column: str) -> str:
    """SQL of a name for joining: without blanks, one kind of middle dot. The deciding comparison is made in core."""
    return f"regexp_replace(translate({column}, '•・‧･●▪.．', '········'), '\\s+', '', 'g')"


class Place:
    """The households of an area and the day; ``path``: of the area."""

    def __init__(self, path: str, day: date, *, everywhere: bool) -> None:
        low, high = subtree(path)
        self.villages = f"path >= '{low}' and path < '{high}'"
        self.day = day
        here = f"select area_id from {AreaVersion._meta.db_table} where valid_to is null and {self.villages}"
        homes = f"select household_id from {Residence._meta.db_table} where {self.holds} and area_id in ({here})"
        members = f"select person_id from {Membership._meta.db_table} where {self.holds} and household_id in ({homes})"
        self.residences = "true" if everywhere else f"area_id in ({here})"
        self.households = "true" if everywhere else f"household_id in ({homes})"
        self.persons = "true" if everywhere else f"person_id in ({members})"

    @property
    def holds(self) -> str:
        """Not ended on the day. What begins later counts too: a first import begins what was there long before."""
        return f"(valid_to is null or valid_to > '{self.day}')"


def load_people(engine: Engine, place: Place) -> int:
    """Make ``home`` (household_id, area_id, path, village, township) and ``person`` (person_id, household_id, area_id,
    path, number, written, name, plain, birth); returns the number of persons. ``number`` is a sound ID number,
    ``written`` an unsound one."""
    _load_homes(engine, place)
    state.load(
        engine, "m", Membership, ["person_id", "household_id", "valid_from"], f"{place.holds} and {place.households}"
    )
    columns = ["person_id", "name", "birth_date", "id_number", "id_sound", "as_of"]
    state.load(engine, "i", PersonIdentity, columns, f"superseded_at is null and {place.persons}")
    engine.run(
        "persons",
        f"""create or replace table person as
        with one_home as (select person_id, household_id from m
            qualify row_number() over (partition by person_id order by valid_from) = 1),
          one_identity as (select * from i
            qualify row_number() over (partition by person_id order by as_of desc) = 1)
        select h.person_id, h.household_id, home.area_id, home.path,
          case when i.id_sound then i.id_number end as number,
          case when not i.id_sound then i.id_number end as written,
          i.name, {plain_name("i.name")} as plain,
          coalesce(i.birth_date, case when i.id_sound
            then try_strptime(substr(i.id_number, 7, 8), '%Y%m%d')::date end) as birth
        from one_home h join home using (household_id) join one_identity i using (person_id)""",
    )
    for table in ("m", "i"):
        engine.run("free", f"drop table {table}")
    return int(engine.one("select count(*) from person")[0])


def _load_homes(engine: Engine, place: Place) -> None:
    columns = ["area_id", "parent_id", "name", "path", "level"]
    state.load(engine, "a", AreaVersion, columns, "valid_to is null")
    state.load(
        engine, "r", Residence, ["household_id", "area_id", "valid_from"], f"{place.holds} and {place.residences}"
    )
    engine.run(
        "homes",
        f"""create or replace table home as
        select r.household_id, r.area_id, a.path, a.name as village, coalesce(t.name, '') as township
        from (select * from r qualify row_number() over (partition by household_id order by valid_from) = 1) r
        join a on a.area_id = r.area_id and a.{place.villages.replace(" and path", " and a.path")}
        left join a t on t.area_id = a.parent_id""",
    )
    for table in ("r", "a"):
        engine.run("free", f"drop table {table}")


def load_facts(engine: Engine, place: Place, kind: ListKind) -> None:
    """Make ``fact_now``: per subject (person or household) the fields that a kind asks for, as text, and ``marks``
    (field → source of a corrected value), ``newest`` (the day of the newest version, perhaps later), as they stood on
    the day; and ``status_now`` (household_id, value)."""
    subject, fields = kind.subject, kind.asked()
    engine.run(
        "facts", f"create or replace table fact_now (subject bigint, newest date, marks varchar{_declared(fields)})"
    )
    if fields:
        where = "superseded_at is null and "
        where += place.persons if kind.level == "person" else place.households
        state.load(engine, "b", kind.block, [subject, "as_of", *fields, "overrides"], where)
        taken = "".join(f', "{name}"::varchar' for name in fields)
        engine.run(
            "facts",
            f"""insert into fact_now
            with newest as (select {subject}, max(as_of) as newest from b group by 1),
              known as (select * from b where as_of <= '{place.day}'
                qualify row_number() over (partition by {subject} order by as_of desc) = 1)
            select {subject}, newest, overrides{taken} from newest left join known using ({subject})""",
        )
        engine.run("free", "drop table b")
    engine.run("statuses", "create or replace table status_now (household_id bigint, value varchar)")
    if any(doubt.statuses for doubt in kind.doubts):
        where = f"axis = 'registration' and {place.holds} and {place.households}"
        state.load(engine, "s", StatusPeriod, ["household_id", "value", "valid_from"], where)
        engine.run(
            "statuses",
            """insert into status_now select household_id, value from s
            qualify row_number() over (partition by household_id order by valid_from) = 1""",
        )
        engine.run("free", "drop table s")


def _declared(fields: tuple[str, ...]) -> str:
    return "".join(f', "{name}" varchar' for name in fields)
