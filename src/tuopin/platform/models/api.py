"""Tokens of the API, and the answers that are given again to a repeated request."""

from __future__ import annotations

from django.db import models

from tuopin.platform.models.user import User


class Token(models.Model):
    """A key to the API: some of its owner's grants and permissions, until a day at most a year away.

    The secret itself is kept nowhere: ``digest`` is its SHA-256, ``start`` its first characters, by which the owner
    knows it again. Only ``platform/api/tokens.py`` writes here.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    grants = models.JSONField(default=list)  # numbers of grants
    permissions = models.JSONField(default=list)  # names
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "platform_token"

    def __str__(self) -> str:
        return f"{self.start}… {self.name}"


class KeptAnswer(models.Model):
    """What a request with an ``Idempotency-Key`` was answered; ``status`` None = it is being answered.

    ``fingerprint`` is the SHA-256 of method, address and body: the same key for something else is a mistake.
    """

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "platform_kept_answer"
        constraints = (models.UniqueConstraint(fields=["token", "key"], name="platform_kept_answer_once"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.status or ''}"
