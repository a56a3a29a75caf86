"""Persons of a city in the order of their birth: without the index the first page sorts all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0008_study_unclear")]

    operations = [
        migrations.AddIndex(
            model_name="personcard",
            index=models.Index(fields=["birth_date", "person"], name="register_pcard_birth"),
        ),
    ]
