"""Taking in a list of areas: code, name, level, code of the parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

from ..areas import EVER, WIDTH
from ..models import Area, AreaVersion

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from .run import Run


def plan_areas(run: Run, kind: Kind) -> None:
    """Plan the areas of the set and leave the engine table ``area_now`` (the tree on the as-of date).

    Raises Problem when one code is listed twice with different names or parents, or the tree has no top.
    """
    staged = run.stage(kind)
    load_tree(run)
    _refuse_contradictions(run, staged)
    run.engine.run(
        "areas",
        f"""create or replace table area_plan as
        select s.code, any_value(s.name) as name, any_value(s.level) as level, nullif(any_value(s.parent), '') as
          parent_code,
          min(s.sheet) as sheet, min(s.row_no) as row_no, any_value(n.area_id) as area_id, null::bigint as new_id,
          any_value(n.version_id) as version_id, any_value(n.name) as old_name, any_value(n.parent_code) as old_parent,
          any_value(n.valid_from) as old_from, any_value(n.path) as old_path
        from {staged} s left join area_now n on n.code = s.code group by s.code""",
    )
    run.engine.run("known areas", "update area_plan set new_id = area_id where area_id is not null")
    run.number("area_plan", Area, "sheet, row_no")
    _grow_paths(run)
    run.engine.run(
        "area fates",
        """create or replace table area_fate as select *, case when area_id is null then 'created'
          when old_name = name and old_parent is not distinct from parent_code and old_path = path then 'unchanged'
          else 'updated' end as fate
        from area_plan join area_path using (code)""",
    )
    from .grants import leave_out_areas  # which asks here for the tree

    leave_out_areas(run, staged)
    _leave_out_former(run, staged)
    _refuse_late(run)
    _write_areas(run)
    run.fates(f"select s.sheet, s.row_no, f.fate from {staged} s join area_fate f using (code)")
    run.engine.run(
        "tree with the new",
        """create or replace table area_now as
        select area_id, version_id, code, name, level, parent_code, path, valid_from from area_now
          where code not in (select code from area_fate where fate <> 'unchanged')
        union all select new_id, null, code, name, level, parent_code, path, null from area_fate
          where fate <> 'unchanged'""",
    )


def load_tree(run: Run) -> None:
    """Load the tree on the as-of date as ``area_now`` (area_id, version_id, code, name, level, parent_code, path,
    valid_from), unless an intake of this run already did."""
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'area_now'"):
        return
    columns = ["id", "area_id", "code", "name", "level", "parent_id", "path", "valid_from"]
    where = f"valid_from <= '{run.as_of}' and (valid_to is null or valid_to > '{run.as_of}')"
    run.load_state("area_version_now", AreaVersion, columns, where)
    run.engine.run(
        "tree",
        """create table area_now as select v.area_id, v.id as version_id, v.code, v.name, v.level, p.code as
          parent_code,
          v.path, v.valid_from from area_version_now v left join area_version_now p on p.area_id = v.parent_id""",
    )


def _refuse_contradictions(run: Run, staged: str) -> None:
    twice = run.engine.rows(
        f"select code from {staged} group by code "
        f"having count(distinct (name, level, coalesce(parent, ''))) > 1 limit 5"
    )
    if twice:
        codes = "、".join(str(code) for (code,) in twice)
        raise Problem(
            "area_conflict",
            f"区划代码 {codes} 出现多次，名称、级别或上级不一致。请更正后再导入。",
            f"area code {codes} is listed more than once with different names, levels or parents. Correct the list.",
        )


def _grow_paths(run: Run) -> None:
    """Paths from the top down: a child's path is its parent's path and its own id in eight digits."""
    run.engine.run(
        "paths",
        f"""create or replace table area_path as
        with recursive known as (
          select code, parent_code, new_id from area_plan
          union all select code, parent_code, area_id from area_now where code not in (select code from area_plan)),
        grown as (
          select code, lpad(new_id::varchar, {WIDTH}, '0') as path, 1 as depth from known where parent_code is null
          union all select k.code, g.path || lpad(k.new_id::varchar, {WIDTH}, '0'), g.depth + 1
            from known k join grown g on k.parent_code = g.code where g.depth < 12)
        select code, path from grown""",
    )
    lost = run.engine.rows(
        "select code, parent_code from area_plan where code not in (select code from area_path) order by code limit 5"
    )
    if lost:
        code, parent = lost[0]
        raise Problem(
            "area_without_parent",
            f"区划代码 {code} 的上级 {parent} 不在表中，也不在系统中。请补上上级区划。",
            f"area code {code} names the parent {parent}, which is neither in the list nor in the register. Add it.",
        )
    moved = run.engine.rows(
        "select n.code from area_now n join area_path p using (code) where n.path <> p.path "
        "and n.code not in (select code from area_plan) order by n.code limit 5"
    )
    if moved:
        codes = "、".join(str(code) for (code,) in moved)
        raise Problem(
            "area_children_missing",
            f"上级区划有变动，但下级 {codes} 不在表中。请导入变动区划的完整下级名单。",
            f"a parent was moved, but the areas {codes} below it are not in the list. Import them together.",
        )


def _leave_out_former(run: Run, staged: str) -> None:
    """A list of an earlier year names areas that are no more, or have another code now: nothing begins again by it,
    nor what it lists under them."""
    made = "select code from area_fate where fate = 'created'"
    if not run.engine.one(f"select count(*) from ({made})")[0]:
        return
    run.load_state("area_once", AreaVersion, ["id", "code"], f"valid_to is not null and {run.among('code', made)}")
    run.engine.run(
        "former areas",
        f"""create or replace table area_former as with recursive gone as (
          select code from area_fate where fate = 'created' and code in (select code from area_once)
          union select f.code from area_fate f join gone g on f.parent_code = g.code where f.fate = 'created')
        select s.sheet, s.row_no, s.code from {staged} s semi join gone using (code)""",
    )
    run.rejects("select sheet, row_no, code, 'former_area' from area_former")
    run.fates("select sheet, row_no, 'rejected' from area_former")
    run.engine.run("areas that go on", "delete from area_fate where code in (select code from area_former)")


def _refuse_late(run: Run) -> None:
    """A list that describes a day before a recorded change of the same areas would undo it: refused."""
    touched = (
        "select new_id from area_fate where fate <> 'unchanged' union select n.area_id from area_now n "
        "join area_fate f on f.parent_code = n.code where f.fate <> 'unchanged'"
    )
    if not run.engine.one(f"select count(*) from ({touched})")[0]:
        return
    later = f"valid_from > '{run.as_of}' and {run.among('area_id', touched)}"
    run.load_state("area_later", AreaVersion, ["area_id", "code"], later)
    found = run.engine.rows(f"select code from area_later where area_id in ({touched}) order by code limit 5")
    if found:
        codes = "、".join(str(code) for (code,) in found)
        raise Problem(
            "area_changed_later",
            f"区划 {codes} 在 {run.as_of} 之后登记过变更，不能用更早的名单覆盖。"
            "请用变更之后的名单，或在“区划变更”中登记。",
            f"the areas {codes} were changed after {run.as_of}; an earlier list cannot overwrite that. Import a list "
            "of a later day, or record the change as a change of areas.",
        )


def _write_areas(run: Run) -> None:
    parents = (
        "(select code, new_id as area_id from area_plan union all "
        "select code, area_id from area_now where code not in (select code from area_plan)) p"
    )
    run.insert(Area, ["id"], "select new_id from area_fate where area_id is null order by new_id")
    day = f"date '{run.as_of}'"
    # a version that began on this very day, or was never known to begin, is corrected in place: it was never true
    run.update(
        AreaVersion,
        "name = %s, level = %s, parent_id = %s, path = %s",
        f"select f.name, f.level, p.area_id, f.path, f.version_id from area_fate f left join {parents} "
        f"on p.code = f.parent_code where fate = 'updated' and old_from >= {day}",
    )
    run.update(
        AreaVersion,
        "valid_to = %s",
        f"select {day}, version_id from area_fate where fate = 'updated' and old_from < {day}",
    )
    run.insert(
        AreaVersion,
        ["area_id", "code", "name", "level", "parent_id", "path", "valid_from"],
        f"""select f.new_id, f.code, f.name, f.level, p.area_id, f.path,
          case when f.area_id is null then date '{EVER}' else {day} end
        from area_fate f left join {parents} on p.code = f.parent_code
        where fate = 'created' or (fate = 'updated' and old_from < {day}) order by f.path""",
    )
