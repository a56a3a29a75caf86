"""The one exception whose text is meant for a user, in both languages.

Everything else that is raised is a fault of the program: its text is never shown, since it may quote personal data.
"""

from __future__ import annotations

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
