"""Which matter became a measure of a household's help plan."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cycle", "0001_openings"),
        ("orders", "0007_petitions"),
        ("register", "0016_events_that_merged"),
    ]

    operations = [
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
