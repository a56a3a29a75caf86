"""Files that were made for one person to fetch: exports too large to be written while the reader waits."""

from __future__ import annotations

from django.db import models


class Download(models.Model):
    """A file in the data folder, for its owner alone, until it expires. Only ``platform/downloads.py`` writes here.

    ``basis`` names the grants of the owner that the file was made with, by permission: fetching it needs them still.
    ``what``, ``filter`` and ``count`` are what the read log says of it.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField(null=True, db_index=True)  # null: made at the command line
    token_id = models.BigIntegerField(null=True)  # the token whose job made it: no other token of the owner fetches it
    key = models.CharField(max_length=32, unique=True)  # the file's name in the folder
    name = models.CharField(max_length=200)  # the name under which it is handed out
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    content_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # SHA-256
    size = models.BigIntegerField()
    basis = models.JSONField(default=list)
    what = models.CharField(max_length=200)
    filter = models.JSONField(default=dict)
    count = models.BigIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "platform_download"

    def __str__(self) -> str:
        return f"{self.pk} {self.what}"
