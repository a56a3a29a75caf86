"""Events in words: what one would open and close, and what one was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from ..codes import code_title
from .kinds import TITLES, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..models import RegisterEvent
    from ..record import Classes
    from .planning import Act
    from .state import State


def effects(act: Act, held: State) -> Iterator[Title]:
    """What an act would close and open, one sentence each. Names members: for who may open the household."""
    day, code = act.day, act.house.code

    def name(person: int) -> str:
        if act.newcomer is not None and act.newcomer[0] == person:
            return act.newcomer[1].name
        identity = held.identities.get(person)
        return identity.name if identity is not None and identity.name else "—"

    def coded(household: int | None) -> str:
        if household is None:
            return ""
        return held.houses[household].code if household in held.houses else act.new_code

    for household, person, was, now, same_as in act.subjects:
        if household is not None:
            yield _of_household(act, held, household, was, now)
        elif person is None or was == now:
            continue
        elif same_as is not None:
            yield Title(
                f"{name(person)}：{code} 中的这条记录自 {day} 起结束，保留另一条",
                f"{name(person)}: this row in {code} ends on {day}; the other one goes on",
            )
        elif was is None:
            yield Title(f"{name(person)}：自 {day} 起是 {coded(now)} 的成员",
                        f"{name(person)}: member of {coded(now)} from {day}")  # fmt: skip
        elif now is None:
            yield Title(f"{name(person)}：自 {day} 起不再是 {code} 的成员",
                        f"{name(person)}: no member of {code} from {day}")  # fmt: skip
        else:
            yield Title(f"{name(person)}：自 {day} 起由 {code} 转入 {coded(now)}",
                        f"{name(person)}: from {code} to {coded(now)} on {day}")  # fmt: skip
    for person, relation in act.relations.items():
        said = code_title("relation", relation) if relation else Title("未知，请以后填写", "unknown: to be filled in")
        yield Title(f"{name(person)}：与户主关系 {said.zh}", f"{name(person)}: relation to the head {said.en}")


def _of_household(act: Act, held: State, household: int, was: int | None, now: int | None) -> Title:
    code = held.houses[household].code if household in held.houses else act.new_code

    def village(key: int | None) -> str:
        version = held.villages.get(key or 0)
        return version.name if version is not None else "—"

    if now is None:
        return Title(
            f"{code} 自 {act.day} 起离开登记：居住地和登记状态结束，资料保留",
            f"{code} leaves the register on {act.day}: residence and statuses end, what is known of it stays",
        )
    if was is None:
        states = [code_title(axis, value) for each, axis, value in act.statuses if each == household]
        zh, en = "、".join(each.zh for each in states) or "无", ", ".join(each.en for each in states) or "none"
        why_zh = "，与原户相同" if act.kind.splits and not act.wish.registration else ""
        why_en = ", as the household it comes from" if why_zh else ""
        return Title(
            f"{code} 自 {act.day} 起住 {village(now)}，登记状态：{zh}{why_zh}",
            f"{code} lives in {village(now)} from {act.day}; status: {en}{why_en}",
        )
    return Title(
        f"{code}：住址自 {act.day} 起由 {village(was)} 改为 {village(now)}，全户成员一同迁移",
        f"{code}: moves from {village(was)} to {village(now)} on {act.day} with all its members",
    )


def line(event: RegisterEvent, codes: Mapping[int, str], classes: Classes) -> Title:
    """An event as a line of a household's history, without names, for whom these classes of fields are open."""
    title = TITLES[told(event.kind, classes)]
    other = codes.get(event.other_id or 0, "")
    zh = f"{title.zh}" + (f"（{event.persons} 人）" if event.persons else "") + (f" → {other}" if other else "")
    en = f"{title.en}" + (f" ({event.persons} persons)" if event.persons else "") + (f" → {other}" if other else "")
    return Title(zh, en)
