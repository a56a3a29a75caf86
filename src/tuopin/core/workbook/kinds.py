"""Kinds of workbook as data: which fields a kind has, and by which headers each is found.

A kind is one TOML file in the ``workbooks/`` folder of the room that owns its facts. Headers differ between counties
and years, and one header may mean different things in different kinds (联系电话 is the household's in one workbook and
the helper's in another): so aliases belong to a kind, never to the whole product.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FieldType = Literal["text", "code", "boolean", "money", "decimal", "integer", "date", "month", "id_number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    ``titles``: the header as exported first, then its aliases, compared after normalisation (width, spaces, brackets).
    ``codes``: as written -> code, for type ``code``; a value not listed is the fault ``bad_code``.
    ``true`` / ``false``: words of a boolean; blank is unknown; any other word is the fault ``bad_boolean``.
    ``multiple``: several codes in one cell, separated by commas.
    ``scale``: of a decimal (stored integer = value * 10**scale); more decimals than that is the fault ``bad_number``.
    """

    name: str
    titles: tuple[str, ...]
    type: FieldType = "text"
    required: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    true: tuple[str, ...] = ("是", "有")
    false: tuple[str, ...] = ("否", "无")
    multiple: bool = False
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of workbook. ``order`` says what is applied first in a set (areas before households before helpers).

    A header row is taken for this kind when every required field is found; among several kinds the one with most
    fields found wins. ``total_words`` mark a totals row when one stands alone in a row's first filled cell.
    """

    name: str
    title_zh: str
    title_en: str
    order: int
    fields: tuple[Field, ...]
    total_words: tuple[str, ...] = ("合计", "总计", "小计")

    def field(self, name: str) -> Field:
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)


def load_kind(path: Path) -> Kind:
    """Read a kind from its TOML file. Raises ValueError naming the file and the key at fault."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        fields = tuple(_field(name, entry) for name, entry in data["field"].items())
        return Kind(
            name=data["name"],
            title_zh=data["title"]["zh"],
            title_en=data["title"]["en"],
            order=data["order"],
            fields=fields,
            **({"total_words": tuple(data["total_words"])} if "total_words" in data else {}),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _field(name: str, entry: Mapping[str, Any]) -> Field:
    values = dict(entry)
    for key in ("titles", "true", "false"):
        if key in values:
            values[key] = tuple(values[key])
    return Field(name=name, **values)
