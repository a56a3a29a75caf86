"""Income worksheets. Every save is a version, and every row is written once: what was signed stays as it was signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Correction, Household


class IncomeWorksheet(AppendOnly):
    """One version of what a household earned in a year. ``members``: how many it had, as the card divides by.

    ``digest``: SHA-256 over the content, so that the paper signed and the rows can be compared.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    version = models.SmallIntegerField()
    members = models.SmallIntegerField()
    reason = models.CharField(max_length=500, blank=True)  # of a version that follows another
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_income_worksheet"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "year", "version"], name="measures_income_worksheet_version")
        ]

    def __str__(self) -> str:
        return f"{self.year}.{self.version}"


class WorksheetLine(AppendOnly):
    """One answered line (``lines.toml``). ``amount`` in fen, costs too are not negative; a line that nobody answered
    has no row, and is unknown. ``note``: where it came from, as written."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    worksheet = models.ForeignKey(IncomeWorksheet, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.CharField(max_length=30)
    amount = models.BigIntegerField()
    note = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "measures_worksheet_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["worksheet", "line"], name="measures_worksheet_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.worksheet_id} {self.line}"


class WorksheetAnswer(AppendOnly):
    """What the household said to a version: signed, with the helper, or refused with its reason. One answer a version;
    its papers are ``platform.Evidence`` about ``income_worksheet``. ``helper``: who signed for the helpers, as
    written."""

    class Kind(models.TextChoices):
        SIGNED = "signed"
        REFUSED = "refused"

    worksheet = models.OneToOneField(IncomeWorksheet, on_delete=models.PROTECT, related_name="answer")
    kind = models.CharField(max_length=8, choices=Kind)
    day = models.DateField()
    helper = models.CharField(max_length=100, blank=True)
    helper_day = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_worksheet_answer"

    def __str__(self) -> str:
        return f"{self.worksheet_id} {self.kind}"


class WorksheetTaken(AppendOnly):
    """That the register took the amounts of a signed worksheet. ``correction`` None: it said the same already."""

    worksheet = models.OneToOneField(IncomeWorksheet, on_delete=models.PROTECT, related_name="taken")
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "measures_worksheet_taken"

    def __str__(self) -> str:
        return str(self.worksheet_id)
