"""Who kept a lead before: none of them decides it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0012_visits_by_day")]

    operations = [
        migrations.AddField(model_name="lead", name="kept_before", field=models.TextField(blank=True, default="")),
    ]
