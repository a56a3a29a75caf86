"""Reading an inbox: one's own messages alone, the number of unread ones with the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.urls import NoReverseMatch, reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.models import Message, User
from tuopin.platform.outbox.kinds import title_of
from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

MANY = 100
"""Unread messages are counted up to here: the header says 99+."""
_UNREAD = (
    "SELECT count(*) FROM (SELECT 1 FROM platform_message"
    " WHERE user_id = %s AND read_at IS NULL AND done_at IS NULL LIMIT %s) AS few"
)


class Backend(ModelBackend):
    """Django's, and with the account, in the same statement, how many messages it has not read (``unread``): every page
    shows the number and none asks for it."""

    def get_user(self, user_id: int) -> User | None:
        unread = RawSQL(f"({_UNREAD})", (user_id, MANY), output_field=IntegerField())  # noqa: S611 - our own text
        user = User.objects.annotate(unread=unread).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def own(actor: Actor) -> QuerySet[Message]:
    """The actor's own messages; nobody, not even the local administrator, has another's."""
    return Message.objects.filter(user_id=actor.user_id) if actor.user_id is not None else Message.objects.none()


def one(actor: Actor, number: int) -> Message:
    """An own message. Raises Missing."""
    found = own(actor).filter(pk=number).first()
    if found is None:
        raise Missing("no_such_message", "没有这条消息，或者已过保存期。", "There is no such message, or no more.")
    return found


def title(row: Mapping[str, Any]) -> Title:
    """The title of a message from its fields ``title_zh``, ``title_en``, ``parameters`` and ``kind``, filled in."""
    kind = title_of(row["kind"])
    zh, en = row["title_zh"] or kind.zh, row["title_en"] or row["title_zh"] or kind.en
    return Title(_filled(zh, row["parameters"]), _filled(en, row["parameters"]))


def _filled(text: str, parameters: Mapping[str, Any]) -> str:
    for name, value in parameters.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def target(message: Message) -> str:
    """The address that a message leads to; empty for one without, and where the page is no more."""
    if not message.view:
        return ""
    try:
        return reverse(message.view, args=message.args)
    except NoReverseMatch:
        return ""
