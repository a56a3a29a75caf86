"""Writing the project library and the payments for projects; both can be imported again unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.events.areas.mapping import followed
from tuopin.register.exporting import Exported

from ..permissions import VIEW
from .models import Fund, FundMove, Project, ProjectVersion

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine

_SAID = ("name", "sort", "content", "unit", "source", "cost", "begins", "due", "households", "cancelled")


def _projects(engine: Engine, on: date) -> None:
    """``exported_project``: the projects of the places asked for, with the names of their places on the day."""
    state.load(engine, "project", Project, ["id", "county_id", "year", "code"])
    columns = ["project_id", "area_id", *_SAID]
    state.load(engine, "project_version", ProjectVersion, columns, "superseded_at is null")
    _went_on(engine, on)
    engine.run(
        "projects",
        """create table exported_project as
        select p.id as project_id, p.code, p.year, v.* exclude (project_id, area_id),
          case a.level when 'county' then a.name when 'township' then t.name else c.name end as county,
          case a.level when 'township' then a.name when 'village' then t.name end as township,
          case when a.level = 'village' then a.name end as village
        from project p join project_version v on v.project_id = p.id
          left join went_on w on w.area_id = v.area_id left join went_on u on u.area_id = p.county_id
          join place_area a on a.area_id = coalesce(w.now_id, u.now_id, p.county_id)
          left join version t on t.area_id = a.parent_id left join version c on c.area_id = t.parent_id""",
    )


def _went_on(engine: Engine, on: date) -> None:
    """``went_on``: what the areas of projects are on the day: a merged one what it is part of; one that is no more, or
    was not yet there, has no row, and its projects are written with the county."""
    asked = "select area_id from project_version union select county_id from project"
    ends = followed([area for (area,) in engine.rows(asked)], until=on)
    pairs = [(area, found[0]) for area, found in ends.items() if found]
    was, now = (", ".join(str(pair[side]) for pair in pairs) for side in (0, 1))
    engine.run(
        "what areas went on as",
        f"""create table went_on as select * from (
          select unnest([{was}]::bigint[]) as area_id, unnest([{now}]::bigint[]) as now_id)
        where now_id in (select area_id from version)""",
    )


def _project_rows(engine: Engine, on: date) -> set[str]:
    _projects(engine, on)
    engine.run(
        "rows",
        """create table export_row as select * exclude (project_id), [] as unread from exported_project
        order by year, code""",
    )
    return {"code", "year", "county", "township", "village", *_SAID}


def _disbursement_rows(engine: Engine, on: date) -> set[str]:
    _projects(engine, on)
    columns = ["project_id", "fund_id", "amount", "day", "document", "payee"]
    where = f"kind = 'paid' and superseded_at is null and day <= '{on}'"
    state.load(engine, "fund_move", FundMove, columns, where)
    state.load(engine, "fund", Fund, ["id", "name"])
    engine.run(
        "rows",
        """create table export_row as select p.code as project_code, p.name as project_name, p.year, f.name as fund,
          m.amount, m.day as paid_on, m.document, m.payee, [] as unread
        from fund_move m join exported_project p using (project_id) left join fund f on f.id = m.fund_id
        order by p.year, p.code, m.day""",
    )
    return {"project_code", "project_name", "year", "fund", "amount", "paid_on", "document", "payee"}


EXPORTS = {"project": Exported(_project_rows, VIEW), "disbursement": Exported(_disbursement_rows, VIEW)}
