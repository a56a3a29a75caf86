"""Help plans. Every save is a version, and every row is written once: what was signed stays as it was signed.

What state a plan or measure is in follows from these rows (``states.py``) and stands in none of them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Household, Person, Sheet


class HelpPlan(AppendOnly):
    """One version of a household's plan for a year. ``causes``: codes of the register's list of causes, by commas.

    ``digest``: SHA-256 over the content, so that the paper signed and the rows can be compared.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    version = models.SmallIntegerField()
    causes = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # of a version that follows another
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_help_plan"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "year", "version"], name="measures_help_plan_version")
        ]

    def __str__(self) -> str:
        return f"{self.year}.{self.version}"


class PlannedMeasure(AppendOnly):
    """One measure of a version. ``number`` stays the same through the versions of a household's year.

    Money in fen, None = unknown; ``wage`` … ``transfer``: what it is to add to that line of income in a year.
    ``mends``: items of the exit standard, by commas. ``person`` None: for the household.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(HelpPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.SmallIntegerField()
    sort = models.CharField(max_length=20)
    policy = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    content = models.CharField(max_length=300)
    organisation = models.CharField(max_length=200)
    due = models.DateField()
    cost = models.BigIntegerField(null=True)
    fund = models.CharField(max_length=200, blank=True)
    wage = models.BigIntegerField(null=True)
    business = models.BigIntegerField(null=True)
    property = models.BigIntegerField(null=True)
    transfer = models.BigIntegerField(null=True)
    mends = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "measures_planned_measure"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="measures_planned_measure_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}.{self.number}"


class PlanAnswer(AppendOnly):
    """What the household said to a version: signed, or refused with its reason. One answer a version; its papers are
    ``platform.Evidence`` about ``help_plan``."""

    class Kind(models.TextChoices):
        SIGNED = "signed"
        REFUSED = "refused"

    plan = models.OneToOneField(HelpPlan, on_delete=models.PROTECT, related_name="answer")
    kind = models.CharField(max_length=8, choices=Kind)
    day = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_plan_answer"

    def __str__(self) -> str:
        return f"{self.plan_id} {self.kind}"


class MeasureDone(AppendOnly):
    """That a measure was done: when, at what cost, by which document, with what effect. A measure may be done in parts.

    ``takes_back``: an earlier row that was wrong; the row itself then says nothing else.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    measure = models.ForeignKey(PlannedMeasure, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    cost = models.BigIntegerField(null=True)
    document = models.CharField(max_length=200, blank=True)
    effect = models.CharField(max_length=500, blank=True)
    takes_back = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="taken_back")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_measure_done"

    def __str__(self) -> str:
        return f"{self.measure_id} {self.day}"


class HouseholdHelp(models.Model):
    """What rules may know of a household's help, as versions like every block of facts (``facts.py``): one row for each
    day on which a plan was signed or something was done. Made from plans by ``following.py``, never written by hand.

    Counts are of measures done by ``as_of``, of the plan of that calendar year. ``sheet`` and ``row`` are always empty:
    no workbook says it. A household whose plan nobody has signed has no row: nothing is known of its help.
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    as_of = models.DateField()
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    measure_count = models.IntegerField()
    industry_measures = models.IntegerField()
    helped_in_education = models.BooleanField()
    helped_in_housing = models.BooleanField()
    helped_in_water = models.BooleanField()
    helped_by_support = models.BooleanField()
    helped_into_work = models.BooleanField()

    class Meta:
        db_table = "measures_household_help"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "as_of"], condition=Q(superseded_at=None), name="measures_household_help_now"
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.as_of}"
