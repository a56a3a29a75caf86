"""Paging by key: a page begins behind the last row of the one before, however deep it lies, and no row is skipped or
shown twice when others change meanwhile.

The cursor holds the values that the rows are sorted by, among them perhaps a name: it is encrypted, so that an
address says nothing, and bound to list and order, so that it fits nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from tuopin.platform.home import secret_key
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    from django.db.models import QuerySet

    from .model import Row

SIZE = 50


@dataclass(frozen=True, slots=True)
class Order:
    """Fields to sort by, ``pk`` last; ``blanks``: the first may be NULL, and such rows come last in both directions.
    ``name`` binds cursors to the list and its order."""

    fields: tuple[str, ...]
    descending: bool
    blanks: bool
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows ``first`` … of a list; ``after`` and ``before`` are the cursors of its neighbours, empty at the ends."""

    rows: Sequence[Row]
    first: int
    after: str
    before: str


@cache
def _cipher() -> AESSIV:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(hashlib.sha512(b"tuopin list cursor\0" + secret_key().encode()).digest())


def seal(order: Order, position: int, values: Sequence[object]) -> str:
    """The cursor of a place between two rows: behind ``position`` rows, at the row with these values."""
    text = orjson.dumps([position, *values], default=str)
    return base64.urlsafe_b64encode(_cipher().encrypt(text, [order.name.encode()])).decode().rstrip("=")


def unseal(order: Order, cursor: str) -> tuple[int, list[Any]]:
    """Position and values. Raises Problem for anything that this installation did not make for this order."""
    from cryptography.exceptions import InvalidTag

    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position, *values = orjson.loads(_cipher().decrypt(raw, [order.name.encode()]))
    except (InvalidTag, binascii.Error, ValueError, TypeError):
        raise Problem(
            "bad_cursor",
            "这个页码地址已失效。请从第一页重新翻页。",
            "The address of this page is no longer good. Begin at the first page.",
        ) from None
    return int(position), values


def page(rows: QuerySet[Any], names: Sequence[str], order: Order, *, after: str, before: str, size: int = SIZE) -> Page:
    """One page. ``names`` are the fields that the rows are read with, those of the order among them."""
    if before and not after:
        position, values = unseal(order, before)
        found = _fetch(rows, names, order, values, size + 1, backwards=True)
        if len(found) > size:
            first = max(1, position - size + 1)
            return _page(order, list(reversed(found[:size])), first, more=True, less=True)
        after = ""  # the first page, whole
    position, values = unseal(order, after) if after else (0, [])
    found = _fetch(rows, names, order, values, size + 1, backwards=False)
    return _page(order, found[:size], position + 1, more=len(found) > size, less=bool(after))


def _page(order: Order, found: list[Row], first: int, *, more: bool, less: bool) -> Page:
    def cursor(row: Row, position: int) -> str:
        return seal(order, position, [row[name] for name in order.fields])

    last = cursor(found[-1], first + len(found) - 1) if found and more else ""
    return Page(found, first, last, cursor(found[0], first - 1) if found and less else "")


def ordered(rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """The whole list in its order, blanks last: one statement for a stream."""
    descending = order.descending
    head = F(order.fields[0])
    if order.blanks:
        first = head.desc(nulls_last=True) if descending else head.asc(nulls_last=True)
    else:
        first = head.desc() if descending else head.asc()
    rest = [F(name).desc() if descending else F(name).asc() for name in order.fields[1:]]
    return rows.order_by(first, *rest)


def _fetch(
    rows: QuerySet[Any], names: Sequence[str], order: Order, values: list[Any], size: int, *, backwards: bool
) -> list[Row]:
    """Up to ``size`` rows on one side of a place, nearest first. Rows with and without a value are two stretches, each
    a range of an index: one condition over both would not be."""
    stretches = [False, True] if order.blanks else [False]
    if backwards:
        stretches.reverse()
    at_blank = order.blanks and bool(values) and values[0] is None
    if values and at_blank != stretches[0]:
        stretches = stretches[1:]
    found: list[Row] = []
    for blank in stretches:
        here = values if values and blank == at_blank else []
        found += _stretch(rows, names, order, here, size - len(found), blank=blank, backwards=backwards)
        if len(found) >= size:
            break
    return found


def _stretch(
    rows: QuerySet[Any],
    names: Sequence[str],
    order: Order,
    values: list[Any],
    size: int,
    *,
    blank: bool,
    backwards: bool,
) -> list[Row]:
    fields = order.fields[1:] if blank else order.fields
    values = values[1:] if blank else values
    if order.blanks:
        rows = rows.filter(Q(**{f"{order.fields[0]}__isnull": blank}))
    down = order.descending != backwards
    if values:
        if len(fields) == 1:
            rows = rows.filter(Q(**{f"{fields[0]}__{'lt' if down else 'gt'}": values[0]}))
        else:
            compare = TupleLessThan if down else TupleGreaterThan
            rows = rows.filter(compare(Tuple(*map(F, fields)), tuple(values)))
    rows = rows.order_by(*(F(name).desc() if down else F(name).asc() for name in fields))
    return list(rows.values(*names)[:size])
