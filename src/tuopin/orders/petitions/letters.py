"""Letters to who came (告知书、处理意见书、复查和复核意见书): numbered and issued in one act, kept sealed, printed for
the petition office alone, with the day on which they arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import orjson
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.papers import LONGEST_NAME, Kind, Number, OfficialPaper, chinese_day, paragraphs
from tuopin.platform import database, sealing
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.documents.official import printing
from tuopin.platform.problems import Missing, Problem

from .. import limits, reach
from ..kinds import petition_days
from ..models import RUNNING, Matter, MatterEvent
from ..papers import numbers, selectors
from ..services import missing
from . import guard, sealed
from .models import Petition, PetitionLetter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tuopin.platform.access import Actor

PURPOSE = "orders.petition_letter"
LONGEST = 4000
OLDEST = 60
"""Days that the day of a letter may lie back at its issue."""
_BLOCK = 4096
TITLES = {
    "accepted": Title("受理告知书", "notice of acceptance"),
    "declined": Title("不予受理告知书", "notice that it is declined"),
    "extended": Title("延期办理告知书", "notice of more time"),
    "answered": Title("处理意见书", "written answer"),
    "reviewed": Title("复查意见书", "answer of the review"),
    "concluded": Title("复核意见书", "answer of the second review"),
}
RECEIPTS = {
    "hand": Title("本人签收", "signed for by the person"),
    "proxy": Title("代收", "taken by somebody for the person"),
    "post": Title("邮寄送达", "by post"),
    "left": Title("留置送达", "left at the door, before witnesses"),
    "notice": Title("公告送达", "by public notice"),
}
_GAP = "××"
_ASKED = {"closed": "answered", "review": "reviewed"}
"""States in which a review may be asked for, and the letter that the days to ask run from."""
_OPENING = "您反映的“{title}”信访事项，"
_BODIES = {
    "accepted": "本机关于{day}收到。经审查，决定予以受理，将于{finish}前办结并书面答复您。",
    "declined": "本机关于{day}收到。经审查，决定不予受理。\n理由：\n您可以通过下列途径提出：",
    "extended": "因情况复杂，不能在{finish}前办结。经批准，延期至{until}前办结。\n延期理由：",
    "answered": "已办理完毕，现将处理意见告知如下：\n一、查明的情况。\n二、处理意见。\n"
    "如不服本处理意见，可自收到之日起{ask}日内，书面请求原办理机关的上一级机关复查。",
    "reviewed": "您对处理意见不服，请求复查。现将复查意见告知如下：\n一、复查查明的情况。\n二、复查意见。\n"
    "如不服本复查意见，可自收到之日起{ask}日内，书面请求复查机关的上一级机关复核。",
    "concluded": "您对复查意见不服，请求复核。现将复核意见告知如下：\n一、复核查明的情况。\n二、复核意见。\n"
    "本复核意见为信访终结意见。",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A letter to be issued under a word of an organisation. ``until``: of one about more time."""

    kind: str
    body: str
    word_id: int
    day: date
    until: date | None = None


def possible(row: Matter, petition: Petition, standing: set[str]) -> list[str]:
    """The kinds of letters that fit a petition as it stands, but for those that stand already."""
    at_work, done = {*RUNNING, "reported", "verified"}, _recorded(row)
    fits: Mapping[str, bool] = {
        "accepted": row.state in at_work and row.urgency == "petition",
        "declined": row.state == "final" and row.issued_at is None,
        "extended": row.state in RUNNING and petition.finish_by is not None and row.extensions == 0
        and row.urgency == "petition",
        "answered": row.state in {"verified", "closed"} or "answer" in done,
        "reviewed": row.state == "review" or "answer_review" in done,
        "concluded": row.state == "second_review" or "conclude" in done,
    }  # fmt: skip
    return [kind for kind, fit in fits.items() if fit and kind not in standing]


def _recorded(row: Matter) -> frozenset[str]:
    """The answers recorded of a petition that went on or ended since: who is content is owed the letter all the
    same, and no answer of a review is sent that there never was."""
    if row.state not in {"review", "second_review", "final"}:
        return frozenset()
    acts = MatterEvent.objects.filter(matter_id=row.pk, act__in=("answer", "answer_review", "conclude"))
    return frozenset(acts.values_list("act", flat=True))


def proposal(kind: str, row: Matter, petition: Petition) -> str:
    """What a letter of a kind says before anybody has written: it names nobody."""
    finish = petition.finish_by
    return (_OPENING + _BODIES[kind]).format(
        title=row.title, day=chinese_day(petition.received_on), finish=chinese_day(finish) if finish else _GAP,
        until=_GAP, ask=petition_days().ask_review,
    )  # fmt: skip


def issue(actor: Actor, number: int, given: Written, now: datetime) -> PetitionLetter:
    """Number a letter and seal it, addressed to who came. Raises Missing, Problem."""
    word = numbers.word_of(actor, given.word_id)
    issuer = selectors.names_of([word.organisation_id]).get(word.organisation_id, "")
    today = timezone.localdate(now)
    if not given.body.strip() or len(given.body) > LONGEST or "\0" in given.body:
        raise Problem(
            "bad_letter", f"请写明告知内容（{LONGEST} 字以内）。", "Write the letter; it is too long, or empty."
        )
    if _GAP in given.body:
        raise Problem(
            "letter_gap", f"告知书里还有“{_GAP}”，请填写完整。", "There is a gap left in the letter: fill it in."
        )
    if not 0 <= (today - given.day).days <= OLDEST:
        raise Problem(
            "bad_day", f"成文日期不能晚于今天，也不能早于 {OLDEST} 天前。",
            f"The day of a paper lies within the last {OLDEST} days.",
        )  # fmt: skip
    with database.write():
        row, petition = _locked(actor, number)
        if given.day < petition.received_on:
            raise Problem("bad_day", "成文日期不能早于收到信访件的日期。", "No letter is older than what it answers.")
        standing = set(petition.letters.filter(withdrawn_at=None).values_list("kind", flat=True))
        if given.kind not in possible(row, petition, standing):
            raise Problem(
                "letter_not_now", "现在不能发这种告知书：办理到这一步才能发，且同一种只有一份有效。",
                "Such a letter does not fit the petition now, or one of its kind stands already.",
            )  # fmt: skip
        until = _until(petition, given)
        who = sealed.unsealed(petition.petitioner)
        name = who.name.strip()[:LONGEST_NAME] or "来信（访）人"
        serial = numbers.draw(word, given.day.year, 1)
        plain = orjson.dumps({"name": name, "body": given.body.strip(), "issuer": issuer, "word": word.word})
        letter = PetitionLetter.objects.create(
            petition=petition, kind=given.kind, word=word, year=given.day.year, serial=serial, day=given.day,
            until=until, sealed=sealing.seal(PURPOSE, plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)), issued_at=now,
            signer=reach.signature(actor), signer_id=actor.user_id,
        )  # fmt: skip
        _wait(row, petition, now)
        detail: dict[str, object] = {"letter": letter.pk, "kind": given.kind, "serial": serial}
        audit.record(actor, "orders.issue_petition_letter", f"matter:{row.pk}", detail)
    return letter


def _until(petition: Petition, given: Written) -> date | None:
    if given.kind != "extended":
        return None
    finish = petition.finish_by or given.day
    latest = finish + timedelta(days=petition_days().extension)
    if given.until is None or not finish < given.until <= latest:
        raise Problem(
            "extension_long", f"请写明延到哪一天：晚于 {finish}，不晚于 {latest}。",
            f"Say until which day: after {finish}, {latest} at the latest.", latest=latest.isoformat(),
        )  # fmt: skip
    return given.until


def printed(actor: Actor, number: int, letter_id: int) -> tuple[bytes, str]:
    """The PDF of a letter and a name for it, which tells nobody; the reading is noted as one of who came. Not inside a
    transaction. Raises Missing, Problem."""
    letter = _letter(actor, number, letter_id)
    readlog.read(actor, f"petitioner:{letter.petition_id}", {"reason": "letter", "letter": letter.pk}, 1)
    said = orjson.loads(sealing.unseal(PURPOSE, letter.sealed))
    paper = OfficialPaper(
        kind=Kind.REMINDER, issuer=said["issuer"],
        title=f"信访事项{TITLES[letter.kind].zh}{'（已作废）' if letter.withdrawn_at else ''}",
        body=paragraphs(said["body"]), day=letter.day, number=Number(said["word"], letter.year, letter.serial),
        addressees=(said["name"],),
    )  # fmt: skip
    return printing.paper_pdf(paper), f"letter-{letter.pk}.pdf"


def arrived(actor: Actor, number: int, letter_id: int, day: date | None, how: str, now: datetime) -> PetitionLetter:
    """Say when a letter reached who came, once. The days to ask for a review run from there, if it is later than the
    answer. Raises Missing, Problem."""
    _letter(actor, number, letter_id)
    if how not in RECEIPTS:
        raise Problem("bad_receipt", "请选择送达方式。", "Say how it reached the person.")
    with database.write():
        row, petition = _locked(actor, number)
        letter = PetitionLetter.objects.select_for_update().get(pk=letter_id)
        if letter.received_on is not None or letter.withdrawn_at is not None:
            raise Problem("received_already", "这份告知书已登记送达或已作废。", "It arrived already, or was withdrawn.")
        if day is None or not letter.day <= day <= timezone.localdate(now):
            raise Problem(
                "bad_day", "送达日期不能早于成文日期，也不能晚于今天。", "It arrived since its day, and until today."
            )
        letter.received_on, letter.received_by = day, how
        letter.save(update_fields=["received_on", "received_by"])
        asked = _ASKED.get(row.state) == letter.kind and row.closed_at is not None
        if asked and row.closed_at is not None and day > timezone.localdate(row.closed_at):
            row.closed_at = datetime.combine(day, time(12), timezone.get_current_timezone())
            row.version, row.changed_at = row.version + 1, now
            row.save(update_fields=["closed_at", "version", "changed_at"])
        _wait(row, petition, now)
        detail: dict[str, object] = {"letter": letter.pk, "kind": letter.kind, "day": day.isoformat()}
        audit.record(actor, "orders.deliver_petition_letter", f"matter:{petition.pk}", detail)
    return letter


def withdraw(actor: Actor, number: int, letter_id: int, now: datetime) -> PetitionLetter:
    """Withdraw a letter that did not arrive: its number stays taken. Raises Missing, Problem."""
    _letter(actor, number, letter_id)
    with database.write():
        row, petition = _locked(actor, number)
        letter = PetitionLetter.objects.select_for_update().get(pk=letter_id)
        if letter.received_on is not None or letter.withdrawn_at is not None:
            raise Problem("received_already", "这份告知书已登记送达或已作废。", "It arrived already, or was withdrawn.")
        if letter.kind == "extended" and row.extensions:
            raise Problem(
                "notice_used", "已按这份告知书同意延期，不能作废。", "More time was given on this notice: it stays."
            )
        letter.withdrawn_at = now
        letter.save(update_fields=["withdrawn_at"])
        _wait(row, petition, now)
        audit.record(actor, "orders.withdraw_petition_letter", f"matter:{number}", {"letter": letter.pk})
    return letter


def _wait(row: Matter, petition: Petition, now: datetime) -> None:
    """While an answer is underway the clock does not end its petition; once it arrived, or was withdrawn, it may."""
    kind = _ASKED.get(row.state)
    if kind is None or row.closed_at is None:
        return
    row.next_at = None if guard.underway([petition.pk], kind).exists() else limits.look_again(row, now)
    row.save(update_fields=["next_at"])


def _locked(actor: Actor, number: int) -> tuple[Matter, Petition]:
    held = Matter.objects.select_for_update(of=("self",)).filter(reach.visible(actor), kind="petition", pk=number)
    row = held.first() if number < 2**63 else None
    petition = Petition.objects.select_related("petitioner").filter(pk=number).first() if row is not None else None
    if row is None or petition is None or "office" not in reach.hands(actor, [row])[row.pk]:
        raise missing()
    if petition.petitioner.erased_at is not None:
        raise guard.erased()
    return row, petition


def _letter(actor: Actor, number: int, letter_id: int) -> PetitionLetter:
    """One letter of a petition for its office. Raises Missing; Problem where it was erased."""
    row = Matter.objects.filter(reach.visible(actor), kind="petition", pk=number).first() if number < 2**63 else None
    letters = PetitionLetter.objects.filter(petition_id=number, pk=letter_id)
    letter = letters.first() if row is not None and letter_id < 2**63 else None
    if row is None or letter is None or "office" not in reach.hands(actor, [row])[row.pk]:
        raise Missing("no_such_letter", "没有这份告知书，或不在您的权限范围内。", "There is no such letter.")
    if not letter.sealed:
        raise guard.erased()
    return letter
