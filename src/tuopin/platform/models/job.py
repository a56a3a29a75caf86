"""Work that outlives a request: one row a job (docs/decisions/0014)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Job(models.Model):
    """A job and how far it is. Only ``platform/jobs.py`` writes here.

    ``worker`` names the process that holds the job; as long as that process lives it holds a lock of that name, so
    that a job of a killed worker is recognised at once and a slow one never taken away. ``claim`` is new at every
    attempt: an attempt that lost its job cannot write its result.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队 Queued"
        RUNNING = "running", "进行中 Running"
        DONE = "done", "完成 Done"
        FAILED = "failed", "失败 Failed"

    UNFINISHED: ClassVar = (State.QUEUED, State.RUNNING)

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    worker = models.CharField(max_length=64, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    heartbeat = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    actor_kind = models.CharField(max_length=8)
    user_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    os_user = models.CharField(max_length=150, blank=True)
    limits = models.JSONField(null=True)  # of the token that began it: see access.Limits
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "platform_job"
        indexes = (models.Index(fields=["state", "run_after", "id"], name="platform_job_queue"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.state}"
