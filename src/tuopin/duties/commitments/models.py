"""Commitments. A commitment is written once, with its exact text; another wording is another commitment, which
supersedes it, and both are kept. Whether it was honoured follows from figures (``measuring.py``) and is kept beside it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Household

from ..models import Official


class Commitment(AppendOnly):
    """What ``inferior`` promises ``superior`` about an area or one household. ``area``: where it is to be fulfilled, by
    which grants are asked; of a household its village at that time.

    ``level``: city … village, or household. ``under``: the commitment above, of which this one carries a part.
    ``superior_post`` and ``inferior_post`` are unit and post as they stood. ``digest``: SHA-256 of ``text`` in UTF-8.
    ``reason``: why it supersedes another.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.CharField(max_length=12)
    title = models.CharField(max_length=100)
    superior = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    superior_post = models.CharField(max_length=320, blank=True)
    inferior = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    inferior_post = models.CharField(max_length=320, blank=True)
    under = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    due = models.DateField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_commitment"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(level="household", household__isnull=False) | (~Q(level="household") & Q(household=None)),
                name="duties_commitment_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.level}"


class CommitmentTarget(AppendOnly):
    """One thing promised. ``kind``: a figure (``measure``, ``at_most``, ``value`` times 100), a node (``measure`` is
    its key, reached by ``day``), or words, which somebody judges (:class:`CommitmentJudgement`)."""

    class Kind(models.TextChoices):
        FIGURE = "figure"
        NODE = "node"
        WORDS = "words"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.SmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    measure = models.CharField(max_length=100, blank=True)
    at_most = models.BooleanField(default=True)
    value = models.BigIntegerField(null=True)
    day = models.DateField()
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "duties_commitment_target"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["commitment", "number"], name="duties_commitment_target_once"),
            models.CheckConstraint(
                condition=~Q(kind="figure") | Q(value__isnull=False), name="duties_commitment_target_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}.{self.number}"


class CommitmentSignature(AppendOnly):
    """One side signed the text of that ``digest``: on paper (``platform.Evidence`` about ``commitment``), or by the
    signer's own account."""

    class Side(models.TextChoices):
        SUPERIOR = "superior"
        INFERIOR = "inferior"

    class Way(models.TextChoices):
        PAPER = "paper"
        ACCOUNT = "account"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=8, choices=Side)
    way = models.CharField(max_length=8, choices=Way)
    day = models.DateField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_commitment_signature"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["commitment", "side"], name="duties_commitment_signature_once")
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.side}"


class CommitmentReplacement(AppendOnly):
    """``commitment`` counts no more, ``by`` counts instead. One that both sides had signed is replaced only when both
    have signed the other one too, and, where these are other people, when a third has agreed (``reason``)."""

    class How(models.TextChoices):
        UNSIGNED = "unsigned"  # it was a draft: nobody had promised anything yet
        BOTH = "both"
        THIRD = "third"
        EARLIER = "earlier"  # before this was asked

    commitment = models.OneToOneField(Commitment, on_delete=models.PROTECT, primary_key=True, related_name="replaced")
    by = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_commitment_replacement"

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.how}"


class CommitmentJudgement(AppendOnly):
    """What somebody who is neither side says of a target in words, by a document (``platform.Evidence`` about
    ``commitment_judgement``). The newest of a target counts."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(CommitmentTarget, on_delete=models.PROTECT, related_name="+")
    met = models.BooleanField()
    day = models.DateField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_commitment_judgement"

    def __str__(self) -> str:
        return f"{self.target_id} {self.met}"


class CommitmentState(models.Model):
    """Where a commitment stands, worked out from signatures and figures and made anew when these change: lists and
    counts read one row each. ``targets``: by number what was found, as ``measuring.Found`` writes it."""

    commitment = models.OneToOneField(Commitment, on_delete=models.PROTECT, primary_key=True, related_name="state")
    signed = models.SmallIntegerField()
    outcome = models.CharField(max_length=10)
    targets = models.JSONField()
    worked_out_at = models.DateTimeField()

    class Meta:
        db_table = "duties_commitment_state"
        indexes: ClassVar = [models.Index(fields=["outcome"], name="duties_commitment_outcome")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.outcome}"
