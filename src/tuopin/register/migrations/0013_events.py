"""Events of households and persons: written once; what exports say of them stands beside."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("register_event", "register_event_subject")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0012_status_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("persons", models.IntegerField(default=0)),
                ("reason", models.CharField(max_length=500)),
                ("document", models.CharField(blank=True, max_length=200)),
                ("origin", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("changes", models.JSONField(default=dict)),
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
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "other_area",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone",
                        to="register.registerevent",
                    ),
                ),
            ],
            options={
                "db_table": "register_event",
            },
        ),
        migrations.CreateModel(
            name="EventSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("was", models.BigIntegerField(null=True)),
                ("now", models.BigIntegerField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="register.registerevent",
                    ),
                ),
            ],
            options={
                "db_table": "register_event_subject",
            },
        ),
        migrations.CreateModel(
            name="EventEcho",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=10)),
                ("as_of", models.DateField()),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="echoes", to="register.registerevent"
                    ),
                ),
            ],
            options={
                "db_table": "register_event_echo",
            },
        ),
        migrations.AddIndex(
            model_name="registerevent",
            index=models.Index(fields=["day"], name="register_event_day"),
        ),
        migrations.AddIndex(
            model_name="registerevent",
            index=models.Index(fields=["area", "day"], name="register_event_area"),
        ),
        migrations.AddIndex(
            model_name="registerevent",
            index=models.Index(fields=["other_area", "day"], name="register_event_other_area"),
        ),
        migrations.AddIndex(
            model_name="eventsubject",
            index=models.Index(fields=["person", "day"], name="register_event_person"),
        ),
        migrations.AddIndex(
            model_name="eventsubject",
            index=models.Index(fields=["household", "day"], name="register_event_household"),
        ),
        migrations.RunPython(create, drop),
    ]
