"""Changes of status that are no imports: each with its reason and the act that it follows from."""

from django.db import models

from tuopin.platform.models.append_only import AppendOnly

from .areas import Area
from .households import Household


class StatusChange(AppendOnly):
    """A household's place on an axis, or an area's designation, changed by an act of a person. Written once.

    ``origin`` names the act (``procedure:12``). The dated status itself stands in StatusPeriod and Designation.
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    axis = models.CharField(max_length=16)
    old = models.CharField(max_length=32, blank=True)
    new = models.CharField(max_length=32)
    day = models.DateField()
    reason = models.CharField(max_length=500)
    origin = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_status_change"
