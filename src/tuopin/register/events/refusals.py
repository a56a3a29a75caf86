"""Why an event is not recorded, each with what to do instead. No names and numbers of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from datetime import date


class Changed(Problem):
    """Somebody recorded something of the household meanwhile."""

    status = 409


def no_such_kind(kind: str) -> Problem:
    return Problem("no_such_kind", "没有这种登记变化。", "There is no such kind of event.", kind=kind[:40])


def said_twice() -> Problem:
    return Problem(
        "said_twice", "同一户或同一人在一次登记中出现两次。请分次登记。",
        "One household or person stands twice in one act. Record them one after another.",
    )  # fmt: skip


def outside() -> Missing:
    return Missing(
        "no_such_household", "没有找到这些户，或不在您的管辖范围内。",
        "There are no such households, or they lie outside your grants.",
    )  # fmt: skip


def changed(code: str) -> Problem:
    return Changed(
        "changed_meanwhile", f"{code} 在您查看之后已有变化，本次未写入任何内容。请重新打开后再登记。",
        f"{code} has changed since you looked; nothing was written. Open it again.", household=code,
    )  # fmt: skip


def target_outside() -> Problem:
    return Problem(
        "no_such_target", "没有找到接收的户，或不在您的管辖范围内。跨辖区的请由同时管辖两地的单位（如县）登记。",
        "There is no such receiving household, or it lies outside your grants: whoever has both places, such as the "
        "county, records it.",
    )  # fmt: skip


def village_outside() -> Problem:
    return Problem(
        "no_such_village", "没有找到这个村，或不在您的管辖范围内。跨辖区的请由同时管辖两地的单位（如县）登记。",
        "There is no such village, or it lies outside your grants: whoever has both places, such as the county, "
        "records it.",
    )  # fmt: skip


def village_not_yet(name: str, since: date) -> Problem:
    return Problem(
        "village_not_yet", f"{name} 自 {since} 起才有，变化日期不能早于这一天。迁入之前的村的，请填当时的村。",
        f"{name} began on {since}: give that day or a later one.", since=since.isoformat(),
    )  # fmt: skip


def household_ended(code: str, day: date | None) -> Problem:
    return Problem(
        "household_ended", f"{code} 已于 {day or '此前'} 离开登记，不能再登记变化。迁出的可登记“整户回迁”。",
        f"{code} left the register on {day or 'an earlier day'}. If it had moved away, record “household back”.",
        household=code,
    )  # fmt: skip


def before_household(code: str, since: date) -> Problem:
    return Problem(
        "before_household", f"{code} 自 {since} 起在本村登记，变化日期应晚于这一天。",
        f"{code} has been registered in its village since {since}: give a later day.", household=code,
        since=since.isoformat(),
    )  # fmt: skip


def before_membership(code: str, since: date) -> Problem:
    return Problem(
        "before_membership", f"所选成员自 {since} 起登记在 {code}，变化日期应晚于这一天。",
        f"A chosen member has been registered in {code} since {since}: give a later day.", household=code,
        since=since.isoformat(),
    )  # fmt: skip


def later(code: str, day: date | None) -> Problem:
    return Problem(
        "later_event", f"{code} 在 {day} 已有登记变化。请填这一天之后的日期，或先撤销那一次。",
        f"Something of {day} is on record for {code}. Give a later day, or take that back first.", household=code,
        day=str(day or ""),
    )  # fmt: skip


def nobody_chosen() -> Problem:
    return Problem("nobody_chosen", "请选择成员。", "Choose the members.")


def no_member(code: str, was_one: bool) -> Problem:
    if was_one:
        return Problem(
            "left_already", f"所选的人已不是 {code} 的成员。", f"A chosen person is no member of {code} any more.",
            household=code,
        )  # fmt: skip
    return Problem(
        "no_member", f"所选的人不是 {code} 的成员。", f"A chosen person is no member of {code}.", household=code
    )


def member_elsewhere(code: str) -> Problem:
    return Problem(
        "member_elsewhere", f"要回到 {code} 的人现为某户成员。请在其现在的户登记转出。",
        f"Whoever is to come back to {code} belongs to a household now: record the departure there.", household=code,
    )  # fmt: skip


def dead(code: str) -> Problem:
    return Problem(
        "dead", f"{code} 中所选的人已登记死亡。登记有误的，请撤销那一次登记。",
        f"The death of a chosen person of {code} is on record. If that was wrong, take it back.", household=code,
    )  # fmt: skip


def no_target() -> Problem:
    return Problem("no_target", "请填写接收的户编号。", "Give the code of the household that takes them in.")


def same_household() -> Problem:
    return Problem("same_household", "接收的户不能是本户。", "The receiving household cannot be this one.")


def no_village() -> Problem:
    return Problem("no_village", "请填写迁入的村。", "Give the village that it moves to.")


def same_village() -> Problem:
    return Problem("same_village", "本户已住在这个村。", "The household lives in this village already.")


def nobody_left() -> Problem:
    return Problem(
        "nobody_left", "分户后原户须留有成员。全户搬走的请登记“迁移”。",
        "Somebody must stay in the household. If all of it goes, record a move.",
    )  # fmt: skip


def no_head() -> Problem:
    return Problem(
        "no_head", "请从留在（或组成）该户的成员中指定户主。",
        "Name a head of household from those who stay in it, or form the new one.",
    )  # fmt: skip


def no_such_status() -> Problem:
    return Problem("no_such_status", "没有这种登记状态。", "There is no such status.")


def status_by_procedure() -> Problem:
    return Problem(
        "status_by_procedure",
        "脱贫、识别等须按程序办理，不能由分户改变登记状态。请选“与原户相同”，之后为新户发起程序。",
        "A split does not decide who exits or comes onto the register: choose “as the household it comes from” and "
        "begin a procedure for the new one.",
    )


def no_such_relation() -> Problem:
    return Problem("no_such_relation", "没有这种与户主关系。", "There is no such relation to the head.")


def no_double() -> Problem:
    return Problem(
        "no_double", "只能合并证件号码有效且相同的两条人员记录，两条都须在您的管辖范围内。",
        "Only two rows with the same sound ID number can be one person, both within your grants.",
    )  # fmt: skip


def no_name() -> Problem:
    return Problem("no_name", "请填写姓名。", "Give the name.")


def bad_newcomer() -> Problem:
    return Problem("bad_newcomer", "姓名过长或性别不对。", "The name is too long, or there is no such sex.")


def bad_birth() -> Problem:
    return Problem("bad_birth", "出生日期不能晚于变化日期。", "The birth date cannot lie after the day of the event.")


def no_birth() -> Problem:
    return Problem("no_birth", "请填写新生儿的出生日期。", "Give the newborn's birth date.")


def bad_number() -> Problem:
    return Problem(
        "bad_number", "证件号码有误（位数或校验码）。没有号码的请留空。",
        "The ID number is wrong (length or check character). Leave it blank where there is none.",
    )  # fmt: skip


def not_gone(code: str) -> Problem:
    return Problem("not_gone", f"{code} 现在就在登记中。", f"{code} is on the register now.", household=code)


def nobody_to_return(code: str) -> Problem:
    return Problem(
        "nobody_to_return", f"{code} 离开时的成员都已在别处登记或已死亡。",
        f"Everybody who left with {code} is registered elsewhere or dead.", household=code,
    )  # fmt: skip


def code_taken(code: str) -> Problem:
    return Problem("code_taken", f"户编号 {code} 已有人使用，或不合规范。请核对。",
                   f"The code {code} is in use, or no code. Check it.", household=code)  # fmt: skip


def bad_day() -> Problem:
    return Problem("bad_day", "变化日期不能晚于今天。", "The day of an event cannot lie ahead.")


def no_reason() -> Problem:
    return Problem(
        "no_reason", "请写明原因（500 字以内），依据不超过 200 字。",
        "Give the reason, within 500 characters; the document within 200.",
    )  # fmt: skip


def would_count_as_exited() -> Problem:
    return Problem(
        "would_count_as_exited",
        "接收的户已脱贫，转入的未脱贫人员将随该户计为已脱贫。请核实后勾选确认，或先按程序办理。",
        "The receiving household has exited: who joins it before exiting would count as exited. Tick that this was "
        "looked at, or go through the procedure first.",
    )  # fmt: skip
