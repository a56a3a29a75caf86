"""What a dispatch says: kinds, counts, days and links to the inbox, in the person's language. A fixed number of
statements for any number of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from tuopin.platform.home import secret_key
from tuopin.platform.models import Message, MessageChoice
from tuopin.platform.models.message import OPEN
from tuopin.platform.outbox.channels import Parcel
from tuopin.platform.outbox.kinds import title_of
from tuopin.platform.outbox.planning import MAIL

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from tuopin.platform.models import Dispatch

MOST = 20
"""So many messages stand in a digest one by one; the rest is a number."""
CONFIRM = "confirm:"


@dataclass(slots=True)
class _Content:
    counts: dict[str, int] = field(default_factory=dict)
    urgent: int = 0
    lines: list[tuple[int, str, datetime.date, bool]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def parcels(dispatches: Sequence[Dispatch], instance: str) -> dict[int, Parcel]:
    """The parcels of claimed dispatches (of one channel) by number. One that is no longer wanted, or whose messages
    have all been read, has none."""
    if not dispatches:
        return {}
    channel = dispatches[0].channel
    wanted = {
        each.user_id: each
        for each in MessageChoice.objects.select_related("user").filter(
            user_id__in=[each.user_id for each in dispatches], user__is_active=True
        )
    }
    contents = _contents(channel, [each.pk for each in dispatches])
    found = {}
    for each in dispatches:
        choice = wanted.get(each.user_id)
        if choice is None:
            continue
        key = f"{instance[:16]}-{each.pk}-{int(each.created_at.timestamp())}"
        made = _parcel(each, choice, contents.get(each.pk, _Content()), key)
        if made is not None:
            found[each.pk] = made
    return found


def _contents(channel: str, ids: Sequence[int]) -> dict[int, _Content]:
    name = f"{channel}_id"
    rows = Message.objects.filter(OPEN, **{f"{name}__in": ids})
    found: dict[int, _Content] = defaultdict(_Content)
    counted = rows.values(name, "kind").annotate(n=Count("pk"), hot=Count("pk", filter=Q(urgent=True)))
    for row in counted.order_by(name, "kind"):
        content = found[row[name]]
        content.counts[row["kind"]] = row["n"]
        content.urgent += row["hot"]
    order = (F("urgent").desc(), F("day").asc(), F("pk").asc())
    at = Window(RowNumber(), partition_by=F(name), order_by=order)
    numbered = rows.annotate(at=at).filter(at__lte=MOST).order_by(name, "at")
    for dispatch, key, kind, day, urgent in numbered.values_list(name, "pk", "kind", "day", "urgent"):
        found[dispatch].lines.append((key, kind, day, urgent))
    return found


def _parcel(dispatch: Dispatch, choice: MessageChoice, content: _Content, key: str) -> Parcel | None:
    english = choice.user.language.startswith("en")
    asked = dispatch.key.startswith(CONFIRM)
    address = choice.address if asked else choice.confirmed
    if dispatch.channel == MAIL and (not address or not (asked or choice.mail)):
        return None
    if dispatch.channel != MAIL and not choice.gateway:
        return None
    if asked:
        if dispatch.key != confirm_key(address):
            return None  # another address was given meanwhile
        subject, text = _confirmation(code_of(choice.user_id, address), english)
    elif not content.total:
        return None
    else:
        subject, text = _subject(content, english), "\n".join(_lines(content, english))
    return Parcel(
        dispatch.pk, key, choice.user.username, "en" if english else "zh-hans", subject, text, content.total,
        content.urgent, _href("platform:messages"), address,
    )  # fmt: skip


def _subject(content: _Content, english: bool) -> str:
    n, hot = content.total, content.urgent
    if english:
        return f"[Tuopin] {n} message{'s' if n != 1 else ''}{f', {hot} urgent' if hot else ''}"
    return f"【脱贫攻坚】{n} 条消息待办{f'，其中 {hot} 条紧急' if hot else ''}"


def _lines(content: _Content, english: bool) -> Iterable[str]:
    for kind, n in sorted(content.counts.items(), key=lambda each: (-each[1], each[0])):
        title = title_of(kind)
        yield f"{title.en}: {n}" if english else f"{title.zh}：{n} 条"
    yield ""
    for key, kind, day, urgent in content.lines:
        title = title_of(kind)
        mark = ("[urgent] " if english else "【紧急】") if urgent else ""
        yield f"{day} {mark}{title.en if english else title.zh} {_href('platform:message', key)}".rstrip()
    if content.total > len(content.lines):
        left = content.total - len(content.lines)
        yield f"… and {left} more" if english else f"……另有 {left} 条"
    yield ""
    where = _href("platform:messages")
    yield (
        (f"All messages: {where}" if english else f"全部消息：{where}")
        if where
        else ("Sign in to read them." if english else "请登录系统查看。")
    )
    yield (
        "What a message is about stands only in the system. You choose what comes by mail under “Messages · Settings”."
        if english
        else "具体内容只在系统内显示。不想收到此邮件，可在“消息·设置”中关闭。"
    )


def _href(view: str, *args: int) -> str:
    site = settings.TUOPIN_SITE_ADDRESS
    return f"{site}{reverse(view, args=args)}" if site else ""


# -- proving an address -----------------------------------------------------------------------------------------------


def confirm_key(address: str) -> str:
    """The key of the dispatch that asks an address for its code."""
    return CONFIRM + hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def code_of(user_id: int, address: str) -> str:
    """The code that proves that the account reads mail at the address: eight letters and digits, nowhere stored."""
    text = f"tuopin.outbox.confirm:{user_id}:{address.lower()}".encode()
    return base64.b32encode(hmac.new(secret_key().encode(), text, hashlib.sha256).digest())[:8].decode()


def _confirmation(code: str, english: bool) -> tuple[str, str]:
    if english:
        return (
            "[Tuopin] Confirm your address",
            f"Code: {code}\n\nEnter it under “Messages · Settings”. If you did not ask for it, do nothing.",
        )
    return ("【脱贫攻坚】确认邮箱", f"确认码：{code}\n\n请在“消息·设置”中输入。如非本人操作，请忽略。")
