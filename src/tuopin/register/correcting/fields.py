"""The fields that can be corrected: their blocks, names, classes, and their values as written and as printed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from django.db import models

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook.values import Bad, parser
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.panels import NO, YES, decimal_text, unit_title
from tuopin.platform.problems import Problem

from ..codes import code_list
from ..facts import TABLES
from ..importing.blocks import block_fields
from ..models import (
    CountyCondition,
    CountySurvey,
    FactBlock,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdMonitoring,
    HouseholdProfile,
    HouseholdWater,
    HouseholdWorks,
    PersonCondition,
    PersonIdentity,
    VillageCondition,
    VillageWorks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.workbook import Field

type Level = Literal["household", "person", "village", "county"]
type Value = str | int | bool | date | None

BLOCKS: tuple[tuple[type[FactBlock], Level, str], ...] = (
    (HouseholdProfile, "household", "household_person"),
    (HouseholdLiving, "household", "household_person"),
    (HouseholdIncome, "household", "household_person"),
    (HouseholdCheck, "household", "household_check"),
    (HouseholdWater, "household", "household_water"),
    (HouseholdWorks, "household", "household_works"),
    (HouseholdMonitoring, "household", "household_person"),
    (PersonIdentity, "person", "household_person"),
    (PersonCondition, "person", "household_person"),
    (VillageCondition, "village", "village"),
    (VillageWorks, "village", "village_works"),
    (CountyCondition, "county", "county_figures"),
    (CountySurvey, "county", "county_figures"),
)
"""Blocks that can be corrected: model, level, the kind of workbook that writes them."""

BLOCK_TITLES: Mapping[str, Title] = {
    "household_profile": Title("基本情况", "Profile"),
    "household_living": Title("生产生活条件", "Living conditions"),
    "household_income": Title("家庭收入", "Income"),
    "household_check": Title("脱贫核查", "Exit check"),
    "household_water": Title("饮水安全核查", "Water survey"),
    "household_works": Title("六改工程", "Improvements of the house"),
    "household_monitoring": Title("防返贫监测", "Monitoring"),
    "person_identity": Title("身份", "Identity"),
    "person_condition": Title("个人情况", "Condition"),
    "village_condition": Title("村信息", "Village workbook"),
    "village_works": Title("九大工程", "Works of the village"),
    "county_condition": Title("县级统计指标", "Statistics of the county"),
    "county_survey": Title("评估调查指标", "What surveys found"),
}
SUBJECT_COLUMN: Mapping[str, str] = {
    "household": "household_id", "person": "person_id", "village": "area_id", "county": "area_id",
}  # fmt: skip
_IMPROVED = ("water", "power", "toilet", "kitchen", "yard", "habits", "pen", "goods")
_CODE_LISTS = (
    {"main_cause": "cause", "other_causes": "cause", "main_risk": "risk", "other_risks": "risk"}
    | {f"work_{at}": "condition" for at in range(1, 10)}
    | {f"village_work_{at}": "improvement" for at in range(1, 10)}
    | {f"improve_{what}": "improvement" for what in _IMPROVED}
)


@dataclass(frozen=True, slots=True)
class Correctable:
    """A field. ``block`` is the short name of its table, ``kind`` the workbook that writes it, ``relevant`` whether
    rules read it."""

    name: str
    level: Level
    block: str
    model: type[FactBlock]
    kind: str
    field: Field
    title: Title
    unit: Title | None
    field_class: str
    codes: tuple[tuple[str, Title], ...]
    relevant: bool
    length: int  # of text; 0 = no limit of its own
    nullable: bool

    @property
    def is_number(self) -> bool:
        return self.field.type in {"money", "decimal", "integer"}

    @property
    def scale(self) -> int:
        return 2 if self.field.type == "money" else self.field.scale


@cache
def all_fields() -> dict[str, Correctable]:
    """Every field that can be corrected, by name, in the order of the blocks."""
    described = tomllib.loads(Path(__file__).parents[1].joinpath("fields.toml").read_text(encoding="utf-8"))
    facts = {fact.name: fact for table in TABLES for fact in table.facts}
    found: dict[str, Correctable] = {}
    for model, level, kind in BLOCKS:
        written = {item.name: item for item in workbook_kinds()[kind].fields}
        block = model._meta.db_table.removeprefix("register_")
        for name, column in block_fields(model).items():
            if name not in written:  # id_sound: follows from the number
                continue
            entry, fact = described[block][name], facts.get(name)
            found[name] = Correctable(
                name=name,
                level=level,
                block=block,
                model=model,
                kind=kind,
                field=written[name],
                title=Title(written[name].titles[0], entry["en"]),
                unit=unit_title(entry.get("unit", "")),
                field_class=fact.field_class if fact else entry.get("class", "general"),
                codes=code_list(_CODE_LISTS.get(name, name)) if written[name].type == "code" else (),
                relevant=fact is not None,
                length=(column.max_length or 0) if isinstance(column, models.CharField) else 0,
                nullable=column.null,
            )
    return found


def field_named(name: str) -> Correctable:
    """One field. Raises Problem for a name that is none."""
    found = all_fields().get(name)
    if found is None:
        raise Problem("no_such_fact", f"没有“{name[:40]}”这一项。", f"There is no fact “{name[:40]}”.", fact=name[:40])
    return found


def of_level(level: str) -> list[Correctable]:
    """The fields of a level, in the order of the blocks."""
    return [item for item in all_fields().values() if item.level == level]


# -- from what is written to a value ------------------------------------------------------------------------------


def read(item: Correctable, text: str) -> Value | Bad:
    """The value that a cell or form means, as the workbook reader takes it; None for a blank (unknown).

    A code may also be given as it is stored, and in the words of either language.
    """
    if item.field.type == "code" and text.strip():
        known = {code: code for code, _title in item.codes}
        known |= {title.en.casefold(): code for code, title in item.codes}
        known |= {title.zh: code for code, title in item.codes}
        parts = [known.get(part.strip(), known.get(part.strip().casefold(), "")) for part in text.split(",")]
        if all(parts) and (item.field.multiple or len(parts) == 1):
            return _ordered(item, parts)
    value = parser(item.field)(text)
    if isinstance(value, Bad):
        if value.code == "id_missing":
            return None
        return value
    if isinstance(value, str) and (
        (item.length and len(value) > item.length) or any(ord(sign) < 32 or ord(sign) == 127 for sign in value)
    ):
        return Bad("bad_text")
    if item.field.multiple and isinstance(value, str):
        return _ordered(item, value.split(","))
    return value


def _ordered(item: Correctable, codes: list[str]) -> str:
    """Several codes stand in the order of the code list; what is not listed comes last."""
    rank = {code: at for at, (code, _title) in enumerate(item.codes)}
    return ",".join(sorted(dict.fromkeys(codes), key=lambda code: (rank.get(code, len(rank)), code)))


def is_of_type(item: Correctable, value: object) -> bool:
    """Whether a value is one that the field can hold."""
    if value is None:
        return True
    match item.field.type:
        case "boolean":
            return isinstance(value, bool)
        case "money" | "decimal" | "integer":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
        case "date":
            return isinstance(value, date)
        case "code":
            listed = {code for code, _title in item.codes}
            codes = value.split(",") if isinstance(value, str) else [""]
            return bool(value) and listed.issuperset(codes) and (item.field.multiple or len(codes) == 1)
        case _:
            fits = isinstance(value, str) and "\0" not in value and (not item.length or len(value) <= item.length)
            return fits and value != ""


# -- from a value to what is shown --------------------------------------------------------------------------------


def written(item: Correctable, value: Value) -> str:
    """A value as a form or cell holds it, so that :func:`read` takes it again; a code as it is stored."""
    if value is None:
        return ""
    if item.field.type == "boolean":
        return "是" if value else "否"
    if item.field.unit_needed and isinstance(value, int):
        return f"{Decimal(value).scaleb(2 - item.scale).normalize():f}%"
    if item.is_number:
        return f"{Decimal(int(value)).scaleb(-item.scale):f}" if isinstance(value, int) else str(value)
    return str(value)


def shown(item: Correctable, value: Value) -> Title | None:
    """A value as it is printed in both languages, without its unit; None = unknown."""
    if value is None or value == "":
        return None
    if item.field.type == "boolean":
        return YES if value else NO
    if item.field.unit_needed and isinstance(value, int):
        return Title(written(item, value), written(item, value))
    if item.is_number and isinstance(value, int):
        text = decimal_text(value, item.scale) if item.field.type != "integer" else str(value)
        return Title(text, text)
    if item.field.type == "code":
        listed = dict(item.codes)
        titles = [listed.get(code, Title(code, code)) for code in str(value).split(",")]
        return Title("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))
    return Title(str(value), str(value))


def value_of(row: FactBlock | None, name: str) -> Value:
    """The value in a version: an empty text is unknown, as is a row that is not there."""
    found: Value = getattr(row, name) if row is not None else None
    return None if found == "" else found


def encode(value: Value) -> str:
    """A value as JSON text, alike in Python and in the set engine."""
    return orjson.dumps(value).decode()


def decode(item: Correctable, text: str | None) -> Value:
    """A value from its JSON text."""
    value = orjson.loads(text) if text else None
    if item.field.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value
