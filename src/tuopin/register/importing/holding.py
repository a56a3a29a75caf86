"""Events in an import: what was recorded stays until an export follows it, and is then confirmed.

An export dated at or after an event may still say what was before (the national system has not followed): it changes
nothing of that, and the event stays on the list of what is to be entered. One that says the same confirms it. One that
says a third thing is newer knowledge and counts. An export older than the event reaches only the days before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..events.areas import mapping as areas_map
from ..models import EventEcho, EventSubject, Membership, Person, PersonIdentity, RegisterEvent, Residence, StatusPeriod

if TYPE_CHECKING:
    from .run import Run

_STANDING = (
    "undoes_id is null and kind <> 'undo' and id not in (select u.undoes_id from register_event u"
    " where u.undoes_id is not null)"
)
_OPEN = _STANDING + " and id not in (select x.event_id from register_event_echo x where x.state <> 'behind')"


def load_events(run: Run) -> None:
    """``event_line``: persons and households of the events that no export has confirmed, up to the import's day."""
    columns = ["event_id", "household_id", "person_id", "was", "now"]
    run.load_state("event_act", RegisterEvent, ["id", "kind", "day"], f"{_OPEN} and day <= '{run.as_of}'")
    which = run.among("event_id", "select id from event_act")
    run.load_state("event_subject", EventSubject, columns, which)
    run.engine.run(
        "events",
        """create or replace table event_line as select s.*, a.kind, a.day, row_number() over (
          partition by s.household_id, s.person_id order by a.day desc, s.event_id desc) as age
        from event_subject s join event_act a on a.id = s.event_id
        where s.person_id is null or s.was is distinct from s.now""",
    )
    run.engine.run("said", "create or replace table event_said (event_id bigint, state text)")


def hold_households(run: Run) -> None:
    """Take what an event has overtaken out of ``residence_staged`` and ``status_staged``. Makes ``event_ended``
    (household_id): those that an event ended and the export still lists."""
    _villages_became(run)
    run.engine.run(
        "households said",
        """create or replace table household_said as
        select l.event_id, s.household_id, l.now,
          case when s.area_id in (select b.became from event_village b where b.id = l.now) then 'confirmed'
          when s.area_id in (select b.became from event_line o join event_village b on b.id = o.was
            where o.household_id = s.household_id) then 'behind' else 'overtaken' end as state
        from event_line l join residence_staged s on s.household_id = l.household_id where l.age = 1""",
    )
    run.engine.run("household echoes", "insert into event_said select event_id, state from household_said")
    run.engine.run(
        "ended",
        "create or replace table event_ended as select household_id from household_said "
        "where now is null and state = 'behind'",
    )
    run.engine.run(
        "held residences",
        "delete from residence_staged where household_id in "
        "(select household_id from household_said where state = 'behind')",
    )
    hold_ended(run, "status_staged")


def _villages_became(run: Run) -> None:
    """``event_village`` (id, became): the villages of events, as they were then and what they are by the import's day.
    An export that names the village into which another merged says nothing else than before."""
    rows = run.engine.rows(
        "select was from event_line where person_id is null and was is not null "
        "union select now from event_line where person_id is null and now is not null"
    )
    villages = {int(row[0]) for row in rows}
    became = areas_map.followed(villages, run.as_of) if villages else {}
    pairs = {(key, each) for key, found in became.items() for each in (key, *found)}
    listed = ", ".join(f"({key}, {each})" for key, each in sorted(pairs)) or "(null, null)"
    run.engine.run(
        "villages of events",
        f"create or replace table event_village as select id::bigint as id, became::bigint as became "
        f"from (values {listed}) v(id, became)",
    )


def hold_ended(run: Run, staged: str) -> None:
    """A household that an event ended gets no status from an export that has not followed."""
    run.engine.run(
        f"ended {staged}", f"delete from {staged} where household_id in (select household_id from event_ended)"
    )


def hold_people(run: Run) -> None:
    """Take what an event has overtaken out of ``membership_staged``. Makes ``event_kept`` (person_id): members whom
    an export does not list yet."""
    run.engine.run(
        "persons said",
        """create or replace table person_said as
        select l.event_id, l.person_id, m.household_id is not null as staged,
          case when m.household_id = l.now then 'confirmed'
            when m.household_id is not null and (l.kind = 'death' or m.household_id in
              (select o.was from event_line o where o.person_id = l.person_id and o.was is not null)) then 'behind'
            when m.household_id is not null then 'overtaken'
            when l.now in (select new_id from household_plan) then 'behind'
            when l.now is null and l.was in (select new_id from household_plan) then 'confirmed' end as state
        from event_line l left join membership_staged m on m.person_id = l.person_id
        where l.person_id is not null and l.age = 1""",
    )
    run.engine.run("person echoes", "insert into event_said select event_id, state from person_said where state <> ''")
    run.engine.run(
        "held members",
        "delete from membership_staged where person_id in "
        "(select person_id from person_said where staged and state = 'behind')",
    )
    run.engine.run(
        "kept members",
        "create or replace table event_kept as select person_id from person_said where not staged and state = 'behind'",
    )
    _leave_empty_splits(run)
    _note(run)


def _leave_empty_splits(run: Run) -> None:
    """A household split off here, whose members the national system has in one of another code: it ends that day."""
    which = run.among("household_id", "select household_id from event_line where kind = 'split' and was is null")
    if which == "false":
        return
    run.load_state("split_member", Membership, ["person_id", "household_id"], f"valid_to is null and {which}")
    run.engine.run(
        "empty splits",
        """create or replace table split_empty as select m.household_id from split_member m
        left join membership_staged s on s.person_id = m.person_id and s.household_id <> m.household_id
        where m.household_id in (select household_id from event_line where kind = 'split' and was is null)
          and m.household_id not in (select new_id from household_plan)
        group by m.household_id having bool_and(s.person_id is not null)""",
    )
    day = f"date '{run.as_of}'"
    which = run.among("household_id", "select household_id from split_empty")
    for name, model in (("split_home", Residence), ("split_status", StatusPeriod)):
        columns = ["id", "household_id", "valid_from"]
        run.load_state(name, model, columns, f"valid_to is null and {which}")
        run.update(model, "valid_to = %s", f"select {day}, id from {name} where valid_from < {day} order by id")


def _note(run: Run) -> None:
    """What the export says of each event; the same said of the same day is noted once."""
    run.load_state(
        "event_echo", EventEcho, ["event_id", "state", "as_of"], run.among("event_id", "select id from event_act")
    )
    run.insert(
        EventEcho,
        ["event_id", "state", "as_of"],
        f"""select s.event_id, s.state, date '{run.as_of}' from (
          select event_id, case when bool_or(state = 'overtaken') then 'overtaken'
            when bool_or(state = 'behind') then 'behind' else 'confirmed' end as state
          from event_said group by event_id) s
        where not exists (select 1 from event_echo e where e.event_id = s.event_id and e.state = s.state
          and e.as_of = date '{run.as_of}') order by s.event_id""",
    )


# -- who is who -----------------------------------------------------------------------------------------------------


def settle_people(run: Run) -> None:
    """Rows of persons whom somebody decided to be one, and codes of persons who were recorded here first."""
    _same_persons(run)
    _adopt(run)


def _same_persons(run: Run) -> None:
    """A row of a person who is another one is that one's where both belong to one household and the export lists the
    other no more; else it says nothing new."""
    where = f"same_as_id is not null and event_id in (select id from register_event where {_STANDING})"
    run.load_state("same_person", EventSubject, ["person_id", "same_as_id"], where)
    if not run.engine.one("select count(*) from same_person")[0]:
        return
    which = run.among("person_id", "select same_as_id from same_person")
    run.load_state("same_home", Membership, ["person_id", "household_id"], f"valid_to is null and {which}")
    run.engine.run(
        "rows of one person",
        """create or replace table same_row as select p.sheet, p.row_no, s.same_as_id,
          h.household_id is not null and s.same_as_id not in
            (select known_id from person_plan where known_id is not null) as goes_on
        from person_plan p join same_person s on s.person_id = p.known_id
        left join same_home h on h.person_id = s.same_as_id and h.household_id = p.household_id""",
    )
    run.engine.run(
        "one person",
        """update person_plan set known_id = r.same_as_id from same_row r
        where r.goes_on and r.sheet = person_plan.sheet and r.row_no = person_plan.row_no""",
    )
    run.fates("select sheet, row_no, 'unchanged' from same_row where not goes_on")
    run.engine.run(
        "the other row",
        "delete from person_plan where (sheet, row_no) in (select (sheet, row_no) from same_row where not goes_on)",
    )


def _adopt(run: Run) -> None:
    """A member recorded here without a code gets that of the export: by a sound ID number, else by name and birth."""
    asked = "select distinct household_id from person_plan where known_id is null and person_code is not null"
    which = run.among("household_id", asked)
    if which == "false":
        return
    recorded = "person_id in (select s.person_id from register_event_subject s where s.person_id is not null)"
    run.load_state(
        "own_member", Membership, ["person_id", "household_id"], f"valid_to is null and {recorded} and {which}"
    )
    which = run.among("id", "select person_id from own_member")
    run.load_state("own_person", Person, ["id", "code"], f"code = '' and {which}")
    which = run.among("person_id", "select id from own_person")
    columns = ["person_id", "name", "birth_date", "id_number", "id_sound", "as_of"]
    run.load_state("own_identity", PersonIdentity, columns, f"superseded_at is null and {which}")
    run.engine.run(
        "own persons",
        """create or replace table own_identity as select i.*, m.household_id from own_identity i
        join own_member m using (person_id) join own_person p on p.id = i.person_id
        qualify row_number() over (partition by person_id order by as_of desc) = 1""",
    )
    for step, condition in (
        ("by ID number", "k.id_number = p.id_number and k.id_sound and p.id_sound"),
        ("by name and birth", "k.name = p.name and k.birth_date is not distinct from p.birth_date"),
    ):
        run.engine.run(
            f"own persons {step}",
            f"""update person_plan set known_id = m.person_id from (
              select any_value(p.sheet) as sheet, any_value(p.row_no) as row_no, k.person_id from person_plan p
              join own_identity k on k.household_id = p.household_id and {condition}
              where p.known_id is null and p.person_code is not null
                and k.person_id not in (select known_id from person_plan where known_id is not null)
              group by k.person_id having count(*) = 1) m
            where m.sheet = person_plan.sheet and m.row_no = person_plan.row_no""",
        )
    run.engine.run(
        "one row a person of our own",
        """update person_plan set known_id = null where known_id in (select person_id from own_identity)
        and known_id in (select known_id from person_plan where known_id is not null group by known_id
          having count(*) > 1)""",
    )
    run.update(
        Person,
        "code = %s",
        "select p.person_code, p.known_id from person_plan p join own_identity k on k.person_id = p.known_id "
        "where p.person_code is not null order by p.known_id",
    )
