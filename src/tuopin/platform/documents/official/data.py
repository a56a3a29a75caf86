"""What a template is told of a paper: texts alone, already put together as the standard writes them; names in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.papers import chinese_day, faults, title_lines
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuopin.core.papers import OfficialPaper, Receipt

BLANK = "　"


def of_paper(paper: OfficialPaper) -> dict[str, Any]:
    """For the templates of 文件格式 and 信函格式. Raises Problem that names every fault of the paper."""
    check(paper)
    return {
        "subject": "".join(paper.title.split("\n")), "issuer": paper.issuer, "draft": paper.number is None,
        "head": paper.red_head, "number": str(paper.number or f"〔{paper.day.year}〕{BLANK}号"), "signer": paper.signer,
        "copy": f"{paper.copy:06d}" if paper.copy else "", "secrecy": paper.secrecy, "urgency": paper.urgency,
        "title": list(title_lines(paper.title)), "addressees": _names(paper.addressees),
        "paragraphs": [{"level": each.level, "head": each.head, "text": each.text} for each in paper.paragraphs],
        "attachments": list(paper.attachments), "signed": paper.issuer, "day": chinese_day(paper.day),
        "note": paper.note, "reported": _names(paper.reported), "copied": _names(paper.copied),
        "printed_by": paper.printed_by or paper.issuer, "printed_on": chinese_day(paper.printed_on or paper.day),
    }  # fmt: skip


def _names(names: Iterable[str]) -> list[str]:
    """One by one: hundreds of names in one text would be cut, as every text beyond some length is."""
    return [found for each in names if (found := each.strip())]


def of_receipt(receipt: Receipt) -> dict[str, Any]:
    """For the template of 签收单."""
    return {
        "subject": f"签收单 {receipt.number}", "issuer": receipt.issuer, "draft": False,
        "rows": [
            ["来文单位", receipt.issuer], ["来文字号", receipt.number], ["标题", receipt.title],
            ["紧急程度", receipt.urgency or "一般"], ["成文日期", chinese_day(receipt.issued_on)],
            ["办结时限", receipt.due or "来文未写"], ["收文单位", receipt.recipient],
        ],
        "received_by": receipt.received_by, "received_at": receipt.received_at, "remark": receipt.remark,
    }  # fmt: skip


def check(paper: OfficialPaper) -> None:
    """Raise Problem with all that is wrong with a paper."""
    if found := faults(paper):
        raise Problem(
            f"paper_{found[0].code}", "".join(each.zh for each in found), " ".join(each.en for each in found),
            faults=[each.code for each in found],
        )  # fmt: skip
