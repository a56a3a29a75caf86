"""Corrections: who corrected what, what the national system still says, what is being prepared, what was waived.

Values stand as canonical JSON text in the encoding of the catalogue (fen, scaled integers, codes, ISO dates); ``null``
is unknown. See ``register/correcting``.
"""

from django.db import models
from django.db.models import Q

from .areas import Area
from .blocks import Source
from .households import Household
from .imports import DataIssue


class Correction(models.Model):
    """One act of correcting: all its values were written, or none."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=16)  # form, bulk, issues, workbook, undo, service
    source = models.CharField(max_length=16, choices=Source)
    as_of = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    size = models.IntegerField()

    class Meta:
        db_table = "register_correction"


class CorrectedValue(models.Model):
    """One corrected field. It is *open* (待录入国网) until an export says the same (confirmed), a later correction
    takes its place (replaced) or it is undone.

    ``subject`` is the id of the household, person or village by ``level``; ``village`` is where it lived then.
    ``export_value`` is what the newest export said of the field: NULL = none has spoken of it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        REPLACED = "replaced"
        UNDONE = "undone"

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="values", db_index=False)
    level = models.CharField(max_length=12)
    subject = models.BigIntegerField()
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    village = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=64)
    old = models.TextField()
    new = models.TextField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    export_value = models.TextField(null=True)
    export_as_of = models.DateField(null=True)

    class Meta:
        db_table = "register_corrected_value"
        constraints = [
            models.UniqueConstraint(
                fields=["level", "subject", "field"], condition=Q(state="open"), name="register_corrected_open"
            )
        ]
        indexes = [
            models.Index(fields=["correction"], name="register_corrected_act"),
            models.Index(fields=["household", "id"], name="register_corrected_household"),
            models.Index(fields=["village", "id"], condition=Q(state="open"), name="register_corrected_village"),
        ]


class Draft(models.Model):
    """Changes prepared for a look before they are written: a bulk edit, answers to data issues, an edited workbook.

    Seen by its owner alone, and swept when it is old.
    """

    class State(models.TextChoices):
        OPEN = "open"
        APPLYING = "applying"
        APPLIED = "applied"

    user_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    as_of = models.DateField()
    source = models.CharField(max_length=16, choices=Source)
    reason = models.CharField(max_length=500, blank=True)
    note = models.JSONField(default=dict)  # counts of rows that are no changes, for the page
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, null=True, related_name="+")
    back = models.CharField(max_length=200, blank=True)  # the page one came from

    class Meta:
        db_table = "register_draft"


class DraftLine(models.Model):
    """One prepared change. ``fate``: change, conflict (somebody else changed it since), error, nothing (says what the
    register says). ``base`` is what was seen, ``theirs`` what stands now; ``seen`` the version looked at (0 = none)."""

    class Fate(models.TextChoices):
        CHANGE = "change"
        CONFLICT = "conflict"
        ERROR = "error"
        NOTHING = "nothing"

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="lines", db_index=False)
    number = models.IntegerField()
    level = models.CharField(max_length=12)
    subject = models.BigIntegerField(null=True)
    code = models.CharField(max_length=64, blank=True)  # of the household or village
    field = models.CharField(max_length=64)
    base = models.TextField()
    mine = models.TextField()
    theirs = models.TextField()
    seen = models.BigIntegerField(default=0)
    written = models.CharField(max_length=255, blank=True)
    row = models.IntegerField(null=True)
    fate = models.CharField(max_length=12, choices=Fate)
    error = models.CharField(max_length=40, blank=True)
    decision = models.CharField(max_length=8, blank=True)  # mine, theirs

    class Meta:
        db_table = "register_draft_line"
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="register_draft_line_number")]
        indexes = [models.Index(fields=["draft", "fate", "number"], name="register_draft_line_fate")]


class IssueWaiver(models.Model):
    """“Checked, is right”: a data issue that is left as it is, for a reason and until a day (included)."""

    issue = models.ForeignKey(DataIssue, on_delete=models.PROTECT, related_name="waivers", db_index=False)
    reason = models.CharField(max_length=500)
    until = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_issue_waiver"
        constraints = [
            models.UniqueConstraint(fields=["issue"], condition=Q(ended_at=None), name="register_waiver_one")
        ]


class KeptExport(models.Model):
    """An export that may come back edited. What it said is kept in ``TUOPIN_HOME/exports/<token>.parquet``."""

    token = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=64)
    on = models.DateField()
    area_code = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    data_version = models.BigIntegerField()
    rows = models.IntegerField()

    class Meta:
        db_table = "register_kept_export"
