"""What an import took in, what it refused, what waits, and what is doubtful."""

from django.db import models
from django.db.models import Q

from .areas import Area


class ImportSet(models.Model):
    """Files that somebody handed in to import, and how far that is. Seen by its owner alone; a token of the owner sees
    those that it opened itself (``token_id``).

    The files are uploads for the purpose ``register.import/<id>``. ``choices``: upload id (as text) -> ``{"kind": …,
    "leave_out": true}``. ``inspection`` and ``preview`` are what the jobs found, each with the fingerprint of the
    files, choices and headers it was made of. ``job`` is the one that runs or ran last, for ``step``.
    """

    class Step(models.TextChoices):
        FILES = "files"
        INSPECT = "inspect"
        PREVIEW = "preview"
        IMPORT = "import"

    actor_kind = models.CharField(max_length=8)
    user_id = models.BigIntegerField(null=True, db_index=True)
    token_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    as_of = models.DateField(null=True)
    year = models.SmallIntegerField(null=True)
    choices = models.JSONField(default=dict)
    step = models.CharField(max_length=8, choices=Step, default=Step.FILES)
    job = models.ForeignKey("platform.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    inspection = models.JSONField(null=True)
    preview = models.JSONField(null=True)

    class Meta:
        db_table = "register_import_set"


class Import(models.Model):
    """One run of the importer over a set of workbooks; all of it is applied or nothing.

    ``path`` is that of the lowest area that holds everything the run touched ('' = more than one tree, or nothing):
    it says who may see the run. ``version_before`` and ``version_after`` are the register's data version around it:
    while the latter is the present one, nothing was built on the run and it can be undone.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    as_of = models.DateField()
    year = models.SmallIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the change set, as in the audit entry
    report = models.JSONField(default=dict)
    user_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=128, blank=True, default="")
    prepared = models.OneToOneField(ImportSet, on_delete=models.PROTECT, null=True, related_name="run")
    version_before = models.BigIntegerField(null=True)
    version_after = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "register_import"
        indexes = [models.Index(fields=["path", "id"], name="register_import_path")]


class ImportChange(models.Model):
    """What one step of an import did to a table, so that it can be taken back.

    ``columns`` empty: rows were inserted, and ``content`` holds blocks of ids ``[[first, last], …]``. Else rows were
    changed, and ``content`` holds ``[[id, value before, …], …]`` in the order of ``columns``. JSON, packed by zlib.
    """

    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="changes")
    table = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    content = models.BinaryField()

    class Meta:
        db_table = "register_import_change"


class Sheet(models.Model):
    """A sheet of a workbook that was taken in. ``columns`` lists the fields it had: a column that is not in the list
    was absent from the workbook, which some rules tell apart from a blank cell."""

    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="sheets")
    file = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=64)
    header_row = models.IntegerField()
    headers = models.JSONField(default=list)  # as written, by column
    columns = models.JSONField(default=list)
    rows = models.IntegerField()

    class Meta:
        db_table = "register_sheet"


class DataIssue(models.Model):
    """Something doubtful in the data (数据疑点): named with its cell, never silently mended.

    ``subject`` is the code of a household or village as the workbook writes it; ``person`` the row's person code.
    An issue is closed by the first later import of the same subject and kind of workbook that no longer shows it, or by
    the correction that takes its cause away. ``area`` is the village of the subject: issues are counted by area.
    """

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    person = models.CharField(max_length=64, blank=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="issues")
    row = models.IntegerField(null=True)
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=255, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_data_issue"
        indexes = [
            models.Index(fields=["subject", "code"], condition=Q(closed_at=None), name="register_issue_open_subject"),
            models.Index(fields=["code", "subject"], condition=Q(closed_at=None), name="register_issue_open_code"),
            models.Index(fields=["area", "code"], condition=Q(closed_at=None), name="register_issue_open_area"),
        ]


class WaitingRow(models.Model):
    """A sound row about a household that has not come yet (待关联); it is applied when the household arrives.

    ``values`` holds the typed fields in the encoding of the kind; ``applied_at`` is set when it was taken in.
    ``within``: ranges of area paths ``[[low, high], …]`` where its importer may import; empty = everywhere. A household
    that arrives elsewhere does not wake the row.
    """

    kind = models.CharField(max_length=64)
    household_code = models.CharField(max_length=64)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="waiting_rows")
    row = models.IntegerField()
    values = models.JSONField()
    digest = models.CharField(max_length=64)
    as_of = models.DateField()
    year = models.SmallIntegerField()
    recorded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    within = models.JSONField(default=list)

    class Meta:
        db_table = "register_waiting_row"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "household_code", "digest"], condition=Q(applied_at=None), name="register_waiting_once"
            )
        ]


class RejectedRow(models.Model):
    """A row that was not taken in, with its cells as written and the reason; the reject workbook is made of these."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="rejected_rows")
    row = models.IntegerField()
    subject = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=40)
    cells = models.JSONField()

    class Meta:
        db_table = "register_rejected_row"
