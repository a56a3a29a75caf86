"""Households and persons: permanent identities, dated membership, residence and status."""

from django.db import models
from django.db.models import F, Q

from .areas import Area


def _period(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name=name)


class Household(models.Model):
    """A household, known by the code of the national system (户编号)."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "register_household"

    def __str__(self) -> str:
        return self.code


class Person(models.Model):
    """A person. ``code`` is the national system's 人编号; blank where the source has none."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "register_person"
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="register_person_code"),
        ]


class Residence(models.Model):
    """In which village a household lives, from a day to a day (excluded)."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="residences")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="residences", db_index=False)
    group_name = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_residence"
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(valid_to=None), name="register_one_residence"),
            _period("register_residence_period"),
        ]
        indexes = [models.Index(fields=["area", "household"], name="register_residence_area")]


class Membership(models.Model):
    """Who belongs to a household, from a day to a day (excluded).

    A first import opens memberships that were in force *at or before* its as-of date: ``since_known`` is then false.
    ``confirmed_on`` is the newest as-of date of an export that listed the person here.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    since_known = models.BooleanField(default=False)
    confirmed_on = models.DateField()

    class Meta:
        db_table = "register_membership"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(valid_to=None), name="register_one_household"),
            _period("register_membership_period"),
        ]
        indexes = [models.Index(fields=["household"], name="register_membership_house")]


class StatusPeriod(models.Model):
    """A household's place on one of the three axes of status, from a day to a day (excluded)."""

    class Axis(models.TextChoices):
        REGISTRATION = "registration"
        MONITORING = "monitoring"
        SUPPORT = "support"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="statuses")
    axis = models.CharField(max_length=16, choices=Axis)
    value = models.CharField(max_length=32)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_status_period"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "axis"], condition=Q(valid_to=None), name="register_one_status"
            ),
            _period("register_status_period"),
        ]
        indexes = [models.Index(fields=["axis", "value", "household"], name="register_status_value")]
