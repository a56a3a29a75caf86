"""Mergers of households are few among all events, and asked for wherever what they had is read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="registerevent",
            index=models.Index(
                condition=models.Q(("kind", "merge")), fields=["household", "other"], name="register_event_merge"
            ),
        ),
    ]
