"""Codes of data issues (``issues.toml``): what each means and what to do about it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tuopin.core.language.catalogue import Title


@dataclass(frozen=True, slots=True)
class IssueCode:
    """``severity``: reject (the row was not taken), error (a value counts as unknown), doubt (to be looked at),
    info (to be known).
    ``field_class``: of the fields that the issue by itself says something of."""

    code: str
    title: Title
    action: Title
    severity: str
    field_class: str = "general"


@cache
def issue_codes() -> dict[str, IssueCode]:
    """All codes in the order of the file."""
    data = tomllib.loads(Path(__file__).with_name("issues.toml").read_text(encoding="utf-8"))
    return {
        code: IssueCode(
            code,
            Title(entry["zh"], entry["en"]),
            Title(entry["do"]["zh"], entry["do"]["en"]),
            entry["severity"],
            entry.get("class", "general"),
        )
        for code, entry in data.items()
    }


def issue_title(code: str) -> Title:
    """The name of a code. Raises KeyError for a code that is not listed: a check must be described before it runs."""
    return issue_codes()[code].title
