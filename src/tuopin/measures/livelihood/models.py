"""Enterprises that carry households, links and dividends, work, loans, relocation: rows as lists or people said them.

Nothing is overwritten: another word on the same thing (the same key) is a new version, and ``superseded_at`` of the
former is set. ``by_hand``: entered here and not by a list; a list that says otherwise does not replace it. Money is in
fen, None = unknown; a span holds from its first day to the day before ``valid_to``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.fields import PlainField
from tuopin.register.models import Area, Household, Person, Sheet


class Said(models.Model):
    """What every row has: where it was said, when it was recorded, until when it counted."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    by_hand = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def _once(name: str, *fields: str) -> list[models.BaseConstraint]:
    return [models.UniqueConstraint(fields=fields, condition=Q(superseded_at=None), name=f"measures_{name}_once")]


class Enterprise(models.Model):
    """One that carries households (带贫主体): its identity, for good. ``code``: its credit code where one was known
    when it was first named, else E and a number."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    code = PlainField(max_length=32, unique=True)

    class Meta:
        db_table = "measures_enterprise"

    def __str__(self) -> str:
        return self.code


class EnterpriseVersion(Said):
    """What an enterprise is from a day on: the newest ``as_of`` not after a day counts on that day.

    ``capacity``: places for workers (of a workshop). ``operator``: who runs a workshop. ``organisation``: the office
    that keeps contact with it.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="versions", db_index=False)
    as_of = models.DateField()
    name = PlainField(max_length=100)
    credit_code = PlainField(max_length=18, blank=True)
    kind = models.CharField(max_length=16)
    industry = models.CharField(max_length=100, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=100, blank=True)
    operator = models.CharField(max_length=100, blank=True)
    capacity = models.IntegerField(null=True)

    class Meta:
        db_table = "measures_enterprise_version"
        constraints: ClassVar = _once("enterprise_version", "enterprise", "as_of")
        indexes: ClassVar = [
            models.Index(fields=["credit_code"], name="measures_enterprise_credit"),
            models.Index(fields=["name"], name="measures_enterprise_name"),
        ]

    def __str__(self) -> str:
        return self.name


class EnterpriseRisk(Said):
    """How it stands with an enterprise from a day on, on which ground."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="risks", db_index=False)
    day = models.DateField()
    level = models.CharField(max_length=12)
    ground = models.CharField(max_length=300, blank=True)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "measures_enterprise_risk"
        constraints: ClassVar = _once("enterprise_risk", "enterprise", "day")

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.level}"


class EnterpriseLink(Said):
    """A household's tie to an enterprise (利益联结). ``agreed``: fen a year; ``share``: hundredths of a per cent."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    form = models.CharField(max_length=16)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    since_known = models.BooleanField(default=True)
    contract = models.CharField(max_length=200, blank=True)
    agreed = models.BigIntegerField(null=True)
    share = models.IntegerField(null=True)

    class Meta:
        db_table = "measures_enterprise_link"
        constraints: ClassVar = _once("enterprise_link", "household", "enterprise", "form", "valid_from")
        indexes: ClassVar = [models.Index(fields=["enterprise", "household"], name="measures_link_enterprise")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.form} {self.valid_from}"


class Dividend(Said):
    """What an enterprise owes and pays a household for a period (``2018``, ``2018上半年``); overdue is derived."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    form = models.CharField(max_length=16)
    period = models.CharField(max_length=40)
    due_on = models.DateField(null=True)
    due = models.BigIntegerField(null=True)
    paid_on = models.DateField(null=True)
    paid = models.BigIntegerField(null=True)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "measures_dividend"
        constraints: ClassVar = _once("dividend", "household", "enterprise", "form", "period")
        indexes: ClassVar = [models.Index(fields=["enterprise"], name="measures_dividend_of")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.period}"


class Work(Said):
    """Who works where, from when to when. ``enterprise``: where the employer is one that carries households.

    ``wage``: fen a month. ``post`` and ``organisation``: of a public post (公益岗位), and who pays it. ``returned``:
    the person came back (返乡), for ``end_reason``.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    employer = models.CharField(max_length=100, blank=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.CharField(max_length=100, blank=True)
    organisation = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=16, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    since_known = models.BooleanField(default=True)
    contract = models.BooleanField(null=True)
    wage = models.BigIntegerField(null=True)
    returned = models.BooleanField(default=False)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "measures_work"
        constraints: ClassVar = _once("work", "person", "kind", "employer", "post", "valid_from")
        indexes: ClassVar = [models.Index(fields=["enterprise"], name="measures_work_enterprise")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.valid_from}"


class Loan(Said):
    """A small loan (小额信贷). Its class of fields is bank, all of it: who lacks the class is told of no loan.

    ``rate``: hundredths of a per cent a year. ``use``: own, or lent on to an enterprise (户贷企用), which is a finding.
    ``interest_paid``: by the fund so far (贴息).
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    bank = models.CharField(max_length=100)
    number = models.CharField(max_length=64, blank=True)
    amount = models.BigIntegerField(null=True)
    rate = models.IntegerField(null=True)
    granted = models.DateField()
    due = models.DateField(null=True)
    use = models.CharField(max_length=12, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    interest_paid = models.BigIntegerField(null=True)
    repaid = models.BigIntegerField(null=True)
    repaid_on = models.DateField(null=True)

    class Meta:
        db_table = "measures_loan"
        constraints: ClassVar = _once("loan", "household", "bank", "granted", "number")
        indexes: ClassVar = [models.Index(fields=["due"], name="measures_loan_due")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.granted}"


class Relocation(Said):
    """Where a household was moved to (易地搬迁), as known on a day: a block of facts (``facts.py``), newest counts.

    The questions (job, school, clinic, and what still ties back) each have the day and source of their answer. An
    answer holds until there is another: who writes a new version takes over what it does not ask.
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    as_of = models.DateField()
    from_place = models.CharField(max_length=100, blank=True)
    site = models.CharField(max_length=100, blank=True)
    contract = models.CharField(max_length=200, blank=True)
    moved_in_on = models.DateField(null=True)
    old_house = models.CharField(max_length=12, null=True)
    old_house_down_on = models.DateField(null=True)
    has_job = models.BooleanField(null=True)
    job_on = models.DateField(null=True)
    job_source = models.CharField(max_length=100, blank=True)
    has_school = models.BooleanField(null=True)
    school_on = models.DateField(null=True)
    school_source = models.CharField(max_length=100, blank=True)
    has_clinic = models.BooleanField(null=True)
    clinic_on = models.DateField(null=True)
    clinic_source = models.CharField(max_length=100, blank=True)
    land_there = models.BooleanField(null=True)
    registered_there = models.BooleanField(null=True)
    ties_on = models.DateField(null=True)
    ties_source = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "measures_relocation"
        constraints: ClassVar = _once("relocation", "household", "as_of")

    def __str__(self) -> str:
        return f"{self.household_id} {self.as_of}"
