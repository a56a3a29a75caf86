"""What keeps a form that was sent twice from being done twice."""

from __future__ import annotations

from django.db import models


class SentForm(models.Model):
    """A form that opened a matter. ``key``: of the form as it was shown, with who sent it."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64, unique=True)
    matter = models.ForeignKey("orders.Matter", on_delete=models.CASCADE, related_name="+", db_index=False)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "orders_sent_form"
