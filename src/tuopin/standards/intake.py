"""What an import must know of this room: its evaluations are built on what was imported before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import subtree
from tuopin.register.areas import WIDTH
from tuopin.register.models import AreaVersion, HouseholdCard

from .models import Evaluation, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.register.models import Import, RegisterEvent


def uses_of_import(record: Import) -> Iterator[Title]:
    """An evaluation made after the import stands on its data, and so does the verdict that a procedure froze."""
    since = Evaluation.objects.filter(started_at__gt=record.finished_at).order_by("started_at")
    touched = _touched(record)
    found = next((each for each in since.only("area_id", "started_at") if each.area_id in touched), None)
    if found is not None:
        at = timezone.localtime(found.started_at).strftime("%Y-%m-%d %H:%M")
        yield Title(f"之后已按标准判定过（{at}）", f"the standards were evaluated on it since ({at})")
    begun = _begun(record)
    if begun:
        yield Title(f"之后开始了 {begun} 个退出或监测程序", f"{begun} procedure(s) were begun since")


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """The verdict that a procedure froze since stands on who belonged to the household."""
    households = [key for key in (event.household_id, event.other_id) if key is not None]
    begun = Procedure.objects.filter(level="household", subject_id__in=households, recorded_at__gt=event.at).count()
    if begun:
        yield Title(f"之后开始了 {begun} 个退出或监测程序", f"{begun} procedure(s) were begun since")


def _begun(record: Import) -> int:
    """Procedures begun since on households that live where the import was made, and on areas judged by what lies
    there: the village, the county above."""
    cards, areas = HouseholdCard.objects.all(), AreaVersion.objects.filter(valid_to=None)
    if record.path:
        low, high = subtree(record.path)
        above = [record.path[:end] for end in range(WIDTH, len(record.path), WIDTH)]
        cards = cards.filter(path__gte=low, path__lt=high)
        areas = areas.filter(Q(path__gte=low, path__lt=high) | Q(path__in=above))
    begun = Procedure.objects.filter(recorded_at__gt=record.finished_at)
    return begun.filter(
        Q(level="household", subject_id__in=cards.values("pk"))
        | (~Q(level="household") & Q(subject_id__in=areas.values("area_id")))
    ).count()


def _touched(record: Import) -> set[int | None]:
    """Areas of evaluations that judge what the import brought, None the whole register: another county's evaluation
    is not built on it, and is not told of to this one's clerk."""
    judged = Evaluation.objects.filter(started_at__gt=record.finished_at, area__isnull=False).values("area_id")
    paths = AreaVersion.objects.filter(area_id__in=judged).values_list("area_id", "path")
    inside = {key for key, path in paths if path.startswith(record.path) or record.path.startswith(path)}
    return {None, *inside}
