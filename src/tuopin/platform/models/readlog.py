"""Who read what: a separate store, since reads are many and never part of a change (docs/decisions/0013)."""

from __future__ import annotations

from django.db import models

from tuopin.platform.models.append_only import AppendOnly


class ReadBatch(AppendOnly):
    """One spool file that was taken in; its name makes taking it in twice impossible."""

    name = models.CharField(max_length=64, primary_key=True)

    class Meta:
        db_table = "platform_read_batch"

    def __str__(self) -> str:
        return self.name


class ReadEntry(AppendOnly):
    """One list, one opened household or one export. ``filter`` is JSON text, ``count`` the subjects shown."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(ReadBatch, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=8)
    user_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    os_user = models.CharField(max_length=150, blank=True)
    what = models.CharField(max_length=200, db_index=True)
    filter = models.TextField()
    count = models.BigIntegerField()
    digest = models.CharField(max_length=128, blank=True)

    class Meta:
        db_table = "platform_read_entry"

    def __str__(self) -> str:
        return f"{self.pk} {self.what}"
