"""The code lists of the register (``codes.toml``), each code with its name in both languages."""

import tomllib
from functools import cache
from pathlib import Path

from tuopin.core.language.catalogue import Title

CodeList = tuple[tuple[str, Title], ...]


@cache
def _lists() -> dict[str, CodeList]:
    data = tomllib.loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))
    return {
        name: tuple((code, Title(zh=title["zh"], en=title["en"])) for code, title in entries.items())
        for name, entries in data.items()
    }


def code_list(name: str) -> CodeList:
    """All codes of a list in the order of the file. Raises KeyError for a list that does not exist."""
    return _lists()[name]


def code_title(name: str, code: str) -> Title:
    """The name of one code; a code that the list does not have is its own name."""
    return dict(_lists()[name]).get(code, Title(zh=code, en=code))


FAMILY_CAUSES = ("illness", "disability", "schooling", "labour", "marriage", "funeral")
"""Causes of poverty that lie in the family: as a group they tell of nobody's health."""
CAUSE_GROUPS = (
    ("family", Title("家庭原因（病、残、学、劳力等）", "in the family (illness, schooling, labour …)")),
    ("conditions", Title("条件原因（灾、地、水、技术、资金等）", "in the conditions (land, water, skills, money …)")),
)


def cause_group(cause: str | None) -> str | None:
    """The group of a cause of poverty; None for none."""
    return None if not cause else "family" if cause in FAMILY_CAUSES else "conditions"
