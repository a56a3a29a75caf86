"""The tables of measures: payments, help plans, livelihood, worksheets, projects; the views over them."""

import django.db.models.deletion
from django.db import migrations, models

import tuopin.platform.models.fields
from tuopin.measures.migrations import _views
from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "measures_help_plan",
    "measures_planned_measure",
    "measures_plan_answer",
    "measures_measure_done",
    "measures_income_worksheet",
    "measures_worksheet_line",
    "measures_worksheet_answer",
    "measures_worksheet_taken",
    "measures_project_acceptance",
)

_TABLES = [
    migrations.CreateModel(
        name="GapRun",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            ("pack_version", models.CharField(max_length=40)),
            ("pack_digest", models.CharField(max_length=64)),
            ("data_version", models.BigIntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("policies", models.JSONField()),
            ("actor", models.CharField(max_length=150)),
            ("started_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField()),
            (
                "area",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "measures_gap_run",
            "constraints": [models.UniqueConstraint(fields=("digest",), name="measures_gap_run_once")],
        },
    ),
    migrations.CreateModel(
        name="GapFigures",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "run_id", "area_id", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("area_id", models.BigIntegerField()),
            ("counts", models.JSONField()),
            (
                "run",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="figures",
                    to="measures.gaprun",
                ),
            ),
        ],
        options={
            "db_table": "measures_gap_figures",
        },
    ),
    migrations.CreateModel(
        name="Gap",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("policy", models.CharField(max_length=40)),
            (
                "kind",
                models.CharField(
                    choices=[("missing", "Missing"), ("excess", "Excess"), ("unclear", "Unclear"), ("gone", "Gone")],
                    max_length=8,
                ),
            ),
            ("path", tuopin.platform.models.fields.PlainField(max_length=128)),
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
            (
                "person",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="register.person",
                ),
            ),
            (
                "run",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="gaps",
                    to="measures.gaprun",
                ),
            ),
        ],
        options={
            "db_table": "measures_gap",
            "indexes": [
                models.Index(fields=["run", "policy", "kind", "path"], name="measures_gap_of_policy"),
                models.Index(fields=["run", "household"], name="measures_gap_of_household"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Payment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("policy", models.CharField(max_length=40)),
            ("amount", models.BigIntegerField(null=True)),
            ("in_kind", models.CharField(blank=True, max_length=200)),
            ("paid_on", models.DateField()),
            ("day_known", models.BooleanField(default=True)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("office", models.CharField(blank=True, max_length=200)),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
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
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.person",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.sheet"
                ),
            ),
        ],
        options={
            "db_table": "measures_payment",
            "indexes": [
                models.Index(fields=["household", "paid_on"], name="measures_payment_household"),
                models.Index(fields=["person"], name="measures_payment_person"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("person__isnull", False), ("superseded_at", None)),
                    fields=("person", "household", "policy", "paid_on", "document"),
                    name="measures_payment_person_once",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("person", None), ("superseded_at", None)),
                    fields=("household", "policy", "paid_on", "document"),
                    name="measures_payment_house_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HelpPlan",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("year", models.SmallIntegerField()),
            ("version", models.SmallIntegerField()),
            ("causes", models.CharField(blank=True, max_length=200)),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
        ],
        options={
            "db_table": "measures_help_plan",
            "constraints": [
                models.UniqueConstraint(fields=("household", "year", "version"), name="measures_help_plan_version")
            ],
        },
    ),
    migrations.CreateModel(
        name="PlanAnswer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=[("signed", "Signed"), ("refused", "Refused")], max_length=8)),
            ("day", models.DateField()),
            ("note", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "plan",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="measures.helpplan"
                ),
            ),
        ],
        options={
            "db_table": "measures_plan_answer",
        },
    ),
    migrations.CreateModel(
        name="PlannedMeasure",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("number", models.SmallIntegerField()),
            ("sort", models.CharField(max_length=20)),
            ("policy", models.CharField(blank=True, max_length=40)),
            ("content", models.CharField(max_length=300)),
            ("organisation", models.CharField(max_length=200)),
            ("due", models.DateField()),
            ("cost", models.BigIntegerField(null=True)),
            ("fund", models.CharField(blank=True, max_length=200)),
            ("wage", models.BigIntegerField(null=True)),
            ("business", models.BigIntegerField(null=True)),
            ("property", models.BigIntegerField(null=True)),
            ("transfer", models.BigIntegerField(null=True)),
            ("mends", models.CharField(blank=True, max_length=300)),
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
                "plan",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="measures.helpplan",
                ),
            ),
        ],
        options={
            "db_table": "measures_planned_measure",
            "constraints": [models.UniqueConstraint(fields=("plan", "number"), name="measures_planned_measure_once")],
        },
    ),
    migrations.CreateModel(
        name="MeasureDone",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            ("cost", models.BigIntegerField(null=True)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("effect", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "takes_back",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="taken_back",
                    to="measures.measuredone",
                ),
            ),
            (
                "measure",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="measures.plannedmeasure"
                ),
            ),
        ],
        options={
            "db_table": "measures_measure_done",
        },
    ),
    migrations.CreateModel(
        name="HouseholdHelp",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("measure_count", models.IntegerField()),
            ("industry_measures", models.IntegerField()),
            ("helped_in_education", models.BooleanField()),
            ("helped_in_housing", models.BooleanField()),
            ("helped_in_water", models.BooleanField()),
            ("helped_by_support", models.BooleanField()),
            ("helped_into_work", models.BooleanField()),
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
            "db_table": "measures_household_help",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="measures_household_help_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Enterprise",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("code", tuopin.platform.models.fields.PlainField(max_length=32, unique=True)),
        ],
        options={
            "db_table": "measures_enterprise",
        },
    ),
    migrations.CreateModel(
        name="Dividend",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("form", models.CharField(max_length=16)),
            ("period", models.CharField(max_length=40)),
            ("due_on", models.DateField(null=True)),
            ("due", models.BigIntegerField(null=True)),
            ("paid_on", models.DateField(null=True)),
            ("paid", models.BigIntegerField(null=True)),
            ("document", models.CharField(blank=True, max_length=200)),
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
            (
                "enterprise",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="measures.enterprise",
                ),
            ),
        ],
        options={
            "db_table": "measures_dividend",
            "indexes": [models.Index(fields=["enterprise"], name="measures_dividend_of")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "enterprise", "form", "period"),
                    name="measures_dividend_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="EnterpriseLink",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("form", models.CharField(max_length=16)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            ("since_known", models.BooleanField(default=True)),
            ("contract", models.CharField(blank=True, max_length=200)),
            ("agreed", models.BigIntegerField(null=True)),
            ("share", models.IntegerField(null=True)),
            (
                "enterprise",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="measures.enterprise",
                ),
            ),
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
            "db_table": "measures_enterprise_link",
            "indexes": [models.Index(fields=["enterprise", "household"], name="measures_link_enterprise")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "enterprise", "form", "valid_from"),
                    name="measures_enterprise_link_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="EnterpriseRisk",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("day", models.DateField()),
            ("level", models.CharField(max_length=12)),
            ("ground", models.CharField(blank=True, max_length=300)),
            ("document", models.CharField(blank=True, max_length=200)),
            (
                "enterprise",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="risks",
                    to="measures.enterprise",
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
            "db_table": "measures_enterprise_risk",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("enterprise", "day"),
                    name="measures_enterprise_risk_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="EnterpriseVersion",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("as_of", models.DateField()),
            ("name", tuopin.platform.models.fields.PlainField(max_length=100)),
            ("credit_code", tuopin.platform.models.fields.PlainField(blank=True, max_length=18)),
            ("kind", models.CharField(max_length=16)),
            ("industry", models.CharField(blank=True, max_length=100)),
            ("organisation", models.CharField(blank=True, max_length=100)),
            ("operator", models.CharField(blank=True, max_length=100)),
            ("capacity", models.IntegerField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "enterprise",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="versions",
                    to="measures.enterprise",
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
            "db_table": "measures_enterprise_version",
            "indexes": [
                models.Index(fields=["credit_code"], name="measures_enterprise_credit"),
                models.Index(fields=["name"], name="measures_enterprise_name"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("enterprise", "as_of"),
                    name="measures_enterprise_version_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Loan",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("bank", models.CharField(max_length=100)),
            ("number", models.CharField(blank=True, max_length=64)),
            ("amount", models.BigIntegerField(null=True)),
            ("rate", models.IntegerField(null=True)),
            ("granted", models.DateField()),
            ("due", models.DateField(null=True)),
            ("use", models.CharField(blank=True, max_length=12)),
            ("purpose", models.CharField(blank=True, max_length=200)),
            ("interest_paid", models.BigIntegerField(null=True)),
            ("repaid", models.BigIntegerField(null=True)),
            ("repaid_on", models.DateField(null=True)),
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
            "db_table": "measures_loan",
            "indexes": [models.Index(fields=["due"], name="measures_loan_due")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "bank", "granted", "number"),
                    name="measures_loan_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Relocation",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            ("from_place", models.CharField(blank=True, max_length=100)),
            ("site", models.CharField(blank=True, max_length=100)),
            ("contract", models.CharField(blank=True, max_length=200)),
            ("moved_in_on", models.DateField(null=True)),
            ("old_house", models.CharField(max_length=12, null=True)),
            ("old_house_down_on", models.DateField(null=True)),
            ("has_job", models.BooleanField(null=True)),
            ("job_on", models.DateField(null=True)),
            ("job_source", models.CharField(blank=True, max_length=100)),
            ("has_school", models.BooleanField(null=True)),
            ("school_on", models.DateField(null=True)),
            ("school_source", models.CharField(blank=True, max_length=100)),
            ("has_clinic", models.BooleanField(null=True)),
            ("clinic_on", models.DateField(null=True)),
            ("clinic_source", models.CharField(blank=True, max_length=100)),
            ("land_there", models.BooleanField(null=True)),
            ("registered_there", models.BooleanField(null=True)),
            ("ties_on", models.DateField(null=True)),
            ("ties_source", models.CharField(blank=True, max_length=100)),
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
            "db_table": "measures_relocation",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="measures_relocation_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Work",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("row", models.IntegerField(null=True)),
            ("by_hand", models.BooleanField(default=False)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("kind", models.CharField(max_length=16)),
            ("employer", models.CharField(blank=True, max_length=100)),
            ("post", models.CharField(blank=True, max_length=100)),
            ("organisation", models.CharField(blank=True, max_length=100)),
            ("place", models.CharField(blank=True, max_length=16)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            ("since_known", models.BooleanField(default=True)),
            ("contract", models.BooleanField(null=True)),
            ("wage", models.BigIntegerField(null=True)),
            ("returned", models.BooleanField(default=False)),
            ("end_reason", models.CharField(blank=True, max_length=200)),
            (
                "enterprise",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="measures.enterprise",
                ),
            ),
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
            "db_table": "measures_work",
            "indexes": [models.Index(fields=["enterprise"], name="measures_work_enterprise")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("person", "kind", "employer", "post", "valid_from"),
                    name="measures_work_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Fund",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("year", models.SmallIntegerField()),
            (
                "tier",
                models.CharField(
                    choices=[
                        ("central", "Central"),
                        ("province", "Province"),
                        ("city", "City"),
                        ("county", "County"),
                        ("integrated", "Integrated"),
                        ("social", "Social"),
                        ("other", "Other"),
                    ],
                    max_length=12,
                ),
            ),
            ("name", tuopin.platform.models.fields.PlainField(max_length=200)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "measures_fund",
            "constraints": [models.UniqueConstraint(fields=("area", "year", "name"), name="measures_fund_once")],
        },
    ),
    migrations.CreateModel(
        name="IncomeWorksheet",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("year", models.SmallIntegerField()),
            ("version", models.SmallIntegerField()),
            ("members", models.SmallIntegerField()),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
        ],
        options={
            "db_table": "measures_income_worksheet",
            "constraints": [
                models.UniqueConstraint(
                    fields=("household", "year", "version"), name="measures_income_worksheet_version"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Project",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("year", models.SmallIntegerField()),
            ("code", tuopin.platform.models.fields.PlainField(max_length=80)),
            (
                "county",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "measures_project",
            "constraints": [models.UniqueConstraint(fields=("county", "year", "code"), name="measures_project_once")],
        },
    ),
    migrations.CreateModel(
        name="FundMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(choices=[("in", "In"), ("allocated", "Allocated"), ("paid", "Paid")], max_length=9),
            ),
            ("amount", models.BigIntegerField()),
            ("day", models.DateField()),
            ("document", models.CharField(blank=True, max_length=200)),
            ("payee", models.CharField(blank=True, max_length=200)),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("actor", models.CharField(blank=True, max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "fund",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="measures.fund"
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
            (
                "project",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="measures.project"
                ),
            ),
        ],
        options={
            "db_table": "measures_fund_move",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="measures_fund_move_amount"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("fund__isnull", False), ("kind", "in"), ("project", None)),
                        models.Q(("fund__isnull", False), ("kind", "allocated"), ("project__isnull", False)),
                        models.Q(("kind", "paid"), ("project__isnull", False)),
                        _connector="OR",
                    ),
                    name="measures_fund_move_ends",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Benefit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("amount", models.BigIntegerField(null=True)),
            ("in_kind", models.CharField(blank=True, max_length=200)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
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
                "project",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="benefits",
                    to="measures.project",
                ),
            ),
        ],
        options={
            "db_table": "measures_project_benefit",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("person", None), ("superseded_at", None)),
                    fields=("project", "household"),
                    name="measures_project_benefit_house",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("person__isnull", False), ("superseded_at", None)),
                    fields=("project", "household", "person"),
                    name="measures_project_benefit_person",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Acceptance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("passed", models.BooleanField()),
            ("day", models.DateField()),
            ("document", models.CharField(blank=True, max_length=200)),
            ("note", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "takes_back",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="taken_back",
                    to="measures.acceptance",
                ),
            ),
            (
                "project",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="measures.project"),
            ),
        ],
        options={
            "db_table": "measures_project_acceptance",
        },
    ),
    migrations.CreateModel(
        name="ProjectVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=200)),
            ("sort", models.CharField(max_length=20)),
            ("content", models.CharField(blank=True, max_length=500)),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("source", models.CharField(blank=True, max_length=200)),
            ("cost", models.BigIntegerField(null=True)),
            ("begins", models.DateField(null=True)),
            ("due", models.DateField(null=True)),
            ("households", models.IntegerField(null=True)),
            ("cancelled", models.BooleanField(default=False)),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("actor", models.CharField(blank=True, max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "project",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="versions",
                    to="measures.project",
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
            "db_table": "measures_project_version",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("project",),
                    name="measures_project_version_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WorksheetAnswer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=[("signed", "Signed"), ("refused", "Refused")], max_length=8)),
            ("day", models.DateField()),
            ("helper", models.CharField(blank=True, max_length=100)),
            ("helper_day", models.DateField(null=True)),
            ("note", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "worksheet",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="measures.incomeworksheet"
                ),
            ),
        ],
        options={
            "db_table": "measures_worksheet_answer",
        },
    ),
    migrations.CreateModel(
        name="WorksheetLine",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("line", models.CharField(max_length=30)),
            ("amount", models.BigIntegerField()),
            ("note", models.CharField(blank=True, max_length=100)),
            (
                "worksheet",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="measures.incomeworksheet",
                ),
            ),
        ],
        options={
            "db_table": "measures_worksheet_line",
            "constraints": [models.UniqueConstraint(fields=("worksheet", "line"), name="measures_worksheet_line_once")],
        },
    ),
    migrations.CreateModel(
        name="WorksheetTaken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "correction",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.correction",
                ),
            ),
            (
                "worksheet",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="taken", to="measures.incomeworksheet"
                ),
            ),
        ],
        options={
            "db_table": "measures_worksheet_taken",
        },
    ),
    migrations.CreateModel(
        name="HouseholdNow",
        fields=[
            (
                "household",
                models.OneToOneField(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    primary_key=True,
                    related_name="went_to",
                    serialize=False,
                    to="register.household",
                ),
            ),
            (
                "now",
                models.ForeignKey(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="register.household",
                ),
            ),
        ],
        options={
            "db_table": "measures_household_now",
            "managed": False,
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("measures", "0001_payments"),
        ("measures", "0002_help_plans"),
        ("measures", "0003_household_help"),
        ("measures", "0004_livelihood"),
        ("measures", "0005_worksheets_and_projects"),
        ("measures", "0006_merged_households"),
    ]
    dependencies = [("platform", "0001_platform_tables"), ("register", "0001_register_tables")]
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
        migrations.RunSQL(_views.CREATE, _views.DROP),
    ]
