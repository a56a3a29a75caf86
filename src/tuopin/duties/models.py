"""Who answers for which household: one dated table, filled from the helpers' workbook; and helpers' accounts."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tuopin.register.models import Household, Sheet


class Helper(models.Model):
    """A helper (帮扶责任人) or assistant of a household, from a day to a day (excluded).

    The workbook's end date is the last day of duty; ``valid_to`` is the day after. ``since_known`` is false where the
    workbook has no start date: then ``valid_from`` is the as-of date of the export.
    """

    class Role(models.TextChoices):
        HELPER = "helper"
        ASSISTANT = "assistant"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="helpers")
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=200, blank=True)
    unit_relation = models.CharField(max_length=64, blank=True)
    post = models.CharField(max_length=100, blank=True)
    sex = models.CharField(max_length=32, blank=True)
    politics = models.CharField(max_length=32, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    since_known = models.BooleanField(default=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)

    class Meta:
        db_table = "duties_helper"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(valid_to=None, role="helper"), name="duties_one_helper"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="duties_helper_period"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["household", "valid_from"], name="duties_helper_household")]


class HelperIdentity(models.Model):
    """A helper as the workbooks name one: name, unit and telephone. Same name + unit + telephone is one person.

    ``same_as`` and ``decided`` are a person's decision where two of them may be one: they are the same (this one is
    ``same_as`` that one) or not. ``user_id`` is the account; of several that are one person only the first has it.
    """

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    decided = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "duties_helper_identity"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "unit", "phone"], name="duties_helper_identity_one"),
        ]


class Slips(models.Model):
    """First passwords that wait to be printed, sealed with a key of the data folder; deleted when shown or expired.

    ``owner_id`` is the account that made them, None for the local administrator.
    """

    owner_id = models.BigIntegerField(null=True, db_index=True)
    title = models.CharField(max_length=200)
    count = models.IntegerField()
    sealed = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "duties_slips"
