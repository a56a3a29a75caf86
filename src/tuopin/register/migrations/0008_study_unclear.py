"""Rows that stand there already: what cannot be read in 在校生状况 is marked as such."""

from django.db import migrations


def mark(apps, _schema_editor):
    condition = apps.get_model("register", "PersonCondition")
    condition.objects.filter(unreadable__has_key="study").update(study_unclear=True)


class Migration(migrations.Migration):
    dependencies = [("register", "0007_cards")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
