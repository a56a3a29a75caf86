"""Help plans: versions, answers, what was done; written once."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("measures_help_plan", "measures_planned_measure", "measures_plan_answer", "measures_measure_done")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0001_payments"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
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
        migrations.AddConstraint(
            model_name="helpplan",
            constraint=models.UniqueConstraint(
                fields=("household", "year", "version"), name="measures_help_plan_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedmeasure",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="measures_planned_measure_once"),
        ),
        migrations.RunPython(create, drop),
    ]
