"""What a person wants to hear by which channel, and the address that proves to be the person's own."""

from __future__ import annotations

import datetime
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.models import Dispatch, MessageChoice, MessageMute
from tuopin.platform.outbox.digests import CONFIRM, code_of, confirm_key
from tuopin.platform.outbox.kinds import leaving
from tuopin.platform.outbox.planning import GATEWAY, MAIL
from tuopin.platform.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from tuopin.platform.access import Actor

MOST_ADDRESSES = 5
"""So many addresses a person may have a code sent to within a day."""
_AGAIN = datetime.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Choice:
    """``address`` waits for its code, ``confirmed`` was proven; ``muted`` are (channel, kind)."""

    mail: bool
    gateway: bool
    address: str
    confirmed: str
    muted: frozenset[tuple[str, str]]


def of(actor: Actor) -> Choice:
    """One's own choice: nothing leaves until it is asked for. Raises Refused for whoever has no account."""
    user_id = _account(actor)
    row = MessageChoice.objects.filter(user_id=user_id).first() or MessageChoice(user_id=user_id)
    muted = MessageMute.objects.filter(user_id=user_id).values_list("channel", "kind")
    return Choice(row.mail, row.gateway, row.address, row.confirmed, frozenset(muted))


def choose(
    actor: Actor, *, mail: bool, gateway: bool, address: str, wanted: Collection[tuple[str, str]],
    now: datetime.datetime | None = None,
) -> Choice:  # fmt: skip
    """Keep one's own choice. ``wanted`` are the (channel, kind) that may leave; of those that can, the rest is muted.
    A new address gets a code, and no mail until that was entered; an empty one is forgotten. Raises Problem."""
    user_id, moment = _account(actor), now or timezone.now()
    address = address.strip()
    if address:
        _check(address)
    elif mail:
        raise Problem("no_address", "请填写接收邮件的邮箱。", "Give the address that mail is to go to.")
    muted = {(channel, kind) for channel in (MAIL, GATEWAY) for kind in leaving(channel)} - set(wanted)
    with write():
        before = MessageChoice.objects.filter(user_id=user_id).first() or MessageChoice(user_id=user_id)
        known = address and address.lower() == before.confirmed.lower()
        asked = "" if known else address
        confirmed = before.confirmed if address else ""
        MessageChoice.objects.update_or_create(
            user_id=user_id, defaults={"mail": mail, "gateway": gateway, "address": asked, "confirmed": confirmed}
        )
        MessageMute.objects.filter(user_id=user_id).delete()
        MessageMute.objects.bulk_create(MessageMute(user_id=user_id, channel=one, kind=two) for one, two in muted)
        if asked:
            _ask(user_id, asked, moment)
        detail: dict[str, object] = {
            "mail": mail, "gateway": gateway, "address": bool(asked), "muted": sorted("/".join(each) for each in muted),
        }  # fmt: skip
        audit.record(actor, "platform.choose_messages", f"user:{user_id}", detail)
    return of(actor)


def confirm(actor: Actor, code: str) -> Choice:
    """Take the code that came to the address that waits. Raises Problem for a wrong one."""
    user_id = _account(actor)
    with write():
        row = MessageChoice.objects.filter(user_id=user_id).exclude(address="").first()
        given = code.strip().upper()
        if row is None or not given.isascii() or not hmac.compare_digest(given, code_of(user_id, row.address)):
            raise Problem(
                "wrong_code",
                "确认码不正确。请核对邮件中的 8 位确认码，注意邮箱是否改过。",
                "Wrong code. Compare it with the eight characters in the mail, and the address it went to.",
            )
        MessageChoice.objects.filter(user_id=user_id).update(confirmed=row.address, address="")
        audit.record(actor, "platform.confirm_address", f"user:{user_id}", {})
    return of(actor)


def _account(actor: Actor) -> int:
    if actor.user_id is None:
        raise Refused("refused", "只有登录用户有消息。", "Only accounts have messages.")
    return actor.user_id


def _check(address: str) -> None:
    try:
        validate_email(address)
        if len(address) > 254 or not address.isascii():
            raise ValidationError("too long")
    except ValidationError:
        raise Problem("bad_address", "邮箱地址不正确，请检查。", "That is no mail address: look at it again.") from None
    domains = settings.TUOPIN_MAIL_DOMAINS
    if domains and address.rpartition("@")[2].lower() not in domains:
        listed = "、".join(domains)
        raise Problem(
            "strange_address",
            f"只能使用单位邮箱（{listed}）。",
            f"Only addresses of the office may be used ({', '.join(domains)}).",
        )


def _ask(user_id: int, address: str, now: datetime.datetime) -> None:
    """Have a code sent; at any hour, since the person waits for it."""
    own = Dispatch.objects.filter(user_id=user_id, channel=MAIL, key__startswith=CONFIRM)
    row = own.filter(key=confirm_key(address)).first()
    if row is None and own.filter(created_at__gt=now - datetime.timedelta(days=1)).count() >= MOST_ADDRESSES:
        raise Problem(
            "too_many_addresses",
            "今天更换邮箱的次数太多，请明天再试。",
            "The address was changed too often today. Try again tomorrow.",
        )
    if row is None:
        Dispatch.objects.create(
            user_id=user_id, channel=MAIL, key=confirm_key(address), next_at=now, created_at=now, at_any_hour=True
        )
    elif row.state not in {Dispatch.State.QUEUED, Dispatch.State.SENDING} and row.created_at <= now - _AGAIN:
        own.filter(pk=row.pk).update(
            state=Dispatch.State.QUEUED, attempts=0, next_at=now, created_at=now, ended_at=None, claim=""
        )
