"""Forms that were sent; and the clock looks at what waits to be verified, closed or looked back at."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_like_for_like")]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("sent_at", models.DateTimeField()),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="orders.matter",
                    ),
                ),
            ],
            options={"db_table": "orders_sent_form"},
        ),
        # the next tick works out when each is due
        migrations.RunSQL(
            "UPDATE orders_matter SET step = CASE WHEN state = 'closed' THEN step ELSE 0 END, next_at = changed_at"
            " WHERE next_at IS NULL AND state IN ('reported', 'verified', 'closed')",
            migrations.RunSQL.noop,
        ),
    ]  # fmt: skip
