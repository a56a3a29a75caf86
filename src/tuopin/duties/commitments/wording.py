"""The exact text of a commitment: a wording with its placeholders filled, and its digest."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 20_000
"""Characters of a text."""
NAMES = ("superior", "superior_post", "inferior", "inferior_post", "place", "targets", "due", "day")
_PLACE = re.compile(r"\{([^{}\n]{0,40})\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """``title`` and ``text`` of a level, with placeholders in braces."""

    title: str
    text: str


@cache
def wordings() -> Mapping[str, Wording]:
    """The product's own wordings by level."""
    read = tomllib.loads(resources.files(__package__).joinpath("wordings.toml").read_text("utf-8"))
    return {level: Wording(each["zh"], each["text"].strip()) for level, each in read.items()}


def filled(wording: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder filled; what a value holds is text and is not filled again.

    Raises Problem: too long, not to be shown, a placeholder that does not exist, none for the targets.
    """
    text = wording.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MOST or any(not (each.isprintable() or each == "\n") for each in text):
        raise Problem(
            "bad_text", f"正文最多 {MOST} 字，不能有无法显示的字符。",
            f"The text: at most {MOST} characters, all of which can be shown.",
        )  # fmt: skip
    used = set(_PLACE.findall(text))
    strange = sorted(used - set(NAMES))
    if strange:
        raise Problem(
            "unknown_placeholder",
            f"没有这种占位：{'、'.join(strange[:5])}。可用：{'、'.join(NAMES)}。",
            f"There is no such placeholder: {', '.join(strange[:5])}. There are: {', '.join(NAMES)}.",
        )
    if "targets" not in used:
        raise Problem(
            "no_targets", "正文须有 {targets}：目标由系统写入，签字的就是所核查的。",
            "The text needs {targets}: what is signed is what is measured.",
        )  # fmt: skip
    return _PLACE.sub(lambda found: values[found[1]], text)


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
