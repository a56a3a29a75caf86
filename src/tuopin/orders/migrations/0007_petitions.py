"""Petitions, and sealed beside them who came."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def _key(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to
    )


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0006_rectification_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="Petition",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="petition",
                        serialize=False,
                        to="orders.matter",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("visit", "Visit"), ("letter", "Letter"), ("phone", "Phone"), ("hotline", "Hotline")],
                        max_length=8,
                    ),
                ),
                ("received_on", models.DateField()),
                ("finish_by", models.DateField(null=True)),
                ("about_organisation", _key("duties.organisation")),
                ("about_official", _key("duties.official")),
                ("household", _key("register.household")),
                (
                    "repeats",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeated",
                        to="orders.petition",
                    ),
                ),
            ],
            options={
                "db_table": "orders_petition",
                "indexes": [
                    models.Index(
                        fields=[each], condition=Q((f"{each}__isnull", False)), name=f"orders_petition_{short}"
                    )
                    for each, short in (
                        ("about_organisation", "unit"),
                        ("about_official", "person"),
                        ("household", "household"),
                        ("repeats", "repeats"),
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("repeats", None), Q(("repeats", F("matter")), _negated=True), _connector="OR"),
                        name="orders_petition_not_itself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Petitioner",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="petitioner",
                        serialize=False,
                        to="orders.petition",
                    ),
                ),
                ("sealed", models.TextField()),
            ],
            options={"db_table": "orders_petitioner"},
        ),
    ]
