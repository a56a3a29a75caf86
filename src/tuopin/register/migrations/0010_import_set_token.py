"""The token that opened a set of files: no other token of its owner sees it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0009_persons_by_birth")]

    operations = [
        migrations.AddField(
            model_name="importset",
            name="token_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
