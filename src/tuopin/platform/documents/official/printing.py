"""Official papers as PDF: the template of each layout, filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.documents import pdf

from . import data

if TYPE_CHECKING:
    from tuopin.core.papers import OfficialPaper, Receipt

_FOLDER = "platform/documents/official/typst"


def paper_pdf(paper: OfficialPaper) -> bytes:
    """The paper; the same model gives the same bytes. Must not run inside a transaction.

    Raises Problem: every fault of the paper; too large.
    """
    template = "letter" if paper.kind.is_letter else "document"
    return pdf.pdf_bytes(f"{_FOLDER}/{template}.typ", data.of_paper(paper), paper.day)


def receipt_pdf(receipt: Receipt) -> bytes:
    """The slip (签收单), to be signed on paper or as it was signed here."""
    return pdf.pdf_bytes(f"{_FOLDER}/receipt.typ", data.of_receipt(receipt), receipt.issued_on)
