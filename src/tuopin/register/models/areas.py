"""Areas: permanent ids with dated codes, names and parents, because codes change and villages merge."""

from django.db import models
from django.db.models import Q

from ..areas import LEVELS


class Area(models.Model):
    """The permanent identity of an area; what it is called and where it belongs stands in its versions."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "register_area"


class AreaVersion(models.Model):
    """Code, name and parent of an area from a day to a day (excluded).

    ``path`` is the materialised path of ids, 8 digits a level, so that a subtree is one range of an index
    (see ``tuopin.register.areas``). ``valid_from`` 1900-01-01 means: for as long as this installation knows.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="versions")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=16, choices=[(level, level) for level in LEVELS])
    parent = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="child_versions")
    path = models.CharField(max_length=128)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_area_version"
        constraints = [
            models.UniqueConstraint(fields=["area"], condition=Q(valid_to=None), name="register_area_one_current"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="register_area_code_current"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")), name="register_area_period"
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="register_area_path"),
            models.Index(fields=["parent", "name"], name="register_area_parent_name"),
            # what areas were called once: an old code or name leads to what became of the area
            models.Index(fields=["code"], condition=~Q(valid_to=None), name="register_area_former_code"),
            models.Index(fields=["name"], condition=~Q(valid_to=None), name="register_area_former_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Designation(models.Model):
    """A dated designation of an area: poor county, poor village, relocation site."""

    class Kind(models.TextChoices):
        POOR_COUNTY = "poor_county"
        POOR_VILLAGE = "poor_village"
        RELOCATION_SITE = "relocation_site"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="designations")
    kind = models.CharField(max_length=20, choices=Kind)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_designation"
        indexes = [models.Index(fields=["area", "kind"], name="register_designation_area")]
