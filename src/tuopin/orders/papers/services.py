"""What changes papers: written, thrown away, issued under a number, withdrawn, signed for. Each is one act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import Kind
from tuopin.duties.assigning import targets
from tuopin.platform import database, evidence
from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.subjects import listed

from .. import reach
from ..models import Matter, MatterUnit, OrderPaper, PaperRecipient, Petitioner
from ..permissions import HANDLE, ISSUE, PETITIONS
from . import content, selectors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from tuopin.core.matters import Who
    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

    from .content import Written

ABOUT = "order_paper"
"""What files are about; the item is ``attachment``, or ``paper`` for the PDF that was issued."""
MOST_RECIPIENTS = 300
_ISSUERS: frozenset[Who] = frozenset({"issuer", "office"})
_WRITERS: Mapping[str, frozenset[Who]] = {Kind.REPLY: frozenset({"holder"})}


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper to be written. ``recipients``: (organisation, role) in order; ``answers_id``: what it replies to."""

    matter_id: int
    kind: str
    issuer_id: int
    words: Written
    recipients: tuple[tuple[int, str], ...] = ()
    answers_id: int | None = None


# -- drafts -------------------------------------------------------------------------------------------------------


def write(actor: Actor, draft: Draft, now: datetime) -> OrderPaper:
    """Write a new draft. Raises Missing, Refused for the wrong hands, Problem."""
    matter = _matter(actor, draft.matter_id)
    _check(actor, draft, matter, now)
    with database.write():
        row = OrderPaper.objects.create(
            matter=matter, issuer_id=draft.issuer_id, kind=draft.kind, answers_id=draft.answers_id,
            content=draft.words.as_json(), written_at=now, writer=reach.signature(actor), writer_id=actor.user_id,
        )  # fmt: skip
        _address(row, draft)
        audit.record(actor, "orders.write_paper", f"{ABOUT}:{row.pk}", {"matter": matter.pk, "kind": draft.kind})
    return row


def rewrite(actor: Actor, paper_id: int, draft: Draft, seen: int, now: datetime) -> OrderPaper:
    """Write a draft anew; ``seen``: the version that the writer had. Raises as :func:`write`, ``changed_meanwhile``."""
    before = selectors.paper(actor, paper_id)
    matter = _matter(actor, before.matter_id)
    _check(actor, draft, matter, now, before)
    with database.write():
        row = _draft(paper_id, seen)
        row.issuer_id, row.kind = draft.issuer_id, draft.kind
        row.content, row.version = draft.words.as_json(), row.version + 1
        row.written_at, row.writer, row.writer_id = now, reach.signature(actor), actor.user_id
        row.save()
        PaperRecipient.objects.filter(paper=row).delete()
        _address(row, draft)
        audit.record(actor, "orders.write_paper", f"{ABOUT}:{row.pk}", {"matter": matter.pk, "version": row.version})
    return row


def discard(actor: Actor, paper_id: int, seen: int) -> None:
    """Throw a draft away: it had no number, and leaves none behind."""
    row = selectors.paper(actor, paper_id)
    require_hands(actor, row.matter, row.kind)
    with database.write():
        row = _draft(paper_id, seen)
        row.state, row.version = OrderPaper.State.DISCARDED, row.version + 1
        row.save(update_fields=["state", "version"])
        audit.record(actor, "orders.discard_paper", f"{ABOUT}:{row.pk}", {"version": row.version})


def attach(actor: Actor, paper_id: int, kept: Kept, title: str, seen: int) -> OrderPaper:
    """Add a file to a draft, under a title (附件名称). Raises Missing, Problem."""
    before = selectors.paper(actor, paper_id)
    require_hands(actor, before.matter, before.kind)
    title = " ".join(title.split()) or kept.name.rpartition(".")[0] or kept.name
    with database.write():
        row = _draft(paper_id, seen)
        evidence.record(actor, ABOUT, [evidence.Paper(row.pk, "attachment", timezone.localdate(), kept)])
        number = evidence.of(ABOUT, [row.pk])[-1].pk
        words = content.written(row.content)
        _rewrite_files(row, words, (*words.attachments, (number, title)))
        audit.record(actor, "orders.attach_file", f"{ABOUT}:{row.pk}", {"form": kept.form}, kept.digest)
    return row


def detach(actor: Actor, paper_id: int, number: int, seen: int) -> OrderPaper:
    """Take a file out of a draft's attachments. Raises Missing, Problem."""
    before = selectors.paper(actor, paper_id)
    require_hands(actor, before.matter, before.kind)
    with database.write():
        row = _draft(paper_id, seen)
        words = content.written(row.content)
        left = tuple(each for each in words.attachments if each[0] != number)
        if len(left) == len(words.attachments):
            raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
        _rewrite_files(row, words, left)
        audit.record(actor, "orders.detach_file", f"{ABOUT}:{row.pk}", {"file": number})
    return row


def _rewrite_files(row: OrderPaper, words: Written, attachments: tuple[tuple[int, str], ...]) -> None:
    given = words.as_json() | {"attachments": attachments}
    content.check(content.written(given))
    row.content, row.version = given, row.version + 1
    row.save(update_fields=["content", "version"])


def _address(row: OrderPaper, draft: Draft) -> None:
    PaperRecipient.objects.bulk_create(
        (
            PaperRecipient(paper=row, organisation_id=organisation, role=role, place=at)
            for at, (organisation, role) in enumerate(draft.recipients)
        ),
        batch_size=500,
    )


def _draft(paper_id: int, seen: int) -> OrderPaper:
    [row] = drafts({paper_id: seen})
    return row


def drafts(seen: Mapping[int, int]) -> list[OrderPaper]:
    """Drafts by their number, locked, as their writers saw them (number → version). Raises Problem for one that is no
    draft any more, or was changed meanwhile. The caller has checked that they may be changed."""
    held = OrderPaper.objects.select_for_update(of=("self",)).filter(pk__in=listed(seen))
    rows = list(held.order_by("pk"))
    for row in rows:
        if row.state != OrderPaper.State.DRAFT:
            raise Problem(
                "not_a_draft", "这份公文已经印发或作废，不能再改。", "This paper is no draft any more.", paper=row.pk
            )
        if row.version != seen[row.pk]:
            raise changed()
    return rows


def changed() -> Problem:
    """What is said when somebody else was faster."""
    return Problem(
        "changed_meanwhile",
        "您打开之后，有人改过这份公文，没有写入任何内容。请刷新后再改。",
        "Somebody has changed this paper since you opened it; nothing was written. Look again.",
    )


# -- who may, and what is wrong -----------------------------------------------------------------------------------


def _matter(actor: Actor, matter_id: int) -> Matter:
    found = Matter.objects.filter(reach.visible(actor), pk=matter_id).first() if matter_id < 2**63 else None
    if found is None:
        raise Missing(
            "no_such_matter",
            "没有找到这件事项，或不在您的权限范围内。",
            "There is no such matter, or none within your grants.",
        )
    if Petitioner.objects.filter(pk=found.pk).exclude(erased_at=None).exists():
        raise content.gone()  # what is written of it now would be erased by nobody
    return found


def require_hands(actor: Actor, matter: Matter, kind: str) -> None:
    """Raise Refused unless the actor writes papers of a kind about the matter: who holds it answers, who issued it (the
    office, of a petition) orders, reminds and tells."""
    require_all_hands(actor, [(matter, kind)])


def require_all_hands(actor: Actor, wanted: Collection[tuple[Matter, str]]) -> None:
    """The same for papers about several matters; a constant number of statements."""
    if actor.unrestricted:
        return
    who = reach.hands(actor, {matter.pk: matter for matter, _kind in wanted}.values())
    if any(not who[matter.pk] & _WRITERS.get(kind, _ISSUERS) for matter, kind in wanted):
        raise Refused(
            "wrong_hands",
            "指令、督办、通报由交办单位行文，回复由承办单位行文。",
            "Directives, reminders and bulletins are written by who issued the matter, replies by who holds it.",
        )


def _check(actor: Actor, draft: Draft, matter: Matter, now: datetime, before: OrderPaper | None = None) -> None:
    if draft.kind not in {each.value for each in Kind}:
        raise Problem("bad_kind", "请选择文种。", "Choose the kind of paper.")
    require_hands(actor, matter, draft.kind)
    if before is not None and before.kind != draft.kind:
        require_hands(actor, matter, before.kind)
    content.check(draft.words)
    _reach_issuer(actor, draft, matter, now)
    _check_recipients(actor, draft, matter, before, now)
    _check_files(draft, before)
    if draft.answers_id is not None:
        answered = selectors.paper(actor, draft.answers_id)
        about = {answered.matter_id, answered.matter.into_id}  # merged, it is answered in the one that goes on
        if draft.kind != Kind.REPLY or answered.state not in selectors.ISSUED or matter.pk not in about:
            raise Problem(
                "bad_answer",
                "只能对同一事项已印发的公文写回复。",
                "Only a reply answers, and only an issued paper of the same matter.",
            )


def _reach_issuer(actor: Actor, draft: Draft, matter: Matter, now: datetime) -> None:
    keeps = PETITIONS if matter.kind == Matter.Kind.PETITION else ISSUE
    permission = HANDLE if draft.kind == Kind.REPLY else keeps
    own = {matter.holder_id} if draft.kind == Kind.REPLY else {matter.issuer_id}
    if draft.issuer_id in own or draft.issuer_id in reach.own_organisations(actor, permission):
        return
    targets.reachable(actor, permission, "organisation", [draft.issuer_id], timezone.localdate(now))


def _check_recipients(
    actor: Actor, draft: Draft, matter: Matter, before: OrderPaper | None, now: datetime
) -> None:  # fmt: skip
    ids = [organisation for organisation, _role in draft.recipients]
    if (
        len(ids) > MOST_RECIPIENTS
        or len(set(ids)) < len(ids)
        or any(r not in content.ROLES for _o, r in draft.recipients)
    ):
        raise Problem(
            "bad_recipients", f"主送、抄报、抄送的单位不重复，最多 {MOST_RECIPIENTS} 个。",
            f"Nobody gets a paper twice; at most {MOST_RECIPIENTS} organisations.",
        )  # fmt: skip
    back: set[int] = set()
    if matter.kind == Matter.Kind.PETITION:
        words = draft.words
        beyond = bool(words.also_to or words.also_reported or words.also_copied)
        beyond = beyond or any(role != "to" for _organisation, role in draft.recipients)
        if draft.answers_id is not None:  # a reply goes back to the office that wrote: no petition names it otherwise
            asked = OrderPaper.objects.filter(pk=draft.answers_id, matter=matter)
            back = set(asked.values_list("issuer_id", flat=True))
        if beyond or draft.kind == Kind.BULLETIN or set(ids) - {matter.holder_id, matter.issuer_id, *back}:
            raise Problem(
                "petition_paper", "信访件只发承办单位，不通报、不抄送。",
                "Papers of a petition go to its holder alone: no bulletin, no copies.",
            )  # fmt: skip
    known = {matter.holder_id, matter.issuer_id, *beside(matter), *back}
    if before is not None:
        known |= set(before.recipients.values_list("organisation_id", flat=True))
    strange = set(ids) - known
    if strange:
        permission = ISSUE if may(actor, ISSUE) else HANDLE
        targets.reachable(actor, permission, "organisation", strange, timezone.localdate(now))


def beside(matter: Matter, role: str = "") -> list[int]:
    """Organisations that the matter names beside its holder (in a role), and those that hold its parts: whoever sees it
    may write to them."""
    units = matter.units.filter(role=role) if role else matter.units.all()
    found = list(units.order_by("pk").values_list("organisation_id", flat=True)[:MOST_RECIPIENTS])
    if role != MatterUnit.Role.COPIED:
        held = matter.parts.exclude(holder=None).order_by("pk").values_list("holder_id", flat=True)
        found += list(held[:MOST_RECIPIENTS])
    return list(dict.fromkeys(found))


def _check_files(draft: Draft, before: OrderPaper | None) -> None:
    """The files of a draft are those that were handed in for it."""
    given = {number for number, _title in draft.words.attachments}
    own = {each.pk for each in evidence.of(ABOUT, [before.pk])} if before is not None else set()
    if given - own or len(given) < len(draft.words.attachments):
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
