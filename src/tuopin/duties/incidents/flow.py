"""What may happen to a lead: one table. Services ask it, the page draws its buttons from it, and so does the diagram in
docs/methods/incidents.md (a test compares)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title
from tuopin.platform import working_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from tuopin.core.calendar import Limit, WorkingCalendar

    from .models import Lead

type Who = Literal["officer", "concerned", "decider", "successor"]

STATES: Mapping[str, Title] = {
    "opened": Title("尚未告知本人", "the person was not told yet"),
    "hearing": Title("等本人答复", "the person may reply"),
    "heard": Title("答复期已过，待决定", "to be decided"),
    "proposed": Title("已向省里提出建议", "proposed to the province"),
    "decided": Title("已决定", "decided"),
    "demanded": Title("已要求县里处理", "demanded of the county"),
    "closed": Title("已办结", "closed"),
    "dismissed": Title("不予追究，内容已删除", "dismissed, its content erased"),
}
WHO: Mapping[Who, Title] = {
    "officer": Title("承办人一人", "the one officer"),
    "concerned": Title("本人", "the person concerned"),
    "decider": Title("承办人以外有决定权的人", "somebody who may decide, not the officer"),
    "successor": Title("承办账号停用后接手的纪检账号", "who takes over when the officer’s account is closed"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """``act`` leads from any of ``sources`` to ``target`` ('' = stays where it is), done by one of ``who``."""

    act: str
    title: Title
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    needs: Title
    follows: Title


_HEARING = ("hearing",)
TRANSITIONS = (
    Transition("open", Title("立线索", "open"), ("",), "opened", ("officer",),
               Title("依据、来源；与本人无利害关系；不能只凭位置或筛查标记",
                     "ground, source; no conflict of interest; neither position nor flag"),
               Title("本人账号可见有一项核实", "the person’s account shows that something is asked")),
    Transition("see", Title("本人打开", "the person opens it"), ("opened",), "hearing", ("concerned",), Title("—", "—"),
               Title("视为告知，答复期开始", "told by that, the clock runs")),
    Transition("tell", Title("告知本人", "tell the person"), ("opened",), "hearing", ("officer",),
               Title("日期、送达凭据", "day and proof"), Title("答复期开始", "the clock runs")),
    Transition("reply", Title("答复", "reply"), _HEARING, "", ("concerned",), Title("答复内容", "what is said"),
               Title("答复封存，期限不变", "the reply is kept sealed, the limit stays")),
    Transition("record_reply", Title("代录书面答复", "take in a written reply"), (*_HEARING, "heard"), "", ("officer",),
               Title("答复内容、书面件", "what is said and the paper"), Title("同上", "as above")),
    Transition("stop", Title("停表", "stop the clock"), _HEARING, "", ("officer",),
               Title("原因（生病、请假、空缺）、起止", "reason (sickness, leave, vacancy), from and to"),
               Title("期限顺延", "the limit moves")),
    Transition("hand_over", Title("移交承办人", "another officer"), ("opened", *_HEARING), "", ("officer",),
               Title("另一名纪检账号，无利害关系", "another account of discipline without conflict"),
               Title("原承办人不再看得到", "who had it sees it no more")),
    Transition("take_over", Title("接手", "take over"), ("opened", *_HEARING), "", ("successor",),
               Title("承办账号已停用或不再有权", "the officer’s account is closed or may no longer"),
               Title("成为承办人", "becomes the one officer")),
    Transition("dismiss", Title("不予追究", "dismiss"), ("opened", *_HEARING, "heard"), "dismissed",
               ("officer", "decider"), Title("确认", "confirmation"),
               Title("内容删除，任何检索都找不到", "its content is erased, no search finds it")),
    Transition("propose", Title("向省里提出建议", "propose to the province"), ("heard",), "proposed", ("decider",),
               Title("省管；处理形式、理由", "managed by the province; form and reason"),
               Title("等省里答复", "the province answers")),
    Transition("decide", Title("决定", "decide"), ("heard",), "decided", ("decider",),
               Title("市管；处理形式、理由", "managed by the city; form and reason"), Title("—", "—")),
    Transition("demand", Title("要求县里处理", "demand of the county"), ("heard",), "demanded", ("decider",),
               Title("县管；处理形式、理由", "managed by the county; form and reason"),
               Title("定期限，跟踪到办结", "a limit is set and followed")),
    Transition("close", Title("记录处理结果", "record the answer"), ("proposed", "demanded"), "closed", ("decider",),
               Title("结果、文件", "outcome and document"), Title("—", "—")),
)  # fmt: skip
ACTS: Mapping[str, Transition] = {each.act: each for each in TRANSITIONS}


def state_on(lead: Lead, day: date) -> str:
    """Where a lead stands on a day: that the time to reply is over is not stored, it follows from the limit."""
    if lead.state == "hearing" and lead.limit is not None and day > lead.limit:
        return "heard"
    return lead.state


def acts_in(state: str, who: Iterable[Who]) -> list[Transition]:
    """What one of these may do in a state, in the order of the table."""
    held = set(who)
    return [each for each in TRANSITIONS if state in each.sources and held & set(each.who)]


def limit(start: date, days: int, stops: Iterable[tuple[date, date]], calendar: WorkingCalendar | None = None) -> Limit:
    """The last day to reply: so many working days after ``start``; the days of stops (both ends included) do not
    count."""
    known = calendar or working_days.calendar()
    still = {first + timedelta(at) for first, last in stops for at in range((last - first).days + 1)}
    return replace(known, off=known.off | still, worked=known.worked - still).after(start, days)


def diagram() -> str:
    """The table as a Mermaid diagram and as a table, in Markdown."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {key}: {title.zh}" for key, title in STATES.items()]
    lines += ["    hearing --> heard: 期限已过 / the limit passes"]
    for each in TRANSITIONS:
        for source in each.sources:
            target = each.target or source
            lines.append(f"    {source or '[*]'} --> {target}: {each.title.zh} / {each.title.en}")
    lines += ["```", "", "| act | who may | what is needed | what follows |", "|---|---|---|---|"]
    for each in TRANSITIONS:
        who = "、".join(WHO[one].zh for one in each.who) + " / " + ", ".join(WHO[one].en for one in each.who)
        lines.append(f"| {each.title.zh} / {each.title.en} | {who} | {each.needs.zh} / {each.needs.en} |"
                     f" {each.follows.zh} / {each.follows.en} |")  # fmt: skip
    return "\n".join(lines) + "\n"
