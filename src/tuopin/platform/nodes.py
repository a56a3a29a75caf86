"""Nodes (时间节点): what a campaign wants by which day in an area, and how much of it is left.

A room's ``nodes.py`` may define ``area_nodes(area, day)`` (targets that hold in the area, such as those of its pack)
and ``nodes_left(actor, area, below, target)`` (how much is left of a target that the room can count, else None). An
office moves the day of such a target or sets one of its own; both hold for the area and all below it, the nearest area
first.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.models import Node
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

SET = "platform.set_nodes"
YEARS = 10
"""How far from today a node may lie."""


class Area(Protocol):
    """What is needed of an area: its id, and the path that grants are measured by."""

    area_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """A node in an area. ``due``: the last day. ``first_due``: the day that the pack gives, where an office moved it.

    ``row``: the office's own row, None for a node of a pack as it stands. ``set_at``: the id of the area whose office
    set it. ``standard`` or ``room``: what shows whether it is reached; neither while nobody counts it.
    """

    key: str
    due: date
    title: Title
    target: Title
    source: str
    standard: str = ""
    room: str = ""
    pack: str = ""
    first_due: date | None = None
    row: int | None = None
    set_at: int | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """How much is left of a target on ``day``: ``sure`` is certainly left, ``unknown`` may be, of ``total``.

    ``below``: the same two numbers by the id of the area below. ``href``: where those left are listed.
    """

    sure: int
    unknown: int
    total: int
    noun: Title
    day: date
    below: Mapping[int, tuple[int, int]]
    href: str = ""
    unknown_href: str = ""
    note: Title | None = None


def of_area(area: Area, above: Sequence[int], day: date) -> list[Target]:
    """The nodes that hold in an area, by day. ``above``: the ids from the top down to the area itself; ``day``: on
    which the packs are looked up."""
    makers = [getattr(module, "area_nodes", None) for _room, module in rooms_modules("nodes")]
    found = {each.key: each for make in makers if make is not None for each in make(area, day)}
    rank = {area_id: at for at, area_id in enumerate(above)}
    rows = Node.objects.filter(area_id__in=above, ended_at=None)
    for row in sorted(rows, key=lambda each: rank[each.area_id]):  # the nearest last: it counts
        known = found.get(row.key)
        if row.moves:
            if known is None:  # another pack holds now
                continue
            first = known.first_due or known.due
            found[row.key] = replace(
                known, due=row.due, first_due=first, row=row.pk, set_at=row.area_id, actor=row.actor, source=row.source
            )
        else:
            found[row.key] = _own(row)
    return sorted(found.values(), key=lambda each: (each.due, each.key))


def _own(row: Node) -> Target:
    return Target(
        row.key, row.due, Title(row.title_zh, row.title_en or row.title_zh),
        Title(row.target_zh, row.target_en or row.target_zh), row.source, row.standard, row.room,
        row=row.pk, set_at=row.area_id, actor=row.actor,
    )  # fmt: skip


def left(actor: Actor, area: Area, below: Sequence[Area], target: Target) -> Left | None:
    """How much is left of a target in an area, from the room that counts it; None while none can."""
    makers = [getattr(module, "nodes_left", None) for _room, module in rooms_modules("nodes")]
    found = (make(actor, area, below, target) for make in makers if make is not None)
    return next((each for each in found if each is not None), None)


# -- changes ----------------------------------------------------------------------------------------------------------


def add(actor: Actor, area: Area, due: date, title: Title, target: Title, source: str, standard: str = "") -> Node:
    """Set a node of the office's own. Raises Refused, Problem."""
    require(actor, SET, area_path=area.path)
    _check(due, source)
    if not 2 <= len(title.zh.strip()) <= 100 or not title.zh.isprintable() or not title.en.isprintable():
        raise Problem("no_title", "请写名称（2–100 字，一行）。", "Give the node a name (2–100 characters, one line).")
    _short(target.zh, target.en, title.en)
    with database.write():
        made = _insert(
            actor, area, f"own_{uuid.uuid4().hex[:12]}", due, source, moves=False, title=title, target=target,
            standard=standard[:40],
        )  # fmt: skip
        audit.record(actor, SET, f"area:{area.area_id}", {"node": made.key, "due": due.isoformat(), "set": True})
    return made


def move(actor: Actor, area: Area, target: Target, due: date, source: str) -> Node:
    """Move the day of a node in the area, for a reason or by a document (``source``). ``target`` is what was seen.

    Raises Refused; Problem for the same day, or when somebody else moved it meanwhile.
    """
    require(actor, SET, area_path=area.path)
    _check(due, source)
    if due == target.due:
        raise Problem("same_day", "日期没有变化。", "That is the day it has already.")
    with database.write():
        _end(actor, area, target, source)
        moves = target.first_due is not None or bool(target.pack)
        try:
            made = _insert(
                actor, area, target.key, due, source, moves=moves, title=target.title, target=target.target,
                standard=target.standard, room=target.room,
            )  # fmt: skip
        except IntegrityError as error:
            raise changed() from error
        detail: dict[str, object] = {"node": target.key, "from": target.due.isoformat(), "due": due.isoformat()}
        audit.record(actor, SET, f"area:{area.area_id}", detail)
    return made


def drop(actor: Actor, area: Area, target: Target, reason: str) -> None:
    """Take back what the area's office set: its own node goes, a moved one has the day from above again.

    Raises Refused; Missing where the area set nothing; Problem without a reason or after somebody else's change.
    """
    require(actor, SET, area_path=area.path)
    _check(target.due, reason)
    if target.row is None or target.set_at != area.area_id:
        raise Missing("no_such_node", "本区域没有设定这个节点。", "This area has not set such a node.")
    with database.write():
        _end(actor, area, target, reason)
        audit.record(actor, SET, f"area:{area.area_id}", {"node": target.key, "dropped": True})


def _end(actor: Actor, area: Area, target: Target, reason: str) -> None:
    """End the area's standing row of the node; what was seen must still stand."""
    standing = Node.objects.filter(area_id=area.area_id, key=target.key, ended_at=None)
    own = target.row if target.set_at == area.area_id else None
    if standing.values_list("pk", flat=True).first() != own:
        raise changed()
    standing.update(ended_at=timezone.now(), ended_by=_name(actor), ended_reason=reason.strip())


def _insert(
    actor: Actor, area: Area, key: str, due: date, source: str, *, moves: bool, title: Title, target: Title,
    standard: str = "", room: str = "",
) -> Node:  # fmt: skip
    return Node.objects.create(
        area_id=area.area_id, key=key, moves=moves, due=due, title_zh=title.zh.strip(), title_en=title.en.strip(),
        target_zh=target.zh.strip(), target_en=target.en.strip(), standard=standard, room=room, source=source.strip(),
        at=timezone.now(), actor=_name(actor), user_id=actor.user_id,
    )  # fmt: skip


def _name(actor: Actor) -> str:
    return actor.name or actor.os_user


def _check(due: date, source: str) -> None:
    if not 2 <= len(source.strip()) <= 300 or not source.isprintable():
        raise Problem(
            "no_source",
            "请写明依据或理由（2–300 字，一行）。",
            "Name the document or reason (2–300 characters, one line).",
        )
    if abs(due.year - timezone.localdate().year) > YEARS:
        raise Problem("bad_due", f"日期应在前后 {YEARS} 年之内。", f"The day must lie within {YEARS} years.")


def _short(*texts: str) -> None:
    limits = (300, 600, 200)
    if any(len(text) > most or not text.isprintable() for text, most in zip(texts, limits, strict=True)):
        raise Problem("too_long", "文字太长，或含有无法显示的字符。", "The text is too long, or cannot be shown.")


def changed() -> Problem:
    """What was seen no longer stands."""
    return Problem(
        "node_changed",
        "别人刚改过这个节点，请看过再改。",
        "Somebody changed this node meanwhile: look at it again first.",
    )


def checked(targets: Iterable[Target], key: str) -> Target:
    """The node with this key. Raises Missing."""
    for each in targets:
        if each.key == key:
            return each
    raise Missing("no_such_node", "没有这个节点。", "There is no such node.")
