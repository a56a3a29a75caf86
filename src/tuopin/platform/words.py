"""Which of the two languages a page or a terminal speaks."""

from __future__ import annotations

import os

from django.utils import translation


def language() -> str:
    """The active language: ``zh-hans`` unless English was chosen."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh-hans"


def pick(zh: str, en: str) -> str:
    """One of two texts, by the active language."""
    return en if language() == "en" else zh


def terminal_languages() -> tuple[str, ...]:
    """What a terminal is spoken to in: by ``TUOPIN_LANGUAGE`` or the locale; both where the locale says nothing."""
    for name in ("TUOPIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").lower()
        if value.startswith("zh"):
            return ("zh-hans",)
        if value.startswith("en"):
            return ("en",)
        if value and name == "LC_ALL":
            break
    return ("zh-hans", "en")
