"""What is to be looked back at, by its day."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_lead_proposals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["look_back_on", "id"], condition=Q(state="closed"), name="orders_matter_look_back"
            ),
        ),
    ]
