"""Every name and every assignment is an official's; accounts are the officials'."""

import django.db.models.deletion
from django.db import migrations, models


def _official(**options):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="duties.official", **options)


class Migration(migrations.Migration):
    dependencies = [("duties", "0004_officials_filled")]
    operations = [
        migrations.RemoveField("officialname", "same_as"),
        migrations.RemoveField("officialname", "user"),
        migrations.AlterField("officialname", "official", _official(related_name="names")),
        migrations.AlterField("assignment", "official", _official(related_name="assignments", db_index=False)),
    ]
