"""Official papers as Word: the product's own template for each layout, and what a template of an office may name.

The template is made by this program, so that an office may take it, put its own head and seal room into it, and hand
it in. What a Word file cannot do by itself stays with the clerk: turning to an even page for the imprint.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from tuopin.core.papers import joined
from tuopin.platform.documents import word

from . import data
from .pieces import Pieces

if TYPE_CHECKING:
    from tuopin.core.papers import OfficialPaper
    from tuopin.platform.documents.strict import Fields

FIELDS: Fields = {
    "红头": "发文机关标志",
    "文号": "发文字号",
    "签发人": "签发人（上行文）",
    "份号": "份号",
    "密级": "密级",
    "紧急程度": "紧急程度",
    "标记行": {"体": "仿宋 或 黑体", "文": "份号、密级、紧急程度，自上而下，共三行"},
    "标题": "标题（一行）",
    "标题行": {"文": "标题的一行"},
    "主送": "主送机关，不带冒号",
    "正文": {"级": "0 正文，1 一、，2 （一），3 1.，4 （1）", "题": "层次标题", "文": "标题之后的文字"},
    "附件": {"序": "序号", "名": "附件名称"},
    "署名": "发文机关署名",
    "成文日期": "成文日期",
    "附注": "附注，不带括号",
    "抄报": "抄报机关",
    "抄送": "抄送机关",
    "印发机关": "印发机关",
    "印发日期": "印发日期",
    "草稿": "未编号时为“草稿”",
}
"""What a template may name."""
ENGLISH = {
    "红头": "the red head: the name of the issuing body",
    "文号": "number of the paper",
    "签发人": "who signed it off (papers to the level above)",
    "份号": "number of the copy",
    "密级": "grade of secrecy",
    "紧急程度": "urgency",
    "标记行 › 体": "type face: FangSong or SimHei",
    "标记行 › 文": "copy number, secrecy, urgency from top to bottom: three lines",
    "标题": "title, in one line",
    "标题行 › 文": "a line of the title",
    "主送": "addressees, without the colon",
    "正文 › 级": "0 text, 1 一、, 2 （一）, 3 1., 4 （1）",
    "正文 › 题": "heading of that level",
    "正文 › 文": "what follows the heading",
    "附件 › 序": "number of the attachment",
    "附件 › 名": "title of the attachment",
    "署名": "signature: the issuing body",
    "成文日期": "day of the paper",
    "附注": "note, without its brackets",
    "抄报": "reported to",
    "抄送": "copied to",
    "印发机关": "who printed it",
    "印发日期": "day of printing",
    "草稿": "says “draft” while it has no number",
}
"""The same in English, by the name as a template writes it: for who reads the page, never for paper."""
HEAD_WIDTH = 148 / 25.4 * 72
"""Points that the red head may fill."""
HEAD_SIZE = {False: 45.0, True: 36.0}
"""Points of a head, by whether the paper is a letter."""
_NARROWEST = 50  # per cent of its width that a character of the head keeps


def values(paper: OfficialPaper) -> dict[str, Any]:
    """The fields of a paper. Raises Problem that names every fault of it."""
    given = data.of_paper(paper)
    return {
        "红头": given["head"], "文号": given["number"], "签发人": given["signer"], "份号": given["copy"],
        "密级": given["secrecy"], "紧急程度": given["urgency"], "标记行": _marks(given), "标题": given["subject"],
        "标题行": [{"文": each} for each in given["title"]], "主送": joined(given["addressees"], "、"),
        "正文": [{"级": str(each["level"]), "题": each["head"], "文": each["text"]} for each in given["paragraphs"]],
        "附件": [
            {"序": f"{at}." if len(given["attachments"]) > 1 else "", "名": each}
            for at, each in enumerate(given["attachments"], start=1)
        ],
        "署名": given["signed"], "成文日期": given["day"], "附注": given["note"], "抄报": joined(given["reported"]),
        "抄送": joined(given["copied"]), "印发机关": given["printed_by"], "印发日期": given["printed_on"],
        "草稿": "草稿，未编号，不作为正式文件" if given["draft"] else "",
    }  # fmt: skip


def _marks(given: dict[str, Any]) -> list[dict[str, str]]:
    """Three lines, those that are there first: the head below them stays where it is."""
    found = [("仿宋", given["copy"]), ("黑体", given["secrecy"]), ("黑体", given["urgency"])]
    found.sort(key=lambda each: not each[1])
    return [{"体": face, "文": mark} for face, mark in found]


def paper_docx(paper: OfficialPaper, own: bytes | None = None) -> bytes:
    """The paper as Word by the office's own template, else by ours. Must not run inside a transaction.

    Raises Problem: every fault of the paper; a template that is not taken (see ``word.fill``).
    """
    template = own if own is not None else template_for(paper)
    return word.fill(template, FIELDS, values(paper))


def template_for(paper: OfficialPaper) -> bytes:
    """Our template for a paper: its head as wide as this one's name asks for."""
    return template(paper.kind.is_letter, len(paper.red_head), len(paper.issuer))


def head_of(length: int, *, letter: bool) -> tuple[float, int]:
    """(points, per cent of the width) in which a head of so many characters keeps to one line."""
    share = min(1.0, HEAD_WIDTH / (max(length, 1) * HEAD_SIZE[letter]))
    narrow = max(_NARROWEST, int(share * 100))
    return round(2 * HEAD_SIZE[letter] * min(1.0, share * 100 / narrow)) / 2, narrow


@cache
def template(letter: bool, head_length: int, issuer_length: int) -> bytes:
    """The template of a layout as a Word file."""
    pieces = Pieces(head_of(head_length, letter=letter), issuer_length, letter=letter)
    pieces.page()
    if letter:
        pieces.letter_head()
    else:
        pieces.red_head()
    pieces.text()
    pieces.imprint()
    held = BytesIO()
    pieces.document.save(held)
    return held.getvalue()
