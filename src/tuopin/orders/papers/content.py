"""What is written in a paper: the draft as its writer gives it, the whole paper as it is set, and as it is frozen."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from tuopin.core.papers import (
    LONGEST_BODY,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_ATTACHMENTS,
    MOST_NAMES,
    Kind,
    Number,
    OfficialPaper,
    as_json,
    paragraphs,
)
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tuopin.platform.models import Evidence

    from ..models import OrderPaper, PaperRecipient

ROLES = ("to", "reported", "copied")
ERASED = "erased"
"""Instead of what was frozen: the day on which it was erased, of a petition whose time to keep it was over."""
_LONG_NUMBER = re.compile(
    r"[0-9０-９]{15}"
    r"|(?<![0-9])[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{6}[ -]?[0-9]{3}[0-9Xx]"  # an identity, as people divide it
    r"|(?<![0-9])[3-6][0-9]{3}(?:[ -][0-9]{4}){3}"  # an account, likewise
)
_SHORT = ("head", "mandate", "signer")
_ALSO = ("also_to", "also_reported", "also_copied")


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a draft. ``also_to``, ``also_reported`` and ``also_copied``: bodies that are no organisations of the
    register; ``attachments``: (number of the file, its title), in order."""

    title: str
    body: str
    mandate: str = ""
    head: str = ""
    urgency: str = ""
    signer: str = ""
    note: str = ""
    also_to: tuple[str, ...] = ()
    also_reported: tuple[str, ...] = ()
    also_copied: tuple[str, ...] = ()
    attachments: tuple[tuple[int, str], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def written(kept: Mapping[str, Any]) -> Written:
    """The words as :meth:`Written.as_json` kept them."""
    given = dict(kept)
    for name in _ALSO:
        given[name] = tuple(given[name])
    given["attachments"] = tuple((int(number), str(title)) for number, title in given["attachments"])
    return Written(**given)


def erased(row: OrderPaper) -> str:
    """The day on which what a paper said was erased; '' of all others."""
    return str((row.frozen or {}).get(ERASED, ""))


def gone() -> Problem:
    """What is said of a paper that says nothing any more."""
    return Problem(
        "paper_erased", "信访件保存期满，公文内容已清除，只留文号、日期、文种和内容校验码。",
        "The time to keep the petition is over: of its papers number, day, kind and digest are left.",
    )  # fmt: skip


def check(words: Written) -> None:
    """Raise Problem for a draft that must not be kept; whether it can be issued is asked at the issue."""
    also = [each for name in _ALSO for each in getattr(words, name)]
    texts = [
        words.title, words.body, words.note, words.urgency, *(getattr(words, name) for name in _SHORT), *also,
        *(title for _number, title in words.attachments),
    ]  # fmt: skip
    if any("\0" in each for each in texts):
        raise Problem("bad_text", "文字中含有不能保存的字符。", "A text cannot be kept.")
    names = [*also, *(getattr(words, name) for name in _SHORT)]
    titles = [words.title, words.note, *(title for _number, title in words.attachments)]
    if (
        len(words.body) > LONGEST_BODY or len(words.urgency) > 2 or len(words.attachments) > MOST_ATTACHMENTS
        or len(names) > MOST_NAMES or any(len(each) > LONGEST_NAME for each in names)
        or any(len(each) > LONGEST_TITLE for each in titles)
    ):  # fmt: skip
        raise Problem(
            "paper_too_long", f"正文最多 {LONGEST_BODY} 字，标题、附注 {LONGEST_TITLE} 字，名称 {LONGEST_NAME} 字。",
            f"A text has at most {LONGEST_BODY} characters, a title or note {LONGEST_TITLE}, a name {LONGEST_NAME}.",
        )  # fmt: skip
    if any(_LONG_NUMBER.search(each) for each in texts):
        raise Problem(
            "long_number", "公文里有 15 位以上的长号码（身份证号、银行账号）。公文不写个人证件号和账号，请删去。",
            "A number of 15 digits or more (identity, account) stands in the paper. Papers bear none: take it out.",
        )  # fmt: skip


def whole(
    row: OrderPaper, issuer: str, names: Mapping[int, str], recipients: Sequence[PaperRecipient],
    number: Number | None, day: date,
) -> OfficialPaper:  # fmt: skip
    """The paper as it is set: words, names of organisations by their number, number and day."""
    words = written(row.content)
    to, reported, copied = (
        [names.get(each.organisation_id, "") for each in recipients if each.role == role] for role in ROLES
    )
    return OfficialPaper(
        kind=Kind(row.kind), issuer=issuer, title=words.title.strip(), body=paragraphs(words.body), day=day,
        number=number, head=words.head.strip(), addressees=(*to, *words.also_to), mandate=words.mandate.strip(),
        signer=words.signer.strip(), urgency=words.urgency, note=words.note.strip(),
        reported=(*reported, *words.also_reported), copied=(*copied, *words.also_copied),
        attachments=tuple(title for _number, title in words.attachments),
    )  # fmt: skip


def freeze(
    paper: OfficialPaper, recipients: Sequence[PaperRecipient], files: Mapping[int, Evidence], words: Written
) -> tuple[dict[str, Any], str]:
    """What is kept of an issued paper, and its digest: text, number, who gets it, the digests of its attachments."""
    frozen = {
        "paper": as_json(paper),
        "recipients": [[each.organisation_id, each.role] for each in recipients],
        "attachments": [[title, files[number].digest] for number, title in words.attachments],
    }
    return frozen, digest(frozen)


def digest(frozen: Mapping[str, Any]) -> str:
    """SHA-256 over what is frozen."""
    return hashlib.sha256(orjson.dumps(frozen, option=orjson.OPT_SORT_KEYS)).hexdigest()
