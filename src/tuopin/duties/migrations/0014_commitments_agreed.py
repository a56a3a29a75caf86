"""Commitments: what was replaced by which and by whose word, and what people say of targets in words."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("duties_commitment_replacement", "duties_commitment_judgement")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [("duties", "0013_who_kept_a_lead")]

    operations = [
        migrations.CreateModel(
            name="CommitmentReplacement",
            fields=[
                (
                    "commitment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="replaced",
                        serialize=False,
                        to="duties.commitment",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("unsigned", "Unsigned"),
                            ("both", "Both"),
                            ("third", "Third"),
                            ("earlier", "Earlier"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.commitment"
                    ),
                ),
            ],
            options={"db_table": "duties_commitment_replacement"},
        ),
        migrations.CreateModel(
            name="CommitmentJudgement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("met", models.BooleanField()),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.commitmenttarget"
                    ),
                ),
            ],
            options={"db_table": "duties_commitment_judgement"},
        ),
        migrations.RunSQL(
            "INSERT INTO duties_commitment_replacement (commitment_id, by_id, how, reason, at, actor, user_id)"
            " SELECT supersedes_id, id, 'earlier', '', at, actor, user_id FROM duties_commitment"
            " WHERE supersedes_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(create, drop),
    ]
