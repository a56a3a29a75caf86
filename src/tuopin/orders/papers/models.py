"""Papers (公文) of matters: the words that offices number by, the papers themselves, who got them, Word templates."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.core.papers import Kind as PaperKind
from tuopin.duties.models import Organisation


class NumberWord(models.Model):
    """The word before the year in the numbers of an organisation's papers (机关代字), and how its papers are signed:
    an organisation may have several, one a kind of paper."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=20)

    class Meta:
        db_table = "orders_number_word"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "word"], name="orders_number_word_once")
        ]

    def __str__(self) -> str:
        return f"number_word:{self.pk}"


class NumberCounter(models.Model):
    """The last number drawn under a word in a year. The row is locked while one is drawn: no gap, no double."""

    word = models.ForeignKey(NumberWord, on_delete=models.PROTECT, related_name="counters")
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        db_table = "orders_number_counter"
        constraints: ClassVar = [models.UniqueConstraint(fields=["word", "year"], name="orders_number_counter_once")]


class OrderPaper(models.Model):
    """One paper of a matter. ``content``: what was written, changed as long as it is a draft (``version``).

    At issue it gets its number, and ``frozen`` becomes the whole paper as it was set, under ``digest``; from then on
    only its withdrawal is added: the number stays taken. ``file``: the digest of the PDF in the evidence folder, made
    once from what is frozen. ``answers``: the paper that a reply answers.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        ISSUED = "issued"
        WITHDRAWN = "withdrawn"
        DISCARDED = "discarded"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey("orders.Matter", on_delete=models.PROTECT, related_name="papers")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(each.value, each.name.title()) for each in PaperKind])
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replies", db_index=False)
    content = models.JSONField()
    version = models.IntegerField(default=1)
    written_at = models.DateTimeField()
    writer = models.CharField(max_length=150)
    writer_id = models.BigIntegerField(null=True)
    word = models.ForeignKey(NumberWord, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    year = models.SmallIntegerField(null=True)
    serial = models.IntegerField(null=True)
    day = models.DateField(null=True)
    frozen = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    file = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField(null=True)
    signer = models.CharField(max_length=150, blank=True)
    signer_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "orders_paper"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["word", "year", "serial"], name="orders_paper_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], serial=None, digest="")
                | Q(
                    state__in=["issued", "withdrawn"], word__isnull=False, year__isnull=False,
                    serial__isnull=False, serial__gt=0,
                    day__isnull=False, frozen__isnull=False,
                ),
                name="orders_paper_issued_numbered",
            ),
            models.CheckConstraint(condition=Q(answers=None) | ~Q(answers=models.F("id")), name="orders_paper_answers"),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["answers"], condition=Q(answers__isnull=False), name="orders_paper_answered"),
        ]

    def __str__(self) -> str:
        return f"order_paper:{self.pk}"


class PaperRecipient(models.Model):
    """An organisation that a paper goes to, is reported to (抄报) or copied to (抄送); when it signed for it (签收)."""

    class Role(models.TextChoices):
        TO = "to"
        REPORTED = "reported"
        COPIED = "copied"

    paper = models.ForeignKey(OrderPaper, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=8, choices=Role)
    place = models.SmallIntegerField()
    received_at = models.DateTimeField(null=True)
    receiver = models.CharField(max_length=150, blank=True)
    receiver_id = models.BigIntegerField(null=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "orders_paper_recipient"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["paper", "organisation"], name="orders_paper_recipient_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "paper"], name="orders_paper_recipient_of"),
        ]


class PaperTemplate(models.Model):
    """A version of an office's own Word template for its papers. ``digest`` '': back to the product's."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    letter = models.BooleanField()
    version = models.IntegerField()
    name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "orders_paper_template"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "letter", "version"], name="orders_paper_template_version")
        ]
