"""Matters and their parts as a tree, read in one statement each, however deep: what stands above and below, and what
keeps it a tree. Who changes where a part belongs does it alone (:func:`alone`), with the rows locked."""

# ruff: noqa: S608 - own texts; numbers and values travel as parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Max
from django.db.models.expressions import RawSQL

from tuopin.core.matters import ENDED, OPEN
from tuopin.platform import database
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import limits
from ..models import RUNNING, Matter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from ..changes import Given

LIMITS = frozenset({"issue", "return", "reopen", "extend"})
"""Acts by which somebody gives a limit, or more time."""
DEEPEST = 6
"""Levels of parts below parts."""
SETTLED = tuple(sorted({*ENDED, "closed"}))
"""States of a part for which its whole need not wait."""
WAIT = frozenset({"done", "verify", "close"})
"""Acts for which all parts of a whole must have ended."""
_UP = (
    "WITH RECURSIVE up(start, id) AS ("
    "SELECT id, parent_id FROM orders_matter WHERE id IN ({ids}) AND parent_id IS NOT NULL"
    " UNION SELECT up.start, m.parent_id FROM up JOIN orders_matter m ON m.id = up.id WHERE m.parent_id IS NOT NULL)"
)
_DOWN = (
    "WITH RECURSIVE down(start, id, depth) AS ("
    "SELECT parent_id, id, 1 FROM orders_matter WHERE parent_id IN ({ids})"
    " UNION ALL SELECT down.start, m.id, down.depth + 1 FROM down JOIN orders_matter m ON m.parent_id = down.id"
    f" WHERE down.depth <= {DEEPEST})"
)


def alone() -> None:
    """Of two who move parts about at once, the second waits here for the first, before it locks or reads anything: the
    circle that two moves make together is in neither of them. SQLite has one writer anyway."""
    if database.is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.families'))")


def above(ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """What each of some matters is a part of, at any depth; those that stand by themselves are left out."""
    found: dict[int, set[int]] = {}
    for start, number in _query(_UP + " SELECT start, id FROM up", ids):
        found.setdefault(start, set()).add(number)
    return {key: frozenset(some) for key, some in found.items()}


def height(ids: Collection[int]) -> int:
    """The most levels of parts that any of them has below; 0 = none has parts."""
    [(deepest,)] = _query(_DOWN + " SELECT coalesce(max(depth), 0) FROM down", ids)
    return int(deepest)


def waiting(ids: Collection[int]) -> frozenset[int]:
    """Those that have a part, at any depth, that has not ended."""
    states = ", ".join(f"'{each}'" for each in SETTLED)
    found = _query(
        _DOWN + " SELECT DISTINCT down.start FROM down JOIN orders_matter m ON m.id = down.id"
        f" WHERE m.state NOT IN ({states})", ids,
    )  # fmt: skip
    return frozenset(number for (number,) in found)


def below(number: int) -> RawSQL:
    """The parts of a matter at any depth, for ``filter(pk__in=…)``."""
    return RawSQL(_DOWN.format(ids="%s") + " SELECT id FROM down", [number])  # noqa: S611 - a number as a parameter


def check_parents(parents: Sequence[Matter]) -> None:
    """Raises Problem for a whole that takes no part: one that is done or has ended, or lies too deep."""
    for each in parents:
        if each.state != "draft" and each.state not in OPEN:
            raise Problem(
                "whole_ended", "总件已报结或办结，不能再加分件。请先退回或重新交办总件。",
                "The whole is done or has ended and takes no more parts: send it back or reopen it first.",
                matter=each.pk,
            )  # fmt: skip
    lines = above([each.pk for each in parents])
    if any(len(some) >= DEEPEST for some in lines.values()):
        raise _too_deep()


def check_attach(matters: Sequence[Matter], whole: Matter, now: datetime) -> None:
    """Raises Problem for parts that cannot be put under a whole: itself, what it is a part of, too deep a tree, a limit
    after that of the whole."""
    ids = {each.pk for each in matters}
    if whole.pk in ids:
        raise Problem("attach_itself", "不能归入自己，请另选一件。", "A matter is no part of itself: take another.")
    lines = above([whole.pk]).get(whole.pk, frozenset())
    if ids & lines:
        raise Problem(
            "circular", "总件不能归入自己的分件。", "A whole is not put under a part of its own.", matter=whole.pk
        )
    check_parents([whole])
    if len(lines) + 1 + height(ids) > DEEPEST:
        raise _too_deep()
    check_carried(matters, whole, now)


def within_wholes(
    act: str, matters: Sequence[Matter], data: Sequence[dict[str, Any]], given: Given, now: datetime
) -> None:
    """No part ends after its whole, as far as the limit of that lies ahead: the usual limit of a part is cut to it, and
    its event says so; raises Problem for a limit that somebody named, or asked for, and for a whole that would end
    before parts that run. What moves a limit by itself is not held back (``beyond.py``)."""
    if act not in LIMITS:
        return
    wholes = {each.pk: each for each in matters}
    numbers = {each.parent_id for each in matters if each.parent_id is not None} - wholes.keys()
    if numbers:
        wholes |= {each.pk: each for each in Matter.objects.filter(pk__in=listed(numbers))}
    for each, said in zip(matters, data, strict=True):
        whole = wholes.get(each.parent_id or 0)
        if whole is None or not later(each, whole, now):
            continue
        if given.limit is not None or act == "extend":
            raise _after_whole(each, whole)
        each.limit_at, each.by_hours, each.provisional = whole.limit_at, whole.by_hours, whole.provisional
        each.next_at = limits.look_again(each, now)
        said |= {"limit": whole.limit_at.isoformat() if whole.limit_at is not None else "", "counted": False}
    if act != "extend":  # one that ends before a part ends less before it
        _check_parts(matters)


def _check_parts(matters: Sequence[Matter]) -> None:
    parts = Matter.objects.filter(parent_id__in=listed([each.pk for each in matters]), state__in=RUNNING)
    last = dict(parts.order_by().values_list("parent_id").annotate(last=Max("limit_at")))
    for each in matters:
        at = last.get(each.pk)
        if at is not None and each.limit_at is not None and at > each.limit_at:
            day = limits.day_of(at)
            raise Problem(
                "parts_later", f"有分件的时限在 {day}，总件的时限不能早于它。",
                f"A part of it ends on {day}: the whole cannot end before.", matter=each.pk, day=day.isoformat(),
            )  # fmt: skip


def check_carried(parts: Sequence[Matter], whole: Matter, now: datetime) -> None:
    """Raises Problem for parts that would come under a whole and end after it."""
    for each in parts:
        if each.state in RUNNING and later(each, whole, now):
            raise _after_whole(each, whole)


def later(part: Matter, whole: Matter, now: datetime) -> bool:
    """Whether a part ends after its whole, whose limit runs and lies ahead."""
    if whole.state not in RUNNING or whole.limit_at is None or part.limit_at is None:
        return False
    return now < whole.limit_at < part.limit_at


def _after_whole(part: Matter, whole: Matter) -> Problem:
    day = limits.day_of(whole.limit_at) if whole.limit_at is not None else ""
    return Problem(
        "after_whole", f"总件的时限是 {day}，分件不能晚于它。请改早，或先由交办方延长总件的时限。",
        f"The whole ends on {day}, and no part after it: take an earlier day, or let its issuer extend the whole.",
        matter=part.pk, whole=whole.pk, day=str(day),
    )  # fmt: skip


def _too_deep() -> Problem:
    return Problem(
        "too_deep", f"分件最多 {DEEPEST} 层，请归入更上一级。", f"Parts lie at most {DEEPEST} deep: take one above."
    )


def _query(sql: str, ids: Collection[int]) -> list[tuple[Any, ...]]:
    some = listed(sorted(ids))
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{ids}", some.sql), some.params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
