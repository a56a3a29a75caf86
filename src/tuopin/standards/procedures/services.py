"""Beginning procedures, taking them a step further, withdrawing them: each takes a set, all of it or none.

The verdict is judged and kept at the start; the status changes when the last step is recorded, in the same
transaction and through the register's own service. Whoever acts says how many acts were seen: of two at once one wins.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.procedures import COMPLETED, STOPPED, History, current, earliest, latest, replay
from tuopin.core.procedures import Procedure as Definition
from tuopin.platform import database, evidence, working_days
from tuopin.platform.access import require
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.auditing.audit import canonical
from tuopin.platform.problems import Problem
from tuopin.register import statuses
from tuopin.register.areas import ids as area_ids
from tuopin.register.correcting.subjects import listed
from tuopin.standards.permissions import RUN_PROCEDURE

from . import definitions, subjects
from .models import Procedure, ProcedureAct
from .weighing import (
    MOST,
    Doing,
    Weighed,
    acts_of,
    check_size,
    check_texts,
    outside,
    texts_of,
    weigh_start,
    weighed_rows,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.standards.places import Place

    from .definitions import Definition as Defined
    from .subjects import Subject

ABOUT = "standards.procedure"
"""What papers of procedures are about."""
_SHOWN = 5
_ATTEMPTS = 3


class Changed(Problem):
    """Somebody else took the procedure further since it was looked at."""

    status = 409


# ---- beginning ----------------------------------------------------------------------------------------------------


def begin(actor: Actor, area: Place, key: str, ids: Collection[int], day: date) -> list[Procedure]:
    """Begin a procedure on each subject, its verdict and all it rests on frozen. All of them, or none.

    Raises what :func:`weigh_start` raises, and Problem ``refused`` where one cannot begin.
    """
    require(actor, RUN_PROCEDURE)
    defined = definitions.definition(area, day, key)
    for _ in range(_ATTEMPTS):
        version = database.data_version()
        weighed = weigh_start(actor, defined, ids, day)
        _refuse(actor, weighed)
        try:
            with database.write():
                database.hold_data()
                if database.data_version() != version:
                    continue
                return _begun(actor, defined, weighed, day)
        except IntegrityError:
            continue  # somebody began it on one of them meanwhile: weighed again it says so
    raise Problem(
        "data_changing", "登记数据一直在变动，没有开始任何程序。请稍后重试。",
        "The register kept changing; nothing was begun. Try again.",
    )  # fmt: skip


def _begun(actor: Actor, defined: Defined, weighed: Sequence[Weighed], day: date) -> list[Procedure]:
    kept, now, procedure = definitions.keep(defined), timezone.now(), defined.procedure
    state = _state(procedure, History(day), timezone.localdate())
    rows = []
    for each in weighed:
        assert each.frozen is not None  # noqa: S101 - refused above
        rows.append(
            Procedure(
                definition=kept, key=procedure.key, level=procedure.level, subject_id=each.subject.id, started=day,
                last_day=day, recorded_at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
                standard=procedure.standard, pack=defined.pack, overall=each.frozen.overall,
                frozen=each.frozen.document, frozen_digest=each.frozen.digest, **state,
            )
        )  # fmt: skip
    first = database.reserve_ids(Procedure, len(rows))
    for at, row in enumerate(rows):
        row.pk = first + at
    Procedure.objects.bulk_create(rows, batch_size=200)
    detail: dict[str, object] = {"procedure": procedure.key, "pack": defined.pack, "begun": len(rows),
                                 "day": day.isoformat()}  # fmt: skip
    digest = hashlib.sha256(canonical([[row.subject_id, row.frozen_digest] for row in rows])).hexdigest()
    audit.record(actor, RUN_PROCEDURE, f"procedure:{rows[0].pk}", detail, digest)
    return rows


# ---- one step further ---------------------------------------------------------------------------------------------


def act(actor: Actor, seen: Mapping[int, int], doing: Doing) -> int:
    """Record one act on each of these procedures (number → how many acts were seen); returns how many are complete by
    it. All of them, or none; the status of the complete ones changes with it.

    Raises what :func:`weigh` raises, Changed where somebody was quicker, Problem ``refused`` where one cannot.
    """
    require(actor, RUN_PROCEDURE)
    check_size(seen)
    check_texts(doing)
    with database.write():
        database.hold_data()  # one after the other: statuses may change, and what is counted must be what is written
        rows = list(Procedure.objects.select_for_update().filter(pk__in=listed(seen)).order_by("pk"))
        weighed = weighed_rows(actor, rows, seen, doing)
        if any(row.acts != seen[row.pk] for row in rows):
            raise Changed(
                "changed_meanwhile", "有人已先办理了其中的程序，本次没有登记。请刷新后再看。",
                "Somebody was quicker on one of them; nothing was recorded. Look again.",
            )  # fmt: skip
        _refuse(actor, weighed)
        _write(actor, weighed, doing)
        done = [each for each in weighed if each.row is not None and each.row.state == Procedure.State.COMPLETED]
        _change_status(actor, done, doing)
        detail: dict[str, object] = {"step": doing.step, "outcome": doing.outcome, "acts": len(weighed),
                                     "completed": len(done), "day": doing.day.isoformat()}  # fmt: skip
        digest = hashlib.sha256(canonical([each.row.pk for each in weighed if each.row is not None])).hexdigest()
        audit.record(actor, RUN_PROCEDURE, f"procedure:{min(seen)}", detail, digest)
    return len(done)


def _write(actor: Actor, weighed: Sequence[Weighed], doing: Doing) -> None:
    now, today, rows, acts = timezone.now(), timezone.localdate(), [], []
    texts = texts_of([each.row for each in weighed if each.row is not None])
    for each in weighed:
        row, history = each.row, each.history
        assert row is not None  # noqa: S101 - refused above
        assert history is not None  # noqa: S101
        row.acts += 1
        row.last_day = doing.day
        for name, value in _state(texts[row.definition_id], history, today).items():
            setattr(row, name, value)
        row.ended_on = doing.day if row.state != Procedure.State.RUNNING else None
        rows.append(row)
        acts.append(
            ProcedureAct(
                procedure=row, number=row.acts, step=doing.step, outcome=doing.outcome, day=doing.day,
                by=doing.by.strip(), note=doing.note.strip(), evidence=",".join(doing.papers), at=now,
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )
        )  # fmt: skip
    ProcedureAct.objects.bulk_create(acts, batch_size=500)
    Procedure.objects.bulk_update(
        rows, ["acts", "last_day", "state", "step", "earliest", "due", "provisional", "ended_on"], batch_size=200
    )
    papers = [
        evidence.Paper(row.pk, f"{doing.step}.{key}", doing.day, doing.files.get(key),
                       doing.references.get(key, "").strip(), doing.valid_until)
        for row in rows
        for key in doing.papers
    ]  # fmt: skip
    evidence.record(actor, ABOUT, papers)


def _state(procedure: Definition, history: History, today: date) -> dict[str, object]:
    """What lists keep of a procedure: it follows from definition and acts."""
    at, calendar = current(procedure, history), working_days.calendar()
    if at in {COMPLETED, STOPPED}:
        return {"state": at, "step": "", "earliest": None, "due": None, "provisional": False}
    first, last = earliest(procedure, history, calendar), latest(procedure, history, today, calendar)
    return {
        "state": Procedure.State.RUNNING,
        "step": at,
        "earliest": first.day if first else None,
        "due": last.day if last else None,
        "provisional": any(limit is not None and limit.provisional for limit in (first, last)),
    }


def _change_status(actor: Actor, done: Sequence[Weighed], doing: Doing) -> None:
    """The end of a procedure, in the register's own words. Definitions of one call may differ by their texts."""
    texts = texts_of([each.row for each in done if each.row is not None])
    for digest, procedure in texts.items():
        mine = [each for each in done if each.row is not None and each.row.definition_id == digest]
        origins = {each.subject.id: f"procedure:{each.row.pk}" for each in mine if each.row is not None}
        reason = f"{procedure.title.zh}程序办结"
        if procedure.level == "household":
            values = {each.subject.id: _value(procedure, each.history) for each in mine}
            statuses.change_households(
                actor, values, axis=procedure.axis, expected=procedure.from_, day=doing.day, reason=reason,
                origins=origins,
            )  # fmt: skip
        else:
            for kind in procedure.from_:
                statuses.end_designations(
                    actor, list(origins), kind=kind, day=doing.day, reason=reason, origins=origins
                )


def _value(procedure: Definition, history: History | None) -> str:
    """The status that the last act to name one says, else the procedure's."""
    found = procedure.to
    for each in history.acts if history is not None else ():
        step = procedure.step(each.step)
        outcome = step.outcome(each.outcome) if step is not None else None
        found = outcome.sets or found if outcome is not None else found
    return found


def seen_now(actor: Actor, numbers: Collection[int]) -> dict[int, int]:
    """How many acts each of these has now, for one who looks and acts in one breath. Raises Missing."""
    rows = subjects.rows(actor, RUN_PROCEDURE).filter(pk__in=listed(numbers))
    found = dict(rows.values_list("pk", "acts"))
    if set(found) != set(numbers):
        raise outside()
    return found


# ---- withdrawing --------------------------------------------------------------------------------------------------


def withdraw(actor: Actor, seen: Mapping[int, int], reason: str, day: date) -> int:
    """End running procedures without any change of status, for a reason; returns how many. What was done stays on
    record, and the procedure may begin anew."""
    require(actor, RUN_PROCEDURE)
    check_size(seen)
    if not 2 <= len(reason.strip()) <= 500 or not reason.strip().isprintable():
        raise Problem("no_reason", "请写明理由（2–500 字，一行）。", "Give the reason (2–500 characters, one line).")
    with database.write():
        rows = list(Procedure.objects.select_for_update().filter(pk__in=listed(seen)).order_by("pk"))
        found: dict[tuple[str, int], Subject] = {}
        for level in {row.level for row in rows}:
            ids = {row.subject_id for row in rows if row.level == level}
            there = subjects.find(actor, RUN_PROCEDURE, level, ids)
            if set(there) != ids:
                raise outside()
            found |= {(level, key): each for key, each in there.items()}
        if {row.pk for row in rows} != set(seen):
            raise outside()
        if any(row.acts != seen[row.pk] or row.state != Procedure.State.RUNNING for row in rows):
            raise Changed(
                "changed_meanwhile", "其中的程序已有变动，没有撤回。请刷新后再看。",
                "One of them has changed; nothing was withdrawn. Look again.",
            )  # fmt: skip
        if any(day < row.last_day for row in rows) or day > timezone.localdate():
            raise Problem(
                "bad_day", "撤回日期应在上一步之后、今天之前（含）。",
                "The day must not lie before the last step or after today.",
            )  # fmt: skip
        _refuse_announced(rows, found)
        Procedure.objects.filter(pk__in=listed(seen)).update(
            state=Procedure.State.WITHDRAWN, step="", earliest=None, due=None, provisional=False, ended_on=day,
            reason=reason.strip(),
        )  # fmt: skip
        detail: dict[str, object] = {"withdrawn": len(rows), "day": day.isoformat()}
        audit.record(actor, RUN_PROCEDURE, f"procedure:{min(seen)}", detail)
    return len(rows)


def _refuse_announced(rows: Sequence[Procedure], found: Mapping[tuple[str, int], Subject]) -> None:
    """A village does not take its exit back once the county's was made public: the public was told of a county whose
    villages had come that far. Who must, takes the county's back first; an objection that is upheld is always recorded.

    Raises Problem naming the village and the county's procedure.
    """
    villages = [row for row in rows if row.level == "village"]
    if not villages:
        return
    above = {key for row in villages for key in area_ids(found[row.level, row.subject_id].path)}
    open_ = Procedure.objects.filter(
        level="county", subject_id__in=above,
        state__in=(Procedure.State.RUNNING, Procedure.State.COMPLETED),
    )  # fmt: skip
    for county in open_.select_related("definition").defer("frozen"):
        notices = [step.key for step in definitions.read(county.definition).steps if step.notice]
        posted = ProcedureAct.objects.filter(procedure=county, step__in=notices).order_by("number").first()
        for row in villages if posted is not None else ():
            subject = found[row.level, row.subject_id]
            if county.subject_id in area_ids(subject.path) and posted is not None and posted.day >= row.started:
                raise Problem(
                    "county_announced",
                    f"{subject.name}所在县的退出程序（第 {county.pk} 号）已于 {posted.day} 公示，村的退出程序不能撤回。"
                    "须撤回的，先撤回县的程序；公示有异议且成立的，在村的程序中登记异议。",
                    f"The exit of the county of {subject.name} (procedure {county.pk}) was made public on "
                    f"{posted.day}: the village's cannot be withdrawn. Withdraw the county's first; an objection "
                    "that is upheld is recorded in the village's own procedure.",
                    county=county.pk,
                )


def recount() -> int:
    """Count limits again that rested on days whose calendar was not published; returns how many moved."""
    waiting = Procedure.objects.filter(state=Procedure.State.RUNNING, provisional=True).defer("frozen").order_by("pk")
    moved, after = 0, 0
    while rows := list(waiting.filter(pk__gt=after)[:MOST]):  # all of them: the first may stay provisional for a year
        moved, after = moved + _recounted(rows), rows[-1].pk
    return moved


def _recounted(rows: list[Procedure]) -> int:
    acts, texts, today = acts_of([row.pk for row in rows]), texts_of(rows), timezone.localdate()
    moved = 0
    for row in rows:
        procedure = texts[row.definition_id]
        state = _state(procedure, replay(procedure, row.started, acts.get(row.pk, ())), today)
        now = {name: state[name] for name in ("earliest", "due", "provisional")}
        if any(getattr(row, name) != value for name, value in now.items()):
            still = Procedure.objects.filter(pk=row.pk, acts=row.acts, state=Procedure.State.RUNNING)
            moved += still.update(**now)
    return moved


# ---- checks -----


def _refuse(actor: Actor, weighed: Sequence[Weighed]) -> None:
    """Raises Problem if one cannot. It names households and what they lack, so that it is a reading of them."""
    bad = [(each.subject.code, each.refusal) for each in weighed if each.refusal is not None]
    if not bad:
        return
    named = [each for each in weighed if each.refusal is not None][:_SHOWN]
    households = sum(each.subject.level == "household" for each in named)
    if households:
        readlog.read(actor, "standards.procedures", {"refused": bad[0][1].code, "of": len(weighed)}, households)
    more = len(bad) - _SHOWN
    zh = "；".join(f"{code}：{refusal.zh}" for code, refusal in bad[:_SHOWN]) + (
        f"；另有 {more} 个" if more > 0 else ""
    )
    en = "; ".join(f"{code}: {refusal.en}" for code, refusal in bad[:_SHOWN]) + (f"; {more} more" if more > 0 else "")
    raise Problem("refused", zh, en, reason=bad[0][1].code, count=len(bad))
