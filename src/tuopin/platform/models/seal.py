"""Seals of the register: one row for each folder under ``TUOPIN_HOME/seals``."""

from __future__ import annotations

from django.db import models


class Seal(models.Model):
    """A seal that was made here. Only ``platform/seals/`` writes here; what is sealed stands in the folder.

    ``digest`` is the SHA-256 of the manifest, ``previous`` that of the seal before ('' = the first). ``faults`` are
    those of the last check, as ``core.snapshot.Fault`` (code, file), at most some hundred.
    """

    class State(models.TextChoices):
        SEALED = "sealed"  # not checked since
        SOUND = "sound"
        FAULTY = "faulty"

    number = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    data_version = models.BigIntegerField()
    catalogue = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.SEALED)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=150, blank=True)
    faults = models.JSONField(default=list)

    class Meta:
        db_table = "platform_seal"

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"
