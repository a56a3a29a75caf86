"""docs/glossary.md: one thing, one name; what is said to be in use is; every item of a standard stands there."""

from __future__ import annotations

import re
import tomllib

from architecture.sources import PACKAGE, ROOT, files

TEXT = (ROOT / "docs" / "glossary.md").read_text("utf-8")
IN_USE, LATER = (part for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:])
SOURCE_SUFFIXES = (".py", ".toml", ".html", ".lark")


def identifiers(part: str) -> list[str]:
    rows = [line.split("|") for line in part.splitlines() if line.startswith("| ") and not line.startswith("| 中文")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row[2])]


def test_every_row_has_all_columns_filled() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")]
    assert len(rows) > 80
    assert [row for row in rows if row.count("|") != 6 or "||" in row.replace(" ", "")] == []


def test_no_identifier_stands_twice() -> None:
    names = identifiers(TEXT)
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_what_is_in_use_occurs_in_the_code() -> None:
    """As a name of its own, or as the name of a class."""
    words: set[str] = set()
    for suffix in SOURCE_SUFFIXES:
        for path in files(PACKAGE, suffix):
            words |= set(re.findall(r"\w+", path.read_text("utf-8").lower()))
    assert sorted(set(identifiers(IN_USE)) - words) == []


def test_items_of_standards_stand_in_the_glossary() -> None:
    known = set(identifiers(IN_USE))
    missing = set()
    for path in files(PACKAGE / "packs", ".toml"):
        read = tomllib.loads(path.read_text("utf-8"))
        if read.get("kind") == "quality":
            continue  # they stand in docs/methods/data-quality.md, and test_data_quality.py sees to it
        for item in read.get("item", []):
            if item["key"] not in known:
                missing.add(f"{path.parent.name}/{path.name}: {item['key']}")
    assert sorted(missing) == []
