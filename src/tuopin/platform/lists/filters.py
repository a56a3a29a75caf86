"""How a list is narrowed. A filter reads its own parameters of the address, refuses bad ones, and narrows the query."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.core.width import half_width
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from .model import Reader

    type Given = Mapping[str, Sequence[str]]
    type Narrow[Value] = Callable[[QuerySet[Any], Reader, Value], QuerySet[Any]]

UNKNOWN = "blank"
MAX_CHOSEN = 50
MAX_TEXT = 64
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]*))?")


@dataclass(frozen=True, slots=True)
class Widget:
    """A field of the filter form. ``kind``: select, text, number, date."""

    name: str
    label: Title
    kind: str
    value: str = ""
    choices: tuple[tuple[str, Title], ...] = ()
    unit: Title | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class Filter[Value]:
    """The base of filters. ``lookup`` is the field of the query; ``narrow`` replaces it where that is not enough.

    ``classes``: field classes that must be open, else the filter does not exist. ``more``: stands folded away in the
    form until it is used.
    """

    key: str
    title: Title
    lookup: str = ""
    narrow: Narrow[Value] | None = None
    classes: tuple[str, ...] = ("general",)
    more: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the address that are this filter's own."""
        return (self.key,)

    def parse(self, given: Given, reader: Reader) -> Value | None:
        """The value chosen; None where nothing is. Raises Problem."""
        raise NotImplementedError

    def apply(self, rows: QuerySet[Any], reader: Reader, value: Value) -> QuerySet[Any]:
        """The rows that match."""
        if self.narrow is not None:
            return self.narrow(rows, reader, value)
        return self.matching(rows, value)

    def matching(self, rows: QuerySet[Any], value: Value) -> QuerySet[Any]:
        """The rows whose ``lookup`` matches."""
        raise NotImplementedError

    def counted(self, value: Value, reader: Reader) -> int | None:  # noqa: ARG002 - for those who know
        """How many rows of the place match this filter alone, where that was added up before; None = count them."""
        return None

    def parameters(self, value: Value) -> tuple[tuple[str, str], ...]:
        """The value as it stands in the address."""
        raise NotImplementedError

    def words(self, value: Value, reader: Reader) -> Title:
        """The value in words, for what is shown and exported."""
        raise NotImplementedError

    def widgets(self, value: Value | None, reader: Reader) -> tuple[Widget, ...]:
        """The fields of the form."""
        raise NotImplementedError

    def refuse(self, zh: str, en: str) -> Problem:
        """A Problem that names this filter."""
        return Problem(
            "bad_filter",
            f"筛选条件“{self.title.zh}”：{zh}",
            f"The filter “{self.title.en}”: {en}",
            filter=self.key,
        )


@dataclass(frozen=True, slots=True)
class ChoiceFilter(Filter[tuple[str, ...]]):
    """One or several of a list of codes. ``blank`` adds 未知 for rows without a value."""

    choices: tuple[tuple[str, Title], ...] = ()
    choices_of: Callable[[Reader], Sequence[tuple[str, Title]]] | None = None
    blank: bool = False

    def listed(self, reader: Reader) -> tuple[tuple[str, Title], ...]:
        """The codes that may be chosen, with their names."""
        found = tuple(self.choices_of(reader)) if self.choices_of else self.choices
        return (*found, (UNKNOWN, Title("未知", "unknown"))) if self.blank else found

    def parse(self, given: Given, reader: Reader) -> tuple[str, ...] | None:
        chosen = tuple(dict.fromkeys(text for text in given.get(self.key, ()) if text))
        if not chosen:
            return None
        if len(chosen) > MAX_CHOSEN:
            raise self.refuse(f"最多选 {MAX_CHOSEN} 项。", f"choose at most {MAX_CHOSEN}.")
        known = {code for code, _title in self.listed(reader)}
        if not known.issuperset(chosen):
            raise self.refuse("没有这个选项，请从列表中选择。", "there is no such choice; take one from the list.")
        return chosen

    def matching(self, rows: QuerySet[Any], value: tuple[str, ...]) -> QuerySet[Any]:
        from django.db.models import Q

        codes = [code for code in value if code != UNKNOWN or not self.blank]
        condition = Q(**{self.lookup: codes[0]}) if len(codes) == 1 else Q(**{f"{self.lookup}__in": codes})
        if self.blank and UNKNOWN in value:
            condition |= Q(**{f"{self.lookup}__isnull": True}) | Q(**{self.lookup: ""})
        return rows.filter(condition)

    def parameters(self, value: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple((self.key, code) for code in value)

    def words(self, value: tuple[str, ...], reader: Reader) -> Title:
        titles = dict(self.listed(reader))
        named = [titles.get(code, Title(code, code)) for code in value]
        return Title("、".join(each.zh for each in named), ", ".join(each.en for each in named))

    def widgets(self, value: tuple[str, ...] | None, reader: Reader) -> tuple[Widget, ...]:
        chosen = value or ()
        listed = self.listed(reader)
        if len(chosen) > 1:  # several from an address: kept as one choice of the form
            return (
                Widget(self.key, self.title, "many", choices=tuple(each for each in listed if each[0] in chosen),
                       active=True),
            )  # fmt: skip
        return (Widget(self.key, self.title, "select", "".join(chosen), listed, active=bool(chosen)),)


@dataclass(frozen=True, slots=True)
class TextFilter(Filter[str]):
    """A code, whole or its beginning. Never for names or ID numbers: an address is no place for them.

    ``lookup`` must be a field in C collation (``platform.models.fields.PlainField``): the beginning is a range.
    """

    length: int = MAX_TEXT

    def parse(self, given: Given, reader: Reader) -> str | None:  # noqa: ARG002 - as all filters
        text = half_width("".join(given.get(self.key, ())[:1])).strip()
        if not text:
            return None
        if len(text) > self.length:
            raise self.refuse(f"最长 {self.length} 个字符。", f"at most {self.length} characters.")
        if not text.isprintable():
            raise self.refuse("含有无法显示的字符。", "it holds characters that cannot be shown.")
        return text

    def matching(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(**{f"{self.lookup}__gte": value, f"{self.lookup}__lt": above(value)})

    def parameters(self, value: str) -> tuple[tuple[str, str], ...]:
        return ((self.key, value),)

    def words(self, value: str, reader: Reader) -> Title:  # noqa: ARG002 - as all filters
        return Title(value, value)

    def widgets(self, value: str | None, reader: Reader) -> tuple[Widget, ...]:  # noqa: ARG002 - as all filters
        return (Widget(self.key, self.title, "text", value or "", active=bool(value)),)


def above(text: str) -> str:
    """The first text behind all those that begin with ``text``, by code points."""
    return text + "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Range[Bound]:
    """From … to, both ends included; None = open. ``blank``: the rows without a value instead."""

    low: Bound | None = None
    high: Bound | None = None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class _RangeFilter[Bound](Filter[Range[Bound]]):
    unit: Title | None = None
    blank: bool = False
    kind: str = field(default="number", init=False)

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to", *((f"{self.key}_blank",) if self.blank else ()))

    def bound(self, text: str) -> Bound:
        raise NotImplementedError

    def written(self, bound: Bound | None) -> str:
        raise NotImplementedError

    def parse(self, given: Given, reader: Reader) -> Range[Bound] | None:  # noqa: ARG002 - as all filters
        texts = [half_width("".join(given.get(name, ())[:1])).strip() for name in self.names]
        if any(len(text) > 40 for text in texts):
            raise self.refuse("数值过长。", "the value is too long.")
        if self.blank and texts[2]:
            if texts[2] != "1" or texts[0] or texts[1]:
                raise self.refuse("“未知”不能与范围同时使用。", "“unknown” does not go with a range.")
            return Range(blank=True)
        low, high = (self.bound(text) if text else None for text in texts[:2])
        if low is None and high is None:
            return None
        if low is not None and high is not None and high < low:  # type: ignore[operator]  # numbers or dates
            raise self.refuse("“从”大于“到”。", "“from” lies above “to”.")
        return Range(low, high)

    def matching(self, rows: QuerySet[Any], value: Range[Bound]) -> QuerySet[Any]:
        if value.blank:
            return rows.filter(**{f"{self.lookup}__isnull": True})
        if value.low is not None:
            rows = rows.filter(**{f"{self.lookup}__gte": value.low})
        return rows if value.high is None else rows.filter(**{f"{self.lookup}__lte": value.high})

    def parameters(self, value: Range[Bound]) -> tuple[tuple[str, str], ...]:
        texts = (self.written(value.low), self.written(value.high), "1" if value.blank else "")
        return tuple((name, text) for name, text in zip(self.names, texts, strict=False) if text)

    def words(self, value: Range[Bound], reader: Reader) -> Title:  # noqa: ARG002 - as all filters
        if value.blank:
            return Title("未知", "unknown")
        low, high = self.written(value.low), self.written(value.high)
        unit = self.unit or Title("", "")
        if not high:
            return Title(f"≥ {low} {unit.zh}".strip(), f"≥ {low} {unit.en}".strip())
        if not low:
            return Title(f"≤ {high} {unit.zh}".strip(), f"≤ {high} {unit.en}".strip())
        return Title(f"{low}–{high} {unit.zh}".strip(), f"{low}–{high} {unit.en}".strip())

    def widgets(self, value: Range[Bound] | None, reader: Reader) -> tuple[Widget, ...]:  # noqa: ARG002 - as all
        chosen = value or Range()
        active = value is not None
        low, high = self.written(chosen.low), self.written(chosen.high)
        first = Widget(self.names[0], self.title, f"{self.kind}_from", low, unit=self.unit, active=active)
        second = Widget(self.names[1], self.title, f"{self.kind}_to", high, unit=self.unit, active=active)
        if not chosen.blank:
            return first, second
        unknown = ((("1"), Title("未知", "unknown")),)
        return first, second, Widget(self.names[2], self.title, "many", choices=unknown, active=True)


@dataclass(frozen=True, slots=True)
class NumberFilter(_RangeFilter[int]):
    """A range of an integer field that holds the value times ``10 ** scale`` (money: scale 2, written in yuan)."""

    scale: int = 0

    def bound(self, text: str) -> int:
        written = _NUMBER.fullmatch(text.replace(",", ""))
        sign, whole, rest = written.groups(default="") if written else ("", "", "")
        rest = rest.rstrip("0")
        if not whole or len(rest) > self.scale or len(whole) + self.scale > 18:
            places = f"，最多 {self.scale} 位小数" if self.scale else ""
            decimals = f" with at most {self.scale} decimals" if self.scale else ""
            raise self.refuse(f"请填写数字{places}。", f"write a number{decimals}.")
        return int(f"{sign}{whole}{rest.ljust(self.scale, '0')}")

    def written(self, bound: int | None) -> str:
        if bound is None:
            return ""
        whole, rest = divmod(abs(bound), 10**self.scale)
        tail = f".{rest:0{self.scale}d}".rstrip("0") if rest else ""
        return f"{'-' if bound < 0 else ''}{whole}{tail}"


@dataclass(frozen=True, slots=True)
class DateFilter(_RangeFilter[date]):
    """A range of days, both included. For a moment, ``narrow`` turns the days into moments."""

    kind: str = field(default="date", init=False)

    def bound(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.refuse("日期应写作 2018-12-01。", "write the date as 2018-12-01.") from None

    def written(self, bound: date | None) -> str:
        return "" if bound is None else bound.isoformat()


@dataclass(frozen=True, slots=True)
class FlagFilter(Filter[bool]):
    """Yes or no; ``yes`` and ``no`` name what is chosen."""

    yes: Title = field(default_factory=lambda: Title("是", "yes"))
    no: Title = field(default_factory=lambda: Title("否", "no"))

    def parse(self, given: Given, reader: Reader) -> bool | None:  # noqa: ARG002 - as all filters
        text = "".join(given.get(self.key, ())[:1])
        if text not in {"", "1", "0"}:
            raise self.refuse("请选“是”或“否”。", "choose yes or no.")
        return None if not text else text == "1"

    def matching(self, rows: QuerySet[Any], value: bool) -> QuerySet[Any]:
        return rows.filter(**{self.lookup: value})

    def parameters(self, value: bool) -> tuple[tuple[str, str], ...]:
        return ((self.key, "1" if value else "0"),)

    def words(self, value: bool, reader: Reader) -> Title:  # noqa: ARG002 - as all filters
        return self.yes if value else self.no

    def widgets(self, value: bool | None, reader: Reader) -> tuple[Widget, ...]:  # noqa: ARG002 - as all
        chosen = "" if value is None else "1" if value else "0"
        listed = (("1", self.yes), ("0", self.no))
        return (Widget(self.key, self.title, "select", chosen, listed, active=value is not None),)
