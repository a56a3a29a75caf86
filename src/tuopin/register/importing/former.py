"""What villages were called once: a workbook that still uses an old code, name or place finds what became of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from ..correcting.subjects import listed
from ..events.areas.mapping import followed
from ..models import AreaVersion

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from .run import Run

TABLE = "village_former"


def load_former(run: Run) -> bool:
    """Load ``village_former`` (area_id, merged, code, village, township, county, city): what areas of the tree on the
    as-of date were called before. ``merged``: the village itself is no more, and ``area_id`` is its one successor.
    False where there is nothing of the kind, which is so until the first change of areas."""
    import pyarrow as pa

    rows = list(_rows(run.as_of))
    if not rows:
        return False
    columns = list(zip(*rows, strict=True))
    names = ("area_id", "merged", "code", "village", "township", "county", "city")
    run.engine.load(TABLE, pa.table(dict(zip(names, columns, strict=True))).to_reader())
    return True


type Row = tuple[int, bool, str, str, str, str, str]


def _rows(day: date) -> Iterable[Row]:
    once = AreaVersion.objects.filter(valid_to__lte=day)
    turned = set(once.filter(level__in=("township", "county", "city")).values_list("area_id", flat=True))
    keys = set(once.filter(level="village").values_list("area_id", flat=True))
    if not turned and not keys:
        return
    townships = turned | set(AreaVersion.objects.filter(parent_id__in=listed(sorted(turned)), level="township")
                             .values_list("area_id", flat=True))  # fmt: skip
    below = AreaVersion.objects.filter(parent_id__in=listed(sorted(townships)), level="village")
    keys |= set(below.values_list("area_id", flat=True))
    known = _Known(_above(keys))
    became = followed(keys, day)
    for key in sorted(keys):
        ends = became[key]
        if len(ends) != 1:
            continue
        names = {name for each in known.versions[key] if each.valid_from <= day for name in known.names(each, day)}
        for code, village, township, county, city in sorted(names):
            yield ends[0], ends[0] != key, code, village, township, county, city


def _above(villages: set[int]) -> list[AreaVersion]:
    """All versions of villages and of everything that ever stood above them."""
    found: dict[int, AreaVersion] = {}
    asked = set(villages)
    seen: set[int] = set()
    while asked:
        rows = list(AreaVersion.objects.filter(Q(area_id__in=listed(sorted(asked)))))
        seen |= asked
        found |= {row.pk: row for row in rows}
        asked = {row.parent_id for row in rows if row.parent_id} - seen
    return list(found.values())


class _Known:
    def __init__(self, versions: Iterable[AreaVersion]) -> None:
        self.versions: dict[int, list[AreaVersion]] = defaultdict(list)
        for each in versions:
            self.versions[each.area_id].append(each)

    def names(self, village: AreaVersion, day: date) -> set[tuple[str, str, str, str, str]]:
        """Every way in which the village may be written: a workbook may have the new name of the one and the old of
        the other."""
        found = set()
        for township in self._above(village, day):
            for county in self._above(township, day):
                cities = {each.name for each in self._above(county, day)} or {""}
                found |= {(village.code, village.name, township.name, county.name, city) for city in cities}
        return found

    def _above(self, version: AreaVersion, day: date) -> list[AreaVersion]:
        return [each for each in self.versions.get(version.parent_id or 0, ()) if each.valid_from <= day]
