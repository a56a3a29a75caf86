"""Who is who: giving each person row the identity it has in the register, or a new one.

By the person's own code; without one, within the household, by a sound ID number, then by name and birth date. Two rows
with one ID number stay two persons until somebody decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import Membership, Person, PersonIdentity
from .holding import settle_people
from .overrides import also_known_as_exported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Run


def match_people(run: Run, staged: str, signs: Sequence[str]) -> None:
    """Make ``person_plan`` (sheet, row_no, household_id, household_code, person_code, name, birth_date, id_number,
    id_sound, known_id, new_id), ``row_without_person`` and ``row_household``."""
    empty = " and ".join(f"{sign} is null" for sign in signs)
    run.engine.run(
        "rows without a person",
        f"create or replace table row_without_person as select sheet, row_no, household_code "
        f"from {staged}_taken where {empty}",
    )
    run.issues(
        "select 'person_blank', 'household_person', household_code, '', sheet, row_no, '', '' from row_without_person"
    )
    run.engine.run(
        "rows of households",
        f"create or replace table row_household as select sheet, row_no, household_id from {staged}_taken",
    )
    _separate_repeats(run, staged, empty)
    run.engine.run(
        "persons",
        f"""create or replace table person_plan as
        select r.sheet, r.row_no, r.household_id, r.household_code,
          case when r.place_of_code = 1 then r.person_code end as person_code, r.name, r.birth_date, r.sex, r.relation,
          coalesce(r.id_number, f.value) as id_number, r.id_number is not null and f.code is null as id_sound,
          null::bigint as known_id, null::bigint as new_id
        from person_row r left join {staged}_fault f
          on f.sheet = r.sheet and f.row_no = r.row_no and f.field = 'id_number'
        where r.repeat = 1""",
    )
    _known_by_code(run)
    settle_people(run)
    _known_within_household(run)
    run.engine.run("known persons", "update person_plan set new_id = known_id where known_id is not null")
    run.number("person_plan", Person, "sheet, row_no")


def _separate_repeats(run: Run, staged: str, empty: str) -> None:
    """A household that lists one person code twice has one such member; a code in two households belongs to the
    first, and the second row is a person without a code."""
    run.engine.run(
        "person rows",
        f"""create or replace table person_row as
        select sheet, row_no, household_id, household_code, person_code, name, birth_date, sex, relation, id_number,
          case when person_code is null then 1
            else row_number() over (partition by household_id, person_code order by sheet, row_no) end as repeat,
          case when person_code is null then 1
            else dense_rank() over (partition by person_code order by household_id) end as place_of_code
        from {staged}_taken where not ({empty})""",
    )
    run.issues(
        "select 'duplicate_row', 'household_person', household_code, person_code, sheet, "
        "row_no, 'person_code', person_code "
        "from person_row where repeat > 1"
    )
    run.fates("select sheet, row_no, 'unchanged' from person_row where repeat > 1")
    run.issues(
        "select 'duplicate_person_code', 'household_person', household_code, person_code, sheet, "
        "row_no, 'person_code', "
        "person_code from person_row where repeat = 1 and place_of_code > 1"
    )


def _known_by_code(run: Run) -> None:
    which = run.among("code", "select person_code from person_plan where person_code is not null")
    run.load_state("person_known", Person, ["id", "code"], f"code <> '' and {which}")
    run.engine.run(
        "persons by code",
        "update person_plan set known_id = k.id from person_known k where k.code = person_plan.person_code",
    )


def _known_within_household(run: Run) -> None:
    waiting = "select distinct household_id from person_plan where person_code is null and known_id is null"
    which = run.among("household_id", waiting)
    if which == "false":
        return
    run.load_state("member_known", Membership, ["person_id", "household_id"], f"valid_to is null and {which}")
    which = run.among("person_id", "select person_id from member_known")
    columns = ["person_id", "name", "birth_date", "id_number", "id_sound", "as_of"]
    run.load_state("identity_known", PersonIdentity, columns, f"superseded_at is null and {which}")
    run.engine.run(
        "identities",
        """create or replace table identity_known as select i.*, m.household_id from identity_known i
        join member_known m using (person_id)
        where person_id not in (select known_id from person_plan where known_id is not null)
        qualify row_number() over (partition by person_id order by as_of desc) = 1""",
    )
    also_known_as_exported(run)
    for step, condition in (
        ("by ID number", "k.id_number = p.id_number and k.id_sound and p.id_sound"),
        ("by name and birth", "k.name = p.name and k.birth_date is not distinct from p.birth_date"),
    ):
        run.engine.run(
            f"persons {step}",
            f"""update person_plan set known_id = m.person_id from (
              select p.sheet, p.row_no, any_value(k.person_id) as person_id from person_plan p
              join identity_known k on k.household_id = p.household_id and {condition}
              where p.known_id is null and p.person_code is null
                and k.person_id not in (select known_id from person_plan where known_id is not null)
              group by all having count(distinct k.person_id) = 1) m
            where m.sheet = person_plan.sheet and m.row_no = person_plan.row_no""",
        )
        run.engine.run(
            "one row a person",
            """update person_plan set known_id = null where person_code is null and known_id in
            (select known_id from person_plan where known_id is not null group by known_id having count(*) > 1)""",
        )
