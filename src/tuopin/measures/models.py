"""What was paid or given under which policy, and where that differs from who is entitled."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.fields import PlainField
from tuopin.register.models import Area, Household, Person, Sheet


class Payment(models.Model):
    """One line of a payment list: what a household, or one of its members, received under a policy on a day.

    ``amount`` in fen; None = given in kind, or not readable. ``day_known`` false: the list has no day of payment, and
    ``paid_on`` is the day that the list describes. A later list with another amount for the same policy, receiver, day
    and document follows this version: ``superseded_at`` is set. ``person`` None: received by the household.
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    policy = models.CharField(max_length=40)
    amount = models.BigIntegerField(null=True)
    in_kind = models.CharField(max_length=200, blank=True)
    paid_on = models.DateField()
    day_known = models.BooleanField(default=True)
    document = models.CharField(max_length=200, blank=True)
    office = models.CharField(max_length=200, blank=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "measures_payment"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "household", "policy", "paid_on", "document"],
                condition=Q(superseded_at=None, person__isnull=False),
                name="measures_payment_person_once",
            ),
            models.UniqueConstraint(
                fields=["household", "policy", "paid_on", "document"],
                condition=Q(superseded_at=None, person=None),
                name="measures_payment_house_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "paid_on"], name="measures_payment_household"),
            models.Index(fields=["person"], name="measures_payment_person"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.paid_on}"


class GapRun(models.Model):
    """One comparison of who is entitled with who received, over an area on a day; None as area = the whole register.

    ``digest``: SHA-256 over all that decides it; the same is not worked out twice. ``policies``: their keys in
    the order of the counts. Of runs over one area the newest alone keeps its rows (:class:`Gap`), all their figures.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    pack_version = models.CharField(max_length=40)
    pack_digest = models.CharField(max_length=64)
    data_version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    policies = models.JSONField()
    actor = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        db_table = "measures_gap_run"
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest"], name="measures_gap_run_once")]

    def __str__(self) -> str:
        return f"{self.day}"


class Gap(models.Model):
    """A policy of which entitled and received differ for a household or one of its members.

    ``path`` is that of the village on the day compared. Ids stand in the order of paths.
    """

    class Kind(models.TextChoices):
        MISSING = "missing"  # entitled, not received
        EXCESS = "excess"  # received, not entitled
        UNCLEAR = "unclear"  # received, entitlement unknown
        GONE = "gone"  # received by somebody who is no member any more

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(GapRun, on_delete=models.CASCADE, related_name="gaps", db_index=False)
    household = models.ForeignKey(
        Household, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    policy = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    path = PlainField(max_length=128)

    class Meta:
        db_table = "measures_gap"
        indexes: ClassVar = [
            models.Index(fields=["run", "policy", "kind", "path"], name="measures_gap_of_policy"),
            models.Index(fields=["run", "household"], name="measures_gap_of_household"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.kind}"


class GapFigures(models.Model):
    """What a run says of one area of any level: policy → counts in the order of ``gaps.STATES``."""

    pk = models.CompositePrimaryKey("run_id", "area_id")
    run = models.ForeignKey(GapRun, on_delete=models.CASCADE, related_name="figures", db_index=False)
    area_id = models.BigIntegerField()
    counts = models.JSONField()

    class Meta:
        db_table = "measures_gap_figures"


from .livelihood.models import (  # noqa: E402 - the tables of a part of this room
    Dividend,
    Enterprise,
    EnterpriseLink,
    EnterpriseRisk,
    EnterpriseVersion,
    Loan,
    Relocation,
    Work,
)
from .merged import HouseholdNow  # noqa: E402 - a view over the register's events
from .plans.models import (  # noqa: E402 - the tables of a part of this room
    HelpPlan,
    HouseholdHelp,
    MeasureDone,
    PlanAnswer,
    PlannedMeasure,
)
from .projects.models import (  # noqa: E402 - the tables of a part of this room
    Acceptance,
    Benefit,
    Fund,
    FundMove,
    Project,
    ProjectVersion,
)
from .worksheets.models import (  # noqa: E402 - the tables of a part of this room
    IncomeWorksheet,
    WorksheetAnswer,
    WorksheetLine,
    WorksheetTaken,
)

__all__ = [
    "Acceptance",
    "Benefit",
    "Dividend",
    "Enterprise",
    "EnterpriseLink",
    "EnterpriseRisk",
    "EnterpriseVersion",
    "Fund",
    "FundMove",
    "Gap",
    "GapFigures",
    "GapRun",
    "HelpPlan",
    "HouseholdHelp",
    "HouseholdNow",
    "IncomeWorksheet",
    "Loan",
    "MeasureDone",
    "Payment",
    "PlanAnswer",
    "PlannedMeasure",
    "Project",
    "ProjectVersion",
    "Relocation",
    "Work",
    "WorksheetAnswer",
    "WorksheetLine",
    "WorksheetTaken",
]
