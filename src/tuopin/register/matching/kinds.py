"""Kinds of department lists, read from ``lists.toml``: purpose, fact, contradictions, and how to read the file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook.kinds import Field, Kind
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.problems import Problem

from ..importing.blocks import block_fields
from ..issue_codes import issue_codes
from ..models import HouseholdLiving, PersonCondition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import FactBlock

type Value = str | bool

BLOCKS: dict[str, type[FactBlock]] = {"person": PersonCondition, "household": HouseholdLiving}
"""The block that a list may add to, by level."""

_NUMBERS = """身份证号 身份证号码 公民身份号码 公民身份证号码 证件号码 证件号 身份证 居民身份证号 身份号码 社会保障号码
社保号 户主身份证号 户主证件号码 车主身份证号 法人身份证号 法定代表人身份证号 权利人证件号 权利人证件号码 所有人证件号
机动车所有人身份证明号码 死者身份证号"""
_NAMES = """姓名 名字 户主姓名 人员姓名 学生姓名 车主姓名 车主 所有人 机动车所有人 权利人 权利人姓名 法定代表人 法人
法人姓名 死者姓名 参保人姓名 保障对象姓名"""
_ADDRESSES = "地址 住址 家庭住址 户籍地址 详细地址 居住地址 现住址 户口所在地 家庭地址"

COMMON = (
    Field("id_number", (*_NUMBERS.split(), "ID number"), type="id_number", required=True),
    Field("name", (*_NAMES.split(), "name")),
    Field("birth_date", ("出生日期", "出生年月日", "生日", "出生时间", "date of birth"), type="date"),
    Field("county", ("县", "区县", "县区", "县(市、区)", "所属县", "县市区")),
    Field("township", ("乡镇", "镇", "乡", "乡(镇)", "乡镇街道", "所属乡镇", "街道")),
    Field("village", ("村", "行政村", "村居", "村(居)", "村(社区)", "所属村", "村委会", "村名")),
    Field("address", (*_ADDRESSES.split(), "address")),
)
"""What any list may have beside its own columns. Only the ID number's column must be there; its cells may be blank."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A contradiction. ``field``: of the block; empty tuples and texts mean: whatever it says."""

    code: str
    when: Literal["listed", "not_listed"]
    field: str
    register: tuple[Value, ...] = ()
    values: tuple[Value, ...] = ()
    lacks: str = ""
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListKind:
    """One kind of list. ``listed``: the value for who stands on it, ``value_column`` the column that says it instead;
    ``not_listed``: the value for who does not, on a list declared complete. ``fact`` is empty where it only asks."""

    key: str
    order: int
    title: Title
    department: Title
    purpose: Title
    source: str
    confidence: str
    level: Literal["person", "household"]
    fact: str
    listed: Value | None
    value_column: str
    not_listed: Value | None
    field_class: str
    retention_days: int
    columns: tuple[Field, ...]
    doubts: tuple[Doubt, ...]

    @property
    def block(self) -> type[FactBlock]:
        return BLOCKS[self.level]

    @property
    def subject(self) -> str:
        return f"{self.level}_id"

    @property
    def issue_kind(self) -> str:
        """What stands as ``kind`` on the issues that a list of this kind opens."""
        return f"list_{self.key}"

    @property
    def workbook(self) -> Kind:
        """How the reader is to read it."""
        fields = (*COMMON, *self.columns)
        return Kind(self.key, self.title.zh, self.title.en, 0, fields)

    def asked(self) -> tuple[str, ...]:
        """The fields of the block that a run needs to know."""
        named = [self.fact, *(doubt.field for doubt in self.doubts)]
        return tuple(dict.fromkeys(name for name in named if name))


@cache
def list_kinds() -> Mapping[str, ListKind]:
    """All kinds in their order. Raises ValueError naming the kind at fault."""
    data = tomllib.loads(Path(__file__).with_name("lists.toml").read_text(encoding="utf-8"))
    found = []
    for key, entry in data.items():
        try:
            found.append(_kind(key, entry))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"lists.toml [{key}]: {error}") from error
    return {kind.key: kind for kind in sorted(found, key=lambda kind: kind.order)}


def list_kind(key: str) -> ListKind:
    """One kind. Raises Problem for an unknown one."""
    kind = list_kinds().get(key)
    if kind is None:
        raise Problem(
            "no_such_list", "没有这一类名单。请从列表中选择。", "There is no such kind of list. Choose from the menu."
        )
    return kind


def _kind(key: str, entry: dict[str, Any]) -> ListKind:
    level: Literal["person", "household"] = entry.get("level", "person")
    fact = entry.get("fact", "")
    listed = entry.get("listed")
    column = listed["column"] if isinstance(listed, dict) else ""
    columns = tuple(_column(name, item) for name, item in entry.get("columns", {}).items())
    made = ListKind(
        key=key,
        order=entry["order"],
        title=Title(**entry["title"]),
        department=Title(**entry["department"]),
        purpose=Title(**entry["purpose"]),
        source=entry["source"]["text"],
        confidence=entry["source"]["confidence"],
        level=level,
        fact=fact,
        listed=None if column else listed,
        value_column=column,
        not_listed=entry.get("not_listed"),
        field_class=entry["field_class"],
        retention_days=entry["retention_days"],
        columns=columns,
        doubts=tuple(_doubt(item, fact) for item in entry["doubts"]),
    )
    known = block_fields(BLOCKS[level])
    if missing := [name for name in made.asked() if name not in known]:
        raise ValueError(f"no such field: {', '.join(missing)}")
    if column and column not in {item.name for item in columns}:
        raise ValueError(f"no such column: {column}")
    if fact and not column and listed is None:
        raise ValueError("a fact needs a value")
    return made


def _doubt(entry: dict[str, Any], fact: str) -> Doubt:
    if entry["code"] not in issue_codes():
        raise ValueError(f"issues.toml lacks {entry['code']}")
    return Doubt(
        code=entry["code"],
        when=entry["when"],
        field=entry.get("field", fact),
        register=tuple(entry.get("register", ())),
        values=tuple(entry.get("values", ())),
        lacks=entry.get("lacks", ""),
        statuses=tuple(entry.get("statuses", ())),
    )


def _column(name: str, entry: dict[str, Any]) -> Field:
    values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in entry.items()}
    like = values.pop("like", "")
    if like:
        return replace(workbook_kinds()["household_person"].field(like), name=name, required=False, **values)
    return Field(name, **values)
