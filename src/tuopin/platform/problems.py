"""The one exception whose text is meant for a user, in both languages.

Everything else that is raised is a fault of the program: its text is never shown, since it may quote personal data.
"""

from __future__ import annotations

import errno
from typing import Any


class Problem(Exception):  # noqa: N818 - named in the product's words, not Python's
    """Something a user did or supplied cannot be done as it stands, and what to do about it.

    ``code`` is stable (tests, API clients); ``zh`` and ``en`` are whole sentences that name the place (file, sheet,
    row, column, value) and the way out; ``details`` are the same places for programs, values JSON can hold.
    ``status`` is the HTTP status of the page that shows it.
    """

    status = 400

    def __init__(self, code: str, zh: str, en: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh
        self.en = en
        self.details = details

    def text(self, language: str) -> str:
        """The message in ``language`` (``zh-hans`` or ``en``)."""
        return self.en if language.startswith("en") else self.zh

    def document(self) -> dict[str, Any]:
        """The problem for programs: code, both texts and the details."""
        return {"error": self.code, "zh": self.zh, "en": self.en, **self.details}

    def __str__(self) -> str:
        return f"{self.code}: {self.zh} / {self.en}"


class Refused(Problem):
    """The person has no grant for this."""

    status = 403


class Missing(Problem):
    """There is no such thing, or none that this person may know of."""

    status = 404


DISK_FULL = Problem(
    "disk_full",
    "磁盘空间不足，没有留下未完成的改动。请清理 TUOPIN_HOME 所在的磁盘后重新运行。",
    "the disk is full; nothing is left half done. Free some space where TUOPIN_HOME lies and run the command again.",
)


def disk_is_full(error: BaseException) -> bool:
    """Whether an error of any library (files, SQLite, ADBC, DuckDB) comes from a disk without space.

    SQLite's and DuckDB's errors have no number that reaches us, only their fixed words.
    """
    reason: BaseException | None = error
    while reason is not None:
        if isinstance(reason, OSError) and reason.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(reason).lower() for words in ("disk is full", "no space left on device")):
            return True
        reason = reason.__cause__ or reason.__context__
    return False
