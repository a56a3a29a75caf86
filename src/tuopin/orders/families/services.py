"""Opening a whole with its parts in one go, two levels deep: an inspection, its aspects, the problems of each; or a
directive to many units. One transaction: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem

from .. import services
from ..changes import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor

    from ..models import Matter
    from ..services import Draft

MOST = 500
"""Matters that are opened together."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is to be opened. ``holder_id`` None: who holds what it is a part of; ``limit`` None: that of what it
    is a part of, or the usual one."""

    title: str
    holder_id: int | None = None
    official_id: int | None = None
    limit: date | None = None
    parts: tuple[Part, ...] = ()


def open_family(
    actor: Actor, whole: Draft, parts: Sequence[Part], now: datetime, *, issue: bool, limit: date | None = None
) -> Matter:
    """Open a whole, which its issuer keeps unless it names a holder, and its parts; issued at once if asked for.

    A part goes by what the whole says of source, category, urgency, area, basis and evidence. Statements grow with the
    number of different limits, not with that of parts. Raises Refused, Missing, Problem.
    """
    count = 1 + len(parts) + sum(len(each.parts) for each in parts)
    if not parts or count > MOST:
        raise Problem(
            "bad_family", f"请列出分件，连同总件最多 {MOST} 件。", f"List parts: at most {MOST} with the whole.",
            most=MOST,
        )  # fmt: skip
    if any(below.parts for each in parts for below in each.parts):
        raise Problem("family_deep", "一次最多开两层分件。", "Parts are opened two levels deep at a time.")
    if whole.issuer_id is None:
        raise Problem(
            "no_issuer", "请选择交办单位：总件由它掌握。", "Choose who issues it: the issuer keeps the whole."
        )
    _check_limits(parts, limit)
    with database.write():
        [top] = services.draft(actor, [replace(whole, holder_id=whole.holder_id or whole.issuer_id)], now)
        first = _below(actor, whole, [(top, each) for each in parts], now)
        second = _below(actor, whole, [(row, each) for row, part in first for each in part.parts], now)
        if issue:
            _issue(actor, [(top, limit), *_limits(first, limit), *_second_limits(first, second, limit)], now)
            top.refresh_from_db()
        detail: dict[str, object] = {"parts": count - 1, "issued": issue}
        audit.record(actor, "orders.open_family", f"matter:{top.pk}", detail)
    return top


def _check_limits(parts: Sequence[Part], limit: date | None) -> None:
    """Raises Problem for a part that would end after what it is a part of."""
    for each in parts:
        for part, above in [(each, limit), *((below, each.limit or limit) for below in each.parts)]:
            if part.limit is not None and above is not None and part.limit > above:
                raise Problem(
                    "after_whole", f"分件“{part.title[:40]}”的时限不能晚于上一层的 {above}。",
                    f"The part “{part.title[:40]}” cannot end after {above}, when what it is a part of does.",
                    day=above.isoformat(),
                )  # fmt: skip


def _below(
    actor: Actor, whole: Draft, given: Sequence[tuple[Matter, Part]], now: datetime
) -> list[tuple[Matter, Part]]:
    """The parts of one level, drafted together."""
    if not given:
        return []
    drafts = [
        replace(
            whole, title=part.title, parent_id=above.pk, holder_id=part.holder_id or above.holder_id,
            official_id=part.official_id or (above.official_id if part.holder_id is None else None),
            subjects=(), joint=(), text="", label="", root_cause="", measure="",
        )
        for above, part in given
    ]  # fmt: skip
    return list(zip(services.draft(actor, drafts, now), (part for _above, part in given), strict=True))


def _limits(made: Iterable[tuple[Matter, Part]], limit: date | None) -> list[tuple[Matter, date | None]]:
    return [(row, part.limit or limit) for row, part in made]


def _second_limits(
    first: Iterable[tuple[Matter, Part]], second: Iterable[tuple[Matter, Part]], limit: date | None
) -> list[tuple[Matter, date | None]]:
    above = {row.pk: day for row, day in _limits(first, limit)}
    return [(row, part.limit or above.get(row.parent_id or 0)) for row, part in second]


def _issue(actor: Actor, made: Sequence[tuple[Matter, date | None]], now: datetime) -> None:
    """Those of one limit together."""
    by_limit: dict[date | None, list[int]] = {}
    for row, day in made:
        by_limit.setdefault(day, []).append(row.pk)
    for day, ids in by_limit.items():
        services.act(actor, "issue", ids, Given(limit=day), now)
