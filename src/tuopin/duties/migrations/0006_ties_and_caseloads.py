"""Ties of officials to households, bounds of caseloads, who stands in, helpers who are to be helped themselves."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0005_officials_required"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="absence",
            name="stand_in",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
            ),
        ),
        migrations.CreateModel(
            name="Caseload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20)),
                ("level", models.CharField(blank=True, max_length=16)),
                ("most", models.IntegerField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "duties_caseload",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("area", "role", "level"),
                        name="duties_caseload_one",
                    ),
                    models.CheckConstraint(condition=models.Q(("most__gte", 1)), name="duties_caseload_some"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="duties_caseload_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HelperStatus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registered", models.BooleanField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="register.household",
                    ),
                ),
            ],
            options={
                "db_table": "duties_helper_status",
                "constraints": [
                    models.UniqueConstraint(fields=("household", "valid_from"), name="duties_helper_status_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="duties_helper_status_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficialTie",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("relation", models.CharField(choices=[("own", "Own"), ("kin", "Kin")], max_length=4)),
                ("document", models.CharField(max_length=200)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ties",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "duties_official_tie",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)), fields=("official", "household"), name="duties_tie_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="duties_tie_period",
                    ),
                ],
            },
        ),
    ]
