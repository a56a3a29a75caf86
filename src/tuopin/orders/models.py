"""Matters (事项): directives, problems and petitions. One narrow row each; what is long, or only of one kind, stands
beside it in one-to-one rows; what happened stands in events that are never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.duties.models import Official, Organisation
from tuopin.platform.models.append_only import AppendOnly
from tuopin.register.models import Area, Household, Person

RUNNING = ["issued", "received", "working"]


class Matter(models.Model):
    """One matter as it stands. Keys (``kind``, ``state`` …) are those of ``core/matters`` and ``matters.toml``.

    ``area`` is where it belongs and decides who sees it; ``issuer`` and ``holder`` are organisations, ``official`` is
    the person responsible, ``verifier`` the one asked to verify. ``limit_at`` is the first moment that is too late:
    midnight after the last day, or (``by_hours``) a moment; ``provisional``: it rests on a year whose days off are not
    published. ``step`` and ``next_at`` belong to the clock: the last step taken, and when it looks again.
    ``asked_until``: an extension is asked for until then (the first moment too late). ``version`` counts changes:
    a form that was made from an older one is refused.
    """

    class Kind(models.TextChoices):
        DIRECTIVE = "directive"
        PROBLEM = "problem"
        PETITION = "petition"

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=16)
    source = models.CharField(max_length=24, blank=True)
    category = models.CharField(max_length=24, blank=True)
    urgency = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    label = models.CharField(max_length=64, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    verifier = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts", db_index=False)
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField(null=True)
    by_hours = models.BooleanField(default=False)
    provisional = models.BooleanField(default=False)
    extensions = models.SmallIntegerField(default=0)
    asked_until = models.DateTimeField(null=True)
    stopped_from = models.DateField(null=True)
    stopped_until = models.DateField(null=True)
    reported_up = models.BooleanField(default=False)
    within_authority = models.BooleanField(null=True)
    done_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    look_back_on = models.DateField(null=True)
    reopened = models.SmallIntegerField(default=0)
    step = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "orders_matter"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=RUNNING) | Q(holder__isnull=False, limit_at__isnull=False),
                name="orders_matter_running_held",
            ),
            models.CheckConstraint(condition=~Q(state="merged") | Q(into__isnull=False), name="orders_matter_merged"),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=models.F("id")), name="orders_matter_not_its_part"
            ),
            models.CheckConstraint(condition=Q(into=None) | ~Q(into=models.F("id")), name="orders_matter_into_other"),
        ]
        indexes: ClassVar = [
            # what the clock looks for: rows that are due, and no others
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="orders_matter_clock"),
            # an inbox, and what an organisation or a person has to do with: by what is due first
            models.Index(
                fields=["holder", "state", "limit_at"], condition=Q(holder__isnull=False), name="orders_matter_inbox"
            ),
            models.Index(
                fields=["official", "state", "limit_at"], condition=Q(official__isnull=False), name="orders_matter_own"
            ),
            models.Index(
                fields=["verifier", "state"], condition=Q(verifier__isnull=False), name="orders_matter_verifier"
            ),
            # also where nobody is named: an inbox asks for both, by state
            models.Index(fields=["issuer", "state"], name="orders_matter_issuer"),
            models.Index(fields=["asked_until"], condition=Q(asked_until__isnull=False), name="orders_matter_asked"),
            # counts of a board and of a heat table are read from here alone
            models.Index(fields=["area", "state", "kind", "limit_at", "holder", "official"], name="orders_matter_area"),
            models.Index(fields=["state", "limit_at", "id"], name="orders_matter_stage"),
            # a list by limit
            models.Index(fields=["limit_at", "id"], condition=Q(limit_at__isnull=False), name="orders_matter_limit"),
            models.Index(fields=["look_back_on", "id"], condition=Q(state="closed"), name="orders_matter_look_back"),
            # newest drafts of an inbox: without it PostgreSQL reads all matters from the newest on
            models.Index(fields=["-id"], condition=Q(state="draft"), name="orders_matter_drafts"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="orders_matter_parent"),
            models.Index(fields=["into"], condition=Q(into__isnull=False), name="orders_matter_into"),
        ]

    def __str__(self) -> str:
        return f"matter:{self.pk}"


class MatterText(models.Model):
    """What a matter says at length. ``basis``: by what; ``demand``: the evidence asked for; ``root_cause`` (病根),
    ``measure`` (整改措施), ``progress``: the columns of a rectification ledger. Of a petition ``text`` is the
    paraphrase: what the petitioner said lies sealed elsewhere."""

    matter = models.OneToOneField(Matter, on_delete=models.CASCADE, primary_key=True, related_name="text")
    text = models.TextField(max_length=4000, blank=True)
    basis = models.CharField(max_length=500, blank=True)
    demand = models.CharField(max_length=500, blank=True)
    root_cause = models.CharField(max_length=1000, blank=True)
    measure = models.CharField(max_length=2000, blank=True)
    progress = models.CharField(max_length=2000, blank=True)

    class Meta:
        db_table = "orders_matter_text"


class MatterUnit(models.Model):
    """An organisation beside the holder: joint (协办), or given a copy (抄报、抄送). ``watched``: whose recipient the
    copy is about."""

    class Role(models.TextChoices):
        JOINT = "joint"
        COPIED = "copied"

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="units", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=8, choices=Role)
    watched = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "orders_matter_unit"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "organisation", "role"], name="orders_matter_unit_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "role", "matter"], name="orders_matter_unit_of"),
            models.Index(fields=["watched"], condition=Q(watched__isnull=False), name="orders_matter_unit_watched"),
        ]


class MatterSubject(models.Model):
    """Whom or what a matter is about: a household, a person or an area. One opened for a finding bears what found it
    (``origin``, ``standard``, ``item``): the same finding never opens a second one."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="subjects", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    origin = models.CharField(max_length=16, blank=True)
    standard = models.CharField(max_length=64, blank=True)
    item = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "orders_matter_subject"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(household__isnull=False, person=None, area=None)
                | Q(household=None, person__isnull=False, area=None)
                | Q(household=None, person=None, area__isnull=False),
                name="orders_subject_one",
            ),
            *(
                models.UniqueConstraint(
                    fields=[level, "origin", "standard", "item"],
                    condition=Q(**{f"{level}__isnull": False}) & ~Q(origin=""),
                    name=f"orders_finding_{level}",
                )
                for level in ("household", "person", "area")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["matter"], name="orders_subject_matter"),
            *(
                models.Index(fields=[level], condition=Q(**{f"{level}__isnull": False}), name=f"orders_subject_{level}")
                for level in ("household", "person", "area")
            ),
        ]


class MatterEvent(AppendOnly):
    """What was done to a matter, or what its clock did. ``act``: of the table of transitions, or ``clock.`` with a step
    of the clock; then ``due`` is the day of the limit, and the same step of it stands once. ``user_id`` None: the
    product itself, or the command line. ``official``: who acted, where known. ``data``: keys of what changed."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="events", db_index=False)
    act = models.CharField(max_length=24)
    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    came_from = models.CharField(max_length=16, blank=True)
    went_to = models.CharField(max_length=16, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    due = models.DateTimeField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "orders_matter_event"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["matter", "act", "due"], condition=Q(due__isnull=False), name="orders_event_step_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["matter", "id"], name="orders_event_of_matter"),
            # how many somebody verified or closed on a day
            models.Index(
                fields=["user_id", "act", "at"], condition=Q(act__in=["verify", "close"]), name="orders_event_word"
            ),
        ]

    def __str__(self) -> str:
        return f"matter_event:{self.pk}"


from .alike.models import AlikeQuestion, AlikeSubject  # noqa: E402
from .board.models import SentForm  # noqa: E402
from .clock.models import LeadProposal  # noqa: E402 - parts of the room, whose tables refer to those above
from .closings.models import EarlyLookBack  # noqa: E402
from .hung.models import HungEvent, HungItem, HungSign  # noqa: E402
from .ledger.models import LedgerEntry  # noqa: E402
from .papers.models import NumberCounter, NumberWord, OrderPaper, PaperRecipient, PaperTemplate  # noqa: E402
from .petitions.models import Petition, Petitioner, PetitionLetter, PetitionList  # noqa: E402

__all__ = [
    "AlikeQuestion",
    "AlikeSubject",
    "EarlyLookBack",
    "HungEvent",
    "HungItem",
    "HungSign",
    "LeadProposal",
    "LedgerEntry",
    "Matter",
    "MatterEvent",
    "MatterSubject",
    "MatterText",
    "MatterUnit",
    "NumberCounter",
    "NumberWord",
    "OrderPaper",
    "PaperRecipient",
    "PaperTemplate",
    "Petition",
    "PetitionLetter",
    "PetitionList",
    "Petitioner",
    "SentForm",
]
