"""Cards with their codes, paper ledgers, Word templates."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("duties_ledger_print", "duties_word_template")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0008_headquarters"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="CardPrint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("copies", models.CharField(max_length=40)),
                ("count", models.IntegerField()),
                ("left_out", models.IntegerField(default=0)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "duties_card_print",
            },
        ),
        migrations.CreateModel(
            name="LedgerPrint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("evaluation_id", models.BigIntegerField(null=True)),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("rows", models.JSONField()),
                ("seq", models.BigIntegerField()),
                ("head", models.CharField(max_length=64)),
                ("head_key", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "duties_ledger_print",
            },
        ),
        migrations.CreateModel(
            name="CardCode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "copy",
                    models.CharField(
                        choices=[("household", "Household"), ("helper", "Helper"), ("village", "Village")],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("content", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("handed_on", models.DateField(null=True)),
                ("handed_by", models.CharField(blank=True, max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended",
                    models.CharField(
                        blank=True,
                        choices=[("reprinted", "Reprinted"), ("lost", "Lost"), ("wrong", "Wrong"), ("gone", "Gone")],
                        max_length=10,
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
                    "printing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.cardprint"
                    ),
                ),
            ],
            options={
                "db_table": "duties_card_code",
                "indexes": [models.Index(fields=["household", "at"], name="duties_card_household")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("area", None), ("ended_at", None)),
                        fields=("household", "copy"),
                        name="duties_card_one_living",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("household", None)),
                        fields=("area",),
                        name="duties_card_one_of_village",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("area", None), ("copy__in", ["household", "helper"]), ("household__isnull", False)
                            ),
                            models.Q(("area__isnull", False), ("copy", "village"), ("household", None)),
                            _connector="OR",
                        ),
                        name="duties_card_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WordTemplate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("name", models.CharField(max_length=120)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("content", models.BinaryField()),
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
                "db_table": "duties_word_template",
                "constraints": [models.UniqueConstraint(fields=("area", "version"), name="duties_word_template_one")],
            },
        ),
        migrations.RunPython(create, drop, elidable=False),
    ]
