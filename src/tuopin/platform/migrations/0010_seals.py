"""Seals of the register."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0009_evidence")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("data_version", models.BigIntegerField()),
                ("catalogue", models.CharField(max_length=64)),
                ("rows", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("sealed", "Sealed"), ("sound", "Sound"), ("faulty", "Faulty")],
                        default="sealed",
                        max_length=8,
                    ),
                ),
                ("verified_at", models.DateTimeField(null=True)),
                ("verified_by", models.CharField(blank=True, max_length=150)),
                ("faults", models.JSONField(default=list)),
            ],
            options={"db_table": "platform_seal"},
        ),
    ]
