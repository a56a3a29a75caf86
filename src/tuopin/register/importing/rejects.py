"""Rejected rows: stored as written, and given back as a workbook with the reason beside each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tuopin.core.workbook import write_rejects
from tuopin.platform import database
from tuopin.platform.home import make_home

from ..issue_codes import issue_title
from ..models import RejectedRow
from .grants import OUTSIDE

if TYPE_CHECKING:
    from pathlib import Path

    from .run import Input, Run


def rows_of(run: Run, item: Input) -> list[tuple[int, str, str, list[str]]]:
    """(row, subject, reason, cells as written) of a sheet's rejected rows."""
    cells = ", ".join(f"r.c{at}" for at in range(len(item.sheet.raw_headers)))
    rows = run.engine.rows(
        f"select j.row_no, j.subject, j.reason, [{cells}] from reject j "
        f"join read_parquet('{str(item.sheet.raw).replace("'", "''")}') r on r.row = j.row_no "
        f"where j.sheet = {item.id} order by j.row_no"
    )
    return [
        (row, subject, reason, [] if reason == OUTSIDE else ["" if cell is None else cell for cell in found])
        for row, subject, reason, found in rows
    ]


def store(run: Run) -> None:
    """Keep the rejected rows with the sheet they came from. The caller holds the transaction."""
    for item in run.inputs:
        database.bulk_insert(
            RejectedRow._meta.db_table,
            ["sheet_id", "row", "subject", "reason", "cells"],
            (
                (item.id, row, subject[:64], reason, orjson.dumps(cells).decode())
                for row, subject, reason, cells in rows_of(run, item)
            ),
        )


def write_workbooks(run: Run) -> list[Path]:
    """One reject workbook a sheet that has rejected rows, under TUOPIN_HOME/rejects; corrected, it can be imported."""
    folder = make_home() / "rejects"
    written = []
    for item in run.inputs:
        rows = [row for row in rows_of(run, item) if row[2] != OUTSIDE]  # theirs to correct who may import there
        if not rows:
            continue
        folder.mkdir(exist_ok=True)
        path = folder / f"{item.id}-{item.sheet.kind}.xlsx"
        # the corrected rows are to be read as of the same day, also where the day came from outside the sheet
        day = () if item.sheet.title_date == run.as_of else ((f"导出时间：{run.as_of}",),)
        titles = [*day, *(() if day and item.sheet.title_date else item.sheet.titles)]
        write_rejects(
            path,
            item.sheet.raw_headers,
            [(cells, _reason(reason)) for _row, _subject, reason, cells in rows],
            titles=titles,
        )
        written.append(path)
    return written


def _reason(code: str) -> str:
    title = issue_title(code)
    return f"{title.zh} / {title.en}"
