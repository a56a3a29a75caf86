from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0002_area_figures"),
    ]

    operations = [
        migrations.AddField("evaluation", "kind", models.CharField(default="conditions", max_length=16)),
        migrations.AlterField("verdict", "letters", models.CharField(max_length=160)),
        migrations.CreateModel(
            name="FindingWaiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=40)),
                ("item", models.CharField(max_length=40)),
                ("level", models.CharField(max_length=16)),
                ("subject_id", models.BigIntegerField()),
                ("area_id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("until", models.DateField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=150)),
            ],
            options={"db_table": "standards_finding_waiver"},
        ),
        migrations.AddConstraint(
            model_name="findingwaiver",
            constraint=models.UniqueConstraint(
                condition=Q(("ended_at", None)),
                fields=("standard", "item", "level", "subject_id"),
                name="standards_waiver_one",
            ),
        ),
        migrations.AddIndex(
            model_name="findingwaiver",
            index=models.Index(fields=["subject_id"], name="standards_waiver_subject"),
        ),
    ]
