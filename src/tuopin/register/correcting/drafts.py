"""Prepared changes: compared with what stands, looked at, decided, then written by the service of corrections."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from tuopin.core.workbook.values import Bad
from tuopin.platform import database, downloads, jobs
from tuopin.platform.access import one_page, require
from tuopin.platform.problems import Missing, Problem

from ..models import Draft, DraftLine
from ..models.blocks import Source
from ..permissions import CORRECT
from . import versions
from .fields import Value, all_fields, decode, encode, field_named, read, value_of
from .services import Change, Conflict, Outcome, Why, correct
from .subjects import find, listed, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor

    from .fields import Correctable, Level
    from .services import Clash
    from .subjects import Key, Subject

LIMIT = 20_000
"""Rows of a bulk edit."""
AS_JOB = 2_000
"""Above so many changes they are written in the background."""
KEPT = timedelta(days=7)
_BASIS = "basis"  # in the note: the grants that a draft was prepared with
JOB = "register.apply_corrections"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants a field to be. ``written`` is what a cell or form says; ``base`` (JSON text) what it said
    when it was given out, None = the present value is taken as seen. ``row`` is the row of a workbook; ``error`` a
    fault that is already known."""

    level: Level
    subject: int | None
    field: str
    written: str
    base: str | None = None
    row: int | None = None
    code: str = ""
    error: str = ""
    value: Value | Bad = None
    is_read: bool = False


def prepare(
    actor: Actor, proposals: Sequence[Proposal], why: Why, *, back: str = "", note: dict[str, Any] | None = None
) -> Draft:
    """Compare proposals with what stands and keep them for a look. A fixed number of statements; nothing of the
    register changes. Subjects outside the grants are faults of their line, told apart from nothing else."""
    require(actor, CORRECT)
    for name in {proposal.field for proposal in proposals}:
        field_named(name)
    keys: set[Key] = {(each.level, each.subject) for each in proposals if each.subject is not None}
    with one_page():
        subjects = find(actor, keys, why.as_of)
    stood = _standing(proposals)
    rows = [_line(at, each, subjects, stood, why) for at, each in enumerate(proposals, 1)]
    with database.write():
        draft = Draft.objects.create(
            user_id=actor.user_id, origin=why.origin, created_at=timezone.now(), as_of=why.as_of,
            source=why.source.value, reason=why.reason.strip()[:500], back=back[:200],
            note={**(note or {}), _BASIS: downloads.basis(actor, CORRECT)},
        )  # fmt: skip
        columns = [
            "draft_id", "number", "level", "subject", "code", "field", "base", "mine", "theirs", "seen", "written",
            "row", "fate", "error", "decision",
        ]  # fmt: skip
        database.bulk_insert(DraftLine._meta.db_table, columns, [(draft.pk, *row) for row in rows])
    return draft


type Stood = dict[str, dict[int, list[Any]]]


def _standing(proposals: Sequence[Proposal]) -> Stood:
    asked: dict[str, set[int]] = {}
    for each in proposals:
        if each.subject is not None:
            asked.setdefault(all_fields()[each.field].block, set()).add(each.subject)
    models = {item.block: item.model for item in all_fields().values()}
    return {block: versions.standing(models[block], ids) for block, ids in asked.items()}


def _line(number: int, each: Proposal, subjects: dict[Key, Subject], stood: Stood, why: Why) -> tuple[object, ...]:
    item = all_fields()[each.field]
    subject = subjects.get((each.level, each.subject)) if each.subject is not None else None
    rows = stood.get(item.block, {}).get(each.subject or 0, []) if subject else []
    current = versions.on_day(rows, why.as_of)
    theirs = value_of(current, each.field) if subject and subject.opens(item.field_class) else None
    value = each.value if each.is_read else read(item, each.written)
    error = each.error or _error(item, subject, rows, value, why)
    base = each.base if each.base is not None else encode(theirs)
    mine = "null" if isinstance(value, Bad) else encode(value)
    unreadable = bool(current and each.field in current.unreadable)
    if error:
        fate = DraftLine.Fate.ERROR
    elif mine == encode(theirs) and not (unreadable and mine != "null"):
        fate = DraftLine.Fate.NOTHING
    elif base != encode(theirs):
        fate = DraftLine.Fate.CONFLICT
    else:
        fate = DraftLine.Fate.CHANGE
    return (
        number, each.level, each.subject if subject else None, (subject.code if subject else each.code)[:64],
        each.field, base if not error else "null", mine, encode(theirs), current.pk if current else 0,
        each.written[:255], each.row, fate.value, error, "",
    )  # fmt: skip


def _error(item: Correctable, subject: Subject | None, rows: Sequence[Any], value: Value | Bad, why: Why) -> str:
    if subject is None:
        return "no_such_subject"
    if not subject.opens(item.field_class):
        return "field_closed"
    if isinstance(value, Bad):
        return value.code
    if max((row.as_of for row in rows), default=why.as_of) > why.as_of:
        return "newer_version"
    return ""


# -- looking and deciding -----------------------------------------------------------------------------------------


def of_actor(actor: Actor, number: int) -> Draft:
    """One's own draft. Raises Missing for another's, one that is gone, and one prepared with grants that have ended:
    it quotes names and values that they opened."""
    require(actor, CORRECT)
    found = Draft.objects.filter(pk=number, user_id=actor.user_id).first()
    if found is None or not downloads.holds(actor, found.note.get(_BASIS, [])):
        raise Missing(
            "no_such_draft",
            "没有这份待确认的更正，或已过期删除。请重新准备。",
            "There are no such prepared corrections, or they have expired. Prepare them again.",
        )
    return found


def counts(draft: Draft) -> dict[str, int]:
    """Lines by fate, and how many of the changes rules may read (``relevant``)."""
    relevant = [item.name for item in all_fields().values() if item.relevant]
    found = draft.lines.values("fate").annotate(n=Count("pk"), relevant=Count("pk", filter=Q(field__in=relevant)))
    by_fate = {fate.value: 0 for fate in DraftLine.Fate} | {"relevant": 0, "undecided": 0}
    for row in found:
        by_fate[row["fate"]] = row["n"]
        if row["fate"] == DraftLine.Fate.CHANGE:
            by_fate["relevant"] = row["relevant"]
    by_fate["undecided"] = draft.lines.filter(fate=DraftLine.Fate.CONFLICT, decision="").count()
    return by_fate


def tally(draft: Draft, most: int = 60) -> tuple[list[dict[str, Any]], int]:
    """Changes by field, old and new value, the commonest first, and how many kinds there are beyond ``most``."""
    found = draft.lines.filter(fate=DraftLine.Fate.CHANGE).values("field", "theirs", "mine").annotate(n=Count("pk"))
    rows: list[Any] = list(found.order_by("-n", "field", "theirs", "mine")[: most + 1])
    beyond = found.count() - most if len(rows) > most else 0
    return rows[:most], beyond


def decide(draft: Draft, decisions: dict[int, str]) -> int:
    """Take mine or theirs for conflicting lines by number; ``{0: …}`` = for all that are undecided."""
    _still_open(draft)
    open_lines = draft.lines.filter(fate=DraftLine.Fate.CONFLICT)
    done = 0
    with database.write():
        for decision in ("mine", "theirs"):
            numbers = [number for number, taken in decisions.items() if taken == decision and number]
            if numbers:
                done += open_lines.filter(number__in=listed(numbers)).update(decision=decision)
            if decisions.get(0) == decision:
                done += open_lines.filter(decision="").update(decision=decision)
    return done


def _still_open(draft: Draft) -> None:
    if draft.state != Draft.State.OPEN:
        raise Problem(
            "draft_applied", "这份更正已经提交，不能再改。", "These corrections have been submitted and cannot change."
        )


# -- writing ------------------------------------------------------------------------------------------------------


def submit(actor: Actor, draft: Draft) -> Outcome | int:
    """Write a draft's changes at once, or as a job where they are many: then the number of the job."""
    _still_open(draft)
    size = draft.lines.filter(_taken()).count()
    if not size:
        raise Problem("nothing_to_write", "没有需要写入的更正。", "There is nothing to write.")
    if draft.lines.filter(fate=DraftLine.Fate.CONFLICT, decision="").exists():
        raise Problem(
            "undecided",
            "还有冲突没有决定。请逐项选择，或一次选择全部。",
            "Some conflicts are undecided. Decide each of them, or all at once.",
        )
    if size <= AS_JOB:
        return apply(actor, draft)
    with database.write():
        if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).update(state=Draft.State.APPLYING):
            _still_open(Draft.objects.get(pk=draft.pk))
        return jobs.enqueue(actor, JOB, {"draft": draft.pk}).pk


def _taken() -> Q:
    return Q(fate=DraftLine.Fate.CHANGE) | Q(fate=DraftLine.Fate.CONFLICT, decision="mine")


def apply(actor: Actor, draft: Draft) -> Outcome:
    """Write a draft's changes. Raises Conflict when others changed some of the values since the preview: these lines
    then wait for a decision, and nothing was written."""
    fields = all_fields()
    changes = [
        Change(line.level, line.subject or 0, line.field, decode(fields[line.field], line.mine), line.seen)  # type: ignore[arg-type]  # a level, as prepare wrote it
        for line in draft.lines.filter(_taken()).order_by("number")
    ]
    why = Why(draft.as_of, Source(draft.source), draft.reason, draft.origin)
    try:
        with database.write():
            database.hold_data()
            held = Draft.objects.filter(pk=draft.pk).exclude(state=Draft.State.APPLIED)
            if not held.exists():
                raise outside()
            outcome = correct(actor, changes, why)
            held.update(state=Draft.State.APPLIED, correction=outcome.correction)
    except Conflict as conflict:
        _keep_conflicts(draft, conflict)
        raise
    except Problem:
        Draft.objects.filter(pk=draft.pk, state=Draft.State.APPLYING).update(state=Draft.State.OPEN)
        raise
    return outcome


def _keep_conflicts(draft: Draft, conflict: Conflict) -> None:
    clashes: dict[tuple[str, int, str], Clash] = {
        (each.change.level, each.change.subject, each.change.field): each for each in conflict.clashes
    }
    lines = [line for line in draft.lines.filter(_taken()) if (line.level, line.subject or 0, line.field) in clashes]
    for line in lines:
        clash = clashes[line.level, line.subject or 0, line.field]
        line.fate, line.decision = DraftLine.Fate.CONFLICT.value, ""
        line.theirs, line.seen, line.base = encode(clash.theirs), clash.version, encode(clash.base)
    with database.write():
        DraftLine.objects.bulk_update(lines, ["fate", "decision", "theirs", "seen", "base"], batch_size=500)
        Draft.objects.filter(pk=draft.pk).update(state=Draft.State.OPEN)


def drop(actor: Actor, draft: Draft) -> None:
    """Throw prepared changes away."""
    _still_open(of_actor(actor, draft.pk))
    with database.write():
        draft.lines.all()._raw_delete(draft.lines.db)  # no signals, no cascade: one statement
        Draft.objects.filter(pk=draft.pk).delete()


def purge() -> int:
    """Delete what was prepared and left lying; returns how many drafts."""
    old = list(Draft.objects.filter(created_at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:100])
    if old:
        with database.write():
            lines = DraftLine.objects.filter(draft__in=old)
            lines._raw_delete(lines.db)
            Draft.objects.filter(pk__in=old).delete()
    return len(old)


def summary(draft: Draft) -> Counter[str]:
    """Errors by code."""
    rows = draft.lines.filter(fate=DraftLine.Fate.ERROR).values_list("error").annotate(n=Count("pk"))
    return Counter(dict(rows))
