"""The token that had a file made: no other token of its owner fetches it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0007_tokens")]

    operations = [
        migrations.AddField(
            model_name="download",
            name="token_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
