"""Files of papers: the PDF of an issued paper, made once and kept under its digest; Word; slips; what is attached."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import timezone

from tuopin.core.papers import Number, Receipt, from_json
from tuopin.platform import database, evidence
from tuopin.platform.auditing import readlog
from tuopin.platform.documents import pdf, word
from tuopin.platform.documents.official import printing, wording
from tuopin.platform.problems import Missing

from ..models import OrderPaper, PaperRecipient, PaperTemplate
from . import content, selectors
from .services import ABOUT

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from tuopin.core.papers import OfficialPaper
    from tuopin.platform.access import Actor


def set_paper(row: OrderPaper) -> OfficialPaper:
    """The paper as it is set: frozen, or the draft as it stands today. Raises Problem for one that was erased."""
    if content.erased(row):
        raise content.gone()
    if row.frozen is not None:
        return from_json(row.frozen["paper"])
    recipients = selectors.recipients_of([row.pk])
    names = selectors.names_of({row.issuer_id, *(each.organisation_id for each in recipients)})
    ordered = sorted(recipients, key=lambda each: each.place)
    return content.whole(row, names.get(row.issuer_id, ""), names, ordered, None, timezone.localdate())


def number_of(row: OrderPaper) -> str:
    """发文字号; empty of a draft."""
    return str(Number(row.word.word, row.year, row.serial)) if row.word and row.year and row.serial else ""


def pdf_of(actor: Actor, row: OrderPaper) -> bytes:
    """The PDF: of an issued paper always the same file, of a draft as it stands. Not inside a transaction.

    Whoever asks first after the issue makes it, from what is frozen; if two ask at once, both make the same bytes and
    one of them writes the row. Raises Problem: what a draft lacks.
    """
    if row.frozen is None:
        return printing.paper_pdf(set_paper(row))
    path = evidence.folder() / row.file if row.file else None
    if path is not None and path.is_file():
        return path.read_bytes()
    paper = set_paper(row)
    made = printing.paper_pdf(paper)
    kept = evidence.keep_bytes(made, f"{paper.number}.pdf")
    with database.write():
        standing = OrderPaper.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if content.erased(standing):  # meanwhile: what was just made goes with the next purge
            raise content.gone()
        if not standing.file:
            standing.file = kept.digest
            standing.save(update_fields=["file"])
            evidence.record(actor, ABOUT, [evidence.Paper(row.pk, "paper", paper.day, kept)])
    row.file = standing.file
    return made


def docx_of(row: OrderPaper) -> bytes:
    """Word by the issuer's own template, else by ours. Not inside a transaction. Raises Problem."""
    paper = set_paper(row)
    newest = PaperTemplate.objects.filter(organisation_id=row.issuer_id, letter=paper.kind.is_letter)
    held = newest.order_by("-version").first()
    own = bytes(held.content) if held is not None and held.digest else None
    return wording.paper_docx(paper, own)


def receipt_of(row: OrderPaper, recipient: PaperRecipient) -> bytes:
    """The slip (签收单) of one recipient, as it was signed here or to be signed by hand."""
    paper = set_paper(row)
    limit = row.matter.limit_at
    name = selectors.names_of([recipient.organisation_id]).get(recipient.organisation_id, "")
    due = timezone.localtime(limit) - timedelta(seconds=1) if limit is not None else None
    at = recipient.received_at
    return printing.receipt_pdf(
        Receipt(
            issuer=paper.issuer, number=str(paper.number or ""), title="".join(paper.title.split("\n")),
            urgency=paper.urgency, recipient=name, issued_on=paper.day, due=due.strftime("%Y-%m-%d") if due else "",
            received_by=recipient.receiver, remark=recipient.remark,
            received_at=timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at is not None else "",
        )
    )  # fmt: skip


def attachment_of(actor: Actor, row: OrderPaper, number: int) -> HttpResponseBase:
    """A file attached to a paper that the actor reads, to be saved. Raises Missing."""
    listed = {key for key, _title in content.written(row.content).attachments}
    found = next((each for each in evidence.of(ABOUT, [row.pk]) if each.pk == number and number in listed), None)
    if found is None:
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "orders.paper_file", {"paper": row.pk}, 1)
    return evidence.attachment(found)


def answer(made: bytes, name: str, media: str) -> HttpResponse:
    """A file that was made for one reader, to be saved: never shown as a page of ours."""
    found = HttpResponse(made, content_type=media)
    found["Content-Disposition"] = f'attachment; filename="{name}"'
    found["X-Content-Type-Options"] = "nosniff"
    found["Content-Security-Policy"] = "default-src 'none'; sandbox"
    found["Cache-Control"] = "private, no-store"
    return found


PDF, DOCX = pdf.PDF, word.DOCX
