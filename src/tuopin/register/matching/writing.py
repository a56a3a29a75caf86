"""Writing what a matched list says: dated facts by the way of corrections, data issues, and taking both back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

import orjson
from django.utils import timezone

from tuopin.platform import database, jobs
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem, Refused

from ..correcting import services as correcting
from ..correcting.subjects import listed, listed_texts
from ..models import AreaVersion, DataIssue, Household, MatchPair, MatchResult, MatchRun, Person
from ..models.blocks import Source
from ..permissions import DECIDE_MATCHES
from . import selectors, store
from .kinds import list_kind
from .plan import typed
from .services import MEMORY, still_there

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tuopin.core.engine import Engine
    from tuopin.platform.access import Actor

    from .kinds import ListKind
    from .services import Progress
    from .store import Ranges

_STILL = "insert into undecided select person_id from person where person_id in ({})"

CHUNK = 20_000
"""Facts in one correction: each is held in memory with the version it follows."""


@dataclass(slots=True)
class Written:
    """What came of it."""

    facts: int = 0
    opened: int = 0
    closed: int = 0
    corrections: list[int] = field(default_factory=list)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


def ask_to_write(actor: Actor, run_id: int, *, facts: bool, doubts: bool) -> MatchRun:
    """Put the writing of a list's results into the queue. Raises Missing, Refused, Problem where nothing is chosen or
    the list is deleted or not yet matched."""
    run = selectors.run(actor, run_id)
    _ready(actor, run)
    if not (facts or doubts):
        raise Problem("nothing_chosen", "请至少选择一项：写入事实，或列出疑点。", "Choose facts, data issues or both.")
    with database.write():
        job = jobs.enqueue(actor, "register.write_matches", {"match_id": run.pk, "facts": facts, "doubts": doubts})
        run.job = job.pk
        run.save(update_fields=["job"])
    return run


def _ready(actor: Actor, run: MatchRun) -> Ranges:
    still_there(run)
    ranges = selectors.reach(actor, run)
    if not ranges:
        raise Refused(
            "refused",
            "您没有这份名单所在区域的判断权限，或名单涉及的字段未对您开放。",
            "You may not decide matches in the area of this list, or its class of fields is not open to you.",
            permission=DECIDE_MATCHES,
        )
    if run.state != MatchRun.State.READY:
        raise Problem(
            "not_matched", "这份名单还没有比对完。请稍候。", "This list has not been matched yet. Wait a moment."
        )
    return ranges


def write(
    actor: Actor,
    run_id: int,
    *,
    facts: bool = True,
    doubts: bool = True,
    progress: Progress = lambda _done, _total, _note: None,
) -> MatchResult:
    """Write what the list says of the households in the actor's reach: the body of the job.

    Facts become versions dated as the list, with its source; what a visit or a person's correction says stays, and
    what the register knows of a later day. Contradictions become data issues; earlier ones of the same kind of list
    that no longer hold are closed. All of it or nothing; doing it again writes what is left.
    """
    with database.exclusive(f"match-{run_id}"):
        run = selectors.run(actor, run_id)
        ranges = _ready(actor, run)
        kind = list_kind(run.kind)
        with store.workplace(run.pk) as staging:
            from tuopin.core.engine import Engine

            with Engine(spill=staging, memory=MEMORY) as engine:
                progress(0, 3, "核对登记 comparing with the register")
                _replan(engine, run, kind)
                progress(1, 3, "写入 writing")
                return _write(actor, run, kind, engine, ranges, facts=facts, doubts=doubts)


def _replan(engine: Engine, run: MatchRun, kind: ListKind) -> None:
    """Plan anew from the kept match, the decisions and the register as it stands now."""
    from . import people
    from .plan import plan

    path = selectors.area_path(run)
    version = AreaVersion.objects.get(area_id=run.area_id, valid_to=None)
    place = people.Place(path, run.as_of, everywhere=version.parent_id is None)
    people.load_people(engine, place)
    people.load_facts(engine, place, kind)
    engine.run("rows", f"create table list_row as select * from {store.table(run.pk, 'list_row')}")
    engine.run(
        "matched",
        f"""create table matched as select m.n, m.person_id, p.household_id, p.area_id, p.path, m.value
        from {store.table(run.pk, "matched")} m join person p using (person_id)""",
    )
    yes = MatchPair.objects.filter(run=run, state=MatchPair.State.YES).values_list("row", "person_id")
    for some in batched(yes, 500, strict=False):
        values = ", ".join(f"({int(row)}, {int(person)})" for row, person in some)
        engine.run(
            "decided",
            f"""insert into matched select t.n, p.person_id, p.household_id, p.area_id, p.path, l.value
            from (values {values}) t(n, person_id) join person p using (person_id) join list_row l using (n)""",
        )
    engine.run("undecided", f"create table undecided as select person_id from {store.table(run.pk, 'undecided')}")
    shown = MatchPair.objects.filter(run=run).values_list("person_id", flat=True).distinct()
    still = shown.filter(state__in=(MatchPair.State.OPEN, MatchPair.State.LATER))
    for statement, persons in (("delete from undecided where person_id in ({})", shown), (_STILL, still)):
        for ids in batched(persons, 1_000, strict=False):
            engine.run("undecided", statement.format(", ".join(str(int(each)) for each in ids)))
    plan(engine, kind, run.as_of, complete=run.complete)


def _write(
    actor: Actor, run: MatchRun, kind: ListKind, engine: Engine, ranges: Ranges, *, facts: bool, doubts: bool
) -> MatchResult:
    done, now, where = Written(), timezone.now(), store.within(ranges)
    planned = engine.rows(
        f"select subject, value from fact_plan where fate in ('new', 'changed') and {where} order by subject"
    )
    found = engine.rows(f"select person_id, household_id, area_id, code from doubt_plan where {where} order by all")
    looked = "select person_id from matched"
    looked += f" where {where} union select person_id from absent where {where}" if run.complete else f" where {where}"
    seen = {person for (person,) in engine.rows(looked)}
    with database.write():
        if facts and planned:
            _write_facts(actor, run, kind, planned, done)
        if doubts:
            _write_issues(kind, found, seen, now, done)
        result = MatchResult.objects.create(
            run=run, at=now, actor=actor.name or actor.os_user, user_id=actor.user_id, facts=done.facts,
            opened=done.opened, closed=done.closed, corrections=done.corrections, digest=done.digest.hexdigest(),
        )  # fmt: skip
        detail: dict[str, object] = {
            "facts": done.facts,
            "opened": done.opened,
            "closed": done.closed,
            "result": result.pk,
        }
        audit.record(actor, DECIDE_MATCHES, f"match_run:{run.pk}", detail, result.digest)
    return result


def _write_facts(
    actor: Actor, run: MatchRun, kind: ListKind, planned: Iterable[tuple[int, str]], done: Written
) -> None:
    """The one call to the corrections: as of the list's day, marked as a department's."""
    why = correcting.Why(run.as_of, Source.DEPARTMENT_LIST, f"{kind.department.zh} {kind.title.zh}（{run.pk}）", "list")
    for some in batched(planned, CHUNK, strict=False):
        changes = [correcting.Change(kind.level, subject, kind.fact, typed(kind, value)) for subject, value in some]
        outcome = correcting.correct(actor, changes, why)
        done.digest.update(orjson.dumps(some))
        done.facts += outcome.written
        if outcome.correction is not None:
            done.corrections.append(outcome.correction.pk)


def _write_issues(
    kind: ListKind, found: list[tuple[int, int, int, str]], seen: set[int], now: datetime, done: Written
) -> None:
    """Open what is not open yet, close what this list no longer shows of the persons it speaks of."""
    persons = dict(Person.objects.filter(pk__in=listed(seen)).values_list("pk", "code")) if seen else {}
    households = dict(
        Household.objects.filter(pk__in=listed({each[1] for each in found})).values_list("pk", "code")
    ) if found else {}  # fmt: skip
    wanted = {
        (code, households[household], persons.get(person, "")): (person, area)
        for person, household, area, code in found
        if household in households
    }
    known = [code for code in persons.values() if code]
    open_now: dict[tuple[str, str, str], int] = {}
    issues = DataIssue.objects.filter(closed_at=None, kind=kind.issue_kind)
    if known:
        for pk, *key in issues.filter(person__in=listed_texts(known)).values_list("pk", "code", "subject", "person"):
            open_now[key[0], key[1], key[2]] = pk
    if households:
        blank = issues.filter(person="", subject__in=listed_texts(households.values()))
        open_now |= {(code, subject, ""): pk for pk, code, subject in blank.values_list("pk", "code", "subject")}
    fresh = [key for key in wanted if key not in open_now]
    DataIssue.objects.bulk_create(
        [
            DataIssue(
                code=code, kind=kind.issue_kind, subject=subject, person=person, column=kind.title.zh, recorded_at=now,
                area_id=wanted[code, subject, person][1],
            )
            for code, subject, person in fresh
        ],
        batch_size=5_000,
    )  # fmt: skip
    gone = [pk for key, pk in open_now.items() if key not in wanted and key[2]]
    done.opened = len(fresh)
    done.closed = DataIssue.objects.filter(pk__in=listed(gone)).update(closed_at=now) if gone else 0
    done.digest.update(orjson.dumps([sorted(fresh), sorted(gone)]))


# -- taking back --------------------------------------------------------------------------------------------------


def take_back(actor: Actor, result_id: int) -> MatchResult:
    """Undo a writing: its facts are corrected back, its issues closed.

    Raises Missing, Refused; Conflict where somebody has corrected one of the values since: then nothing changes.
    """
    result = MatchResult.objects.select_related("run").filter(pk=result_id).first()
    run = selectors.run(actor, result.run_id if result else 0)
    assert result is not None  # noqa: S101 - run() has refused
    require(actor, DECIDE_MATCHES)
    if result.undone_at is not None:
        raise Problem("already_undone", "这次写入已经撤销过。", "This writing has been undone already.")
    if run.results.filter(pk__gt=result.pk, undone_at=None).exists():
        raise Problem("later_result", "请先撤销这份名单之后的写入。", "Undo the later writings of this list first.")
    if result.user_id != actor.user_id and not selectors.covers(actor, run):
        raise Refused(
            "refused", "只有写入的人或管辖整个区域的人可以撤销。",
            "Only who wrote it, or who decides over the whole area, may undo it.", permission=DECIDE_MATCHES,
        )  # fmt: skip
    now = timezone.now()
    with database.write():
        for number in reversed(result.corrections):
            correcting.undo(actor, number)
        issues = DataIssue.objects.filter(kind=list_kind(run.kind).issue_kind, recorded_at=result.at, closed_at=None)
        closed = issues.update(closed_at=now)
        result.undone_at = now
        result.save(update_fields=["undone_at"])
        detail: dict[str, object] = {"undone": result.pk, "facts": result.facts, "issues": closed}
        audit.record(actor, DECIDE_MATCHES, f"match_run:{run.pk}", detail, result.digest)
    return result
