"""What rectification ledgers said of the problems that came from them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("orders", "0005_look_back_index"),
        ("register", "0016_events_that_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("source", models.CharField(blank=True, max_length=24)),
                ("batch", models.CharField(blank=True, max_length=64)),
                ("label", models.CharField(max_length=64)),
                ("lead", models.CharField(blank=True, max_length=200)),
                ("unit", models.CharField(blank=True, max_length=200)),
                ("person", models.CharField(blank=True, max_length=100)),
                ("verifier", models.CharField(blank=True, max_length=100)),
                ("places", models.CharField(blank=True, max_length=500)),
                ("evidence", models.CharField(blank=True, max_length=500)),
                ("looked_back", models.CharField(blank=True, max_length=500)),
                ("found_on", models.DateField(null=True)),
                ("limit_on", models.DateField(null=True)),
                ("closed_on", models.DateField(null=True)),
                ("row", models.IntegerField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("recorded_at", models.DateTimeField()),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="orders.matter"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.sheet"
                    ),
                ),
            ],
            options={
                "db_table": "orders_ledger_entry",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("issuer__isnull", False)),
                        fields=("keeper", "issuer", "source", "batch", "label"),
                        name="orders_ledger_label_of",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("issuer__isnull", True)),
                        fields=("keeper", "source", "batch", "label"),
                        name="orders_ledger_label",
                    ),
                ],
            },
        ),
    ]
