"""Files for one person to fetch; the limits of the token that began a job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0002_append_only")]
    operations = [
        migrations.AddField(model_name="job", name="limits", field=models.JSONField(null=True)),
        migrations.CreateModel(
            name="Download",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.BigIntegerField(db_index=True, null=True)),
                ("key", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("title_zh", models.CharField(max_length=300)),
                ("title_en", models.CharField(max_length=300)),
                ("content_type", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("basis", models.JSONField(default=list)),
                ("what", models.CharField(max_length=200)),
                ("filter", models.JSONField(default=dict)),
                ("count", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "platform_download"},
        ),
    ]
