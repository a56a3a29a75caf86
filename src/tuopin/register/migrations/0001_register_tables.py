"""The register's tables: areas, households, persons, their facts and events, imports, corrections, lists of departments."""

import django.db.models.deletion
from django.db import migrations, models

import tuopin.platform.models.fields
from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "register_status_change",
    "register_area_event",
    "register_area_map",
    "register_area_event_undone",
    "register_event",
    "register_event_subject",
)

_TABLES = [
    migrations.CreateModel(
        name="Area",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
        ],
        options={
            "db_table": "register_area",
        },
    ),
    migrations.CreateModel(
        name="Household",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("code", models.CharField(max_length=64, unique=True)),
        ],
        options={
            "db_table": "register_household",
        },
    ),
    migrations.CreateModel(
        name="Import",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("started_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("as_of", models.DateField()),
            ("year", models.SmallIntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("report", models.JSONField(default=dict)),
            ("user_id", models.BigIntegerField(null=True)),
            ("path", models.CharField(blank=True, default="", max_length=128)),
            (
                "prepared",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="run", to="register.importset"
                ),
            ),
            ("version_before", models.BigIntegerField(null=True)),
            ("version_after", models.BigIntegerField(null=True)),
            ("undone_at", models.DateTimeField(null=True)),
            ("undone_by", models.CharField(blank=True, default="", max_length=150)),
        ],
        options={
            "db_table": "register_import",
            "indexes": [models.Index(fields=["path", "id"], name="register_import_path")],
        },
    ),
    migrations.CreateModel(
        name="Person",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("code", models.CharField(blank=True, max_length=64)),
        ],
        options={
            "db_table": "register_person",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("code", ""), _negated=True), fields=("code",), name="register_person_code"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Sheet",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("file", models.CharField(max_length=255)),
            ("file_digest", models.CharField(max_length=64)),
            ("name", models.CharField(max_length=255)),
            ("kind", models.CharField(max_length=64)),
            ("header_row", models.IntegerField()),
            ("headers", models.JSONField(default=list)),
            ("columns", models.JSONField(default=list)),
            ("rows", models.IntegerField()),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="register.import"
                ),
            ),
        ],
        options={
            "db_table": "register_sheet",
        },
    ),
    migrations.CreateModel(
        name="RejectedRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("row", models.IntegerField()),
            ("subject", models.CharField(blank=True, max_length=64)),
            ("reason", models.CharField(max_length=40)),
            ("cells", models.JSONField()),
            (
                "sheet",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="rejected_rows", to="register.sheet"
                ),
            ),
        ],
        options={
            "db_table": "register_rejected_row",
        },
    ),
    migrations.CreateModel(
        name="AreaVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=32)),
            ("name", models.CharField(max_length=100)),
            (
                "level",
                models.CharField(
                    choices=[
                        ("nation", "nation"),
                        ("province", "province"),
                        ("city", "city"),
                        ("county", "county"),
                        ("township", "township"),
                        ("village", "village"),
                        ("group", "group"),
                    ],
                    max_length=16,
                ),
            ),
            ("path", models.CharField(max_length=128)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="register.area"
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="child_versions",
                    to="register.area",
                ),
            ),
        ],
        options={
            "db_table": "register_area_version",
            "indexes": [
                models.Index(fields=["path"], name="register_area_path"),
                models.Index(fields=["parent", "name"], name="register_area_parent_name"),
                models.Index(
                    condition=models.Q(("valid_to", None), _negated=True),
                    fields=["code"],
                    name="register_area_former_code",
                ),
                models.Index(
                    condition=models.Q(("valid_to", None), _negated=True),
                    fields=["name"],
                    name="register_area_former_name",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("area",), name="register_area_one_current"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("code",), name="register_area_code_current"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="register_area_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Designation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("poor_county", "Poor County"),
                        ("poor_village", "Poor Village"),
                        ("relocation_site", "Relocation Site"),
                    ],
                    max_length=20,
                ),
            ),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="designations", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "register_designation",
            "indexes": [models.Index(fields=["area", "kind"], name="register_designation_area")],
        },
    ),
    migrations.CreateModel(
        name="Membership",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            ("since_known", models.BooleanField(default=False)),
            ("confirmed_on", models.DateField()),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="memberships",
                    to="register.household",
                ),
            ),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="register.person"
                ),
            ),
        ],
        options={
            "db_table": "register_membership",
            "indexes": [models.Index(fields=["household"], name="register_membership_house")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("person",), name="register_one_household"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="register_membership_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Residence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("group_name", models.CharField(blank=True, max_length=100)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="residences",
                    to="register.area",
                ),
            ),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="residences", to="register.household"
                ),
            ),
        ],
        options={
            "db_table": "register_residence",
            "indexes": [models.Index(fields=["area", "household"], name="register_residence_area")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("household",), name="register_one_residence"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="register_residence_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PersonIdentity",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("name", models.CharField(blank=True, default="", max_length=100)),
            ("sex", models.CharField(max_length=32, null=True)),
            ("birth_date", models.DateField(null=True)),
            ("id_type", models.CharField(max_length=32, null=True)),
            ("id_number", models.CharField(blank=True, default="", max_length=64)),
            ("id_sound", models.BooleanField(default=False)),
            ("ethnicity", models.CharField(blank=True, default="", max_length=32)),
            ("person_identified_month", models.CharField(blank=True, default="", max_length=7)),
            (
                "person",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_person_identity",
            "indexes": [
                models.Index(
                    condition=models.Q(("id_sound", True), ("superseded_at", None)),
                    fields=["id_number"],
                    name="register_id_number",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("person", "as_of"),
                    name="register_identity_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PersonCondition",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("relation", models.CharField(max_length=32, null=True)),
            ("politics", models.CharField(max_length=32, null=True)),
            ("education", models.CharField(max_length=32, null=True)),
            ("study", models.CharField(max_length=32, null=True)),
            ("dropout_reason", models.CharField(blank=True, default="", max_length=100)),
            ("health", models.CharField(max_length=200, null=True)),
            ("disability_number", models.CharField(blank=True, default="", max_length=32)),
            ("labour", models.CharField(max_length=32, null=True)),
            ("work_place", models.CharField(max_length=32, null=True)),
            ("work_months", models.BigIntegerField(null=True)),
            ("employer", models.CharField(blank=True, default="", max_length=200)),
            ("work_channel", models.CharField(blank=True, default="", max_length=64)),
            ("public_post", models.CharField(blank=True, default="", max_length=64)),
            ("public_post_months", models.BigIntegerField(null=True)),
            ("resident_insurance", models.BooleanField(null=True)),
            ("employee_insurance", models.BooleanField(null=True)),
            ("serious_illness_insurance", models.BooleanField(null=True)),
            ("commercial_insurance", models.BooleanField(null=True)),
            ("resident_pension_insurance", models.BooleanField(null=True)),
            ("employee_pension_insurance", models.BooleanField(null=True)),
            ("low_income_support", models.BooleanField(null=True)),
            ("special_support", models.BooleanField(null=True)),
            ("in_service", models.BooleanField(null=True)),
            ("mandarin", models.BooleanField(null=True)),
            ("medical_relief", models.BooleanField(null=True)),
            ("other_health_help", models.BooleanField(null=True)),
            ("works_abroad", models.BooleanField(null=True)),
            ("member_phone", models.CharField(blank=True, default="", max_length=32)),
            (
                "person",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
            ("study_unclear", models.BooleanField(null=True)),
            ("develop_wish", models.BooleanField(null=True)),
            ("wish_signed", models.BooleanField(null=True)),
            ("wish_signed_on", models.DateField(null=True)),
        ],
        options={
            "db_table": "register_person_condition",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("person", "as_of"),
                    name="register_condition_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdProfile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("head_name", models.CharField(blank=True, default="", max_length=100)),
            ("phone", models.CharField(blank=True, default="", max_length=32)),
            ("bank_name", models.CharField(blank=True, default="", max_length=100)),
            ("bank_account", models.CharField(blank=True, default="", max_length=64)),
            ("recognised_by", models.CharField(max_length=32, null=True)),
            ("category", models.CharField(max_length=32, null=True)),
            ("military_family", models.BooleanField(null=True)),
            ("only_child_family", models.BooleanField(null=True)),
            ("two_daughters_family", models.BooleanField(null=True)),
            ("main_cause", models.CharField(max_length=32, null=True)),
            ("other_causes", models.CharField(max_length=200, null=True)),
            ("exit_year", models.BigIntegerField(null=True)),
            ("identified_month", models.CharField(blank=True, default="", max_length=7)),
            ("in_cooperative", models.BooleanField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_profile",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_profile_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdLiving",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("arable_land", models.BigIntegerField(null=True)),
            ("irrigated_land", models.BigIntegerField(null=True)),
            ("forest_land", models.BigIntegerField(null=True)),
            ("returned_forest_land", models.BigIntegerField(null=True)),
            ("orchard_land", models.BigIntegerField(null=True)),
            ("pasture_land", models.BigIntegerField(null=True)),
            ("water_surface", models.BigIntegerField(null=True)),
            ("road_type", models.CharField(max_length=32, null=True)),
            ("road_distance", models.BigIntegerField(null=True)),
            ("has_power", models.BooleanField(null=True)),
            ("has_production_power", models.BooleanField(null=True)),
            ("water_difficult", models.BooleanField(null=True)),
            ("water_safe", models.BooleanField(null=True)),
            ("fuel_type", models.CharField(max_length=32, null=True)),
            ("sanitary_toilet", models.BooleanField(null=True)),
            ("house_area", models.BigIntegerField(null=True)),
            ("dangerous_house", models.BooleanField(null=True)),
            ("danger_grade", models.CharField(max_length=32, null=True)),
            ("relocation_way", models.CharField(max_length=32, null=True)),
            ("resettlement_way", models.CharField(max_length=32, null=True)),
            ("resettlement_place", models.CharField(max_length=32, null=True)),
            ("relocation_wish", models.BooleanField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_living",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_living_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdIncome",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("wage", models.BigIntegerField(null=True)),
            ("business", models.BigIntegerField(null=True)),
            ("property", models.BigIntegerField(null=True)),
            ("transfer", models.BigIntegerField(null=True)),
            ("family_planning_grant", models.BigIntegerField(null=True)),
            ("low_income_grant", models.BigIntegerField(null=True)),
            ("special_care_grant", models.BigIntegerField(null=True)),
            ("pension_income", models.BigIntegerField(null=True)),
            ("ecological_grant", models.BigIntegerField(null=True)),
            ("other_transfer", models.BigIntegerField(null=True)),
            ("business_cost", models.BigIntegerField(null=True)),
            ("stated_income", models.BigIntegerField(null=True)),
            ("stated_net_income", models.BigIntegerField(null=True)),
            ("stated_income_per_head", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_income",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_income_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdCheck",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("food", models.BooleanField(null=True)),
            ("clothing", models.BooleanField(null=True)),
            ("checker", models.CharField(blank=True, default="", max_length=100)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_check",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_check_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="DataIssue",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=40)),
            ("kind", models.CharField(max_length=64)),
            ("subject", models.CharField(max_length=64)),
            ("person", models.CharField(blank=True, max_length=64)),
            ("row", models.IntegerField(null=True)),
            ("column", models.CharField(blank=True, max_length=100)),
            ("value", models.CharField(blank=True, max_length=255)),
            ("recorded_at", models.DateTimeField()),
            ("closed_at", models.DateTimeField(null=True)),
            (
                "sheet",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="issues", to="register.sheet"
                ),
            ),
            (
                "area",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.area",
                ),
            ),
        ],
        options={
            "db_table": "register_data_issue",
            "indexes": [
                models.Index(
                    condition=models.Q(("closed_at", None)),
                    fields=["subject", "code"],
                    name="register_issue_open_subject",
                ),
                models.Index(
                    condition=models.Q(("closed_at", None)), fields=["code", "subject"], name="register_issue_open_code"
                ),
                models.Index(
                    condition=models.Q(("closed_at", None)), fields=["area", "code"], name="register_issue_open_area"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CountyCondition",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("rural_population", models.BigIntegerField(null=True)),
            ("income_growth", models.BigIntegerField(null=True)),
            ("province_income_growth", models.BigIntegerField(null=True)),
            ("services_near", models.BooleanField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
            ("statistics_source", models.CharField(blank=True, default="", max_length=200)),
        ],
        options={
            "db_table": "register_county_condition",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)), fields=("area", "as_of"), name="register_county_now"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StatusPeriod",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "axis",
                models.CharField(
                    choices=[("registration", "Registration"), ("monitoring", "Monitoring"), ("support", "Support")],
                    max_length=16,
                ),
            ),
            ("value", models.CharField(max_length=32)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="statuses", to="register.household"
                ),
            ),
        ],
        options={
            "db_table": "register_status_period",
            "indexes": [models.Index(fields=["axis", "value", "household"], name="register_status_value")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("household", "axis"), name="register_one_status"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="register_status_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="VillageCondition",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("poor_village", models.BooleanField(null=True)),
            ("household_total", models.BigIntegerField(null=True)),
            ("population", models.BigIntegerField(null=True)),
            ("industries", models.BigIntegerField(null=True)),
            ("collective_income", models.BigIntegerField(null=True)),
            ("work_1", models.CharField(max_length=32, null=True)),
            ("work_2", models.CharField(max_length=32, null=True)),
            ("work_3", models.CharField(max_length=32, null=True)),
            ("work_4", models.CharField(max_length=32, null=True)),
            ("work_5", models.CharField(max_length=32, null=True)),
            ("work_6", models.CharField(max_length=32, null=True)),
            ("work_7", models.CharField(max_length=32, null=True)),
            ("work_8", models.CharField(max_length=32, null=True)),
            ("work_9", models.CharField(max_length=32, null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
            ("industry_eligible", models.BooleanField(null=True)),
            ("poor_2013", models.BigIntegerField(null=True)),
            ("exited_since", models.BigIntegerField(null=True)),
            ("added_since", models.BigIntegerField(null=True)),
            ("returned_since", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "register_village_condition",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)), fields=("area", "as_of"), name="register_village_now"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WaitingRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=64)),
            ("household_code", models.CharField(max_length=64)),
            ("row", models.IntegerField()),
            ("values", models.JSONField()),
            ("digest", models.CharField(max_length=64)),
            ("as_of", models.DateField()),
            ("year", models.SmallIntegerField()),
            ("recorded_at", models.DateTimeField()),
            ("applied_at", models.DateTimeField(null=True)),
            (
                "sheet",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="waiting_rows", to="register.sheet"
                ),
            ),
            ("within", models.JSONField(default=list)),
        ],
        options={
            "db_table": "register_waiting_row",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("applied_at", None)),
                    fields=("kind", "household_code", "digest"),
                    name="register_waiting_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CorrectedValue",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("level", models.CharField(max_length=12)),
            ("subject", models.BigIntegerField()),
            ("field", models.CharField(max_length=64)),
            ("old", models.TextField()),
            ("new", models.TextField()),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "Open"),
                        ("confirmed", "Confirmed"),
                        ("replaced", "Replaced"),
                        ("undone", "Undone"),
                    ],
                    default="open",
                    max_length=12,
                ),
            ),
            ("settled_at", models.DateTimeField(null=True)),
            ("export_value", models.TextField(null=True)),
            ("export_as_of", models.DateField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "village",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "correction",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="values",
                    to="register.correction",
                ),
            ),
        ],
        options={
            "db_table": "register_corrected_value",
            "indexes": [
                models.Index(fields=["correction"], name="register_corrected_act"),
                models.Index(fields=["household", "id"], name="register_corrected_household"),
                models.Index(
                    condition=models.Q(("state", "open")), fields=["village", "id"], name="register_corrected_village"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "open")),
                    fields=("level", "subject", "field"),
                    name="register_corrected_open",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Correction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("origin", models.CharField(max_length=16)),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    max_length=16,
                ),
            ),
            ("as_of", models.DateField()),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("size", models.IntegerField()),
            (
                "undoes",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="undone_by",
                    to="register.correction",
                ),
            ),
        ],
        options={
            "db_table": "register_correction",
        },
    ),
    migrations.CreateModel(
        name="Draft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user_id", models.BigIntegerField(null=True)),
            ("origin", models.CharField(max_length=16)),
            ("created_at", models.DateTimeField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    max_length=16,
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("note", models.JSONField(default=dict)),
            (
                "state",
                models.CharField(
                    choices=[("open", "Open"), ("applying", "Applying"), ("applied", "Applied")],
                    default="open",
                    max_length=12,
                ),
            ),
            ("back", models.CharField(blank=True, max_length=200)),
            (
                "correction",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.correction"
                ),
            ),
        ],
        options={
            "db_table": "register_draft",
        },
    ),
    migrations.CreateModel(
        name="DraftLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.IntegerField()),
            ("level", models.CharField(max_length=12)),
            ("subject", models.BigIntegerField(null=True)),
            ("code", models.CharField(blank=True, max_length=64)),
            ("field", models.CharField(max_length=64)),
            ("base", models.TextField()),
            ("mine", models.TextField()),
            ("theirs", models.TextField()),
            ("seen", models.BigIntegerField(default=0)),
            ("written", models.CharField(blank=True, max_length=255)),
            ("row", models.IntegerField(null=True)),
            (
                "fate",
                models.CharField(
                    choices=[
                        ("change", "Change"),
                        ("conflict", "Conflict"),
                        ("error", "Error"),
                        ("nothing", "Nothing"),
                    ],
                    max_length=12,
                ),
            ),
            ("error", models.CharField(blank=True, max_length=40)),
            ("decision", models.CharField(blank=True, max_length=8)),
            (
                "draft",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="register.draft",
                ),
            ),
        ],
        options={
            "db_table": "register_draft_line",
            "indexes": [models.Index(fields=["draft", "fate", "number"], name="register_draft_line_fate")],
            "constraints": [models.UniqueConstraint(fields=("draft", "number"), name="register_draft_line_number")],
        },
    ),
    migrations.CreateModel(
        name="IssueWaiver",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("reason", models.CharField(max_length=500)),
            ("until", models.DateField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            (
                "issue",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="waivers",
                    to="register.dataissue",
                ),
            ),
        ],
        options={
            "db_table": "register_issue_waiver",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("issue",), name="register_waiver_one"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="KeptExport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token", models.CharField(max_length=32, unique=True)),
            ("kind", models.CharField(max_length=64)),
            ("on", models.DateField()),
            ("area_code", models.CharField(blank=True, max_length=32)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("data_version", models.BigIntegerField()),
            ("rows", models.IntegerField()),
        ],
        options={
            "db_table": "register_kept_export",
        },
    ),
    migrations.CreateModel(
        name="MatchRun",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=40)),
            ("as_of", models.DateField()),
            ("complete", models.BooleanField(default=False)),
            ("file", models.CharField(max_length=255)),
            ("digest", models.CharField(db_index=True, max_length=64)),
            ("user_id", models.BigIntegerField(null=True)),
            ("owner", models.CharField(max_length=150)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed"), ("closed", "Closed")],
                    default="waiting",
                    max_length=8,
                ),
            ),
            ("job", models.BigIntegerField(null=True)),
            ("columns", models.JSONField(default=dict)),
            ("other_headers", models.JSONField(default=list)),
            ("column_map", models.JSONField(default=dict)),
            ("counts", models.JSONField(default=dict)),
            ("created_at", models.DateTimeField()),
            ("matched_at", models.DateTimeField(null=True)),
            ("closed_at", models.DateTimeField(null=True)),
            ("delete_on", models.DateField()),
            ("deleted_at", models.DateTimeField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "register_match_run",
            "indexes": [
                models.Index(condition=models.Q(("deleted_at", None)), fields=["delete_on"], name="register_match_due")
            ],
        },
    ),
    migrations.CreateModel(
        name="MatchResult",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("facts", models.IntegerField()),
            ("opened", models.IntegerField()),
            ("closed", models.IntegerField()),
            ("corrections", models.JSONField(default=list)),
            ("digest", models.CharField(max_length=64)),
            ("undone_at", models.DateTimeField(null=True)),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="results", to="register.matchrun"
                ),
            ),
        ],
        options={
            "db_table": "register_match_result",
        },
    ),
    migrations.CreateModel(
        name="MatchPair",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("row", models.IntegerField()),
            ("path", models.CharField(max_length=128)),
            ("points", models.SmallIntegerField()),
            ("reasons", models.JSONField(default=list)),
            ("cells", models.JSONField(default=dict)),
            (
                "state",
                models.CharField(
                    choices=[("open", "Open"), ("later", "Later"), ("yes", "Yes"), ("no", "No")],
                    default="open",
                    max_length=5,
                ),
            ),
            ("user_id", models.BigIntegerField(null=True)),
            ("decided_by", models.CharField(blank=True, max_length=150)),
            ("decided_at", models.DateTimeField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "person",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                ),
            ),
            (
                "run",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="pairs",
                    to="register.matchrun",
                ),
            ),
        ],
        options={
            "db_table": "register_match_pair",
            "indexes": [models.Index(fields=["run", "state", "-points", "id"], name="register_match_pair_work")],
            "constraints": [models.UniqueConstraint(fields=("run", "row", "person"), name="register_match_pair_once")],
        },
    ),
    migrations.CreateModel(
        name="ImportSet",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("actor_kind", models.CharField(max_length=8)),
            ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ("created_at", models.DateTimeField()),
            ("as_of", models.DateField(null=True)),
            ("year", models.SmallIntegerField(null=True)),
            ("choices", models.JSONField(default=dict)),
            (
                "step",
                models.CharField(
                    choices=[("files", "Files"), ("inspect", "Inspect"), ("preview", "Preview"), ("import", "Import")],
                    default="files",
                    max_length=8,
                ),
            ),
            ("inspection", models.JSONField(null=True)),
            ("preview", models.JSONField(null=True)),
            (
                "job",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="platform.job"
                ),
            ),
            ("token_id", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "register_import_set",
        },
    ),
    migrations.CreateModel(
        name="ImportChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("table", models.CharField(max_length=64)),
            ("columns", models.JSONField(default=list)),
            ("content", models.BinaryField()),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="register.import"
                ),
            ),
        ],
        options={
            "db_table": "register_import_change",
        },
    ),
    migrations.CreateModel(
        name="AreaCounts",
        fields=[
            ("area_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ("data_version", models.BigIntegerField()),
            ("day", models.DateField()),
            ("counts", models.JSONField()),
        ],
        options={
            "db_table": "register_area_counts",
        },
    ),
    migrations.CreateModel(
        name="HouseholdCard",
        fields=[
            (
                "household",
                models.OneToOneField(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="card",
                    serialize=False,
                    to="register.household",
                ),
            ),
            (
                "area",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.area",
                ),
            ),
            ("path", tuopin.platform.models.fields.PlainField(max_length=128)),
            ("code", tuopin.platform.models.fields.PlainField(max_length=64)),
            ("head_name", tuopin.platform.models.fields.PlainField(max_length=100)),
            ("registration", models.CharField(max_length=32, null=True)),
            ("monitoring", models.CharField(max_length=32, null=True)),
            ("support", models.CharField(max_length=32, null=True)),
            ("category", models.CharField(max_length=32, null=True)),
            ("main_cause", models.CharField(max_length=32, null=True)),
            ("members", models.IntegerField()),
            ("income", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "register_household_card",
            "indexes": [
                models.Index(fields=["path", "code"], name="register_card_path"),
                models.Index(fields=["code"], name="register_card_code"),
                models.Index(fields=["head_name", "path"], name="register_card_head"),
                models.Index(fields=["income", "household"], name="register_card_income"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PersonCard",
        fields=[
            (
                "person",
                models.OneToOneField(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="card",
                    serialize=False,
                    to="register.person",
                ),
            ),
            (
                "household",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="register.household",
                ),
            ),
            ("path", tuopin.platform.models.fields.PlainField(max_length=128)),
            ("name", tuopin.platform.models.fields.PlainField(max_length=100)),
            ("relation", models.CharField(max_length=32, null=True)),
            ("sex", models.CharField(max_length=32, null=True)),
            ("birth_date", models.DateField(null=True)),
            ("education", models.CharField(max_length=32, null=True)),
            ("study", models.CharField(max_length=32, null=True)),
            ("health", models.CharField(max_length=200, null=True)),
            ("labour", models.CharField(max_length=32, null=True)),
        ],
        options={
            "db_table": "register_person_card",
            "indexes": [
                models.Index(fields=["path", "household", "person"], name="register_pcard_path"),
                models.Index(fields=["name", "path"], name="register_pcard_name"),
                models.Index(fields=["birth_date", "person"], name="register_pcard_birth"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PersonKey",
        fields=[
            (
                "person",
                models.OneToOneField(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="register.person",
                ),
            ),
            ("tail", models.BigIntegerField()),
        ],
        options={
            "db_table": "register_person_key",
            "indexes": [models.Index(fields=["tail"], name="register_pkey_tail")],
        },
    ),
    migrations.CreateModel(
        name="HouseholdMonitoring",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("household_type", models.CharField(max_length=32, null=True)),
            ("monitored_kind", models.CharField(max_length=32, null=True)),
            ("discovery", models.CharField(max_length=32, null=True)),
            ("main_risk", models.CharField(max_length=32, null=True)),
            ("other_risks", models.CharField(max_length=200, null=True)),
            ("identified_on", models.DateField(null=True)),
            ("risk_removed", models.BooleanField(null=True)),
            ("removal_way", models.CharField(max_length=32, null=True)),
            ("removed_on", models.DateField(null=True)),
            ("self_paid_medical", models.BigIntegerField(null=True)),
            ("rigid_spending", models.BigIntegerField(null=True)),
            ("income_drop", models.BooleanField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_monitoring",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_monitoring_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdWater",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("water_zone", models.CharField(max_length=32, null=True)),
            ("water_supply", models.CharField(max_length=32, null=True)),
            ("water_litres", models.BigIntegerField(null=True)),
            ("water_test_passed", models.BooleanField(null=True)),
            ("water_tester", models.CharField(max_length=32, null=True)),
            ("water_tested_on", models.DateField(null=True)),
            ("water_senses_good", models.BooleanField(null=True)),
            ("water_piped", models.BooleanField(null=True)),
            ("water_minutes", models.BigIntegerField(null=True)),
            ("water_metres", models.BigIntegerField(null=True)),
            ("water_climb", models.BigIntegerField(null=True)),
            ("water_short_days", models.BigIntegerField(null=True)),
            ("water_short_months", models.BigIntegerField(null=True)),
            ("water_surveyor", models.CharField(blank=True, default="", max_length=100)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_water",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_water_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdWorks",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("improve_water", models.CharField(max_length=32, null=True)),
            ("improve_power", models.CharField(max_length=32, null=True)),
            ("improve_toilet", models.CharField(max_length=32, null=True)),
            ("improve_kitchen", models.CharField(max_length=32, null=True)),
            ("improve_yard", models.CharField(max_length=32, null=True)),
            ("improve_habits", models.CharField(max_length=32, null=True)),
            ("improve_pen", models.CharField(max_length=32, null=True)),
            ("improve_goods", models.CharField(max_length=32, null=True)),
            ("works_checker", models.CharField(blank=True, default="", max_length=100)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_household_works",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="register_works_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="VillageWorks",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("village_work_1", models.CharField(max_length=32, null=True)),
            ("village_work_2", models.CharField(max_length=32, null=True)),
            ("village_work_3", models.CharField(max_length=32, null=True)),
            ("village_work_4", models.CharField(max_length=32, null=True)),
            ("village_work_5", models.CharField(max_length=32, null=True)),
            ("village_work_6", models.CharField(max_length=32, null=True)),
            ("village_work_7", models.CharField(max_length=32, null=True)),
            ("village_work_8", models.CharField(max_length=32, null=True)),
            ("village_work_9", models.CharField(max_length=32, null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_village_works",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("area", "as_of"),
                    name="register_village_works_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StatusChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("axis", models.CharField(max_length=16)),
            ("old", models.CharField(blank=True, max_length=32)),
            ("new", models.CharField(max_length=32)),
            ("day", models.DateField()),
            ("reason", models.CharField(max_length=500)),
            ("origin", models.CharField(max_length=40)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "household",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
        ],
        options={
            "db_table": "register_status_change",
        },
    ),
    migrations.CreateModel(
        name="RegisterEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=16)),
            ("day", models.DateField()),
            ("persons", models.IntegerField(default=0)),
            ("reason", models.CharField(max_length=500)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("origin", models.CharField(max_length=20)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("changes", models.JSONField(default=dict)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "other",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "other_area",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.area",
                ),
            ),
            (
                "undoes",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="undone",
                    to="register.registerevent",
                ),
            ),
        ],
        options={
            "db_table": "register_event",
            "indexes": [
                models.Index(fields=["day"], name="register_event_day"),
                models.Index(fields=["area", "day"], name="register_event_area"),
                models.Index(fields=["other_area", "day"], name="register_event_other_area"),
                models.Index(
                    condition=models.Q(("kind", "merge")), fields=["household", "other"], name="register_event_merge"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="EventSubject",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("was", models.BigIntegerField(null=True)),
            ("now", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "person",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.person",
                ),
            ),
            (
                "same_as",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.person",
                ),
            ),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="subjects", to="register.registerevent"
                ),
            ),
        ],
        options={
            "db_table": "register_event_subject",
            "indexes": [
                models.Index(fields=["person", "day"], name="register_event_person"),
                models.Index(fields=["household", "day"], name="register_event_household"),
            ],
        },
    ),
    migrations.CreateModel(
        name="EventEcho",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("state", models.CharField(max_length=10)),
            ("as_of", models.DateField()),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="echoes", to="register.registerevent"
                ),
            ),
        ],
        options={
            "db_table": "register_event_echo",
        },
    ),
    migrations.CreateModel(
        name="AreaDraft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user_id", models.BigIntegerField(null=True)),
            ("created_at", models.DateTimeField()),
            ("origin", models.CharField(max_length=12)),
            ("given", models.JSONField()),
            (
                "event",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.areaevent"
                ),
            ),
        ],
        options={
            "db_table": "register_area_draft",
        },
    ),
    migrations.CreateModel(
        name="AreaEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("document", models.CharField(max_length=200)),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("origin", models.CharField(max_length=12)),
            ("first_day", models.DateField()),
            ("last_day", models.DateField()),
            ("path", models.CharField(blank=True, max_length=128)),
            ("version_before", models.BigIntegerField()),
            ("version_after", models.BigIntegerField()),
            ("digest", models.CharField(max_length=64)),
        ],
        options={
            "db_table": "register_area_event",
        },
    ),
    migrations.CreateModel(
        name="AreaEventChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("table", models.CharField(max_length=64)),
            ("columns", models.JSONField(default=list)),
            ("content", models.BinaryField()),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="register.areaevent"
                ),
            ),
        ],
        options={
            "db_table": "register_area_event_change",
        },
    ),
    migrations.CreateModel(
        name="AreaEventUndone",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("reason", models.CharField(blank=True, max_length=500)),
            (
                "event",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="undone", to="register.areaevent"
                ),
            ),
        ],
        options={
            "db_table": "register_area_event_undone",
        },
    ),
    migrations.CreateModel(
        name="AreaMap",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.IntegerField()),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("renamed", "Renamed"),
                        ("recoded", "Recoded"),
                        ("moved", "Moved"),
                        ("merged", "Merged"),
                        ("split", "Split"),
                        ("upgraded", "Upgraded"),
                        ("abolished", "Abolished"),
                    ],
                    max_length=10,
                ),
            ),
            ("day", models.DateField()),
            ("level", models.CharField(max_length=16)),
            ("code", models.CharField(max_length=32)),
            ("name", models.CharField(max_length=100)),
            ("path", models.CharField(max_length=128)),
            ("new_code", models.CharField(blank=True, max_length=32)),
            ("new_name", models.CharField(blank=True, max_length=100)),
            ("new_path", models.CharField(blank=True, max_length=128)),
            ("ended", models.BooleanField(default=False)),
            ("began", models.BooleanField(default=False)),
            ("households", models.IntegerField(default=0)),
            (
                "area",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="register.area",
                ),
            ),
            (
                "event",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="register.areaevent",
                ),
            ),
            (
                "successor",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="register.area",
                ),
            ),
        ],
        options={
            "db_table": "register_area_map",
            "indexes": [
                models.Index(fields=["area", "day"], name="register_area_map_old"),
                models.Index(fields=["successor", "day"], name="register_area_map_new"),
                models.Index(fields=["code"], name="register_area_map_code"),
                models.Index(fields=["day"], name="register_area_map_day"),
            ],
            "constraints": [models.UniqueConstraint(fields=("event", "number"), name="register_area_map_line")],
        },
    ),
    migrations.CreateModel(
        name="CountySurvey",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            (
                "source",
                models.CharField(
                    choices=[
                        ("national_export", "National Export"),
                        ("department_list", "Department List"),
                        ("visit", "Visit"),
                        ("by_hand", "By Hand"),
                    ],
                    default="national_export",
                    max_length=16,
                ),
            ),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("unreadable", models.JSONField(default=dict)),
            ("overrides", models.JSONField(default=dict)),
            ("missed_rate", models.BigIntegerField(null=True)),
            ("missed_rate_low", models.BigIntegerField(null=True)),
            ("missed_rate_high", models.BigIntegerField(null=True)),
            ("missed_sample", models.BigIntegerField(null=True)),
            ("wrong_exit_rate", models.BigIntegerField(null=True)),
            ("wrong_exit_rate_low", models.BigIntegerField(null=True)),
            ("wrong_exit_rate_high", models.BigIntegerField(null=True)),
            ("wrong_exit_sample", models.BigIntegerField(null=True)),
            ("satisfaction", models.BigIntegerField(null=True)),
            ("satisfaction_low", models.BigIntegerField(null=True)),
            ("satisfaction_high", models.BigIntegerField(null=True)),
            ("satisfaction_sample", models.BigIntegerField(null=True)),
            ("survey_method", models.CharField(blank=True, default="", max_length=100)),
            ("survey_source", models.CharField(blank=True, default="", max_length=200)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "register_county_survey",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("area", "as_of"),
                    name="register_county_survey_now",
                )
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("register", "0001_register"),
        ("register", "0002_corrections"),
        ("register", "0003_place_issues"),
        ("register", "0004_match_lists"),
        ("register", "0005_imports_on_the_web"),
        ("register", "0006_area_counts"),
        ("register", "0007_cards"),
        ("register", "0008_study_unclear"),
        ("register", "0009_persons_by_birth"),
        ("register", "0010_import_set_token"),
        ("register", "0011_ledgers"),
        ("register", "0012_status_changes"),
        ("register", "0013_events"),
        ("register", "0014_area_events"),
        ("register", "0015_county_figures"),
        ("register", "0016_events_that_merged"),
    ]
    dependencies = [("platform", "0001_platform_tables")]
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
    ]
