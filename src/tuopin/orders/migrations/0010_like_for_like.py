"""Like for like: what a matter asks of others like it, and each answer; closings that are looked back at sooner."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0015_visits_by_index"),
        ("orders", "0009_hung_signs"),
        ("register", "0016_events_that_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlikeQuestion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("query", "Query"), ("words", "Words")], max_length=8)),
                ("text", models.CharField(max_length=1000)),
                ("pack", models.CharField(blank=True, max_length=40)),
                ("standard", models.CharField(blank=True, max_length=40)),
                ("classes", models.JSONField(default=list)),
                ("as_part", models.BooleanField(default=False)),
                ("until", models.DateField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("day", models.DateField(null=True)),
                ("found_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "orders_alike_question",
            },
        ),
        migrations.CreateModel(
            name="AlikeSubject",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("unknown", models.BooleanField(default=False)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("confirmed", "Confirmed"),
                            ("excluded", "Excluded"),
                            ("answered", "Answered"),
                        ],
                        max_length=10,
                    ),
                ),
                ("count", models.IntegerField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("answered_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(blank=True, max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "orders_alike_subject",
            },
        ),
        migrations.CreateModel(
            name="EarlyLookBack",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=10)),
                ("seed", models.CharField(blank=True, max_length=64)),
                ("looker", models.BigIntegerField(null=True)),
                ("look_back_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "orders_early_look_back",
            },
        ),
        migrations.AddIndex(
            model_name="matterevent",
            index=models.Index(
                condition=models.Q(("act__in", ["verify", "close"])),
                fields=["user_id", "act", "at"],
                name="orders_event_word",
            ),
        ),
        migrations.AddField(
            model_name="alikequestion",
            name="area",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
            ),
        ),
        migrations.AddField(
            model_name="alikequestion",
            name="matter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="alike", to="orders.matter"
            ),
        ),
        migrations.AddField(
            model_name="alikesubject",
            name="area",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="register.area",
            ),
        ),
        migrations.AddField(
            model_name="alikesubject",
            name="household",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="register.household",
            ),
        ),
        migrations.AddField(
            model_name="alikesubject",
            name="opened",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.matter",
            ),
        ),
        migrations.AddField(
            model_name="alikesubject",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="subjects",
                to="orders.alikequestion",
            ),
        ),
        migrations.AddField(
            model_name="alikesubject",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="duties.organisation",
            ),
        ),
        migrations.AddField(
            model_name="earlylookback",
            name="closing",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.matterevent"
            ),
        ),
        migrations.AddField(
            model_name="earlylookback",
            name="matter",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="early", to="orders.matter"
            ),
        ),
        migrations.AddField(
            model_name="earlylookback",
            name="same",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="orders.matter",
            ),
        ),
        migrations.AddIndex(
            model_name="alikesubject",
            index=models.Index(fields=["question", "answer", "id"], name="orders_alike_left"),
        ),
        migrations.AddIndex(
            model_name="alikesubject",
            index=models.Index(
                condition=models.Q(("household__isnull", False)), fields=["household"], name="orders_alike_of_household"
            ),
        ),
        migrations.AddIndex(
            model_name="alikesubject",
            index=models.Index(
                condition=models.Q(("area__isnull", False)), fields=["area"], name="orders_alike_of_area"
            ),
        ),
        migrations.AddIndex(
            model_name="alikesubject",
            index=models.Index(
                condition=models.Q(("unit__isnull", False)), fields=["unit"], name="orders_alike_of_unit"
            ),
        ),
        migrations.AddIndex(
            model_name="alikesubject",
            index=models.Index(
                condition=models.Q(("opened__isnull", False)), fields=["opened"], name="orders_alike_opened"
            ),
        ),
        migrations.AddConstraint(
            model_name="alikesubject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("area", None), ("household__isnull", False), ("unit", None)),
                    models.Q(("area__isnull", False), ("household", None), ("unit", None)),
                    models.Q(("area", None), ("household", None), ("unit__isnull", False)),
                    _connector="OR",
                ),
                name="orders_alike_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="alikesubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("household__isnull", False)),
                fields=("question", "household"),
                name="orders_alike_household",
            ),
        ),
        migrations.AddConstraint(
            model_name="alikesubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("area__isnull", False)), fields=("question", "area"), name="orders_alike_area"
            ),
        ),
        migrations.AddConstraint(
            model_name="alikesubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("unit__isnull", False)), fields=("question", "unit"), name="orders_alike_unit"
            ),
        ),
        migrations.AddIndex(
            model_name="earlylookback",
            index=models.Index(
                condition=models.Q(("looked_at", None)), fields=["look_back_on", "id"], name="orders_early_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="earlylookback",
            constraint=models.UniqueConstraint(fields=("matter", "closing", "reason"), name="orders_early_once"),
        ),
    ]
