"""Plans made, edited, refused, applied, handed back. Applying is one transaction, of duties' own services."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from tuopin.core.assignment import evaluate, solve
from tuopin.duties.assigning import services as assigning
from tuopin.duties.models import Assignment
from tuopin.duties.permissions import ASSIGN, PLAN_DUTIES
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed

from . import ground, selectors
from .asking import asked as read_asked
from .models import AssignmentPlan, PlanHelper, PlanLine
from .staleness import changes

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.assignment import Solution, Task
    from tuopin.platform.access import Actor

    from .asking import Asked
    from .ground import Ground

_Kind = PlanLine.Kind
_State = AssignmentPlan.State


def make(actor: Actor, asked: Asked) -> AssignmentPlan:
    """Work out a plan and keep it as a draft; nobody's duty changes. Raises Refused, Missing (area), Problem where
    there is nothing to plan or nobody to choose."""
    area = register.area(actor, asked.area)
    require(actor, PLAN_DUTIES, area_path=area.path)
    with database.snapshot():
        found = ground.read(actor, asked, area)
    if not found.homes:
        raise Problem(
            "nothing_to_plan",
            "这里没有需要指派的户（或都有已定的后续指派）。请换区域、换“安排哪些户”。",
            "There is no household to assign here. Choose another area, or other households.",
        )
    task = ground.task(found, asked)
    solution = solve(task)
    with database.write():
        plan = _store(actor, asked, area.area_id, found, solution)
        detail: dict[str, object] = {
            "area": area.area_id, "role": asked.role, "households": plan.households, "officials": plan.officials,
            "cost": plan.cost, "bound": plan.bound,
        }  # fmt: skip
        audit.record(actor, "duties.plan_duties", f"assignment_plan:{plan.pk}", detail)
    return plan


def _store(actor: Actor, asked: Asked, area_id: int, found: Ground, solution: Solution) -> AssignmentPlan:
    figures: dict[str, Any] = {
        "parts": dataclasses.asdict(solution.parts),
        "shortages": [[each.zh, each.en] for each in solution.shortages],
        "skipped": found.skipped,
        "unfit": dict(found.unfit),
        "solved": dataclasses.asdict(solution.parts),
    }
    plan = AssignmentPlan.objects.create(
        area_id=area_id, role=asked.role, day=asked.day, asked=asked.document(), households=len(found.homes),
        officials=len(found.candidates), cost=solution.cost, bound=solution.bound, figures=figures,
        made_by=actor.name or actor.kind, made_at=timezone.now(),
    )  # fmt: skip
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    rows = []
    for home in found.homes:
        key = solution.assigned.get(f"{home.id:012d}")
        who = int(key) if key is not None else None
        if home.official is not None:
            before[home.official] = before.get(home.official, 0) + 1
        if who is not None:
            after[who] = after.get(who, 0) + 1
        rows.append((plan.pk, home.id, home.path, home.official, home.standing, who, _kind(home.official, who), False))
    columns = ("plan_id", "household_id", "path", "before_id", "standing", "after_id", "kind", "edited")
    database.bulk_insert(PlanLine._meta.db_table, columns, rows)
    people = (
        (plan.pk, each.id, each.unit, each.place, each.least, each.most, each.others, before.get(each.id, 0),
         after.get(each.id, 0))
        for each in found.candidates
    )  # fmt: skip
    heads = ("plan_id", "official_id", "unit", "place", "least", "most", "others", "before", "after")
    database.bulk_insert(PlanHelper._meta.db_table, heads, people)
    return plan


def _kind(before: int | None, after: int | None) -> str:
    if after is None:
        return _Kind.LEFT
    if before is None:
        return _Kind.NEW
    return _Kind.KEPT if before == after else _Kind.CHANGED


# -- by hand -------------------------------------------------------------------------------------------------------


def edit(actor: Actor, number: int, household: str, official_id: int | None) -> PlanLine:
    """Choose somebody else for one household of a draft (its code), or nobody. What the whole costs is told anew, the
    bound stays. Raises Missing, Problem for somebody outside the pool, excluded, out of reach or full."""
    with database.write():
        plan = _locked(actor, number)
        _require_draft(plan)
        line = PlanLine.objects.filter(plan=plan, household__code=household).select_related("household").first()
        if line is None:
            raise Missing("no_such_line", "方案里没有这一户。", "The plan has no such household.")
        people = {each.official_id: each for each in PlanHelper.objects.select_for_update().filter(plan=plan)}
        if official_id is not None:
            _choosable(plan, line, people.get(official_id))
        for key, more in ((line.after_id, -1), (official_id, 1)):
            if key in people:
                people[key].after += more
                people[key].save(update_fields=["after"])
        line.after_id, line.edited = official_id, True
        line.kind = _kind(line.before_id, official_id)
        line.save(update_fields=["after", "edited", "kind"])
        _judge(plan)
        detail: dict[str, object] = {"household": line.household_id, "official": official_id}
        audit.record(actor, "duties.edit_assignment_plan", f"assignment_plan:{plan.pk}", detail)
    return line


def _choosable(plan: AssignmentPlan, line: PlanLine, chosen: PlanHelper | None) -> None:
    """Raise Problem unless the household may be given to this official of the pool."""
    asked = read_asked(plan.asked)
    if chosen is None:
        raise Problem("not_in_pool", "此人不在本方案的可选干部中。", "This official is not in the pool of the plan.")
    if ground.apart(chosen.place, line.path) > asked.reach:
        raise Problem("out_of_reach", "此人离该户太远，超出方案限定的范围。", "This official's place is out of reach.")
    if chosen.official_id in ground.excluded_for([line.household_id], asked.day).get(line.household_id, frozenset()):
        raise Problem("tied", "此人与该户有亲属等关系，须回避。", "This official is tied to the household.")
    stays = selectors.staying(plan).get(chosen.official_id, 0)  # what is left as it is stays with who has it
    if line.kind == _Kind.LEFT and line.before_id == chosen.official_id:
        stays -= 1
    if chosen.after + stays >= chosen.most and line.after_id != chosen.official_id:
        raise Problem(
            "caseload_full", f"此人已达上限（{chosen.most + chosen.others} 户）。",
            f"This official has as many as the bound allows ({chosen.most + chosen.others}).",
        )  # fmt: skip


def _judge(plan: AssignmentPlan) -> None:
    """What the plan costs as its lines stand."""
    task, assigned = _as_task(plan)
    parts = evaluate(task, assigned)
    plan.cost = parts.cost(task.weights)
    plan.figures = {**plan.figures, "parts": dataclasses.asdict(parts)}
    plan.save(update_fields=["cost", "figures"])


def _as_task(plan: AssignmentPlan) -> tuple[Task, dict[str, str]]:
    """The task of a stored plan and the plan as it stands."""
    asked = read_asked(plan.asked)
    homes, assigned = [], {}
    rows = PlanLine.objects.filter(plan=plan).values_list("household_id", "path", "before_id", "standing", "after_id")
    for household, path, before, standing, after in rows:
        homes.append(ground.Home(household, path, before, standing))
        if after is not None:
            assigned[f"{household:012d}"] = f"{after:012d}"
    people = tuple(
        ground.Candidate(each.official_id, each.unit, each.place, each.least, each.most, each.others)
        for each in PlanHelper.objects.filter(plan=plan)
    )
    tied = ground.excluded_for([each.id for each in homes], asked.day)
    return ground.task(ground.Ground(tuple(homes), people, tied, 0, {}, {}), asked), assigned


def refuse(actor: Actor, number: int, reason: str) -> None:
    """Say no to a draft, with the reason; its lines go. Raises Missing, Problem."""
    if not reason.strip():
        raise Problem("no_reason", "请写明否决的理由。", "Say why it is refused.")
    with database.write():
        plan = _locked(actor, number)
        _require_draft(plan)
        _decide(actor, plan, _State.REFUSED, reason)
        for rows in (PlanLine.objects.filter(plan=plan), PlanHelper.objects.filter(plan=plan)):
            rows._raw_delete(rows.db)  # nothing refers to them
        audit.record(actor, "duties.refuse_assignment_plan", f"assignment_plan:{plan.pk}", {"area": plan.area_id})


# -- applied, handed back ------------------------------------------------------------------------------------------


def apply(actor: Actor, number: int) -> int:
    """Begin and hand over every duty of a draft in one transaction; returns how many. Raises Missing, Refused, Problem
    ``plan_is_stale`` where its ground has changed, naming what; nothing is written then."""
    with database.write():
        database.hold_data()
        plan = _locked(actor, number)
        _require_draft(plan)
        area = selectors.area_of(plan)
        require(actor, ASSIGN, area_path=area.path)
        stale = [each for each in changes(actor, plan, area) if each.kind != "new"]
        if stale:
            said_zh = "；".join(f"{each.title.zh} {each.count}" for each in stale)
            said_en = "; ".join(f"{each.title.en}: {each.count}" for each in stale)
            raise Problem(
                "plan_is_stale",
                f"方案做出之后情况有变，不能执行：{said_zh}。请按现在的情况重新做一份。",
                f"The ground has changed since the plan was made: {said_en}. Make it anew.",
                changes=[{"kind": each.kind, "count": each.count, "households": list(each.codes)} for each in stale],
            )
        made = _written(actor, plan)
        _decide(actor, plan, _State.APPLIED, "")
        detail: dict[str, object] = {"area": plan.area_id, "role": plan.role, "count": made}
        audit.record(actor, "duties.apply_assignment_plan", f"assignment_plan:{plan.pk}", detail)
    return made


def _written(actor: Actor, plan: AssignmentPlan) -> int:
    """Who changes is handed over first, so that bounds have room. Returns how many duties were begun."""
    reason = f"批量指派方案 {plan.pk}"
    lines = PlanLine.objects.filter(plan=plan, kind__in=(_Kind.NEW, _Kind.CHANGED)).order_by("household_id")
    over: dict[int, int] = {}
    new: dict[int, int] = {}
    chosen = lines.filter(after__isnull=False).values_list("household_id", "standing", "after_id")
    for household, standing, after in chosen:
        if standing is not None:
            over[standing] = after
        else:
            new[household] = after
    if over:
        assigning.hand_over(actor, over, day=plan.day, reason=reason)
    if new:
        assigning.begin(actor, new, role=plan.role, day=plan.day, reason=reason)
    begun = Assignment.objects.filter(
        household=OuterRef("household"), role=plan.role, valid_from=plan.day, valid_to=None, official=OuterRef("after")
    )
    lines.order_by().update(made=Subquery(begun.values("pk")[:1]))
    return len(over) + len(new)


def hand_back(actor: Actor, number: int, *, day: date, reason: str) -> int:
    """Undo an applied plan from a day on: what it handed over goes back to who had it, what it began ends, in one
    transaction; both stay on record. Returns how many. Raises Problem where any of its duties has changed since."""
    if not reason.strip():
        raise Problem("no_reason", "请写明退回的理由。", "Say why it is handed back.")
    with database.write():
        plan = _locked(actor, number)
        if plan.state != _State.APPLIED:
            raise Problem(
                "not_applied", "这份方案没有执行过，或已经退回。", "This plan was not applied, or is back already."
            )
        require(actor, ASSIGN, area_path=selectors.area_of(plan).path)
        if day <= plan.day:
            raise Problem(
                "day_too_early", f"退回日期须晚于方案生效日 {plan.day}。", f"The day must be after {plan.day}.",
            )  # fmt: skip
        back, over, changed = _to_hand_back(plan)
        if changed:
            raise Problem(
                "changed_since",
                f"方案执行后有 {changed} 项责任又有变动，不能整体退回。请在各户逐一移交。",
                f"{changed} of its duties have changed since: hand them over one by one.",
            )
        if over:
            assigning.end(actor, over, day=day, reason=reason)
        if back:
            assigning.hand_over(actor, back, day=day, reason=reason)
        _decide(actor, plan, _State.UNDONE, reason)
        detail: dict[str, object] = {
            "area": plan.area_id,
            "back": len(back),
            "ended": len(over),
            "day": day.isoformat(),
        }
        audit.record(actor, "duties.hand_back_assignment_plan", f"assignment_plan:{plan.pk}", detail)
    return len(back) + len(over)


def _to_hand_back(plan: AssignmentPlan) -> tuple[dict[int, int], list[int], int]:
    """Duties that go back to somebody (→ whom), those that only end, and how many have changed since."""
    lines = PlanLine.objects.filter(plan=plan, kind__in=(_Kind.NEW, _Kind.CHANGED))
    rows: list[tuple[int | None, int | None, int | None]] = list(lines.values_list("made", "before_id", "after_id"))
    known = [made for made, _before, _after in rows if made is not None]
    now = Assignment.objects.filter(pk__in=listed(known), valid_to=None)
    holders = dict(now.values_list("pk", "official_id"))
    changed = sum(made is None or holders.get(made) != after for made, _before, after in rows)
    back = {made: before for made, before, _after in rows if made is not None and before is not None}
    return back, [made for made, before, _after in rows if made is not None and before is None], changed


def _locked(actor: Actor, number: int) -> AssignmentPlan:
    found = selectors.plan(actor, number)
    return AssignmentPlan.objects.select_for_update().get(pk=found.pk)


def _require_draft(plan: AssignmentPlan) -> None:
    if plan.state != _State.DRAFT:
        raise Problem("not_a_draft", "这份方案已有结论，不能再改。", "This plan has been decided: it cannot change.")


def _decide(actor: Actor, plan: AssignmentPlan, state: str, reason: str) -> None:
    plan.state, plan.decided_by, plan.decided_at = state, actor.name or actor.kind, timezone.now()
    plan.reason = reason.replace("\0", "").strip()[:200]
    plan.save(update_fields=["state", "decided_by", "decided_at", "reason"])
