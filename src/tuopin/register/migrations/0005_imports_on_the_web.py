"""Sets of files being prepared, what an import changed, who may see it; an unclear 在校生状况."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0004_uploads"), ("register", "0004_match_lists")]
    operations = [
        migrations.CreateModel(
            name="ImportSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(max_length=8)),
                ("user_id", models.BigIntegerField(db_index=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("as_of", models.DateField(null=True)),
                ("year", models.SmallIntegerField(null=True)),
                ("choices", models.JSONField(default=dict)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("files", "Files"),
                            ("inspect", "Inspect"),
                            ("preview", "Preview"),
                            ("import", "Import"),
                        ],
                        default="files",
                        max_length=8,
                    ),
                ),
                ("inspection", models.JSONField(null=True)),
                ("preview", models.JSONField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="platform.job",
                    ),
                ),
            ],
            options={"db_table": "register_import_set"},
        ),
        migrations.AddField("import", "user_id", models.BigIntegerField(null=True)),
        migrations.AddField("import", "path", models.CharField(blank=True, default="", max_length=128)),
        migrations.AddField(
            "import",
            "prepared",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="run",
                to="register.importset",
            ),
        ),
        migrations.AddField("import", "version_before", models.BigIntegerField(null=True)),
        migrations.AddField("import", "version_after", models.BigIntegerField(null=True)),
        migrations.AddField("import", "undone_at", models.DateTimeField(null=True)),
        migrations.AddField("import", "undone_by", models.CharField(blank=True, default="", max_length=150)),
        migrations.AddIndex("import", models.Index(fields=["path", "id"], name="register_import_path")),
        migrations.CreateModel(
            name="ImportChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=64)),
                ("columns", models.JSONField(default=list)),
                ("content", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="register.import"
                    ),
                ),
            ],
            options={"db_table": "register_import_change"},
        ),
        migrations.AddField("waitingrow", "within", models.JSONField(default=list)),
        migrations.AddField("personcondition", "study_unclear", models.BooleanField(null=True)),
    ]
