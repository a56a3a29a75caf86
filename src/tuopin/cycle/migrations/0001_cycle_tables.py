"""The cycle's tables: what matters are opened for, what is proposed to be closed, measures that began as matters."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations._tables import Tables

_TABLES = [
    migrations.CreateModel(
        name="Opening",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("standard", models.CharField(max_length=40)),
            ("origin", models.CharField(max_length=16)),
            ("chosen_at", models.DateTimeField()),
            ("chosen_by", models.CharField(max_length=150)),
            ("ended_at", models.DateTimeField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "issuer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "cycle_opening",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)),
                    fields=("area", "standard", "origin"),
                    name="cycle_opening_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ClosingProposal",
        fields=[
            (
                "matter",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="orders.matter",
                ),
            ),
            ("standard", models.CharField(max_length=40)),
            ("day", models.DateField()),
            ("proposed_at", models.DateTimeField()),
        ],
        options={
            "db_table": "cycle_closing_proposal",
        },
    ),
    migrations.CreateModel(
        name="PlanItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="plan_items",
                    to="orders.matter",
                ),
            ),
        ],
        options={
            "db_table": "cycle_plan_item",
            "constraints": [
                models.UniqueConstraint(fields=("matter", "household"), name="cycle_plan_item_once"),
                models.UniqueConstraint(fields=("household", "year", "number"), name="cycle_plan_item_measure"),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("cycle", "0001_openings"),
        ("cycle", "0002_plan_items"),
    ]
    dependencies = [
        ("register", "0001_register_tables"),
        ("duties", "0001_duties_tables"),
        ("orders", "0001_orders_tables"),
    ]
    operations = [
        Tables(_TABLES),
    ]
