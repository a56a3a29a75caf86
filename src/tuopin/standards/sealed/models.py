"""Registered instances with the seals that were seen of them, and what was judged from seals."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SealInstance(models.Model):
    """Another installation whose seals this one reads: a city's, below an area of this register.

    ``instance`` is the permanent id that its manifests bear; ``state`` is what the last look at it found (``sound``,
    ``rewritten``, ``unreachable``), ``problem`` says it in words.
    """

    instance = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=500)
    area = models.ForeignKey("register.Area", on_delete=models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64, blank=True, default="")
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, default="sound")
    problem_zh = models.CharField(max_length=500, blank=True, default="")
    problem_en = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        db_table = "standards_seal_instance"
        constraints = [
            models.UniqueConstraint(
                fields=["instance"], condition=Q(ended_at=None), name="standards_seal_instance_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.address}"


class SeenSeal(models.Model):
    """A seal of another installation as it was first seen: its digest is pinned and never changed."""

    instance = models.ForeignKey(SealInstance, on_delete=models.PROTECT, related_name="seals")
    number = models.IntegerField()
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True, default="")
    sealed_at = models.DateTimeField()
    rows = models.BigIntegerField()
    seen_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "standards_seen_seal"
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="standards_seen_seal_once")]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.number}"


class SealedEvaluation(models.Model):
    """A standard judged from one seal of this installation, or from seals of several instances (``joint``).

    It stands apart from ``Evaluation``: no page of the register takes it for today's. ``digest`` is over all that
    decides the verdicts, the seals' hashes among it; ``rows_digest`` over the verdicts themselves, so that two
    computations can be compared without their rows. ``sources`` lists the seals, ``left_out`` who is missing and why,
    ``facts`` the oldest and newest date of what was read. ``against`` compares with a stored evaluation.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    joint = models.BooleanField()
    standard = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    level = models.CharField(max_length=16)
    pack = models.CharField(max_length=40)
    pack_version = models.CharField(max_length=40)
    pack_digest = models.CharField(max_length=64)
    parameter_hash = models.CharField(max_length=64)
    day = models.DateField()
    area = models.ForeignKey("register.Area", null=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=128, blank=True, default="")
    digest = models.CharField(max_length=64)
    rows_digest = models.CharField(max_length=64)
    actor = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    items = models.JSONField()
    shown = models.JSONField()
    draft = models.JSONField()
    sources = models.JSONField()
    left_out = models.JSONField()
    facts = models.JSONField()
    tally = models.JSONField()
    against = models.JSONField(null=True)

    class Meta:
        db_table = "standards_sealed_evaluation"
        constraints = [models.UniqueConstraint(fields=["digest"], name="standards_sealed_once")]
        indexes = [models.Index(fields=["joint", "id"], name="standards_sealed_last")]

    def __str__(self) -> str:
        return f"{self.standard} {self.day} ({self.pack})"
