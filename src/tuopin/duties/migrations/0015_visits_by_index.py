"""Who was there, by indexes that SQLite uses too: ``counts`` was their condition, and is a column of them now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0014_commitments_agreed")]

    operations = [
        migrations.RemoveIndex(model_name="visitby", name="duties_visit_by_official"),
        migrations.RemoveIndex(model_name="visitby", name="duties_visit_by_household"),
        migrations.RemoveIndex(model_name="visitby", name="duties_visit_by_area"),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(fields=["official", "household", "day", "counts"], name="duties_visit_by_pair"),
        ),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(fields=["household", "day", "counts"], name="duties_visit_by_of_household"),
        ),
        migrations.AddIndex(
            model_name="visitby",
            index=models.Index(fields=["area", "day", "counts"], name="duties_visit_by_in_area"),
        ),
    ]
