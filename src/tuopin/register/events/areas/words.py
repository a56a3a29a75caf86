"""What is wrong with lines of changes of areas, in both languages; and what a reader is told of ended areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .given import Fault

if TYPE_CHECKING:
    from datetime import date

_WORDS = {
    "no_such_area": (
        "{day} 没有区划 {code}。请核对原代码和日期。",
        "There is no area {code} on {day}: check code and day.",
    ),
    "name_differs": (
        "{code} 当时叫“{name}”，与所填原名称不同。请核对代码。",
        "{code} was called “{name}” then, which is not the old name given: check the code.",
    ),
    "ends_that_day": ("{name} 在同一天被合并、拆分或撤销。", "{name} ends on that very day."),
    "said_twice": ("{name} 在同一天有两个不同的新名称或新代码。", "{name} is given two names or codes on one day."),
    "into_itself": ("{name} 不能并入自己。", "{name} cannot be merged into itself."),
    "successor_ends": (
        "{name} 在同一天也被并入别处，请写明最后并入的区划。",
        "{name} ends on that day too: name the area that goes on.",
    ),
    "levels_differ": (
        "合并、拆分的区划须是同一级别。",
        "Areas that are merged, or that take a part, must be of one level.",
    ),
    "ends_twice": ("{name} 在同一天写了两个去向。", "{name} is said to end twice."),
    "began_that_day": (
        "{name} 当天才成立或变更，不能当天结束。",
        "{name} began or changed on that very day; it cannot end on it.",
    ),
    "no_name": ("新设的 {code} 须有一个名称。", "The new area {code} needs one name."),
    "parent_needed": (
        "新设的 {code} 跨上级区划，请填写上级代码。",
        "The new area {code} comes from under several areas: name the one above it.",
    ),
    "no_part": ("{name} 的拆分没有新的区划。", "The split of {name} names no new area."),
    "no_such_parent": ("没有上级区划 {code}。", "There is no area {code} to lie under."),
    "wrong_parent": ("{above} 不能是 {name} 的上级。", "{name} cannot lie under {above}."),
    "not_empty": (
        "{name}（{code}）还在其下，请先写明它归谁管。",
        "{name} ({code}) still lies under it: say where that goes.",
    ),
    "code_taken": ("代码 {code} 已有别的区划在用。", "The code {code} is another area's."),
    "later_change": (
        "{name} 在此之后另有变更，不能补登更早的变更。请先撤销后来的登记，再按先后登记。",
        "{name} changed again later. Take the later recording back, then record both in order.",
    ),
    "households_left": (
        "{name} 还有 {count} 户没有分到新的村。请补上组或户，或让原村继续。",
        "{count} household(s) of {name} were assigned nowhere: name groups or households, or let the village go on.",
    ),
    "households_stay": (
        "{name} 还有 {count} 户，不能撤销。请选“合并”。",
        "{name} still has {count} household(s); it cannot be abolished. Choose “merged”.",
    ),
    "no_such_households": (
        "{name} 没有这些组或户：{what}。",
        "These groups or households are not of {name}: {what}.",
    ),
    "assigned_twice": (
        "{name} 的 {count} 户分到了两个村。",
        "{count} household(s) of {name} were assigned to two villages.",
    ),
    "procedure_under_way": (
        "{name} 有正在办理的程序（编号 {what}）。请先办结或撤回，再登记变更。",
        "A procedure is under way on {name} (number {what}). Finish or withdraw it first.",
    ),
}


def fault(row: int, code: str, /, **named: object) -> Fault:
    """A fault of a line, with its text in both languages."""
    zh, en = _WORDS[code]
    return Fault(row, code, zh.format(**named), en.format(**named))


def became(kind: str, name: str, code: str, day: date) -> tuple[str, str]:
    """What became of an area, as a sentence: 自 2020-03-01 起已并入 …"""
    verb = {
        "merged": ("已并入", "has been part of"),
        "split": ("已拆分到", "has been split up into"),
        "abolished": ("已撤销", "has been abolished"),
    }.get(kind, ("改为", "has been called"))
    if not name:
        return f"自 {day} 起{verb[0]}", f"{verb[1]} since {day}"
    return f"自 {day} 起{verb[0]} {name}（{code}）", f"{verb[1]} {name} ({code}) since {day}"
