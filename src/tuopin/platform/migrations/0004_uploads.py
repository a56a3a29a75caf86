"""Files that a person handed in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0003_downloads")]
    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=150)),
                ("purpose", models.CharField(max_length=60)),
                ("size", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("actor_kind", models.CharField(max_length=8)),
                ("user_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "platform_upload",
                "indexes": [models.Index(fields=["user_id", "purpose", "id"], name="platform_upload_owner")],
            },
        ),
    ]
