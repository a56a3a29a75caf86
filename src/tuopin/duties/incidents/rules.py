"""Kinds, channels, sources and dated limits of incidents and leads (``incidents.toml``, ``leads.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


@cache
def titles(name: str, part: str) -> Mapping[str, Title]:
    """The words of a part of a file, by key: ``titles("incidents", "channel")``."""
    return {key: Title(each["zh"], each["en"]) for key, each in _read(f"{name}.toml")[part].items()}


def one(name: str, part: str, key: str) -> Title:
    """The words of one key. Raises Problem."""
    found = titles(name, part).get(key)
    if found is None:
        raise Problem("unknown_key", "请从列表中选择。", "Choose from the list.")
    return found


@cache
def classes_of(kind: str) -> frozenset[str]:
    """The classes of fields that a kind of incident tells of."""
    return frozenset(_read("incidents.toml")["kind"].get(kind, {}).get("classes", ()))


def told_kinds(classes: frozenset[str] | None) -> list[str]:
    """The kinds that a reader with these classes open (None = all) may be told of."""
    return [key for key in titles("incidents", "kind") if classes is None or classes_of(key) <= classes]


def told_source(key: str) -> Title | None:
    """The source as the person concerned is told it; None where that would point at who spoke."""
    return (
        None
        if _read("leads.toml")["source"].get(key, {"protected": True}).get("protected")
        else titles("leads", "source")[key]
    )


def flow_of(authority: str) -> str:
    """The act by which a lead is decided for a managing authority; '' where that is unknown."""
    found = _read("leads.toml")["flow"].get(authority)
    return str(found["act"]) if found else ""


def days(name: str, part: str, day: date) -> int:
    """A limit in days as it stood on a day. Raises Problem before the first value."""
    values = [each for each in _read(f"{name}.toml")[part]["value"] if each["from"] <= day]
    if not values:
        raise Problem("no_limit", "这一天还没有规定期限。", "No limit was in force on that day.")
    return int(max(values, key=lambda each: each["from"])["days"])
