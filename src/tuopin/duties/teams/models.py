"""Resident teams: a sheet for each member and month, leave, knowledge checks, reports sent, consequences proposed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Sheet


class PresenceSheet(models.Model):
    """A member's month in a village: one letter a day (``teams.toml``), ``?`` where nobody wrote anything. ``present``
    and ``unknown`` count letters. ``notes``: day of the month → note. Confirmed sheets are changed no more."""

    official = models.ForeignKey(
        "duties.Official", on_delete=models.PROTECT, related_name="presence_sheets", db_index=False
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    marks = models.CharField(max_length=31)
    notes = models.JSONField(default=dict)
    present = models.SmallIntegerField()
    unknown = models.SmallIntegerField()
    kept_by = models.BigIntegerField(null=True)
    kept_at = models.DateTimeField()
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)

    class Meta:
        db_table = "duties_presence_sheet"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["official", "area", "month"], name="duties_presence_once")
        ]
        indexes: ClassVar = [models.Index(fields=["area", "month"], name="duties_presence_area")]

    def __str__(self) -> str:
        return f"{self.official_id} {self.month}"


class TeamLeave(models.Model):
    """Leave that a member asks for, first to last day (both included). ``tier``: who approves, by its length."""

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    official = models.ForeignKey("duties.Official", on_delete=models.PROTECT, related_name="team_leaves")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    reason = models.CharField(max_length=300)
    tier = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    asked_by = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "duties_team_leave"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="duties_team_leave_period")
        ]

    def __str__(self) -> str:
        return f"{self.official_id} {self.first}"


class KnowledgeCheck(models.Model):
    """Questions drawn from the register for a member, by a seed; ``questions`` hold the answer key as it stood then and
    are not changed any more (``digest``: SHA-256 of them). ``given``: answers by question, once scored."""

    official = models.ForeignKey("duties.Official", on_delete=models.PROTECT, related_name="knowledge_checks")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    seed = models.BigIntegerField()
    questions = models.JSONField()
    digest = models.CharField(max_length=64)
    given = models.JSONField(null=True)
    right = models.SmallIntegerField(null=True)
    asked = models.SmallIntegerField()
    drawn_by = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    scored_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duties_knowledge_check"

    def __str__(self) -> str:
        return f"{self.official_id} {self.day}"


class TeamReport(AppendOnly):
    """What was sent to the dispatching unit about a team's work of a period: figures, no household."""

    team = models.ForeignKey("duties.Organisation", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("duties.Organisation", on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    figures = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_team_report"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "unit", "first", "last"], name="duties_team_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.first}"


class TeamProposal(models.Model):
    """A consequence that somebody proposes, with its ground; somebody else agrees or not. Nothing follows by itself."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        AGREED = "agreed"
        REJECTED = "rejected"

    official = models.ForeignKey("duties.Official", on_delete=models.PROTECT, related_name="team_proposals")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    year = models.SmallIntegerField()
    months = models.CharField(max_length=40)
    ground = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    proposed_by = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "duties_team_proposal"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["official", "area", "kind", "year"], name="duties_team_proposal_once")
        ]

    def __str__(self) -> str:
        return f"{self.official_id} {self.kind}"
