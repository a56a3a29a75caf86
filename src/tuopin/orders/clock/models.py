"""What the clock proposes to discipline inspection."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Official, Organisation


class LeadProposal(models.Model):
    """A matter that was neither solved nor reported, long after its limit: somebody decides whether a lead is opened.

    Without household data. ``key`` stands in addresses and in the audit log: it is no number, so that it tells neither
    which matter nor who. ``due``: the limit that passed. ``holder`` and ``official``: who had it then. Once it is
    decided the person is no longer named, a row whose lead was opened looks like a dismissed one, and ``outcome`` is
    sealed, for who decided.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=32, unique=True)
    matter = models.ForeignKey("orders.Matter", on_delete=models.PROTECT, related_name="+", db_index=False)
    due = models.DateTimeField()
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    decided_on = models.DateField(null=True)
    decided_by = models.BigIntegerField(null=True)
    outcome = models.TextField(blank=True)

    class Meta:
        db_table = "orders_lead_proposal"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "due"], name="orders_lead_proposal_once"),
            models.CheckConstraint(
                condition=Q(decided_on=None, outcome="")
                | (Q(decided_on__isnull=False, official=None) & ~Q(outcome="")),
                name="orders_lead_proposal_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["holder"], condition=Q(decided_on=None), name="orders_lead_proposal_open"),
            models.Index(fields=["official"], condition=Q(official__isnull=False), name="orders_lead_proposal_person"),
        ]

    def __str__(self) -> str:
        return f"lead_proposal:{self.key}"
