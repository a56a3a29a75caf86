"""The audit log: what was done, by whom; numbered and hashed afterwards (docs/decisions/0012)."""

from __future__ import annotations

from django.db import models

from tuopin.platform.models.append_only import AppendOnly


class AuditEntry(AppendOnly):
    """One act, written in the transaction of the act itself.

    The user is a number and a name, not a foreign key: the entry must outlive the account. ``detail`` is canonical
    JSON text, so that it hashes the same on every database; ``digest`` names a change set or a file (SHA-256).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    os_user = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    detail = models.TextField()
    digest = models.CharField(max_length=128, blank=True)

    class Meta:
        db_table = "platform_audit_entry"
        indexes = (
            models.Index(fields=["subject", "id"], name="platform_audit_subject"),
            models.Index(fields=["action", "id"], name="platform_audit_action"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"


class AuditPending(models.Model):
    """An entry not yet chained. Written with the entry, taken away with the link: late commits are never missed."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        db_table = "platform_audit_pending"

    def __str__(self) -> str:
        return str(self.pk)


class AuditLink(AppendOnly):
    """The place of one entry in the chain: numbers 1, 2, 3 … without gaps; hashes are hexadecimal SHA-256."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "platform_audit_link"

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class AuditHead(AppendOnly):
    """The end of the chain as signed after each chaining; ``key`` is the fingerprint of the public key."""

    id = models.BigAutoField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        db_table = "platform_audit_head"

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"
