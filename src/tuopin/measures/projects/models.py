"""Projects, the money they are paid from, and whom they benefit. States and findings are derived (``states.py``)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.platform.models.fields import PlainField
from tuopin.register.models import Area, Household, Person, Sheet


class Project(models.Model):
    """A project of a county's library (项目库) of a year. ``code``: its number there, or made from name and place."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    county = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    code = PlainField(max_length=80)

    class Meta:
        db_table = "measures_project"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["county", "year", "code"], name="measures_project_once")
        ]

    def __str__(self) -> str:
        return self.code


class ProjectVersion(models.Model):
    """What is known of a project, as versions: the newest has ``superseded_at`` None. Money in fen, None = unknown.

    ``area``: where it lies (village, township or county). ``source``: where the money is to come from, as planned.
    ``households``: how many are to benefit. ``cancelled``: it was taken out of the library.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="versions", db_index=False)
    name = models.CharField(max_length=200)
    sort = models.CharField(max_length=20)
    content = models.CharField(max_length=500, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)
    cost = models.BigIntegerField(null=True)
    begins = models.DateField(null=True)
    due = models.DateField(null=True)
    households = models.IntegerField(null=True)
    cancelled = models.BooleanField(default=False)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=150, blank=True)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_project_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(superseded_at=None), name="measures_project_version_now"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Fund(models.Model):
    """A source of money of an area's budget in a year (中央专项 …)."""

    class Tier(models.TextChoices):
        CENTRAL = "central"
        PROVINCE = "province"
        CITY = "city"
        COUNTY = "county"
        INTEGRATED = "integrated"
        SOCIAL = "social"
        OTHER = "other"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    tier = models.CharField(max_length=12, choices=Tier)
    name = PlainField(max_length=200)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_fund"
        constraints: ClassVar = [models.UniqueConstraint(fields=["area", "year", "name"], name="measures_fund_once")]

    def __str__(self) -> str:
        return self.name


class FundMove(models.Model):
    """Money that moved: came ``in`` to a fund, was ``allocated`` from it to a project, was ``paid`` for the project.

    ``amount`` in fen, above nought. ``fund`` None: paid, and the list does not say from what. ``superseded_at`` set: it
    was wrong and has been taken back; it stays readable.
    """

    class Kind(models.TextChoices):
        IN = "in"
        ALLOCATED = "allocated"
        PAID = "paid"

    kind = models.CharField(max_length=9, choices=Kind)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="moves")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="moves")
    amount = models.BigIntegerField()
    day = models.DateField()
    document = models.CharField(max_length=200, blank=True)
    payee = models.CharField(max_length=200, blank=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=150, blank=True)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_fund_move"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="measures_fund_move_amount"),
            models.CheckConstraint(
                condition=Q(kind="in", fund__isnull=False, project=None)
                | Q(kind="allocated", fund__isnull=False, project__isnull=False)
                | Q(kind="paid", project__isnull=False),
                name="measures_fund_move_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class Acceptance(AppendOnly):
    """That a project was accepted (验收) or was not. ``takes_back``: an earlier row that was wrong."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField()
    day = models.DateField()
    document = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    takes_back = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="taken_back")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_project_acceptance"

    def __str__(self) -> str:
        return f"{self.project_id} {self.day}"


class Benefit(models.Model):
    """A household, or one of its members, that a project benefits: by an amount a year (fen) or in kind."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="benefits", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    amount = models.BigIntegerField(null=True)
    in_kind = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_project_benefit"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "household"], condition=Q(superseded_at=None, person=None),
                name="measures_project_benefit_house",
            ),
            models.UniqueConstraint(
                fields=["project", "household", "person"], condition=Q(superseded_at=None, person__isnull=False),
                name="measures_project_benefit_person",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.project_id} {self.household_id}"
