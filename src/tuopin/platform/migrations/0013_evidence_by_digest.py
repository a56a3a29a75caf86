"""Papers by their digest: which other things the same file was handed in for; files that no row names any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0012_outbox")]

    operations = [
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(
                condition=models.Q(("digest", ""), _negated=True), fields=["digest"], name="platform_evidence_digest"
            ),
        ),
    ]
