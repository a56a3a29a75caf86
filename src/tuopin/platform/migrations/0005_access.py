"""Sessions that name their owner, wrong attempts by address, and grants kept in step by a room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0004_uploads")]
    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("address", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "platform_attempts"},
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user_id", models.BigIntegerField(db_index=True, null=True)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("started_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "platform_session"},
        ),
        migrations.AddField(
            model_name="grant",
            name="kept_by",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(model_name="grant", name="kept_for", field=models.BigIntegerField(null=True)),
        migrations.AddIndex(
            model_name="grant", index=models.Index(fields=["kept_by", "kept_for"], name="platform_grant_kept")
        ),
    ]
