"""Events of areas: renamed, moved, merged, split; what was recorded is written once."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("register_area_event", "register_area_map", "register_area_event_undone")


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0013_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("origin", models.CharField(max_length=12)),
                ("given", models.JSONField()),
            ],
            options={
                "db_table": "register_area_draft",
            },
        ),
        migrations.CreateModel(
            name="AreaEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("document", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("origin", models.CharField(max_length=12)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("path", models.CharField(blank=True, max_length=128)),
                ("version_before", models.BigIntegerField()),
                ("version_after", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "register_area_event",
            },
        ),
        migrations.CreateModel(
            name="AreaEventChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=64)),
                ("columns", models.JSONField(default=list)),
                ("content", models.BinaryField()),
            ],
            options={
                "db_table": "register_area_event_change",
            },
        ),
        migrations.CreateModel(
            name="AreaEventUndone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "db_table": "register_area_event_undone",
            },
        ),
        migrations.CreateModel(
            name="AreaMap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("renamed", "Renamed"),
                            ("recoded", "Recoded"),
                            ("moved", "Moved"),
                            ("merged", "Merged"),
                            ("split", "Split"),
                            ("upgraded", "Upgraded"),
                            ("abolished", "Abolished"),
                        ],
                        max_length=10,
                    ),
                ),
                ("day", models.DateField()),
                ("level", models.CharField(max_length=16)),
                ("code", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=100)),
                ("path", models.CharField(max_length=128)),
                ("new_code", models.CharField(blank=True, max_length=32)),
                ("new_name", models.CharField(blank=True, max_length=100)),
                ("new_path", models.CharField(blank=True, max_length=128)),
                ("ended", models.BooleanField(default=False)),
                ("began", models.BooleanField(default=False)),
                ("households", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "register_area_map",
            },
        ),
        migrations.AddIndex(
            model_name="areaversion",
            index=models.Index(
                condition=models.Q(("valid_to", None), _negated=True), fields=["code"], name="register_area_former_code"
            ),
        ),
        migrations.AddIndex(
            model_name="areaversion",
            index=models.Index(
                condition=models.Q(("valid_to", None), _negated=True), fields=["name"], name="register_area_former_name"
            ),
        ),
        migrations.AddField(
            model_name="areadraft",
            name="event",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.areaevent"
            ),
        ),
        migrations.AddField(
            model_name="areaeventchange",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="register.areaevent"
            ),
        ),
        migrations.AddField(
            model_name="areaeventundone",
            name="event",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="undone", to="register.areaevent"
            ),
        ),
        migrations.AddField(
            model_name="areamap",
            name="area",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="register.area",
            ),
        ),
        migrations.AddField(
            model_name="areamap",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="register.areaevent",
            ),
        ),
        migrations.AddField(
            model_name="areamap",
            name="successor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="register.area",
            ),
        ),
        migrations.AddIndex(
            model_name="areamap",
            index=models.Index(fields=["area", "day"], name="register_area_map_old"),
        ),
        migrations.AddIndex(
            model_name="areamap",
            index=models.Index(fields=["successor", "day"], name="register_area_map_new"),
        ),
        migrations.AddIndex(
            model_name="areamap",
            index=models.Index(fields=["code"], name="register_area_map_code"),
        ),
        migrations.AddIndex(
            model_name="areamap",
            index=models.Index(fields=["day"], name="register_area_map_day"),
        ),
        migrations.AddConstraint(
            model_name="areamap",
            constraint=models.UniqueConstraint(fields=("event", "number"), name="register_area_map_line"),
        ),
        migrations.RunPython(create, drop),
    ]
