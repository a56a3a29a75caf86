"""Income worksheets, written once; projects, funds, money that moved, whom a project benefits."""

import django.db.models.deletion
from django.db import migrations, models

import tuopin.platform.models.fields
from tuopin.platform.migrations import _append_only

_TABLES = (
    "measures_income_worksheet",
    "measures_worksheet_line",
    "measures_worksheet_answer",
    "measures_worksheet_taken",
    "measures_project_acceptance",
)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0004_livelihood"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
            ],
            options={
                "db_table": "measures_fund",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
            ],
            options={
                "db_table": "measures_project",
            },
        ),
        migrations.CreateModel(
            name="FundMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("in", "In"), ("allocated", "Allocated"), ("paid", "Paid")], max_length=9
                    ),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="measures.project",
                    ),
                ),
            ],
            options={
                "db_table": "measures_fund_move",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="measures.project"
                    ),
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="measures.incomeworksheet",
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
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.UniqueConstraint(fields=("area", "year", "name"), name="measures_fund_once"),
        ),
        migrations.AddConstraint(
            model_name="incomeworksheet",
            constraint=models.UniqueConstraint(
                fields=("household", "year", "version"), name="measures_income_worksheet_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.UniqueConstraint(fields=("county", "year", "code"), name="measures_project_once"),
        ),
        migrations.AddConstraint(
            model_name="fundmove",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="measures_fund_move_amount"),
        ),
        migrations.AddConstraint(
            model_name="fundmove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fund__isnull", False), ("kind", "in"), ("project", None)),
                    models.Q(("fund__isnull", False), ("kind", "allocated"), ("project__isnull", False)),
                    models.Q(("kind", "paid"), ("project__isnull", False)),
                    _connector="OR",
                ),
                name="measures_fund_move_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person", None), ("superseded_at", None)),
                fields=("project", "household"),
                name="measures_project_benefit_house",
            ),
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False), ("superseded_at", None)),
                fields=("project", "household", "person"),
                name="measures_project_benefit_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="projectversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)), fields=("project",), name="measures_project_version_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="worksheetline",
            constraint=models.UniqueConstraint(fields=("worksheet", "line"), name="measures_worksheet_line_once"),
        ),
        migrations.RunPython(create, drop),
    ]
