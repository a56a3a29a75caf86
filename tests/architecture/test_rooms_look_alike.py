"""Every room holds the same files; one of another name must be found in MAP.md."""

from __future__ import annotations

import pytest

from architecture.sources import PACKAGE, ROOT, rooms, tracked

SAME = {
    "__init__.py", "apps.py",  # what Django needs to know a room
    "models", "permissions", "selectors", "services", "facts", "panels", "forms", "views", "api", "cli", "urls",
    "templates", "templatetags", "static", "migrations",
    "help.toml",  # what each of the room's pages is for
    "messages.toml",  # kinds of the messages that it posts
    "navigation", "lists", "listings", "jobs",  # found by name and gathered by the platform
    "workbooks", "intake",  # the kinds of workbook that the room reads, as data, and what it does with their rows
}  # fmt: skip


@pytest.mark.parametrize("room", rooms())
def test_files_of_a_room(room: str) -> None:
    folder = PACKAGE / room
    found = {path.relative_to(folder).parts[0] for path in tracked() if path.is_relative_to(folder)}
    known = (ROOT / "MAP.md").read_text("utf-8")
    strange = {
        name
        for name in found
        if name not in SAME
        and name.removesuffix(".py") not in SAME
        and f"`{room}/{name}`" not in known
        and f"`{room}/{name}/" not in known
    }
    assert not strange, f"not in the common list and not in MAP.md: {sorted(strange)}"


@pytest.mark.parametrize("room", rooms())
def test_a_room_says_what_it_is_for(room: str) -> None:
    text = (PACKAGE / room / "__init__.py").read_text("utf-8").strip()
    assert text.startswith('"""'), f"{room}/__init__.py begins with no docstring"
