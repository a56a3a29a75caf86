"""Drafts of bulk assignment: what was asked for, a line a household, a line an official."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tuopin.duties.models import Official
from tuopin.register.models import Area, Household


class AssignmentPlan(models.Model):
    """A draft for one role in an area from a day on. ``asked`` is the request as JSON (``asking.py``), ``figures`` what
    the solver says of it. ``bound`` holds for every plan on the ground as it was read."""

    class State(models.TextChoices):
        DRAFT = "draft"
        APPLIED = "applied"
        REFUSED = "refused"
        UNDONE = "undone"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    day = models.DateField()
    asked = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    households = models.IntegerField()
    officials = models.IntegerField()
    cost = models.BigIntegerField()
    bound = models.BigIntegerField()
    figures = models.JSONField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "duties_assignment_plan"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="draft", decided_at=None) | ~Q(state="draft") & Q(decided_at__isnull=False),
                name="duties_assignment_plan_decided",
            )
        ]


class PlanHelper(models.Model):
    """An official of the pool: bounds within this plan (``least``, ``most``), where distances count from, and how many
    households before and after. ``others`` are duties in the role that the plan does not touch."""

    plan = models.ForeignKey(AssignmentPlan, on_delete=models.CASCADE, related_name="helpers")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=64)
    least = models.IntegerField()
    most = models.IntegerField()
    others = models.IntegerField()
    before = models.IntegerField()
    after = models.IntegerField()

    class Meta:
        db_table = "duties_plan_helper"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "official"], name="duties_plan_helper_one"),
        ]


class PlanLine(models.Model):
    """A household of a plan: who helps it (``before``, by the duty ``standing``), who should (``after``). ``made`` is
    the duty that applying began; duties stand as numbers, since an import that brought one may be undone. ``edited``:
    a person chose differently from the solver. Lines of refused plans are deleted."""

    class Kind(models.TextChoices):
        KEPT = "kept"
        CHANGED = "changed"
        NEW = "new"
        LEFT = "left"

    plan = models.ForeignKey(AssignmentPlan, on_delete=models.CASCADE, related_name="lines", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=64)
    before = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    standing = models.BigIntegerField(null=True)
    after = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=7, choices=Kind)
    edited = models.BooleanField(default=False)
    made = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_plan_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "household"], name="duties_plan_line_one"),
            models.CheckConstraint(
                condition=Q(kind="kept", after=F("before"))
                | Q(kind="new", before=None, after__isnull=False)
                | Q(kind="changed", before__isnull=False, after__isnull=False) & ~Q(after=F("before"))
                | Q(kind="left", after=None),
                name="duties_plan_line_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["plan", "path", "household"], name="duties_plan_line_place"),
            models.Index(fields=["plan", "after"], name="duties_plan_line_after"),
        ]
