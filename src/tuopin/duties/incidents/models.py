"""Incidents, written once, and leads, whose words lie sealed and go when a lead is dismissed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Household


class Incident(AppendOnly):
    """A household fell back or was hurt. ``known`` holds what was known and done before it was opened (``known.py``),
    ``digest`` the SHA-256 of it as canonical JSON. ``happened_on`` None: unknown. Keys: ``incidents.toml``."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    happened_on = models.DateField(null=True)
    found_on = models.DateField()
    channel = models.CharField(max_length=20)
    account = models.CharField(max_length=1000, blank=True)
    known = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_incident"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "kind", "found_on"], name="duties_incident_once")
        ]
        indexes: ClassVar = [models.Index(fields=["found_on", "id"], name="duties_incident_found")]

    def __str__(self) -> str:
        return f"incident:{self.pk}"


class IncidentReport(AppendOnly):
    """What who answered for the household reported. ``in_time``: within the days of ``incidents.toml``."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    official = models.ForeignKey("duties.Official", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    in_time = models.BooleanField()
    text = models.CharField(max_length=1000)
    document = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_incident_report"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "official"], name="duties_incident_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.day}"


class IncidentClosing(AppendOnly):
    """What became of an incident."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="closing")
    day = models.DateField()
    outcome = models.CharField(max_length=20)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duties_incident_closing"

    def __str__(self) -> str:
        return f"{self.incident_id} {self.outcome}"


class Lead(models.Model):
    """Whether an official is to account for something. ``key`` stands in addresses and logs: it is no number, so that
    it tells neither who nor how many.

    ``officer_id``: the one account that keeps it; ``kept_before``: those that kept it before, as ``,12,34,``: none of
    them decides it. ``city``: who decides is asked there. ``told_on`` None: the person
    does not know yet, and no clock runs; ``limit``: the last day to reply. ``content`` (grounds, replies, stops,
    decision) and ``private`` (who told, for the officer alone) are sealed; both are empty, and ``official`` is the last
    tie, once a lead is dismissed. ``salt`` goes into the digests of the audit log that stand for the person's own acts.
    """

    class State(models.TextChoices):
        OPENED = "opened"
        HEARING = "hearing"
        PROPOSED = "proposed"
        DECIDED = "decided"
        DEMANDED = "demanded"
        CLOSED = "closed"
        DISMISSED = "dismissed"

    key = models.CharField(max_length=32, unique=True)
    official = models.ForeignKey("duties.Official", on_delete=models.PROTECT, null=True, related_name="leads")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    officer_id = models.BigIntegerField(db_index=True)
    kept_before = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=State, default=State.OPENED)
    opened_on = models.DateField()
    told_on = models.DateField(null=True)
    limit = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    due = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    content = models.TextField(blank=True)
    private = models.TextField(blank=True)
    salt = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "duties_lead"

    def __str__(self) -> str:
        return f"lead:{self.key}"
