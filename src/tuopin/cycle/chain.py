"""Import → evaluate → open in one go, looked at first. Each step finds what it has done already: the import of a set is
made once, an evaluation of the same data is the stored one, a finding has its matter. So a job that was cut off goes on
where it stopped, and nothing happens twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from tuopin.orders.permissions import ISSUE
from tuopin.platform import database, jobs
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Problem
from tuopin.register.importing import prepared as sets
from tuopin.register.models import Import, ImportSet
from tuopin.standards import evaluating
from tuopin.standards.permissions import EVALUATE
from tuopin.standards.services import evaluate_chain

from . import selectors, services
from .models import Opening
from .order import ORIGINS
from .permissions import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .services import Report

JOB, LOOK = "cycle.run_chain", "cycle.look_at_chain"
KEPT = timedelta(days=1)
"""How long a look counts."""


def check(actor: Actor, area: AreaVersion) -> None:
    """Raise Refused unless the actor may do every step for an area."""
    for permission in (EVALUATE, OPEN, ISSUE):
        require(actor, permission, area_path=area.path)


def look(actor: Actor, area: AreaVersion, day: date | None, number: int | None) -> dict[str, Any]:
    """What the steps would do now, and nothing done: the set as it was previewed, the standards, the matters that the
    evaluations of now would open. Raises what the steps raise."""
    check(actor, area)
    found: dict[str, Any] = {"area": area.code}
    if number is not None:
        ready(actor, number)
        report = (sets.set_of(actor, number).preview or {}).get("report", {})
        found["import"] = {key: report.get(key, 0) for key in ("households_imported", "persons_imported")}
    on = day or evaluating.default_day(area)
    found |= {"day": on.isoformat(), "standards": []}
    try:
        asked = evaluating.plan(actor, area, on)
    except Problem as problem:
        if problem.code != "nothing_to_evaluate":
            raise
        found["left_out"] = [[problem.zh, problem.en]]  # as long as the files are not taken in
        found["told"] = opens_told(actor, area)
    else:
        every = [*asked.standards, *(standard for _pack, standard in asked.beside)]
        found["standards"] = [[each.title.zh, each.title.en] for each in every]
        found["left_out"] = [[each.zh, each.en] for each in asked.left_out]
    previews = selectors.preview(actor, area)
    found["openings"] = [
        {"title": [each.title.zh, each.title.en], "origin": each.origin.key, "fresh": each.fresh} for each in previews
    ]
    return found


def opens_told(actor: Actor, area: AreaVersion) -> bool:
    """Whether something that people tell was chosen to open matters there, of what the actor may be told of."""
    return any(ORIGINS[each.origin].kind == "told" for each in selectors.chosen(area, actor))


def ready(actor: Actor, number: int) -> None:
    """Raise Problem unless a set of the actor’s own was previewed and nothing changed since. Raises Missing."""
    prepared = sets.set_of(actor, number)
    if Import.objects.filter(prepared=prepared).exists():
        raise Problem("already_imported", "这批文件已经导入。", "These files were imported already.")
    if not sets.fresh(actor, prepared, ImportSet.Step.PREVIEW):
        raise Problem(
            "preview_first", "请先预览这批文件；预览之后有变动的，请重新预览。",
            "Preview the files first; if something has changed since, preview them again.",
        )  # fmt: skip


def looked(actor: Actor, area: AreaVersion, payload: dict[str, Any]) -> Job | None:
    """The actor’s newest look at these very steps that has come to its end: not one of long ago, nor of before somebody
    chose otherwise what opens matters there."""
    chosen = Opening.objects.filter(area_id=area.area_id).aggregate(begun=Max("chosen_at"), ended=Max("ended_at"))
    since = max(each for each in (timezone.now() - KEPT, *chosen.values()) if each is not None)
    mine = jobs.own(actor).filter(kind=LOOK, user_id=actor.user_id, state=Job.State.DONE, started_at__gte=since)[:20]
    return next((each for each in mine if each.payload == payload), None)


def payload_of(area: AreaVersion, day: date | None, number: int | None) -> dict[str, Any]:
    return {"area": area.code, "day": day.isoformat() if day is not None else "", "number": number}


def begin(actor: Actor, area: AreaVersion, day: date | None, number: int | None, *, dry: bool) -> Job:
    """Start the steps, or a look at them, as a job; of two clicks one begins it. Raises Refused, Missing, Problem: not
    looked at before, nothing chosen that opens matters, files that are not ready."""
    check(actor, area)
    if day is not None and not evaluating.EARLIEST <= day <= timezone.localdate():
        raise Problem(
            "bad_day", f"判定日须在 {evaluating.EARLIEST} 与今天之间。请改日期。",
            f"The day must lie between {evaluating.EARLIEST} and today. Choose another.",
        )  # fmt: skip
    if not selectors.chosen(area, actor):
        raise Problem("nothing_chosen", "请先选择立案的标准并保存。", "First choose what opens matters, and keep it.")
    payload = payload_of(area, day, number)
    if not dry and looked(actor, area, payload) is None:
        raise Problem("look_first", "请先试算，看过会做什么再开始。", "First look at what it would do, then begin.")
    if number is not None:
        ready(actor, number)
    name = LOOK if dry else JOB
    with database.write():
        # in PostgreSQL the second click waits here for the first; in SQLite there is one writer anyway
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0).values_list("pk"))
        mine = jobs.own(actor).filter(kind=name, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
        there = next((each for each in mine if each.payload == payload), None)
        if there is not None:
            return there
        if number is None or dry:
            return jobs.enqueue(actor, name, payload)
        made = sets.begin(actor, number, ImportSet.Step.IMPORT, (name, payload))
        if made.job is None or made.job.kind != name:
            raise Problem("at_work", "正在导入这批文件，请等结束。", "These files are being imported: wait.")
        return made.job


def run(
    actor: Actor, area: AreaVersion, day: date | None, now: datetime,
    tell: Callable[[str], None] = lambda _what: None,
) -> tuple[int, Report]:  # fmt: skip
    """Evaluate an area, then open what was chosen for it: how many evaluations there are, and what was opened. Nothing
    new = nothing done. Raises what the steps raise; what was done before stays."""
    check(actor, area)
    tell("按标准核查 evaluating")
    on = day or evaluating.default_day(area)
    try:
        asked = evaluating.plan(actor, area, on)
    except Problem as problem:
        if problem.code != "nothing_to_evaluate" or not opens_told(actor, area):
            raise
        pairs = []  # what people told needs no evaluation
    else:
        on = asked.day
        pairs = [(asked.pack.key, each.key) for each in asked.standards]
        pairs += [(pack.key, each.key) for pack, each in asked.beside]
    made = evaluate_chain(actor, pairs, day=on, area=area.code) if pairs else []
    tell("立案 opening matters")
    report = services.run(actor, area, now)
    with database.write():
        detail: dict[str, object] = {
            "day": on.isoformat(), "evaluations": len(made), "opened": report.opened,
            "at": timezone.localdate(now).isoformat(),
        }  # fmt: skip
        audit.record(actor, "cycle.run_chain", f"area:{area.area_id}", detail)
    return len(made), report
