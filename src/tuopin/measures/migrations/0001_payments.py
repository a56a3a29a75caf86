"""Payments under policies; gaps between entitled and received."""

import django.db.models.deletion
from django.db import migrations, models

import tuopin.platform.models.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("register", "0015_county_figures"),
    ]

    operations = [
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
                        choices=[
                            ("missing", "Missing"),
                            ("excess", "Excess"),
                            ("unclear", "Unclear"),
                            ("gone", "Gone"),
                        ],
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
            },
        ),
        migrations.AddConstraint(
            model_name="gaprun",
            constraint=models.UniqueConstraint(fields=("digest",), name="measures_gap_run_once"),
        ),
        migrations.AddIndex(
            model_name="gap",
            index=models.Index(fields=["run", "policy", "kind", "path"], name="measures_gap_of_policy"),
        ),
        migrations.AddIndex(
            model_name="gap",
            index=models.Index(fields=["run", "household"], name="measures_gap_of_household"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["household", "paid_on"], name="measures_payment_household"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["person"], name="measures_payment_person"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False), ("superseded_at", None)),
                fields=("person", "household", "policy", "paid_on", "document"),
                name="measures_payment_person_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person", None), ("superseded_at", None)),
                fields=("household", "policy", "paid_on", "document"),
                name="measures_payment_house_once",
            ),
        ),
    ]
