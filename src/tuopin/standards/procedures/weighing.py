"""What beginning a procedure, or an act in one, would meet: asked by services before they write, and by previews."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.procedures import Act, History, Parties, Refusal, advance, replay
from tuopin.core.procedures import Procedure as Definition
from tuopin.platform import working_days
from tuopin.platform.access import grants_over, require
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.codes import code_title
from tuopin.register.correcting.subjects import listed
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import RUN_PROCEDURE

from . import definitions, subjects
from .freezing import doubts_of, freeze
from .models import Procedure, ProcedureAct, ProcedureText

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.platform import evidence
    from tuopin.platform.access import Actor

    from .definitions import Definition as Defined
    from .freezing import Frozen
    from .subjects import Subject

MOST = 500
"""Subjects of one act."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A subject with what stands in the way; ``refusal`` None = nothing does."""

    subject: Subject
    refusal: Refusal | None
    row: Procedure | None = None
    history: History | None = None
    frozen: Frozen | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """One act on a set. ``references`` and ``files`` are papers by the key of the evidence asked for."""

    step: str
    outcome: str
    day: date
    by: str
    note: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, evidence.Kept] = field(default_factory=dict)
    valid_until: date | None = None

    @property
    def papers(self) -> list[str]:
        return sorted({*self.files, *(key for key, text in self.references.items() if text.strip())})


def weigh_start(
    actor: Actor, defined: Defined, ids: Collection[int], day: date, known: Mapping[int, Subject] | None = None
) -> list[Weighed]:
    """What beginning a procedure on these subjects would meet: each judged on the day, each with the reason why not.

    ``known`` are the subjects where they were found within the grants already. Raises Refused without the permission at
    all, Missing for a subject outside the grants, Problem for a day to come or a standard without its parameters then.
    """
    require(actor, RUN_PROCEDURE)
    check_size(ids)
    if day > timezone.localdate():
        raise Problem("future", f"日期 {day} 还没有到。", f"The day {day} has not come yet.")
    procedure = defined.procedure
    found = known or subjects.find(actor, RUN_PROCEDURE, procedure.level, ids, procedure.axis)
    if set(found) != set(ids):
        raise outside()
    prepared = get_prepared(defined.pack, procedure.standard, day)
    codes = {key: each.code for key, each in found.items()}
    rule = procedure.doubts
    doubts = doubts_of(get_prepared(defined.pack, rule.standard, day), codes, rule) if rule is not None else None
    frozen = freeze(prepared, codes, doubts)
    other = definitions.elsewhere(defined, {each.path for each in found.values()}, day)
    running = set(
        Procedure.objects.filter(
            key=procedure.key, level=procedure.level, subject_id__in=listed(ids), state=Procedure.State.RUNNING
        ).values_list("subject_id", flat=True)
    )
    return [
        Weighed(
            found[each],
            _OTHER_PACK if found[each].path in other
            else _not_startable(procedure, found[each], frozen.get(each), is_running=each in running),
            frozen=frozen.get(each),
        )
        for each in sorted(found, key=lambda each: found[each].code)
    ]  # fmt: skip


_OTHER_PACK = Refusal(
    "other_pack", "当地施行另一标准包，请从当地（该村、镇）开始办理。",
    "Another pack of standards holds there: begin it from that village or township.",
)  # fmt: skip


def _not_startable(
    procedure: Definition, subject: Subject, frozen: Frozen | None, *, is_running: bool
) -> Refusal | None:
    if is_running:
        return Refusal("running", "这个程序已经在办理。", "This procedure is running already.")
    if procedure.level == "household" and procedure.from_ and subject.status not in procedure.from_:
        value = code_title(procedure.axis, subject.status)
        zh, en = (value.zh, value.en) if subject.status else ("未登记", "not on record")
        return Refusal(
            "wrong_status", f"现在的状态是“{zh}”，不适用这个程序。",
            f"It stands at “{en}”, from which this procedure does not start.",
        )  # fmt: skip
    if frozen is None:
        return Refusal("not_judged", "当日不在登记册内，不作判定。", "It is not on the register that day.")
    if procedure.verdicts and frozen.overall not in procedure.verdicts:
        return _not_met(frozen)
    return None


def _not_met(frozen: Frozen) -> Refusal:
    """Names the items in the way: what is unknown is not met by being unknown."""
    for verdict, zh, en in (("not_met", "未达标", "not met"), ("unknown", "未知", "unknown")):
        items = [each["title"] for each in frozen.document["items"] if each["verdict"] == verdict]
        if items:
            return Refusal(
                verdict, f"{zh}：{'、'.join(each['zh'] for each in items)}",
                f"{en}: {', '.join(each['en'] for each in items)}",
            )  # fmt: skip
    return Refusal("not_met", "判定不符合开始条件。", "The verdict does not allow it to begin.")


def weigh(actor: Actor, numbers: Collection[int], doing: Doing) -> list[Weighed]:
    """What an act on these procedures would meet. Raises Refused without the permission or the role that records this
    step, Missing for one outside the grants."""
    require(actor, RUN_PROCEDURE)
    check_size(numbers)
    check_texts(doing)
    return weighed_rows(actor, list(Procedure.objects.filter(pk__in=listed(numbers))), numbers, doing)


def weighed_rows(actor: Actor, rows: list[Procedure], numbers: Collection[int], doing: Doing) -> list[Weighed]:
    rows.sort(key=lambda row: row.pk)
    found: dict[tuple[str, int], Subject] = {}
    for level in {row.level for row in rows}:
        ids = [row.subject_id for row in rows if row.level == level]
        found |= {(level, key): each for key, each in subjects.find(actor, RUN_PROCEDURE, level, ids).items()}
    if {row.pk for row in rows} != set(numbers) or any((row.level, row.subject_id) not in found for row in rows):
        raise outside()
    helped = subjects.parties([row.subject_id for row in rows if row.level == "household"], doing.day)
    acts = acts_of([row.pk for row in rows])
    texts = texts_of(rows)
    allowed: dict[tuple[str, str], bool] = {}
    weighed = []
    for row in rows:
        subject, procedure = found[row.level, row.subject_id], texts[row.definition_id]
        _check_step(actor, procedure, doing, subject.path, allowed)
        history = replay(procedure, row.started, acts.get(row.pk, ()))
        party = helped.get(row.subject_id, Parties()) if row.level == "household" else Parties()
        weighed.append(_one(actor, row, subject, procedure, history, doing, party))
    return weighed


def _one(
    actor: Actor, row: Procedure, subject: Subject, procedure: Definition, history: History, doing: Doing,
    party: Parties,
) -> Weighed:  # fmt: skip
    if row.state == Procedure.State.WITHDRAWN:
        refusal = Refusal("withdrawn", "程序已经撤回。", "The procedure was withdrawn.")
        return Weighed(subject, refusal, row)
    act = Act(doing.step, doing.outcome, doing.day, doing.by, actor.user_id, frozenset(doing.papers))
    after = advance(
        procedure, history, act, today=timezone.localdate(), calendar=working_days.calendar(), parties=party
    )
    if isinstance(after, Refusal):
        return Weighed(subject, after, row)
    return Weighed(subject, None, row, after)


def texts_of(rows: Sequence[Procedure]) -> dict[str, Definition]:
    kept = ProcedureText.objects.in_bulk({row.definition_id for row in rows})
    return {digest: definitions.read(text) for digest, text in kept.items()}


def acts_of(numbers: Collection[int]) -> dict[int, list[Act]]:
    """The acts of procedures in their order, as the definition reads them."""
    found: dict[int, list[Act]] = {}
    for each in ProcedureAct.objects.filter(procedure_id__in=listed(numbers)).order_by("procedure_id", "number"):
        papers = frozenset(each.evidence.split(",")) if each.evidence else frozenset()
        act = Act(each.step, each.outcome, each.day, each.by, each.user_id, papers)
        found.setdefault(each.procedure_id, []).append(act)
    return found


# ---- checks -------------------------------------------------------------------------------------------------------


def check_size(numbers: Collection[int]) -> None:
    if not numbers:
        raise Problem("nothing_chosen", "请先勾选。", "Choose some first.")
    if len(numbers) > MOST:
        raise Problem("too_many", f"一次最多 {MOST} 个。", f"At most {MOST} at a time.")


def check_texts(doing: Doing) -> None:
    texts = (("by", doing.by, 100), ("note", doing.note, 500), *((key, text, 200)
                                                                for key, text in doing.references.items()))  # fmt: skip
    for name, text, longest in texts:
        if len(text.strip()) > longest or not text.strip().isprintable():
            raise Problem(
                "bad_text", f"文字过长（最多 {longest} 字）或含有无法显示的字符。",
                f"A text is too long (at most {longest} characters) or cannot be printed.", field=name,
            )  # fmt: skip
    if doing.valid_until is not None and doing.valid_until < doing.day:
        raise Problem("bad_until", "材料有效期早于办理日期。", "The papers would have expired before the act.")


def _check_step(
    actor: Actor, procedure: Definition, doing: Doing, path: str, allowed: dict[tuple[str, str], bool]
) -> None:
    key, papers = doing.step, doing.papers
    step = procedure.step(key)
    if step is None:
        return
    if not set(papers) <= {each.key for each in step.evidence}:
        raise Problem("no_such_paper", "这一步没有要求这种材料。", "This step does not ask for such a paper.")
    if actor.unrestricted:
        return
    if (key, path) not in allowed:
        held = {grant.role for grant in grants_over(actor, RUN_PROCEDURE, path)}
        allowed[key, path] = bool(held & set(step.roles))
    if not allowed[key, path]:
        raise Refused(
            "wrong_role", f"“{step.title.zh}”由{step.who.zh}办理，您的角色不能登记这一步。",
            f"“{step.title.en}” is done by {step.who.en}; your role may not record it.", step=key,
        )  # fmt: skip


def outside() -> Missing:
    return Missing(
        "no_such_procedure", "没有找到，或不在您的管辖范围内。", "There is no such thing within your grants."
    )
