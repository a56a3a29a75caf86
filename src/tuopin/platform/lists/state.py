"""What a list shows, to and from its address. Unknown parameters are refused: a filter that is silently ignored shows
rows that somebody believes to be filtered out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .filters import Filter
    from .model import Column, Reader

RESERVED = frozenset({"sort", "after", "before", "column", "view", "area"})
MAX_PARAMETERS = 80
MAX_LENGTH = 8_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter in use, with its value."""

    filter: Filter[Any]
    value: Any


@dataclass(frozen=True, slots=True)
class State:
    """``sort`` is a column's key, empty = the list's own order; ``columns`` the keys shown, empty = those shown by
    default; ``kept`` are parameters that are not the list's (``area``); ``view`` the saved view it came from."""

    chosen: tuple[Chosen, ...] = ()
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    view: str = ""
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the filters alone, in one order: what the list is narrowed by."""
        return tuple(pair for each in self.chosen for pair in each.filter.parameters(each.value))

    def value(self, key: str) -> Any:
        """The value of a filter; None where it is not in use."""
        return next((each.value for each in self.chosen if each.filter.key == key), None)

    def parameters(self, *, paging: bool = False) -> tuple[tuple[str, str], ...]:
        """Everything that makes the list what it is; without ``paging`` the address of its first page."""
        found = [*self.kept, *self.filters]
        if self.sort:
            found.append(("sort", f"-{self.sort}" if self.descending else self.sort))
        found += [("column", key) for key in self.columns]
        if self.view:
            found.append(("view", self.view))
        if paging and (self.after or self.before):
            found.append(("after", self.after) if self.after else ("before", self.before))
        return tuple(found)

    def query(self, **changes: Any) -> str:
        """The query of an address (``?…``) with changes; another sort, filter or column begins at the first page."""
        changed = replace(self, **({"after": "", "before": ""} | changes))
        return "?" + urlencode(changed.parameters(paging=True))


def parse(
    given: Mapping[str, Sequence[str]], columns: Mapping[str, Column], filters: Sequence[Filter[Any]], reader: Reader
) -> State:
    """The state that an address describes. Raises Problem for anything that it does not know or cannot read."""
    _limits(given)
    own = {name for each in filters for name in each.names}
    unknown = [name for name in given if name not in own and name not in RESERVED]
    if unknown:
        raise Problem(
            "unknown_filter",
            "地址中有这份名单不认识的条件，未作筛选。请从名单页面重新选择条件。",
            "The address holds a condition that this list does not know; nothing was filtered. "
            "Choose the conditions on the page of the list.",
            parameters=[name[:40] for name in unknown[:5]],
        )
    sort = _one(given, "sort")
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key and (key not in columns or not columns[key].sort):
        raise Problem("bad_sort", "不能按这一列排序。", "The list cannot be sorted by this column.", sort=key[:40])
    shown = tuple(dict.fromkeys(name for name in given.get("column", ()) if name))
    if not set(shown).issubset(columns):
        raise Problem("bad_column", "没有这一列。", "There is no such column.")
    chosen = []
    for each in filters:
        value = each.parse(given, reader)
        if value is not None:
            chosen.append(Chosen(each, value))
    return State(
        chosen=tuple(chosen),
        sort=key,
        descending=descending,
        columns=shown,
        after=_one(given, "after"),
        before=_one(given, "before"),
        view=_one(given, "view")[:20],
        kept=tuple((name, _one(given, name)[:40]) for name in ("area",) if _one(given, name)),
    )


def _limits(given: Mapping[str, Sequence[str]]) -> None:
    count = sum(len(values) for values in given.values())
    if count > MAX_PARAMETERS or sum(len(text) for values in given.values() for text in values) > MAX_LENGTH:
        raise Problem(
            "too_many_filters",
            f"条件过多（最多 {MAX_PARAMETERS} 个）。请减少条件，或改用上级区域、已保存的视图。",
            f"Too many conditions (at most {MAX_PARAMETERS}). Use fewer of them.",
            count=count,
        )


def _one(given: Mapping[str, Sequence[str]], name: str) -> str:
    values = given.get(name, ())
    return values[-1] if values else ""
