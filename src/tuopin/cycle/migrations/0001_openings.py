"""What was chosen to open matters for, and what is proposed to be closed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0004_lead_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=40)),
                ("origin", models.CharField(max_length=16)),
                ("chosen_at", models.DateTimeField()),
                ("chosen_by", models.CharField(max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
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
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "cycle_opening",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("ended_at", None)),
                        fields=("area", "standard", "origin"),
                        name="cycle_opening_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosingProposal",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="orders.matter",
                    ),
                ),
                ("standard", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("proposed_at", models.DateTimeField()),
            ],
            options={"db_table": "cycle_closing_proposal"},
        ),
    ]
