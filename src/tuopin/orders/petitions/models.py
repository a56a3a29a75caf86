"""What a petition has beside its matter: how it came, whom it is about; and, sealed, who came and what was sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Official, Organisation

from ..papers.models import NumberWord


class PetitionList(models.Model):
    """A list of the hotline (热线) that was taken in: how many of its rows are petitions now. Neither the file nor its
    name is kept. ``withdrawn_at``: all of it was taken back."""

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    taken = models.IntegerField()
    known = models.IntegerField()
    refused = models.IntegerField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_petition_list"

    def __str__(self) -> str:
        return f"petition_list:{self.pk}"


class Petition(models.Model):
    """One petition. ``about_organisation``, ``about_official``: who is complained about, and never sees it;
    ``about_open``: somebody is named in the sealed words whom nobody has found yet in the register.
    ``repeats``: an earlier petition of the same affair, as the person says; nobody is looked for by name.
    ``finish_by``: the last day to finish, since it was accepted. ``key``: a keyed digest of the form or of the row of a
    list that it came by, so that neither is taken in twice; ``batch``: that list. ``reassign_at``: since when its
    office is asked to give it to somebody else, because who holds it has to do with whom it is about;
    ``withheld``: the office has said so itself, and the holder reads it no more."""

    class Channel(models.TextChoices):
        VISIT = "visit"
        LETTER = "letter"
        PHONE = "phone"
        HOTLINE = "hotline"

    matter = models.OneToOneField("orders.Matter", on_delete=models.CASCADE, primary_key=True, related_name="petition")
    channel = models.CharField(max_length=8, choices=Channel)
    received_on = models.DateField()
    about_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    about_official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    about_open = models.BooleanField(default=False)
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeated", db_index=False)
    finish_by = models.DateField(null=True)
    key = models.CharField(max_length=64, blank=True)
    batch = models.ForeignKey(PetitionList, on_delete=models.PROTECT, null=True, related_name="petitions")
    reassign_at = models.DateTimeField(null=True)
    withheld = models.BooleanField(default=False)

    class Meta:
        db_table = "orders_petition"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(repeats=None) | ~Q(repeats=models.F("matter")), name="orders_petition_not_itself"
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="orders_petition_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=[each], condition=Q(**{f"{each}__isnull": False}), name=f"orders_petition_{short}")
            for each, short in (
                ("about_organisation", "unit"), ("about_official", "person"), ("repeats", "repeats"),
                ("reassign_at", "reassign"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"petition:{self.pk}"


class Petitioner(models.Model):
    """Who came, in whose own words: one text under the key of the data folder (``platform/sealing.py``). ``erased_at``:
    the time to keep it was over, or it was entered by mistake, and nothing of it is there any more."""

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="petitioner")
    sealed = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_petitioner"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(erased_at=None) & ~Q(sealed="") | Q(erased_at__isnull=False, sealed=""),
                name="orders_petitioner_sealed_or_erased",
            ),
        ]

    def __str__(self) -> str:
        return f"petitioner:{self.pk}"


class PetitionLetter(models.Model):
    """A letter (告知书、答复意见书) to who came. What it says, and to whom, lies in ``sealed`` ('' once it is erased);
    its number is drawn from the book of its word like that of any paper, where nothing else of it stands. ``until``: of
    one about more time, the day until which. ``received_on``: when it reached the petitioner; ``received_by``: how."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted"
        DECLINED = "declined"
        EXTENDED = "extended"
        ANSWERED = "answered"
        REVIEWED = "reviewed"
        CONCLUDED = "concluded"

    class Receipt(models.TextChoices):
        HAND = "hand"
        PROXY = "proxy"
        POST = "post"
        LEFT = "left"
        NOTICE = "notice"

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=10, choices=Kind)
    word = models.ForeignKey(NumberWord, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    serial = models.IntegerField()
    day = models.DateField()
    until = models.DateField(null=True)
    sealed = models.TextField(blank=True)
    issued_at = models.DateTimeField()
    signer = models.CharField(max_length=150)
    signer_id = models.BigIntegerField(null=True)
    received_on = models.DateField(null=True)
    received_by = models.CharField(max_length=6, choices=Receipt, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_petition_letter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["word", "year", "serial"], name="orders_petition_letter_number"),
            models.CheckConstraint(
                condition=Q(received_on=None, received_by="") | Q(received_on__isnull=False) & ~Q(received_by=""),
                name="orders_petition_letter_received",
            ),
        ]

    def __str__(self) -> str:
        return f"petition_letter:{self.pk}"
