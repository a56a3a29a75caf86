"""What lists and the search read: one narrow row a household and a person, as they stand now.

Written by ``register/cards.py`` in the transaction of every change, from the dated tables, which alone are the
register. Nothing refers to these rows.
"""

from typing import ClassVar

from django.db import models

from tuopin.platform.models.fields import PlainField

from .areas import Area
from .households import Household, Person


class HouseholdCard(models.Model):
    """A household: where it lives (``path`` of the village, '' if nowhere any more), its states, size and income.

    ``income`` is net income per member in fen, half up from the exact quotient; NULL if any part is unknown.
    """

    household = models.OneToOneField(
        Household, primary_key=True, on_delete=models.CASCADE, related_name="card", db_constraint=False
    )
    area = models.ForeignKey(
        Area, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    path = PlainField(max_length=128)
    code = PlainField(max_length=64)
    head_name = PlainField(max_length=100)
    registration = models.CharField(max_length=32, null=True)
    monitoring = models.CharField(max_length=32, null=True)
    support = models.CharField(max_length=32, null=True)
    category = models.CharField(max_length=32, null=True)
    main_cause = models.CharField(max_length=32, null=True)
    members = models.IntegerField()
    income = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_household_card"
        indexes: ClassVar = [
            models.Index(fields=["path", "code"], name="register_card_path"),
            models.Index(fields=["code"], name="register_card_code"),
            models.Index(fields=["head_name", "path"], name="register_card_head"),
            models.Index(fields=["income", "household"], name="register_card_income"),
        ]

    def __str__(self) -> str:
        return self.code


class PersonCard(models.Model):
    """A member of a household, as it stands now. Classes of fields: ``birth_date`` identity, ``study`` child,
    ``health`` health and disability."""

    person = models.OneToOneField(
        Person, primary_key=True, on_delete=models.CASCADE, related_name="card", db_constraint=False
    )
    household = models.ForeignKey(
        Household, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    path = PlainField(max_length=128)
    name = PlainField(max_length=100)
    relation = models.CharField(max_length=32, null=True)
    sex = models.CharField(max_length=32, null=True)
    birth_date = models.DateField(null=True)
    education = models.CharField(max_length=32, null=True)
    study = models.CharField(max_length=32, null=True)
    health = models.CharField(max_length=200, null=True)
    labour = models.CharField(max_length=32, null=True)

    class Meta:
        db_table = "register_person_card"
        indexes: ClassVar = [
            models.Index(fields=["path", "household", "person"], name="register_pcard_path"),
            models.Index(fields=["name", "path"], name="register_pcard_name"),
            models.Index(fields=["birth_date", "person"], name="register_pcard_birth"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PersonKey(models.Model):
    """The last four characters of a person's ID number under this installation's key (``register/id_keys.py``): 64
    bits of an HMAC, so that the index alone says nothing."""

    person = models.OneToOneField(
        Person, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    tail = models.BigIntegerField()

    class Meta:
        db_table = "register_person_key"
        indexes: ClassVar = [models.Index(fields=["tail"], name="register_pkey_tail")]

    def __str__(self) -> str:
        return str(self.pk)
