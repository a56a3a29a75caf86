"""Forms of the room's pages: one act a button, done or refused; choosing an official by name, by POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count
from django.utils import timezone

from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.selectors import on_day

from .models import Assignment
from .permissions import VIEW_HELPER, VIEW_OFFICIAL
from .selectors import duties_in, officials, ranges_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, QueryDict

    from tuopin.platform.access import Actor

    from .models import Official

    type Act = Callable[[Actor, QueryDict], None]

FOUND = 20
"""Officials to choose from."""


def text_of(given: QueryDict, name: str, most: int = 200) -> str:
    """One field as it may be stored: trimmed, without NUL, at most so long."""
    return given.get(name, "").replace("\0", "").strip()[:most]


def done(request: HttpRequest, actor: Actor, acts: Mapping[str, Act]) -> Problem | None:
    """Do what the pressed button says; returns why not, for what the user can mend. Raises Missing, Refused."""
    act = acts.get(request.POST.get("do", ""))
    try:
        if act is None:
            raise Problem("no_such_act", "没有这种操作。请重新打开本页。", "There is no such act. Open the page again.")
        act(actor, request.POST)
    except Problem as problem:
        if problem.status != 400:
            raise
        return problem
    messages.success(request, pick("已保存。", "Saved."))
    return None


def found(actor: Actor, text: str, permission: str = VIEW_OFFICIAL) -> list[tuple[Official, int]]:
    """Officials whose name begins so, each with the number of duties within the grants. The reading is noted, without
    the name."""
    text = text.replace("\0", "").strip()[:64]
    if not text:
        return []
    rows = list(officials(actor, permission).filter(name__startswith=text).order_by("name", "pk")[:FOUND])
    readlog.read(actor, "duties.find_official", {}, len(rows))
    live = Assignment.objects.filter(
        duties_in(ranges_at(actor, VIEW_HELPER)),
        on_day(timezone.localdate()),
        official_id__in=[each.pk for each in rows],
    )
    loads = {row["official_id"]: row["n"] for row in live.values("official_id").annotate(n=Count("pk"))}
    return [(each, loads.get(each.pk, 0)) for each in rows]


def one_named(actor: Actor, text: str, permission: str = VIEW_OFFICIAL) -> int | None:
    """The official typed as a name, or a name and the telephone or unit behind a space; None for an empty field.
    Raises Problem where nobody, or more than one, is meant."""
    name, _space, more = text.partition(" ")
    if not name:
        return None
    rows = [each for each, _load in found(actor, name, permission) if each.name == name]
    if more:
        rows = [each for each in rows if more.strip() in {each.phone, each.unit}]
    if len(rows) != 1:
        raise Problem(
            "which_official",
            "没有找到这名干部，或有多人同名。请写“姓名 电话”或“姓名 单位”，须与登记的完全一致。",
            "There is no such official, or several have the name. Write name and telephone, or name and unit, with a"
            " space between, exactly as recorded.",
        )
    return rows[0].pk
