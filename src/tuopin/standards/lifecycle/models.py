"""What people did about packs, one row an act. The database refuses to change them."""

from __future__ import annotations

from django.db import models

from tuopin.platform.models.append_only import AppendOnly


class PackAct(AppendOnly):
    """An act about the files of a pack (``digest``) or about one open item of it (``item``, ``item_digest``).

    ``number`` counts the acts of a pack without gaps: of two that come at once the second is told, not lost.
    ``kind`` and ``detail`` are those of ``core.standards.lifecycle.Act``.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    pack = models.CharField(max_length=40)
    number = models.IntegerField()
    digest = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    item = models.CharField(max_length=130, blank=True)
    item_digest = models.CharField(max_length=64, blank=True)
    document = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "standards_pack_act"
        constraints = (models.UniqueConstraint(fields=["pack", "number"], name="standards_pack_act_once"),)
        indexes = (models.Index(fields=["item_digest"], name="standards_pack_act_item"),)

    def __str__(self) -> str:
        return f"{self.pack} {self.number} {self.kind}"
