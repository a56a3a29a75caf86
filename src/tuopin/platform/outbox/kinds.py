"""Kinds of messages, from the rooms' ``messages.toml``.

``["orders.remind"]`` with ``zh``, ``en`` (what the kind is called: the only words of it that ever leave the house),
``urgent`` (stands first, and leaves by gateway one by one instead of in a digest), ``at_any_hour`` (leaves at night and
on days off too), ``mail`` and ``gateway`` (may leave so at all). All of these are false unless said, ``mail`` is true.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLAGS = {"urgent", "at_any_hour", "mail", "gateway"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: see the file's docstring."""

    key: str
    title: Title
    urgent: bool = False
    at_any_hour: bool = False
    mail: bool = True
    gateway: bool = False

    def may_leave(self, channel: str) -> bool:
        """Whether messages of the kind may leave by ``mail`` or ``gateway``."""
        return bool(getattr(self, channel))


@cache
def all_kinds() -> Mapping[str, Kind]:
    """The kinds of all rooms by key. Raises ValueError for one that is no kind."""
    found: dict[str, Kind] = {}
    for room in settings.ROOMS:
        spec = find_spec(room)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder, "messages.toml")
            if path.is_file():
                found |= read(room.rpartition(".")[2], path.read_text("utf-8"))
    return found


def read(room: str, text: str) -> dict[str, Kind]:
    """The kinds of one room. Raises ValueError."""
    found = {}
    for key, entry in tomllib.loads(text).items():
        strange = set(entry) - _FLAGS - {"zh", "en"}
        if not key.startswith(f"{room}.") or len(key) > 60 or strange or not entry.get("zh") or not entry.get("en"):
            raise ValueError(f"{room}/messages.toml: {key} is no kind of message of this room {sorted(strange)}")
        flags = {name: bool(entry[name]) for name in _FLAGS & set(entry)}
        found[key] = Kind(key, Title(entry["zh"], entry["en"]), **flags)
    return found


def leaving(channel: str) -> list[str]:
    """Keys of the kinds that may leave by a channel."""
    return [kind.key for kind in all_kinds().values() if kind.may_leave(channel)]


def title_of(key: str) -> Title:
    """What a kind is called; the key itself for one of an older version."""
    known = all_kinds().get(key)
    return known.title if known else Title(key, key)
