"""Evaluations and their verdicts, and which pack holds for an area from when to when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class PackBinding(models.Model):
    """The pack that holds for an area and everything below it, from a day to a day (excluded).

    The nearest area counts; without any, the pack ``national`` holds.
    """

    area = models.ForeignKey("register.Area", on_delete=models.PROTECT, related_name="+")
    pack = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "standards_pack_binding"
        constraints = (
            models.UniqueConstraint(fields=["area"], condition=Q(valid_to=None), name="standards_one_pack"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="standards_binding_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pack} {self.valid_from}"


class Evaluation(models.Model):
    """One run of a standard over an area on a day.

    ``digest`` is the SHA-256 over all that decides the verdicts (pack, parameters, day, area, version of the data and
    of the evaluation itself): an evaluation with the same digest is not run again. ``kind`` is the standard's
    (``core.standards.kinds``); ``draft`` lists what is unconfirmed; ``tally`` counts verdicts by item; ``items`` gives
    the order of the letters in the verdict rows.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    standard = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, default="conditions")
    level = models.CharField(max_length=16)
    pack = models.CharField(max_length=40)
    pack_version = models.CharField(max_length=40)
    pack_digest = models.CharField(max_length=64)
    parameter_hash = models.CharField(max_length=64)
    data_version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    day = models.DateField()
    area = models.ForeignKey("register.Area", null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    items = models.JSONField()
    shown = models.JSONField()
    draft = models.JSONField()
    tally = models.JSONField()

    class Meta:
        db_table = "standards_evaluation"
        constraints = (models.UniqueConstraint(fields=["digest"], name="standards_evaluation_once"),)
        indexes = (models.Index(fields=["standard", "id"], name="standards_evaluation_last"),)

    def __str__(self) -> str:
        return f"{self.standard} {self.day} ({self.pack})"


class Verdict(models.Model):
    """The verdicts of one subject: first letter overall, then one letter an item (m met, n not met, u unknown,
    a not applicable), and the shown facts as text, separated by ``|``, empty where unknown.

    ``area_id`` is the lowest area that the subject belonged to on the day (for an area, itself). Subjects are rows of
    the level's own table, which differs by level: hence no foreign key.
    """

    pk = models.CompositePrimaryKey("evaluation_id", "subject_id")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    subject_id = models.BigIntegerField()
    area_id = models.BigIntegerField()
    letters = models.CharField(max_length=160)
    shown = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "standards_verdict"
        indexes = (models.Index(fields=["subject_id", "evaluation_id"], name="standards_verdict_subject"),)


class Finding(models.Model):
    """An item that a subject does not meet, or of which it is not known; of rules of quality only the doubts, of
    categories only the subjects that belong. Items that are unknown of everybody (waiting, no limit) have none."""

    pk = models.CompositePrimaryKey("evaluation_id", "item", "verdict", "subject_id")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="findings", db_index=False)
    subject_id = models.BigIntegerField()
    area_id = models.BigIntegerField()
    item = models.CharField(max_length=40)
    verdict = models.CharField(max_length=16)

    class Meta:
        db_table = "standards_finding"


class AreaTally(models.Model):
    """How many subjects of a lowest area have which verdict, by item (``overall`` included): a page about a whole
    city adds up some thousand rows instead of a million."""

    pk = models.CompositePrimaryKey("evaluation_id", "area_id", "item")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    area_id = models.BigIntegerField()
    item = models.CharField(max_length=40)
    met = models.BigIntegerField()
    not_met = models.BigIntegerField()
    unknown = models.BigIntegerField()
    not_applicable = models.BigIntegerField()

    class Meta:
        db_table = "standards_area_tally"


class AreaFigures(models.Model):
    """What an evaluation says of one area of any level (``standards.area_figures.Figures`` as JSON), added up when it
    was made: the pages of figures and maps read a row an area."""

    pk = models.CompositePrimaryKey("evaluation_id", "area_id")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="figures", db_index=False)
    area_id = models.BigIntegerField()
    counts = models.JSONField()

    class Meta:
        db_table = "standards_area_figures"


class FindingWaiver(models.Model):
    """“Checked, is right”: a doubt that a rule of data quality finds in a subject, left as it is for a reason and
    until a day (included). It belongs to the rule and the subject, not to one evaluation: the next finds it again.

    ``level`` tells of which table ``subject_id`` is a row; ``area_id`` is the lowest area it lay in at that time.
    """

    standard = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    level = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    area_id = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    until = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "standards_finding_waiver"
        constraints = (
            models.UniqueConstraint(
                fields=["standard", "item", "level", "subject_id"],
                condition=Q(ended_at=None),
                name="standards_waiver_one",
            ),
        )
        indexes = (models.Index(fields=["subject_id"], name="standards_waiver_subject"),)

    def __str__(self) -> str:
        return f"{self.standard}.{self.item} {self.subject_id} {self.until}"


from .lifecycle.models import PackAct  # noqa: E402 - as below
from .procedures.models import Procedure, ProcedureAct, ProcedureText  # noqa: E402 - the tables of a part of this room
from .sealed.models import SealedEvaluation, SealInstance, SeenSeal  # noqa: E402 - likewise

__all__ = [
    "AreaFigures",
    "AreaTally",
    "Evaluation",
    "Finding",
    "FindingWaiver",
    "PackAct",
    "PackBinding",
    "Procedure",
    "ProcedureAct",
    "ProcedureText",
    "SealInstance",
    "SealedEvaluation",
    "SeenSeal",
    "Verdict",
]
