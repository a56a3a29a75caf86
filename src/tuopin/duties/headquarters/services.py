"""What changes headquarters, their plans and opinions. Each takes a set, each is one act."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError
from django.db.models import Max
from django.utils import timezone

from tuopin.platform import database, evidence
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Kept, Paper
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from ..assigning import targets
from ..dates import line_of, sensible
from ..models import Official, Organisation, OrganisationVersion
from ..permissions import KEEP_HEADQUARTERS, VIEW_OFFICIAL
from ..selectors import officials
from . import selectors
from .fields import fields, require_field
from .models import HeadquartersDetail, HeadquartersPlan, PlanStep, StepReport
from .states import DONE, numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

MOST_STEPS = 60
MOST_REPORTS = 500
PLAN, REPORT = "headquarters_plan", "step_report"
"""What papers are about."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step as it is to stand. ``number`` None: a new one. ``after`` names steps by their place in the draft, from 1,
    since a new one has no number yet."""

    title: str
    begins: date
    ends: date
    number: int | None = None
    official_id: int | None = None
    organisation_id: int | None = None
    after: tuple[int, ...] = ()
    deliverable: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of a plan to keep. ``seen``: the version that the writer had before, 0 = none."""

    organisation_id: int
    kind: str
    year: int
    steps: tuple[Wanted, ...]
    seen: int = 0
    document: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. ``reference``: where the paper is kept, if no file is handed in."""

    step_id: int
    day: date
    share: int
    note: str = ""
    paper: Kept | None = None
    reference: str = ""


# -- headquarters themselves --------------------------------------------------------------------------------------


def take_over(actor: Actor, area: AreaVersion, keys: Collection[str], day: date) -> list[int]:
    """Found the headquarters of these fields in an area, those that are not there yet; returns the ids of the new
    ones. Raises Refused, Problem."""
    require(actor, KEEP_HEADQUARTERS, area_path=area.path)
    sensible(day, "日期", "the day")
    for key in keys:
        require_field(key)
    try:
        with database.write():
            standing = OrganisationVersion.objects.filter(kind=selectors.KIND, area_id=area.area_id, valid_to=None)
            names = set(standing.values_list("name", flat=True))
            known = set(
                HeadquartersDetail.objects.filter(
                    valid_to=None, organisation_id__in=standing.values("organisation_id")
                ).values_list("field", flat=True)
            )
            new = [each for key, each in fields().items() if key in keys and key not in known]
            new = [each for each in new if f"{each.title.zh}指挥部" not in names]
            if not new:
                return []
            first = database.reserve_ids(Organisation, len(new))
            Organisation.objects.bulk_create(Organisation(pk=first + at) for at in range(len(new)))
            OrganisationVersion.objects.bulk_create(
                OrganisationVersion(
                    organisation_id=first + at, name=f"{each.title.zh}指挥部", kind=selectors.KIND,
                    area_id=area.area_id, valid_from=day,
                )
                for at, each in enumerate(new)
            )  # fmt: skip
            HeadquartersDetail.objects.bulk_create(
                HeadquartersDetail(organisation_id=first + at, field=each.key, valid_from=day)
                for at, each in enumerate(new)
            )
            detail: dict[str, object] = {"fields": [each.key for each in new], "day": day.isoformat()}
            audit.record(actor, "duties.take_over_headquarters", f"area:{area.area_id}", detail)
    except IntegrityError:
        raise Problem(
            "name_taken",
            "这里已有同名的组织，或有人刚设立了。没有写入任何内容，请刷新后再看。",
            "An organisation of that name is there already, or somebody has just founded it. Nothing was written.",
        ) from None
    return [first + at for at in range(len(new))]


def describe(actor: Actor, organisation_id: int, *, field: str, lead_id: int | None, day: date) -> None:
    """Field of work and leading department from a day on; what they were before stays on record. Raises Missing."""
    require_field(field)
    sensible(day, "日期", "the day")
    with database.write():
        _reach(actor, [organisation_id], day)
        if lead_id is not None:
            targets.reachable(actor, VIEW_OFFICIAL, "organisation", [lead_id], day)
        standing = (
            HeadquartersDetail.objects.select_for_update()
            .filter(organisation_id=organisation_id, valid_to=None)
            .first()
        )
        if standing is not None:
            if (standing.field, standing.lead_id) == (field, lead_id):
                return
            if standing.valid_from > day:
                raise Problem(
                    "ends_before_it_began", "变更日期不能早于上一次变更。", "The day lies before the last change."
                )
            if standing.valid_from == day:
                standing.delete()  # said anew on the same day: it was in force for no day
            else:
                standing.valid_to = day
                standing.save(update_fields=["valid_to"])
        HeadquartersDetail.objects.create(organisation_id=organisation_id, field=field, lead_id=lead_id, valid_from=day)
        detail: dict[str, object] = {"field": field, "lead": lead_id, "day": day.isoformat()}
        audit.record(actor, "duties.describe_headquarters", f"organisation:{organisation_id}", detail)


def _reach(actor: Actor, ids: Collection[int], day: date) -> None:
    """Raise Missing unless all are headquarters where the actor may change them."""
    targets.reachable(actor, KEEP_HEADQUARTERS, "organisation", ids, day)
    kinds = OrganisationVersion.objects.filter(on_day(day), organisation_id__in=listed(ids), kind=selectors.KIND)
    if kinds.values("organisation_id").distinct().count() < len(set(ids)):
        raise selectors.missing()


# -- plans --------------------------------------------------------------------------------------------------------


def keep_plan(actor: Actor, draft: Draft, *, day: date | None = None, paper: Kept | None = None) -> HeadquartersPlan:
    """Write a version of a plan; the first stays as it was. Raises Missing outside the grants, Problem for what is
    wrong in it, and ``changed_meanwhile`` where somebody else wrote a version since."""
    today = day or timezone.localdate()
    _reach(actor, [draft.organisation_id], today)
    _check(draft, today)
    try:
        with database.write():
            standing = _standing(draft)
            _check_people(actor, draft, standing, today)
            steps = _numbered(draft, standing)
            plan = HeadquartersPlan.objects.create(
                organisation_id=draft.organisation_id, kind=draft.kind, year=draft.year, version=draft.seen + 1,
                document=draft.document.strip(), reason=draft.reason.strip(), digest=digest(draft, steps),
                at=timezone.now(), actor=_name(actor), user_id=actor.user_id,
            )  # fmt: skip
            for step in steps:
                step.plan = plan
            PlanStep.objects.bulk_create(steps)
            if paper is not None:
                evidence.record(actor, PLAN, [Paper(plan.pk, "plan", today, paper)])
            detail: dict[str, object] = {"steps": len(steps), "version": plan.version}
            audit.record(actor, "duties.keep_headquarters_plan", f"headquarters_plan:{plan.pk}", detail, plan.digest)
    except IntegrityError:
        raise _changed() from None
    return plan


def digest(draft: Draft, steps: Sequence[PlanStep]) -> str:
    """SHA-256 over the content of a plan."""
    rows = [
        [each.number, each.title, each.official_id, each.organisation_id, each.begins, each.ends, each.after,
         each.deliverable, each.goal]
        for each in steps
    ]  # fmt: skip
    document = [draft.organisation_id, draft.kind, draft.year, draft.document.strip(), rows]
    return hashlib.sha256(orjson.dumps(document)).hexdigest()


def _changed() -> Problem:
    return Problem(
        "changed_meanwhile",
        "您打开之后，已有人写了新的版本，没有写入任何内容。请刷新后再改。",
        "Somebody has written a new version since you opened it; nothing was written. Look again.",
    )


def _check(draft: Draft, today: date) -> None:
    if draft.kind not in HeadquartersPlan.Kind.values:
        raise Problem("unknown_key", "没有这种方案。", "There is no such kind of plan.")
    if not 2000 <= draft.year <= today.year + 5:
        raise Problem("bad_year", "年度不对。", "There is no such year.")
    if not 1 <= len(draft.steps) <= MOST_STEPS:
        raise Problem("bad_steps", f"请写 1 至 {MOST_STEPS} 个步骤。", f"Write 1 to {MOST_STEPS} steps.")
    line_of(draft.document, 200, "文号", "the document")
    line_of(draft.reason, 500, "变更理由", "the reason", needed=draft.seen > 0)
    for at, step in enumerate(draft.steps, 1):
        _check_step(at, step, len(draft.steps))
    _check_order(draft.steps)


def _check_step(at: int, step: Wanted, count: int) -> None:
    line_of(step.title, 200, f"第 {at} 步的名称", f"the title of step {at}", needed=True)
    line_of(step.deliverable, 200, f"第 {at} 步的成果", f"the deliverable of step {at}")
    line_of(step.goal, 200, f"第 {at} 步的指标", f"the goal of step {at}")
    sensible(step.begins, f"第 {at} 步的开始日期", f"the first day of step {at}")
    sensible(step.ends, f"第 {at} 步的完成日期", f"the last day of step {at}")
    if step.ends < step.begins:
        raise Problem(
            "ends_before_it_began", f"第 {at} 步的完成日期早于开始日期。", f"Step {at} ends before it begins.", step=at
        )
    if any(not 1 <= each <= count or each == at for each in step.after):
        raise Problem(
            "bad_after", f"第 {at} 步的前置步骤不对，请写本方案中其他步骤的序号。",
            f"What comes before step {at} is wrong: give the places of other steps of this plan.", step=at,
        )  # fmt: skip


def _check_order(steps: Sequence[Wanted]) -> None:
    """Raise Problem for steps that wait for each other in a ring."""
    left = {at: set(step.after) for at, step in enumerate(steps, 1)}
    while left:
        free = {at for at, after in left.items() if not after & left.keys()}
        if not free:
            ring = "、".join(str(at) for at in sorted(left))
            raise Problem("ring", f"步骤 {ring} 互为前置，请改正。", f"Steps {ring} wait for each other.")
        for at in free:
            del left[at]


def _standing(draft: Draft) -> list[PlanStep]:
    """All steps of all versions there are, the oldest version first. Raises Problem unless ``seen`` is the newest."""
    rows = PlanStep.objects.filter(
        plan__organisation_id=draft.organisation_id, plan__kind=draft.kind, plan__year=draft.year
    )
    if selectors.newest_version(draft.organisation_id, draft.kind, draft.year) != draft.seen:
        raise _changed()
    return list(rows.order_by("plan__version", "number"))


def _check_people(actor: Actor, draft: Draft, standing: Sequence[PlanStep], day: date) -> None:
    """Raise Missing for officials and organisations that the actor may not see, unless they stood there before."""
    people = {each.official_id for each in draft.steps} - {each.official_id for each in standing} - {None}
    offices = {each.organisation_id for each in draft.steps} - {each.organisation_id for each in standing} - {None}
    ids = [each for each in people if each is not None]
    if ids and officials(actor).filter(pk__in=listed(ids)).count() < len(ids):
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    if offices:
        targets.reachable(actor, VIEW_OFFICIAL, "organisation", [each for each in offices if each is not None], day)


def _numbered(draft: Draft, standing: Sequence[PlanStep]) -> list[PlanStep]:
    """The steps with their numbers: those carried over keep theirs, no number is ever used for another step."""
    known = {each.number for each in standing}
    given = [each.number for each in draft.steps if each.number is not None]
    if len(set(given)) < len(given) or not set(given) <= known:
        raise Problem("bad_steps", "步骤序号不对，请刷新后再改。", "The numbers of the steps are wrong: look again.")
    free = max(known, default=0) + 1
    found: dict[int, int] = {}
    for at, each in enumerate(draft.steps, 1):
        found[at] = each.number if each.number is not None else free
        free += each.number is None
    return [
        PlanStep(
            number=found[at], title=each.title.strip(), official_id=each.official_id,
            organisation_id=each.organisation_id, begins=each.begins, ends=each.ends,
            after=",".join(str(found[one]) for one in sorted(set(each.after))),
            deliverable=each.deliverable.strip(), goal=each.goal.strip(),
        )
        for at, each in enumerate(draft.steps, 1)
    ]  # fmt: skip


def places_of(steps: Sequence[PlanStep]) -> Mapping[int, str]:
    """What a form shows as the steps that come first: their places in the plan, by the number of the step."""
    at = {each.number: place for place, each in enumerate(steps, 1)}
    return {each.number: ",".join(str(at[one]) for one in numbers(each.after) if one in at) for each in steps}


# -- progress -----------------------------------------------------------------------------------------------------


def report(actor: Actor, found: Sequence[Progress], *, today: date | None = None) -> list[StepReport]:
    """Say how far steps are; “done” needs a paper, or where it is kept. All or none.

    Raises Missing outside the grants, Problem for a day to come, a step that is done already or of an older version.
    """
    now = today or timezone.localdate()
    if not 1 <= len(found) <= MOST_REPORTS or len({each.step_id for each in found}) < len(found):
        raise Problem("bad_reports", "请逐步填报，每步一条。", "Report on steps, once each.")
    for each in found:
        _check_progress(each, now)
    with database.write():
        steps = {
            each.pk: each
            for each in PlanStep.objects.filter(pk__in=listed([one.step_id for one in found]))
            .select_related("plan")
            .select_for_update(of=("self",))  # so that of two who report it done at once one is refused
        }
        if len(steps) < len(found):
            raise selectors.no_plan()
        _reach(actor, {each.plan.organisation_id for each in steps.values()}, now)
        _check_current(steps)
        made = [
            StepReport(
                step_id=each.step_id, day=each.day, share=each.share, note=each.note.strip(), at=timezone.now(),
                actor=_name(actor), user_id=actor.user_id,
            )
            for each in found
        ]  # fmt: skip
        first = database.reserve_ids(StepReport, len(made))
        for at, row in enumerate(made):
            row.pk = first + at
        StepReport.objects.bulk_create(made)
        papers = [
            Paper(row.pk, "progress", each.day, each.paper, each.reference.strip())
            for row, each in zip(made, found, strict=True)
            if each.paper is not None or each.reference.strip()
        ]
        evidence.record(actor, REPORT, papers)
        detail: dict[str, object] = {"steps": len(made), "done": sum(each.share == DONE for each in found)}
        audit.record(actor, "duties.report_step", f"step_reports:{first}", detail)
    return made


def _check_progress(each: Progress, now: date) -> None:
    sensible(each.day, "日期", "the day")
    line_of(each.note, 500, "说明", "the note")
    line_of(each.reference, 200, "材料编号或存放处", "the paper")
    if each.day > now:
        raise Problem("in_future", "进度日期不能晚于今天。", "The day of a report cannot lie ahead.")
    if not 0 <= each.share <= DONE:
        raise Problem("bad_share", "进度请写 0 至 100。", "Give the progress as 0 to 100.")
    if each.share == DONE and each.paper is None and not each.reference.strip():
        raise Problem(
            "no_evidence",
            "报“已完成”须附材料，或写明材料编号、存放处。",
            "“Done” needs a paper, or where the paper is kept.",
        )


def _check_current(steps: Mapping[int, PlanStep]) -> None:
    """Raise Problem for a step of an older version, or one that is done: four statements at most."""
    plans = {each.plan_id: each.plan for each in steps.values()}
    rows = HeadquartersPlan.objects.filter(organisation_id__in={each.organisation_id for each in plans.values()})
    newest = {
        (row["organisation_id"], row["kind"], row["year"]): row["n"]
        for row in rows.values("organisation_id", "kind", "year").annotate(n=Max("version"))
    }
    if any(newest[(each.organisation_id, each.kind, each.year)] != each.version for each in plans.values()):
        raise _changed()
    family = {key: (row.organisation_id, row.kind, row.year) for key, row in plans.items()}
    done = selectors.standing_reports().filter(
        share=DONE, step__plan__organisation_id__in={key[0] for key in family.values()}
    )
    ended = set(done.values_list("step__plan__organisation_id", "step__plan__kind", "step__plan__year", "step__number"))
    if any((*family[each.plan_id], each.number) in ended for each in steps.values()):
        raise Problem(
            "done_already",
            "这一步已报完成。如有错误，请先撤回那条进度。",
            "This step was reported done. If that is wrong, take that report back first.",
        )


def take_back(actor: Actor, report_id: int, *, today: date | None = None) -> StepReport:
    """A report was wrong: it counts no more, and stays. Raises Missing, Problem."""
    now = today or timezone.localdate()
    try:
        with database.write():
            row = StepReport.objects.filter(pk=report_id, takes_back=None).select_related("step__plan").first()
            if row is None:
                raise selectors.no_plan()
            _reach(actor, [row.step.plan.organisation_id], now)
            made = StepReport.objects.create(
                step_id=row.step_id, day=now, share=0, takes_back=row, at=timezone.now(), actor=_name(actor),
                user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, "duties.report_step", f"step_reports:{row.pk}", {"taken_back": row.pk})
    except IntegrityError:
        raise Problem("taken_back_already", "这条进度已经撤回。", "This report was taken back already.") from None
    return made


def _name(actor: Actor) -> str:
    return actor.name or actor.os_user


def official_id_of(actor: Actor, number: int) -> int:
    """The official whom a form names, as he is now. Raises Missing."""
    row = Official.objects.filter(pk=number).first() if number < 2**63 else None
    key = (row.merged_into_id or row.pk) if row is not None else 0
    if not officials(actor).filter(pk=key).exists():
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    return key
