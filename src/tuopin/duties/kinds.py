"""Roles of assignments (``roles.toml``), kinds of organisations, levels of posts (``organisations.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Role:
    """``on``: household, area or organisation; ``levels``: of areas; ``sole``: at most one at a time; ``needed``: the
    gap report asks for one, ``designated``: only in areas of that designation; ``most``: how many one official may hold
    (0 = as many as there are), ``most_at``: fewer, by the level of the own post; ``absent``: absences during which the
    holder does not count as live, ``in_office``: nor once the last post on record has ended
    (``assigning/living.py``)."""

    key: str
    title: Title
    on: str
    levels: tuple[str, ...] = ()
    sole: bool = False
    needed: bool = False
    designated: str = ""
    most: int = 0
    most_at: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    in_office: bool = False


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


@cache
def roles() -> Mapping[str, Role]:
    """The roles by key, in the order of the file."""
    return {
        key: Role(
            key, Title(each["zh"], each["en"]), each["on"], tuple(each.get("levels", ())), each.get("sole", False),
            each.get("needed", False), each.get("designated", ""), each.get("most", 0), each.get("most_at", {}),
            tuple(each.get("absent", ())), each.get("in_office", False),
        )
        for key, each in _read("roles.toml").items()
    }  # fmt: skip


def role(key: str) -> Role:
    """The role of that key. Raises Problem."""
    return _one(roles(), key, Title("角色", "role"))


@cache
def _titles(part: str) -> Mapping[str, Title]:
    return {key: Title(each["zh"], each["en"]) for key, each in _read("organisations.toml")[part].items()}


def kinds() -> Mapping[str, Title]:
    """Kinds of organisations."""
    return _titles("kind")


def levels() -> Mapping[str, Title]:
    """Levels of posts, the highest first."""
    return _titles("level")


def authorities() -> Mapping[str, Title]:
    """Who manages the holder of a post."""
    return _titles("authority")


def require_kind(key: str) -> None:
    """Raise Problem unless it is a kind of organisation."""
    _one(kinds(), key, Title("组织类型", "kind of organisation"))


def require_rank(level: str, authority: str) -> None:
    """Raise Problem unless both are known, or empty."""
    if level:
        _one(levels(), level, Title("职级", "level"))
    if authority:
        _one(authorities(), authority, Title("管理权限", "authority"))


def _one[T](known: Mapping[str, T], key: str, what: Title) -> T:
    found = known.get(key)
    if found is None:
        raise Problem(
            "unknown_key",
            f"没有这种{what.zh}：{key[:40]}。可用：{'、'.join(known)}。",
            f"There is no such {what.en}: {key[:40]}. Known are {', '.join(known)}.",
        )
    return found
