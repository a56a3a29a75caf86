"""The newest drafts of an inbox; heat tables counted from an index alone."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0013_signs_and_questions"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="matter", name="orders_matter_area"),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["area", "state", "kind", "limit_at", "holder", "official"], name="orders_matter_area"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["-id"], condition=Q(state="draft"), name="orders_matter_drafts"),
        ),
    ]
