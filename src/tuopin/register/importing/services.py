"""The import service: the one way workbooks come into the register. Page, API and command line call it."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import orjson
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import field_classes_at, require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.problems import Problem

from .. import cards
from ..counting import count_later
from ..events.areas.carrying import carry_on
from ..models import Import, Sheet, WaitingRow
from . import rejects
from .fileset import read_set, settle_day, staging_folder
from .grants import touched
from .issues import place_issues, plan_issues
from .report import Report, build_report
from .run import Input, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from tuopin.core.workbook import Kind
    from tuopin.platform.access import Actor

    from ..models import ImportSet
    from .fileset import FileSet, Given, Titles

    Intake = Callable[[Run, Kind], None]
    Progress = Callable[[str, int], None]

PERMISSION = "register.import_workbooks"


def import_paths(
    actor: Actor,
    paths: Sequence[Path | Given],
    *,
    as_of: date | None = None,
    year: int | None = None,
    dry_run: bool = False,
    titles: Titles | None = None,
    progress: Progress | None = None,
    prepared: ImportSet | None = None,
    look: Callable[[Run, FileSet], None] | None = None,
) -> Report:
    """Take in files and folders as one set: all of it is applied, or nothing.

    What lies outside the actor's grants is rejected with that reason. Two imports at once are safe: reading goes on
    side by side, planning and applying one after the other. Importing the same set again changes nothing. With
    ``dry_run`` everything is planned and reported, and nothing is written; ``look`` may then look at the plan.
    ``prepared`` is the set of uploads that this is the import of: there is one import of each. Raises Problem (both
    languages, with file, sheet, row, column and value) when the set is refused.
    """
    require(actor, PERMISSION)
    ranges = visible_paths(actor, PERMISSION)
    tell = progress or (lambda _what, _rows: None)
    with staging_folder() as staging:
        found = read_set(paths, staging, titles, tell)
        from tuopin.core.engine import Engine  # loaded by read_set while its children read

        with Engine(spill=staging, memory="2GB") as engine:
            day, ledger_year = settle_day(found, engine, as_of, year)
            with database.exclusive("import"):
                inputs, opened = _inputs(found, dry_run), _classes(actor)
                run = Run(
                    engine,
                    day,
                    ledger_year,
                    timezone.now(),
                    inputs,
                    dry_run,
                    ranges,
                    opened,
                    partial(visible_paths, actor),
                )
                version = database.data_version()
                _plan(run, tell)
                report = build_report(run, found)
                if look is not None:
                    look(run, found)
                if not dry_run:
                    with _ready_to_write(run, staging):
                        report.import_id = _apply(actor, run, report, version, tell, prepared)
                    report.reject_workbooks = rejects.write_workbooks(run)
    return report


def _classes(actor: Actor) -> frozenset[str] | None:
    """The classes of fields that are open to the importer wherever he may import; None = all."""
    opened = [field_classes_at(actor, PERMISSION, low) for low, _high in visible_paths(actor, PERMISSION) or [("", "")]]
    known = [each for each in opened if each is not None]
    return frozenset.intersection(*known) if known else None


def _ready_to_write(run: Run, staging: Path) -> AbstractContextManager[None]:
    """What can be done before the write lock is taken."""
    if database.is_postgresql():
        return nullcontext()
    from tuopin.platform.bulk import SideFile

    side = SideFile(staging / "rows.sqlite3")
    run.stage_writes(side)
    return side.attached()


def _inputs(found: FileSet, dry_run: bool) -> list[Input]:
    with database.write():
        first = database.reserve_ids(Sheet, len(found.sheets)) if not dry_run else 1_000_000_000
    return [Input(first + at, sheet, digest) for at, (sheet, digest) in enumerate(found.sheets)]


def intakes() -> dict[str, Intake]:
    """The functions that plan each kind of workbook, gathered from the rooms' ``intake.py``."""
    found: dict[str, Intake] = {}
    for room in settings.ROOMS:
        if find_spec(f"{room}.intake") is not None:
            found |= getattr(import_module(f"{room}.intake"), "INTAKES", {})
    return found


def _plan(run: Run, tell: Progress) -> None:
    present = {item.sheet.kind for item in run.inputs}
    present |= set(WaitingRow.objects.filter(applied_at=None).values_list("kind", flat=True).distinct())
    planners = intakes()
    for name, kind in workbook_kinds().items():
        if name in present:
            tell(kind.title_zh, 0)
            planners[name](run, kind)
    plan_issues(run)


def _apply(actor: Actor, run: Run, report: Report, version: int, tell: Progress, prepared: ImportSet | None) -> int:
    """Write the plan; returns the import's id. Holds the write lock for the time of the writing only."""
    place = touched(run)
    try:
        with database.write():
            database.hold_data()
            if database.data_version() != version:
                raise Problem(
                    "changed_meanwhile",
                    "导入准备期间登记数据被其他操作修改，本次未写入任何内容。请重新导入。",
                    "the register was changed by somebody else while the import was being prepared; nothing was "
                    "written. Import again.",
                )
            record = _open_record(actor, run, prepared, place)
            digest = run.apply(lambda table: tell(table, 0))
            carry_on(run.log, run.as_of)
            cards.follow(actor, record, run.log.read())
            rejects.store(run)
            place_issues(run.log)
            run.log.store(record)
            record.digest = digest
            record.finished_at = timezone.now()
            record.report = report.document()
            if run.changed:
                database.bump_data_version()
                count_later(actor)
            record.version_before, record.version_after = version, database.data_version()
            record.save(update_fields=["digest", "finished_at", "report", "version_before", "version_after"])
            audit.record(actor, PERMISSION, f"import:{record.pk}", report.summary(), digest)
            return int(record.pk)
    except OperationalError as error:
        if "full" in str(error):
            raise Problem(
                "disk_full",
                "磁盘空间不足，本次未写入任何内容。请清理磁盘后重新导入。",
                "the disk is full; nothing was written. Free some space and import again.",
            ) from error
        raise


def _open_record(actor: Actor, run: Run, prepared: ImportSet | None, place: str) -> Import:
    record = Import.objects.create(
        started_at=run.now,
        finished_at=run.now,
        actor=actor.name or actor.os_user,
        as_of=run.as_of,
        year=run.year,
        digest="",
        user_id=actor.user_id,
        path=place,
        prepared=prepared,
    )
    columns = ["id", "run_id", "file", "file_digest", "name", "kind", "header_row", "headers", "columns", "rows"]
    database.bulk_insert(Sheet._meta.db_table, columns, [_sheet_row(record, item) for item in run.inputs])
    return record


def _sheet_row(record: Import, item: Input) -> tuple[object, ...]:
    sheet = item.sheet
    return (
        item.id,
        record.pk,
        sheet.file,
        item.file_digest,
        sheet.sheet,
        sheet.kind,
        sheet.header_row,
        orjson.dumps(sheet.raw_headers).decode(),
        orjson.dumps(list(sheet.columns)).decode(),
        sheet.rows,
    )
