"""Messages to accounts, what of them left by which channel, and what each person wants to get where."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tuopin.platform.models.user import User

OPEN = Q(read_at=None, done_at=None)


class Message(models.Model):
    """One message to one account. Only ``platform/outbox`` writes here; it stands in the inbox at once.

    ``key`` is unique for the recipient: the same message is never queued twice. ``about`` names what it is about
    (``matter:17``), ``day`` the day that matters (a due date); ``view`` and ``args`` lead there, ``word`` names it in a
    few characters. The titles are templates that ``parameters`` fill; empty = those of the kind. ``not_before`` is when
    it may leave by mail or gateway; ``mail_id`` and ``gateway_id`` are the dispatches with which it left: plain
    numbers, that outlive their rows.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    urgent = models.BooleanField()
    title_zh = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    parameters = models.JSONField(default=dict)
    word = models.CharField(max_length=60, blank=True)
    view = models.CharField(max_length=80, blank=True)
    args = models.JSONField(default=list)
    about = models.CharField(max_length=80, blank=True)
    day = models.DateField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    mail_id = models.BigIntegerField(null=True)
    gateway_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "platform_message"
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="platform_message_once"),)
        indexes = (
            models.Index(fields=["user", "-id"], name="platform_message_inbox"),
            models.Index(fields=["user", "kind"], name="platform_message_open", condition=OPEN),
            models.Index(fields=["about"], name="platform_message_about", condition=Q(done_at=None)),
            models.Index(fields=["mail_id"], name="platform_message_mail", condition=Q(mail_id__isnull=False)),
            models.Index(fields=["gateway_id"], name="platform_message_gate", condition=Q(gateway_id__isnull=False)),
            models.Index(fields=["created_at"], name="platform_message_age"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Dispatch(models.Model):
    """What leaves for one person by one channel: a digest, a word of what is urgent, the code that proves an address.

    ``key`` is unique for person and channel (``digest:2018-12-01``): one digest a day. ``worker`` holds the lock of
    that name while it sends, ``claim`` is new at every attempt: one that lost its claim cannot write its result.
    ``at_any_hour``: it holds something that may leave at night. ``error`` is a code, never what a server said.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "等待 Queued"
        SENDING = "sending", "发送中 Sending"
        SENT = "sent", "已送出 Sent"
        DROPPED = "dropped", "不再需要 Dropped"
        DEAD = "dead", "未送达 Dead"

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=12)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    at_any_hour = models.BooleanField(default=False)
    worker = models.CharField(max_length=64, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    error = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "platform_dispatch"
        constraints = (models.UniqueConstraint(fields=["channel", "user", "key"], name="platform_dispatch_once"),)
        indexes = (
            models.Index(fields=["state", "channel", "next_at", "id"], name="platform_dispatch_queue"),
            models.Index(fields=["created_at"], name="platform_dispatch_age"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.channel} {self.state}"


class MessageChoice(models.Model):
    """By which channels an account wants to hear. ``confirmed`` is the address that was proven; mail goes there alone.
    ``address`` is the one that waits for its code."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="+")
    mail = models.BooleanField(default=False)
    gateway = models.BooleanField(default=False)
    address = models.CharField(max_length=254, blank=True)
    confirmed = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "platform_message_choice"

    def __str__(self) -> str:
        return f"{self.user_id}"


class MessageMute(models.Model):
    """A kind of message that an account does not want by a channel."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=12)
    kind = models.CharField(max_length=60)

    class Meta:
        db_table = "platform_message_mute"
        constraints = (models.UniqueConstraint(fields=["user", "channel", "kind"], name="platform_message_mute_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel} {self.kind}"
