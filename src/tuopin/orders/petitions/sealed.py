"""Who came, sealed: written once, and compared with what others are told."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from tuopin.platform import sealing
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from .models import Petitioner

_PURPOSE = "orders.petitioner"
_BLOCK = 4096
_LONGEST = {"name": 60, "phone": 30, "id_number": 18, "address": 200, "words": 4000, "household": 40}
_SHORTEST_PHONE = 7
NAMED = "被反映人："
"""Before whom a row of a hotline's list names, in the words that are sealed."""
_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")


@dataclass(frozen=True, slots=True)
class Who:
    """The petitioner as told; all of it may be empty: a letter may bear no name. ``words``: what was said;
    ``household``: the code of one that the person chose to have named. It lies here and nowhere else, so that no page,
    no undo of an import and no merge tells that somebody of a household complained."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    address: str = ""
    words: str = ""
    household: str = ""


def check(who: Who) -> None:
    """Raises Problem for what cannot be kept."""
    for key, most in _LONGEST.items():
        text = getattr(who, key)
        if len(text) > most or "\0" in text:
            raise Problem("bad_text", "文字过长或含有不能保存的字符。", "A text is too long, or cannot be kept.")


def seal(who: Who) -> str:
    """Under the key of the data folder; filled up, so that the length does not tell how much was said."""
    plain = orjson.dumps(asdict(who))
    return sealing.seal(_PURPOSE, plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK))


def unsealed(row: Petitioner) -> Who:
    """What lies in a row, for the product's own comparisons; people read by :func:`reveal`. Of a row that was erased:
    nothing."""
    if not row.sealed:
        return Who()
    return Who(**orjson.loads(sealing.unseal(_PURPOSE, row.sealed)))


def repeated(who: Who, *texts: str) -> set[str]:
    """What of the petitioner texts for others repeat: keys of :class:`Who`; ``number`` for any ID or mobile number."""
    whole = "\n".join(_plain(each) for each in texts)
    found = {"number"} if _NUMBERS.search(whole) else set()
    if len(_plain(who.name)) > 1 and _plain(who.name) in whole:
        found.add("name")
    phone = re.sub(r"\D", "", unicodedata.normalize("NFKC", who.phone))
    if len(phone) >= _SHORTEST_PHONE and phone in whole:
        found.add("phone")
    for key in ("id_number", "address", "household"):
        value = _plain(getattr(who, key))
        if len(value) >= _SHORTEST_PHONE and value.upper() in whole.upper():
            found.add(key)
    return found


def _plain(text: str) -> str:
    """Without the gaps by which a name or a number is read all the same."""
    return re.sub(r"[\s\-_.·•()/\u200b-\u200f\ufeff]", "", unicodedata.normalize("NFKC", text))
