"""Papers that prove something."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0008_download_token")]
    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("about", models.CharField(max_length=40)),
                ("about_id", models.BigIntegerField()),
                ("item", models.CharField(max_length=90)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("name", models.CharField(blank=True, max_length=150)),
                ("form", models.CharField(blank=True, max_length=8)),
                ("size", models.BigIntegerField(default=0)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("day", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "platform_evidence",
                "indexes": [models.Index(fields=["about", "about_id"], name="platform_evidence_about")],
            },
        ),
    ]
