"""Petitions whose holder has to do with whom they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_sent_forms")]

    operations = [
        migrations.AddField("petition", "reassign_at", models.DateTimeField(null=True)),
        migrations.AddField("petition", "withheld", models.BooleanField(default=False)),
        migrations.AddIndex(
            "petition",
            models.Index(
                condition=models.Q(("reassign_at__isnull", False)), fields=["reassign_at"],
                name="orders_petition_reassign",
            ),
        ),
    ]  # fmt: skip
