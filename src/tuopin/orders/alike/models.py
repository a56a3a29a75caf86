"""What a matter asks of others like it: a condition or a question, and whom it is put to, each with its answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Organisation
from tuopin.register.models import Area, Household

LEVELS = ("household", "area", "unit")


class AlikeQuestion(models.Model):
    """A condition in the language of the rules (``kind`` query) or a question in words, that belongs to a matter.

    ``area``: where it is asked. Of a condition ``pack`` and ``standard`` say by which facts and limits, ``classes`` the
    classes of fields that it rests on: who lacks one sees neither its text nor what it found; ``day`` is the day it was
    last run for, ``found_at`` when. ``as_part``: what is confirmed becomes a part of the matter, else stands beside it.
    ``until``: the last day to answer a question; ``reminded_on``: when the clock spoke of it.
    """

    class Kind(models.TextChoices):
        QUERY = "query"
        WORDS = "words"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey("orders.Matter", on_delete=models.PROTECT, related_name="alike")
    kind = models.CharField(max_length=8, choices=Kind)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=1000)
    pack = models.CharField(max_length=40, blank=True)
    standard = models.CharField(max_length=40, blank=True)
    classes = models.JSONField(default=list)
    as_part = models.BooleanField(default=False)
    until = models.DateField(null=True)
    reminded_on = models.DateField(null=True)
    asked_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    found_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_alike_question"
        indexes: ClassVar = [
            models.Index(
                fields=["until"], condition=Q(until__isnull=False, reminded_on=None, ended_at=None),
                name="orders_alike_clock",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"alike:{self.pk}"


class AlikeSubject(models.Model):
    """One of those a question is about: a household or an area that a condition found, or an area or organisation that
    a question is put to. ``unknown``: the condition could not be told of it. ``answer``: '' = nobody answered yet;
    ``opened``: the matter that a confirmed one opened. ``count``: how many an asked one found where it is."""

    class Answer(models.TextChoices):
        NONE = ""
        CONFIRMED = "confirmed"
        EXCLUDED = "excluded"
        ANSWERED = "answered"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    question = models.ForeignKey(AlikeQuestion, on_delete=models.CASCADE, related_name="subjects", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    unknown = models.BooleanField(default=False)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    count = models.IntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=150, blank=True)
    user_id = models.BigIntegerField(null=True)
    opened = models.ForeignKey("orders.Matter", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "orders_alike_subject"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(household__isnull=False, area=None, unit=None)
                | Q(household=None, area__isnull=False, unit=None)
                | Q(household=None, area=None, unit__isnull=False),
                name="orders_alike_one",
            ),
            *(
                models.UniqueConstraint(
                    fields=["question", level], condition=Q(**{f"{level}__isnull": False}), name=f"orders_alike_{level}"
                )
                for level in LEVELS
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["question", "answer", "id"], name="orders_alike_left"),
            *(
                models.Index(fields=[each], condition=Q(**{f"{each}__isnull": False}), name=f"orders_alike_of_{each}")
                for each in LEVELS
            ),
            models.Index(fields=["opened"], condition=Q(opened__isnull=False), name="orders_alike_opened"),
        ]

    def __str__(self) -> str:
        return f"alike_subject:{self.pk}"
