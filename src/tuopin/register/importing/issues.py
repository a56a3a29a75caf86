"""Data issues (数据疑点) of a run: new ones are opened, those not found again are closed, the rest stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from ..correcting.subjects import listed
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
        f"""create or replace table issue_found as select code, kind, left(subject, 64) as subject,
          left(person, 64) as person, left(column_name, 100) as column_name, left(value, 255) as value,
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
    named = [(item.id, name, header) for item in run.inputs for name, header in item.sheet.columns.items()]
    if named:  # in one statement: hundreds of small ones take as long as the rest of a small import
        marks = ", ".join(["(?, ?, ?)"] * len(named))
        run.engine.run("headers", f"insert into sheet_header values {marks}", [cell for row in named for cell in row])
    run.engine.run(
        "issue columns",
        "update issue set column_name = h.header from sheet_header h "
        "where h.sheet = issue.sheet and h.field = issue.column_name",
    )


def place_issues(log: ChangeLog | None = None) -> None:
    """Give open issues without a village that of their subject, so that they are counted by area; those of households
    that moved in this import go with them: they name the household, which belongs to the new village's readers."""
    homes = Residence.objects.filter(household__code=OuterRef("subject"), valid_to=None).values("area_id")[:1]
    areas = AreaVersion.objects.filter(code=OuterRef("subject"), valid_to=None).values("area_id")[:1]
    place = Coalesce(Subquery(homes), Subquery(areas))
    lost = DataIssue.objects.filter(area=None, closed_at=None).exclude(subject="")
    moved = _moved(log) if log is not None else []
    if moved:
        codes = Residence.objects.filter(pk__in=listed(moved)).values("household__code")
        lost |= DataIssue.objects.filter(closed_at=None, subject__in=codes)
    lost = lost.alias(place=place).filter(place__isnull=False)
    if log is not None:
        log.changing(DataIssue._meta.db_table, ["area_id"], list(lost.values_list("pk", flat=True)))
    lost.update(area_id=place)


def _moved(log: ChangeLog) -> list[int]:
    """The residences that this import ended or wrote over."""
    table = Residence._meta.db_table
    moves = {"valid_to", "area_id"}
    return [row[0] for name, columns, rows in log.read() if name == table and moves & set(columns) for row in rows]
