"""The nodes (时间节点) of an area: by when, how many days remain, how much is left and where; and setting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook.values import parse_date
from tuopin.platform import nodes as service
from tuopin.platform import working_days
from tuopin.platform.access import actor_of, may
from tuopin.platform.panels import gather, tabs
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.register.place import LEVEL_TITLES, area_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.platform.access import Actor
    from tuopin.platform.nodes import Left, Target

STANDARDS: dict[str, Title] = {
    "household_exit": Title("贫困户全部达到退出标准", "every household meets the exit standard"),
    "village_exit": Title("贫困村全部达到退出标准", "every village meets the exit standard"),
    "county_exit": Title("贫困县全部达到退出标准", "every county meets the exit standard"),
}
"""By what a node of the office's own may be counted."""
SOON = 30  # days


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as the page prints it. ``days``: calendar days from today to the last day, negative when it is past;
    ``working``: working days of them, None when it is past; ``provisional``: that year's days off are not published."""

    target: Target
    left: Left | None
    days: int
    working: int | None
    provisional: bool
    own: bool
    below: tuple[tuple[AreaVersion, int, int], ...]

    @property
    def state(self) -> str:
        """reached, late, soon, ahead, or unknown where nobody counts it."""
        if self.left is None or not self.left.total:
            return "late_unknown" if self.days < 0 else "unknown"
        if not self.left.sure and not self.left.unknown:
            return "reached"
        return "late" if self.days < 0 else "soon" if self.days <= SOON else "ahead"


def of_area(actor: Actor, version: AreaVersion, below: Sequence[AreaVersion]) -> list[Shown]:
    """The nodes of an area with what is left of each, by day."""
    today = timezone.localdate()
    return [_shown(actor, version, below, each, today) for each in service.of_area(version, ids(version.path), today)]


def next_of(actor: Actor, version: AreaVersion, today: date) -> Shown | None:
    """The node whose day comes next; when all are past, the last of them."""
    listed = service.of_area(version, ids(version.path), today)
    ahead = [each for each in listed if each.due >= today]
    chosen = next(iter(ahead), listed[-1] if listed else None)
    return _shown(actor, version, (), chosen, today) if chosen else None


def _shown(actor: Actor, version: AreaVersion, below: Sequence[AreaVersion], target: Target, today: date) -> Shown:
    calendar, left = working_days.calendar(), service.left(actor, version, below, target)
    days = (target.due - today).days
    rows = [(each, *left.below.get(each.area_id, (0, 0))) for each in below] if left else []
    most_first = sorted((row for row in rows if row[1] or row[2]), key=lambda row: (-row[1], -row[2], row[0].code))
    working = calendar.between(today, target.due) if days >= 0 else None
    own = target.set_at == version.area_id
    return Shown(target, left, days, working, not calendar.is_published(target.due), own, tuple(most_first))


@require_http_methods(["GET", "HEAD", "POST"])
def nodes(request: HttpRequest, area: str) -> HttpResponse:  # noqa: ARG001 - area_of() reads it from the address
    """The page, and its forms: a node's day moved, a node set or dropped."""
    actor, version = actor_of(request), area_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _posted(actor, version, request.POST)
        except Problem as found:
            problem, status = pick(found.zh, found.en), found.status
        else:
            messages.success(request, pick("已记录。", "Recorded."))
            return redirect("console:nodes", version.code)
    below = list(AreaVersion.objects.filter(parent_id=version.area_id, valid_to=None).order_by("code"))
    shown = of_area(actor, version, below)
    context = {
        "area": version,
        "level": LEVEL_TITLES[version.level],
        "tabs": tabs(actor, version, "nodes"),
        "nodes": shown,
        "panels": gather("node", actor, version, [each.target.key for each in shown]),
        "may_set": may(actor, service.SET, area_path=version.path),
        "standards": STANDARDS,
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "console/nodes.html", context, status=status)


def _posted(actor: Actor, version: AreaVersion, posted: QueryDict) -> None:
    do = posted.get("do", "")
    if do == "add":
        standard = posted.get("standard", "")
        if standard and standard not in STANDARDS:
            raise Problem("no_such_standard", "没有这个标准。", "There is no such standard.")
        title = Title(posted.get("title_zh", ""), posted.get("title_en", ""))
        target = Title(posted.get("target_zh", ""), posted.get("target_en", ""))
        service.add(actor, version, _day(posted), title, target, posted.get("source", ""), standard)
        return
    listed = service.of_area(version, ids(version.path), timezone.localdate())
    chosen = service.checked(listed, posted.get("key", "")[:40])
    if posted.get("seen", "") != chosen.due.isoformat():
        raise service.changed()
    if do == "move":
        service.move(actor, version, chosen, _day(posted), posted.get("source", ""))
    elif do == "drop":
        service.drop(actor, version, chosen, posted.get("source", ""))
    else:
        raise Problem("bad_form", "请用页面上的按钮。", "Use the buttons of the page.")


def _day(posted: QueryDict) -> date:
    found = parse_date(posted.get("due", "").strip()[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.")
    return found
