"""Which closings are looked back at sooner, why, and by what seed they were drawn. A flag accuses nobody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class EarlyLookBack(models.Model):
    """A closing (``closing``: its event) that is looked back at sooner than usual. ``reason``: of ``closings/draw.py``;
    ``seed``: what was drawn by, so that anybody can draw again; '' = every such one is looked at. ``same``: the matter
    whose evidence is the same. ``looker``: the account that was drawn to look back, None = any that may. ``looked_at``:
    when somebody did, or it began again."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey("orders.Matter", on_delete=models.CASCADE, related_name="early", db_index=False)
    closing = models.ForeignKey("orders.MatterEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=10)
    seed = models.CharField(max_length=64, blank=True)
    same = models.ForeignKey("orders.Matter", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    looker = models.BigIntegerField(null=True)
    look_back_on = models.DateField()
    at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_early_look_back"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "closing", "reason"], name="orders_early_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["look_back_on", "id"], condition=Q(looked_at=None), name="orders_early_due")
        ]

    def __str__(self) -> str:
        return f"early_look_back:{self.pk}"
