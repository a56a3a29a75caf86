"""Events of households and persons: dated acts, written once, that open and close the register's dated rows."""

from typing import ClassVar

from django.db import models

from tuopin.platform.models.append_only import AppendOnly

from .areas import Area
from .households import Household, Person


class RegisterEvent(AppendOnly):
    """One act: a death, a split, a move. ``undoes`` is set where the act takes another back (kind ``undo``).

    ``household`` is where it happened, ``other`` the household that it leads to (new, receiving), ``area`` and
    ``other_area`` the villages before and after. ``changes`` holds what was written, by ids, so that it can be taken
    back exactly (``register/events/writing.py``).
    """

    kind = models.CharField(max_length=16)
    day = models.DateField()
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    other_area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    persons = models.IntegerField(default=0)
    reason = models.CharField(max_length=500)
    document = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone")
    changes = models.JSONField(default=dict)

    class Meta:
        db_table = "register_event"
        indexes: ClassVar = [
            models.Index(fields=["day"], name="register_event_day"),
            models.Index(fields=["area", "day"], name="register_event_area"),
            models.Index(fields=["other_area", "day"], name="register_event_other_area"),
            models.Index(fields=["household", "other"], condition=models.Q(kind="merge"), name="register_event_merge"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class EventSubject(AppendOnly):
    """A person or household that an event is about, with its place before and after: ids of households for a person,
    of villages for a household; NULL = outside the register. ``same_as``: the person row that goes on instead."""

    event = models.ForeignKey(RegisterEvent, on_delete=models.PROTECT, related_name="subjects")
    day = models.DateField()
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    was = models.BigIntegerField(null=True)
    now = models.BigIntegerField(null=True)
    same_as = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "register_event_subject"
        indexes: ClassVar = [
            models.Index(fields=["person", "day"], name="register_event_person"),
            models.Index(fields=["household", "day"], name="register_event_household"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EventEcho(models.Model):
    """What an export of the national system said of an event: confirmed, not yet followed (``behind``), or something
    else altogether (``overtaken``)."""

    event = models.ForeignKey(RegisterEvent, on_delete=models.PROTECT, related_name="echoes")
    state = models.CharField(max_length=10)
    as_of = models.DateField()

    class Meta:
        db_table = "register_event_echo"

    def __str__(self) -> str:
        return f"{self.state} {self.as_of}"
