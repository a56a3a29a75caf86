"""Resident teams: presence, leave, checks, reports, proposals. Incidents, written once; leads, sealed."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("duties_incident", "duties_incident_report", "duties_incident_closing", "duties_team_report")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0009_cards"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("happened_on", models.DateField(null=True)),
                ("found_on", models.DateField()),
                ("channel", models.CharField(max_length=20)),
                ("account", models.CharField(blank=True, max_length=1000)),
                ("known", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                    ),
                ),
            ],
            options={
                "db_table": "duties_incident",
            },
        ),
        migrations.CreateModel(
            name="IncidentClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("outcome", models.CharField(max_length=20)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closing", to="duties.incident"
                    ),
                ),
            ],
            options={
                "db_table": "duties_incident_closing",
            },
        ),
        migrations.CreateModel(
            name="IncidentReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("in_time", models.BooleanField()),
                ("text", models.CharField(max_length=1000)),
                ("document", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.incident",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
            ],
            options={
                "db_table": "duties_incident_report",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("seed", models.BigIntegerField()),
                ("questions", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("given", models.JSONField(null=True)),
                ("right", models.SmallIntegerField(null=True)),
                ("asked", models.SmallIntegerField()),
                ("drawn_by", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("scored_at", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="knowledge_checks",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "duties_knowledge_check",
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, unique=True)),
                ("officer_id", models.BigIntegerField(db_index=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("hearing", "Hearing"),
                            ("proposed", "Proposed"),
                            ("decided", "Decided"),
                            ("demanded", "Demanded"),
                            ("closed", "Closed"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="opened",
                        max_length=12,
                    ),
                ),
                ("opened_on", models.DateField()),
                ("told_on", models.DateField(null=True)),
                ("limit", models.DateField(null=True)),
                ("provisional", models.BooleanField(default=False)),
                ("due", models.DateField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("content", models.TextField(blank=True)),
                ("private", models.TextField(blank=True)),
                ("salt", models.CharField(blank=True, max_length=32)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.incident"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "duties_lead",
            },
        ),
        migrations.CreateModel(
            name="PresenceSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("marks", models.CharField(max_length=31)),
                ("notes", models.JSONField(default=dict)),
                ("present", models.SmallIntegerField()),
                ("unknown", models.SmallIntegerField()),
                ("kept_by", models.BigIntegerField(null=True)),
                ("kept_at", models.DateTimeField()),
                ("confirmed_by", models.BigIntegerField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("row", models.IntegerField(null=True)),
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="presence_sheets",
                        to="duties.official",
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
                "db_table": "duties_presence_sheet",
            },
        ),
        migrations.CreateModel(
            name="TeamLeave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("reason", models.CharField(max_length=300)),
                ("tier", models.CharField(max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                ("asked_by", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=300)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="team_leaves", to="duties.official"
                    ),
                ),
            ],
            options={
                "db_table": "duties_team_leave",
            },
        ),
        migrations.CreateModel(
            name="TeamProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("year", models.SmallIntegerField()),
                ("months", models.CharField(max_length=40)),
                ("ground", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("agreed", "Agreed"), ("rejected", "Rejected")],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_by", models.BigIntegerField(null=True)),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="team_proposals", to="duties.official"
                    ),
                ),
            ],
            options={
                "db_table": "duties_team_proposal",
            },
        ),
        migrations.CreateModel(
            name="TeamReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("figures", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "duties_team_report",
            },
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["found_on", "id"], name="duties_incident_found"),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(fields=("household", "kind", "found_on"), name="duties_incident_once"),
        ),
        migrations.AddConstraint(
            model_name="incidentreport",
            constraint=models.UniqueConstraint(fields=("incident", "official"), name="duties_incident_report_once"),
        ),
        migrations.AddIndex(
            model_name="presencesheet",
            index=models.Index(fields=["area", "month"], name="duties_presence_area"),
        ),
        migrations.AddConstraint(
            model_name="presencesheet",
            constraint=models.UniqueConstraint(fields=("official", "area", "month"), name="duties_presence_once"),
        ),
        migrations.AddConstraint(
            model_name="teamleave",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first"))), name="duties_team_leave_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="teamproposal",
            constraint=models.UniqueConstraint(
                fields=("official", "area", "kind", "year"), name="duties_team_proposal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="teamreport",
            constraint=models.UniqueConstraint(
                fields=("team", "unit", "first", "last"), name="duties_team_report_once"
            ),
        ),
        migrations.RunPython(create, drop),
    ]
