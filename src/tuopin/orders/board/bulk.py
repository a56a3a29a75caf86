"""Acts upon many matters at once: a selection of the list, looked at before it is done. Nothing that is somebody’s word
about one matter is done so (``services.ONE_BY_ONE``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import open_list
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import reach, selectors, services, words
from ..changes import Given
from .lists import MATTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.matters import Transition
    from tuopin.platform.lists import Reader

    from ..models import Matter

ACTS = (
    "issue", "receive", "start", "reassign", "extend", "refuse_extension", "stop", "resume", "merge", "attach",
    "withdraw",
)  # fmt: skip
AT_ONCE = 200
"""Up to so many are done while the page waits; more as a job."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would reach. ``digest`` names exactly these matters in these versions; ``left``: why others are left
    out, with how many."""

    act: Transition
    matters: Sequence[Matter]
    left: Sequence[tuple[Title, int]]
    total: int
    digest: str

    @property
    def first(self) -> Sequence[Matter]:
        return self.matters[:SHOWN]


def act_named(name: str) -> Transition:
    """An act that is done in bulk. Raises Problem."""
    if name not in ACTS:
        raise Problem("no_such_act", "没有这个批量操作。", "There is no such bulk act.")
    return core.ACTS[name]


def preview(
    reader: Reader, name: str, given: Mapping[str, Sequence[str]], ids: Sequence[int], now: datetime
) -> Preview:
    """Look at a selection: the matters ticked, or all that the list’s conditions match. Raises Problem for too many."""
    row = act_named(name)
    rows: QuerySet[Matter] = (
        selectors.work(reader.actor, reader.place).filter(pk__in=listed(ids))
        if ids
        else open_list(MATTERS, reader, given).rows()
    )
    found = list(rows.order_by("pk")[: services.MOST + 1])
    if len(found) > services.MOST:
        raise Problem(
            "too_many", f"一次最多 {services.MOST:,} 件，请先缩小筛选范围。",
            f"At most {services.MOST:,} at a time: narrow the list first.", most=services.MOST,
        )  # fmt: skip
    needs = {need.key for need in row.needs}
    hands = reach.hands(reader.actor, found)
    may: list[Matter] = []
    left: dict[str, int] = {}
    for each in found:
        refusal = core.refusal(each.kind, each.state, name, hands[each.pk], needs)  # type: ignore[arg-type]
        key = "" if refusal is None else each.state if refusal.code == "wrong_state" else refusal.code
        key = key or _senseless(name, each, now)
        if key:
            left[key] = left.get(key, 0) + 1
        else:
            may.append(each)
    words.cover(reader.actor, may[:SHOWN])
    return Preview(row, may, [(_why(key, row), count) for key, count in left.items()], len(found), digest(may))


_WHY = {
    "wrong_hands": Title("不由您办理", "not in your hands"),
    "late": Title("时限已过，且没有在时限前申请延期", "the limit has passed, and no more time was asked for before it"),
    "past": Title("时限已过，不能停表", "the limit has passed"),
    "not_asked": Title("没有等待答复的延期申请", "no more time was asked for"),
    "stopped": Title("已经停表，或按小时计时", "stopped already, or counted in hours"),
    "not_stopped": Title("没有停表", "not stopped"),
}


def _senseless(act: str, row: Matter, now: datetime) -> str:
    """Why an act that the table allows would be refused all the same, as a key of ``_WHY``; '' = it would not."""
    late = row.limit_at is None or now >= row.limit_at
    stopped = row.stopped_until is not None and row.stopped_until > timezone.localdate(now)
    match act:
        case "extend" if late and row.asked_until is None:
            return "late"
        case "refuse_extension" if row.asked_until is None:
            return "not_asked"
        case "stop" if stopped or row.by_hours:
            return "stopped"
        case "stop" if late:
            return "past"
        case "resume" if not stopped:
            return "not_stopped"
    return ""


def _why(key: str, row: Transition) -> Title:
    if key in core.STATES:
        state = core.STATES[key]
        return Title(f"目前是“{state.zh}”，不能{row.title.zh}", f"now “{state.en}”")
    return _WHY.get(key, Title("不适用", "does not apply"))


def digest(matters: Sequence[Matter]) -> str:
    """Names a set of matters as they stand."""
    text = ",".join(f"{each.pk}:{each.version}" for each in matters)
    return hashlib.sha256(text.encode()).hexdigest()


_DAYS = ("limit", "until", "look_back_on")


def document(given: Given) -> dict[str, Any]:
    """What was said, as it stands with a job; papers and parts are no part of bulk acts."""
    days = {key: at.isoformat() for key in _DAYS if (at := getattr(given, key)) is not None}
    said = {"note": given.note, "holder": given.holder_id, "official": given.official_id, "into": given.into_id}
    return said | {"parent": given.parent_id} | days


def read(said: dict[str, Any]) -> Given:
    """The inverse of :func:`document`."""
    days = {key: date.fromisoformat(said[key]) for key in _DAYS if key in said}
    return Given(
        said["note"], days.get("limit"), days.get("until"), days.get("look_back_on"), said["holder"], said["official"],
        said["into"], parent_id=said.get("parent"),
    )  # fmt: skip
