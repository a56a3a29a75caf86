"""Procedures that were begun, what was done in each, and the texts of the definitions they follow."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tuopin.platform.models.append_only import AppendOnly


class ProcedureText(models.Model):
    """A definition as it stood when a procedure began by it: a pack that changes later changes nothing that runs."""

    digest = models.CharField(max_length=64, primary_key=True)
    pack = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        db_table = "standards_procedure_text"

    def __str__(self) -> str:
        return f"{self.pack}/{self.key}"


class Procedure(models.Model):
    """A procedure on one subject. Its subject is a row of its level's table: hence no foreign key.

    ``frozen`` holds the verdict at the start with all that it rests on (:mod:`.freezing`), ``frozen_digest`` the
    SHA-256 of it as canonical JSON. ``acts`` counts the acts: who writes the next one says how many were seen.
    ``step``, ``earliest``, ``due`` and ``provisional`` follow from definition and acts, and are kept for lists.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed"
        STOPPED = "stopped"
        WITHDRAWN = "withdrawn"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    definition = models.ForeignKey(ProcedureText, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    level = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    started = models.DateField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    standard = models.CharField(max_length=40)
    pack = models.CharField(max_length=40)
    overall = models.CharField(max_length=16)
    frozen = models.JSONField()
    frozen_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    acts = models.IntegerField(default=0)
    step = models.CharField(max_length=40, blank=True)
    last_day = models.DateField()
    earliest = models.DateField(null=True)
    due = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # of a withdrawal

    class Meta:
        db_table = "standards_procedure"
        constraints = (
            models.UniqueConstraint(
                fields=["key", "level", "subject_id"], condition=Q(state="running"), name="standards_procedure_one"
            ),
        )
        indexes = (
            models.Index(fields=["level", "subject_id"], name="standards_procedure_subject"),
            models.Index(fields=["state", "due", "id"], name="standards_procedure_due"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.level}:{self.subject_id}"


class ProcedureAct(AppendOnly):
    """A step as it was done; the withdrawal of a procedure is none. Written once: what was wrong is withdrawn."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="done", db_index=False)
    number = models.IntegerField()
    step = models.CharField(max_length=40)
    outcome = models.CharField(max_length=40)
    day = models.DateField()
    by = models.CharField(max_length=100)
    note = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=400, blank=True)  # keys, joined by commas; papers in platform.Evidence
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "standards_procedure_act"
        constraints = (models.UniqueConstraint(fields=["procedure", "number"], name="standards_procedure_act_once"),)

    def __str__(self) -> str:
        return f"{self.procedure_id}.{self.number} {self.step}:{self.outcome}"
