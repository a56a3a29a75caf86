"""Indexes that inboxes, boards and lists are read by, whatever the state."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_papers"),
    ]

    operations = [
        *(
            migrations.RemoveIndex(model_name="matter", name=f"orders_matter_{name}")
            for name in ("inbox", "own", "verifier", "area", "due")
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["holder", "state", "limit_at"],
                condition=Q(holder__isnull=False),
                name="orders_matter_inbox",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["official", "state", "limit_at"],
                condition=Q(official__isnull=False),
                name="orders_matter_own",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["verifier", "state"], condition=Q(verifier__isnull=False), name="orders_matter_verifier"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["issuer", "state"], condition=Q(issuer__isnull=False), name="orders_matter_issuer"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["asked_until"], condition=Q(asked_until__isnull=False), name="orders_matter_asked"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["area", "state", "kind", "limit_at"], name="orders_matter_area"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["state", "limit_at", "id"], name="orders_matter_stage"),
        ),
    ]
