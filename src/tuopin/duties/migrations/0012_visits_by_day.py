"""The newest visits of an area, without sorting millions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0011_assignment_plans")]

    operations = [
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("superseded_at", None)), fields=["day", "id"], name="duties_visit_newest"
            ),
        ),
    ]
