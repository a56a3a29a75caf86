"""Roles as data (``roles.toml``): what each may do, which classes of fields it sees, what does not go together."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Title

FIELD_CLASSES = ("general", "identity", "health", "disability", "bank", "child")

_READING = ("view_", "verify_")
"""Beginnings of the verbs that change nothing."""


@dataclass(frozen=True, slots=True)
class Role:
    """``permissions`` are names or patterns (``register.view_*``; ``!register.change_areas`` takes one out of them);
    ``field_classes`` are those open by the role;
    ``may_give`` names the roles (or a pattern) that its holders may give to others."""

    key: str
    title: Title
    permissions: tuple[str, ...]
    field_classes: tuple[str, ...]
    may_give: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incompatible:
    """Two roles that one person must not hold: ``role`` and whatever is named by role, permission or writing.

    ``where`` is ``overlap`` (over places of which one lies in the other) or ``anywhere``; ``why`` is told the person
    who tries.
    """

    role: str
    where: Literal["overlap", "anywhere"]
    why: Title
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    writer: bool = False

    def between(self, one: str, other: str) -> bool:
        """Whether it stands between the two roles, in either order."""
        if one == other:
            return False
        return (one == self.role and self._names(other)) or (other == self.role and self._names(one))

    def _names(self, key: str) -> bool:
        if key in self.roles or any(allows(key, name) for name in self.permissions):
            return True
        return self.writer and writes(key)


@cache
def _document() -> dict[str, Any]:
    text = resources.files("tuopin.platform").joinpath("roles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def all_roles() -> dict[str, Role]:
    """Every role by key, in the order of the file."""
    from tuopin.core.language.catalogue import Title

    return {
        key: Role(
            key, Title(entry["zh"], entry["en"]), tuple(entry["permissions"]), tuple(entry["field_classes"]),
            tuple(entry.get("may_give", ())),
        )
        for key, entry in _document().items()
        if key != "incompatible"
    }  # fmt: skip


@cache
def incompatible() -> tuple[Incompatible, ...]:
    """What does not go together, in the order of the file."""
    from tuopin.core.language.catalogue import Title

    return tuple(
        Incompatible(
            entry["role"], entry["where"], Title(entry["zh"], entry["en"]), tuple(entry.get("with", ())),
            tuple(entry.get("with_permission", ())), bool(entry.get("with_writer")),
        )
        for entry in _document().get("incompatible", ())
    )  # fmt: skip


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
    if found is None or any(fnmatchcase(permission, each[1:]) for each in found.permissions if each[0] == "!"):
        return False
    return any(fnmatchcase(permission, pattern) for pattern in found.permissions)


@cache
def writes(key: str) -> bool:
    """Whether a role holds a published permission that is more than reading."""
    from tuopin.platform.catalogue import permissions

    return any(allows(key, name) for name in permissions() if not name.partition(".")[2].startswith(_READING))


def may_give(key: str, other: str) -> bool:
    """Whether holders of a role may give the other one to people."""
    found = all_roles().get(key)
    return found is not None and any(fnmatchcase(other, pattern) for pattern in found.may_give)


def field_classes(key: str) -> tuple[str, ...]:
    """The classes of fields a role opens; none for a role no longer in the file."""
    found = all_roles().get(key)
    return found.field_classes if found else ()
