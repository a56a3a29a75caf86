"""The life cycle of packs: acts, written once."""

from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("standards_pack_act",)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0004_procedures"),
        ("platform", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="PackAct",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("pack", models.CharField(max_length=40)),
                ("number", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=16)),
                ("item", models.CharField(blank=True, max_length=130)),
                ("item_digest", models.CharField(blank=True, max_length=64)),
                ("document", models.CharField(blank=True, max_length=500)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("detail", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "standards_pack_act"},
        ),
        migrations.AddConstraint(
            model_name="packact",
            constraint=models.UniqueConstraint(fields=("pack", "number"), name="standards_pack_act_once"),
        ),
        migrations.AddIndex(
            model_name="packact",
            index=models.Index(fields=["item_digest"], name="standards_pack_act_item"),
        ),
        migrations.RunPython(create, drop),
    ]
