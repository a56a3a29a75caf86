"""Files that a person handed in: kept until they are used or have expired."""

from __future__ import annotations

from django.db import models


class Upload(models.Model):
    """A file under ``TUOPIN_HOME/uploads``, for its owner alone. Only ``platform/uploads.py`` writes here.

    ``name`` is what the owner called it, cleaned, and only ever shown; on the disk the file is called ``key``.
    ``purpose`` says what it was handed in for (``register.import/12``): it is of no use for anything else.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=150)
    purpose = models.CharField(max_length=60)
    size = models.BigIntegerField()  # bytes
    digest = models.CharField(max_length=64)  # SHA-256
    actor_kind = models.CharField(max_length=8)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "platform_upload"
        indexes = (models.Index(fields=["user_id", "purpose", "id"], name="platform_upload_owner"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.purpose}"
