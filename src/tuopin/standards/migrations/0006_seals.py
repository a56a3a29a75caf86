import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0001_register"),
        ("standards", "0005_pack_acts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SealInstance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instance", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=200)),
                ("address", models.CharField(max_length=500)),
                ("public_key", models.CharField(blank=True, default="", max_length=64)),
                ("registered_at", models.DateTimeField()),
                ("registered_by", models.CharField(max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("state", models.CharField(default="sound", max_length=16)),
                ("problem_zh", models.CharField(blank=True, default="", max_length=500)),
                ("problem_en", models.CharField(blank=True, default="", max_length=500)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "standards_seal_instance",
            },
        ),
        migrations.CreateModel(
            name="SeenSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("previous", models.CharField(blank=True, default="", max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("rows", models.BigIntegerField()),
                ("seen_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seals", to="standards.sealinstance"
                    ),
                ),
            ],
            options={
                "db_table": "standards_seen_seal",
            },
        ),
        migrations.CreateModel(
            name="SealedEvaluation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("joint", models.BooleanField()),
                ("standard", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=16)),
                ("level", models.CharField(max_length=16)),
                ("pack", models.CharField(max_length=40)),
                ("pack_version", models.CharField(max_length=40)),
                ("pack_digest", models.CharField(max_length=64)),
                ("parameter_hash", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("path", models.CharField(blank=True, default="", max_length=128)),
                ("digest", models.CharField(max_length=64)),
                ("rows_digest", models.CharField(max_length=64)),
                ("actor", models.CharField(max_length=150)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("items", models.JSONField()),
                ("shown", models.JSONField()),
                ("draft", models.JSONField()),
                ("sources", models.JSONField()),
                ("left_out", models.JSONField()),
                ("facts", models.JSONField()),
                ("tally", models.JSONField()),
                ("against", models.JSONField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
            ],
            options={
                "db_table": "standards_sealed_evaluation",
                "indexes": [models.Index(fields=["joint", "id"], name="standards_sealed_last")],
                "constraints": [models.UniqueConstraint(fields=("digest",), name="standards_sealed_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="sealinstance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("instance",), name="standards_seal_instance_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="seenseal",
            constraint=models.UniqueConstraint(fields=("instance", "number"), name="standards_seen_seal_once"),
        ),
    ]
