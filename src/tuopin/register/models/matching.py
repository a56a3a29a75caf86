"""Department lists (部门比对): a list handed in, the pairs a person decides, what was written.

The rows of the list stand in Parquet files beside the database (``TUOPIN_HOME/matching/<id>/``) until the list is
deleted; here stay counts, the digest, and who decided what.
"""

from django.db import models

from .areas import Area
from .households import Household, Person


class MatchRun(models.Model):
    """One list of one kind, about one area and day. ``complete``: it names everybody of that area it is about.

    ``columns``: field → header as found; ``column_map``: header → field as a person chose; ``counts``: whole numbers
    of rows by what became of them. ``deleted_at``: since when neither file nor rows are there.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"
        CLOSED = "closed"

    kind = models.CharField(max_length=40)
    as_of = models.DateField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    complete = models.BooleanField(default=False)
    file = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, db_index=True)
    user_id = models.BigIntegerField(null=True)
    owner = models.CharField(max_length=150)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    job = models.BigIntegerField(null=True)
    columns = models.JSONField(default=dict)
    other_headers = models.JSONField(default=list)
    column_map = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    matched_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    delete_on = models.DateField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_match_run"
        indexes = [models.Index(fields=["delete_on"], condition=models.Q(deleted_at=None), name="register_match_due")]


class MatchPair(models.Model):
    """A row of a list and a person of the register who may be the same. ``cells``: the row as the list gives it,
    emptied when the list is deleted. ``path``: of the village where the person lives."""

    class State(models.TextChoices):
        OPEN = "open"
        LATER = "later"
        YES = "yes"
        NO = "no"

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    row = models.IntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = models.CharField(max_length=128)
    points = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    state = models.CharField(max_length=5, choices=State, default=State.OPEN)
    user_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_match_pair"
        constraints = [models.UniqueConstraint(fields=["run", "row", "person"], name="register_match_pair_once")]
        indexes = [models.Index(fields=["run", "state", "-points", "id"], name="register_match_pair_work")]


class MatchResult(models.Model):
    """What was written from a list, by whom, for the households of that person's grants. One row each time."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="results")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    facts = models.IntegerField()
    opened = models.IntegerField()
    closed = models.IntegerField()
    corrections = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_match_result"
