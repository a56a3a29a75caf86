"""Who may import what where: rows about places outside the importer's grants are left out, with that reason.

A national export of a county holds all its townships; a township's clerk who imports it takes the own part. Nothing is
moved out of another's area either: neither a household that lives there now, nor a person who belongs to one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..models import Membership, Person, Residence
from .intake_areas import load_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Run

OUTSIDE = "outside_grants"
_DIGITS = 8  # of a level in a path


def inside(ranges: Sequence[tuple[str, str]], column: str) -> str:
    """SQL: whether a path lies in one of the ranges. A path that is not known does not."""
    parts = " or ".join(f"({column} >= '{low}' and {column} < '{high}')" for low, high in ranges)
    return f"coalesce({parts or 'false'}, false)"


def leave_out_households(run: Run, staged: str) -> None:
    """Give every household of ``household_seen`` that lies outside, lives outside now, or lists a person who belongs
    outside, that reason."""
    if run.ranges is None:
        return
    load_tree(run)
    within = inside(run.ranges, "a.path")
    outside = ["select h.code from household_seen h join area_now a using (area_id) where not " + within]
    known = "select h.id from household_known h"
    _homes(run, "grant_home", known)
    outside.append("select h.code from household_known h join grant_home g on g.household_id = h.id where not g.inside")
    asked = f"select distinct person_code from {staged} where person_code is not null"
    run.load_state("grant_person", Person, ["id", "code"], f"code <> '' and {run.among('code', asked)}")
    run.engine.run("grant persons", f"delete from grant_person where code not in ({asked})")
    which = run.among("person_id", "select id from grant_person")
    run.load_state("grant_member", Membership, ["person_id", "household_id"], f"valid_to is null and {which}")
    _homes(run, "grant_member_home", "select household_id from grant_member")
    outside.append(
        f"""select s.household_code from {staged} s join grant_person p on p.code = s.person_code
        join grant_member m on m.person_id = p.id join grant_member_home g using (household_id) where not g.inside"""
    )
    run.engine.run(
        "households outside",
        f"update household_seen set reason = '{OUTSIDE}' where code in ({' union '.join(outside)})",
    )


def _homes(run: Run, name: str, households: str) -> None:
    """``name``: of each household (a query of ids) whether it now lives inside."""
    load_tree(run)
    which = run.among("household_id", households)
    run.load_state(f"{name}_all", Residence, ["household_id", "area_id"], f"valid_to is null and {which}")
    run.engine.run(
        name,
        f"""create or replace table {name} as select r.household_id, {inside(run.ranges or [], "a.path")} as inside
        from {name}_all r left join area_now a using (area_id) where r.household_id in ({households})""",
    )


def leave_out_villages(run: Run, rows: str) -> None:
    """Take the rows of villages outside from the engine table ``rows`` (``sheet``, ``row_no``, ``area_id``)."""
    if run.ranges is None:
        return
    outside = f"{rows}_outside"
    run.engine.run(
        "villages outside",
        f"""create or replace table {outside} as select r.sheet, r.row_no from {rows} r
        join area_now a on a.area_id = r.area_id where not {inside(run.ranges, "a.path")}""",
    )
    _refuse(run, outside)
    run.engine.run(
        "villages inside",
        f"delete from {rows} where (sheet, row_no) in (select sheet, row_no from {outside})",
    )


def leave_out_areas(run: Run, staged: str) -> None:
    """Take the areas that would be made or changed outside from ``area_fate``."""
    if run.ranges is None:
        return
    moved_in = f"(old_path is null or {inside(run.ranges, 'old_path')})"
    run.engine.run(
        "areas outside",
        f"""create or replace table area_outside as select code from area_fate where fate <> 'unchanged'
        and not ({inside(run.ranges, "path")} and {moved_in})""",
    )
    run.engine.run(
        "rows of areas outside",
        f"create or replace table area_row_outside as select sheet, row_no from {staged} "
        "where code in (select code from area_outside)",
    )
    _refuse(run, "area_row_outside")
    run.engine.run("areas inside", "delete from area_fate where code in (select code from area_outside)")


def leave_out_known(run: Run, staged: str) -> None:
    """Take the rows about households that live outside from ``{staged}_known``."""
    if run.ranges is None:
        return
    taken = "select id from household_now"
    _homes(run, f"{staged}_home", f"select household_id from {staged}_known where household_id not in ({taken})")
    run.engine.run(
        "rows outside",
        f"""create or replace table {staged}_outside as select k.sheet, k.row_no from {staged}_known k
        left join {staged}_home g using (household_id)
        where k.household_id not in ({taken}) and not coalesce(g.inside, false)""",
    )
    _refuse(run, f"{staged}_outside")
    run.engine.run(
        "rows inside",
        f"delete from {staged}_known where (sheet, row_no) in (select sheet, row_no from {staged}_outside)",
    )


def _refuse(run: Run, rows: str) -> None:
    """Rows are refused without their subject and cells: they are not the importer's to keep."""
    run.rejects(f"select sheet, row_no, '', '{OUTSIDE}' from {rows}")
    run.fates(f"select sheet, row_no, 'rejected' from {rows}")


# -- rows that wait -----------------------------------------------------------------------------------------------


def within_text(run: Run) -> str:
    """Where the importer of a waiting row may import, as it is stored with the row."""
    return json.dumps([list(each) for each in run.ranges or []]) if run.ranges is not None else "[]"


def keep_asleep(run: Run, waking: str) -> None:
    """Rows whose importer had no grant where the household now arrives stay waiting."""
    stored = {text for (text,) in run.engine.rows(f"select distinct within from {waking}") if text}
    for text in stored:
        ranges = json.loads(text)
        if ranges:
            run.engine.run(
                "rows that stay waiting",
                f"""delete from {waking} where within = '{text.replace("'", "''")}' and household_code not in (
                  select p.code from household_plan p join area_now a using (area_id)
                  where {inside(ranges, "a.path")})""",
            )


# -- what a run touched -------------------------------------------------------------------------------------------


def touched(run: Run) -> str:
    """The path of the lowest area that holds everything the run was about; '' if there is none."""
    present = {name for (name,) in run.engine.rows("select table_name from duckdb_tables()")}
    queries = []
    if "household_plan" in present:
        queries.append("select a.path from household_plan join area_now a using (area_id)")
    villages = sorted(present & {"village_staged", "village_works_staged", "area_touched"})
    queries += [f"select a.path from {planned} join area_now a using (area_id)" for planned in villages]
    if "area_fate" in present:
        queries.append("select path from area_fate where fate <> 'unchanged'")
    if "place_touched" in present:  # rows of other rooms about places, not households
        queries.append("select path from place_touched")
    others = sorted(name for name in present if name.startswith("staged_") and name.endswith("_known"))
    if others and "household_plan" not in present:
        load_tree(run)
        about = " union ".join(f"select household_id from {name}" for name in others)
        which = run.among("household_id", about)
        run.load_state("touched_home", Residence, ["household_id", "area_id"], f"valid_to is null and {which}")
        queries.append(
            f"select a.path from touched_home t join area_now a using (area_id) where t.household_id in ({about})"
        )
    if not queries:
        return ""
    low, high = run.engine.one(f"select min(path), max(path) from ({' union all '.join(queries)})")
    return common(low or "", high or "")


def common(low: str, high: str) -> str:
    """The path that two paths share, in whole levels."""
    same = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), None)
    end = min(len(low), len(high)) if same is None else same
    return low[: end // _DIGITS * _DIGITS]
