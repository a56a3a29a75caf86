"""What a person chose to open matters for, what later findings propose to close, and which matter became a measure of a
help plan."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Organisation
from tuopin.orders.models import Matter
from tuopin.register.models import Area, Household


class Opening(models.Model):
    """That findings of a standard and an ``origin`` (a key of ``order.ORIGINS``) open matters in an area, issued by
    ``issuer``, since somebody chose so and until somebody ended it."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    standard = models.CharField(max_length=40)
    origin = models.CharField(max_length=16)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()
    chosen_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cycle_opening"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "standard", "origin"], condition=Q(ended_at=None), name="cycle_opening_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.standard}:{self.origin}"


class ClosingProposal(models.Model):
    """That the newest evaluation by ``standard``, judged as of ``day``, no longer finds what a matter was opened for.
    A person verifies and closes, or not; the next run takes back what no longer holds."""

    matter = models.OneToOneField(Matter, on_delete=models.CASCADE, primary_key=True, related_name="+")
    standard = models.CharField(max_length=40)
    day = models.DateField()
    proposed_at = models.DateTimeField()

    class Meta:
        db_table = "cycle_closing_proposal"

    def __str__(self) -> str:
        return f"matter:{self.pk}"


class PlanItem(models.Model):
    """That a matter put the measure ``number`` into a household's help plan of ``year``: once for good. The number
    stays the same through the versions of the plan."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="plan_items", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    year = models.SmallIntegerField()
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cycle_plan_item"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "household"], name="cycle_plan_item_once"),
            models.UniqueConstraint(fields=["household", "year", "number"], name="cycle_plan_item_measure"),
        ]

    def __str__(self) -> str:
        return f"matter:{self.matter_id} {self.year}.{self.number}"
