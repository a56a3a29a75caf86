"""What the rooms publish, gathered without importing them by name: facts, kinds of workbook, permissions."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tuopin.core.language.catalogue import Catalogue
    from tuopin.core.workbook.kinds import Kind
    from tuopin.platform.permissions import Permission


def rooms_modules(name: str) -> Iterator[tuple[str, ModuleType]]:
    """``(room, module)`` for every installed room that has a module ``name``, from the bottom up."""
    for room in settings.ROOMS:
        if find_spec(f"{room}.{name}") is not None:
            yield room.rpartition(".")[2], import_module(f"{room}.{name}")


def _gather(part: str) -> tuple[Any, ...]:
    return tuple(item for _room, module in rooms_modules("facts") for item in getattr(module, part, ()))


@cache
def catalogue() -> Catalogue:
    """Everything the rooms publish in ``facts.py`` (``LEVELS``, ``TABLES``, ``PERIODS``, ``DERIVED``)."""
    from tuopin.core.language.catalogue import Catalogue

    return Catalogue(_gather("LEVELS"), _gather("TABLES"), _gather("PERIODS"), _gather("DERIVED"))


@cache
def workbook_kinds() -> dict[str, Kind]:
    """The kinds of workbook by name, from the TOML files in ``<room>/workbooks/``, in the order of application."""
    from tuopin.core.workbook.kinds import load_kind

    found: list[Kind] = []
    for room in settings.ROOMS:
        spec = find_spec(room)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found += [load_kind(path) for path in sorted(Path(folder, "workbooks").glob("*.toml"))]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (kind.order, kind.name))}


@cache
def permissions() -> dict[str, Permission]:
    """The permissions the rooms publish in ``permissions.py``, by name."""
    return {item.name: item for _room, module in rooms_modules("permissions") for item in module.PERMISSIONS}
