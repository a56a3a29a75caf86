"""Who answers for what: organisations, posts, officials, their terms and absences, and their assignments to households,
areas and organisations. Every row is dated, from a day to a day (excluded); only identities are permanent."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tuopin.register.models import Area, Household, Person, Sheet


def _period(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name=name)


class Organisation(models.Model):
    """The permanent identity of an organisation (组织); what it is called and where it belongs: see its versions."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "duties_organisation"


class OrganisationVersion(models.Model):
    """Name, kind, place and superior of an organisation from a day to a day. ``kind``: a key of ``organisations.toml``;
    ``area`` is where it works, and decides who sees it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_organisation_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(valid_to=None), name="duties_organisation_one_current"
            ),
            models.UniqueConstraint(
                fields=["area", "name"], condition=Q(valid_to=None), name="duties_organisation_one_name"
            ),
            _period("duties_organisation_period"),
        ]


class OrganisationLink(models.Model):
    """That an organisation watches another one (派驻纪检监察组 → 部门), or dispatches it (派出单位 → 驻村工作队)."""

    class Relation(models.TextChoices):
        WATCHES = "watches"
        DISPATCHES = "dispatches"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="linked_by")
    relation = models.CharField(max_length=12, choices=Relation)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_organisation_link"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "other", "relation"], condition=Q(valid_to=None), name="duties_link_one"
            ),
            models.CheckConstraint(condition=~Q(organisation=F("other")), name="duties_link_two"),
            _period("duties_link_period"),
        ]


class Post(models.Model):
    """A post of an organisation. ``level`` and ``authority`` (who manages its holder): keys of ``organisations.toml``,
    empty = unknown."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=100)
    level = models.CharField(max_length=16, blank=True)
    authority = models.CharField(max_length=16, blank=True)
    first_responsible = models.BooleanField(default=False)

    class Meta:
        db_table = "duties_post"
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "title"], name="duties_post_one")]


class Official(models.Model):
    """A person in office, or one who helps without a post. ``unit`` and ``phone`` are those last known.

    ``area`` keeps somebody who has no post and answers for nothing yet. ``person`` is the entry of somebody who lives
    in a registered household. ``merged_into``: a person decided that this is that one; nothing refers to it any more.
    """

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    sex = models.CharField(max_length=32, blank=True)
    politics = models.CharField(max_length=32, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "duties_official"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user"], name="duties_official_user")]
        indexes: ClassVar = [models.Index(fields=["name"], name="duties_official_by_name")]


class OfficialName(models.Model):
    """How workbooks name an official: name, unit and telephone. The same three are the same person.

    ``decided``: a person has said whether names that may be one person are one; then they have the same official.
    """

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="names")
    decided = models.BooleanField(default=False)

    class Meta:
        db_table = "duties_official_name"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "unit", "phone"], name="duties_helper_identity_one"),
        ]


class Term(models.Model):
    """An official in a post. A second post in one term is held concurrently (兼任), with a reason."""

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="terms")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="terms")
    concurrent = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_term"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["official"], condition=Q(valid_to=None, concurrent=False), name="duties_term_one_main"
            ),
            models.UniqueConstraint(fields=["official", "post"], condition=Q(valid_to=None), name="duties_term_one"),
            models.CheckConstraint(condition=Q(concurrent=False) | ~Q(reason=""), name="duties_term_reason"),
            _period("duties_term_period"),
        ]


class Absence(models.Model):
    """An official lent to another organisation, released from office, on leave or sick; ``document`` says by what.

    ``released`` (脱产) is no absence from duties: who is released has the time to help. ``stand_in`` acts meanwhile;
    the duty stays with the official.
    """

    class Kind(models.TextChoices):
        SECONDED = "seconded"
        RELEASED = "released"
        LEAVE = "leave"
        SICK = "sick"

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=10, choices=Kind)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.CharField(max_length=200)
    stand_in = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_absence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["official", "kind"], condition=Q(valid_to=None), name="duties_absence_one"),
            models.CheckConstraint(
                condition=Q(organisation=None) | Q(kind="seconded"), name="duties_absence_organisation"
            ),
            _period("duties_absence_period"),
        ]


class Assignment(models.Model):
    """An official answers for one household, area or organisation in a role (a key of ``roles.toml``).

    Name, unit, post … are as the workbook wrote them, or as they stood when somebody assigned: an export writes them
    again. A workbook's end date is the last day of duty; ``valid_to`` is the day after. ``since_known`` is false where
    the workbook has no start date: then ``valid_from`` is the as-of date of the export. ``by_hand``: its end was
    decided here, and no workbook opens it again.
    """

    class Role(models.TextChoices):
        """The two roles that the helpers' workbook knows; all of them stand in ``roles.toml``."""

        HELPER = "helper"
        ASSISTANT = "assistant"

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    role = models.CharField(max_length=20)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="helpers")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
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
    by_hand = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    row = models.IntegerField(null=True)

    class Meta:
        db_table = "duties_assignment"
        constraints: ClassVar = [
            # the partial indexes that two who assign at once cannot get past; roles.toml says which roles are sole
            models.UniqueConstraint(
                fields=["household"], condition=Q(valid_to=None, role="helper"), name="duties_one_helper"
            ),
            models.UniqueConstraint(
                fields=["household"], condition=Q(valid_to=None, role="watcher"), name="duties_one_watcher"
            ),
            models.UniqueConstraint(
                fields=["area", "role"],
                condition=Q(valid_to=None, role__in=["first_responsible", "first_secretary", "team_leader"]),
                name="duties_one_in_area",
            ),
            models.UniqueConstraint(
                fields=["organisation", "role"],
                condition=Q(valid_to=None, role__in=["commander", "acting_deputy"]),
                name="duties_one_in_organisation",
            ),
            models.CheckConstraint(
                condition=Q(household__isnull=False, area=None, organisation=None)
                | Q(household=None, area__isnull=False, organisation=None)
                | Q(household=None, area=None, organisation__isnull=False),
                name="duties_assignment_one_target",
            ),
            _period("duties_helper_period"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "valid_from"], name="duties_helper_household"),
            models.Index(fields=["official", "valid_to"], name="duties_assignment_official"),
            models.Index(fields=["area", "role"], condition=Q(area__isnull=False), name="duties_assignment_area"),
            models.Index(
                fields=["organisation", "role"],
                condition=Q(organisation__isnull=False),
                name="duties_assignment_organisation",
            ),
        ]


class OfficialTie(models.Model):
    """That an official lives in a household of the register (``own``), or a relative of his does (``kin``): whoever
    watches over such a household must be somebody else."""

    class Relation(models.TextChoices):
        OWN = "own"
        KIN = "kin"

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="ties", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=4, choices=Relation)
    document = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_official_tie"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["official", "household"], condition=Q(valid_to=None), name="duties_tie_one"
            ),
            _period("duties_tie_period"),
        ]


class Caseload(models.Model):
    """How much one official may answer for in a role within an area, where that differs from ``roles.toml``.
    ``level``: of the official's post, empty = every level."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    level = models.CharField(max_length=16, blank=True)
    most = models.IntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_caseload"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "role", "level"], condition=Q(valid_to=None), name="duties_caseload_one"
            ),
            models.CheckConstraint(condition=Q(most__gte=1), name="duties_caseload_some"),
            _period("duties_caseload_period"),
        ]


class HelperStatus(models.Model):
    """Whether the helper of a household lives in a household that is itself to be helped, from a day to a day: only
    where the helper's entry in the register is known. Worked out from the other tables (``assigning/following.py``)."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="+", db_index=False)
    registered = models.BooleanField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "duties_helper_status"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "valid_from"], name="duties_helper_status_one"),
            _period("duties_helper_status_period"),
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


from .cards.models import CardCode, CardPrint, LedgerPrint, WordTemplate  # noqa: E402 - parts of the room
from .commitments.models import (  # noqa: E402 - parts of the room, whose tables refer to those above
    Commitment,
    CommitmentJudgement,
    CommitmentReplacement,
    CommitmentSignature,
    CommitmentState,
    CommitmentTarget,
)
from .headquarters.models import (  # noqa: E402 - as above
    HeadquartersDetail,
    HeadquartersPlan,
    Opinion,
    PlanStep,
    StepReport,
)
from .incidents.models import (  # noqa: E402 - as above
    Incident,
    IncidentClosing,
    IncidentReport,
    Lead,
)
from .planning.models import (  # noqa: E402 - parts of the room, whose tables refer to those above
    AssignmentPlan,
    PlanHelper,
    PlanLine,
)
from .teams.models import (  # noqa: E402 - as above
    KnowledgeCheck,
    PresenceSheet,
    TeamLeave,
    TeamProposal,
    TeamReport,
)
from .visits.models import (  # noqa: E402 - parts of the room, whose tables refer to those above
    HouseholdVisits,
    Visit,
    VisitBy,
    VisitFinding,
    VisitLast,
    VisitMet,
    VisitPhoto,
    VisitPlace,
    VisitProblem,
)

__all__ = [
    "Absence",
    "Assignment",
    "AssignmentPlan",
    "CardCode",
    "CardPrint",
    "Commitment",
    "CommitmentJudgement",
    "CommitmentReplacement",
    "CommitmentSignature",
    "CommitmentState",
    "CommitmentTarget",
    "HeadquartersDetail",
    "HeadquartersPlan",
    "HouseholdVisits",
    "Incident",
    "IncidentClosing",
    "IncidentReport",
    "KnowledgeCheck",
    "Lead",
    "LedgerPrint",
    "Official",
    "OfficialName",
    "Opinion",
    "Organisation",
    "OrganisationLink",
    "OrganisationVersion",
    "PlanHelper",
    "PlanLine",
    "PlanStep",
    "Post",
    "PresenceSheet",
    "Slips",
    "StepReport",
    "TeamLeave",
    "TeamProposal",
    "TeamReport",
    "Term",
    "Visit",
    "VisitBy",
    "VisitFinding",
    "VisitLast",
    "VisitMet",
    "VisitPhoto",
    "VisitPlace",
    "VisitProblem",
    "WordTemplate",
]
