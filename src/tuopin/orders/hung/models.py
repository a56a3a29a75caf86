"""Signs (挂牌督战): what is hung, the weekly items that are asked for, and what was done, which is never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Official, Organisation
from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area


class HungSign(models.Model):
    """One sign: an area under supervision from above, or in it a matter, a node, or a group of problems.

    ``area`` decides who sees it. ``key`` names what it hangs on within the area (``area``, ``matter:17``,
    ``node:problems_cleared``, ``group:audit:funds``): one open sign each. ``office`` hung it, ``holder`` answers,
    ``supervisor`` (督战人) stands above and checks. ``figures``: what was measured that day, and stays; ``criteria``:
    what must be reached to come off (``measuring.Criterion``). ``look_on``: when the clock looks at its weeks next.
    ``version`` counts changes: a form made from an older one is refused.
    """

    class Target(models.TextChoices):
        AREA = "area"
        MATTER = "matter"
        NODE = "node"
        GROUP = "group"

    class State(models.TextChoices):
        HANGING = "hanging"
        OFF = "off"
        WITHDRAWN = "withdrawn"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.CharField(max_length=8, choices=Target)
    matter = models.ForeignKey("orders.Matter", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    node = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=24, blank=True)
    category = models.CharField(max_length=24, blank=True)
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=100)
    reason = models.CharField(max_length=1000)
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    supervisor = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+", db_index=False)
    hung_on = models.DateField()
    figures = models.JSONField()
    criteria = models.JSONField()
    state = models.CharField(max_length=10, choices=State)
    ended_on = models.DateField(null=True)
    look_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "orders_hung_sign"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "key"], condition=Q(ended_on=None), name="orders_hung_once"),
            models.CheckConstraint(
                condition=Q(state="hanging", ended_on=None) | (~Q(state="hanging") & Q(ended_on__isnull=False)),
                name="orders_hung_ended",
            ),
            models.CheckConstraint(
                condition=Q(target="matter", matter__isnull=False) | (~Q(target="matter") & Q(matter=None)),
                name="orders_hung_matter",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["area", "state"], name="orders_hung_area"),
            models.Index(fields=["holder"], name="orders_hung_holder"),
            models.Index(fields=["office"], name="orders_hung_office"),
            models.Index(fields=["supervisor"], name="orders_hung_supervisor"),
            models.Index(fields=["matter"], condition=Q(matter__isnull=False), name="orders_hung_of_matter"),
            models.Index(fields=["look_on"], condition=Q(look_on__isnull=False), name="orders_hung_clock"),
        ]

    def __str__(self) -> str:
        return f"hung_sign:{self.pk}"


class HungItem(models.Model):
    """One thing that is asked for (每周清单) by ``due``, which says of which week it is; ``by`` is the last day now: it
    is later where an answer was returned, or where the day turned out to be off. ``state`` is of ``core.supervision``;
    ``answered_on``: when it was answered last, ``rounds``: how often, ``late_days``: how many days too late the latest
    of its answers came, also where it was returned and answered again since. ``told``: the last stage of the clock;
    ``tell_on``: when it looks next. ``provisional``: the year of ``by`` is not published."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    sign = models.ForeignKey(HungSign, on_delete=models.PROTECT, related_name="items", db_index=False)
    words = models.CharField(max_length=300)
    due = models.DateField()
    by = models.DateField()
    provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    answered_on = models.DateField(null=True)
    rounds = models.SmallIntegerField(default=0)
    late_days = models.IntegerField(default=0)
    told = models.SmallIntegerField(default=0)
    tell_on = models.DateField(null=True)

    class Meta:
        db_table = "orders_hung_item"
        constraints: ClassVar = [
            models.UniqueConstraint(  # what was dropped by mistake is asked for again
                fields=["sign", "due", "words"], condition=~Q(state="dropped"), name="orders_hung_item_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "accepted", "returned"]) | Q(answered_on__isnull=False),
                name="orders_hung_item_answered",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tell_on"], condition=Q(tell_on__isnull=False), name="orders_hung_item_clock"),
        ]

    def __str__(self) -> str:
        return f"hung_item:{self.pk}"


class HungEvent(AppendOnly):
    """What was done to a sign or one of its items: ``act`` is one of ``selectors.ACTS``. ``data``: what was measured,
    who was supervisor before. Papers are ``platform.Evidence`` about ``hung``, of the event’s number."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    sign = models.ForeignKey(HungSign, on_delete=models.PROTECT, related_name="events", db_index=False)
    item = models.ForeignKey(HungItem, on_delete=models.PROTECT, null=True, related_name="events", db_index=False)
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    note = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "orders_hung_event"
        indexes: ClassVar = [
            models.Index(fields=["sign", "id"], name="orders_hung_event_of"),
            models.Index(fields=["item", "id"], condition=Q(item__isnull=False), name="orders_hung_event_item"),
        ]

    def __str__(self) -> str:
        return f"hung_event:{self.pk}"
