"""Papers that prove something: a file kept under its digest, or the place where the paper lies."""

from __future__ import annotations

from django.db import models


class Evidence(models.Model):
    """A paper about a thing of some room. Only ``platform/evidence.py`` writes here.

    ``about`` and ``about_id`` name the thing (``standards.procedure``, 12), ``item`` the part of it that is proven.
    ``digest`` is the SHA-256 of the file under ``TUOPIN_HOME/evidence``; '' = no file, ``reference`` says where the
    paper is. ``day`` is the day of the paper, ``valid_until`` the last one on which it counts (None = for ever).
    """

    id = models.BigAutoField(primary_key=True)
    about = models.CharField(max_length=40)
    about_id = models.BigIntegerField()
    item = models.CharField(max_length=90)
    digest = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=150, blank=True)
    form = models.CharField(max_length=8, blank=True)
    size = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=200, blank=True)
    day = models.DateField()
    valid_until = models.DateField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "platform_evidence"
        indexes = (
            models.Index(fields=["about", "about_id"], name="platform_evidence_about"),
            models.Index(fields=["digest"], condition=~models.Q(digest=""), name="platform_evidence_digest"),
        )

    def __str__(self) -> str:
        return f"{self.about}:{self.about_id} {self.item}"
