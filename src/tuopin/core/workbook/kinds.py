"""Kinds of workbook as data: which fields a kind has, and by which headers each is found.

A kind is one TOML file in the ``workbooks/`` folder of the room that owns its facts. Headers differ between counties
and years, and one header may mean different things in different kinds (联系电话 is the household's in one workbook and
the helper's in another): so aliases belong to a kind, never to the whole product.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from tuopin.core.workbook.errors import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FieldType = Literal[
    "text", "identifier", "code", "boolean", "money", "decimal", "integer", "date", "month", "id_number"
]
MONEY_UNITS: dict[str, str] = {
    "元": "1",
    "百元": "100",
    "千元": "1000",
    "万元": "10000",
    "万": "10000",
    "亿元": "100000000",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    ``titles``: the header as exported first, then its aliases, compared after normalisation (width, spaces, brackets).
    ``codes``: as written -> code, for type ``code``; a value not listed is the fault ``bad_code``, unless ``other``
    names the code for every filled value not listed.
    ``true`` / ``false``: words of a boolean; blank is unknown; any other word is the fault ``bad_boolean``.
    ``multiple``: several codes in one cell, separated by commas.
    ``scale``: of a decimal (stored integer = value * 10**scale); more decimals than that is the fault ``bad_number``.
    ``units``: unit in the header or behind the number -> factor as text (``{"公里" = "1", "米" = "0.001"}``); money has
    元 and 万元 built in. A number with any other unit is the fault ``bad_number``.
    ``unit_needed``: a bare number under a header without a unit is the fault ``no_unit`` (1.5 is 1.5 % to one and 150 %
    to another); nothing is nothing in any unit. ``within``: the least and the largest value, by
    default nothing below nought; beyond is ``out_of_range``.
    ``longest``: letters of a text or identifier that are taken; a longer cell is the fault ``too_long``.
    ``checked``: of an ID number; the number of the person himself. An unchecked one (the head's number, repeated on
    every row) is NULL when unsound, without a fault: the head's own row carries it.
    """

    name: str
    titles: tuple[str, ...]
    type: FieldType = "text"
    required: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    other: str = ""
    true: tuple[str, ...] = ("是", "有")
    false: tuple[str, ...] = ("否", "无")
    multiple: bool = False
    scale: int = 0
    units: Mapping[str, str] = field(default_factory=dict)
    unit_needed: bool = False
    within: tuple[str, str] | None = None
    longest: int = 64
    checked: bool = True

    @property
    def factors(self) -> Mapping[str, str]:
        """Units of this field and their factors."""
        return MONEY_UNITS | dict(self.units) if self.type == "money" else self.units


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of workbook. ``order`` says what is applied first in a set (areas before households before helpers).

    A header row is taken for this kind when every required field is found, and one of ``one_of`` unless that is
    empty; among several kinds the one with most fields found wins. ``total_words`` mark a totals row when one stands
    alone in a row's first filled cell or in a required field.
    """

    name: str
    title_zh: str
    title_en: str
    order: int
    fields: tuple[Field, ...]
    one_of: tuple[str, ...] = ()
    total_words: tuple[str, ...] = ("合计", "总计", "小计")

    def field(self, name: str) -> Field:
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fields if item.required)

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON types only; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Kind:
        values = dict(document)
        values["fields"] = tuple(_field(entry) for entry in values["fields"])
        for name in ("one_of", "total_words"):
            values[name] = tuple(values[name])
        return cls(**values)


def load_kind(path: Path) -> Kind:
    """Read a kind from its TOML file. Raises ValueError naming the file and the key at fault.

    Codes are written ``code = ["word", "other word"]``. A list used by several fields stands once in ``[list.NAME]``
    and is named by ``codes = "NAME"``.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        lists = data.get("list", {})
        fields = tuple(_field({"name": name, **_with_list(entry, lists)}) for name, entry in data["field"].items())
        names = {item.name for item in fields}
        if unknown := set(data.get("one_of", ())) - names:
            raise ValueError(f"one_of: {', '.join(sorted(unknown))}")
        return Kind(
            name=data["name"],
            title_zh=data["title"]["zh"],
            title_en=data["title"]["en"],
            order=data["order"],
            fields=fields,
            one_of=tuple(data.get("one_of", ())),
            **({"total_words": tuple(data["total_words"])} if "total_words" in data else {}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def load_map(path: Path) -> dict[str, dict[str, str]]:
    """Read ``--map FILE.toml``: kind -> header as written -> field name (empty = ignore that column).

    Raises WorkbookError ``bad_map`` when the file is not TOML or not of this shape.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorkbookError("bad_map", file=path.name, reason=error.strerror or "") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkbookError("bad_map", file=path.name, reason=str(error)) from error
    for kind, table in data.items():
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise WorkbookError("bad_map", file=path.name, reason=f'[{kind}] "header" = "field"')
    return cast("dict[str, dict[str, str]]", data)


def _with_list(entry: Mapping[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(entry)
    if "codes" in values:
        table = lists[values["codes"]] if isinstance(values["codes"], str) else values["codes"]
        pairs = [(word, code) for code, words in table.items() for word in words]
        values["codes"] = dict(pairs)
        if len(values["codes"]) < len(pairs):
            raise ValueError("one word stands under two codes, or twice under one")
    return values


def _field(entry: Mapping[str, Any]) -> Field:
    values = dict(entry)
    for key in ("titles", "true", "false", "within"):
        if values.get(key) is not None:
            values[key] = tuple(values[key])
    made = Field(**values)
    if made.type not in get_args(FieldType):
        raise ValueError(f"{made.name}: type {made.type}")
    return made
