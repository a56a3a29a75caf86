"""A household that a person chose to name lies under the seal from now on (no release had the column); lists of the
hotline; letters; erasing."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0007_petitions"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="petition", name="orders_petition_household"),
        migrations.RemoveField(model_name="petition", name="household"),
        migrations.CreateModel(
            name="PetitionList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("taken", models.IntegerField()),
                ("known", models.IntegerField()),
                ("refused", models.IntegerField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "orders_petition_list"},
        ),
        migrations.AddField("petition", "about_open", models.BooleanField(default=False)),
        migrations.AddField("petition", "key", models.CharField(blank=True, default="", max_length=64), False),
        migrations.AddField(
            "petition",
            "batch",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="petitions",
                to="orders.petitionlist",
            ),
        ),
        migrations.AddConstraint(
            "petition", models.UniqueConstraint(condition=~Q(key=""), fields=("key",), name="orders_petition_once")
        ),
        migrations.AlterField("petitioner", "sealed", models.TextField(blank=True)),
        migrations.AddField("petitioner", "erased_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "petitioner",
            models.CheckConstraint(
                condition=Q(erased_at=None) & ~Q(sealed="") | Q(erased_at__isnull=False, sealed=""),
                name="orders_petitioner_sealed_or_erased",
            ),
        ),
        migrations.CreateModel(
            name="PetitionLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("extended", "Extended"),
                            ("answered", "Answered"),
                            ("reviewed", "Reviewed"),
                            ("concluded", "Concluded"),
                        ],
                        max_length=10,
                    ),
                ),
                ("year", models.SmallIntegerField()),
                ("serial", models.IntegerField()),
                ("day", models.DateField()),
                ("until", models.DateField(null=True)),
                ("sealed", models.TextField(blank=True)),
                ("issued_at", models.DateTimeField()),
                ("signer", models.CharField(max_length=150)),
                ("signer_id", models.BigIntegerField(null=True)),
                ("received_on", models.DateField(null=True)),
                (
                    "received_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hand", "Hand"),
                            ("proxy", "Proxy"),
                            ("post", "Post"),
                            ("left", "Left"),
                            ("notice", "Notice"),
                        ],
                        max_length=6,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="orders.petition"
                    ),
                ),
                (
                    "word",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.numberword",
                    ),
                ),
            ],
            options={
                "db_table": "orders_petition_letter",
                "constraints": [
                    models.UniqueConstraint(fields=("word", "year", "serial"), name="orders_petition_letter_number"),
                    models.CheckConstraint(
                        condition=Q(received_on=None, received_by="")
                        | Q(received_on__isnull=False) & ~Q(received_by=""),
                        name="orders_petition_letter_received",
                    ),
                ],
            },
        ),
    ]
