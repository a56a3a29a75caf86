"""Procedures on subjects, their acts, and the definitions they follow."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from tuopin.platform.migrations import _append_only

_TABLES = ("standards_procedure_act",)
_STATES = [("running", "Running"), ("completed", "Completed"), ("stopped", "Stopped"), ("withdrawn", "Withdrawn")]


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [("standards", "0003_kinds_and_waivers")]
    operations = [
        migrations.CreateModel(
            name="ProcedureText",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("pack", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=40)),
                ("text", models.TextField()),
            ],
            options={"db_table": "standards_procedure_text"},
        ),
        migrations.CreateModel(
            name="Procedure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=40)),
                ("level", models.CharField(max_length=16)),
                ("subject_id", models.BigIntegerField()),
                ("started", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("standard", models.CharField(max_length=40)),
                ("pack", models.CharField(max_length=40)),
                ("overall", models.CharField(max_length=16)),
                ("frozen", models.JSONField()),
                ("frozen_digest", models.CharField(max_length=64)),
                ("state", models.CharField(choices=_STATES, default="running", max_length=12)),
                ("acts", models.IntegerField(default=0)),
                ("step", models.CharField(blank=True, max_length=40)),
                ("last_day", models.DateField()),
                ("earliest", models.DateField(null=True)),
                ("due", models.DateField(null=True)),
                ("provisional", models.BooleanField(default=False)),
                ("ended_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "definition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="standards.proceduretext"
                    ),
                ),
            ],
            options={
                "db_table": "standards_procedure",
                "indexes": [
                    models.Index(fields=["level", "subject_id"], name="standards_procedure_subject"),
                    models.Index(fields=["state", "due", "id"], name="standards_procedure_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("state", "running")),
                        fields=("key", "level", "subject_id"),
                        name="standards_procedure_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcedureAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("step", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("by", models.CharField(max_length=100)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("evidence", models.CharField(blank=True, max_length=400)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "procedure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="done",
                        to="standards.procedure",
                    ),
                ),
            ],
            options={
                "db_table": "standards_procedure_act",
                "constraints": [
                    models.UniqueConstraint(fields=("procedure", "number"), name="standards_procedure_act_once")
                ],
            },
        ),
        migrations.RunPython(create, drop),
    ]
