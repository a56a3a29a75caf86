"""What the pages explain: terms of the glossary, “what is this page”, and the sections of the help page.

A room's ``help.toml`` maps names of views to texts (``["console:area"] zh = "…" en = "…"``); ``title.zh`` and
``title.en`` put a page that the navigation does not name on the help page too. A room's ``helping.py`` may define
``sections()``: more for the help page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.navigation import all_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

COOKIE = "tuopin_help"
"""``1`` where the reader keeps the explanations open; set by platform/help.js."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the glossary: its first name in both languages, other names, and what it means."""

    key: str
    name: Title
    meaning: Title


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a section: what is explained, how, and what to do about it."""

    title: Title
    text: Title
    action: Title | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the help page."""

    key: str
    title: Title
    entries: tuple[Entry, ...]


@cache
def terms() -> Mapping[str, Term]:
    """The terms by identifier, in the order of the file."""
    data = tomllib.loads(Path(__file__).with_name("terms.toml").read_text("utf-8"))
    return {
        key: Term(key, Title(each["name"]["zh"], each["name"]["en"]), Title(each["zh"], each["en"]))
        for key, each in data.items()
    }


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is for; ``title`` None = as the navigation calls it."""

    text: Title
    title: Title | None = None


@cache
def pages() -> Mapping[str, Page]:
    """Name of a view → what its page is for, from all rooms. Raises ValueError for a name of another room."""
    found: dict[str, Page] = {}
    for room in settings.ROOMS:
        spec = find_spec(room)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder, "help.toml")
            if path.is_file():
                found |= _of_room(room.rpartition(".")[2], path)
    return found


def _of_room(room: str, path: Path) -> dict[str, Page]:
    data = tomllib.loads(path.read_text("utf-8"))
    others = {each.rpartition(".")[2] for each in settings.ROOMS} - {room}
    strange = [view for view in data if view.partition(":")[0] in others]
    if strange:
        raise ValueError(f"{room}/help.toml names views of another room: {strange}")
    return {
        view: Page(
            Title(each["zh"], each["en"]),
            Title(each["title"]["zh"], each["title"]["en"]) if "title" in each else None,
        )
        for view, each in data.items()
    }


def of_page(request: HttpRequest) -> Title | None:
    """What the present page is for; None where nobody wrote it down."""
    match = request.resolver_match
    page = pages().get(match.view_name) if match is not None else None
    return page.text if page is not None else None


def is_open(request: HttpRequest) -> bool:
    """Whether the reader keeps the explanations open."""
    return request.COOKIES.get(COOKIE) == "1"


def listed() -> list[tuple[Title, str, Title]]:
    """(title, address, text) of the pages that have a title; the address is empty where it needs to know of what."""
    named = {entry.view: entry.title for entry in all_entries()}
    found = []
    for view, page in pages().items():
        title = page.title or named.get(view)
        if title is not None:
            found.append((title, _address(view), page.text))
    return found


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def sections() -> list[Section]:
    """All of the help page: the glossary, then what the rooms add."""
    words = tuple(Entry(term.name, term.meaning) for term in terms().values())
    found = [Section("terms", Title("用语", "Terms"), words)]
    for _room, module in rooms_modules("helping"):
        found += module.sections()
    return found
