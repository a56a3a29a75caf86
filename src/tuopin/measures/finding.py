"""Who is meant by the rows of a list: by household code, ID number, or both. Shared by this room's kinds of workbook.

Each makes engine tables whose names begin with ``name``, that of the kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.importing.grants import inside
from tuopin.register.importing.intake_areas import load_tree
from tuopin.register.models import EventSubject, Membership, Person, PersonIdentity, RegisterEvent, Residence

if TYPE_CHECKING:
    from tuopin.register.importing.run import Run


def load_numbers(run: Run, staged: str, name: str) -> None:
    """``{name}_person``: persons with one of the ID numbers, and the household to which each belongs or belonged last.

    Of persons outside the importer's grants nothing is told, not even that they are there.
    """
    asked = f"select distinct id_number from {staged} where id_number is not null and household_code is null"
    which = run.among("id_number", asked)
    columns = ["person_id", "id_number"]
    run.load_state(f"{name}_number", PersonIdentity, columns, f"superseded_at is null and id_sound and {which}")
    run.engine.run("numbers", f"delete from {name}_number where id_number not in ({asked})")
    which = run.among("person_id", f"select distinct person_id from {name}_number")
    run.load_state(f"{name}_home", Membership, ["person_id", "household_id", "valid_from", "valid_to"], which)
    run.engine.run(
        "homes of numbers",
        f"""create or replace table {name}_person as
        select n.id_number, n.person_id, h.household_id from (select distinct * from {name}_number) n
        join {name}_home h using (person_id)
        qualify row_number() over (
          partition by n.person_id order by h.valid_to desc nulls first, h.valid_from desc) = 1""",
    )
    if run.ranges is None:
        return
    load_tree(run)
    which = run.among("household_id", f"select distinct household_id from {name}_person")
    run.load_state(f"{name}_place", Residence, ["household_id", "area_id"], f"valid_to is null and {which}")
    run.engine.run(
        "numbers outside",
        f"""delete from {name}_person where household_id not in (
          select p.household_id from {name}_place p join area_now a using (area_id)
          where {inside(run.ranges, "a.path")})""",
    )


def households_by_number(run: Run, staged: str, name: str, nobody: str, two: str) -> None:
    """Give rows without a household code that of the person with the number; those that stay without are refused with
    the reason ``nobody`` or ``two`` (one of two persons)."""
    run.load_state_household_codes(f"{name}_code", f"select distinct household_id from {name}_person")
    run.engine.run(
        "one person a number",
        f"""create or replace table {name}_one as select p.id_number, any_value(c.code) as code
        from {name}_person p join {name}_code c on c.id = p.household_id
        group by all having count(distinct p.person_id) = 1""",
    )
    run.engine.run(
        "households by number",
        f"""update {staged} set household_code = o.code from {name}_one o
        where o.id_number = {staged}.id_number and {staged}.household_code is null""",
    )
    run.engine.run(
        "nobody",
        f"""create or replace table {name}_nobody as select sheet, row_no, case when id_number in (
            select id_number from {name}_person) then '{two}' else '{nobody}' end as reason
        from {staged} where household_code is null""",
    )
    run.rejects(f"select sheet, row_no, '', reason from {name}_nobody")
    run.fates(f"select sheet, row_no, 'rejected' from {name}_nobody")
    run.engine.run("without nobody", f"delete from {staged} where household_code is null")


def load_members(run: Run, staged: str, name: str) -> None:
    """``{name}_member``: everybody who is or was a member of the households spoken of, with name, number, birth
    date, code, the last day of membership and whether the person has died; members that this very import brings are
    among them."""
    which = run.among("household_id", f"select distinct household_id from {staged}_known")
    run.load_state(f"{name}_membership", Membership, ["person_id", "household_id", "valid_to"], which)
    run.engine.run(
        "memberships",
        f"""delete from {name}_membership where household_id not in (select household_id from {staged}_known)""",
    )
    which = run.among("person_id", f"select distinct person_id from {name}_membership")
    columns = ["person_id", "name", "id_number", "birth_date", "as_of"]
    run.load_state(f"{name}_identity", PersonIdentity, columns, f"superseded_at is null and {which}")
    codes = run.among("id", f"select distinct person_id from {name}_membership")
    run.load_state(f"{name}_person_code", Person, ["id", "code"], codes)
    stands = "id not in (select undoes_id from register_event where undoes_id is not null)"
    run.load_state(f"{name}_death", RegisterEvent, ["id", "day"], f"kind = 'death' and {stands}")
    of_event = run.among("event_id", f"select id from {name}_death")
    run.load_state(f"{name}_dead", EventSubject, ["event_id", "person_id"], of_event)
    run.engine.run(
        "members",
        f"""create or replace table {name}_member as
        select m.household_id, m.person_id, i.name, i.id_number, i.birth_date, c.code,
          case when bool_or(m.valid_to is null) then null else max(m.valid_to) end as until,
          m.person_id in (select d.person_id from {name}_dead d join {name}_death e on e.id = d.event_id) as died
        from {name}_membership m
        left join (select * from {name}_identity
          qualify row_number() over (partition by person_id order by as_of desc) = 1) i using (person_id)
        left join {name}_person_code c on c.id = m.person_id
        group by all""",
    )
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'person_plan'"):
        run.engine.run(
            "new members",
            f"""insert into {name}_member select household_id, new_id, name, id_number, birth_date,
              person_code, null, false
            from person_plan p where not exists (select 1 from {name}_member m
              where m.person_id = p.new_id and m.household_id = p.household_id)""",
        )
