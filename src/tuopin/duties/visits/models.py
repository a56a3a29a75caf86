"""Visits as versions, what was found and said, who was there, and what is counted from it.

A visit keeps its ``number`` through its versions; the one without ``superseded_at`` counts, unless it was taken back.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tuopin.register.models import Area, Correction, Household, Person, Sheet

from ..models import Official


class Visit(models.Model):
    """One version of a visit to a household, or to an area (a village, a contact point).

    ``area`` is the village of the household on that day, or the area itself. ``sort`` and ``why_not`` are keys of
    ``visiting.toml``. ``said``, ``note``, ``why_not_note`` and ``reason`` are as people wrote them and may tell of
    health: readers need that class. ``correction``: what the register took over from it. ``reason`` says why this
    version follows another, or why the visit was taken back. ``key``: of the form that was sent; sent twice, it is one
    visit.
    """

    class Outcome(models.TextChoices):
        MET = "met"
        NOT_REACHABLE = "not_reachable"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField()  # the id of the first version
    version = models.IntegerField(default=1)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    sort = models.CharField(max_length=20)
    outcome = models.CharField(max_length=16, choices=Outcome)
    why_not = models.CharField(max_length=20, blank=True)
    why_not_note = models.CharField(max_length=200, blank=True)
    met_others = models.CharField(max_length=200, blank=True)
    said = models.CharField(max_length=1000, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=10)
    key = models.CharField(max_length=64, blank=True)
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    superseded_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "duties_visit"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "version"], name="duties_visit_version"),
            models.UniqueConstraint(fields=["number"], condition=Q(superseded_at=None), name="duties_visit_now"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key="") & Q(version=1), name="duties_visit_once"),
            models.CheckConstraint(
                condition=Q(outcome="met", why_not="") | (Q(outcome="not_reachable") & ~Q(why_not="")),
                name="duties_visit_why_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "day"], name="duties_visit_household"),
            models.Index(fields=["area", "day"], name="duties_visit_area"),
            models.Index(fields=["day", "id"], condition=Q(superseded_at=None), name="duties_visit_newest"),
            models.Index(
                fields=["household", "day"],
                condition=Q(outcome="not_reachable", superseded_at=None, taken_back_at=None),
                name="duties_visit_not_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}.{self.version}"


class VisitBy(models.Model):
    """An official who was there. Day and target stand here too, so that coverage reads this table alone.

    ``counts``: of the version that stands, with somebody met; the others keep their rows and count for nothing. It
    stands in the indexes, not as their condition: SQLite uses an index with the condition ``counts = 1`` for no
    question that Django or we would ask, and read all visits for each that was recorded.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="by")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    counts = models.BooleanField()

    class Meta:
        db_table = "duties_visit_by"
        constraints: ClassVar = [models.UniqueConstraint(fields=["visit", "official"], name="duties_visit_by_once")]
        indexes: ClassVar = [
            models.Index(fields=["official", "household", "day", "counts"], name="duties_visit_by_pair"),
            models.Index(fields=["household", "day", "counts"], name="duties_visit_by_of_household"),
            models.Index(fields=["area", "day", "counts"], name="duties_visit_by_in_area"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.official_id}"


class VisitLast(models.Model):
    """The last day on which an official met a household: made from :class:`VisitBy` by ``counting.py``, in the
    transaction of every change, so that coverage of millions of visits reads one row a pair."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()

    class Meta:
        db_table = "duties_visit_last"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["official", "household"], name="duties_visit_last_pair")
        ]

    def __str__(self) -> str:
        return f"{self.official_id} {self.household_id} {self.day}"


class VisitMet(models.Model):
    """A member of the household who was met."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="met")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "duties_visit_met"
        constraints: ClassVar = [models.UniqueConstraint(fields=["visit", "person"], name="duties_visit_met_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.person_id}"


class VisitFinding(models.Model):
    """What was seen of one item of the household's standard. ``item`` is its key; ``result`` unknown where it could not
    be seen. ``note`` is as people wrote it."""

    class Result(models.TextChoices):
        MET = "met"
        NOT_MET = "not_met"
        UNKNOWN = "unknown"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="findings")
    item = models.CharField(max_length=60)
    result = models.CharField(max_length=8, choices=Result)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "duties_visit_finding"
        constraints: ClassVar = [models.UniqueConstraint(fields=["visit", "item"], name="duties_visit_finding_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.item}"


class VisitProblem(models.Model):
    """A problem that a visit found, for others to take up. Open problems are one a target, sort and item: a second
    visit that finds the same leads to the same row (``times``, ``last_day``), told by another words or not.

    ``visit_number`` is the visit that found it first. ``settled_at``: somebody said how it ended.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    sort = models.CharField(max_length=20)
    item = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=500)
    visit_number = models.BigIntegerField(db_index=True)
    first_day = models.DateField()
    last_day = models.DateField()
    times = models.IntegerField(default=1)
    settled_at = models.DateTimeField(null=True)
    settled_day = models.DateField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "duties_visit_problem"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "sort", "item"],
                condition=Q(settled_at=None, household__isnull=False),
                name="duties_visit_problem_open",
            ),
            models.UniqueConstraint(
                fields=["area", "sort", "item"],
                condition=Q(settled_at=None, household=None),
                name="duties_visit_problem_area",
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="duties_visit_problem_days"),
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.item}"


class VisitPhoto(models.Model):
    """A photo of a visit (all its versions): re-encoded, without metadata. ``digest`` and ``thumb`` are files of
    ``platform.Evidence`` about ``visit_photo``. ``removed_at``: shown no more, with the reason."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    visit_number = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    thumb = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=150, blank=True)
    removed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "duties_visit_photo"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit_number", "digest"], condition=Q(removed_at=None), name="duties_visit_photo_once"
            )
        ]

    def __str__(self) -> str:
        return self.digest[:12]


class VisitPlace(models.Model):
    """Where and at what time of the day, only of the moment of a visit: of the visit itself, or of one of its photos.

    In 1e-5 degrees (about one metre). Deleted 12 months after ``day`` (``jobs.py``); never the sole ground of anything.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    visit_number = models.BigIntegerField(db_index=True)
    photo = models.OneToOneField(VisitPhoto, on_delete=models.PROTECT, null=True, related_name="place")
    day = models.DateField(db_index=True)
    clock = models.TimeField(null=True)
    latitude = models.IntegerField(null=True)
    longitude = models.IntegerField(null=True)

    class Meta:
        db_table = "duties_visit_place"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit_number"], condition=Q(photo=None), name="duties_visit_place_one")
        ]

    def __str__(self) -> str:
        return f"{self.visit_number} {self.day}"


class HouseholdVisits(models.Model):
    """What rules may know of a household's visits, as versions like every block of facts (``facts.py``): one row a
    calendar month in which somebody met the household, dated the last such day. Made from visits by ``counting.py``.

    ``sheet`` and ``row`` are always empty: it follows from many.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    as_of = models.DateField()
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    last_visit = models.DateField()
    visits_in_month = models.IntegerField()

    class Meta:
        db_table = "duties_household_visits"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "as_of"], condition=Q(superseded_at=None), name="duties_household_visits_now"
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.as_of}"
