"""Visits, what is found and said at them, and what is counted from them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0006_ties_and_caseloads"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("version", models.IntegerField(default=1)),
                ("day", models.DateField()),
                ("sort", models.CharField(max_length=20)),
                (
                    "outcome",
                    models.CharField(choices=[("met", "Met"), ("not_reachable", "Not Reachable")], max_length=16),
                ),
                ("why_not", models.CharField(blank=True, max_length=20)),
                ("why_not_note", models.CharField(blank=True, max_length=200)),
                ("met_others", models.CharField(blank=True, max_length=200)),
                ("said", models.CharField(blank=True, max_length=1000)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("origin", models.CharField(max_length=10)),
                ("key", models.CharField(blank=True, max_length=64)),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("superseded_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("taken_back_by", models.CharField(blank=True, max_length=150)),
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
                    "correction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.correction",
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
                "db_table": "duties_visit",
            },
        ),
        migrations.CreateModel(
            name="VisitBy",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("counts", models.BooleanField()),
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
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="by", to="duties.visit"
                    ),
                ),
            ],
            options={
                "db_table": "duties_visit_by",
            },
        ),
        migrations.CreateModel(
            name="VisitFinding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("item", models.CharField(max_length=60)),
                (
                    "result",
                    models.CharField(
                        choices=[("met", "Met"), ("not_met", "Not Met"), ("unknown", "Unknown")], max_length=8
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="duties.visit"
                    ),
                ),
            ],
            options={
                "db_table": "duties_visit_finding",
            },
        ),
        migrations.CreateModel(
            name="VisitLast",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
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
                        related_name="+",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "duties_visit_last",
            },
        ),
        migrations.CreateModel(
            name="VisitMet",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="met", to="duties.visit"
                    ),
                ),
            ],
            options={
                "db_table": "duties_visit_met",
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("visit_number", models.BigIntegerField(db_index=True)),
                ("digest", models.CharField(max_length=64)),
                ("thumb", models.CharField(max_length=64)),
                ("width", models.IntegerField()),
                ("height", models.IntegerField()),
                ("size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.CharField(blank=True, max_length=150)),
                ("removed_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "db_table": "duties_visit_photo",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("visit_number", "digest"),
                        name="duties_visit_photo_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPlace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("visit_number", models.BigIntegerField(db_index=True)),
                ("day", models.DateField(db_index=True)),
                ("clock", models.TimeField(null=True)),
                ("latitude", models.IntegerField(null=True)),
                ("longitude", models.IntegerField(null=True)),
                (
                    "photo",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="place",
                        to="duties.visitphoto",
                    ),
                ),
            ],
            options={
                "db_table": "duties_visit_place",
            },
        ),
        migrations.CreateModel(
            name="VisitProblem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sort", models.CharField(max_length=20)),
                ("item", models.CharField(blank=True, max_length=60)),
                ("text", models.CharField(max_length=500)),
                ("visit_number", models.BigIntegerField(db_index=True)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("times", models.IntegerField(default=1)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_day", models.DateField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=150)),
                ("settled_note", models.CharField(blank=True, max_length=500)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
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
            ],
            options={
                "db_table": "duties_visit_problem",
            },
        ),
        migrations.CreateModel(
            name="HouseholdVisits",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                ("row", models.IntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("last_visit", models.DateField()),
                ("visits_in_month", models.IntegerField()),
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
                "db_table": "duties_household_visits",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="duties_household_visits_now",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["household", "day"], name="duties_visit_household"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["area", "day"], name="duties_visit_area"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("outcome", "not_reachable"), ("superseded_at", None), ("taken_back_at", None)),
                fields=["household", "day"],
                name="duties_visit_not_reached",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("number", "version"), name="duties_visit_version"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)), fields=("number",), name="duties_visit_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("key", ""), _negated=True), ("version", 1)),
                fields=("key",),
                name="duties_visit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "met"), ("why_not", "")),
                    models.Q(("outcome", "not_reachable"), models.Q(("why_not", ""), _negated=True)),
                    _connector="OR",
                ),
                name="duties_visit_why_not",
            ),
        ),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(
                condition=models.Q(("counts", True)),
                fields=["official", "household", "day"],
                name="duties_visit_by_official",
            ),
        ),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(
                condition=models.Q(("counts", True)), fields=["household", "day"], name="duties_visit_by_household"
            ),
        ),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(
                condition=models.Q(("counts", True)), fields=["area", "day"], name="duties_visit_by_area"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitby",
            constraint=models.UniqueConstraint(fields=("visit", "official"), name="duties_visit_by_once"),
        ),
        migrations.AddConstraint(
            model_name="visitfinding",
            constraint=models.UniqueConstraint(fields=("visit", "item"), name="duties_visit_finding_once"),
        ),
        migrations.AddConstraint(
            model_name="visitlast",
            constraint=models.UniqueConstraint(fields=("official", "household"), name="duties_visit_last_pair"),
        ),
        migrations.AddConstraint(
            model_name="visitmet",
            constraint=models.UniqueConstraint(fields=("visit", "person"), name="duties_visit_met_once"),
        ),
        migrations.AddConstraint(
            model_name="visitplace",
            constraint=models.UniqueConstraint(
                condition=models.Q(("photo", None)), fields=("visit_number",), name="duties_visit_place_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitproblem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("household__isnull", False), ("settled_at", None)),
                fields=("household", "sort", "item"),
                name="duties_visit_problem_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitproblem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("household", None), ("settled_at", None)),
                fields=("area", "sort", "item"),
                name="duties_visit_problem_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitproblem",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))), name="duties_visit_problem_days"
            ),
        ),
    ]
