"""The inbox, and what leaves the house, as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, require_everywhere
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing, Reader
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models.message import OPEN
from tuopin.platform.outbox import operators, selectors
from tuopin.platform.outbox.kinds import all_kinds, title_of
from tuopin.platform.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Row

VIEW = "platform.view_messages"
"""What a token needs to read its owner's messages; on the pages everybody has the own ones."""
_NONE = Title("—", "—")
STATES = {
    "unread": Title("● 未读", "● unread"),
    "read": Title("已读", "read"),
    "done": Title("✓ 已办", "✓ done"),
}
CHANNELS = {"mail": Title("邮件", "mail"), "gateway": Title("网关", "gateway")}
DISPATCH_STATES = {
    "queued": Title("等待", "waiting"), "sending": Title("发送中", "being sent"), "sent": Title("已送出", "sent"),
    "dropped": Title("不再需要", "no longer wanted"), "dead": Title("✗ 未送达", "✗ not delivered"),
}  # fmt: skip

CONTENTS = {"digest": Title("每日汇总", "daily digest"), "urgent": Title("紧急", "urgent"),
            "confirm": Title("确认邮箱", "confirmation of an address")}  # fmt: skip
_WHY = {
    "unreachable": Title("邮件服务器无应答", "no answer from the mail server"),
    "bad_server": Title("邮件服务器的地址、账号或密码不能用", "address or password of the mail server cannot be used"),
    "no_answer": Title("网关无应答", "no answer from the gateway"),
    "recipient_refused": Title("收件地址被拒", "the address was refused"),
    "bad_address": Title("地址不正确", "not an address"),
    "superseded": Title("并入后一天的汇总", "went with a later digest"),
}


def _what(key: str) -> str:
    return key.partition(":")[0] if key.partition(":")[0] in CONTENTS else ""


def _why(code: str) -> Title | str:
    kind, _, number = code.partition("_")
    if kind in {"http", "smtp"} and number.isdigit():
        return Title(f"对方拒绝（{number}）", f"refused ({number})")
    return _WHY.get(code, code)


def _titles(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: selectors.title(row) for row in rows}


def _states(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: "done" if row["done_at"] else "read" if row["read_at"] else "unread" for row in rows}


def _by_state(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    unread, done = OPEN, ~Q(done_at=None)
    parts = {"unread": unread, "done": done, "read": Q(done_at=None) & ~Q(read_at=None)}
    wanted = parts[value[0]]
    for each in value[1:]:
        wanted |= parts[each]
    return rows.filter(wanted)


def _kinds(_reader: Reader) -> list[tuple[str, Title]]:
    return [(key, kind.title) for key, kind in all_kinds().items()]


def _may_open(reader: Reader) -> None:
    if reader.actor.user_id is None:
        raise Refused("refused", "只有登录用户有消息。", "Only accounts have messages.")
    if reader.actor.limits is not None:
        require(reader.actor, VIEW)


MESSAGES = Listing(
    key="platform.messages",
    title=Title("消息", "Messages"),
    noun=Title("条消息", "messages"),
    rows=lambda reader: selectors.own(reader.actor),
    may_open=_may_open,
    address=lambda _reader: reverse("platform:messages"),
    reader=reader_of,
    order=("pk",),
    order_title=Title("最新在前", "newest first"),
    descending=True,
    first="title",
    log=False,
    empty=Title("没有消息。", "There are no messages."),
    columns=(
        Column("title", Title("消息", "Message"), load=_titles,
               needs=("title_zh", "title_en", "parameters", "kind"),
               href=lambda row: reverse("platform:message", args=[row["pk"]])),
        Column("word", Title("编号、名称", "What"), field="word", blank=_NONE),
        Column("state", Title("状态", "State"), "choice", load=_states, needs=("read_at", "done_at"), choices=STATES),
        Column("urgent", Title("紧急", "Urgent"), "choice", field="urgent", blank=_NONE,
               pick=lambda value: "urgent" if value else "", choices={"urgent": Title("！紧急", "! urgent")}),
        Column("day", Title("日期或期限", "Day or limit"), "date", field="day", sort=("day",)),
        Column("created_at", Title("收到", "Received"), "date", field="created_at"),
        Column("kind", Title("类别", "Kind"), field="kind", pick=title_of, optional=True),
    ),
    filters=(
        ChoiceFilter("state", Title("状态", "State"), choices=tuple(STATES.items()), narrow=_by_state),
        FlagFilter("urgent", Title("紧急", "Urgent"), "urgent"),
        ChoiceFilter("kind", Title("类别", "Kind"), "kind", choices_of=_kinds),
        DateFilter("day", Title("日期或期限", "Day or limit"), "day", more=True),
    ),
)  # fmt: skip

DISPATCHES = Listing(
    key="platform.dispatches",
    title=Title("消息发送", "Messages sent"),
    noun=Title("次发送", "dispatches"),
    rows=lambda reader: operators.dispatches(reader.actor),
    may_open=lambda reader: require_everywhere(reader.actor, operators.MANAGE),
    address=lambda _reader: reverse("platform:outbox"),
    reader=reader_of,
    order=("pk",),
    order_title=Title("最新在前", "newest first"),
    descending=True,
    first="id",
    log=False,
    empty=Title("还没有送出过消息。", "Nothing has left yet."),
    columns=(
        Column("id", Title("编号", "Number"), "code", field="pk"),
        Column("channel", Title("渠道", "By"), "choice", field="channel", choices=CHANNELS),
        Column("user", Title("账号", "Account"), field="user__username"),
        Column("what", Title("内容", "What"), "choice", field="key", pick=_what, choices=CONTENTS, blank=_NONE),
        Column("state", Title("状态", "State"), "choice", field="state", choices=DISPATCH_STATES),
        Column("attempts", Title("次数", "Tries"), "amount", field="attempts"),
        Column("error", Title("原因", "Why"), field="error", pick=_why, blank=_NONE),
        Column("created_at", Title("生成", "Made"), "date", field="created_at"),
        Column("next_at", Title("下次", "Next"), "date", field="next_at", optional=True),
        Column("ended_at", Title("结束", "Ended"), "date", field="ended_at", blank=_NONE),
    ),
    filters=(
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(DISPATCH_STATES.items())),
        ChoiceFilter("channel", Title("渠道", "By"), "channel", choices=tuple(CHANNELS.items())),
    ),
)  # fmt: skip

LISTINGS = (MESSAGES, DISPATCHES)
