"""Small named values of the whole installation."""

from __future__ import annotations

from django.db import models


class Marker(models.Model):
    """A named counter and text: the data version, the state of the schema, the identity of the installation."""

    name = models.CharField(max_length=50, primary_key=True)
    number = models.BigIntegerField(default=0)
    text = models.TextField(blank=True)

    class Meta:
        db_table = "platform_marker"

    def __str__(self) -> str:
        return self.name
