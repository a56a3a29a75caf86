"""Facts of help, made from signed plans."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0002_help_plans"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseholdHelp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("measure_count", models.IntegerField()),
                ("industry_measures", models.IntegerField()),
                ("helped_in_education", models.BooleanField()),
                ("helped_in_housing", models.BooleanField()),
                ("helped_in_water", models.BooleanField()),
                ("helped_by_support", models.BooleanField()),
                ("helped_into_work", models.BooleanField()),
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
                    "sheet",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.sheet",
                    ),
                ),
            ],
            options={
                "db_table": "measures_household_help",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="measures_household_help_now",
                    )
                ],
            },
        ),
    ]
