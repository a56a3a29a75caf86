"""Drafts of bulk assignment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0010_teams_and_incidents"),
        ("register", "0015_county_figures"),
    ]
    operations = [
        migrations.CreateModel(
            name="AssignmentPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20)),
                ("day", models.DateField()),
                ("asked", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("undone", "Undone"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("households", models.IntegerField()),
                ("officials", models.IntegerField()),
                ("cost", models.BigIntegerField()),
                ("bound", models.BigIntegerField()),
                ("figures", models.JSONField()),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=150)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "duties_assignment_plan",
            },
        ),
        migrations.CreateModel(
            name="PlanHelper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit", models.CharField(blank=True, max_length=200)),
                ("place", models.CharField(max_length=64)),
                ("least", models.IntegerField()),
                ("most", models.IntegerField()),
                ("others", models.IntegerField()),
                ("before", models.IntegerField()),
                ("after", models.IntegerField()),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="helpers", to="duties.assignmentplan"
                    ),
                ),
            ],
            options={
                "db_table": "duties_plan_helper",
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=64)),
                ("standing", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("kept", "Kept"), ("changed", "Changed"), ("new", "New"), ("left", "Left")],
                        max_length=7,
                    ),
                ),
                ("edited", models.BooleanField(default=False)),
                ("made", models.BigIntegerField(null=True)),
                (
                    "after",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="duties.assignmentplan",
                    ),
                ),
            ],
            options={
                "db_table": "duties_plan_line",
            },
        ),
        migrations.AddConstraint(
            model_name="assignmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "draft")),
                    models.Q(models.Q(("state", "draft"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="duties_assignment_plan_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="planhelper",
            constraint=models.UniqueConstraint(fields=("plan", "official"), name="duties_plan_helper_one"),
        ),
        migrations.AddIndex(
            model_name="planline",
            index=models.Index(fields=["plan", "path", "household"], name="duties_plan_line_place"),
        ),
        migrations.AddIndex(
            model_name="planline",
            index=models.Index(fields=["plan", "after"], name="duties_plan_line_after"),
        ),
        migrations.AddConstraint(
            model_name="planline",
            constraint=models.UniqueConstraint(fields=("plan", "household"), name="duties_plan_line_one"),
        ),
        migrations.AddConstraint(
            model_name="planline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after", models.F("before")), ("kind", "kept")),
                    models.Q(("after__isnull", False), ("before", None), ("kind", "new")),
                    models.Q(
                        ("after__isnull", False),
                        ("before__isnull", False),
                        ("kind", "changed"),
                        models.Q(("after", models.F("before")), _negated=True),
                    ),
                    models.Q(("after", None), ("kind", "left")),
                    _connector="OR",
                ),
                name="duties_plan_line_kind",
            ),
        ),
    ]
