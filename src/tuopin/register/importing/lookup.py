"""Finding villages by name: county + township + village, as the workbooks write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

from ..models import DataIssue
from .former import load_former
from .intake_areas import load_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Run

_OF_VILLAGE = "regexp_replace({}, '村?(村民委员会|民委员会|村委会)$', '村')"
COMMITTEE = f"regexp_replace({_OF_VILLAGE}, '(社区)?(居民委员会|居委会)$', '社区')"
"""Village names without the word for the committee: 郑楼村委会, 郑楼村村民委员会 and 郑楼村 are one village."""

SHORT = f"regexp_replace({COMMITTEE}, '(社区|村)$', '')"
"""Also without the word for the place: 郑楼. A 李庄村 and a 李庄社区 of one township share it, so it counts last."""


def find_villages(run: Run, staged: str, columns: Sequence[str]) -> str:
    """Look up the village of every distinct combination of the name columns that the workbook has.

    ``columns`` are those of city, county, township, village (and code) that the sheets have. A name counts as found
    only when exactly one village answers to it: by its exact name, else without the word for the committee, else by its
    short name; then by what it was called before. Returns an engine table with these columns, ``area_id`` (NULL = not
    found) and ``former``.
    """
    load_tree(run)
    run.engine.run(
        "villages",
        f"""create or replace table village_now as
        select v.area_id, v.code, v.name as village, {COMMITTEE.format("v.name")} as plain,
          {SHORT.format("v.name")} as short, t.name as township, c.name as county, m.name as city, v.path
        from area_now v left join area_now t on t.code = v.parent_code left join area_now c on c.code = t.parent_code
          left join area_now m on m.code = c.parent_code
        where v.level = 'village'""",
    )
    above = [column for column in ("city", "county", "township") if column in columns]
    joined = "".join(f" and v.{column} = n.{column}" for column in above)
    # 市 may be a municipality's district column or blank in one workbook and filled in the next: only what is filled
    # narrows, but county and township must be filled where the workbook has the column
    joined = joined.replace("v.city = n.city", "(n.city is null or v.city = n.city)")
    by_code = " or v.code = n.code" if "code" in columns else ""
    names = ", ".join(columns)
    run.engine.run(
        "find villages",
        f"""create or replace table village_found as
        with n as (select distinct {names} from {staged}),
        exact as (select n.*, v.area_id from n join village_now v on (v.village = n.village{joined}){by_code}),
        exact_one as (select {names}, any_value(area_id) as area_id from exact group by all having count(distinct
          area_id) = 1),
        plain as (select n.*, v.area_id from n join village_now v on v.plain = {COMMITTEE.format("n.village")}{joined}),
        plain_one as (select {names}, any_value(area_id) as area_id from plain group by all having count(distinct
          area_id) = 1),
        short as (select n.*, v.area_id from n join village_now v on v.short = {SHORT.format("n.village")}{joined}
          where v.short <> ''),
        short_one as (select {names}, any_value(area_id) as area_id from short group by all having count(distinct
          area_id) = 1)
        select n.*, coalesce(e.area_id, p.area_id, s.area_id) as area_id
        from n left join exact_one e on {_same("n", "e", columns)} left join plain_one p on
          {_same("n", "p", columns)} left join short_one s on {_same("n", "s", columns)}""",
    )
    _find_former(run, staged, columns, joined, by_code)
    return "village_found"


def _find_former(run: Run, staged: str, columns: Sequence[str], joined: str, by_code: str) -> None:
    """What no village of the day answers to may be what one was called before (区划变更): by one successor alone.

    Adds to ``village_found`` the column ``former``: '' = called as it is, 'same' = the village goes on under another
    code, name or place, 'merged' = it is part of another one now. Each village found so is an issue for information.
    """
    run.engine.run("nobody", "alter table village_found add column former varchar")
    run.engine.run("nobody", "update village_found set former = ''")
    kind = staged.removeprefix("staged_")
    if DataIssue.objects.filter(code="former_area", kind=kind, closed_at=None).exists():
        run.issue_scope(kind, "select distinct v.code from village_found f join village_now v using (area_id)")
    missing = run.engine.one("select count(*) from village_found where area_id is null")[0]
    if not missing or not load_former(run):
        return
    names = ", ".join(columns)
    run.engine.run(
        "find former villages",
        f"""create or replace table village_once as
        with n as (select distinct {names} from village_found where area_id is null),
        met as (select n.*, v.area_id, v.merged from n join village_former v
          on (({COMMITTEE.format("v.village")} = {COMMITTEE.format("n.village")}{joined}){by_code}))
        select {names}, any_value(area_id) as area_id, bool_or(merged) as merged from met
        group by all having count(distinct area_id) = 1""",
    )
    run.engine.run(
        "former villages found",
        f"""create or replace table village_found as select f.* replace (coalesce(f.area_id, o.area_id) as area_id,
          case when f.area_id is not null or o.area_id is null then '' when o.merged then 'merged' else 'same' end
            as former)
        from village_found f left join village_once o on {_same("f", "o", columns)}""",
    )
    run.issues(
        f"""select 'former_area', '{kind}', v.code, '', min(s.sheet), min(s.row_no), 'village', s.village
        from {staged} s join village_found f on {_same("s", "f", columns)} join village_now v using (area_id)
        where f.former <> '' group by v.code, s.village"""
    )


def refuse_foreign(run: Run, staged: str, found: str, columns: Sequence[str]) -> None:
    """Refuse a file of which not one row finds its village: it belongs to another county.

    Raises Problem naming the file and the first village it asked for.
    """
    rows = run.engine.rows(
        f"""select s.sheet, count(f.area_id), any_value(s.village order by s.row_no), min(s.row_no)
        from {staged} s join {found} f on {_same("s", "f", columns)} group by s.sheet order by s.sheet"""
    )
    names = {item.id: item.sheet for item in run.inputs}
    for sheet, hits, village, row in rows:
        if hits == 0:
            file, name = names[sheet].file, names[sheet].sheet
            raise Problem(
                "no_village_found",
                f"{file}，工作表“{name}”：没有一行的村能在区划中找到（例如第 {row} 行“{village}”）。请先导入"
                "本县区划（divisions.csv），或检查是否为外县文件。",
                f"{file}, sheet “{name}”: not one row names a village of the register (row {row}, for example: "
                f"“{village}”). Import the divisions of the county first, or check whether this is another county's "
                "file.",
                file=file,
                sheet=name,
                row=row,
            )


def same(left: str, right: str, columns: Sequence[str]) -> str:
    """A join condition under which blank equals blank."""
    return " and ".join(f"{left}.{column} is not distinct from {right}.{column}" for column in columns)


_same = same
