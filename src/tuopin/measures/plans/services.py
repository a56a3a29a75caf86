"""What changes help plans: a version kept, the household's answer, what was done. Each takes a set, each is one act."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError
from django.db.models import Max
from django.utils import timezone

from tuopin.platform import evidence
from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import hold_data, write
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.codes import code_list
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Membership
from tuopin.standards.packs import get_pack

from ..permissions import KEEP_PLAN
from ..policies import CLASSES, policies
from .following import follow
from .models import HelpPlan, MeasureDone, PlanAnswer, PlannedMeasure
from .telling import told, with_closed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

MOST_MEASURES = 40
MOST_PLANS = 5_000
MOST_MONEY = 10**11  # fen: a thousand million yuan is no help for a household
ABOUT = "help_plan"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A measure as it is to stand. ``number`` None: a new one; else that of the version before."""

    sort: str
    content: str
    organisation: str
    due: date
    number: int | None = None
    policy: str = ""
    person_id: int | None = None
    cost: int | None = None
    fund: str = ""
    wage: int | None = None
    business: int | None = None
    property: int | None = None
    transfer: int | None = None
    mends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to keep. ``seen``: the version that the writer had before, 0 = none."""

    household_id: int
    year: int
    causes: tuple[str, ...]
    measures: tuple[Wanted, ...]
    seen: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done of a measure."""

    measure_id: int
    day: date
    cost: int | None = None
    document: str = ""
    effect: str = ""


def exit_items() -> tuple[str, ...]:
    """The items that a measure may mend: those of the national exit standard, which packs of places refine."""
    return tuple(item.key for item in get_pack("national").standard("household_exit").items)


# -- keeping a version --------------------------------------------------------------------------------------------


def keep(actor: Actor, drafts: Sequence[Draft]) -> list[HelpPlan]:
    """Write new versions of help plans, all of them or none.

    Raises Missing for a household outside the grants, Problem for what is wrong in a draft (nothing is written), and
    ``changed_meanwhile`` where somebody else has written a version since.
    """
    keys = {(each.household_id, each.year) for each in drafts}
    if not 0 < len(drafts) == len(keys) <= MOST_PLANS:
        raise Problem("bad_drafts", "每户每年一份计划。", "One plan a household and year.")
    _reach(actor, {each.household_id for each in drafts})
    members = _members({each.household_id for each in drafts})
    for each in drafts:
        _check(each, members.get(each.household_id, frozenset()))
    drafts = with_closed(actor, drafts)
    now = timezone.now()
    try:
        with write():
            standing = _standing(drafts)
            ready = []
            for each in drafts:
                held = standing.get((each.household_id, each.year), (0, frozenset()))
                _check_numbers(each, held)
                ready.append(_numbered(each, held))
            plans = [
                HelpPlan(
                    household_id=each.household_id, year=each.year, version=each.seen + 1, causes=",".join(each.causes),
                    reason=each.reason, digest=digest(each), at=now, actor=actor.name or actor.os_user,
                    user_id=actor.user_id,
                )
                for each in ready
            ]  # fmt: skip
            HelpPlan.objects.bulk_create(plans, batch_size=500)
            rows = [_row(plan, each) for plan, draft in zip(plans, ready, strict=True) for each in draft.measures]
            PlannedMeasure.objects.bulk_create(rows, batch_size=500)
            about = f"help_plan:{plans[0].pk}" if len(plans) == 1 else f"help_plans:{plans[0].pk}-{plans[-1].pk}"
            detail: dict[str, object] = {"plans": len(plans), "measures": len(rows), "year": drafts[0].year}
            whole = hashlib.sha256("".join(each.digest for each in plans).encode()).hexdigest()
            audit.record(actor, KEEP_PLAN, about, detail, whole)
    except IntegrityError:
        raise _changed() from None
    return plans


def digest(draft: Draft) -> str:
    """SHA-256 over the content of a plan."""
    document = {"household": draft.household_id, "year": draft.year, "causes": draft.causes,
                "measures": [asdict(each) for each in draft.measures]}  # fmt: skip
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _changed() -> Problem:
    return Problem(
        "changed_meanwhile",
        "您打开之后，已有人写了新的版本，没有写入任何内容。请刷新后再改。",
        "Somebody has written a new version since you opened it; nothing was written. Look again.",
    )


def _reach(actor: Actor, household_ids: Collection[int]) -> None:
    """Raise Refused without the permission anywhere, Missing where one of the households lies outside."""
    require(actor, KEEP_PLAN)
    ranges = visible_paths(actor, KEEP_PLAN)
    paths = register.household_paths(household_ids)
    single = visible_ids(actor, KEEP_PLAN, "household")
    for key in household_ids:
        path = paths.get(key)
        inside = path is not None and (ranges is None or any(low <= path < high for low, high in ranges))
        if not inside and key not in single:
            raise Missing("no_such_household", "没有找到这一户。", "There is no such household.")


def _members(household_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    living = Membership.objects.filter(household_id__in=listed(household_ids), valid_to=None)
    for household, person in living.values_list("household_id", "person_id"):
        found.setdefault(household, set()).add(person)
    return {key: frozenset(each) for key, each in found.items()}


def _check(draft: Draft, members: frozenset[int]) -> None:
    causes = {code for code, _title in code_list("cause")}
    if not 2000 <= draft.year <= timezone.localdate().year + 1:
        raise _wrong("year", f"年度 {draft.year} 不对。", f"There is no plan for the year {draft.year}.")
    if not set(draft.causes) <= causes or len(draft.causes) > len(causes):
        raise _wrong("causes", "致贫原因请从列表中选择。", "Take the causes from the list.")
    if not 1 <= len(draft.measures) <= MOST_MEASURES:
        raise _wrong("measures", f"请写 1 至 {MOST_MEASURES} 项措施。", f"Write 1 to {MOST_MEASURES} measures.")
    if len(draft.reason) > 500 or (draft.seen and not draft.reason.strip()):
        raise _wrong(
            "reason", "改计划须写明理由（500 字以内）。", "A new version needs its reason (at most 500 characters)."
        )
    known = policies()
    items = set(exit_items())
    for at, each in enumerate(draft.measures, start=1):
        _check_measure(each, at, draft, members)
        if each.policy and each.policy not in known:
            raise _at(at, "没有这项政策。", "there is no such policy.")
        if not set(each.mends) <= items:
            raise _at(at, "解决的指标请从列表中选择。", "take the items that it mends from the list.")


def _check_measure(each: Wanted, at: int, draft: Draft, members: frozenset[int]) -> None:
    if each.sort not in CLASSES:
        raise _at(at, "请选择措施类别。", "choose the class of the measure.")
    for text, most in ((each.content, 300), (each.organisation, 200)):
        if not text.strip() or len(text) > most:
            raise _at(
                at, f"内容和落实单位须填写，不超过 {most} 字。", f"content and organisation, at most {most} characters."
            )
    if len(each.fund) > 200:
        raise _at(at, "资金来源不超过 200 字。", "fund: at most 200 characters.")
    if not date(draft.year, 1, 1) <= each.due <= date(draft.year + 1, 12, 31):
        raise _at(at, f"完成时间应在 {draft.year} 年或次年。", f"the day must lie in {draft.year} or the year after.")
    for money in (each.cost, each.wage, each.business, each.property, each.transfer):
        if money is not None and not 0 <= money <= MOST_MONEY:
            raise _at(at, "金额不对。", "that is no amount of money.")
    if each.person_id is not None and each.person_id not in members:
        raise _at(at, "对象不是本户成员。", "the person is no member of the household.")


def _wrong(field: str, zh: str, en: str) -> Problem:
    return Problem("bad_plan", zh, en, field=field)


def _at(at: int, zh: str, en: str) -> Problem:
    return Problem("bad_plan", f"第 {at} 项措施：{zh}", f"Measure {at}: {en}", measure=at)


def _standing(drafts: Sequence[Draft]) -> dict[tuple[int, int], tuple[int, frozenset[int]]]:
    """(household, year) → newest version, and the numbers of measures that any version has."""
    years = {each.year for each in drafts}
    plans = HelpPlan.objects.filter(household_id__in=listed({each.household_id for each in drafts}), year__in=years)
    versions = {
        (household, year): newest
        for household, year, newest in plans.values_list("household_id", "year").annotate(newest=Max("version"))
    }
    held: dict[tuple[int, int], set[int]] = {}
    rows = PlannedMeasure.objects.filter(plan__in=plans).values_list("plan__household_id", "plan__year", "number")
    for household, year, number in rows:
        held.setdefault((household, year), set()).add(number)
    return {key: (newest, frozenset(held.get(key, ()))) for key, newest in versions.items()}


def _check_numbers(draft: Draft, standing: tuple[int, frozenset[int]]) -> None:
    newest, numbers = standing
    if newest != draft.seen:
        raise _changed()
    kept = [each.number for each in draft.measures if each.number is not None]
    if len(set(kept)) != len(kept) or not numbers.issuperset(kept):
        raise _wrong("measures", "措施序号不对，请刷新后再改。", "The numbers of the measures are wrong: look again.")


def _numbered(draft: Draft, standing: tuple[int, frozenset[int]]) -> Draft:
    """The draft with numbers for its new measures: none that any version had before."""
    following = count(max(standing[1], default=0) + 1)
    measures = (each if each.number is not None else replace(each, number=next(following)) for each in draft.measures)
    return replace(draft, measures=tuple(measures))


def _row(plan: HelpPlan, each: Wanted) -> PlannedMeasure:
    return PlannedMeasure(plan=plan, **(asdict(each) | {"mends": ",".join(each.mends)}))


# -- the household's answer ---------------------------------------------------------------------------------------


def answer(
    actor: Actor,
    plan_ids: Sequence[int],
    kind: str,
    day: date,
    *,
    note: str = "",
    paper: Kept | None = None,
    reference: str = "",
) -> list[PlanAnswer]:
    """Record that households signed their plans, or refused them. To sign needs the paper (a file, or where it lies);
    to refuse needs what the household said.

    Raises Missing, Problem: not the newest version, answered already, a day to come, nothing to prove it by.
    """
    plans = _plans(actor, plan_ids)
    if kind not in PlanAnswer.Kind.values:
        raise Problem("bad_answer", "请选择“签字”或“不同意”。", "Choose signed or refused.")
    if not date(2000, 1, 1) <= day <= timezone.localdate():
        raise Problem("bad_day", "签字日期不能晚于今天。", "The day of the answer must not lie ahead.")
    if len(note) > 500 or len(reference) > 200:
        raise Problem(
            "too_long", "说明不超过 500 字，存放处不超过 200 字。", "The note or the place of the paper is too long."
        )
    if kind == PlanAnswer.Kind.SIGNED and paper is None and not reference.strip():
        raise Problem(
            "no_paper", "请上传签字件，或写明纸质件存放处。", "Hand in the signed paper, or say where it lies."
        )
    if kind == PlanAnswer.Kind.REFUSED and not note.strip():
        raise Problem("no_reason", "请写明户主不同意的理由。", "Write down what the household said.")
    now = timezone.now()
    try:
        with write():
            hold_data()
            _newest_only(plans)
            rows = [
                PlanAnswer(plan=plan, kind=kind, day=day, note=note, at=now, actor=actor.name or actor.os_user,
                           user_id=actor.user_id)
                for plan in plans
            ]  # fmt: skip
            PlanAnswer.objects.bulk_create(rows, batch_size=500)
            if paper is not None or reference.strip():
                papers = [evidence.Paper(plan.pk, kind, day, paper, reference.strip()) for plan in plans]
                evidence.record(actor, ABOUT, papers)
            follow({plan.household_id for plan in plans}, now)
            detail: dict[str, object] = {"plans": len(plans), "answer": kind, "day": day.isoformat()}
            audit.record(actor, KEEP_PLAN, f"help_plan:{plans[0].pk}", detail, plans[0].digest)
    except IntegrityError:
        raise Problem(
            "answered_already",
            "这一版计划已有答复。如需改，请写新的版本。",
            "This version was answered already: write a new one.",
        ) from None
    return rows


def _plans(actor: Actor, plan_ids: Sequence[int]) -> list[HelpPlan]:
    wanted = set(plan_ids)
    plans = list(HelpPlan.objects.filter(pk__in=listed(wanted)).order_by("pk")) if 0 < len(wanted) <= MOST_PLANS else []
    if not plans or len(plans) != len(wanted):
        raise Missing("no_such_plan", "没有这份计划。", "There is no such plan.")
    _reach(actor, {plan.household_id for plan in plans})
    return plans


def _newest_only(plans: Sequence[HelpPlan]) -> None:
    years = {plan.year for plan in plans}
    found = HelpPlan.objects.filter(household_id__in=listed({plan.household_id for plan in plans}), year__in=years)
    newest = {
        (household, year): version
        for household, year, version in found.values_list("household_id", "year").annotate(newest=Max("version"))
    }
    if any(newest[plan.household_id, plan.year] != plan.version for plan in plans):
        raise Problem(
            "not_newest", "这份计划已有新的版本，请看新版本。", "There is a newer version of this plan: look at that."
        )


# -- what was done ------------------------------------------------------------------------------------------------


def record_done(actor: Actor, rows: Sequence[Done]) -> list[MeasureDone]:
    """Record what was done of measures of signed plans, all of it or nothing.

    Raises Missing, Problem: a plan that the household has not signed, a day to come, an amount that is none.
    """
    ids = {each.measure_id for each in rows}
    found = {
        each.pk: each
        for each in PlannedMeasure.objects.filter(pk__in=listed(ids)).select_related("plan")
    } if 0 < len(ids) <= MOST_PLANS else {}  # fmt: skip
    if len(found) != len(ids) or not ids:
        raise Missing("no_such_measure", "没有这项措施。", "There is no such measure.")
    plans = _plans(actor, sorted({each.plan_id for each in found.values()}))
    if not told(actor, list(found.values())):
        raise Missing("no_such_measure", "没有这项措施。", "There is no such measure.")
    for each in rows:
        if not date(2000, 1, 1) <= each.day <= timezone.localdate():
            raise Problem("bad_day", "落实日期不能晚于今天。", "The day must not lie ahead.")
        if each.cost is not None and not 0 <= each.cost <= MOST_MONEY:
            raise Problem("bad_money", "金额不对。", "That is no amount of money.")
        if len(each.document) > 200 or len(each.effect) > 500 or "\0" in each.document + each.effect:
            raise Problem(
                "too_long", "凭证不超过 200 字，成效不超过 500 字。", "The document or the effect is too long."
            )
    now = timezone.now()
    with write():
        hold_data()
        _newest_only(plans)
        signed = PlanAnswer.objects.filter(plan__in=plans, kind=PlanAnswer.Kind.SIGNED).count()
        if signed != len(plans):
            raise Problem(
                "not_signed", "户主还没有在这份计划上签字，不能记落实。", "The household has not signed this plan yet."
            )
        _check_twice(rows)
        made = [
            MeasureDone(
                measure=found[each.measure_id], day=each.day, cost=each.cost, document=each.document,
                effect=each.effect, at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
            )
            for each in rows
        ]  # fmt: skip
        MeasureDone.objects.bulk_create(made, batch_size=500)
        follow({plan.household_id for plan in plans}, now)
        detail: dict[str, object] = {"plans": len(plans), "measures": len(ids)}
        audit.record(actor, KEEP_PLAN, f"help_plan:{plans[0].pk}", detail, plans[0].digest)
    return made


def _check_twice(rows: Sequence[Done]) -> None:
    """A form that was sent twice is one entry: what it cost is added up."""
    standing = MeasureDone.objects.filter(
        measure__in=listed({each.measure_id for each in rows}), takes_back=None, taken_back=None
    )
    known = set(standing.values_list("measure_id", "day", "cost", "document", "effect"))
    said = [(each.measure_id, each.day, each.cost, each.document, each.effect) for each in rows]
    if len(set(said)) != len(said) or known & set(said):
        raise Problem(
            "done_twice", "这项落实已经记过（同一天、同一金额、同一凭证）。分次落实的，写明不同的凭证。",
            "This was recorded already: the same day, cost and document. Parts need their own documents.",
        )  # fmt: skip


def measures_of(actor: Actor, named: Sequence[tuple[str, int, int]]) -> list[int]:
    """The measures of the newest plans that (code of a household, year, number) name, in their order. Raises Missing
    for one that is not there or outside the grants: the two look alike."""
    codes = {code for code, _year, _number in named}
    found = PlannedMeasure.objects.filter(
        plan__household__code__in=codes, plan__year__in={year for _code, year, _number in named}
    ).order_by("plan__version")
    names = ("plan__household__code", "plan__year", "number", "pk", "plan__household_id", "plan__version")
    known: dict[tuple[str, int, int], int] = {}
    newest: dict[tuple[str, int], int] = {}
    rows = list(found.values_list(*names))
    for code, year, _number, _pk, _household, version in rows:
        newest[code, year] = version
    for code, year, number, pk, _household, version in rows:
        if newest[code, year] == version:
            known[code, year, number] = pk
    missing = Missing("no_such_measure", "没有这项措施。", "There is no such measure.")
    if not known.keys() >= set(named):
        require(actor, KEEP_PLAN)
        raise missing
    try:
        _reach(actor, {household for *_rest, household, _version in rows})
    except Missing:
        raise missing from None
    return [known[each] for each in named]


def take_back(actor: Actor, done_id: int) -> MeasureDone:
    """Say that an entry of what was done was wrong; it stays readable. Raises Missing, Problem where it was already."""
    row = MeasureDone.objects.select_related("measure__plan").filter(pk=done_id, takes_back=None).first()
    if row is None or not told(actor, [row.measure]):
        raise Missing("no_such_entry", "没有这条记录。", "There is no such entry.")
    (plan,) = _plans(actor, [row.measure.plan_id])
    now = timezone.now()
    try:
        with write():
            hold_data()
            made = MeasureDone.objects.create(
                measure=row.measure, day=row.day, takes_back=row, at=now,
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )  # fmt: skip
            follow({plan.household_id}, now)
            audit.record(actor, KEEP_PLAN, f"measure_done:{row.pk}", {"taken_back": row.pk})
    except IntegrityError:
        raise Problem("taken_back_already", "这条记录已经撤回。", "This entry was taken back already.") from None
    return made
