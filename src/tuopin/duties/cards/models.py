"""Cards and ledgers as they were printed. A code stands here only under a key of the installation: who has the
database alone can show no card."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Household


class CardPrint(models.Model):
    """One printing of cards for an area. ``digest``: SHA-256 of the file; ``left_out``: households of which the one who
    printed is the helper."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    copies = models.CharField(max_length=40)
    count = models.IntegerField()
    left_out = models.IntegerField(default=0)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_card_print"

    def __str__(self) -> str:
        return str(self.pk)


class CardCode(models.Model):
    """One card with its code: of a household (its own copy, or the helper's), or of a village (what hangs on its wall).

    ``key``: HMAC of the code. ``content``: SHA-256 of what the card said. One living code a household and copy.
    """

    class Copy(models.TextChoices):
        HOUSEHOLD = "household"
        HELPER = "helper"
        VILLAGE = "village"

    class Ended(models.TextChoices):
        REPRINTED = "reprinted"
        LOST = "lost"
        WRONG = "wrong"
        GONE = "gone"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    copy = models.CharField(max_length=10, choices=Copy)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=64, unique=True)
    content = models.CharField(max_length=64)
    printing = models.ForeignKey(CardPrint, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    handed_on = models.DateField(null=True)
    handed_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, blank=True)

    class Meta:
        db_table = "duties_card_code"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "copy"], condition=Q(ended_at=None, area=None), name="duties_card_one_living"
            ),
            models.UniqueConstraint(
                fields=["area"], condition=Q(ended_at=None, household=None), name="duties_card_one_of_village"
            ),
            models.CheckConstraint(
                condition=Q(household__isnull=False, area=None, copy__in=["household", "helper"])
                | Q(household=None, area__isnull=False, copy="village"),
                name="duties_card_of_one",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["household", "at"], name="duties_card_household")]

    def __str__(self) -> str:
        return str(self.pk)


class LedgerPrint(AppendOnly):
    """A paper ledger that was printed: the digest of its data, by household too (``rows``: code → digest), and the
    signed head of the audit chain at that moment. ``day``: of which day it is."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    evaluation_id = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, db_index=True)
    rows = models.JSONField()
    seq = models.BigIntegerField()
    head = models.CharField(max_length=64)
    head_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_ledger_print"

    def __str__(self) -> str:
        return self.digest


class WordTemplate(AppendOnly):
    """One version of an office's Word template. The newest of an area counts; ``content`` empty: the office went back
    to the default."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.IntegerField()
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, blank=True)
    content = models.BinaryField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_word_template"
        constraints: ClassVar = [models.UniqueConstraint(fields=["area", "version"], name="duties_word_template_one")]

    def __str__(self) -> str:
        return f"{self.area_id}.{self.version}"
