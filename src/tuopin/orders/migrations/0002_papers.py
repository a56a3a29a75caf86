"""Papers of matters, their numbers, recipients and Word templates."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0001_matters"),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=20)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "orders_number_word",
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("last", models.IntegerField(default=0)),
                (
                    "word",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="counters", to="orders.numberword"
                    ),
                ),
            ],
            options={
                "db_table": "orders_number_counter",
            },
        ),
        migrations.CreateModel(
            name="OrderPaper",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("directive", "Directive"),
                            ("reply", "Reply"),
                            ("reminder", "Reminder"),
                            ("bulletin", "Bulletin"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("issued", "Issued"),
                            ("withdrawn", "Withdrawn"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("content", models.JSONField()),
                ("version", models.IntegerField(default=1)),
                ("written_at", models.DateTimeField()),
                ("writer", models.CharField(max_length=150)),
                ("writer_id", models.BigIntegerField(null=True)),
                ("year", models.SmallIntegerField(null=True)),
                ("serial", models.IntegerField(null=True)),
                ("day", models.DateField(null=True)),
                ("frozen", models.JSONField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("file", models.CharField(blank=True, max_length=64)),
                ("issued_at", models.DateTimeField(null=True)),
                ("signer", models.CharField(blank=True, max_length=150)),
                ("signer_id", models.BigIntegerField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "answers",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="orders.orderpaper",
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="orders.matter"
                    ),
                ),
                (
                    "word",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.numberword",
                    ),
                ),
            ],
            options={
                "db_table": "orders_paper",
            },
        ),
        migrations.CreateModel(
            name="PaperRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("to", "To"), ("reported", "Reported"), ("copied", "Copied")], max_length=8
                    ),
                ),
                ("place", models.SmallIntegerField()),
                ("received_at", models.DateTimeField(null=True)),
                ("receiver", models.CharField(blank=True, max_length=150)),
                ("receiver_id", models.BigIntegerField(null=True)),
                ("remark", models.CharField(blank=True, max_length=200)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="orders.orderpaper",
                    ),
                ),
            ],
            options={
                "db_table": "orders_paper_recipient",
            },
        ),
        migrations.CreateModel(
            name="PaperTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("letter", models.BooleanField()),
                ("version", models.IntegerField()),
                ("name", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("content", models.BinaryField(blank=True)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "orders_paper_template",
            },
        ),
        migrations.AddConstraint(
            model_name="numberword",
            constraint=models.UniqueConstraint(fields=("organisation", "word"), name="orders_number_word_once"),
        ),
        migrations.AddConstraint(
            model_name="numbercounter",
            constraint=models.UniqueConstraint(fields=("word", "year"), name="orders_number_counter_once"),
        ),
        migrations.AddIndex(
            model_name="orderpaper",
            index=models.Index(
                condition=models.Q(("answers__isnull", False)), fields=["answers"], name="orders_paper_answered"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderpaper",
            constraint=models.UniqueConstraint(fields=("word", "year", "serial"), name="orders_paper_number_once"),
        ),
        migrations.AddConstraint(
            model_name="orderpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("digest", ""), ("serial", None), ("state__in", ["draft", "discarded"])),
                    models.Q(
                        ("day__isnull", False),
                        ("frozen__isnull", False),
                        ("serial__gt", 0),
                        ("serial__isnull", False),
                        ("state__in", ["issued", "withdrawn"]),
                        ("word__isnull", False),
                        ("year__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="orders_paper_issued_numbered",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answers", None), models.Q(("answers", models.F("id")), _negated=True), _connector="OR"
                ),
                name="orders_paper_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="paperrecipient",
            index=models.Index(fields=["organisation", "paper"], name="orders_paper_recipient_of"),
        ),
        migrations.AddConstraint(
            model_name="paperrecipient",
            constraint=models.UniqueConstraint(fields=("paper", "organisation"), name="orders_paper_recipient_once"),
        ),
        migrations.AddConstraint(
            model_name="papertemplate",
            constraint=models.UniqueConstraint(
                fields=("organisation", "letter", "version"), name="orders_paper_template_version"
            ),
        ),
    ]
