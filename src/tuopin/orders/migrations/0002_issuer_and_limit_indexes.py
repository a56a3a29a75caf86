"""What nobody is named to have issued, found by state too; lists in the order of limits."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_orders_tables"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="matter", name="orders_matter_issuer"),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["issuer", "state"], name="orders_matter_issuer"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["limit_at", "id"], condition=Q(limit_at__isnull=False), name="orders_matter_limit"
            ),
        ),
    ]
