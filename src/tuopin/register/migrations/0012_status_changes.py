"""Changes of status by procedures, with their reasons; written once."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("register_status_change",)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [("register", "0011_ledgers")]
    operations = [
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("axis", models.CharField(max_length=16)),
                ("old", models.CharField(blank=True, max_length=32)),
                ("new", models.CharField(max_length=32)),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("origin", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
            ],
            options={"db_table": "register_status_change"},
        ),
        migrations.RunPython(create, drop),
    ]
