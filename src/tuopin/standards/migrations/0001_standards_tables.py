"""The tables of standards: evaluations and their verdicts, waivers, procedures, acts on packs, seals seen."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "standards_procedure_act",
    "standards_pack_act",
)

_TABLES = [
    migrations.CreateModel(
        name="Evaluation",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("standard", models.CharField(max_length=40)),
            ("level", models.CharField(max_length=16)),
            ("pack", models.CharField(max_length=40)),
            ("pack_version", models.CharField(max_length=40)),
            ("pack_digest", models.CharField(max_length=64)),
            ("parameter_hash", models.CharField(max_length=64)),
            ("data_version", models.BigIntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("day", models.DateField()),
            ("actor", models.CharField(max_length=150)),
            ("started_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField()),
            ("items", models.JSONField()),
            ("shown", models.JSONField()),
            ("draft", models.JSONField()),
            ("tally", models.JSONField()),
            (
                "area",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            ("kind", models.CharField(default="conditions", max_length=16)),
        ],
        options={
            "db_table": "standards_evaluation",
            "indexes": [models.Index(fields=["standard", "id"], name="standards_evaluation_last")],
            "constraints": [models.UniqueConstraint(fields=("digest",), name="standards_evaluation_once")],
        },
    ),
    migrations.CreateModel(
        name="AreaTally",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "evaluation_id", "area_id", "item", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("area_id", models.BigIntegerField()),
            ("item", models.CharField(max_length=40)),
            ("met", models.BigIntegerField()),
            ("not_met", models.BigIntegerField()),
            ("unknown", models.BigIntegerField()),
            ("not_applicable", models.BigIntegerField()),
            (
                "evaluation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tallies",
                    to="standards.evaluation",
                ),
            ),
        ],
        options={
            "db_table": "standards_area_tally",
        },
    ),
    migrations.CreateModel(
        name="Finding",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "evaluation_id",
                    "item",
                    "verdict",
                    "subject_id",
                    blank=True,
                    editable=False,
                    primary_key=True,
                    serialize=False,
                ),
            ),
            ("subject_id", models.BigIntegerField()),
            ("area_id", models.BigIntegerField()),
            ("item", models.CharField(max_length=40)),
            ("verdict", models.CharField(max_length=16)),
            (
                "evaluation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="findings",
                    to="standards.evaluation",
                ),
            ),
        ],
        options={
            "db_table": "standards_finding",
        },
    ),
    migrations.CreateModel(
        name="PackBinding",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("pack", models.CharField(max_length=40)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "standards_pack_binding",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("area",), name="standards_one_pack"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="standards_binding_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Verdict",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "evaluation_id", "subject_id", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("subject_id", models.BigIntegerField()),
            ("area_id", models.BigIntegerField()),
            ("letters", models.CharField(max_length=160)),
            ("shown", models.CharField(blank=True, max_length=200)),
            (
                "evaluation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="verdicts",
                    to="standards.evaluation",
                ),
            ),
        ],
        options={
            "db_table": "standards_verdict",
            "indexes": [models.Index(fields=["subject_id", "evaluation_id"], name="standards_verdict_subject")],
        },
    ),
    migrations.CreateModel(
        name="AreaFigures",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "evaluation_id", "area_id", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("area_id", models.BigIntegerField()),
            ("counts", models.JSONField()),
            (
                "evaluation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="figures",
                    to="standards.evaluation",
                ),
            ),
        ],
        options={
            "db_table": "standards_area_figures",
        },
    ),
    migrations.CreateModel(
        name="FindingWaiver",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("standard", models.CharField(max_length=40)),
            ("item", models.CharField(max_length=40)),
            ("level", models.CharField(max_length=16)),
            ("subject_id", models.BigIntegerField()),
            ("area_id", models.BigIntegerField()),
            ("reason", models.CharField(max_length=500)),
            ("until", models.DateField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("ended_by", models.CharField(blank=True, default="", max_length=150)),
        ],
        options={
            "db_table": "standards_finding_waiver",
            "indexes": [models.Index(fields=["subject_id"], name="standards_waiver_subject")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)),
                    fields=("standard", "item", "level", "subject_id"),
                    name="standards_waiver_one",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ProcedureText",
        fields=[
            ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
            ("pack", models.CharField(max_length=40)),
            ("key", models.CharField(max_length=40)),
            ("text", models.TextField()),
        ],
        options={
            "db_table": "standards_procedure_text",
        },
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
            (
                "state",
                models.CharField(
                    choices=[
                        ("running", "Running"),
                        ("completed", "Completed"),
                        ("stopped", "Stopped"),
                        ("withdrawn", "Withdrawn"),
                    ],
                    default="running",
                    max_length=12,
                ),
            ),
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
                    condition=models.Q(("state", "running")),
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
    migrations.CreateModel(
        name="PackAct",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("pack", models.CharField(max_length=40)),
            ("number", models.IntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("version", models.CharField(max_length=40)),
            ("kind", models.CharField(max_length=16)),
            ("item", models.CharField(blank=True, max_length=130)),
            ("item_digest", models.CharField(blank=True, max_length=64)),
            ("document", models.CharField(blank=True, max_length=500)),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("detail", models.JSONField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "standards_pack_act",
            "indexes": [models.Index(fields=["item_digest"], name="standards_pack_act_item")],
            "constraints": [models.UniqueConstraint(fields=("pack", "number"), name="standards_pack_act_once")],
        },
    ),
    migrations.CreateModel(
        name="SealInstance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("instance", models.CharField(max_length=32)),
            ("name", models.CharField(max_length=200)),
            ("address", models.CharField(max_length=500)),
            ("public_key", models.CharField(blank=True, default="", max_length=64)),
            ("registered_at", models.DateTimeField()),
            ("registered_by", models.CharField(max_length=150)),
            ("ended_at", models.DateTimeField(null=True)),
            ("checked_at", models.DateTimeField(null=True)),
            ("state", models.CharField(default="sound", max_length=16)),
            ("problem_zh", models.CharField(blank=True, default="", max_length=500)),
            ("problem_en", models.CharField(blank=True, default="", max_length=500)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "standards_seal_instance",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("instance",), name="standards_seal_instance_once"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SeenSeal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.IntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("previous", models.CharField(blank=True, default="", max_length=64)),
            ("sealed_at", models.DateTimeField()),
            ("rows", models.BigIntegerField()),
            ("seen_at", models.DateTimeField()),
            ("verified_at", models.DateTimeField(null=True)),
            (
                "instance",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="seals", to="standards.sealinstance"
                ),
            ),
        ],
        options={
            "db_table": "standards_seen_seal",
            "constraints": [models.UniqueConstraint(fields=("instance", "number"), name="standards_seen_seal_once")],
        },
    ),
    migrations.CreateModel(
        name="SealedEvaluation",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("joint", models.BooleanField()),
            ("standard", models.CharField(max_length=40)),
            ("kind", models.CharField(max_length=16)),
            ("level", models.CharField(max_length=16)),
            ("pack", models.CharField(max_length=40)),
            ("pack_version", models.CharField(max_length=40)),
            ("pack_digest", models.CharField(max_length=64)),
            ("parameter_hash", models.CharField(max_length=64)),
            ("day", models.DateField()),
            ("path", models.CharField(blank=True, default="", max_length=128)),
            ("digest", models.CharField(max_length=64)),
            ("rows_digest", models.CharField(max_length=64)),
            ("actor", models.CharField(max_length=150)),
            ("started_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField()),
            ("items", models.JSONField()),
            ("shown", models.JSONField()),
            ("draft", models.JSONField()),
            ("sources", models.JSONField()),
            ("left_out", models.JSONField()),
            ("facts", models.JSONField()),
            ("tally", models.JSONField()),
            ("against", models.JSONField(null=True)),
            (
                "area",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "standards_sealed_evaluation",
            "indexes": [models.Index(fields=["joint", "id"], name="standards_sealed_last")],
            "constraints": [models.UniqueConstraint(fields=("digest",), name="standards_sealed_once")],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("standards", "0001_evaluations"),
        ("standards", "0002_area_figures"),
        ("standards", "0003_kinds_and_waivers"),
        ("standards", "0004_procedures"),
        ("standards", "0005_pack_acts"),
        ("standards", "0006_seals"),
    ]
    dependencies = [("platform", "0001_platform_tables"), ("register", "0001_register_tables")]
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
    ]
