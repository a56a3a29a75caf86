"""Issue, withdrawal and receipt of papers: a number drawn, the paper frozen, signed for. Each is one act on a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import Kind, Number, faults
from tuopin.platform import database, evidence
from tuopin.platform.access import may, require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import reach
from ..models import OrderPaper, PaperRecipient
from ..permissions import HANDLE
from . import content, numbers, selectors
from .services import ABOUT, changed, drafts, require_all_hands, require_hands

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence

MOST = 200
"""Papers issued, or signed for, in one act."""
OLDEST = 60
"""Days that the day of a paper may lie back at its issue."""
_FIELDS = ["state", "word", "year", "serial", "day", "frozen", "digest", "issued_at", "signer", "signer_id", "version"]


def issue(actor: Actor, seen: Mapping[int, int], word_id: int, day: date, now: datetime) -> list[OrderPaper]:
    """Issue drafts (number of the paper → version seen) under a word, all or none: each gets the next number, and is
    frozen. The PDF is made afterwards (:mod:`.files`).

    Raises Missing, Refused, Problem: no draft any more, changed meanwhile, what the paper lacks, a day too far.
    """
    if not 1 <= len(seen) <= MOST:
        raise Problem("bad_papers", f"一次印发 1 至 {MOST} 份。", f"1 to {MOST} papers at a time.")
    word = numbers.word_of(actor, word_id)
    today = timezone.localdate(now)
    if not 0 <= (today - day).days <= OLDEST:
        raise Problem(
            "bad_day", f"成文日期不能晚于今天，也不能早于 {OLDEST} 天前。",
            f"The day of a paper lies within the last {OLDEST} days.",
        )  # fmt: skip
    before = list(selectors.papers(actor).select_related("matter").filter(pk__in=listed(seen)))
    if len(before) < len(seen):
        raise selectors.missing()
    if any(each.version != seen[each.pk] for each in before):
        raise changed()  # what is asked below is asked of the versions that will be locked
    require_all_hands(actor, [(each.matter, each.kind) for each in before])
    if any(each.issuer_id != word.organisation_id for each in before):
        raise Problem("other_word", "这个机关代字属于另一个单位。", "This word belongs to another organisation.")
    with database.write():
        rows = drafts(seen)
        first = numbers.draw(word, day.year, len(rows))
        _freeze(rows, word.word, first, day)
        for at, row in enumerate(rows):
            row.state, row.word, row.year, row.serial, row.day = (
                OrderPaper.State.ISSUED,
                word,
                day.year,
                first + at,
                day,
            )
            row.issued_at, row.signer, row.signer_id = now, reach.signature(actor), actor.user_id
            row.version += 1
        OrderPaper.objects.bulk_update(rows, _FIELDS, batch_size=100)
        detail: dict[str, object] = {"word": word.pk, "year": day.year, "first": first, "papers": len(rows)}
        audit.record(actor, "orders.issue_paper", f"{ABOUT}:{rows[0].pk}", detail, rows[0].digest)
    return rows


def _freeze(rows: Sequence[OrderPaper], word: str, first: int, day: date) -> None:
    """Put together what each paper says under its number. Raises Problem with all that one lacks."""
    ids = [row.pk for row in rows]
    given: dict[int, list[PaperRecipient]] = {}
    for each in selectors.recipients_of(ids):
        given.setdefault(each.paper_id, []).append(each)
    files: dict[int, Evidence] = {each.pk: each for each in evidence.of(ABOUT, ids)}
    organisations = {row.issuer_id for row in rows} | {o.organisation_id for some in given.values() for o in some}
    names = selectors.names_of(organisations)
    for at, row in enumerate(rows):
        recipients = sorted(given.get(row.pk, ()), key=lambda each: each.place)
        paper = content.whole(
            row, names.get(row.issuer_id, ""), names, recipients, Number(word, day.year, first + at), day
        )
        found = faults(paper)
        zh, en = [each.zh for each in found], [each.en for each in found]
        if not paper.addressees and row.kind != Kind.BULLETIN:
            zh.append("请写主送机关。")
            en.append("Name an addressee.")
        if zh:
            raise Problem("paper_incomplete", "".join(zh), " ".join(en), paper=row.pk)
        row.frozen, row.digest = content.freeze(paper, recipients, files, content.written(row.content))


def withdraw(actor: Actor, paper_id: int, reason: str, now: datetime) -> OrderPaper:
    """Withdraw an issued paper: its number stays taken, and the reason stands beside it. Raises Missing, Problem."""
    before = selectors.paper(actor, paper_id)
    require_hands(actor, before.matter, before.kind)
    reason = reason.strip()
    if not 1 <= len(reason) <= 500 or "\0" in reason:
        raise Problem(
            "no_reason", "请写明撤回理由（500 字以内）。", "Say why it is withdrawn (at most 500 characters)."
        )
    with database.write():
        row = OrderPaper.objects.select_for_update(of=("self",)).get(pk=paper_id)
        if row.state != OrderPaper.State.ISSUED:
            raise Problem("not_issued", "只有已印发的公文可以撤回。", "Only an issued paper can be withdrawn.")
        if content.erased(row):
            raise content.gone()
        row.state, row.withdrawn_at, row.reason, row.version = "withdrawn", now, reason, row.version + 1
        row.save(update_fields=["state", "withdrawn_at", "reason", "version"])
        audit.record(actor, "orders.withdraw_paper", f"{ABOUT}:{row.pk}", {"serial": row.serial}, row.digest)
    return row


def receive(actor: Actor, recipient_ids: Collection[int], now: datetime, remark: str = "") -> list[PaperRecipient]:
    """Sign for papers (签收) in the name of organisations that they went to, all or none; once each.

    Raises Missing for what is not for the actor, Problem: withdrawn, signed for already.
    """
    wanted = set(recipient_ids)
    require(actor, HANDLE)
    if not 1 <= len(wanted) <= MOST or len(remark) > 200 or "\0" in remark:
        raise Problem(
            "bad_receipt", f"一次签收 1 至 {MOST} 份，备注 200 字以内。", f"1 to {MOST} papers; a short remark."
        )
    with database.write():
        held = PaperRecipient.objects.select_for_update(of=("self",)).select_related("paper")
        rows = list(held.filter(pk__in=listed(wanted), paper__in=selectors.papers(actor).values("pk")).order_by("pk"))
        mine = receivable(actor, {row.organisation_id for row in rows})
        if len(rows) < len(wanted) or any(row.organisation_id not in mine for row in rows):
            raise selectors.missing()
        for row in rows:
            if row.paper.state != OrderPaper.State.ISSUED:
                raise Problem(
                    "not_issued", "这份公文已撤回，不用签收。", "This paper was withdrawn: nothing to sign for."
                )
            if content.erased(row.paper):
                raise content.gone()
            if row.received_at is not None:
                raise Problem("received_already", "这份公文本单位已经签收。", "It was signed for already.")
            row.received_at, row.receiver, row.receiver_id = now, reach.signature(actor), actor.user_id
            row.remark = remark.strip()
        PaperRecipient.objects.bulk_update(rows, ["received_at", "receiver", "receiver_id", "remark"], batch_size=500)
        detail: dict[str, object] = {"papers": len(rows)}
        audit.record(actor, "orders.receive_paper", f"{ABOUT}:{rows[0].paper_id}", detail)
    return rows


def receivable(actor: Actor, organisation_ids: Collection[int]) -> set[int]:
    """Those of the organisations in whose name the actor signs."""
    own = reach.own_organisations(actor, HANDLE)
    paths = reach.organisation_paths(organisation_ids)
    return {
        key for key in organisation_ids if key in own or (key in paths and may(actor, HANDLE, area_path=paths[key]))
    }
