"""What a rectification ledger (问题整改台账) said of a problem that came from one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Organisation
from tuopin.register.models import Area, Sheet

from ..models import Matter


class LedgerEntry(models.Model):
    """The row of a ledger that a problem came from, as it was written last.

    ``keeper`` is the county (or what lies above counties) whose ledger it is; with ``issuer``, ``source``, ``batch``
    and ``label`` it names the row. ``lead``, ``unit``, ``person``, ``verifier``: as written, also where nobody of that
    name was found. ``version`` is the matter's when the import last wrote it: a matter that has another one was acted
    upon here, and no import changes it.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="ledger")
    keeper = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=24, blank=True)
    batch = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=64)
    lead = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=100, blank=True)
    verifier = models.CharField(max_length=100, blank=True)
    places = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    looked_back = models.CharField(max_length=500, blank=True)
    found_on = models.DateField(null=True)
    limit_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)
    version = models.IntegerField(default=1)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "orders_ledger_entry"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["keeper", "issuer", "source", "batch", "label"],
                condition=Q(issuer__isnull=False),
                name="orders_ledger_label_of",
            ),
            models.UniqueConstraint(
                fields=["keeper", "source", "batch", "label"],
                condition=Q(issuer__isnull=True),
                name="orders_ledger_label",
            ),
        ]

    def __str__(self) -> str:
        return f"ledger_entry:{self.pk}"
