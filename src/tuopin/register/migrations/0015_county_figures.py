"""County figures (县级指标): what surveys find has a table of its own, with intervals and samples; villages may hold the
parts of the village form of the incidence."""

import django.db.models.deletion
from django.db import migrations, models

MOVED = 'year, as_of, source, sheet_id, "row", recorded_at, superseded_at, unreadable, overrides, area_id'
RATES = "missed_rate, wrong_exit_rate, satisfaction"


def _number(model: str, name: str) -> migrations.AddField:
    return migrations.AddField(model, name, models.BigIntegerField(null=True))


class Migration(migrations.Migration):
    dependencies = [("register", "0014_area_events")]

    operations = [
        migrations.CreateModel(
            name="CountySurvey",
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
                *(
                    (name, models.BigIntegerField(null=True))
                    for name in (
                        "missed_rate",
                        "missed_rate_low",
                        "missed_rate_high",
                        "missed_sample",
                        "wrong_exit_rate",
                        "wrong_exit_rate_low",
                        "wrong_exit_rate_high",
                        "wrong_exit_sample",
                        "satisfaction",
                        "satisfaction_low",
                        "satisfaction_high",
                        "satisfaction_sample",
                    )
                ),
                ("survey_method", models.CharField(blank=True, default="", max_length=100)),
                ("survey_source", models.CharField(blank=True, default="", max_length=200)),
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
                "db_table": "register_county_survey",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("area", "as_of"),
                        name="register_county_survey_now",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            f"INSERT INTO register_county_survey ({MOVED}, {RATES}, survey_method, survey_source)"  # noqa: S608 - constants
            f" SELECT {MOVED}, {RATES}, '', '' FROM register_county_condition"
            " WHERE missed_rate IS NOT NULL OR wrong_exit_rate IS NOT NULL OR satisfaction IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField("countycondition", "missed_rate"),
        migrations.RemoveField("countycondition", "wrong_exit_rate"),
        migrations.RemoveField("countycondition", "satisfaction"),
        migrations.AddField(
            "countycondition", "statistics_source", models.CharField(blank=True, default="", max_length=200)
        ),
        _number("villagecondition", "poor_2013"),
        _number("villagecondition", "exited_since"),
        _number("villagecondition", "added_since"),
        _number("villagecondition", "returned_since"),
    ]
