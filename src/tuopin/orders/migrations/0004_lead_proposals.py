"""Leads that the clock proposes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0003_board_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadProposal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=32, unique=True)),
                ("due", models.DateTimeField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_on", models.DateField(null=True)),
                ("decided_by", models.BigIntegerField(null=True)),
                ("outcome", models.TextField(blank=True)),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.matter",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "orders_lead_proposal",
                "indexes": [
                    models.Index(
                        fields=["holder"], condition=Q(("decided_on", None)), name="orders_lead_proposal_open"
                    ),
                    models.Index(
                        fields=["official"],
                        condition=Q(("official__isnull", False)),
                        name="orders_lead_proposal_person",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["matter", "due"], name="orders_lead_proposal_once"),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("decided_on", None), ("outcome", "")),
                            Q(("decided_on__isnull", False), ("official", None), Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="orders_lead_proposal_decided",
                    ),
                ],
            },
        ),
    ]
