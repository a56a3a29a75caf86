"""Ledgers: water at the house, works of households and villages, monitoring; willingness; fitness for an industry."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0010_import_set_token"),
    ]

    operations = [
        migrations.AddField(
            model_name="personcondition",
            name="develop_wish",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="personcondition",
            name="wish_signed",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="personcondition",
            name="wish_signed_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="villagecondition",
            name="industry_eligible",
            field=models.BooleanField(null=True),
        ),
        migrations.CreateModel(
            name="HouseholdMonitoring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("national_export", "National Export"),
                            ("department_list", "Department List"),
                            ("visit", "Visit"),
                            ("by_hand", "By Hand"),
                        ],
                        default="national_export",
                        max_length=16,
                    ),
                ),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("unreadable", models.JSONField(default=dict)),
                ("overrides", models.JSONField(default=dict)),
                ("household_type", models.CharField(max_length=32, null=True)),
                ("monitored_kind", models.CharField(max_length=32, null=True)),
                ("discovery", models.CharField(max_length=32, null=True)),
                ("main_risk", models.CharField(max_length=32, null=True)),
                ("other_risks", models.CharField(max_length=200, null=True)),
                ("identified_on", models.DateField(null=True)),
                ("risk_removed", models.BooleanField(null=True)),
                ("removal_way", models.CharField(max_length=32, null=True)),
                ("removed_on", models.DateField(null=True)),
                ("self_paid_medical", models.BigIntegerField(null=True)),
                ("rigid_spending", models.BigIntegerField(null=True)),
                ("income_drop", models.BooleanField(null=True)),
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
                "db_table": "register_household_monitoring",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="register_monitoring_now",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdWater",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("national_export", "National Export"),
                            ("department_list", "Department List"),
                            ("visit", "Visit"),
                            ("by_hand", "By Hand"),
                        ],
                        default="national_export",
                        max_length=16,
                    ),
                ),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("unreadable", models.JSONField(default=dict)),
                ("overrides", models.JSONField(default=dict)),
                ("water_zone", models.CharField(max_length=32, null=True)),
                ("water_supply", models.CharField(max_length=32, null=True)),
                ("water_litres", models.BigIntegerField(null=True)),
                ("water_test_passed", models.BooleanField(null=True)),
                ("water_tester", models.CharField(max_length=32, null=True)),
                ("water_tested_on", models.DateField(null=True)),
                ("water_senses_good", models.BooleanField(null=True)),
                ("water_piped", models.BooleanField(null=True)),
                ("water_minutes", models.BigIntegerField(null=True)),
                ("water_metres", models.BigIntegerField(null=True)),
                ("water_climb", models.BigIntegerField(null=True)),
                ("water_short_days", models.BigIntegerField(null=True)),
                ("water_short_months", models.BigIntegerField(null=True)),
                ("water_surveyor", models.CharField(blank=True, default="", max_length=100)),
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
                "db_table": "register_household_water",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="register_water_now",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdWorks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("national_export", "National Export"),
                            ("department_list", "Department List"),
                            ("visit", "Visit"),
                            ("by_hand", "By Hand"),
                        ],
                        default="national_export",
                        max_length=16,
                    ),
                ),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("unreadable", models.JSONField(default=dict)),
                ("overrides", models.JSONField(default=dict)),
                ("improve_water", models.CharField(max_length=32, null=True)),
                ("improve_power", models.CharField(max_length=32, null=True)),
                ("improve_toilet", models.CharField(max_length=32, null=True)),
                ("improve_kitchen", models.CharField(max_length=32, null=True)),
                ("improve_yard", models.CharField(max_length=32, null=True)),
                ("improve_habits", models.CharField(max_length=32, null=True)),
                ("improve_pen", models.CharField(max_length=32, null=True)),
                ("improve_goods", models.CharField(max_length=32, null=True)),
                ("works_checker", models.CharField(blank=True, default="", max_length=100)),
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
                "db_table": "register_household_works",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="register_works_now",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VillageWorks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("national_export", "National Export"),
                            ("department_list", "Department List"),
                            ("visit", "Visit"),
                            ("by_hand", "By Hand"),
                        ],
                        default="national_export",
                        max_length=16,
                    ),
                ),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("unreadable", models.JSONField(default=dict)),
                ("overrides", models.JSONField(default=dict)),
                ("village_work_1", models.CharField(max_length=32, null=True)),
                ("village_work_2", models.CharField(max_length=32, null=True)),
                ("village_work_3", models.CharField(max_length=32, null=True)),
                ("village_work_4", models.CharField(max_length=32, null=True)),
                ("village_work_5", models.CharField(max_length=32, null=True)),
                ("village_work_6", models.CharField(max_length=32, null=True)),
                ("village_work_7", models.CharField(max_length=32, null=True)),
                ("village_work_8", models.CharField(max_length=32, null=True)),
                ("village_work_9", models.CharField(max_length=32, null=True)),
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
                "db_table": "register_village_works",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("area", "as_of"),
                        name="register_village_works_now",
                    )
                ],
            },
        ),
    ]
