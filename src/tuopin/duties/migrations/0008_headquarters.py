"""Headquarters: plans with steps, reports, implementing opinions; commitments, written once."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = (
    "duties_headquarters_plan",
    "duties_plan_step",
    "duties_step_report",
    "duties_commitment",
    "duties_commitment_target",
    "duties_commitment_signature",
)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0007_visits"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("level", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=100)),
                ("superior_post", models.CharField(blank=True, max_length=320)),
                ("inferior_post", models.CharField(blank=True, max_length=320)),
                ("text", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("due", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "inferior",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
                (
                    "superior",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded",
                        to="duties.commitment",
                    ),
                ),
                (
                    "under",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.commitment",
                    ),
                ),
            ],
            options={
                "db_table": "duties_commitment",
            },
        ),
        migrations.CreateModel(
            name="CommitmentSignature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("side", models.CharField(choices=[("superior", "Superior"), ("inferior", "Inferior")], max_length=8)),
                ("way", models.CharField(choices=[("paper", "Paper"), ("account", "Account")], max_length=8)),
                ("day", models.DateField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "commitment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.commitment",
                    ),
                ),
            ],
            options={
                "db_table": "duties_commitment_signature",
            },
        ),
        migrations.CreateModel(
            name="CommitmentTarget",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.SmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("figure", "Figure"), ("node", "Node"), ("words", "Words")], max_length=8
                    ),
                ),
                ("measure", models.CharField(blank=True, max_length=100)),
                ("at_most", models.BooleanField(default=True)),
                ("value", models.BigIntegerField(null=True)),
                ("day", models.DateField()),
                ("words", models.CharField(blank=True, max_length=300)),
                (
                    "commitment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.commitment",
                    ),
                ),
            ],
            options={
                "db_table": "duties_commitment_target",
            },
        ),
        migrations.CreateModel(
            name="HeadquartersDetail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(blank=True, max_length=32)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "duties_headquarters_detail",
            },
        ),
        migrations.CreateModel(
            name="HeadquartersPlan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("programme", "Programme"), ("year", "Year")], max_length=10)),
                ("year", models.SmallIntegerField()),
                ("version", models.SmallIntegerField()),
                ("document", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
            ],
            options={
                "db_table": "duties_headquarters_plan",
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("department", models.CharField(max_length=100)),
                ("required", models.BooleanField(default=True)),
                ("due", models.DateField(null=True)),
                ("issued_on", models.DateField(null=True)),
                ("document", models.CharField(blank=True, max_length=200)),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
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
                "db_table": "duties_opinion",
            },
        ),
        migrations.CreateModel(
            name="PlanStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.SmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("begins", models.DateField()),
                ("ends", models.DateField()),
                ("after", models.CharField(blank=True, max_length=200)),
                ("deliverable", models.CharField(blank=True, max_length=200)),
                ("goal", models.CharField(blank=True, max_length=200)),
                (
                    "official",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.headquartersplan",
                    ),
                ),
            ],
            options={
                "db_table": "duties_plan_step",
            },
        ),
        migrations.CreateModel(
            name="StepReport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("share", models.SmallIntegerField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.planstep"
                    ),
                ),
                (
                    "takes_back",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="duties.stepreport",
                    ),
                ),
            ],
            options={
                "db_table": "duties_step_report",
            },
        ),
        migrations.CreateModel(
            name="CommitmentState",
            fields=[
                (
                    "commitment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="duties.commitment",
                    ),
                ),
                ("signed", models.SmallIntegerField()),
                ("outcome", models.CharField(max_length=10)),
                ("targets", models.JSONField()),
                ("worked_out_at", models.DateTimeField()),
            ],
            options={
                "db_table": "duties_commitment_state",
                "indexes": [models.Index(fields=["outcome"], name="duties_commitment_outcome")],
            },
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("household__isnull", False), ("level", "household")),
                    models.Q(models.Q(("level", "household"), _negated=True), ("household", None)),
                    _connector="OR",
                ),
                name="duties_commitment_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentsignature",
            constraint=models.UniqueConstraint(fields=("commitment", "side"), name="duties_commitment_signature_once"),
        ),
        migrations.AddConstraint(
            model_name="commitmenttarget",
            constraint=models.UniqueConstraint(fields=("commitment", "number"), name="duties_commitment_target_once"),
        ),
        migrations.AddConstraint(
            model_name="commitmenttarget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "figure"), _negated=True), ("value__isnull", False), _connector="OR"
                ),
                name="duties_commitment_target_value",
            ),
        ),
        migrations.AddConstraint(
            model_name="headquartersdetail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to", None)), fields=("organisation",), name="duties_headquarters_one_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="headquartersdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                name="duties_headquarters_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="headquartersplan",
            constraint=models.UniqueConstraint(
                fields=("organisation", "kind", "year", "version"), name="duties_headquarters_plan_version"
            ),
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["organisation", "superseded_at"], name="duties_opinion_headquarters"),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)),
                fields=("area", "organisation", "department"),
                name="duties_opinion_now",
            ),
        ),
        migrations.AddConstraint(
            model_name="planstep",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="duties_plan_step_once"),
        ),
        migrations.AddConstraint(
            model_name="planstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gte", models.F("begins"))), name="duties_plan_step_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="stepreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__gte", 0), ("share__lte", 100)), name="duties_step_report_share"
            ),
        ),
        migrations.RunPython(create, drop),
    ]
