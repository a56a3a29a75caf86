"""Roles as data (``roles.toml``): what each may do and which classes of fields it sees."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Title

FIELD_CLASSES = ("general", "identity", "health", "disability", "bank", "child")


@dataclass(frozen=True, slots=True)
class Role:
    """``permissions`` are names or patterns (``register.view_*``); ``field_classes`` are those open by the role."""

    key: str
    title: Title
    permissions: tuple[str, ...]
    field_classes: tuple[str, ...]


@cache
def all_roles() -> dict[str, Role]:
    """Every role by key, in the order of the file."""
    from tuopin.core.language.catalogue import Title

    text = resources.files("tuopin.platform").joinpath("roles.toml").read_text(encoding="utf-8")
    return {
        key: Role(key, Title(entry["zh"], entry["en"]), tuple(entry["permissions"]), tuple(entry["field_classes"]))
        for key, entry in tomllib.loads(text).items()
    }


def role(key: str) -> Role:
    """One role. Raises Missing with the list of those there are."""
    found = all_roles().get(key)
    if found is None:
        names = ", ".join(all_roles())
        raise Missing(
            "no_such_role", f"没有角色“{key}”。可用：{names}", f"There is no role “{key}”. There are: {names}"
        )
    return found


@cache
def allows(key: str, permission: str) -> bool:
    """Whether a role holds a permission; a role no longer in the file holds none."""
    found = all_roles().get(key)
    return found is not None and any(fnmatchcase(permission, pattern) for pattern in found.permissions)


def field_classes(key: str) -> tuple[str, ...]:
    """The classes of fields a role opens; none for a role no longer in the file."""
    found = all_roles().get(key)
    return found.field_classes if found else ()
