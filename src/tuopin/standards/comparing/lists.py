"""Who changes, as a filter of the lists of households and villages, with the two verdicts beside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import F, Lookup

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import Column, Extension, Filter
from tuopin.platform.lists.filters import Widget
from tuopin.platform.lists.texts import VERDICTS
from tuopin.standards.comparing import selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

    _Lookup = Lookup[list[int]]
else:
    _Lookup = Lookup

ABSENT = Title("未判定", "not judged")
WORDS = {**VERDICTS, "absent": ABSENT}
NAMES = ("compare", "compared_item", "was", "becomes")


class _Among(_Lookup):
    """``id IN (…)`` as one parameter, however many ids there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, values = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{left} = ANY(%s::bigint[])", (*values, self.rhs)
        return f"{left} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(self.rhs))  # noqa: S608 - a column


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who changes in a comparison, on an item (``overall``), from and to a verdict (empty = any)."""

    number: int
    item: str
    was: str
    becomes: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChangeFilter(Filter[Chosen]):
    """``compare`` (the comparison's number), ``compared_item``, ``was`` and ``becomes`` together."""

    subject: str = "pk"

    @property
    def names(self) -> tuple[str, ...]:
        return NAMES

    def parse(self, given: Mapping[str, Sequence[str]], reader: Reader) -> Chosen | None:
        number, item, was, becomes = ("".join(given.get(name, ())[-1:]) for name in NAMES)
        if not (number or item or was or becomes):
            return None
        if not (number.isascii() and number.isdigit() and len(number) < 18) or reader.place is None:
            raise self.refuse("没有这次比较。", "there is no such comparison.")
        item = item or selectors.OVERALL
        ids = selectors.changed(reader.actor, int(number), reader.place, item, was, becomes)
        return Chosen(int(number), item, was, becomes, tuple(ids))

    def matching(self, rows: QuerySet[Any], value: Chosen) -> QuerySet[Any]:
        return rows.filter(_Among(F(self.subject), list(value.ids)))

    def parameters(self, value: Chosen) -> tuple[tuple[str, str], ...]:
        pairs = zip(NAMES, (str(value.number), value.item, value.was, value.becomes), strict=True)
        return tuple((name, text) for name, text in pairs if text)

    def words(self, value: Chosen, reader: Reader) -> Title:  # noqa: ARG002 - as all filters
        was, becomes = (WORDS.get(each, Title("任意", "any")) for each in (value.was, value.becomes))
        return Title(
            f"试算（不是核查结果）：{was.zh} → {becomes.zh}", f"what-if, not an evaluation: {was.en} → {becomes.en}"
        )

    def widgets(self, value: Chosen | None, reader: Reader) -> tuple[Widget, ...]:  # noqa: ARG002 - as all filters
        if value is None:
            return ()
        listed = tuple(WORDS.items())
        number = str(value.number)
        item = Title("综合判定", "Overall") if value.item == selectors.OVERALL else Title(value.item, value.item)
        return (
            Widget("compare", Title("试算", "What-if"), "select", number, ((number, Title(f"第 {number} 号", number)),),
                   active=True),
            Widget("compared_item", Title("指标", "Item"), "select", value.item, ((value.item, item),), active=True),
            Widget("was", Title("原来", "From"), "select", value.was, listed, active=True),
            Widget("becomes", Title("变为", "To"), "select", value.becomes, listed, active=True),
        )  # fmt: skip


def extension(subject: str, reader: Reader) -> Extension:
    """What a comparison adds to a list, where its address names one."""
    if not any(reader.given.get(name) for name in NAMES):
        return Extension()
    item = reader.given.get("compared_item", "") or selectors.OVERALL
    load = partial(_load, item, subject)
    columns = tuple(
        Column(key, title, "choice", load=load, pick=partial(_pick, at), needs=(subject,), choices=WORDS)
        for at, (key, title) in enumerate(
            (
                ("compared_was", Title("试算前", "Before (what-if)")),
                ("compared_becomes", Title("试算后", "After (what-if)")),
            )
        )
    )
    note = Title("试算，不是核查结果：未写入任何判定。", "A what-if, not an evaluation: no verdict was written.")
    return Extension(columns, (ChangeFilter("changes", Title("比较", "Comparison"), subject=subject),), (note,))


def _load(item: str, subject: str, reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    number = reader.given.get("compare", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return {}
    by_subject = {row[subject]: row["pk"] for row in rows}
    found = selectors.letters(reader.actor, int(number), reader.place, list(by_subject), item)
    return {by_subject[each]: pair for each, pair in found.items()}


def _pick(at: int, found: tuple[str, str] | None) -> str | None:
    return found[at] if found else None
