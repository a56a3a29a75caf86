"""Facts as versions: one wide row for a subject and an as-of date, per block of fields.

A blank column is unknown. A cell that could not be read is unknown too, and stands as written in ``unreadable``.
Money is integer fen, other decimals are integers scaled as ``register/facts.py`` declares.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .areas import Area
from .households import Household, Person
from .imports import Sheet


class Source(models.TextChoices):
    """Where a value comes from, weakest first: a stronger or newer source is not overwritten by a re-import."""

    NATIONAL_EXPORT = "national_export"
    DEPARTMENT_LIST = "department_list"
    VISIT = "visit"
    BY_HAND = "by_hand"


class FactBlock(models.Model):
    """What every block of facts has.

    On day D the row that counts is the newest with ``as_of <= D`` among those with ``superseded_at`` NULL.
    ``overrides`` names the fields whose value comes from another source than the row itself:
    ``{field: {"source": …, "recorded_at": …}}``.
    """

    year = models.SmallIntegerField()
    as_of = models.DateField()
    source = models.CharField(max_length=16, choices=Source, default=Source.NATIONAL_EXPORT)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.IntegerField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    unreadable = models.JSONField(default=dict)
    overrides = models.JSONField(default=dict)

    class Meta:
        abstract = True


def _current(subject: str, name: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(fields=[subject, "as_of"], condition=Q(superseded_at=None), name=f"register_{name}_now")
    ]


class HouseholdBlock(FactBlock):
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class PersonBlock(FactBlock):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class AreaBlock(FactBlock):
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


def _text(length: int = 64) -> "models.CharField[str, str]":
    return models.CharField(max_length=length, blank=True, default="")


def _code() -> "models.CharField[str | None, str | None]":
    return models.CharField(max_length=32, null=True)


def _codes() -> "models.CharField[str | None, str | None]":
    """Several codes, joined by commas in the order of the code list."""
    return models.CharField(max_length=200, null=True)


def _yes_no() -> "models.BooleanField[bool | None, bool | None]":
    return models.BooleanField(null=True)


def _number() -> "models.BigIntegerField[int | None, int | None]":
    return models.BigIntegerField(null=True)


class HouseholdProfile(HouseholdBlock):
    """Who the household is: category, causes, contacts."""

    head_name = _text(100)
    phone = _text(32)
    bank_name = _text(100)
    bank_account = _text(64)
    recognised_by = _code()
    category = _code()
    military_family = _yes_no()
    only_child_family = _yes_no()
    two_daughters_family = _yes_no()
    main_cause = _code()
    other_causes = _codes()
    exit_year = _number()
    identified_month = _text(7)
    in_cooperative = _yes_no()

    class Meta:
        db_table = "register_household_profile"
        constraints: ClassVar = _current("household", "profile")


class HouseholdLiving(HouseholdBlock):
    """How the household lives: land, road, power, water, fuel, toilet, house, relocation."""

    arable_land = _number()
    irrigated_land = _number()
    forest_land = _number()
    returned_forest_land = _number()
    orchard_land = _number()
    pasture_land = _number()
    water_surface = _number()
    road_type = _code()
    road_distance = _number()
    has_power = _yes_no()
    has_production_power = _yes_no()
    water_difficult = _yes_no()
    water_safe = _yes_no()
    fuel_type = _code()
    sanitary_toilet = _yes_no()
    house_area = _number()
    dangerous_house = _yes_no()
    danger_grade = _code()
    relocation_way = _code()
    resettlement_way = _code()
    resettlement_place = _code()
    relocation_wish = _yes_no()

    class Meta:
        db_table = "register_household_living"
        constraints: ClassVar = _current("household", "living")


class HouseholdIncome(HouseholdBlock):
    """Income of the whole household in the ledger year, in fen. ``stated_…`` is the workbook's own arithmetic, kept
    for comparison only."""

    wage = _number()
    business = _number()
    property = _number()
    transfer = _number()
    family_planning_grant = _number()
    low_income_grant = _number()
    special_care_grant = _number()
    pension_income = _number()
    ecological_grant = _number()
    other_transfer = _number()
    business_cost = _number()
    stated_income = _number()
    stated_net_income = _number()
    stated_income_per_head = _number()

    class Meta:
        db_table = "register_household_income"
        constraints: ClassVar = _current("household", "income")


class HouseholdCheck(HouseholdBlock):
    """The verification sheet (脱贫核查): food and clothing as found at the door on ``as_of``."""

    food = _yes_no()
    clothing = _yes_no()
    checker = _text(100)

    class Meta:
        db_table = "register_household_check"
        constraints: ClassVar = _current("household", "check")


class PersonIdentity(PersonBlock):
    """Who the person is. ``id_number`` is kept as written; ``id_sound`` says that length and check digit are right,
    and only sound numbers are ever matched."""

    name = _text(100)
    sex = _code()
    birth_date = models.DateField(null=True)
    id_type = _code()
    id_number = _text(64)
    id_sound = models.BooleanField(default=False)
    ethnicity = _text(32)
    person_identified_month = _text(7)

    class Meta:
        db_table = "register_person_identity"
        constraints: ClassVar = _current("person", "identity")
        indexes = [
            models.Index(
                fields=["id_number"], condition=Q(superseded_at=None, id_sound=True), name="register_id_number"
            )
        ]


class PersonCondition(PersonBlock):
    """How the person is: relation to the head (与户主关系), schooling, health, work, insurance."""

    relation = _code()
    politics = _code()
    education = _code()
    study = _code()
    study_unclear = _yes_no()  # true: something stands in 在校生状况 that cannot be read; never false
    dropout_reason = _text(100)
    health = _codes()
    disability_number = _text(32)
    labour = _code()
    work_place = _code()
    work_months = _number()
    employer = _text(200)
    work_channel = _text(64)
    public_post = _text(64)
    public_post_months = _number()
    resident_insurance = _yes_no()
    employee_insurance = _yes_no()
    serious_illness_insurance = _yes_no()
    commercial_insurance = _yes_no()
    resident_pension_insurance = _yes_no()
    employee_pension_insurance = _yes_no()
    low_income_support = _yes_no()
    special_support = _yes_no()
    in_service = _yes_no()
    mandarin = _yes_no()
    medical_relief = _yes_no()
    other_health_help = _yes_no()
    works_abroad = _yes_no()
    develop_wish = _yes_no()  # the person's own answer; it counts only signed and dated
    wish_signed = _yes_no()
    wish_signed_on = models.DateField(null=True)
    member_phone = _text(32)

    class Meta:
        db_table = "register_person_condition"
        constraints: ClassVar = _current("person", "condition")


class VillageCondition(AreaBlock):
    """The village workbook (村信息). ``work_1`` … ``work_9`` are the nine conditions of 129: yes, no,
    not_applicable (不具备条件)."""

    poor_village = _yes_no()
    household_total = _number()
    population = _number()
    poor_2013 = _number()  # with the three below: the village form of the incidence, beside the register's count
    exited_since = _number()
    added_since = _number()
    returned_since = _number()
    industry_eligible = _yes_no()
    industries = _number()
    collective_income = _number()
    work_1 = _code()
    work_2 = _code()
    work_3 = _code()
    work_4 = _code()
    work_5 = _code()
    work_6 = _code()
    work_7 = _code()
    work_8 = _code()
    work_9 = _code()

    class Meta:
        db_table = "register_village_condition"
        constraints: ClassVar = _current("area", "village")


class CountyCondition(AreaBlock):
    """A county's statistics (县级指标); rates are scaled by 10**6."""

    rural_population = _number()
    income_growth = _number()
    province_income_growth = _number()
    services_near = _yes_no()
    statistics_source = _text(200)

    class Meta:
        db_table = "register_county_condition"
        constraints: ClassVar = _current("area", "county")


class CountySurvey(AreaBlock):
    """What a survey found in a county, dated by the survey: each rate (scaled by 10**6) as an estimate with the ends
    of its interval and the size of its sample."""

    missed_rate = _number()
    missed_rate_low = _number()
    missed_rate_high = _number()
    missed_sample = _number()
    wrong_exit_rate = _number()
    wrong_exit_rate_low = _number()
    wrong_exit_rate_high = _number()
    wrong_exit_sample = _number()
    satisfaction = _number()
    satisfaction_low = _number()
    satisfaction_high = _number()
    satisfaction_sample = _number()
    survey_method = _text(100)
    survey_source = _text(200)

    class Meta:
        db_table = "register_county_survey"
        constraints: ClassVar = _current("area", "county_survey")
