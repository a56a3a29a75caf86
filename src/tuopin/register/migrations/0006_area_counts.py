"""Counts of every area, for pages about cities."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0005_imports_on_the_web")]
    operations = [
        migrations.CreateModel(
            name="AreaCounts",
            fields=[
                ("area_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("data_version", models.BigIntegerField()),
                ("day", models.DateField()),
                ("counts", models.JSONField()),
            ],
            options={"db_table": "register_area_counts"},
        ),
    ]
