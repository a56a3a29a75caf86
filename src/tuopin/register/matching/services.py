"""Handing in a list, matching it, deciding pairs, writing what follows, deleting the list. Each is one service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from tuopin.core.workbook import WorkbookError, read_file
from tuopin.platform import database, jobs, uploads
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem

from .. import selectors as register
from ..models import AreaVersion, MatchPair, MatchRun
from ..permissions import DECIDE_MATCHES, MATCH_LISTS
from . import selectors, store
from .kinds import list_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from django.core.files.uploadedfile import UploadedFile

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import StagedSheet
    from tuopin.platform.access import Actor

    from .kinds import ListKind
    from .link import Pair

    Progress = Callable[[int, int, str], None]

PURPOSE = "matching"
ANSWERS = (MatchPair.State.YES, MatchPair.State.NO, MatchPair.State.LATER)
MEMORY = "900MB"
"""What the set engine may take before it spills to disk."""


# -- handing in ---------------------------------------------------------------------------------------------------


def hand_in(
    actor: Actor, file: UploadedFile[Any], *, kind: str, as_of: date, area: str, complete: bool, again: bool = False
) -> MatchRun:
    """Take in a list and put its match into the queue.

    ``area``: code of the area that it is about; ``complete``: it names everybody there. ``again``: match a file that
    was matched before. Raises Refused, Missing (area), Problem: no such kind, a day to come, the same file before.
    """
    require(actor, MATCH_LISTS)
    upload = uploads.receive(actor, file, PURPOSE)
    try:
        path = uploads.path_of(actor, upload.pk, PURPOSE)
        return open_run(
            actor, path, name=upload.name, digest=upload.digest, kind=kind, as_of=as_of, area=area, complete=complete,
            again=again,
        )  # fmt: skip
    finally:
        uploads.discard(actor, [upload.pk], PURPOSE)


def open_run(
    actor: Actor,
    path: Path,
    *,
    name: str,
    digest: str,
    kind: str,
    as_of: date,
    area: str,
    complete: bool,
    again: bool = False,
) -> MatchRun:
    """As :func:`hand_in`, of a file that is already on this machine; it is copied."""
    require(actor, MATCH_LISTS)
    sort, today = list_kind(kind), timezone.localdate()
    if as_of > today or as_of.year < 2000:
        raise Problem(
            "bad_list_day",
            "名单日期不对：应是名单截至的那一天，不能晚于今天。",
            "The day of the list is wrong: give the day it describes, not later than today.",
        )
    version = register.area(actor, area)
    require(actor, MATCH_LISTS, area_path=version.path)
    before = selectors.runs(actor).filter(digest=digest, kind=kind).order_by("-pk").first()
    if before is not None and not again:
        day = timezone.localdate(before.created_at)
        raise Problem(
            "list_seen_before",
            f"这个文件已在 {day} 比对过（名单 {before.pk}）。如要再比一次，请勾选“仍要比对”。",
            f"This very file was matched on {day} (list {before.pk}). Tick “match it again” if you mean to.",
            run=before.pk,
        )
    now = timezone.now()
    try:
        with database.write():
            run = MatchRun.objects.create(
                kind=kind, as_of=as_of, area_id=version.area_id, complete=complete, file=name, digest=digest,
                user_id=actor.user_id, owner=actor.name, created_at=now,
                delete_on=today + timedelta(days=sort.retention_days),
            )  # fmt: skip
            _copy(path, store.handed_in(run.pk))
            _enqueue(actor, run)
            detail: dict[str, object] = {"kind": kind, "as_of": as_of.isoformat(), "area": area, "complete": complete}
            audit.record(actor, MATCH_LISTS, f"match_run:{run.pk}", detail, digest)
    except BaseException:
        if "run" in locals() and not MatchRun.objects.filter(pk=run.pk).exists():
            store.remove(run.pk)
        raise
    return run


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as write:
        target.chmod(0o600)
        while piece := read.read(1 << 20):
            write.write(piece)


def _enqueue(actor: Actor, run: MatchRun) -> None:
    job = jobs.enqueue(actor, "register.match_list", {"match_id": run.pk})
    run.job, run.state = job.pk, MatchRun.State.WAITING
    run.save(update_fields=["job", "state"])


def choose_columns(actor: Actor, run_id: int, chosen: Mapping[str, str]) -> MatchRun:
    """Match again with columns as a person chose them: ``{header: field}``, an empty field = leave that column out.

    Raises Missing, Problem if something was written from the list already or the list is deleted.
    """
    run = selectors.own_run(actor, run_id)
    still_there(run)
    sort = list_kind(run.kind)
    known = {item.name for item in sort.workbook.fields}
    headers = set(run.columns.values()) | set(run.other_headers) | set(run.column_map)
    if any(header not in headers or (field and field not in known) for header, field in chosen.items()):
        raise Problem(
            "bad_columns", "列的对应关系不对。请重新选择。", "These columns are not those of the list. Choose again."
        )
    if run.results.filter(undone_at=None).exists():
        raise Problem(
            "already_written",
            "这份名单已有结果写入登记，不能更换列。请重新上传。",
            "Results of this list were written already; its columns stay. Hand it in again.",
        )
    with database.write():
        run.column_map = dict(chosen)
        run.save(update_fields=["column_map"])
        _enqueue(actor, run)
        audit.record(actor, MATCH_LISTS, f"match_run:{run.pk}", {"columns": sorted(set(chosen.values()) - {""})})
    return run


def still_there(run: MatchRun) -> None:
    """Raise Problem for a list that has been deleted."""
    if run.deleted_at is not None or run.state == MatchRun.State.CLOSED:
        raise Problem(
            "list_deleted",
            "这份名单已按期删除，只保留数量。如要再比对，请重新上传。",
            "This list has been deleted as promised; only its counts are left. Hand it in again to match it.",
        )


# -- matching -----------------------------------------------------------------------------------------------------


def match(actor: Actor, run_id: int, progress: Progress = lambda _done, _total, _note: None) -> MatchRun:
    """Read and match a list: the body of the job. May be done again; it begins anew then.

    Raises Problem where the file cannot be read or its owner's grants no longer hold.
    """
    with database.exclusive(f"match-{run_id}"):
        run = MatchRun.objects.get(pk=run_id)
        still_there(run)
        version = AreaVersion.objects.filter(area_id=run.area_id, valid_to=None).first()
        require(actor, MATCH_LISTS, area_path=version.path if version else "0")
        assert version is not None  # noqa: S101 - require() has refused an abolished area
        try:
            pairs, counts, sheets = _matched(run, version, progress)
        except Problem as problem:
            MatchRun.objects.filter(pk=run.pk).update(
                state=MatchRun.State.FAILED, counts={"problem": problem.document()}
            )
            raise
        _store(actor, run, pairs, counts, sheets)
    return run


def _matched(
    run: MatchRun, version: AreaVersion, progress: Progress
) -> tuple[list[tuple[Pair, dict[str, object]]], dict[str, object], list[StagedSheet]]:
    kind = list_kind(run.kind)
    with store.workplace(run.pk) as staging, ThreadPoolExecutor(1) as beside:
        progress(0, 4, "读取名单和登记 reading the list and the register")
        reading = beside.submit(_read, run, kind, staging)
        from tuopin.core.engine import Engine

        from . import link, people
        from .plan import plan

        with Engine(spill=staging, memory=MEMORY) as engine:
            place = people.Place(version.path, run.as_of, everywhere=version.parent_id is None)
            persons = people.load_people(engine, place)  # while the child reads the list
            sheets = reading.result()
            progress(1, 4, "整理名单 preparing the list")
            link.load_rows(engine, kind, sheets)
            progress(2, 4, "比对 matching")
            pairs, proposed = link.link(engine)
            progress(3, 4, "核对登记 comparing facts")
            people.load_facts(engine, place, kind)
            plan(engine, kind, run.as_of, complete=run.complete)
            counts = _counts(engine, sheets)
            counts |= {"persons": persons, "pairs": proposed, "pairs_left_out": proposed - len(pairs)}
            store.write(engine, run.pk)
            return _with_cells(engine, pairs), counts, sheets


def _read(run: MatchRun, kind: ListKind, staging: Path) -> list[StagedSheet]:
    extra = {kind.key: dict(run.column_map)} if run.column_map else None
    try:
        return read_file(store.handed_in(run.pk), [kind.workbook], staging, extra_titles=extra)
    except WorkbookError as error:
        error.file = run.file
        raise Problem(error.code, error.zh, error.en, file=run.file) from error


def _counts(engine: Engine, sheets: list[StagedSheet]) -> dict[str, object]:
    """Rows by what became of them. All of them add up to ``rows``."""
    fates: dict[str, int] = dict(engine.rows("select fate, count(*) from list_row group by 1"))
    upgraded, contradicting, unsound, blank = engine.one(
        """select (select count(*) from number_read), (select count(*) from list_number where is_contradicting),
        count(*) filter (where number is null and written is not null),
        count(*) filter (where number is null and written is null) from list_row"""
    )
    facts: dict[str, int] = dict(engine.rows("select fate, count(*) from fact_plan group by 1"))
    doubts: dict[str, int] = dict(engine.rows("select code, count(*) from doubt_plan group by 1"))
    return {
        "rows": sum(fates.values()),
        "matched": fates.get("matched", 0),
        "repeated": fates.get("repeated", 0),
        "decide": fates.get("decide", 0),
        "left_out": fates.get("left_out", 0),
        "not_found": fates.get("not_found", 0),
        "upgraded": upgraded,
        "contradicting": contradicting,
        "unsound": unsound,
        "blank": blank,
        "skipped": sum(sum(sheet.skipped.values()) for sheet in sheets),
        "facts": facts,
        "doubts": doubts,
    }


def _with_cells(engine: Engine, pairs: list[Pair]) -> list[tuple[Pair, dict[str, object]]]:
    if not pairs:
        return []
    rows = ", ".join(str(row) for row in sorted({pair.row for pair in pairs}))
    found = engine.rows(
        "select n, sheet, row_no, name, coalesce(number, written), birth::varchar, place, value from list_row "
        f"where n in ({rows})"
    )
    names = ("sheet", "row", "name", "number", "birth", "place", "value")
    cells = {
        n: {name: value for name, value in zip(names, values, strict=True) if value not in (None, "")}
        for n, *values in found
    }
    return [(pair, cells[pair.row]) for pair in pairs]


def _store(
    actor: Actor,
    run: MatchRun,
    pairs: list[tuple[Pair, dict[str, object]]],
    counts: dict[str, object],
    sheets: list[StagedSheet],
) -> None:
    with database.write():
        MatchPair.objects.filter(run=run).delete()
        MatchPair.objects.bulk_create(
            [
                MatchPair(
                    run=run, row=pair.row, person_id=pair.person_id, household_id=pair.household_id, path=pair.path,
                    points=pair.points, reasons=list(pair.reasons), cells=cells,
                )
                for pair, cells in pairs
            ],
            batch_size=2_000,
        )  # fmt: skip
        run.columns = {name: header for sheet in reversed(sheets) for name, header in sheet.columns.items()}
        run.other_headers = list(dict.fromkeys(header for sheet in sheets for header in sheet.unknown_headers))[:200]
        run.counts, run.matched_at, run.state = counts, timezone.now(), MatchRun.State.READY
        run.save(update_fields=["columns", "other_headers", "counts", "matched_at", "state"])
        kept = {name: counts[name] for name in ("rows", "matched", "decide", "not_found")}
        audit.record(actor, MATCH_LISTS, f"match_run:{run.pk}", {"matched": kept}, run.digest)


# -- deciding -----------------------------------------------------------------------------------------------------


def decide(actor: Actor, pair_id: int, answer: str) -> MatchPair:
    """Say of one pair whether the row is that person: yes, no, later. Only one by one.

    Yes to one person says no to the other proposals for that row. Raises Missing outside the grants, Problem where
    somebody else decided meanwhile, or said yes to another row for the same person.
    """
    pair = selectors.pair(actor, pair_id)
    still_there(pair.run)
    if answer not in {item.value for item in ANSWERS}:
        raise Problem("bad_answer", "请选择：是、否或稍后。", "Answer yes, no or later.")
    now = timezone.now()
    open_states = (MatchPair.State.OPEN, MatchPair.State.LATER)
    values = {"user_id": actor.user_id, "decided_by": actor.name or actor.os_user, "decided_at": now}
    with database.write():
        mine = MatchPair.objects.filter(pk=pair.pk, state__in=open_states)
        if answer == MatchPair.State.YES:
            taken = MatchPair.objects.filter(run=pair.run, person_id=pair.person_id, state=MatchPair.State.YES)
            if taken.exclude(pk=pair.pk).exists():
                raise _conflict(
                    "person_taken",
                    "这个人已经与名单另一行对应。请先核对那一行。",
                    "This person was found in another row already. Look at that row first.",
                )
        if not mine.update(state=answer, **values):
            current = MatchPair.objects.get(pk=pair.pk)
            raise _conflict(
                "decided_meanwhile",
                f"{current.decided_by} 已在您之前作出判断，您的选择没有保存。请看下一条。",
                f"{current.decided_by} decided this pair before you; your answer was not kept. Go on with the next.",
            )
        if answer == MatchPair.State.YES:
            others = MatchPair.objects.filter(run=pair.run, row=pair.row, state__in=open_states).exclude(pk=pair.pk)
            others.update(state=MatchPair.State.NO, **values)
        audit.record(actor, DECIDE_MATCHES, f"match_run:{pair.run_id}", {"pair": pair.pk, "answer": answer})
    pair.refresh_from_db()
    return pair


class Conflict(Problem):
    """Somebody else was faster."""

    status = 409


def _conflict(code: str, zh: str, en: str) -> Conflict:
    return Conflict(code, zh, en)


# -- deleting -----------------------------------------------------------------------------------------------------


def close(actor: Actor, run_id: int) -> MatchRun:
    """End a list: its file and rows are deleted now. Counts, digest, decisions and what was written stay.

    Raises Missing; Refused for who neither handed it in nor decides over all of its area.
    """
    run = selectors.own_run(actor, run_id)
    still_there(run)
    _delete(actor, run, "closed")
    run.refresh_from_db()
    return run


def _delete(actor: Actor, run: MatchRun, why: str) -> None:
    now = timezone.now()
    with database.write():
        MatchPair.objects.filter(run=run).exclude(cells={}).update(cells={})
        MatchRun.objects.filter(pk=run.pk).update(
            state=MatchRun.State.CLOSED, closed_at=run.closed_at or now, deleted_at=now, column_map={}, other_headers=[]
        )
        audit.record(actor, MATCH_LISTS, f"match_run:{run.pk}", {"deleted": why}, run.digest)
        # after the commit: a file left behind is swept by purge(), a row that points nowhere would be a broken page
        transaction.on_commit(lambda: store.remove(run.pk))


def purge(actor: Actor, today: date | None = None) -> int:
    """Delete the lists whose days are over, and folders of runs that are closed or unknown; returns how many lists."""
    day = today or timezone.localdate()
    due = list(MatchRun.objects.filter(deleted_at=None, delete_on__lte=day))
    for run in due:
        _delete(actor, run, "expired")
    present = store.present()
    kept = set(MatchRun.objects.filter(pk__in=present, deleted_at=None).values_list("pk", flat=True))
    for run_id in present - kept:
        store.remove(run_id)
    return len(due)
