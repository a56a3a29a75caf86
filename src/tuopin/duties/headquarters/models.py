"""What a headquarters has beyond an organisation: field and lead, plans, progress, implementing opinions.

A headquarters is an :class:`Organisation` of kind ``headquarters``; commander, acting deputy and members are
assignments to it. Plans and reports are written once: what was planned first stays to be compared with.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Sheet

from ..models import Official, Organisation


class HeadquartersDetail(models.Model):
    """Field of work and leading department of a headquarters from a day to a day. ``field``: a key of ``fields.toml``,
    empty = of its own; ``lead`` None = not said."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=32, blank=True)
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_headquarters_detail"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(valid_to=None), name="duties_headquarters_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="duties_headquarters_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.field}"


class HeadquartersPlan(AppendOnly):
    """One version of a plan. ``kind``: the programme of the whole campaign (专项推进方案) or the plan of a year
    (年度工作计划), begun in ``year``. ``digest``: SHA-256 over its content."""

    class Kind(models.TextChoices):
        PROGRAMME = "programme"
        YEAR = "year"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    year = models.SmallIntegerField()
    version = models.SmallIntegerField()
    document = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_headquarters_plan"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "year", "version"], name="duties_headquarters_plan_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind} {self.year}.{self.version}"


class PlanStep(AppendOnly):
    """A step of a version. ``number`` stays the same through the versions of a plan; ``begins`` and ``ends`` are its
    first and last day; ``after``: numbers of the steps that come first, by commas. ``goal``: what is measured, and
    how much of it, in words."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(HeadquartersPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.SmallIntegerField()
    title = models.CharField(max_length=200)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    begins = models.DateField()
    ends = models.DateField()
    after = models.CharField(max_length=200, blank=True)
    deliverable = models.CharField(max_length=200, blank=True)
    goal = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "duties_plan_step"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="duties_plan_step_once"),
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="duties_plan_step_period"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}.{self.number}"


class StepReport(AppendOnly):
    """How far a step is on a day, by whom it was said; its paper is ``platform.Evidence`` about ``step_report``.

    ``share``: hundredths done, 100 = done. ``takes_back``: an earlier report that was wrong; the row then says nothing
    else.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    share = models.SmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    takes_back = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="taken_back")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_step_report"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=100), name="duties_step_report_share")
        ]

    def __str__(self) -> str:
        return f"{self.step_id} {self.day}"


class Opinion(models.Model):
    """Whether a department of a county is to issue an implementing opinion (贯彻落实意见) for a headquarters, and has.

    Rows are versions: the one without ``superseded_at`` counts. Issued = it has a document number. No row: nobody has
    said whether one is needed, which is unknown. ``official``: who is to see to it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.CharField(max_length=100)
    required = models.BooleanField(default=True)
    due = models.DateField(null=True)
    issued_on = models.DateField(null=True)
    document = models.CharField(max_length=200, blank=True)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duties_opinion"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "organisation", "department"],
                condition=Q(superseded_at=None),
                name="duties_opinion_now",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "superseded_at"], name="duties_opinion_headquarters"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.area_id}"
