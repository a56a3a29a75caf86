"""Events of areas: renamed, moved, merged, split. What was recorded, the map from old to new, and what it changed."""

from django.db import models
from django.db.models import Q

from tuopin.core.language.catalogue import Title
from tuopin.platform.models.append_only import AppendOnly

from .areas import Area


class AreaEvent(AppendOnly):
    """Changes of areas that one person recorded together, with the paper they follow from. Written once.

    ``path``: of the lowest area that held everything touched ('' = more than one tree); it says who may see it.
    ``version_before`` and ``version_after``: the register's data version around it.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    document = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=12)  # page, workbook, api, cli
    first_day = models.DateField()
    last_day = models.DateField()
    path = models.CharField(max_length=128, blank=True)
    version_before = models.BigIntegerField()
    version_after = models.BigIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the map, as in the audit entry

    class Meta:
        db_table = "register_area_event"


class AreaMap(AppendOnly):
    """One line of the map from old to new: what became of an area on a day. Written once.

    Codes, names and paths are those of the day before and of the day; ``successor`` is empty for an area that was
    abolished. ``ended``: the old area was there no more; ``began``: the new one had not been there before.
    ``households``: how many came into another area by this line. After an undoing areas that it began are gone, hence
    no constraints.
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed"
        RECODED = "recoded"
        MOVED = "moved"
        MERGED = "merged"
        SPLIT = "split"
        UPGRADED = "upgraded"
        ABOLISHED = "abolished"

    event = models.ForeignKey(AreaEvent, on_delete=models.PROTECT, related_name="lines", db_index=False)
    number = models.IntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    day = models.DateField()
    level = models.CharField(max_length=16)
    area = models.ForeignKey(Area, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    path = models.CharField(max_length=128)
    successor = models.ForeignKey(
        Area, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    new_code = models.CharField(max_length=32, blank=True)
    new_name = models.CharField(max_length=100, blank=True)
    new_path = models.CharField(max_length=128, blank=True)
    ended = models.BooleanField(default=False)
    began = models.BooleanField(default=False)
    households = models.IntegerField(default=0)

    class Meta:
        db_table = "register_area_map"
        constraints = (models.UniqueConstraint(fields=["event", "number"], name="register_area_map_line"),)
        indexes = (
            models.Index(fields=["area", "day"], name="register_area_map_old"),
            models.Index(fields=["successor", "day"], name="register_area_map_new"),
            models.Index(fields=["code"], name="register_area_map_code"),
            models.Index(fields=["day"], name="register_area_map_day"),
        )


class AreaEventUndone(AppendOnly):
    """That a recording was taken back: by whom, when, why."""

    event = models.OneToOneField(AreaEvent, on_delete=models.PROTECT, related_name="undone")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "register_area_event_undone"


class AreaEventChange(models.Model):
    """What a recording did to a table, as ``ImportChange`` says it; it goes with the undoing."""

    event = models.ForeignKey(AreaEvent, on_delete=models.PROTECT, related_name="changes")
    table = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    content = models.BinaryField()

    class Meta:
        db_table = "register_area_event_change"


class AreaDraft(models.Model):
    """Changes of areas that somebody prepares: looked at, then recorded. Seen by its owner alone, gone after a week.

    ``given``: the lines as they were written, and what goes with them (``register/events/areas/given.py``).
    """

    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    origin = models.CharField(max_length=12)
    given = models.JSONField()
    event = models.ForeignKey(AreaEvent, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "register_area_draft"


KIND_TITLES = {
    AreaMap.Kind.RENAMED: Title("更名", "renamed"),
    AreaMap.Kind.RECODED: Title("代码变更", "code changed"),
    AreaMap.Kind.MOVED: Title("改变隶属", "moved"),
    AreaMap.Kind.MERGED: Title("合并", "merged"),
    AreaMap.Kind.SPLIT: Title("拆分", "split"),
    AreaMap.Kind.UPGRADED: Title("改设", "upgraded"),
    AreaMap.Kind.ABOLISHED: Title("撤销", "abolished"),
}

STANDING = Q(event__undone=None)
"""Lines of recordings that were not taken back."""
