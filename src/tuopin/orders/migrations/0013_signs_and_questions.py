"""A dropped item may be asked for again, a late answer stays late; questions of which the clock spoke."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_petition_reassigning")]

    operations = [
        migrations.RemoveConstraint("hungitem", "orders_hung_item_once"),
        migrations.AddConstraint(
            "hungitem",
            models.UniqueConstraint(
                condition=models.Q(("state", "dropped"), _negated=True), fields=("sign", "due", "words"),
                name="orders_hung_item_once",
            ),
        ),
        migrations.AddField("hungitem", "late_days", models.IntegerField(default=0)),
        migrations.AddField("alikequestion", "reminded_on", models.DateField(null=True)),
        migrations.AddIndex(
            "alikequestion",
            models.Index(
                condition=models.Q(("ended_at", None), ("reminded_on", None), ("until__isnull", False)),
                fields=["until"], name="orders_alike_clock",
            ),
        ),
    ]  # fmt: skip
