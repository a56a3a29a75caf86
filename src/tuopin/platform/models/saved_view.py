"""Lists as somebody set them up and keeps them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tuopin.platform.models.user import User


class SavedView(models.Model):
    """Filters, order and columns of a list under a name, for their owner alone. ``query`` is the address's query
    without place and page; ``is_default``: the list opens so."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    listing = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "platform_saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="platform_view_name"),
            models.UniqueConstraint(
                fields=["user", "listing"], condition=Q(is_default=True), name="platform_view_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing} {self.pk}"
