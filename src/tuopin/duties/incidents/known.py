"""What was known and done of a household before an incident was opened: gathered once, frozen with a digest.

Each line says of which kind it is, when, in words, and which classes of fields it tells of; a reader without them is
not shown the line. Work done (who answered, visits, plans) tells of nothing and stands open.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson
from django.db.models import Max

from tuopin.core.language.catalogue import Title
from tuopin.measures.models import HelpPlan, MeasureDone, PlanAnswer, PlannedMeasure
from tuopin.register.models import StatusPeriod
from tuopin.standards.models import Verdict

from .. import kinds
from ..models import Assignment, Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

LETTERS = {"m": Title("达标", "met"), "n": Title("未达标", "not met"), "u": Title("未知", "unknown"),
           "a": Title("不适用", "n/a")}  # fmt: skip
STATUS = {
    "registration": Title("登记状态", "registration"),
    "monitoring": Title("监测", "monitoring"),
    "support": Title("享受政策", "support"),
}
VALUES = {
    "none": Title("无", "none"), "candidate": Title("拟识别", "candidate"), "registered": Title("未脱贫", "registered"),
    "exit_proposed": Title("预脱贫", "exit proposed"), "exited": Title("已脱贫", "exited"),
    "returned": Title("返贫", "returned"), "cancelled": Title("注销", "cancelled"), "clue": Title("线索", "clue"),
    "monitored": Title("监测中", "monitored"), "risk_removed": Title("风险消除", "risk removed"),
    "enjoying": Title("享受中", "enjoying"), "ended": Title("已停止", "ended"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A line: ``what`` is a key (holder, visit, plan, done, status, verdict), ``day`` ISO or '' for unknown.
    ``official_id`` only of holders. ``about`` household: tells of the household itself, not only of work."""

    what: str
    day: str
    zh: str
    en: str
    about: str = "work"
    official_id: int | None = None


def before(household_id: int, village_id: int, day: date) -> list[Known]:
    """Everything up to a day, the kinds in a fixed order. A fixed number of statements."""
    return [
        *_holders(household_id, village_id, day),
        *_visits(household_id, day),
        *_plans(household_id, day),
        *_statuses(household_id, day),
        *_verdicts(household_id, day),
    ]


def digest(lines: Collection[Mapping[str, object]]) -> str:
    """SHA-256 of the lines as canonical JSON."""
    return hashlib.sha256(orjson.dumps(list(lines), option=orjson.OPT_SORT_KEYS)).hexdigest()


def document(lines: Collection[Known]) -> list[dict[str, object]]:
    """The lines as they are stored."""
    return [asdict(each) for each in lines]


VILLAGE_ROLES = ("first_responsible", "first_secretary", "team_leader")


def holders(household_id: int, village_id: int, day: date) -> list[Assignment]:
    """Who answered for the household on a day, or for its village."""
    live = Assignment.objects.filter(valid_from__lte=day).exclude(valid_to__lte=day)
    own = live.filter(household_id=household_id)
    rows = list(own) + list(live.filter(area_id=village_id, role__in=VILLAGE_ROLES))
    order = list(kinds.roles())
    return sorted(rows, key=lambda row: (order.index(row.role) if row.role in order else 99, row.pk))


def _holders(household_id: int, village_id: int, day: date) -> Iterator[Known]:
    for row in holders(household_id, village_id, day):
        role = kinds.role(row.role).title
        since = row.valid_from.isoformat() if row.since_known else ""
        yield Known("holder", since, f"{role.zh} {row.name}", f"{role.en} {row.name}", official_id=row.official_id)


def _visits(household_id: int, day: date) -> Iterator[Known]:
    rows = Visit.objects.filter(household_id=household_id, superseded_at=None, taken_back_at=None, day__lte=day)
    days = list(rows.filter(outcome="met").order_by("-day").values_list("day", flat=True)[:200])
    if not days:
        yield Known("visit", "", "没有走访记录", "no visit on record")
        return
    year = sum((day - each).days <= 365 for each in days)
    yield Known(
        "visit", days[0].isoformat(), f"最近一次走访；一年内走访 {year} 次", f"last visit; {year} within a year"
    )
    missed = rows.filter(outcome="not_reachable", day__gt=days[0]).count()
    if missed:
        yield Known("visit", "", f"此后 {missed} 次未见到人", f"{missed} visits since met nobody")


def _plans(household_id: int, day: date) -> Iterator[Known]:
    plans = HelpPlan.objects.filter(household_id=household_id, year=day.year, at__date__lte=day)
    newest = plans.order_by("-version").first()
    if newest is None:
        yield Known("plan", "", f"{day.year} 年没有帮扶计划", f"no help plan for {day.year}")
    else:
        answer = PlanAnswer.objects.filter(plan=newest, day__lte=day).first()
        said = {"signed": ("户主已签字", "signed"), "refused": ("户主不同意", "refused")}
        zh, en = said[answer.kind] if answer else ("未签字", "not signed")
        count = PlannedMeasure.objects.filter(plan=newest).count()
        yield Known(
            "plan", newest.at.date().isoformat(), f"{day.year} 年计划第 {newest.version} 版，{count} 项措施，{zh}",
            f"plan of {day.year}, version {newest.version}, {count} measures, {en}",
        )  # fmt: skip
    done = MeasureDone.objects.filter(
        measure__plan__household_id=household_id, day__lte=day, takes_back=None, taken_back=None
    )
    last = done.aggregate(last=Max("day"))["last"]
    if last is not None:
        yield Known(
            "done", last.isoformat(), f"落实记录 {done.count()} 条，最近一条", f"{done.count()} measures done, last"
        )  # fmt: skip


def _statuses(household_id: int, day: date) -> Iterator[Known]:
    rows = StatusPeriod.objects.filter(household_id=household_id, valid_from__lte=day).exclude(valid_to__lte=day)
    for row in rows.order_by("axis"):
        axis, value = STATUS.get(row.axis), VALUES.get(row.value)
        zh = f"{axis.zh if axis else row.axis}：{value.zh if value else row.value}"
        en = f"{axis.en if axis else row.axis}: {value.en if value else row.value}"
        yield Known("status", row.valid_from.isoformat(), zh, en, about="household")


def _verdicts(household_id: int, day: date) -> Iterator[Known]:
    rows = Verdict.objects.filter(
        subject_id=household_id, evaluation__level="household", evaluation__standard="household_exit",
        evaluation__day__lte=day,
    )  # fmt: skip
    last = rows.order_by("-evaluation__day", "-evaluation_id").values_list("evaluation__day", "letters").first()
    if last is not None:
        word = LETTERS[last[1][0]]
        yield Known(
            "verdict", last[0].isoformat(), f"退出标准判定：{word.zh}", f"exit standard: {word.en}", about="household"
        )
