"""Narrow rows for lists and the search. Filled after the migration (register/cards.py) where there are households."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.models.fields import PlainField


def _own(to: str, related: str) -> models.OneToOneField:
    return models.OneToOneField(
        db_constraint=False,
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name=related,
        serialize=False,
        to=to,
    )


def _code(length: int = 32) -> models.CharField:
    return models.CharField(max_length=length, null=True)


class Migration(migrations.Migration):
    dependencies = [("register", "0006_area_counts")]

    operations = [
        migrations.CreateModel(
            name="HouseholdCard",
            fields=[
                ("household", _own("register.household", "card")),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                ("path", PlainField(max_length=128)),
                ("code", PlainField(max_length=64)),
                ("head_name", PlainField(max_length=100)),
                ("registration", _code()),
                ("monitoring", _code()),
                ("support", _code()),
                ("category", _code()),
                ("main_cause", _code()),
                ("members", models.IntegerField()),
                ("income", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "register_household_card",
                "indexes": [
                    models.Index(fields=["path", "code"], name="register_card_path"),
                    models.Index(fields=["code"], name="register_card_code"),
                    models.Index(fields=["head_name", "path"], name="register_card_head"),
                    models.Index(fields=["income", "household"], name="register_card_income"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonCard",
            fields=[
                ("person", _own("register.person", "card")),
                (
                    "household",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                ("path", PlainField(max_length=128)),
                ("name", PlainField(max_length=100)),
                ("relation", _code()),
                ("sex", _code()),
                ("birth_date", models.DateField(null=True)),
                ("education", _code()),
                ("study", _code()),
                ("health", _code(200)),
                ("labour", _code()),
            ],
            options={
                "db_table": "register_person_card",
                "indexes": [
                    models.Index(fields=["path", "household", "person"], name="register_pcard_path"),
                    models.Index(fields=["name", "path"], name="register_pcard_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[("person", _own("register.person", "+")), ("tail", models.BigIntegerField())],
            options={
                "db_table": "register_person_key",
                "indexes": [models.Index(fields=["tail"], name="register_pkey_tail")],
            },
        ),
    ]
