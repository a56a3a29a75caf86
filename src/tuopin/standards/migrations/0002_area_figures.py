import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0001_evaluations"),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaFigures",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "evaluation_id", "area_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_id", models.BigIntegerField()),
                ("counts", models.JSONField()),
                (
                    "evaluation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="standards.evaluation",
                    ),
                ),
            ],
            options={"db_table": "standards_area_figures"},
        ),
    ]
