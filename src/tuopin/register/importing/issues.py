"""Data issues (数据疑点) of a run: new ones are opened, those not found again are closed, the rest stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from ..models import AreaVersion, DataIssue, Residence

if TYPE_CHECKING:
    from .changes import ChangeLog
    from .run import Run

KEY = ("code", "kind", "subject", "person", "column_name", "value")


def plan_issues(run: Run) -> None:
    """Compare what the run found with the open issues of the subjects it looked at, and plan the difference."""
    _headers(run)
    columns = ", ".join(f"coalesce({column}, '') as {column}" for column in KEY)
    run.engine.run(
        "issues found",
        f"""create or replace table issue_found as select code, kind, subject, person, column_name, left(value, 255)
          as value,
          min(struct_pack(sheet := sheet, row_no := row_no)) as place from (select {columns}, sheet, row_no from
            issue) group by all""",
    )
    subjects = "select distinct subject from issue_scope union select distinct subject from issue_found"
    which = run.among("subject", f"select subject from ({subjects})")
    stored = ["id", "code", "kind", "subject", "person", "column", "value"]
    run.load_state("issue_open", DataIssue, stored, f"closed_at is null and {which}")
    run.engine.run(
        "open issues",
        """create or replace table issue_open as select id, coalesce(code, '') as code, kind, coalesce(subject, '') as
          subject,
          coalesce(person, '') as person, coalesce("column", '') as column_name, coalesce(value, '') as value from
            issue_open""",
    )
    using = ", ".join(KEY)
    run.insert(
        DataIssue,
        ["code", "kind", "subject", "person", "sheet_id", "row", "column", "value", "recorded_at"],
        f"""select f.code, f.kind, f.subject, f.person, f.place.sheet, f.place.row_no, f.column_name, f.value,
          {run.stamp}
        from issue_found f anti join issue_open o using ({using}) order by all""",
    )
    run.update(
        DataIssue,
        "closed_at = %s",
        f"""select {run.stamp}, o.id from issue_open o semi join issue_scope s using (kind, subject)
        anti join issue_found f using ({using})""",
    )


def _headers(run: Run) -> None:
    """Checks name fields; the clerk looks for the header as the workbook writes it."""
    run.engine.run("headers", "create or replace table sheet_header (sheet integer, field text, header text)")
    for item in run.inputs:
        for name, header in item.sheet.columns.items():
            run.engine.run("headers", "insert into sheet_header values (?, ?, ?)", [item.id, name, header])
    run.engine.run(
        "issue columns",
        "update issue set column_name = h.header from sheet_header h "
        "where h.sheet = issue.sheet and h.field = issue.column_name",
    )


def place_issues(log: ChangeLog | None = None) -> None:
    """Give open issues without a village that of their subject, so that they are counted by area."""
    homes = Residence.objects.filter(household__code=OuterRef("subject"), valid_to=None).values("area_id")[:1]
    areas = AreaVersion.objects.filter(code=OuterRef("subject"), valid_to=None).values("area_id")[:1]
    place = Coalesce(Subquery(homes), Subquery(areas))
    lost = DataIssue.objects.filter(area=None, closed_at=None).exclude(subject="")
    if log is not None:
        found = lost.annotate(place=place).filter(place__isnull=False).values_list("pk", flat=True)
        log.changing(DataIssue._meta.db_table, ["area_id"], list(found))
    lost.update(area_id=place)
