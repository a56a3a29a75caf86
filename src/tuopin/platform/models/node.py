"""Nodes (时间节点) that an office set, or whose day it moved: rows are ended, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Node(models.Model):
    """A time target of an area and everything below it. Only ``platform/nodes.py`` writes here.

    ``key`` is that of a pack's node when the row moves its day (``moves``), else made up. ``due`` is the last day.
    ``standard`` and ``room`` say what shows whether it is reached, as in a pack. A row ends when the day is moved again
    or the node is dropped; what stood before stays readable.
    """

    area_id = models.BigIntegerField()
    key = models.CharField(max_length=40)
    moves = models.BooleanField()
    due = models.DateField()
    title_zh = models.CharField(max_length=100, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    target_zh = models.CharField(max_length=300, blank=True)
    target_en = models.CharField(max_length=600, blank=True)
    standard = models.CharField(max_length=40, blank=True)
    room = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=300)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "platform_node"
        constraints = (
            models.UniqueConstraint(fields=["area_id", "key"], condition=Q(ended_at=None), name="platform_node_one"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.due}"
