"""Problems opened for findings, many thousand at a time: each finding (subject, origin, standard, item) opens one
matter and never a second one, however many do it at once. With a holder it is issued at once, without one it stays a
draft.

What ``services`` does for one matter is done here by tables: the same rows, events and rules, no act of the table is
left out. Who calls it says for whom and why; nobody is told by a message: the inbox of each holder shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection
from django.utils import timezone

from tuopin.core.matters import target_of
from tuopin.duties.assigning import targets
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from . import limits, reach
from .kinds import require as require_keys
from .models import Matter, MatterEvent, MatterSubject, MatterText
from .permissions import ISSUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

MOST = 10_000
"""Findings in one transaction: others wait for the write lock meanwhile."""
_LEVELS = ("household", "person", "area")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the problem that it opens. ``level``: household, person or area; ``area_id``: where the matter
    belongs. ``title`` and ``text`` hold nothing of a class that an area does not open. ``holder_id`` None: nobody was
    found."""

    level: str
    subject_id: int
    area_id: int
    origin: str
    standard: str
    item: str
    title: str
    text: str
    urgency: str
    source: str
    category: str
    issuer_id: int
    holder_id: int | None = None
    official_id: int | None = None

    @property
    def key(self) -> tuple[str, int, str, str, str]:
        return self.level, self.subject_id, self.origin, self.standard, self.item


@dataclass(frozen=True, slots=True)
class Opened:
    """``without_holder`` of the ``matters`` opened stayed drafts."""

    matters: int = 0
    without_holder: int = 0

    def __add__(self, other: Opened) -> Opened:
        return Opened(self.matters + other.matters, self.without_holder + other.without_holder)


def open_found(actor: Actor, found: Sequence[Found], now: datetime) -> Opened:
    """Open a problem for each finding that has none yet. Raises Refused, Missing for an area or organisation outside
    the grants, Problem."""
    if not 1 <= len(found) <= MOST:
        raise Problem("bad_matters", f"一次 1 至 {MOST} 件。", f"1 to {MOST} matters at a time.", most=MOST)
    _check(found)
    day = timezone.localdate(now)
    require(actor, ISSUE)
    targets.reachable(actor, ISSUE, "area", {each.area_id for each in found}, day)
    offices = {one for each in found for one in (each.issuer_id, each.holder_id) if one is not None}
    targets.reachable(actor, ISSUE, "organisation", offices, day)
    with database.write():
        _alone()
        fresh = _fresh(found)
        if not fresh:
            return Opened()
        first = database.reserve_ids(Matter, len(fresh))
        due = _write(actor, first, fresh, now)
        waiting = sum(each.holder_id is None for each in fresh)
        detail: dict[str, object] = {"matters": len(fresh), "drafts": waiting, "limits": sorted(due)}
        audit.record(actor, "orders.open_found", f"matter:{first}", detail)
    return Opened(len(fresh), waiting)


def _check(found: Sequence[Found]) -> None:
    for source, category, urgency in {(each.source, each.category, each.urgency) for each in found}:
        require_keys(Matter.Kind.PROBLEM, source, category, urgency)
    for title, text in {(each.title, each.text) for each in found}:
        if not title.strip() or len(title) > 200 or not title.isprintable() or len(text) > 4000 or "\0" in text:
            raise Problem("bad_text", "事项名称或内容不能保存。", "A title or a text cannot be kept.")
    if any(each.level not in _LEVELS or not each.origin for each in found):
        raise Problem(
            "bad_subject",
            "对象应是户、人或区划，并写明来源。",
            "A subject is a household, a person or an area, with its origin.",
        )


def _alone() -> None:
    """In PostgreSQL whoever opens matters for findings waits for whoever does it now; SQLite has one writer anyway.
    The unique keys of subjects stand behind it."""
    if database.is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.open_found'))")


def _fresh(found: Sequence[Found]) -> list[Found]:
    """Those without a matter, each once."""
    once = {each.key: each for each in found}
    for level in _LEVELS:
        ids = {each.subject_id for each in found if each.level == level}
        if not ids:
            continue
        there = MatterSubject.objects.filter(
            origin__in={each.origin for each in found}, **{f"{level}_id__in": listed(ids)}
        )
        for subject, *rest in there.values_list(f"{level}_id", "origin", "standard", "item"):
            once.pop((level, subject, *rest), None)
    return list(once.values())


def _write(actor: Actor, first: int, fresh: Sequence[Found], now: datetime) -> set[str]:
    """The rows of new matters and what stands beside them; returns the limits given."""
    patterns = {
        (urgency, held): _pattern(urgency, held, now)
        for urgency, held in {(each.urgency, each.holder_id is not None) for each in fresh}
    }
    shared = [field.attname for field in Matter._meta.concrete_fields if field.attname not in {"id", *_OWN}]
    bases = {key: [getattr(row, name) for name in shared] for key, row in patterns.items()}
    numbered, own = list(enumerate(fresh, first)), attrgetter(*_OWN)
    database.bulk_insert(
        Matter._meta.db_table, ["id", *_OWN, *shared],
        ((number, *own(each), *bases[each.urgency, each.holder_id is not None]) for number, each in numbered),
    )  # fmt: skip
    texts = [field.attname for field in MatterText._meta.concrete_fields]
    blank = [""] * (len(texts) - 2)
    database.bulk_insert(MatterText._meta.db_table, texts, ([number, each.text, *blank] for number, each in numbered))
    for level in _LEVELS:
        database.bulk_insert(
            MatterSubject._meta.db_table, ["matter_id", f"{level}_id", "origin", "standard", "item"],
            (
                (number, each.subject_id, each.origin, each.standard, each.item)
                for number, each in numbered
                if each.level == level
            ),
        )  # fmt: skip
    _events(actor, numbered, patterns, now)
    return {row.limit_at.isoformat() for row in patterns.values() if row.limit_at is not None}


_OWN = ("title", "area_id", "source", "category", "issuer_id", "holder_id", "official_id")
"""Columns that differ from one matter to the next, beside the number."""


def _pattern(urgency: str, held: bool, now: datetime) -> Matter:
    """A matter as it begins, with its limit and with when the clock looks at it; all of an urgency begin alike."""
    row = Matter(kind=Matter.Kind.PROBLEM, state="draft", urgency=urgency, opened_at=now, changed_at=now)
    if held:
        due = limits.usual(urgency, now)
        row.state, row.issued_at, row.limit_at = target_of("draft", "issue"), now, due.at
        row.by_hours, row.provisional = due.by_hours, due.provisional
        row.next_at = limits.look_again(row, now)
    return row


def _events(
    actor: Actor, numbered: Sequence[tuple[int, Found]], patterns: dict[tuple[str, bool], Matter], now: datetime
) -> None:
    who = (now, actor.user_id, reach.signature(actor))
    limits_given = {
        urgency: row.limit_at.isoformat() if row.limit_at is not None else ""
        for (urgency, held), row in patterns.items()
        if held
    }
    issued = target_of("draft", "issue")
    columns = ["matter_id", "act", "came_from", "went_to", "note", "at", "user_id", "actor", "data"]

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, _each in numbered:
            yield number, "draft", "", "draft", "", *who, "{}"
        for number, each in numbered:
            if each.holder_id is not None:
                limit = limits_given[each.urgency]
                data = {"holder": each.holder_id, "official": each.official_id, "limit": limit, "counted": True}
                yield number, "issue", "draft", issued, "", *who, orjson.dumps(data).decode()

    database.bulk_insert(MatterEvent._meta.db_table, columns, rows())
