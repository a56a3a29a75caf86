"""Reading one file of a pack: parameters and standards. Nothing here knows the catalogue; names are resolved later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from tuopin.core.language import Expression, Origin, parse
from tuopin.core.language.catalogue import Fact, FactType, Title
from tuopin.core.language.syntax import Not
from tuopin.core.standards import toml
from tuopin.core.standards.expecting import ROOMS, Expected
from tuopin.core.standards.kinds import KINDS, SEVERITIES, Kind, Severity
from tuopin.core.standards.model import (
    CONFIDENCES,
    Confidence,
    DatedParameter,
    DatedValue,
    FactSpec,
    GroupSpec,
    Item,
    NotTested,
    ParameterType,
    Standard,
)
from tuopin.core.standards.places import places

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.standards.toml import Section

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AGE = re.compile(r"([1-9]\d{0,2}) (month|months|year|years)")
_NO_TITLE = Title("", "")
MOST_ITEMS = 150
"""Verdicts are stored as a word with a letter an item."""


def _name(section: Section, key: str) -> str:
    if not _KEY.fullmatch(key):
        raise section.error(
            "bad_key", f"“{key}”不是合格的名字（小写字母、数字、下划线，以字母开头）",
            f"{key!r} is not a good name (lower-case letters, digits, underscores, a letter first)",
        )  # fmt: skip
    return key


def _confidence(section: Section) -> Confidence:
    value = section.text("confidence")
    for known in CONFIDENCES:
        if value == known:
            return known
    raise section.error(
        "bad_confidence", f"confidence 应为 {'、'.join(CONFIDENCES)} 之一，而不是“{value}”",
        f"confidence must be one of {', '.join(CONFIDENCES)}, not {value!r}",
    )  # fmt: skip


# ---- parameters ---------------------------------------------------------------------------------------------------


def read_parameters(path: Path, shown: str) -> dict[str, DatedParameter]:
    """``parameters.toml``: a table a parameter, with ``[[name.value]]`` for its dated values."""
    table, _ = toml.read(path, shown)
    return {name: _parameter(name, toml.Section(body, shown, name)) for name, body in table.items()}


def _parameter(name: str, section: Section) -> DatedParameter:
    _name(section, name)
    kind: ParameterType
    match section.text("type"):
        case "money":
            kind = "money"
        case "decimal":
            kind = "decimal"
        case "integer":
            kind = "integer"
        case other:
            known = "、".join(get_args(ParameterType.__value__))
            raise section.error("bad_type", f"type 应为 {known}，而不是“{other}”", f"type {other!r} is not {known}")
    written = section.integer("scale")
    scale = 2 if kind == "money" else 0 if kind == "integer" else written
    if scale is None or (kind != "decimal" and written is not None):
        raise section.error(
            "bad_scale", "只有 decimal 写 scale，且必须写", "scale belongs to a decimal, which needs it"
        )
    least, most = _bounds(section, scale)
    parameter = DatedParameter(
        least=least,
        most=most,
        name=name,
        title=section.title(),
        type=kind,
        unit=section.text("unit", ""),
        scale=scale,
        open=section.flag("open"),
        note=section.title("note") if section.has("note") else _NO_TITLE,
        values=tuple(
            _value(toml.Section(each, section.file, f"{name}.value"), scale) for each in section.tables("value")
        ),
    )
    section.close()
    _check_order(section, parameter)
    return parameter


def _bounds(section: Section, scale: int) -> tuple[int, int | None]:
    """``within = ["0", "1"]``: the least and the greatest value that a city may give."""
    if not section.has("within"):
        return 0, None
    ends = [toml.scaled(each, scale) for each in section.names("within")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] > ends[1]:
        raise section.error(
            "bad_within", 'within 应写作 ["最小", "最大"]', 'within must be written ["least", "greatest"]'
        )
    return ends[0], ends[1]


def _value(section: Section, scale: int) -> DatedValue:
    start = section.date("from")
    if start is None:
        raise section.error("no_from", "缺 from（起始日）", "from (the first day) is missing")
    raw = section.take("value")
    value = toml.scaled(raw, scale)
    if value is None:
        raise section.error(
            "bad_number", f"value 应为最多 {scale} 位小数的数，写在引号中，而不是 {raw!r}",
            f"value must be a number with at most {scale} decimals, in quotes, not {raw!r}",
        )  # fmt: skip
    dated = DatedValue(start, section.date("to"), value, section.text("source"), _confidence(section))
    section.close()
    return dated


def _check_order(section: Section, parameter: DatedParameter) -> None:
    if not parameter.values and not parameter.open:
        raise section.error(
            "no_value", "既无取值，又未声明 open = true", "has no value and is not declared open = true"
        )
    for value in parameter.values:
        if value.valid_to is not None and value.valid_to <= value.valid_from:
            raise section.error("bad_period", "to 不晚于 from", "to is not after from")
    for before, after in zip(parameter.values, parameter.values[1:], strict=False):
        if after.valid_from <= before.valid_from or (
            before.valid_to is not None and after.valid_from < before.valid_to
        ):
            raise section.error(
                "bad_order", f"取值须按日期先后且不重叠（{after.valid_from}）",
                f"values must be in order of date and must not overlap ({after.valid_from})",
            )  # fmt: skip


# ---- standards ----------------------------------------------------------------------------------------------------


class _Expressions:
    """Parses the expressions of one file, each with its place."""

    def __init__(self, text: str, shown: str) -> None:
        self._places = places(text)
        self._shown = shown

    def parse(self, text: str, table: str, key: str, what: str) -> Expression:
        return parse(text, self.origin(table, key, what))

    def origin(self, table: str, key: str, what: str) -> Origin:
        """Where a text of the file stands."""
        line, column = self._places.get((table, key), (1, 1))
        return Origin(self._shown, line, column, what)


def read_standard(path: Path, shown: str) -> Standard:
    """One ``<standard>.toml``."""
    table, text = toml.read(path, shown)
    section = toml.Section(table, shown, "")
    expressions = _Expressions(text, shown)
    key = _name(section, section.text("key"))
    if key != path.stem:
        raise section.error(
            "wrong_file", f"key 是“{key}”，文件名不同", f"key is {key!r}, but the file has another name"
        )
    applies = section.optional("applies")
    kind = _kind(section)
    items = tuple(_item(each, index, kind, expressions, shown) for index, each in enumerate(section.tables("item")))
    level = section.text("level")
    standard = Standard(
        key=key,
        kind=kind,
        title=section.title(),
        level=level,
        uses=section.names("uses"),
        applies=None if applies is None else expressions.parse(applies, "", "applies", "applies"),
        show=section.names("show"),
        facts={name: _fact(name, level, body, expressions, shown) for name, body in _tables(section, "fact")},
        groups={name: _group(name, body, expressions, shown) for name, body in _tables(section, "group")},
        expects={name: _expected(name, level, body, expressions, shown) for name, body in _tables(section, "expect")},
        items=items,
        not_tested=tuple(_not_tested(each, shown) for each in section.tables("not_tested")),
        file=shown,
    )
    section.close()
    _check_keys(section, standard)
    return standard


def _kind(section: Section) -> Kind:
    key = section.text("kind", "conditions")
    if key not in KINDS:
        raise section.error(
            "bad_kind", f"kind 应为 {'、'.join(KINDS)} 之一，而不是“{key}”",
            f"kind must be one of {', '.join(KINDS)}, not {key!r}",
        )  # fmt: skip
    return KINDS[key]


def _tables(section: Section, key: str) -> list[tuple[str, object]]:
    value = section.take(key)
    return [] if value is None else list(toml.Section(value, section.file, key).rest().items())


def _check_keys(section: Section, standard: Standard) -> None:
    if not standard.items:
        raise section.error("no_items", "标准没有指标 [[item]]", "the standard has no [[item]]")
    if len(standard.items) > MOST_ITEMS:
        raise section.error(
            "too_many_items", f"一个标准最多 {MOST_ITEMS} 项，请分成几个文件",
            f"a standard has at most {MOST_ITEMS} items; divide it into several files",
        )  # fmt: skip
    seen: set[str] = {"overall", "facts"}
    for key in [item.key for item in standard.items] + [draft.key for draft in standard.not_tested]:
        if key in seen:
            raise section.error(
                "duplicate_key", f"两个指标同用“{key}”，或此名已被占用", f"key {key!r} is used twice or reserved"
            )
        seen.add(key)
    for draft in standard.not_tested:
        if draft.item is not None and draft.item not in {item.key for item in standard.items}:
            raise section.error("unknown_item", f"没有指标“{draft.item}”", f"there is no item {draft.item!r}")


def _fact(name: str, level: str, body: object, expressions: _Expressions, shown: str) -> FactSpec:
    table = f"fact.{name}"
    section = toml.Section(body, shown, table)
    _name(section, name)
    text = section.optional("expr")
    absent = section.take("absent")
    if (text is None) == (absent is None):
        raise section.error("bad_fact", "须有 expr 或 absent，二者取一", "needs either expr or absent")
    if absent is not None and not isinstance(absent, bool | int | str):
        raise section.error(
            "bad_value", "absent 应为 true、false、整数或文字", "absent must be true, false, a whole number or text"
        )
    fact = FactSpec(
        name=name,
        level=section.text("level", level),
        title=section.title(default=name),
        expression=None if text is None else expressions.parse(text, table, "expr", f"fact {name}"),
        unit=section.optional("unit"),
        absent=absent,
        places=section.integer("places"),
    )
    section.close()
    return fact


def _group(name: str, body: object, expressions: _Expressions, shown: str) -> GroupSpec:
    table = f"group.{name}"
    section = toml.Section(body, shown, table)
    _name(section, name)
    where = expressions.parse(section.text("where"), table, "where", f"group {name}")
    group = GroupSpec(name, section.title(default=name), section.text("from"), where)
    section.close()
    return group


_TYPES: dict[str, FactType] = {
    "boolean": "boolean", "money": "money", "decimal": "decimal", "integer": "integer", "code": "code", "text": "text",
    "date": "date",
}  # fmt: skip


def _expected(name: str, level: str, body: object, expressions: _Expressions, shown: str) -> Expected:
    """``[expect.<name>]``: a fact that a room is still to publish."""
    table = f"expect.{name}"
    section = toml.Section(body, shown, table)
    _name(section, name)
    kind, room = section.text("type"), section.text("room")
    scale, codes = section.integer("scale"), section.names("codes")
    if kind not in _TYPES:
        raise section.error("bad_type", f"type 没有“{kind}”，有：{'、'.join(_TYPES)}", f"there is no type {kind!r}")
    if room not in ROOMS:
        raise section.error(
            "bad_room", f"没有“{room}”这个模块，有：{'、'.join(ROOMS)}",
            f"there is no room {room!r}; there are: {', '.join(ROOMS)}",
        )  # fmt: skip
    if (kind == "decimal") != (scale is not None) or (kind == "code") != bool(codes):
        raise section.error(
            "bad_type", "decimal 须写 scale，code 须写 codes，其他类型都不写",
            "a decimal needs scale, a code needs codes, and no other type has them",
        )  # fmt: skip
    fact = Fact(
        name,
        _TYPES[kind],
        section.title(),
        unit=section.text("unit", ""),
        scale=scale or 0,
        codes=tuple((code, Title(code, code)) for code in codes),
    )
    expected = Expected(section.text("level", level), fact, room, expressions.origin(table, "type", table))
    section.close()
    return expected


def _item(body: object, index: int, kind: Kind, expressions: _Expressions, shown: str) -> Item:
    table = f"item[{index}]"
    section = toml.Section(body, shown, table)
    key = _name(section, section.text("key"))
    section.where = f"item {key}"
    applies = section.optional("applies")
    title = section.title()
    written = section.text(kind.expression)
    test = expressions.parse(written, table, kind.expression, f"item {key}, {kind.expression}")
    if kind.negated:
        test = Expression(test.origin, test.text, Not(test.origin, test.root))
    is_rule = kind.key == "quality"
    item = Item(
        key=key,
        group=section.text("group", ""),
        title=title,
        short=section.title("short") if section.has("short") else title,
        test=test,
        applies=None if applies is None else expressions.parse(applies, table, "applies", f"item {key}, applies"),
        source=section.text("source"),
        confidence=_confidence(section),
        limit=section.optional("limit"),
        evidence_max_age=_months(section),
        written=written,
        severity=_severity(section) if is_rule else None,
        advice=section.title("do") if is_rule else None,
        justified=section.title("justified") if section.has("justified") else None,
    )
    section.close()
    return item


def _severity(section: Section) -> Severity:
    value = section.text("severity")
    for known in SEVERITIES:
        if value == known:
            return known
    raise section.error(
        "bad_severity", f"severity 应为 {'、'.join(SEVERITIES)} 之一，而不是“{value}”",
        f"severity must be one of {', '.join(SEVERITIES)}, not {value!r}",
    )  # fmt: skip


def _months(section: Section) -> int | None:
    text = section.optional("evidence_max_age")
    if text is None:
        return None
    match = _AGE.fullmatch(text)
    if match is None:
        raise section.error(
            "bad_age", f"evidence_max_age 应写作“12 months”或“2 years”，而不是“{text}”",
            f"evidence_max_age is written '12 months' or '2 years', not {text!r}",
        )  # fmt: skip
    return int(match[1]) * (12 if match[2].startswith("year") else 1)


def _not_tested(body: object, shown: str) -> NotTested:
    section = toml.Section(body, shown, "not_tested")
    condition = NotTested(
        _name(section, section.text("key")), section.title(), section.text("source"), section.optional("item")
    )
    section.close()
    return condition
