"""Counts by area, added up in the background (``register/counting.py``)."""

from django.db import models


class AreaCounts(models.Model):
    """What one area of any level holds: ``counts`` maps ``kind:key`` to a number. All rows are of one count.

    ``data_version`` tells whether the register has changed since; ``day`` is the day it described.
    """

    area_id = models.BigIntegerField(primary_key=True)
    data_version = models.BigIntegerField()
    day = models.DateField()
    counts = models.JSONField()

    class Meta:
        db_table = "register_area_counts"
