"""The fields of work of headquarters (``fields.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Field:
    """``battle``: of which of the campaign's parts it is; ``lead``: the department that usually leads, in words."""

    key: str
    title: Title
    battle: Title
    lead: str


@cache
def fields() -> Mapping[str, Field]:
    """The fields by key, in the order of the file."""
    read = tomllib.loads(resources.files(__package__).joinpath("fields.toml").read_text("utf-8"))
    battles = {key: Title(each["zh"], each["en"]) for key, each in read["battles"].items()}
    return {
        key: Field(key, Title(each["zh"], each["en"]), battles[each["battle"]], each["lead"])
        for key, each in read["field"].items()
    }


def require_field(key: str) -> None:
    """Raise Problem unless it is one, or empty: a headquarters of the city's own for something else."""
    if key and key not in fields():
        raise Problem("unknown_key", "没有这个领域。", "There is no such field of work.")
