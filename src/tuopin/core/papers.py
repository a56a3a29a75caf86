"""An official paper (公文) after GB/T 9704-2012: what it consists of, its number, its levels, the lines of its title.

Nothing here knows of paper or of files: ``platform.documents.official`` sets the same model as PDF and as Word.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINES, CHARACTERS = 22, 28
"""Of a page, of a line: the grid of the standard."""
TITLE_LINE = 18
"""Characters of 2号 that a line of the title holds with room at both sides."""
LONGEST_TITLE, LONGEST_NAME, LONGEST_PARAGRAPH, LONGEST_BODY = 150, 60, 3_000, 60_000
MOST_PARAGRAPHS, MOST_NAMES, MOST_ATTACHMENTS = 500, 300, 100
FIRST_YEAR, LAST_YEAR = 1949, 2199
LARGEST_SERIAL = 999_999
_INDEXES = (
    re.compile(r"^[一二三四五六七八九十百]{1,5}、"),
    re.compile(r"^[（(][一二三四五六七八九十百]{1,5}[）)]"),
    re.compile(r"^[0-9]{1,3}[.．](?![0-9])"),
    re.compile(r"^[（(][0-9]{1,3}[）)]"),
)
_NOT_FIRST = frozenset("的了和与及、，。；：！？》”）〕号等们性化者")  # characters that no line of a title begins with
_NOT_LAST = frozenset("《“（〔第的之各")
_WORDS = """
脱贫 攻坚 贫攻 贫困 扶贫 问题 整改 工作 情况 指令 通知 通报 报告 答复 督办 饮水 水安 安全 住房 房安 教育 医疗
保障 领导 导小 小组 组办 办公 公室 关于 进一 一步 做好 印发 落实 开展 加强 帮扶 责任 监测 返贫 动态 巡视 考核
反馈 专项 排查 暗访 行动 方案 意见 农村 危房 改造 产业 就业 搬迁 易地 健康 信访 事项 办理 结果 限时 办结 立即
年度 季度 全市 全县 指挥 挥部 委托 会议 精神 措施 举一 一反 反三 挂牌 督战 台账
"""
"""Pairs of characters that a title is not broken between."""


class Kind(StrEnum):
    """What a paper is; the layout follows from it."""

    DIRECTIVE = "directive"
    REPLY = "reply"
    REMINDER = "reminder"
    BULLETIN = "bulletin"

    @property
    def is_letter(self) -> bool:
        """信函格式: a reminder goes to one unit and orders nothing new."""
        return self is Kind.REMINDER

    @property
    def goes_up(self) -> bool:
        """上行文: bears the name of who signed it off (签发人)."""
        return self is Kind.REPLY


MANDATES = {
    Kind.DIRECTIVE: "现就有关事项指令如下：",
    Kind.REPLY: "现将有关情况报告如下：",
    Kind.REMINDER: "现就有关事项督办如下：",
    Kind.BULLETIN: "现将有关情况通报如下：",
}
"""How the sentence goes on that says by whose mandate (受…委托) a paper is written."""
URGENCIES = ("", "加急", "特急")


@dataclass(frozen=True, slots=True)
class Number:
    """发文字号: the word of an office (机关代字), the year, the serial number within both."""

    word: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.word}〔{self.year}〕{self.serial}号"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``level``: 0 of plain text, 1 to 4 of 一、 （一） 1. （1）; ``head`` is set in the face of the level."""

    level: int
    head: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """One paper. ``head`` is what stands in red (the issuer's name with 文件 if it is empty); without ``number`` the
    paper is a draft. ``reported`` are above the issuer or watch over the addressees (抄报), ``copied`` are others."""

    kind: Kind
    issuer: str
    title: str
    body: tuple[Paragraph, ...]
    day: date
    number: Number | None = None
    head: str = ""
    addressees: tuple[str, ...] = ()
    mandate: str = ""
    signer: str = ""
    copy: int | None = None
    secrecy: str = ""
    urgency: str = ""
    attachments: tuple[str, ...] = ()
    note: str = ""
    reported: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    printed_by: str = ""
    printed_on: date | None = None

    @property
    def red_head(self) -> str:
        return self.head or (self.issuer if self.kind.is_letter else f"{self.issuer}文件")

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The body behind the sentence that says by whose mandate."""
        if not self.mandate:
            return self.body
        return (Paragraph(0, "", f"受{self.mandate}委托，{MANDATES[self.kind]}"), *self.body)


@dataclass(frozen=True, slots=True)
class Receipt:
    """签收单: that a unit took a paper; what nobody wrote yet stays blank, to be written by hand."""

    issuer: str
    number: str
    title: str
    urgency: str
    recipient: str
    issued_on: date
    due: str = ""
    received_by: str = ""
    received_at: str = ""
    remark: str = ""


def chinese_day(day: date) -> str:
    """成文日期: Arabic, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Text as typed, line by line, with its levels by how each begins. Of a level's paragraph the first sentence is its
    heading."""
    return tuple(_paragraph(line) for line in (each.strip() for each in text.splitlines()) if line)


def _paragraph(line: str) -> Paragraph:
    for level, index in enumerate(_INDEXES, start=1):
        if index.match(line):
            at = line.find("。") + 1 or len(line)
            return Paragraph(level, line[:at], line[at:].strip())
    return Paragraph(0, "", line)


# -- the title ----------------------------------------------------------------------------------------------------


def title_lines(title: str, most: int = TITLE_LINE) -> tuple[str, ...]:
    """The title in lines: as its writer broke it, else balanced, no word of the trade cut, shaped as a trapezium or a
    lozenge rather than a block."""
    typed = tuple(line for line in (each.strip() for each in title.splitlines()) if line)
    if len(typed) > 1 or sum(map(_width, typed)) <= most:
        return typed
    text = typed[0]
    count = math.ceil(_width(text) / most)
    if count > 3:
        return _filled(text, most)
    places = [at for at in range(2, len(text) - 1) if not _tied(text, at)]
    best: tuple[float, tuple[str, ...]] | None = None
    for cuts in combinations(places, count - 1):
        lines = tuple(text[start:end] for start, end in pairwise((0, *cuts, len(text))))
        if (cost := _cost(lines, most)) is not None and (best is None or cost < best[0]):
            best = (cost, lines)
    return best[1] if best else _filled(text, most)


def _width(text: str) -> float:
    return sum(0.5 if each.isascii() else 1 for each in text)


def _tied(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return (
        after in _NOT_FIRST or before in _NOT_LAST or before + after in _WORDS or (before.isascii() and after.isascii())
    )


def _cost(lines: tuple[str, ...], most: int) -> float | None:
    widths = [_width(each) for each in lines]
    if max(widths) > most:
        return None
    mean = sum(widths) / len(widths)
    uneven = sum((each - mean) ** 2 for each in widths)
    if len(widths) == 3 and widths[1] < min(widths[0], widths[2]):
        uneven += 200  # an hour-glass
    if len(set(widths)) == 1:
        uneven += 8  # a block
    return uneven - 6 * sum(each[-1] in "，、》" for each in lines[:-1])


def _filled(text: str, most: int) -> tuple[str, ...]:
    lines, line = [], ""
    for each in text:
        if _width(line + each) > most:
            lines.append(line)
            line = ""
        line += each
    return (*lines, line)


# -- what is wrong with one -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a paper from being set, in words for who wrote it."""

    code: str
    zh: str
    en: str


def faults(paper: OfficialPaper) -> list[Fault]:
    """All that is wrong with a paper; empty if it can be set."""
    return [*_missing(paper), *_too_long(paper), *_odd(paper)]


def _missing(paper: OfficialPaper) -> Iterator[Fault]:
    if not paper.title.strip():
        yield Fault("no_title", "请写标题。", "Write a title.")
    if not paper.issuer.strip():
        yield Fault("no_issuer", "请写发文机关。", "Name the issuing body.")
    if not any(each.head or each.text for each in paper.body):
        yield Fault("no_body", "请写正文。", "Write the text.")
    if paper.kind.goes_up and not paper.signer.strip():
        yield Fault("no_signer", "上行文请写签发人。", "A paper that goes up names who signed it off.")


def _too_long(paper: OfficialPaper) -> Iterator[Fault]:
    if len(paper.title) > LONGEST_TITLE:
        yield Fault(
            "title_too_long", f"标题最多 {LONGEST_TITLE} 字。", f"A title has at most {LONGEST_TITLE} characters."
        )
    texts = [each.head + each.text for each in paper.body]
    if len(texts) > MOST_PARAGRAPHS or sum(map(len, texts)) > LONGEST_BODY:
        yield Fault(
            "body_too_long", f"正文最多 {MOST_PARAGRAPHS} 段、{LONGEST_BODY} 字。",
            f"The text has at most {MOST_PARAGRAPHS} paragraphs and {LONGEST_BODY} characters.",
        )  # fmt: skip
    if any(len(each) > LONGEST_PARAGRAPH for each in texts):
        yield Fault(
            "paragraph_too_long", f"每段最多 {LONGEST_PARAGRAPH} 字，请分段。",
            f"A paragraph has at most {LONGEST_PARAGRAPH} characters; divide it.",
        )  # fmt: skip
    names = (*paper.addressees, *paper.reported, *paper.copied)
    single = (paper.issuer, paper.head, paper.mandate, paper.signer, paper.printed_by, *names)
    if any(len(each) > LONGEST_NAME for each in single):
        yield Fault(
            "name_too_long", f"单位名称最多 {LONGEST_NAME} 字。", f"A name has at most {LONGEST_NAME} characters."
        )
    if len(names) > MOST_NAMES:
        yield Fault(
            "too_many_names", f"主送和抄送最多 {MOST_NAMES} 个。", f"At most {MOST_NAMES} addressees and copies."
        )
    longest = any(len(each) > LONGEST_TITLE for each in (*paper.attachments, paper.note))
    if len(paper.attachments) > MOST_ATTACHMENTS or longest:
        yield Fault(
            "attachments", f"附件最多 {MOST_ATTACHMENTS} 个，附件名称和附注最多 {LONGEST_TITLE} 字。",
            f"At most {MOST_ATTACHMENTS} attachments; their names and the note up to {LONGEST_TITLE} characters.",
        )  # fmt: skip


def _odd(paper: OfficialPaper) -> Iterator[Fault]:
    days = [each for each in (paper.day, paper.printed_on) if each is not None]
    if any(not FIRST_YEAR <= each.year <= LAST_YEAR for each in days):
        yield Fault(
            "day", f"日期在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间。", f"Days lie between {FIRST_YEAR} and {LAST_YEAR}."
        )
    if paper.copy is not None and not 1 <= paper.copy <= LARGEST_SERIAL:
        yield Fault("copy", "份号是 6 位数字。", "The number of a copy has six digits.")
    if paper.urgency not in URGENCIES:
        yield Fault("urgency", "紧急程度只有加急、特急。", "Urgency is 加急 or 特急.")


def joined(names: Iterable[str], by: str = "，") -> str:
    """Names in a row: 抄送 divides them by commas, 主送 by 、."""
    return by.join(each.strip() for each in names if each.strip())


# -- kept ---------------------------------------------------------------------------------------------------------


def as_json(paper: OfficialPaper) -> dict[str, Any]:
    """The paper as what JSON can hold; :func:`from_json` makes an equal one of it."""
    found = asdict(paper)
    found["kind"] = paper.kind.value
    found["day"] = paper.day.isoformat()
    found["printed_on"] = paper.printed_on.isoformat() if paper.printed_on else None
    return found


def from_json(kept: dict[str, Any]) -> OfficialPaper:
    """A paper as :func:`as_json` kept it."""
    given = dict(kept)
    given["kind"] = Kind(given["kind"])
    given["day"] = date.fromisoformat(given["day"])
    given["printed_on"] = date.fromisoformat(given["printed_on"]) if given["printed_on"] else None
    given["number"] = Number(**given["number"]) if given["number"] else None
    given["body"] = tuple(Paragraph(**each) for each in given["body"])
    for name in ("addressees", "attachments", "reported", "copied"):
        given[name] = tuple(given[name])
    return OfficialPaper(**given)
