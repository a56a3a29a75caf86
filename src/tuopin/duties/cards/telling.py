"""What may stand on paper that hangs on a wall: no number of a person, nothing that tells of illness or disability."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d(?:[\s\-–—.·/]?\d){9,}[\s\-]?[XxＸｘ]?")  # a date has eight digits, a telephone eleven
_PLANTS = re.compile("中草药|中药材|药材")
_HEALTH = re.compile(
    "病|残|癌|瘤|疾|症|透析|化疗|手术|住院|就医|就诊|医|药|康复|护理|精神|智力|聋|哑|盲|瘫|尿毒|艾滋|HIV|结核|怀孕|孕|吸毒|戒毒|服刑",
    re.IGNORECASE,
)


def public(text: str) -> str:
    """A text without long numbers (ID, account, telephone), whatever their digits are divided by."""
    return " ".join(_NUMBER.sub("", text).split())


def tells_health(text: str) -> bool:
    """Whether a text speaks of what the class health keeps. By words, and rather once too often: free text was typed
    for the office, not for the wall."""
    return bool(_HEALTH.search(_PLANTS.sub("", text)))
