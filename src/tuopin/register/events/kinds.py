"""The kinds of events as data: what each needs, closes and opens, in the words of the national system (人员变更)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

type Who = Literal["newcomer", "members", "former", "double", "household", "gone"]

UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Kind:
    """``who`` the act is about: a person who is new to the register (``newcomer``), present members, former members,
    a second row of one person (``double``), the whole household, one that has gone. ``target`` is another household
    of the register, ``village`` a place: '' not asked, 'may' or 'must' be given."""

    key: str
    title: Title
    who: Who
    does: Title
    target: Literal["", "may", "must"] = ""
    village: Literal["", "may", "must"] = ""
    splits: bool = False

    @property
    def of_household(self) -> bool:
        return self.who in ("household", "gone")


_LISTED = (
    Kind("birth", Title("新生儿", "birth"), "newcomer",
         Title("本户增加一名新生儿。", "A newborn joins the household.")),
    Kind("marriage_in", Title("嫁入（婚入）", "married in"), "newcomer",
         Title("本户增加一名登记之外的人。已在登记中的，请在其原户登记“嫁出”。",
               "Somebody from outside the register joins. Who is in the register: record “married out” there.")),
    Kind("other_in", Title("其他转入", "other arrival"), "newcomer",
         Title("本户增加一名登记之外的人。已在登记中的，请在其原户登记“其他转出”。",
               "Somebody from outside the register joins. Who is in the register: record “other departure” there.")),
    Kind("return", Title("回户", "person back"), "former",
         Title("曾是本户成员的人回到本户。", "Former members belong to the household again.")),
    Kind("death", Title("死亡", "death"), "members",
         Title("成员关系自当日结束。没有其他成员的户同时销户。",
               "The membership ends that day; a household without members ends with it.")),
    Kind("marriage_out", Title("嫁出（婚出）", "married out"), "members",
         Title("成员离开本户；写明对方户编号的转入该户，不写的离开登记。",
               "Members leave: into the household whose code is given, else out of the register."), target="may"),
    Kind("emigration", Title("出国定居", "settled abroad"), "members",
         Title("成员关系自当日结束。", "The membership ends that day.")),
    Kind("imprisonment", Title("判刑收监", "imprisoned"), "members",
         Title("成员关系自当日结束；回来后登记“回户”。", "The membership ends that day; record “person back” later.")),
    Kind("other_out", Title("其他转出", "other departure"), "members",
         Title("成员离开本户；写明对方户编号的转入该户，不写的离开登记。",
               "Members leave: into the household whose code is given, else out of the register."), target="may"),
    Kind("same_person", Title("合并重复人员", "two rows are one person"), "double",
         Title("证件号码相同的两条人员记录确认为同一人：保留一条，另一条的成员关系结束。",
               "Two rows with one ID number are one person: one goes on, the other's membership ends.")),
    Kind("split", Title("分户", "split"), "members",
         Title("选中的成员自当日组成新户，登记状态默认与原户相同。",
               "The chosen members form a new household from that day, by default with the same status."),
         village="may", splits=True),
    Kind("merge", Title("并户", "merge"), "household",
         Title("全部成员转入另一户，本户自当日结束，资料保留。",
               "All members join another household; this one ends that day, and what is known of it stays."),
         target="must"),
    Kind("move", Title("迁移", "move"), "household",
         Title("全户自当日住到另一个村。", "The whole household lives in another village from that day."),
         village="must"),
    Kind("moved_away", Title("整户迁出", "moved away"), "household",
         Title("全户自当日离开登记的区域。", "The whole household leaves the area of the register that day.")),
    Kind("household_back", Title("整户回迁", "household back"), "gone",
         Title("迁出的户连同当时的成员回到登记。", "A household that had left is back, with the members it had then."),
         village="may"),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in _LISTED}
"""By key, in the order of the forms: persons first, then households."""

LEFT = "left"
VEILED = frozenset({"imprisonment", "emigration", "other_out"})
"""Kinds that tell of the class ``identity``, and the common one that hides them: without it all three are LEFT."""

TITLES: Mapping[str, Title] = {key: kind.title for key, kind in KINDS.items()} | {
    UNDO: Title("撤销登记变化", "event taken back"),
    LEFT: Title("离开", "left"),
}


def told(kind: str, classes: frozenset[str] | None) -> str:
    """The kind as a reader may know it to whom these classes of fields are open (None = all)."""
    return LEFT if kind in VEILED and classes is not None and "identity" not in classes else kind
