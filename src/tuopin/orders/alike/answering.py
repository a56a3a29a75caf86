"""Answering like for like, one by one: confirmed, which opens a problem exactly once a matter and subject; excluded
with a reason; or, of a question, how many there are, with a paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.matters import OPEN
from tuopin.duties.assigning import targets
from tuopin.platform import database, evidence
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Paper
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem, Refused
from tuopin.register.events.areas.mapping import followed
from tuopin.register.models import AreaVersion

from .. import reach, services, words
from ..changes import Given
from ..models import AlikeQuestion, AlikeSubject, Matter, MatterSubject
from ..permissions import ISSUE
from ..services import Draft, SubjectRef
from . import selectors, telling
from .services import one_question

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

PAPER = "alike"
"""What papers of answers are about; the item is the answer."""
ORIGIN = "alike"
"""The origin of the problems that confirmed subjects open; their standard is the number of the matter."""
CLOSED_TITLE = "数据或保障问题"
"""The title of what a condition on closed classes opens: the condition is not told by it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How many there are where it was asked, and what proves it: a file, or where a paper is kept."""

    count: int
    note: str = ""
    reference: str = ""
    papers: tuple[Kept, ...] = ()


def confirm(actor: Actor, number: int, subject: int, holder_id: int | None, now: datetime) -> AlikeSubject:
    """It is like the matter: a problem is opened for it, issued where a holder is named, else a draft; one that the
    matter opened for this subject already is taken. Raises Missing, Refused, Problem."""
    with database.write():
        row, one = _one(actor, number, subject)
        asked = row.kind == AlikeQuestion.Kind.WORDS
        if asked and (one.answer != selectors.ANSWERED or not one.count):
            raise Problem(
                "nothing_found", "被问单位还没有答复，或答复没有发现。",
                "Who was asked has not answered, or found none.",
            )  # fmt: skip
        if asked and one.opened_id is not None and not _fell(one):
            raise _answered()
        one.opened = _opened(actor, row, one, holder_id, now)
        _write(actor, row, one, one.answer if asked else selectors.CONFIRMED, now)
    return one


def exclude(actor: Actor, number: int, subject: int, reason: str, now: datetime) -> AlikeSubject:
    """It is not like the matter, for a reason. Raises Missing, Refused, Problem."""
    said = _said(reason)
    if not said:
        raise Problem("no_reason", "请写明排除的理由（500 字以内）。", "Say why it is left out (up to 500 characters).")
    with database.write():
        row, one = _one(actor, number, subject)
        if row.kind == AlikeQuestion.Kind.WORDS:
            raise Problem("not_found_by", "自查的区划、单位不排除，由它答复。", "Who was asked answers instead.")
        one.note, one.opened = said, None
        _write(actor, row, one, selectors.EXCLUDED, now)
    return one


def answer(actor: Actor, number: int, subject: int, given: Answer, now: datetime) -> AlikeSubject:
    """How many there are where a question was put, with a paper that proves it, also of none. Raises Missing for who
    was not asked, Problem."""
    reference = _checked(given, papers=bool(given.papers))
    with database.write():
        row = check_asked(actor, number, subject)
        one = AlikeSubject.objects.select_for_update(of=("self",)).get(pk=subject)
        _unanswered(row, one)
        one.count, one.note = given.count, _said(given.note)
        _write(actor, row, one, selectors.ANSWERED, now)
        outbox.settle(actor, [telling.about(one.pk)], now=now)
        day = timezone.localdate(now)
        kept = given.papers or (None,)
        evidence.record(
            actor, PAPER,
            [Paper(one.pk, "answer", day, each, reference if each is None else "") for each in kept],
        )  # fmt: skip
    return one


def check(actor: Actor, number: int, subject: int, given: Answer, *, papers: bool) -> None:
    """Raise what :func:`answer` would, before the files that come with it are kept. ``papers``: whether any come."""
    row = check_asked(actor, number, subject)
    _unanswered(row, AlikeSubject.objects.get(pk=subject))
    _checked(given, papers=papers)
    _said(given.note)


def _checked(given: Answer, *, papers: bool) -> str:
    """Where the paper is kept, '' for files alone. Raises Problem for a number, a text, or nothing that proves it."""
    if not 0 <= given.count <= 1_000_000:
        raise Problem("bad_count", "件数应为 0 到 1,000,000 的整数。", "The number lies between 0 and 1,000,000.")
    reference = given.reference.strip()
    if len(reference) > 200 or "\0" in reference:
        raise Problem("bad_text", "文字过长或含有不能保存的字符。", "The text is too long, or cannot be kept.")
    if not reference and not papers:
        raise Problem(
            "no_paper", "请附自查材料，或写明纸质材料存放处；没有发现也要附。",
            "Hand in a paper, or say where it is kept: also where none was found.",
        )  # fmt: skip
    return reference


def check_asked(actor: Actor, number: int, subject: int) -> AlikeQuestion:
    """The question, where this one was put to the actor. Raises Missing."""
    row = selectors.question(actor, number)
    if subject >= 2**63 or not selectors.mine(actor).filter(question=row, pk=subject).exists():
        raise selectors.missing()
    return row


def _one(actor: Actor, number: int, subject: int) -> tuple[AlikeQuestion, AlikeSubject]:
    """A subject that the actor sees and may decide upon, locked and not answered."""
    row = one_question(actor, number)
    if "issuer" not in reach.hands(actor, [row.matter])[row.matter_id]:
        raise Refused("wrong_hands", "只有交办方可以确认或排除。", "Only who issued the matter decides.")
    seen = selectors.subjects(actor, row).filter(pk=subject).exists() if subject < 2**63 else False
    if not seen:
        raise selectors.missing()
    one = AlikeSubject.objects.select_for_update(of=("self",)).get(pk=subject)
    if row.kind == AlikeQuestion.Kind.QUERY:
        _unanswered(row, one)
    elif row.matter.state in selectors.OVER:
        raise _ended()
    return row, one


def _unanswered(row: AlikeQuestion, one: AlikeSubject) -> None:
    if selectors.over(row):
        raise _ended()
    if one.answer and not _fell(one):
        raise _answered()


def _fell(one: AlikeSubject) -> bool:
    """Whether the problem that a confirmed one opened was withdrawn: then it is decided anew."""
    return one.opened is not None and one.opened.state == "withdrawn"


def _ended() -> Problem:
    return Problem(
        "question_ended", "这条举一反三已结束，或原事项已撤销、已并入他件。",
        "Nothing more is asked: it was ended, or its matter was withdrawn or merged.",
    )  # fmt: skip


def _answered() -> Problem:
    return Problem("answered_already", "已有人答复，请刷新后再看。", "Somebody has answered it: reload the page.")


def _said(note: str) -> str:
    said = note.strip()
    if len(said) > 500 or "\0" in said:
        raise Problem("bad_text", "文字过长或含有不能保存的字符。", "The text is too long, or cannot be kept.")
    return said


def _write(actor: Actor, row: AlikeQuestion, one: AlikeSubject, said: str, now: datetime) -> None:
    one.answer, one.answered_at = said, now
    one.actor, one.user_id = reach.signature(actor)[:150], actor.user_id
    one.save()
    detail: dict[str, object] = {"subject": one.pk, "answer": said, "opened": one.opened_id}
    audit.record(actor, "orders.answer_alike", f"alike:{row.pk}", detail)


def _opened(actor: Actor, row: AlikeQuestion, one: AlikeSubject, holder_id: int | None, now: datetime) -> Matter:
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=row.matter_id)
    place = _standing(one)
    level, key = ("household", one.household_id) if one.household_id else ("area", place)
    item = ""
    if key is not None:
        # also what it opened for a matter that was merged into this one
        asked = [matter.pk, *Matter.objects.filter(into=matter).values_list("pk", flat=True)]
        there = MatterSubject.objects.filter(
            origin=ORIGIN, standard__in=[str(each) for each in asked], **{f"{level}_id": key}
        )
        before = [each.matter for each in there.select_related("matter").order_by("-pk")]
        again = next((each for each in before if each.state != "withdrawn"), None)
        if again is not None:
            return again
        item = str(len(before) + 1) if before else ""  # nobody works on what was withdrawn: another is opened
    told = not row.classes and matter.source != words.SOURCE  # nor is what a petition says told to other units
    whole = _whole(actor, row, matter) if told else None
    about = (SubjectRef(level, key, ORIGIN, str(matter.pk), item),) if key is not None else ()
    where = _where(actor, row, one, place or matter.area_id)
    draft = Draft(
        Matter.Kind.PROBLEM, matter.title if told else CLOSED_TITLE, where, matter.urgency, matter.source,
        matter.category if told else "", issuer_id=matter.issuer_id, holder_id=holder_id or one.unit_id,
        parent_id=whole, text=_text(matter, one) if told else "举一反三发现，内容按权限在原事项的举一反三页查看。",
        subjects=about,
    )  # fmt: skip
    [made] = services.draft(actor, [draft], now)
    if draft.holder_id is not None:
        [made] = services.act(actor, "issue", [made.pk], Given(), now)
    return made


def _text(matter: Matter, one: AlikeSubject) -> str:
    found = f"，自查发现 {one.count} 处" if one.count else ""
    return f"由第 {matter.pk} 号事项举一反三{found}。"


def _whole(actor: Actor, row: AlikeQuestion, matter: Matter) -> int | None:
    """What the new problem becomes a part of: the matter, or what that is a part of; None where that takes no parts or
    is not for this actor."""
    number = matter.pk if row.as_part else matter.parent_id
    if number is None:
        return None
    found = Matter.objects.filter(reach.work(actor), pk=number, state__in=["draft", *OPEN])
    return number if found.exists() else None


def _standing(one: AlikeSubject) -> int | None:
    """The area that was found or asked, or what it has become part of; None where that is several, or none."""
    if one.area_id is None:
        return None
    now = followed([one.area_id])[one.area_id]
    return now[0] if len(now) == 1 else None


def _where(actor: Actor, row: AlikeQuestion, one: AlikeSubject, otherwise: int) -> int:
    """The area of the new problem: where the household lives today, or what is said."""
    if one.household_id is None:
        return otherwise
    found = targets.reachable(actor, ISSUE, "household", [one.household_id], timezone.localdate())
    lives = AreaVersion.objects.filter(path=found[one.household_id].path, valid_to=None).values_list(
        "area_id", flat=True
    )
    return lives.first() or row.area_id
